"""Restored sources that somebody asked to keep, in the user's cache: the cluster of a dump as it was loaded, and what was found in it then.

An entry is found by all that it depends on, believed only where every byte is the one that was kept, copied and never shared,
and gives way to later ones. It saves time and decides nothing: what is in doubt is removed, and loaded anew.
"""

import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.canonical import digest
from govern.problems import GovernError
from govern.rehearsal.postgresql.trees import copy_tree, digest_tree

# What all entries together may take, in bytes.
MOST = 4 << 30
_SEAL = 64
_TREE, _FACTS, _NEW = "tree", "facts", "new-"


@dataclass(frozen=True, slots=True)
class RestoreCache:
    """The entry of one source, loaded in one way, in a folder of such entries; `key` is a digest of all that it depends on."""

    folder: Path
    key: str

    def take(self, into: Path) -> Mapping[str, Any] | None:
        """Copy the tree that was kept, and return the facts that were kept with it; nothing where there is none that can be believed."""
        entry = self.folder / self.key
        try:
            with _held(entry):
                facts = self._unsealed(entry / _FACTS)
                copy_tree(entry / _TREE, into)
                if digest_tree(into) == facts["stored"]:
                    os.utime(entry)
                    return facts
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, GovernError):
            pass
        shutil.rmtree(into, ignore_errors=True)
        shutil.rmtree(entry, ignore_errors=True)
        return None

    def put(self, tree: Path, facts: Mapping[str, Any]) -> None:
        """Keep a tree, which is moved, if it is the one of which the facts tell; without effect where it cannot be kept."""
        with suppress(OSError, GovernError, shutil.Error):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _demand_private(self.folder)
            new = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.folder))
            try:
                with _held(new):
                    self._fill(new, tree, facts)
            finally:
                shutil.rmtree(new, ignore_errors=True)

    def _fill(self, new: Path, tree: Path, facts: Mapping[str, Any]) -> None:
        shutil.move(tree, new / _TREE)
        _demand_private(new / _TREE)
        with os.fdopen(os.open(new / _FACTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(self._sealed(json.dumps(facts).encode()))
        if (size := _size(new)) > MOST or digest_tree(new / _TREE) != facts["stored"]:
            return
        _make_room(self.folder, MOST - size)
        new.rename(self.folder / self.key)

    def _sealed(self, content: bytes) -> bytes:
        return digest(self.key.encode() + b"\n" + content).encode() + content

    def _unsealed(self, path: Path) -> dict[str, Any]:
        written = path.read_bytes()
        if self._sealed(written[_SEAL:]) != written:
            raise ValueError("not as it was written")
        found: dict[str, Any] = json.loads(written[_SEAL:])
        return found


def _make_room(folder: Path, room: int) -> None:
    """Remove the entries that were used longest ago, and what others left behind, until no more than so many bytes are taken."""
    taken = 0
    for entry in sorted(folder.iterdir(), key=lambda each: -each.lstat().st_mtime_ns):
        size = _size(entry)
        if entry.name.startswith(_NEW) or taken + size > room:
            with suppress(OSError), _held(entry, alone=True):
                shutil.rmtree(entry)
        if entry.exists() and not entry.name.startswith(_NEW):
            taken += size


@contextmanager
def _held(entry: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold an entry, so that nobody removes it meanwhile; `alone`, so that nobody uses it.

    Raises:
        OSError: it is not there, is held otherwise, or is not of this user alone.
    """
    opened = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        _demand_private(entry)
        yield
    finally:
        os.close(opened)


def _demand_private(folder: Path) -> None:
    status = folder.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or not stat.S_ISDIR(status.st_mode):
        raise OSError(0, "it is not this user's alone", str(folder))


def _size(folder: Path) -> int:
    return sum(Path(within, name).lstat().st_size for within, _folders, names in os.walk(folder) for name in names)
