"""The ledger's files: segments of 4,096 lines, appended under a lock, each append durable before it is acknowledged.

The only part of the ledger that touches a disk, through `disk`. Reading never writes; the lock is taken on the folder.

What holds between any two calls, wherever a process was killed or the power was cut, and what each step leans on:

- the names that lead to a segment are durable before its first byte is written;
- all segments but the last that has bytes are durable;
- a line whose sync failed is taken back, so that nothing is ever built on it. The kernel forgets after one failed sync
  what it could not write: the next sync succeeds and promises nothing for it.

Not covered: a process killed between write and sync, *and* the first sync after that failing; and a file system that
shows a file's new length before its new bytes, which a power cut may leave as a line of NULs: read as tampering, with
all acknowledged lines before it. What was put there by other means (a clone, a copy) is as durable as they made it.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol, Self

from govern.ledger.disk import FileDisk
from govern.ledger.files import Disk, Folder
from govern.ledger.lines import SEGMENT_LINES
from govern.ledger.replacing import Readable, as_it_holds, finish, in_segments, replace_segments, segment_name
from govern.ledger.writing import extend, sync_or_cut, write
from govern.problems import Exit, GovernError, Place, Problem, fault

_SEGMENT = re.compile(r"[0-9]{6}\.jsonl", re.ASCII)
_FIRST = segment_name(0)
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
        self.statements = tuple(line.removesuffix(b"\n")[_STATEMENT].decode("ascii", "replace") for line in lines)
        message = f"the record may or may not have been kept: {reason}"
        help = "`govern log` says whether it was; then decide whether to repeat it"
        super().__init__(Exit.UNJUDGED, [Problem("APPEND_UNKNOWN", message, Place(where, 1, 1), help=help)])


class LedgerStore(Protocol):
    """Where a ledger's lines are kept. `append`, `settle` and `repair` are called under `exclusive`.

    A retry after `AppendUnknownError` or a kill, under one lock: `read`; `repair` if there is a torn tail; `append` the
    statements that `Contents.find` does not find, or `settle` where it finds all; only then acknowledge.
    """

    def exists(self) -> bool:
        """Whether a first record, or the start of one, is there."""

    def read(self) -> Contents:
        """Return all lines; raise `GovernError` for whatever an honest writer does not leave behind (status 5)."""

    def exclusive(self) -> AbstractContextManager[Self]:
        """Hold the ledger's lock; raise `GovernError` if it cannot be had (status 3)."""

    def append(self, size: int, lines: list[bytes]) -> None:
        """Add lines, each with its LF, behind `size` others; return when they are durable, else `AppendUnknownError`."""

    def settle(self) -> None:
        """Return when all lines that `read` returns are durable, so that one found there may be acknowledged."""

    def repair(self, aside: str) -> bytes:
        """Keep a torn tail durably aside, then cut it off; return it, or nothing where there was none."""


