"""Folders of data: copied whole, and compared by one digest over every name, mode and byte."""

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from govern.problems import Exit, fault

_WORKERS = 2
_PIECE = 1 << 18


def copy_tree(source: Path, target: Path, *, without: Collection[Path] = frozenset()) -> None:
    """Copy a folder with modes and owners, but for some files in it, sharing blocks where the file system can; the target must not be there.

    Raises:
        GovernError: it could not be copied (NO_SPACE, status 3).
    """
    if not without:
        _copy(["--no-target-directory", "--", str(source), str(target)])
        return
    parted = {folder for name in without for folder in name.parents}
    for folder in sorted(parted):
        (target / folder).mkdir()
    names = (name.relative_to(source) for folder in sorted(parted) for name in (source / folder).iterdir())
    add_to_tree(source, target, [name for name in names if name not in without and name not in parted])
    for folder in parted:
        status = (source / folder).stat()
        os.chown(target / folder, status.st_uid, status.st_gid)
        (target / folder).chmod(stat.S_IMODE(status.st_mode))


def add_to_tree(source: Path, target: Path, names: Iterable[Path]) -> None:
    """Copy files and folders of one folder into another that lacks them, but has the folders that they are in; as `copy_tree` does."""
    for folder, within in groupby(sorted(names, key=lambda name: name.parent), key=lambda name: name.parent):
        _copy([f"--target-directory={target / folder}", "--", *(str(source / name) for name in within)])


def revert_tree(source: Path, target: Path) -> None:
    """Make a folder the copy of `source` again that it once was, where it differs in mode, size or time; of a file, only what is other is written.

    A file may have been written and given its old time again: whoever calls compares the bytes.

    Raises:
        GovernError: it could not be copied (NO_SPACE, status 3).
    """
    wanted, found = ({path.relative_to(folder): _marks(path) for path in _walk(folder)} for folder in (source, target))
    unlike = {name for name, marks in wanted.items() if found.get(name) != marks}
    written = {name for name in unlike & found.keys() if _writable(wanted[name][0]) and found[name][0] == wanted[name][0]}
    for name in written:
        _write_again(source / name, target / name)
    missing = sorted(unlike - written)
    for name in sorted({*missing, *(found.keys() - wanted.keys())} & found.keys()):
        _remove(target / name)
    # What a missing folder holds comes with it.
    tops = [name for name in missing if not os.path.lexists(target / name) and os.path.lexists((target / name).parent)]
    add_to_tree(source, target, tops)


def _writable(mode: int) -> bool:
    return stat.S_ISREG(mode) and bool(mode & stat.S_IWUSR)


def _write_again(source: Path, target: Path) -> None:
    """Give a file the content and the time of another; most of it is the same where a database was written to."""
    with source.open("rb") as wanted, target.open("r+b") as found:
        while piece := wanted.read(_PIECE):
            at = found.tell()
            if found.read(_PIECE) != piece:
                found.seek(at)
                found.write(piece)
        found.truncate(wanted.tell())
    status = source.stat()
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


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
