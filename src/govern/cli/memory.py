"""What this machine remembers of each ledger, outside any tree: the highest head that it saw, and what was pinned.

A ledger that is shorter than it was, or that says something else about the past, is found by it. It can refuse and
warn, and spares a second verification of signatures for questions; nothing is ever allowed because of it alone.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from govern.canonical import encode, text_digest
from govern.cli.files import read_plain
from govern.engine.state import State
from govern.ledger.lines import Chain, place_of, read_records
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError, Problem, fault

PIN_VARIABLE = "GOVERN_PIN"


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one ledger: how many records were verified, the digest of the last line of them, and the pin."""

    ledger: str
    size: int = 0
    last: str = ""
    pin: str = ""


def ledger_of(lines: Sequence[bytes]) -> str:
    """Return the id that the first line claims: where the chain is sound, the digest of its statement."""
    return lines[0][-72:-8].decode("ascii", "replace") if lines else ""


def recall(ledger: str) -> Memory:
    """Return what is remembered of a ledger; nothing, where that cannot be read."""
    with suppress(OSError, ValueError, TypeError, RecursionError):
        found = json.loads(read_plain(_path(ledger)))
        memory = Memory(**found)
        if memory.ledger == ledger and type(memory.size) is int and memory.size >= 0 and isinstance(memory.last, str) and isinstance(memory.pin, str):
            return memory
    return Memory(ledger)


def check_head(memory: Memory, lines: Sequence[bytes], shorter: str = FileStore.SHORTER) -> None:
    """Refuse a ledger that went back behind what this machine has seen of it, or that left its path; `shorter` says what the first means.

    Raises:
        GovernError: ROLLBACK, FORK, or what is broken in its lines (status 5).
    """
    if not memory.size:
        return
    if len(lines) < memory.size:
        message = f"it has {len(lines)} records, and this machine has seen {memory.size}"
        raise fault(Exit.BROKEN, "ROLLBACK", message, place=place_of(len(lines)), help=f"{shorter}; remembered is {memory.last[:16]}")
    found = sha256(lines[memory.size - 1]).hexdigest()
    if found != memory.last:
        # Only what is whole is another history; what is broken is told as that.
        for _ in read_records(lines, Chain(known=len(lines))):
            pass
        raise _fork(memory, found)


def _fork(memory: Memory, found: str) -> GovernError:
    message = f"record {memory.size - 1} has the digest {found[:16]}, and this machine has seen {memory.last[:16]} there: two histories of one ledger"
    help = "`govern verify --since` with a checkpoint of the other history prints both heads and the proof"
    return fault(Exit.BROKEN, "FORK", message, place=place_of(memory.size - 1), help=help)


def remember(memory: Memory, lines: Sequence[bytes], pin: str | None = None) -> Memory:
    """Remember a head that was verified, where it is higher than the one remembered, and a pin; return what is remembered."""
    higher = len(lines) > memory.size
    new = replace(memory, size=len(lines), last=sha256(lines[-1]).hexdigest()) if higher else memory
    if pin is not None:
        new = replace(new, pin=pin)
    if new != memory:
        # Where nothing can be kept, nothing is remembered; `govern doctor` says so.
        with suppress(OSError):
            _write(_path(memory.ledger), json.dumps(asdict(new)))
    return new


def pin_of(ledger: str, state: State) -> str:
    """Return what is to be pinned of a ledger: its id and the keys that nobody vouched for. Without such keys, nothing."""
    keys = sorted([key.actor, key.fingerprint] for key in state.keys.values() if key.bootstrap)
    return text_digest(encode({"keys": keys, "ledger": ledger})) if keys else ""


def is_pinned(memory: Memory, pin: str) -> bool:
    """Whether a ledger is pinned outside its tree: in the memory of this machine, or in the environment (CI)."""
    named = os.environ.get(PIN_VARIABLE, "").replace(",", " ").split()
    if named:
        # Also a ledger without self-made keys is then another one than was meant.
        return pin in named
    return pin in ("", memory.pin)


def held(root: Path) -> str:
    """Return the ledger that a folder held when it was last read; nothing, where that is not remembered."""
    with suppress(OSError, UnicodeDecodeError):
        return read_plain(_place(root)).decode()
    return ""


def check_place(root: Path, ledger: str) -> None:
    """Refuse another ledger in a folder that held one before.

    Raises:
        GovernError: LEDGER_MISMATCH (status 5).
    """
    before = held(root)
    if before not in ("", ledger):
        message = f"this folder held ledger {before[:16]}, and holds {ledger[:16]} now: it was begun anew, or another one was put in its place"
        raise fault(Exit.BROKEN, "LEDGER_MISMATCH", message, help="restore it from a clone; if that was meant, `govern ledger forget`")


def remember_place(root: Path, ledger: str) -> None:
    """Remember which ledger a folder holds."""
    with suppress(OSError):
        if not _place(root).exists():
            _write(_place(root), ledger)


def drop(ledger: str, root: Path) -> None:
    """Forget a ledger, and which one a folder holds.

    Raises:
        OSError: it cannot be removed.
    """
    for path in (_path(ledger), _place(root)):
        path.unlink(missing_ok=True)


def unpinned(ledger: str) -> Problem:
    """Return the warning that nothing here counts as an owner's yet."""
    message = f"ledger {ledger[:16]} has keys that nobody vouched for, and is not pinned on this machine: no owner's word counts here"
    return Problem("LEDGER_UNPINNED", message, severity="warning", help="`govern ledger pin` shows the keys; compare them with their owners")


def folder() -> Path:
    """Return the folder of the memory: `$XDG_STATE_HOME/govern`, or `~/.local/state/govern`.

    Raises:
        OSError: no absolute path is known: a relative one may lie in the tree.
    """
    base, home = Path(os.environ.get("XDG_STATE_HOME", "")), Path(os.environ.get("HOME", ""))
    if not base.is_absolute():
        # The XDG specification has a relative path ignored.
        base = home / ".local" / "state"
    if not base.is_absolute():
        raise OSError(0, "no home is known", str(base))
    return base / "govern"


def can_remember() -> bool:
    """Whether this machine keeps anything: the folder is there, or can be made, and can be written to."""
    try:
        above = next(each for each in (folder(), *folder().parents) if each.exists())
    except OSError:
        return False
    return above.is_dir() and os.access(above, os.W_OK)


def remembered_at(ledger: str) -> Path:
    """Return the file in which a ledger is remembered.

    Raises:
        OSError: no place is known.
    """
    return _path(ledger)


def _place(root: Path) -> Path:
    return folder() / "places" / text_digest(str(root))


def _path(ledger: str) -> Path:
    return folder() / f"{text_digest(ledger)}.json"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
