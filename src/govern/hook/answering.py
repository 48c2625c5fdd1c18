"""The hook's answer to a coding agent: it knows two statuses, 0 that lets a call go ahead and 2 that stops it.

It imports nothing that a start of Python has not imported already. Whatever goes wrong, here or behind it, stops the call:
every other status, a signal or a time-out would let it go ahead in some agent.
"""

import os
import sys

from govern import snapshot
from govern.hook.calls import MOST_BYTES, Call, NoCallError, read_call
from govern.hook.guarding import Guard, guarded

# As `typing` has it: importing that would cost more than an answer.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from govern.snapshot import HeadOf

ALLOWED, DENIED = 0, 2
SECONDS = 20
_MOST_LINES = 16
# Of the options that may stand before a command, those that a value follows.
_VALUED = ("-C", "--as", "--as-of", "--color", "--key", "--signature")


def watch() -> None:
    """Stop the call where no answer is found in time, or somebody ends the hook: agents let go ahead what has no answer."""
    import _signal  # the part of `signal` that needs no import of its own

    for number in (_signal.SIGALRM, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGINT):
        _signal.signal(number, _stop)
    _signal.alarm(SECONDS)


def _stop(_number: int, _frame: object) -> None:
    os.write(2, b"govern: denied: the hook was ended before it had an answer\n")
    os._exit(DENIED)


def read_input() -> bytes:
    """Return what the agent sends, at most a byte more than is examined."""
    pieces: list[bytes] = []
    size = 0
    while size <= MOST_BYTES and (piece := os.read(0, 1 << 16)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def quick(content: bytes, start: str, head_of: "HeadOf") -> int | None:
    """Answer from the snapshot; None where the whole path must answer."""
    try:
        root = snapshot.root_of(start)
        stored = snapshot.Stored(root, head_of)
        call = read_call(content, os.getcwd())  # noqa: PTH109 - pathlib is not imported here
        met = guarded(call, [Guard(*each) for each in stored.guards], root)
    except (snapshot.NoAnswerError, NoCallError, OSError, ValueError, LookupError, StopIteration):
        return None
    return tell(met, stored.blocks)


def tell(met: list[tuple[Guard, bool]], answers: dict[str, tuple[str, str, str]]) -> int:
    """Tell the agent whether the call goes ahead, and return the status."""
    reason = reason_of(met, answers)
    if reason:
        return deny(reason)
    content = b"{}\n"
    if os.write(1, content) != len(content):
        raise OSError("the answer was not taken")
    return ALLOWED


def deny(reason: str) -> int:
    """Tell the agent why a call is stopped; return the status, also where nobody reads."""
    content = reason.encode("utf-8", "backslashreplace")
    try:
        while content:
            content = content[os.write(2, content) :]
    except OSError:
        pass
    return DENIED


def reason_of(met: list[tuple[Guard, bool]], answers: dict[str, tuple[str, str, str]]) -> str:
    """Return why a call is stopped: what it meets, all causes, who clears them; nothing where all of it may happen now."""
    shut = [(guard, plain, [each for each in guard.actions if answers[each][0] != "yes"]) for guard, plain in met]
    shut = [(guard, plain, actions) for guard, plain, actions in shut if actions or not guard.actions]
    if not shut:
        return ""
    lines = [_met(guard, plain) for guard, plain, _actions in shut]
    closed = dict.fromkeys(action for _guard, _plain, actions in shut for action in actions)
    for action in closed:
        _truth, head, block = answers[action]
        lines.append(f"{action}: {head}")
        causes = block.splitlines()
        lines += causes[:_MOST_LINES]
        if len(causes) > _MOST_LINES:
            lines.append(f"  and {len(causes) - _MOST_LINES} lines more: govern gate {action}")
    if closed:
        lines.append(f"Do not look for another way. Say what is missing to whoever clears it; then ask again: govern gate {' '.join(closed)}")
    return "\n".join(lines) + "\n"


def _met(guard: Guard, plain: bool) -> str:  # noqa: FBT001 - it is the second of a pair
    named = f"{guard.kind} `{guard.words}`"
    if not plain:
        named += " is named in a form that cannot be read for certain, which counts as using it: write it plainly. It"
    if not guard.actions:
        return f"govern: denied: {named} is never allowed: {guard.never}"
    touching = "" if guard.actions == [guard.asks] else f", which {', '.join(guard.actions)} touch{'es' if len(guard.actions) == 1 else ''}"
    return f"govern: denied: {named} asks for {guard.asks}{touching}, and that may not happen now"


def start_of(words: list[str]) -> str | None:
    """Return the folder that a plain `hook` is asked in; None where there is more to the command line."""
    start, rest = ".", list(words)
    named = False
    while rest:
        word = rest.pop(0)
        if word == "-C" and rest:
            start = rest.pop(0)
        elif word == "hook" and not named:
            named = True
        else:
            return None
    return start if named else None


def is_hook(words: list[str]) -> bool:
    """Whether a command line is the hook's, as far as can be told before it is read: a question about it is none."""
    rest = list(words)
    while rest and rest[0][:1] == "-":
        rest = rest[2:] if rest[0] in _VALUED else rest[1:]
    return rest[:1] == ["hook"] and "--help" not in rest


def judge(call: Call, guards: list[Guard], root: str, answers: dict[str, tuple[str, str, str]]) -> int:
    """Answer a call in full."""
    return tell(guarded(call, guards, root), answers)


def unusable(error: BaseException) -> int:
    """Stop the call: the hook itself failed."""
    return deny(f"govern: denied: the hook failed: {type(error).__name__}: {str(error)[:200]!a}\n")


def standard_input(content: bytes) -> None:
    """Give what was read already to whoever answers in full."""
    import io

    sys.stdin = io.TextIOWrapper(io.BytesIO(content))
