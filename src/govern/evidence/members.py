"""What lies in a folder, found and measured by descriptor.

No link is followed, nothing that is no plain file is opened for reading, and no more than a block of a file is held.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path

BLOCK = 1024 * 1024
MAX_DEPTH = 64
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class What(Enum):
    """What a name in a folder stands for."""

    FILE = "a plain file"
    LINK = "a symbolic link"
    HARD_LINK = "a file with several names"
    PIPE = "a pipe"
    DEVICE = "a device"
    SOCKET = "a socket"
    EMPTY = "an empty folder"
    UNREADABLE = "not readable"


@dataclass(frozen=True, slots=True)
class Member:
    """A name below a folder. The `folder` that holds it is open until the next member is asked for."""

    path: str
    what: What
    folder: int
    why: str = ""

    @property
    def name(self) -> str:
        """Its name in its own folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a file is, and its digest."""

    size: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.sha256[:16]} ({self.size} bytes)"


@contextmanager
def opened(root: Path, name: str = "") -> Iterator[int]:
    """Open a folder below another, one step after another, and close it again. A link may lead to the root, but none from it.

    Raises:
        OSError: it is not there, is no folder, or a link is on the way.
    """
    with ExitStack() as stack:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, handle)
        for step in [each for each in name.split("/") if each]:
            handle = os.open(step, _FOLDER, dir_fd=handle)
            stack.callback(os.close, handle)
        yield handle


def walk(folder: int, above: str = "") -> Iterator[Member]:
    """Yield whatever lies below a folder, but for folders that hold something; what cannot be looked at is yielded as unreadable."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        yield Member(above or ".", What.UNREADABLE, folder, error.strerror or str(error))
        return
    if not names and above:
        yield Member(above, What.EMPTY, folder)
    for name in names:
        yield from _below(folder, name, f"{above}/{name}" if above else name)


def _below(folder: int, name: str, path: str) -> Iterator[Member]:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISDIR(status.st_mode):
            yield Member(path, _what(status), folder)
            return
        if path.count("/") >= MAX_DEPTH:
            yield Member(path, What.UNREADABLE, folder, f"folders nest deeper than {MAX_DEPTH}")
            return
        handle = os.open(name, _FOLDER, dir_fd=folder)
    except OSError as error:
        yield Member(path, What.UNREADABLE, folder, error.strerror or str(error))
        return
    try:
        yield from walk(handle, path)
    finally:
        os.close(handle)


def _what(status: os.stat_result) -> What:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return What.FILE if status.st_nlink == 1 else What.HARD_LINK
    if stat.S_ISLNK(mode):
        return What.LINK
    if stat.S_ISFIFO(mode):
        return What.PIPE
    return What.SOCKET if stat.S_ISSOCK(mode) else What.DEVICE


def measure(folder: int, name: str) -> Measured:
    """Return the size and the digest of a plain file with one name.

    Raises:
        OSError: it cannot be read, is no such file, or changes meanwhile.
    """
    found, size = sha256(), 0
    for block in blocks(folder, name):
        found.update(block)
        size += len(block)
    return Measured(size, found.hexdigest())


def measure_with_lf(folder: int, name: str) -> str:
    """Return the digest that a file has after each CR LF is made an LF.

    Raises:
        OSError: as `measure`.
    """
    found, held = sha256(), b""
    for block in blocks(folder, name):
        joined = held + block
        # A CR at the end of a block may be the first half of a line end.
        held = b"\r" if joined.endswith(b"\r") else b""
        found.update(joined.removesuffix(held).replace(b"\r\n", b"\n"))
    found.update(held)
    return found.hexdigest()


def blocks(folder: int, name: str) -> Iterator[bytes]:
    """Yield a plain file with one name, a block at a time.

    Raises:
        OSError: as `measure`.
    """
    handle = os.open(name, _PLAIN, dir_fd=folder)
    try:
        before = os.fstat(handle)
        if _what(before) is not What.FILE:
            raise OSError(0, f"{_what(before).value}, wanted a plain file with one name", name)
        while block := os.read(handle, BLOCK):
            yield block
        after = os.fstat(handle)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise OSError(0, "changed while it was read", name)
    finally:
        os.close(handle)


def read_small(folder: int, name: str, most: int) -> bytes | None:
    """Return the bytes of a plain file with one name, or None where it has more than `most`.

    Raises:
        OSError: as `measure`.
    """
    found = bytearray()
    for block in blocks(folder, name):
        found += block
        if len(found) > most:
            return None
    return bytes(found)
