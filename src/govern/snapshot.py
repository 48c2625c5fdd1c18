"""The gate's quick answer: read from what an earlier one left in the user's cache, where everything is still as it was.

It imports nothing that a start of Python has not imported already: that is what makes it quick. It never decides: what
it reads was computed by the one evaluator, and is printed only where the bytes of the policy, the size and the last line of
the ledger (which commits to all before it), where the user keeps it, what this machine remembers of it, every
evidence file and the window of time are those that it was computed for. Whatever is not so, or is not understood, is left to the whole command line.
Nothing that writes asks here. A process of the same user can put anything there: the file is theirs.
"""

import os
import sys
import time

try:
    from _sha256 import sha256
except ImportError:  # pragma: no cover - Python 3.12 and later
    from _sha2 import sha256

# As `typing` has it: importing that would cost more than an answer.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # What tells the head of a ledger in a database, by address and name.
    HeadOf = Callable[[str, str], tuple[int, str]]

RECIPE = "3"
TOKEN_LIFE = 300
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REGULAR, _KIND = 0o100000, 0o170000
_MOST = 64 * 1024 * 1024
_TAIL = 1 << 16
_NAMES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


class NoAnswerError(Exception):
    """The quick path has no answer; why."""


def answer(words: list[str], head_of: "HeadOf") -> int | None:
    """Answer `gate WORDS` from the snapshot: print it, and return the status; None where the whole path must answer.

    `head_of` returns size and last digest of a ledger, or raises `NoAnswerError`.
    """
    telling = "-v" in words or "--verbose" in words
    try:
        text, status, size = _answered(words, head_of)
        _print(text)
    except (NoAnswerError, OSError, ValueError, LookupError, StopIteration) as error:
        if telling:
            sys.stderr.write(f"govern: answered in full: {error}\n")
        return None
    if telling:
        sys.stderr.write(f"govern: answered from a snapshot of {size} records\n")
    return status


def place_of(root: str, kind: str = "gate") -> str:
    """Return the path of the snapshot of a programme's folder, or of what else is kept under a name.

    Raises:
        NoAnswerError: no absolute path of a cache is known: a relative one may lie in the tree.
    """
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")  # noqa: PTH118 - pathlib is not imported here
    if not base.startswith("/"):
        raise NoAnswerError("no place for a cache is known")
    return f"{base}/govern/{kind}-{sha256(root.encode()).hexdigest()}"


def where_kept() -> str:
    """Return what the user has said of where ledgers are kept: the variable, and a digest of the configuration.

    Raises:
        NoAnswerError, OSError: it cannot be read.
    """
    base = os.environ.get("XDG_CONFIG_HOME", "")
    path = f"{base if base[:1] == '/' else os.environ.get('HOME', '') + '/.config'}/govern/config.yaml"
    said = os.environ.get("GOVERN_LEDGER", "")
    return f"{said} {sha256(read_plain(path)).hexdigest()}" if os.path.lexists(path) else said


def memory_of() -> str:
    """Return where the environment has this machine remember: elsewhere it may know more of the ledger, or vouch for no key of it."""
    named = os.environ.get("XDG_STATE_HOME", "")
    return named if named.startswith("/") else os.environ.get("HOME", "")


def pack(fields: list[str]) -> bytes:
    """Return fields as the bytes of a snapshot: a digest of the rest, then each with its length."""
    rest = b"".join(b"%d:%s" % (len(each), each) for each in (field.encode() for field in fields))
    return str(sha256(rest).hexdigest()).encode() + rest


def unpack(content: bytes) -> list[str]:
    """Return the fields of a snapshot.

    Raises:
        ValueError: it is not whole.
    """
    rest = content[64:]
    if sha256(rest).hexdigest().encode() != content[:64]:
        raise ValueError("the snapshot is not whole")
    fields: list[str] = []
    at = 0
    while at < len(rest):
        colon = rest.index(b":", at)
        at = colon + 1 + int(rest[at:colon])
        fields.append(rest[colon + 1 : at].decode())
    return fields


