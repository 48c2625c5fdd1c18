"""What words of a command line mean to the hook: names of programs, and texts as a file system that folds case takes them.

Pure.
"""

from govern.hook.shell import VALUE, Command, Word

SHELLS = frozenset(["sh", "bash", "zsh", "dash", "ksh", "fish", "busybox", "pwsh", "powershell", "cmd"])
# What runs no other program, whatever its arguments say.
TALKS = frozenset(
    [
        "echo",
        "printf",
        "cat",
        "head",
        "tail",
        "less",
        "more",
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "ag",
        "ls",
        "wc",
        "cut",
        "tr",
        "diff",
        "cmp",
        "comm",
        "man",
        "which",
        "whereis",
        "type",
        "file",
        "stat",
        "test",
        "[",
        "[[",
        "true",
        "false",
        "pwd",
        "cd",
        "date",
        "sleep",
        "du",
        "df",
        "jq",
        "basename",
        "dirname",
        "realpath",
        "readlink",
        "sha256sum",
        "md5sum",
        "nl",
        "od",
        "hexdump",
        "column",
    ]
)
# These run no other program either, and they write.
WRITES = frozenset(
    ["cp", "mv", "rm", "mkdir", "rmdir", "touch", "tee", "ln", "chmod", "chown", "unlink", "shred", "truncate", "install", "sort", "uniq", "tree", "yq"]
)
_GIT_TALKS = frozenset(
    [
        "status",
        "diff",
        "log",
        "show",
        "add",
        "commit",
        "blame",
        "ls-files",
        "ls-tree",
        "check-ignore",
        "merge-base",
        "grep",
        "rev-parse",
        "branch",
        "fetch",
        "describe",
        "cat-file",
        "shortlog",
        "tag",
        "remote",
        "push",
    ]
)


def fold(text: str) -> str:
    """Return a text as a file system that folds case, and a reader, would take it."""
    if text.isascii():
        return text.lower()
    import unicodedata

    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(each) != "Cf")


def base_of(text: str) -> str:
    """Return the name of a program without its folder."""
    base = fold(text.replace("\\", "/").rsplit("/", 1)[-1])
    return base.removesuffix(".exe")


def split(command: Command) -> tuple[Word | None, list[Word]]:
    """Return the program that a command names, behind assignments, and its arguments."""
    for index, word in enumerate(command.words):
        name, equals, _value = word.text.partition("=")
        if not (equals and name.replace("_", "a").removesuffix("+").isalnum()):
            return word, command.words[index + 1 :]
    return None, []


def sanctioned(command: Command | None, actions: list[str]) -> bool:
    """Whether it is `govern run` of one of some actions, which judges it, or what that runs, or a question of `govern`, which runs nothing."""
    if command is None:
        return False
    program, arguments = split(command)
    if program is None or base_of(program.text) != "govern" or not _judges(arguments, actions):
        return sanctioned(command.outer, actions)
    return True


def _judges(arguments: list[Word], actions: list[str]) -> bool:
    """Whether `govern` is asked to run one of some actions, or runs nothing."""
    texts = [each.text for each in arguments]
    if "run" not in texts:
        return not any(each.live for each in arguments)
    front = texts[: texts.index("--")] if "--" in texts else texts
    known = "run" in front[:-1] and not any(each.live for each in arguments[: len(front)])
    return known and front[front.index("run") + 1] in actions


def mentions(text: str, words: list[str]) -> bool:
    """Whether every one of some words stands in a text."""
    return all(mentioned(text, word) for word in words)


def mentioned(text: str, word: str) -> bool:
    """Whether a word stands in a text by itself, not inside a longer one."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        at = text.find(word, at + 1)
    return False


def only_talks(base: str, arguments: list[Word]) -> bool:
    """Whether a program, as it is called, runs no other and changes no file that its arguments name."""
    if base == "git":
        rest = _behind_options(arguments)
        output = any(each.text.startswith("--output") for each in rest)
        return bool(rest) and not rest[0].live and rest[0].text in _GIT_TALKS and not output
    if base == "command":
        return bool(arguments) and arguments[0].text in ("-v", "-V")
    if base == "rg":
        return not any(each.text.startswith("--pre") for each in arguments)
    if base == "sed":
        return not any(_edits(each.text) for each in arguments)
    if base == "find":
        return not any(each.text.startswith(("-exec", "-ok", "-delete", "-fprint", "-fls")) or each.live & VALUE for each in arguments)
    return base in TALKS


def _behind_options(arguments: list[Word]) -> list[Word]:
    """Return the words of `git` behind the options that have it run nothing else: where it works, and without a pager."""
    at = 0
    while at < len(arguments) and arguments[at].text in ("-C", "-P", "--no-pager"):
        at += 2 if arguments[at].text == "-C" else 1
    return arguments[at:]


def _edits(word: str) -> bool:
    """Whether a word of `sed` has it write: `-i`, behind others, too, `--in-place`, cut short, too, or what may be its command `w`."""
    if "w " in word or "w\t" in word:
        return True
    if word.startswith("--"):
        return word.startswith("--i")
    letters = word[1:].split("e", 1)[0].split("f", 1)[0] if word.startswith("-") else ""
    return "i" in letters
