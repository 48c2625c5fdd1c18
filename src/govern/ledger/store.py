"""The ledger's files: segments of 4,096 lines, appended under a lock, each append durable before it is acknowledged.

The only part of the ledger that touches the disk. Reading never writes; the lock is taken on the folder itself.
"""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from govern.ledger.lines import SEGMENT_LINES
from govern.problems import Exit, GovernError, Place, fault

_SEGMENT = re.compile(r"[0-9]{6}\.jsonl", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contents:
    """All complete lines, and the bytes after the last LF: a torn tail, or nothing."""

    lines: list[bytes]
    torn: bytes = b""


class FileStore:
    """A ledger in a folder. Of one writer at a time; readers need no lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Whether a first record, or the start of one, is there. An append that was cut short leaves an empty segment."""
        first = self.folder / "000000.jsonl"
        return first.exists() and first.stat().st_size > 0

    def read(self) -> Contents:
        """Return the lines of all segments.

        Raises:
            GovernError: a segment is missing, of the wrong size, a stray file, or not a plain file (status 5).
        """
        names = self._segments()
        lines: list[bytes] = []
        torn = b""
        for number, name in enumerate(names):
            content = _read_plain(self.folder / name)
            *complete, torn = content.split(b"\n")
            wrong = _wrong_size(len(complete), torn, last=number == len(names) - 1)
            if wrong:
                raise fault(Exit.BROKEN, "SEGMENT", f"segment {name} {wrong}", place=Place(str(self.folder / name), 1, 1), help="lines were cut or added")
            lines += complete
        return Contents(lines, torn)

    @contextmanager
    def exclusive(self) -> Iterator["FileStore"]:
        """Hold the ledger's lock, so that what was read is still the head when a line is appended.

        Raises:
            GovernError: the lock, or a file that is asked for while it is held, cannot be had (status 3).
        """
        try:
            self._make_folder()
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield self
            finally:
                os.close(handle)
        except OSError as error:
            message = f"{error.filename or self.folder}: {error.strerror}"
            raise fault(Exit.UNJUDGED, "LEDGER_IO", message, help="nothing is acknowledged") from error

    def _make_folder(self) -> None:
        """Make the folder, and make its name durable, too: a record is lost with the folder that holds it."""
        new = [folder for folder in (self.folder, *self.folder.parents) if not folder.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        for folder in new:
            _sync_folder(folder.parent)

    def append(self, size: int, lines: list[bytes]) -> None:
        """Write lines behind `size` others; return when they are on stable storage. Call it under `exclusive`.

        Raises:
            GovernError: the write or the sync failed; whether the lines will be kept is not known (status 3).
        """
        while lines:
            number, used = divmod(size, SEGMENT_LINES)
            now, lines = lines[: SEGMENT_LINES - used], lines[SEGMENT_LINES - used :]
            self._write(self.folder / f"{number:06d}.jsonl", b"".join(now), fresh=used == 0)
            size += len(now)

    def _write(self, path: Path, content: bytes, *, fresh: bool) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | (os.O_CREAT if fresh else 0)
        try:
            handle = os.open(path, flags, 0o644)
            try:
                # A new segment may be there, but empty, where an append was cut short. `read` has seen to the rest.
                written = os.write(handle, content)
                os.fsync(handle)
            finally:
                os.close(handle)
            if fresh:
                _sync_folder(path.parent)
        except OSError as error:
            # A failed sync may have dropped the pages it failed on: trying again would acknowledge what is lost.
            raise _unknown(path, str(error.strerror)) from error
        if written != len(content):
            raise _unknown(path, f"{written} of {len(content)} bytes were written")

    def _segments(self) -> list[str]:
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _no_plain(self.folder, f"cannot be read as a folder: {error.strerror}") from error
        strays = [name for name in names if not _SEGMENT.fullmatch(name)]
        if strays:
            help = "move it out of the ledger's folder"
            raise fault(Exit.BROKEN, "LAYOUT_STRAY", f"`{strays[0]}` is no segment of the ledger", place=Place(str(self.folder / strays[0]), 1, 1), help=help)
        for number, name in enumerate(names):
            if name != f"{number:06d}.jsonl":
                raise fault(Exit.BROKEN, "SEGMENT", f"segment {number:06d}.jsonl is missing", place=Place(str(self.folder), 1, 1))
        return names


def _wrong_size(lines: int, torn: bytes, *, last: bool) -> str:
    if lines > SEGMENT_LINES or (lines < SEGMENT_LINES and not last):
        return f"has {lines} lines, wanted {SEGMENT_LINES}"
    return "does not end in a line end, and another follows" if torn and not last else ""


def _unknown(path: Path, reason: str) -> GovernError:
    message = f"the record may or may not have been kept: {reason}"
    return fault(
        Exit.UNJUDGED, "APPEND_UNKNOWN", message, place=Place(str(path), 1, 1), help="`govern log` says whether it was; then decide whether to repeat it"
    )


def _no_plain(path: Path, message: str) -> GovernError:
    return fault(Exit.BROKEN, "EVIDENCE_TYPE", message, place=Place(str(path), 1, 1))


def _read_plain(path: Path) -> bytes:
    try:
        # A pipe would be waited for, and a link may lead anywhere.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _no_plain(path, "is no plain file")
            with os.fdopen(handle, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(handle)
    except OSError as error:
        raise _no_plain(path, f"cannot be read as a plain file: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
