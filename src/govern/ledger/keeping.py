"""Where a ledger's lines are kept, as an interface: `store` keeps them in files, `postgresql` in a database."""

import random
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from govern.problems import Exit, GovernError, Place, Problem

T = TypeVar("T")
# For how many seconds what came second is judged again.
_PATIENCE = 60.0
# Where every line that `lines.read_records` accepts has the digest of its statement: `…,"stmt_sha256":"…64…","v":1}`.
_STATEMENT = slice(-72, -8)


@dataclass(frozen=True, slots=True)
class Contents:
    """All complete lines, and the bytes after the last LF: a torn tail, or nothing."""

    lines: list[bytes]
    torn: bytes = b""

    def find(self, statement: str) -> int | None:
        """Return the number of the record whose statement has this digest, in hexadecimal; None if there is none.

        Only looks: it is the reader of the lines who holds each to its digest.
        """
        wanted = statement.encode()
        return next((seq for seq in range(len(self.lines) - 1, -1, -1) if self.lines[seq][_STATEMENT] == wanted), None)


class AppendUnknownError(GovernError):
    """An append of which it is not known whether it will be kept (status 3), with its statements' digests for a retry."""

    def __init__(self, where: str, reason: str, lines: list[bytes]) -> None:
        self.statements = tuple(statement_of(line.removesuffix(b"\n")) for line in lines)
        message = f"the record may or may not have been kept: {reason}"
        help = "`govern log` says whether it was; then decide whether to repeat it"
        super().__init__(Exit.UNJUDGED, [Problem("APPEND_UNKNOWN", message, Place(where, 1, 1), help=help)])


class HeadMovedError(GovernError):
    """Another append came first (status 3): nothing was added, and what was to be added must be judged again."""

    def __init__(self, where: str, size: int) -> None:
        message = f"others appended behind record {size - 1} while this was judged"
        super().__init__(Exit.UNJUDGED, [Problem("HEAD_MOVED", message, Place(where, 1, 1), help="nothing was recorded; repeat the command")])


def statement_of(line: bytes) -> str:
    """Return the digest of the statement that a line, without its LF, claims to hold."""
    return line[_STATEMENT].decode("ascii", "replace")


class LedgerStore(Protocol):
    """Where a ledger's lines are kept. What writes lines is called under `exclusive`.

    A retry after `AppendUnknownError` or a kill, under one lock: `read`; `repair` if there is a torn tail; `append` the
    statements that `Contents.find` does not find, or `settle` where it finds all; only then acknowledge.
    """

    def exists(self) -> bool:
        """Whether a first record, or the start of one, is there."""

    def read(self) -> Contents:
        """Return all lines; raise `GovernError` for whatever an honest writer does not leave behind (status 5)."""

    def exclusive(self) -> AbstractContextManager[Self]:
        """Hold the ledger's lock, or have `append` refuse what was not judged at the head; raise `GovernError` if it cannot be had (status 3)."""

    def append(self, size: int, lines: list[bytes]) -> None:
        """Add lines, each with its LF, behind `size` others; return when they are durable, else `AppendUnknownError` or `HeadMovedError`."""

    def settle(self) -> None:
        """Return when all lines that `read` returns are durable, so that one found there may be acknowledged."""

    def repair(self, aside: str) -> bytes:
        """Keep a torn tail durably aside, then cut it off; return it, or nothing where there was none."""


class SharedStore(LedgerStore, Protocol):
    """The ledger of a programme, as its commands know it."""

    # What it means that there are fewer records than there were.
    SHORTER: str

    @property
    def named(self) -> tuple[str, str]:
        """Where it is: the address of a database, or nothing, and the ledger's name there, or its folder."""

    def mark(self) -> Hashable:
        """Return what is another value as soon as a line is added or put in another's place; found without reading them."""

    def keep(self, texts: Mapping[str, bytes]) -> None:
        """Keep the texts of adopted policies and templates, by digest, where readers have no folder that holds them."""

    def text(self, digest: str) -> bytes | None:
        """Return what was kept by a digest; None where nothing was."""


def change(store: SharedStore, work: Callable[[SharedStore], T], patience: float = _PATIENCE) -> T:
    """Do work under a store's lock, and again where another's append came first; `patience` is in seconds.

    Raises:
        HeadMovedError: others came first all the time (status 3).
    """
    deadline, tries = time.monotonic() + patience, 0
    while True:
        try:
            with store.exclusive() as held:
                return work(held)
        except HeadMovedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause_before(tries))
            tries += 1


def pause_before(tries: int) -> float:
    """Return how long to wait before trying again, in seconds: anywhere up to a bound that doubles, so that those who met part."""
    return random.uniform(0, min(1.0, 0.01 * 2 ** min(tries, 10)))  # noqa: S311 - no secret