class Store:
    """A ledger in one folder of a disk. Of one writer at a time; readers need no lock."""

    def __init__(self, disk: Disk, name: str, segment_lines: int = SEGMENT_LINES) -> None:
        self._disk, self._name, self._segment_lines = disk, name, segment_lines
        self._held: Folder | None = None

    def exists(self) -> bool:
        """Whether a first record, or the start of one, is there. An append that was cut short leaves an empty segment.

        Raises:
            GovernError: that cannot be seen (status 3), or a link leads to the folder (status 5).
        """
        try:
            with self._folder() as folder:
                return folder.size(_FIRST) > 0
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self._io(error) from error

    def read(self) -> Contents:
        """Return the lines of all segments.

        Raises:
            GovernError: a segment is missing, of the wrong size, a stray file, or not a plain file; or a link leads
                to the folder (status 5).
        """
        try:
            with self._folder() as folder, as_it_holds(self._disk, self._name, folder) as holding:
                return self._read(holding)
        except FileNotFoundError:
            return Contents([])
        except OSError as error:
            where = Place(self._disk.where(self._name), 1, 1)
            message = f"cannot be read as a folder: {error.strerror}"
            raise fault(Exit.BROKEN, "EVIDENCE_TYPE", message, place=where, help="put a folder there, from a clone or a backup") from error

    @contextmanager
    def exclusive(self) -> Iterator[Self]:
        """Hold the ledger's lock, so that what was read is still the head when a line is appended.

        Raises:
            GovernError: the lock, or a file that is asked for while it is held, cannot be had (status 3).
        """
        try:
            if not self.exists():
                # Before the first byte, and by everyone who would write it: a record is lost with the folder that holds it.
                self._disk.make(self._name)
            with self._disk.folder(self._name) as folder:
                folder.lock()
                finish(self._disk, self._name, folder)
                self._held = folder
                try:
                    yield self
                finally:
                    self._held = None
        except OSError as error:
            raise self._io(error) from error

    def append(self, size: int, lines: list[bytes]) -> None:
        """Write lines behind `size` others; return when they are on stable storage. Call it under `exclusive`.

        All are acknowledged or none. On failure the first few may have been kept, never a later one without those
        before it: each is a record like any other, judged in this order, and a retry finds it by its statement. What
        one write left behind its last LF is a torn tail, on which nothing is built.

        Raises:
            AppendUnknownError: a write or a sync failed; whether the lines will be kept is not known (status 3).
            GovernError: a segment is no plain file; it was not touched (status 5).
        """
        folder, rest = self._folder_held(), lines
        name = _FIRST
        try:
            if size and size % self._segment_lines == 0:
                name = segment_name(size // self._segment_lines - 1)
                self._sync(folder, name)
            while rest:
                number, used = divmod(size, self._segment_lines)
                now, rest = rest[: self._segment_lines - used], rest[self._segment_lines - used :]
                name = segment_name(number)
                extend(folder, name, b"".join(now), create=used == 0)
                size += len(now)
        except OSError as error:
            raise AppendUnknownError(folder.where(name), str(error.strerror), lines) from error

    def settle(self) -> None:
        """Make the last lines durable; all others are. Call it under `exclusive`.

        Raises:
            GovernError: it cannot be done (status 3, by `exclusive`), or the ledger is broken (status 5).
        """
        folder = self._folder_held()
        names = [name for name in self._segments(folder) if folder.size(name)]
        if names:
            self._sync(folder, names[-1])

    def replace(self, size: int, lines: list[bytes]) -> None:
        """Put lines, each with its LF, in the place of all from number `size` on, in one step. Call it under `exclusive`.

        Raises:
            GovernError: there would be fewer segments (status 3), or it cannot be done (status 3, by `exclusive`); then,
                as wherever it is ended, the ledger is read whole, with the old lines or with the new ones.
        """
        folder, whole = self._folder_held(), [line + b"\n" for line in self.read().lines[:size]] + lines
        segments = in_segments(whole, self._segment_lines, size // self._segment_lines)
        if max(segments) < self._segments(folder)[-1]:
            where, help = Place(folder.where(), 1, 1), "take the others' ledger, and record anew"
            raise fault(Exit.UNJUDGED, "LEDGER_IO", "the new history has fewer segments than the old one", place=where, help=help)
        replace_segments(self._disk, self._name, segments)
        finish(self._disk, self._name, folder)

    def repair(self, aside: str) -> bytes:
        """Keep a torn tail as `aside`/<its SHA-256> beside the ledger's folder, then cut it off. Call it under `exclusive`.

        Ended at any point it can be repeated: the tail is there until it is kept, and kept once. Returns the bytes that
        were cut off now; of a repair that was cut short behind that, what is kept in `aside` tells.

        Raises:
            GovernError: the bytes cannot be kept, and nothing was cut (status 3, by `exclusive`), or the ledger is
                broken otherwise (status 5).
        """
        folder = self._folder_held()
        torn = self._read(folder).torn
        if torn:
            self._keep(aside, torn)
            last = self._segments(folder)[-1]
            with folder.opened(last, create=False) as segment:
                segment.cut(segment.size() - len(torn))
                segment.sync()
        return torn

    def _keep(self, aside: str, torn: bytes) -> None:
        self._disk.make(aside)
        with self._disk.folder(aside) as folder:
            name = sha256(torn).hexdigest()
            # Not O_EXCL: a repair that was cut short leaves part of it here, and the name says what it must become.
            with folder.opened(name, create=True) as kept:
                if folder.read(name) == torn:
                    sync_or_cut(kept, 0)
                else:
                    kept.cut(0)
                    write(kept, torn, 0)
            folder.sync()

    def _folder(self) -> AbstractContextManager[Folder]:
        """Return the folder that is locked, or else open it."""
        return self._disk.folder(self._name) if self._held is None else nullcontext(self._held)

    def _folder_held(self) -> Folder:
        if self._held is None:
            raise RuntimeError("the ledger is written to under `exclusive` only")
        return self._held

    def _io(self, error: OSError) -> GovernError:
        message = f"{error.filename or self._disk.where(self._name)}: {error.strerror}"
        return fault(Exit.UNJUDGED, "LEDGER_IO", message, help="nothing is acknowledged")

    def _sync(self, folder: Folder, name: str) -> None:
        with folder.opened(name, create=False) as segment:
            segment.sync()

    def _read(self, folder: Readable) -> Contents:
        names = self._segments(folder)
        lines: list[bytes] = []
        torn = b""
        for number, name in enumerate(names):
            *complete, torn = folder.read(name).split(b"\n")
            wrong = self._wrong_size(len(complete), torn, last=number == len(names) - 1)
            if wrong:
                place = Place(folder.where(name), 1, 1)
                raise fault(Exit.BROKEN, "SEGMENT", f"segment {name} {wrong}", place=place, help="lines were cut or added")
            lines += complete
        return Contents(lines, torn)

    def _wrong_size(self, lines: int, torn: bytes, *, last: bool) -> str:
        if lines > self._segment_lines or (lines < self._segment_lines and not last):
            return f"has {lines} lines, wanted {self._segment_lines}"
        return "does not end in a line end, and another follows" if torn and not last else ""

    def _segments(self, folder: Readable) -> list[str]:
        names = folder.names()
        strays = [name for name in names if not _SEGMENT.fullmatch(name)]
        if strays:
            place = Place(folder.where(strays[0]), 1, 1)
            raise fault(Exit.BROKEN, "LAYOUT_STRAY", f"`{strays[0]}` is no segment of the ledger", place=place, help="move it out of the ledger's folder")
        for number, name in enumerate(names):
            if name != segment_name(number):
                raise fault(Exit.BROKEN, "SEGMENT", f"segment {segment_name(number)} is missing", place=Place(folder.where(), 1, 1))
        return names


class FileStore(Store):
    """A ledger in a folder of the real file system; the folder above may be made with it, and no link leads to either."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FileDisk(folder.parent), folder.name)
        self.folder = folder
