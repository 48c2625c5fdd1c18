"""Files of a programme, read and written by descriptor: no link leads out of the tree, and nothing that is no plain file is waited for."""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from govern.problems import Exit, GovernError, Place, fault

MAX_FILE = 1024 * 1024 * 1024
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def read_plain(path: Path, *, single: bool = True) -> bytes:
    """Return the bytes of a plain file; a link, a device or a pipe is refused, and a file with several names where one is wanted.

    Raises:
        OSError: it is not there, or not such a file.
    """
    return _read(os.open(path, _PLAIN), path, single=single)


def read_named(path: Path, help: str, here: Path = Path()) -> bytes:
    """Return the bytes of a plain file that the command line names, as it is named from a folder.

    Raises:
        GovernError: it cannot be read (status 2).
    """
    try:
        return read_plain(here / path, single=False)
    except OSError as error:
        raise fault(Exit.USAGE, "FILE_IO", f"{path}: {error.strerror or error}", help=help) from error


def read_below(root: Path, name: str, *, single: bool = True) -> bytes:
    """Return the bytes of a plain file below a folder; no link leads there, nor to a folder on the way. Otherwise like `read_plain`.

    Raises:
        OSError: it is not there, not such a file, or a link is on the way.
    """
    with _folder_of(root, name, make=False) as (folder, file):
        return _read(os.open(file, _PLAIN, dir_fd=folder), root / name, single=single)


def keep_below(root: Path, name: str, content: bytes) -> None:
    """Write a new file below a folder, durable with its name before this returns.

    Raises:
        GovernError: a link is on the way (status 5).
        FileExistsError: it is there already.
    """
    with _refusing_links(name), _folder_of(root, name, make=True) as (folder, file):
        _write(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder), content)
        os.fsync(folder)


def replace_below(root: Path, name: str, content: bytes) -> None:
    """Put a file below a folder in the place of what is there, all of it or nothing, and durable. A link there is replaced itself.

    Raises:
        GovernError: a link is on the way (status 5).
    """
    with _refusing_links(name), _folder_of(root, name, make=True) as (folder, file):
        fresh = f".{file}.{secrets.token_hex(6)}"
        with _whole_or_gone(folder, fresh):
            _write(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder), content)
            os.rename(fresh, file, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def remove_below(root: Path, name: str) -> None:
    """Remove a file below a folder; one that is not there stays away.

    Raises:
        GovernError: a link is on the way (status 5).
    """
    with suppress(FileNotFoundError), _refusing_links(name), _folder_of(root, name, make=False) as (folder, file):
        os.unlink(file, dir_fd=folder)
        os.fsync(folder)


def stream_below(root: Path, name: str, pieces: Iterable[bytes], *, replace: bool) -> None:
    """Write a new file piece by piece below a folder, in the place of what is there if it is to `replace` it; all of it or nothing.

    Raises:
        GovernError: a link is on the way (status 5).
        FileExistsError: it is there already, and was not to be replaced.
    """
    with _refusing_links(name), _folder_of(root, name, make=False) as (folder, file):
        fresh = f".{file}.{secrets.token_hex(6)}" if replace else file
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        with _whole_or_gone(folder, fresh):
            with os.fdopen(handle, "wb") as stream:
                stream.writelines(pieces)
                stream.flush()
                os.fsync(handle)
            if replace:
                os.rename(fresh, file, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


@contextmanager
def _whole_or_gone(folder: int, file: str) -> Iterator[None]:
    """Remove a file in a folder if what is done with it fails, however that may be."""
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(file, dir_fd=folder)
        raise


@contextmanager
def _folder_of(root: Path, name: str, *, make: bool) -> Iterator[tuple[int, str]]:
    """Open the folder that a file is in, one step after another; `make` those that are missing. Yield it, and the file's own name."""
    *folders, file = name.split("/")
    with ExitStack() as stack:
        above = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        stack.callback(os.close, above)
        for folder in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(folder, dir_fd=above)
                    os.fsync(above)
            above = os.open(folder, _FOLDER, dir_fd=above)
            stack.callback(os.close, above)
        yield above, file


@contextmanager
def _refusing_links(name: str) -> Iterator[None]:
    try:
        yield
    except NotADirectoryError as error:
        raise _no_folder(name) from error


def _no_folder(name: str) -> GovernError:
    message = "a folder on the way to it is a link, or no folder"
    return fault(Exit.BROKEN, "EVIDENCE_TYPE", message, place=Place(name, 1, 1), help="put a folder there; nothing was written")


def _read(handle: int, path: Path, *, single: bool) -> bytes:
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or (single and status.st_nlink != 1):
            raise OSError(0, "not a plain file with one name" if single else "not a plain file", str(path))
        if status.st_size > MAX_FILE:
            raise OSError(0, f"larger than {MAX_FILE} bytes", str(path))
        return stream.read()


def _write(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)
