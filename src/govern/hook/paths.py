"""Whether a tool call writes to a guarded path: by a tool of its own, by a patch, or by a shell line."""

import os

from govern.hook.calls import Call
from govern.hook.reaching import copied, destroys, roots_of, swept
from govern.hook.shell import GLOB, VALUE, Command, Word
from govern.hook.words import WRITES, base_of, fold, mentioned, only_talks, sanctioned, split

_LONGEST_PATH = 4096
_READING_TOOLS = frozenset(
    [
        "read",
        "grep",
        "glob",
        "ls",
        "view",
        "notebookread",
        "websearch",
        "webfetch",
        "todowrite",
        "task",
        "read_file",
        "read_many_files",
        "list_directory",
        "search_file_content",
        "grep_search",
        "file_search",
        "codebase_search",
        "web_fetch",
        "google_web_search",
        "update_plan",
    ]
)


def path_met(path: str, call: Call, commands: list[Command] | None, text: str, *, root: str, actions: list[str]) -> bool | None:
    """Whether a guarded path is written plainly (True), or named in a form that cannot be read (False), or neither (None)."""
    places = _Places(path, root)
    # An editor's `command` is no shell line, and what it writes to is named beside it.
    if _tool_writes(call, places):
        return True
    if call.line is None and call.arguments is None:
        return None
    named = places.last in text
    if commands is None:
        return False if named else None
    folders, lost, unclear = [call.cwd], False, False
    for command in commands:
        if any(places.written(word, folder) for word in command.writes for folder in folders):
            return True
        unclear |= named and any(word.live for word in command.writes)
        program, arguments = split(command)
        if program is None:
            continue
        base = base_of(program.text)
        if base in ("cd", "pushd", "popd"):
            lost |= base == "popd" or not arguments or bool(arguments[0].live) or len(folders) > 15
            folders += [] if lost else [_real(arguments[-1].text, folders[-1])]
        elif not program.live and (only_talks(base, arguments) or _asks(base, arguments) or sanctioned(command, actions)):
            continue
        elif any(_touches(base, (*arguments, *_fed(command)), folder, places) for folder in folders):
            return True
        else:
            unclear |= named and (lost or command.piped or bool(program.live) or any(word.live & VALUE for word in arguments))
            takes = destroys(base, tuple(arguments)) or (base == "find" and swept(tuple(arguments)))
            unclear |= takes and any(places.ends(word) for word in arguments)
            unclear |= places.mentioned((*(word.text for word in arguments), *command.fed), code=base not in WRITES and base != "git")
    return False if unclear else None


def _asks(base: str, arguments: list[Word]) -> bool:
    """Whether it is `govern`, and runs nothing: what it writes itself, it writes as it should."""
    return base == "govern" and not {"run", "--"} & {each.text for each in arguments}


def _touches(base: str, words: tuple[Word, ...], folder: str, places: "_Places") -> bool:
    """Whether a command touches it: names it, takes away what is above it, copies over it, or has `find` do that."""
    above = destroys(base, words)
    if any(places.touched(word, folder, destroys=above) for word in words):
        return True
    if base == "find":
        return swept(words) and any(places.found(root, names, folder) for root, names in roots_of(words))
    return any((deep or places.brings(source, folder)) and places.touched(target, folder, destroys=deep) for source, target, deep in copied(base, words))


def _tool_writes(call: Call, places: "_Places") -> bool:
    if fold(call.tool).rsplit("__", 1)[-1] in _READING_TOOLS or call.line == "view":
        return False
    for text in call.texts:
        if len(text) < _LONGEST_PATH and "\n" not in text and places.holds(text, call.cwd):
            return True
        if any(places.holds(each, call.cwd) for each in _patched(text)):
            return True
    return False


def _fed(command: Command) -> list[Word]:
    """Return the files that a patch names that a command is fed."""
    return [Word(each) for text in command.fed for each in _patched(text)]


def _patched(text: str) -> list[str]:
    """Return the files that a patch of the agents' own form names."""
    if "*** " not in text:
        return []
    lines = [line.strip() for line in text.split("\n") if line.lstrip().startswith("*** ")]
    return [line.partition(": ")[2].strip() for line in lines if ": " in line]


def _real(text: str, folder: str) -> str:
    path = os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111 - pathlib is not imported here
    return os.path.realpath(f"{folder}/{path}" if not path.startswith("/") else path)


