"""The real file system as a ledger needs it, reached by descriptors; `files` has the interface."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from govern.ledger.files import Folder
from govern.problems import Exit, GovernError, Place, fault

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK
# A pipe would be waited for, a terminal would become ours, and a link may lead anywhere.
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_NO_PLAIN = {errno.ELOOP, errno.ENXIO, errno.EISDIR, errno.ENODEV}


class FileDisk:
    """The folders in one folder of the real file system.

    Reached by descriptors from the folder above that one, which is found as it is named: below it, no link is followed.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def where(self, folder: str) -> str:
        """Return the path of a folder."""
        return str(self._home / folder)

    @contextmanager
    def folder(self, name: str) -> Iterator["FileFolder"]:
        """Open a folder, from above.

        Raises:
            OSError: it is not there, or is no folder; named by its path.
            GovernError: it, or the one it is in, is a link (status 5).
        """
        with ExitStack() as stack:
            yield FileFolder(Path(self.where(name)), self._walk(stack, name)[-1])

    def make(self, name: str) -> None:
        """Make a folder and what is missing above it; make the names on the way durable, from below.

        Also where nothing was missing: whoever made them may have been killed before they were durable.
        """
        top = self._home.parent
        missing = [each for each in (top, *top.parents) if not each.exists()]
        top.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            for handle in reversed(self._walk(stack, name, make=True)[:-1]):
                os.fsync(handle)
        for each in missing:
            _sync_path(each.parent)

    def rename(self, name: str, to: str) -> None:
        """Rename a folder, along no link."""
        with self._above() as home:
            os.rename(name, to, src_dir_fd=home, dst_dir_fd=home)
            os.fsync(home)

    def remove(self, name: str) -> None:
        """Remove a folder that is empty."""
        with self._above() as home:
            os.rmdir(name, dir_fd=home)
            os.fsync(home)

    @contextmanager
    def _above(self) -> Iterator[int]:
        """Open the folder that the folders are in."""
        with ExitStack() as stack:
            yield _open_below(stack, _open_top(stack, self._home.parent), self._home) if self._home.name else _open_top(stack, self._home)

    def _walk(self, stack: ExitStack, name: str, *, make: bool = False) -> list[int]:
        """Return the handles of the folder above home, of home, and of a folder in it."""
        try:
            handles = [_open_top(stack, self._home.parent)]
            for path in (self._home, self._home / name) if self._home.name else (self._home / name,):
                if make:
                    _make_in(handles[-1], path.name)
                handles.append(_open_below(stack, handles[-1], path))
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.where(name)) from error
        return handles


class FileFolder:
    """An open folder of the real file system."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle

    def where(self, name: str = "") -> str:
        """Return the path of the folder, or of a file in it."""
        return str(self._path / name)

    def lock(self) -> None:
        """Lock the folder itself, so that reading leaves no lock file behind."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.where()) from error

    def names(self) -> list[str]:
        """Return the names of everything in it."""
        return sorted(os.listdir(self._handle))  # noqa: PTH208 - a path has no handle

    def size(self, name: str) -> int:
        """Return the size of what has this name; a link's own."""
        try:
            return os.stat(name, dir_fd=self._handle, follow_symlinks=False).st_size
        except FileNotFoundError:
            return 0

    def read(self, name: str) -> bytes:
        """Return the bytes of a plain file of one name.

        Raises:
            GovernError: it is not there, a link, a pipe, a device, a folder, has other names, or cannot be read (status 5).
        """
        path = Path(self.where(name))
        try:
            handle = os.open(name, os.O_RDONLY | _PLAIN, dir_fd=self._handle)
            try:
                _check_plain(handle, path)
                with os.fdopen(handle, "rb", closefd=False) as stream:
                    return stream.read()
            finally:
                os.close(handle)
        except OSError as error:
            raise _refusal(path, f"cannot be read as a plain file: {error.strerror}") from error

    @contextmanager
    def opened(self, name: str, *, create: bool) -> Iterator["FileHandle"]:
        """Open a plain file of one name for appending.

        Raises:
            GovernError: it is a link, a pipe, a device, a folder, or has other names; it was not touched (status 5).
        """
        path = Path(self.where(name))
        flags = os.O_WRONLY | os.O_APPEND | _PLAIN | (os.O_CREAT if create else 0)
        try:
            handle = os.open(name, flags, 0o644, dir_fd=self._handle)
        except OSError as error:
            _raise_named(error, path)
        try:
            _check_plain(handle, path)
            yield FileHandle(handle)
        finally:
            os.close(handle)

    def sync(self) -> None:
        """Sync the folder."""
        os.fsync(self._handle)

    def remove(self, name: str) -> None:
        """Unlink a file."""
        os.unlink(name, dir_fd=self._handle)

    def take(self, other: Folder, name: str) -> None:
        """Rename a file of another folder into this one."""
        assert isinstance(other, FileFolder), "both are of one disk"
        os.rename(name, name, src_dir_fd=other._handle, dst_dir_fd=self._handle)  # noqa: SLF001 - another of this class


class FileHandle:
    """An open file of the real file system. Every write goes to its end."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def size(self) -> int:
        """Return its size now."""
        return os.fstat(self._handle).st_size

    def write(self, content: bytes) -> int:
        """Write in one call of the system."""
        return os.write(self._handle, content)

    def sync(self) -> None:
        """Sync file and size, in one call of the system."""
        os.fsync(self._handle)

    def cut(self, size: int) -> None:
        """Truncate it."""
        os.ftruncate(self._handle, size)


def _open_top(stack: ExitStack, path: Path) -> int:
    """Open a folder by its path, along links if there are any; closed with the stack."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    stack.callback(os.close, handle)
    return handle


def _open_below(stack: ExitStack, above: int, path: Path) -> int:
    """Open a folder in the one that is open, along no link; closed with the stack."""
    try:
        handle = os.open(path.name, _FOLDER, dir_fd=above)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(path.name, dir_fd=above, follow_symlinks=False).st_mode):
            raise _refusal(path, "is a link, wanted a folder") from None
        raise
    stack.callback(os.close, handle)
    return handle


def _make_in(above: int, name: str) -> None:
    try:
        os.mkdir(name, dir_fd=above)
    except FileExistsError:
        # Whether it is a folder is seen when it is opened.
        return


def _sync_path(folder: Path) -> None:
    with ExitStack() as stack:
        os.fsync(_open_top(stack, folder))


def _check_plain(handle: int, path: Path) -> None:
    """Refuse what is no plain file of one name: a second name is a way to change the bytes that nobody watches."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(path, "is no plain file")
    if status.st_nlink != 1:
        raise _refusal(path, f"has {status.st_nlink} names in the file system, wanted 1")


def _raise_named(error: OSError, path: Path) -> NoReturn:
    if error.errno in _NO_PLAIN:
        raise _refusal(path, f"cannot be opened as a plain file: {error.strerror}") from error
    raise OSError(error.errno, error.strerror, str(path)) from error


def _refusal(path: Path, message: str) -> GovernError:
    return fault(Exit.BROKEN, "EVIDENCE_TYPE", message, place=Place(str(path), 1, 1), help="put a plain file or folder there, from a clone or a backup")
