"""Folders of data: copied whole, and compared by one digest over every name, mode and byte."""

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from govern.problems import Exit, fault

_WORKERS = 2


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder with modes and owners, sharing blocks where the file system can; the target must not be there.

    Raises:
        GovernError: it could not be copied (NO_SPACE, status 3).
    """
    _copy(["--no-target-directory", "--", str(source), str(target)])


def revert_tree(source: Path, target: Path) -> None:
    """Make a folder the copy of `source` again that it once was: only what differs in mode, size or time is removed, and copied anew.

    A file may have been written and given its old time again: whoever calls compares the bytes.

    Raises:
        GovernError: it could not be copied (NO_SPACE, status 3).
    """
    wanted, found = ({path.relative_to(folder): _marks(path) for path in _walk(folder)} for folder in (source, target))
    missing = sorted(name for name, marks in wanted.items() if found.get(name) != marks)
    for name in sorted({*missing, *(found.keys() - wanted.keys())} & found.keys()):
        _remove(target / name)
    # What a missing folder holds comes with it.
    tops = [name for name in missing if not os.path.lexists(target / name) and os.path.lexists((target / name).parent)]
    for folder, names in groupby(sorted(tops, key=lambda name: name.parent), key=lambda name: name.parent):
        _copy([f"--target-directory={target / folder}", "--", *(str(source / name) for name in names)])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _marks(path: Path) -> tuple[int, int, int]:
    """Return what is another one after a file was written; of a folder, its mode alone."""
    status = path.lstat()
    return (status.st_mode, 0, 0) if stat.S_ISDIR(status.st_mode) else (status.st_mode, status.st_size, status.st_mtime_ns)


def _copy(arguments: list[str]) -> None:
    # `cp` takes a tenth of the time of shutil for a thousand small files.
    command = ["/bin/cp", "-a", "--reflink=auto", *arguments]
    copied = subprocess.run(command, env={"LC_ALL": "C"}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    if copied.returncode:
        told = (copied.stderr.splitlines() or ["it said nothing"])[-1][:300]
        raise fault(Exit.UNJUDGED, "NO_SPACE", f"the cluster could not be copied: {told}", help="a rehearsal needs up to six times the size of the database")


def digest_tree(folder: Path) -> str:
    """Return the SHA-256 over the names, modes and bytes of all that is in a folder."""
    paths = sorted(_walk(folder), key=lambda path: os.fsencode(path.relative_to(folder)))
    whole = hashlib.sha256()
    with ThreadPoolExecutor(_WORKERS) as workers:
        for path, digest in zip(paths, workers.map(_digest, paths), strict=True):
            whole.update(b"%s\0%o\0%s\n" % (os.fsencode(path.relative_to(folder)), path.lstat().st_mode, digest.encode()))
    return whole.hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    for within, names, files in os.walk(folder):
        yield from (Path(within, name) for name in (*names, *files))


def _digest(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return f"link {path.readlink()}"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
