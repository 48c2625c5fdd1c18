"""What of a tool call is guarded.

It is conservative: a guarded word in a form that cannot be read for certain counts as used.
"""

from govern.hook.calls import Call
from govern.hook.paths import path_met
from govern.hook.shell import VALUE, Command, UnreadableError, Word, commands_of
from govern.hook.words import SHELLS, WRITES, base_of, fold, mentioned, mentions, only_talks, sanctioned, split

_QUOTES = str.maketrans("", "", "'\"\\")
_SPACES = str.maketrans("'\"\\", "   ")


class Guard:
    """What is guarded (`command`, `path` or `tool`) by which words; what it asks for, as actions, too; or why it is never allowed."""

    __slots__ = ("actions", "asks", "kind", "never", "words")

    def __init__(self, kind: str, words: str, asks: str, actions: list[str], never: str) -> None:
        self.kind, self.words, self.asks, self.actions, self.never = kind, words, asks, actions, never


def guarded(call: Call, guards: list[Guard], root: str) -> list[tuple[Guard, bool]]:
    """Return the guards that a call meets, and whether what it does is told plainly, or only named in an unreadable form."""
    commands: list[Command] | None = []
    line = call.line
    if call.arguments is not None:
        commands, line = _from_arguments(call.arguments), " ".join(call.arguments)
    elif line is not None:
        try:
            commands = _all_of(line)
        except UnreadableError:
            commands = None
    text = "" if line is None else _read_over(fold(line.replace("\\\n", "")))
    found: list[tuple[Guard, bool]] = []
    for guard in guards:
        if guard.kind == "tool":
            met = _tool_met(guard.words, fold(call.tool))
        elif guard.kind == "command":
            met = None if line is None else _command_met(guard, commands, text)
        else:
            met = path_met(guard.words, call, commands, text, root=root, actions=guard.actions)
        if met is not None:
            found.append((guard, met))
    return found


def _read_over(text: str) -> str:
    """Return a text without its quotes, both ways: what stands beside one may be a part of the same word, or the end of a name."""
    return f"{text.translate(_QUOTES)}\n{text.translate(_SPACES)}"


def _from_arguments(arguments: list[str]) -> list[Command] | None:
    command = Command()
    command.words = [Word(each) for each in arguments]
    try:
        return [command, *_inner(command)]
    except UnreadableError:
        return None


def _all_of(line: str) -> list[Command]:
    found = commands_of(line)
    return [*found, *(inner for each in found for inner in _inner(each))]


def _inner(command: Command, depth: int = 0) -> list[Command]:
    """Return the commands in the words that a shell, or `eval`, is given as its line."""
    bases = [base_of(word.text) for word in command.words]
    if depth > 8 or not any(base in SHELLS or base in ("eval", "ssh", "watch", "su") for base in bases):
        return []
    lines = [word.text for word in command.words[1:] if " " in word.text or "\n" in word.text]
    lines += command.fed if any(base in SHELLS for base in bases) else []
    found = [each for line in lines for each in commands_of(line, depth + 1)]
    for each in found:
        each.outer = command
    return [*found, *(inner for each in found for inner in _inner(each, depth + 1))]


def _tool_met(words: str, tool: str) -> bool | None:
    return True if (tool.startswith(words[:-1]) if words.endswith("*") else tool == words) else None


def _command_met(guard: Guard, commands: list[Command] | None, text: str) -> bool | None:
    """Whether a guarded command is run plainly (True), or named in a form that cannot be read (False), or neither (None)."""
    words = guard.words.split(" ")
    named = mentions(text, words)
    if commands is None:
        return False if named else None
    unclear = False
    for command in commands:
        program, arguments = split(command)
        if program is None or sanctioned(command.outer, guard.actions):
            continue
        if program.live:
            unclear |= named
            continue
        base = base_of(program.text)
        if base == words[0] and _follows(arguments, words[1:], named=named):
            return True
        if only_talks(base, arguments) or base in WRITES or sanctioned(command, guard.actions):
            continue
        if any(base_of(each.text) == words[0] and _follows(arguments[at + 1 :], words[1:], named=named) for at, each in enumerate(arguments)):
            return True
        said = _read_over(fold("\n".join((*(each.text for each in command.words if each is not program), *command.fed))))
        unclear |= named if base != words[0] and mentioned(base, words[0]) else mentions(said, words)
        # What is run here may be what is named elsewhere in the line.
        hidden = command.piped or base in SHELLS or base in (".", "source", "alias") or any(each.live & VALUE for each in arguments)
        unclear |= named and hidden
    return False if unclear else None


def _follows(arguments: list[Word], wanted: list[str], *, named: bool) -> bool:
    """Whether the words of a guard follow: at once, or, behind an option that may take a value, anywhere in their order."""
    found, optioned = 0, False
    for each in arguments:
        if found == len(wanted):
            break
        if each.live and (named or not optioned):
            return True
        if fold(each.text) == wanted[found]:
            found += 1
        elif each.text.startswith("-"):
            optioned = True
        elif not optioned:
            return False
    return found == len(wanted)
