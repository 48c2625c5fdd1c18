"""A private folder outside the project that is gone when it was used, whatever was left in it, and however we ended."""

import fcntl
import itertools
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from govern.problems import Exit, fault

_NEW, _USED = "govern-new-", "govern-clone-"


@contextmanager
def private_folder(needs: int = 0) -> Iterator[Path]:
    """Give a new folder that only this user can read, and remove it afterwards; SIGTERM and SIGHUP end us in good order.

    A folder left behind by SIGKILL or a power cut is removed by the next who asks for one.

    Raises:
        GovernError: less than `needs` bytes are free (NO_SPACE); a folder could not be removed (NOT_REMOVED).
    """
    place = Path(tempfile.gettempdir()).resolve()
    _sweep(place)
    _demand_space(place, needs)
    with _ending_in_order():
        new = Path(tempfile.mkdtemp(prefix=_NEW, dir=place))
        folder = place / new.name.replace(_NEW, _USED)
        # Locked before it has the name that is looked for: nobody takes it for one that was left behind.
        lock = _lock(new)
        try:
            new.rename(folder)
            yield folder
        finally:
            _remove(folder)
            os.close(lock)


def _sweep(place: Path) -> None:
    """Remove the folders of ours whose owner is gone: nobody holds the lock that ends with a process."""
    for folder in place.glob(f"{_USED}*"):
        with suppress(OSError):
            if folder.lstat().st_uid != os.geteuid():
                continue
            lock = _lock(folder)
            try:
                _remove(folder)
            finally:
                os.close(lock)


def _lock(folder: Path) -> int:
    """Lock a folder, or raise BlockingIOError where somebody else holds the lock."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened


def _demand_space(place: Path, needs: int) -> None:
    disk = os.statvfs(place)
    free = disk.f_bavail * disk.f_frsize
    if free < needs:
        message = f"{place} has {free} bytes free, and the rehearsal needs {needs}"
        raise fault(Exit.UNJUDGED, "NO_SPACE", message, help="free some, or name another folder in TMPDIR")


def _remove(folder: Path) -> None:
    try:
        _empty(folder)
        folder.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"the clone in {folder} was not removed ({error.strerror})"
        raise fault(Exit.UNJUDGED, "NOT_REMOVED", message, help="remove that folder yourself: it holds a copy of the source") from error


def _empty(folder: Path) -> None:
    """Remove what is in a folder, however deep: folders are moved up and emptied there, so that no path grows long."""
    names = (folder / f".{number}" for number in itertools.count())
    while inner := [Path(entry) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]:
        for each in inner:
            each.chmod(0o700)
            for entry in list(os.scandir(each)):
                if entry.is_dir(follow_symlinks=False):
                    Path(entry).chmod(0o700)
                    Path(entry).rename(next(name for name in names if not os.path.lexists(name)))
                else:
                    Path(entry).unlink()
            each.rmdir()
    for entry in list(os.scandir(folder)):
        Path(entry).unlink()


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """While this lasts, being told to end is an exception: whoever cleans up gets to do it."""
    told = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        told = []
    for number in told:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in told:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