def read_plain(path: str, folder: int | None = None, *, single: bool = False, own: bool = False) -> bytes:
    """Return the bytes of a plain file: no link, no device; with one name, and ours alone, where that is wanted.

    Raises:
        OSError: it cannot be opened, or a link is in its place.
        NoAnswerError: it is not such a file.
    """
    handle = os.open(path, _PLAIN, dir_fd=folder)
    try:
        status = os.fstat(handle)
        if status.st_mode & _KIND != _REGULAR or (single and status.st_nlink != 1) or status.st_size > _MOST:
            raise NoAnswerError(f"{path} is no plain file")
        if own and (status.st_uid != os.getuid() or status.st_mode & 0o077):
            raise NoAnswerError(f"{path} is not ours alone")
        return os.read(handle, status.st_size + 1) if status.st_size < _TAIL else _whole(handle)
    finally:
        os.close(handle)


def _whole(handle: int) -> bytes:
    pieces: list[bytes] = []
    while piece := os.read(handle, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def _answered(words: list[str], head_of: "HeadOf") -> tuple[str, int, str]:
    """Return the text that the whole path would print, its status, and the size of the ledger.

    Raises:
        NoAnswerError, OSError, ValueError, LookupError, StopIteration: there is none here.
    """
    asked, start = _asked(words)
    if os.isatty(1):
        raise NoAnswerError("a terminal")
    found = Stored(root_of(start), head_of)
    lines: list[str] = []
    truths: list[str] = []
    actions: dict[str, None] = {}
    for word in dict.fromkeys(asked):
        named = [word] if word in found.blocks else found.surfaces.get(word.lower(), [])
        if not named:
            raise NoAnswerError(f"{word} matches nothing")
        for action in named:
            truth, head, block = found.blocks[action]
            truths.append(truth)
            actions[action] = None
            lines.append(f"{action if word == action else f'{action} (touches {word})'}: {head}\n{block}")
    status = 1 if "no" in truths else 3 if "unknown" in truths else 0
    if status == 0:
        lines.append(_token(list(actions), found.now + TOKEN_LIFE, found.before, found.after))
    return "".join(lines), status, found.size


class Stored:
    """What a snapshot holds, where everything is still as it was: an answer for each action, and what agents are kept from."""

    __slots__ = ("after", "before", "blocks", "guards", "now", "size", "surfaces")

    def __init__(self, root: str, head_of: "HeadOf") -> None:
        if os.environ.get("GOVERN_PIN"):
            raise NoAnswerError("a pin in the environment")
        stored = iter(unpack(read_plain(place_of(root), single=True, own=True)))
        now = int(time.time())
        recipe, of, size = next(stored, ""), next(stored, ""), next(stored, "")
        if (recipe, of) != (RECIPE, root):
            raise NoAnswerError("the snapshot is of another version or folder")
        if sha256(read_plain(f"{root}/states.yaml")).hexdigest() != next(stored):
            raise NoAnswerError("the policy has moved")
        if where_kept() != next(stored):
            raise NoAnswerError("the ledger may be kept elsewhere")
        address, ledger, segments, length, last = [next(stored) for _ in range(5)]
        if (int(segments), int(length), last) != ((0, *head_of(address, ledger)) if address else ledger_end(root)):
            raise NoAnswerError("the ledger has moved")
        if address and os.path.lexists(f"{root}/governance/ledger/000000.jsonl"):
            raise NoAnswerError("there may be a ledger in files as well")
        if next(stored) != memory_of() or read_plain(next(stored)).decode() != next(stored):
            raise NoAnswerError("what this machine remembers has moved")
        if not int(next(stored)) <= now < int(next(stored)):
            raise NoAnswerError("the moment is outside the window of the snapshot")
        for _ in range(int(next(stored))):
            if sha256(_evidence(root, next(stored))).hexdigest() != next(stored):
                raise NoAnswerError("evidence has moved")
        self.now, self.size = now, size
        self.before, self.after = next(stored), next(stored)
        self.blocks = {next(stored): (next(stored), next(stored), next(stored)) for _ in range(int(next(stored)))}
        self.surfaces = {next(stored): next(stored).split() for _ in range(int(next(stored)))}
        self.guards = [(next(stored), next(stored), next(stored), next(stored).split(), next(stored)) for _ in range(int(next(stored)))]


def _asked(words: list[str]) -> tuple[list[str], str]:
    """Return what is asked about and where; only the plainest question is answered here."""
    asked: list[str] = []
    start = "."
    rest = iter(words)
    for word in rest:
        if word == "-C":
            start = next(rest, "")
        elif word in ("-v", "--verbose", "-q", "--quiet"):
            continue
        elif not word or word[0] == "-" or not _NAMES.issuperset(word):
            raise NoAnswerError(f"`{word}` is for the whole path")
        else:
            asked.append(word)
    if not asked:
        raise NoAnswerError("nothing is asked about")
    return asked, start


def root_of(start: str) -> str:
    """Return the folder of the programme that a folder is in.

    Raises:
        NoAnswerError: there is none.
    """
    folder = os.path.realpath(start)
    while not os.path.exists(f"{folder}/states.yaml"):  # noqa: PTH110 - pathlib is not imported here
        if folder == "/":
            raise NoAnswerError("there is no policy")
        folder = os.path.dirname(folder)  # noqa: PTH120 - see above
    return folder


def ledger_end(root: str) -> tuple[int, int, str]:
    """Return where a ledger ends: how many segments it has, the size of the last, and the digest of the last line, which commits to all.

    Raises:
        NoAnswerError, OSError: it is not a ledger in order, or is just being replaced.
    """
    top = os.open(f"{root}/governance", _FOLDER)
    try:
        if "ledger-next" in os.listdir(top):  # noqa: PTH208 - pathlib is not imported here
            raise NoAnswerError("the ledger is being replaced")
        folder = os.open("ledger", _FOLDER, dir_fd=top)
    finally:
        os.close(top)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - see above
        if not names or names != [f"{number:06d}.jsonl" for number in range(len(names))]:
            raise NoAnswerError("the ledger has other files than its segments")
        handle = os.open(names[-1], _PLAIN, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        status = os.fstat(handle)
        size = status.st_size
        if status.st_mode & _KIND != _REGULAR:
            raise NoAnswerError("a segment is no plain file")
        tail = os.pread(handle, _TAIL, max(0, size - _TAIL))
        lines = tail.rsplit(b"\n", 2)
        if len(lines) < 3 - (size <= _TAIL) or lines[-1]:
            raise NoAnswerError("the last line is not whole, or longer than is read here")
        return len(names), size, sha256(lines[-2]).hexdigest()
    finally:
        os.close(handle)


def _evidence(root: str, name: str) -> bytes:
    """Return an evidence file, to which no link leads."""
    *folders, file = name.split("/")
    above = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for each in folders:
            below = os.open(each, _FOLDER, dir_fd=above)
            os.close(above)
            above = below
        return read_plain(file, above, single=True)
    finally:
        os.close(above)


def _token(actions: list[str], expires: int, before: str, after: str) -> str:
    quoted = ",".join(f'"{action}"' for action in actions)
    digest = sha256(f'{{"actions":[{quoted}]{before}{expires}{after}'.encode()).hexdigest()
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires))
    then = f": govern run {actions[0]} --token TOKEN -- COMMAND" if len(actions) == 1 else ""
    return f"token gate-1.{expires}.{digest}\nuntil {until}, as long as nothing moves{then}\n"


def _print(text: str) -> None:
    content = text.encode()
    try:
        while content:
            content = content[os.write(1, content) :]
    except BrokenPipeError:
        # Nobody reads any more: the status is still the answer.
        return