class _Places:
    """A guarded path, as it is written and as links lead to it, and what would touch it."""

    def __init__(self, path: str, root: str) -> None:
        self.path = fold(path)
        self.name = path.rsplit("/", 1)[-1]
        self.last = fold(self.name)
        self.real = os.path.realpath(f"{root}/{path}")
        self.all = {fold(f"{root}/{path}"), fold(self.real)}

    def holds(self, text: str, folder: str) -> bool:
        """Whether a text names the path, or what is below it."""
        if not text or len(text) > _LONGEST_PATH:
            return False
        return self._has(fold(_real(text, folder)))

    def written(self, word: Word, folder: str) -> bool:
        """Whether a redirection goes there: to it, or by a pattern, or to what is known of a word before what is not."""
        return self.holds(word.text.split("$")[0], folder) or (word.live == GLOB and self._globbed(word.text, folder, destroys=False))

    def brings(self, source: Word, folder: str) -> bool:
        """Whether a source that is a pattern stands for a file of the path's last name; any other is what it says."""
        above = source.text.rpartition("/")[0] or "."
        return not source.live or os.path.exists(f"{_real(above, folder)}/{self.name}")  # noqa: PTH110 - pathlib is not imported here

    def touched(self, word: Word, folder: str, *, destroys: bool) -> bool:
        """Whether a word names it, or, where what is named is taken away, what is above it."""
        option = word.text[2:] if word.text[:1] == "-" and word.text[:2] != "--" else ""
        for text in (each for each in (word.text, word.text.partition("=")[2], option) if each):
            if word.live == GLOB and self._globbed(text, folder, destroys=destroys):
                return True
            if not word.live and self.holds(text, folder):
                return True
            if not word.live and destroys and not text.startswith("-") and self._below(fold(_real(text, folder))):
                return True
        return False

    def ends(self, word: Word) -> bool:
        """Whether what is known of a word, behind what is not, is a folder that the path is in."""
        known = [fold(each) for each in word.text.replace("..", "$").rsplit("$", 1)[-1].split("/")[1:] if each and each != "."]
        parts = self.path.split("/")
        return bool(word.live & VALUE and known) and any(parts[at : at + len(known)] == known for at in range(len(parts)))

    def found(self, root: Word, names: list[str], folder: str) -> bool:
        """Whether `find` comes upon it, or upon a file in it, from a folder, by patterns of names."""
        if not self.touched(root, folder, destroys=True):
            return False
        return not names or any(_matches(fold(name), each) for name in names for each in self._names())

    def _names(self) -> list[str]:
        """Return the names of the path's folders, and of the files that are in it."""
        inside = os.listdir(self.real) if os.path.isdir(self.real) else []  # noqa: PTH112, PTH208 - pathlib is not imported here
        return [*self.path.split("/"), *(fold(each) for each in inside)]

    def _has(self, real: str) -> bool:
        return any(real == each or real.startswith(f"{each}/") for each in self.all)

    def _below(self, real: str) -> bool:
        return any(each.startswith(f"{real.rstrip('/')}/") for each in self.all)

    def _globbed(self, text: str, folder: str, *, destroys: bool) -> bool:
        """Whether a pattern of names can match it: each part beside each, as far as both go."""
        parts = text.split("/")
        first = next((at for at, part in enumerate(parts) if any(each in part for each in "*?[{")), len(parts))
        above = fold(_real("/".join(parts[:first]) or ("/" if text.startswith("/") else "."), folder))
        if self._has(above):
            return True
        for each in self.all:
            if not each.startswith(f"{above.rstrip('/')}/"):
                continue
            below = each[len(above.rstrip("/")) + 1 :].split("/")
            patterns = [fold(part) for part in parts[first:] if part]
            matched = all(_matches(pattern, name) for pattern, name in zip(patterns, below, strict=False))
            if matched and (destroys or len(patterns) >= len(below)):
                return True
        return False

    def mentioned(self, texts: tuple[str, ...], *, code: bool) -> bool:
        """Whether a text holds the path, as a program's source or another option would."""
        return (code or "/" in self.path) and any(mentioned(fold(text), self.path) for text in texts)


def _matches(pattern: str, name: str) -> bool:
    """Whether a pattern with `*` and `?` matches a name; one with brackets may match anything."""
    if "[" in pattern or "{" in pattern:
        return True
    reached = {0}
    for each in pattern:
        if each == "*":
            reached = set(range(min(reached), len(name) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(name) and each in ("?", name[at])}
    return len(name) in reached
