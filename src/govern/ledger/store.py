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

import os
import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Self

from govern.ledger.disk import FileDisk
from govern.ledger.files import Disk, Folder
from govern.ledger.keeping import AppendUnknownError, Contents
from govern.ledger.lines import SEGMENT_LINES, segment_name
from govern.ledger.replacing import NEXT, Readable, as_it_holds, finish, in_segments, replace_segments
from govern.ledger.writing import extend, sync_or_cut, write
from govern.problems import Exit, GovernError, Place, fault

_SEGMENT = re.compile(r"[0-9]{6}\.jsonl", re.ASCII)
_FIRST = segment_name(0)


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

    # What it means that there are fewer records than there were.
    SHORTER = "restore the rest from a clone"

    def __init__(self, folder: Path) -> None:
        super().__init__(FileDisk(folder.parent), folder.name)
        self.folder = folder
        self._last: tuple[Hashable, str] = (None, "")

    @property
    def named(self) -> tuple[str, str]:
        """No address, and its folder."""
        return "", str(self.folder)

    def mark(self) -> Hashable:
        """Return what shows of the folder, the last segment, and what waits to replace them, that they are what they were."""
        folder = _mark(str(self.folder))
        if folder != self._last[0]:
            self._last = (folder, max((each.name for each in os.scandir(self.folder)), default="") if folder else "")
        return folder, _mark(f"{self.folder}/{self._last[1]}"), _mark(f"{self.folder}{NEXT}")

    def keep(self, texts: Mapping[str, bytes]) -> None:
        """Do nothing: who has the ledger's folder has the folder of adopted policies beside it."""

    def text(self, digest: str) -> bytes | None:
        """Return nothing: what was adopted is in the folder beside the ledger's."""
        del digest
        return None


def _mark(path: str) -> Hashable:
    try:
        found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - the gate asks for this a hundred thousand times a second
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
