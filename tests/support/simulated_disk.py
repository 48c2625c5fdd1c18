"""A file system in memory that knows what a power cut may leave of it; of one file, `simulated_file` knows it.

Each file and each name is left by itself, so that writes to different files change places. A name is durable after a
sync of its folder, not after one of its file; a file that was moved is in one of its two places. A folder's failed sync
loses nothing: names are metadata, of which a journal that failed stops everything.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

from govern.ledger.files import Folder
from support.simulated_file import Change, Node

Image = Mapping[str, Mapping[str, bytes] | None]
"""What a disk holds: files by folder; None for a folder that is not there."""

HOME = "governance"


class KilledError(BaseException):
    """The process ends here. What it wrote can be read by the next; its locks are gone."""


class SimulatedDisk:
    """Folders in one home. `kill_at` and `fail_at` number the calls that change or sync something, from 1.

    `kept` is how much of a write that is killed or fails arrives all the same, in bytes; a write that fails with part
    of it taken is a short write.
    """

    def __init__(self, image: Image | None = None) -> None:
        self.nodes: dict[str, dict[str, Node]] = {}
        self.named: set[tuple[str, ...]] = set()
        self.calls = self.kill_at = self.fail_at = self.kept = 0
        self.log: list[str] = []
        self.locked = False
        self.moves: list[Move] = []
        for folder, files in (image or {}).items():
            if files is not None:
                self.nodes[folder] = {name: Node(content) for name, content in files.items()}
                self.named |= {(HOME,), (HOME, folder), *((HOME, folder, name) for name in files)}

    def revive(self, *, kill_at: int = 0, fail_at: int = 0, kept: int = 0) -> None:
        """Start the next process, which ends so."""
        self.calls, self.kill_at, self.fail_at, self.kept = 0, kill_at, fail_at, kept
        self.log = []
        self.locked = False

    def crash(self, every: int = 1, *, holes: bool = False) -> Iterator[Image]:
        """Yield every image that a power cut may leave now."""
        if (HOME,) not in self.named:
            yield {}
        for undone in product((False, True), repeat=len(self.moves)):
            for image in self._images(every, holes=holes):
                yield _undone(image, [move for move, away in zip(self.moves, undone, strict=True) if away])

    def _images(self, every: int, *, holes: bool) -> Iterator[Image]:
        choices = [list(self._left(folder, files, every, holes=holes)) for folder, files in self.nodes.items()]
        yield from (dict(zip(self.nodes, chosen, strict=True)) for chosen in product(*choices))

    def _left(self, folder: str, files: Mapping[str, Node], every: int, *, holes: bool) -> Iterator[dict[str, bytes] | None]:
        if (HOME, folder) not in self.named:
            yield None
        possible = []
        for name, node in files.items():
            lost = [] if (HOME, folder, name) in self.named else [None]
            possible.append([*lost, *dict.fromkeys(node.left(every, holes=holes))])
        for chosen in product(*possible):
            yield {name: content for name, content in zip(files, chosen, strict=True) if content is not None}

    def image(self) -> Image:
        """Return what is read now."""
        return {folder: {name: node.now() for name, node in files.items()} for folder, files in self.nodes.items()}

    def step(self, call: str) -> bool:
        """Count a call; end the process there, or say that the call is to fail."""
        self.calls += 1
        self.log.append(call)
        if self.calls == self.kill_at:
            raise KilledError
        return self.calls == self.fail_at

    def where(self, folder: str) -> str:
        """Return the path of a folder."""
        return f"{HOME}/{folder}"

    @contextmanager
    def folder(self, name: str) -> Iterator["SimulatedFolder"]:
        """Open a folder."""
        if name not in self.nodes:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", self.where(name))
        folder = SimulatedFolder(self, name)
        try:
            yield folder
        finally:
            folder.close()

    def make(self, name: str) -> None:
        """Make a folder, then sync what leads to it, from below."""
        if name not in self.nodes:
            _fail(failing=self.step(f"mkdir {name}"))
            self.nodes[name] = {}
        _fail(failing=self.step(f"sync {HOME}"))
        self.named |= {(HOME, each) for each in self.nodes}
        _fail(failing=self.step("sync"))
        self.named.add((HOME,))

    def rename(self, name: str, to: str) -> None:
        """Rename a folder, then sync what it is in."""
        _fail(failing=self.step(f"rename {name}"))
        self.nodes[to] = self.nodes.pop(name)
        self.named = {(HOME, to, *each[2:]) if each[:2] == (HOME, name) else each for each in self.named}
        self._moved(Move(folder=to, back=name))

    def remove(self, name: str) -> None:
        """Remove an empty folder, then sync what it was in."""
        _fail(failing=self.step(f"rmdir {name}"))
        assert not self.nodes[name], "not empty"
        del self.nodes[name]
        self._moved(Move(folder="", back=name))

    def _moved(self, move: "Move") -> None:
        self.moves.append(move)
        _fail(failing=self.step(f"sync {HOME}"))
        self.moves.remove(move)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of names that a power cut may take back: of a folder, or of a file between folders, which had others' bytes in its way."""

    folder: str
    back: str
    file: str = ""
    before: bytes | None = None


def _undone(image: Image, moves: Iterable[Move]) -> Image:
    """Return an image without the changes of names that were not durable yet."""
    found: dict[str, Mapping[str, bytes] | None] = dict(image)
    for move in moves:
        if move.file:
            here, there = dict(found[move.folder] or {}), dict(found[move.back] or {})
            there[move.file] = here.pop(move.file)
            found[move.folder] = here if move.before is None else {**here, move.file: move.before}
            found[move.back] = there
        else:
            found[move.back] = found.pop(move.folder) if move.folder else {}
    return found


class SimulatedFolder:
    """An open folder."""

    def __init__(self, disk: SimulatedDisk, name: str) -> None:
        self.disk, self.name, self.has_lock = disk, name, False

    @property
    def files(self) -> dict[str, Node]:
        """What is in it."""
        return self.disk.nodes[self.name]

    def close(self) -> None:
        """Give the lock back."""
        if self.has_lock:
            self.disk.locked = False

    def where(self, name: str = "") -> str:
        """Return the path of the folder, or of a file in it."""
        return f"{HOME}/{self.name}/{name}".removesuffix("/")

    def lock(self) -> None:
        """Lock it; there is one process, so a lock that is held is a fault of the caller."""
        _fail(failing=self.disk.step("lock"))
        assert not self.disk.locked, "waits for itself"
        self.disk.locked = self.has_lock = True

    def names(self) -> list[str]:
        """Return what is in it."""
        return sorted(self.files)

    def size(self, name: str) -> int:
        """Return the length of a file, or 0."""
        return len(self.files[name].now()) if name in self.files else 0

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return self.files[name].now()

    @contextmanager
    def opened(self, name: str, *, create: bool) -> Iterator["SimulatedFile"]:
        """Open a file."""
        path = self.where(name)
        if name not in self.files:
            if not create:
                raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
            _fail(failing=self.disk.step(f"create {path}"))
            self.files[name] = Node()
        yield SimulatedFile(self.disk, self.files[name], path)

    def sync(self) -> None:
        """Make its names durable."""
        _fail(failing=self.disk.step(f"sync {self.where()}"))
        self.disk.named |= {(HOME, self.name, name) for name in self.files}
        self.disk.moves = [move for move in self.disk.moves if not (move.file and move.folder == self.name)]

    def remove(self, name: str) -> None:
        """Unlink a file; nothing here rests on whether that is durable."""
        _fail(failing=self.disk.step(f"unlink {self.where(name)}"))
        del self.files[name]

    def take(self, other: Folder, name: str) -> None:
        """Move a file here; it is in one of the two places, whatever happens."""
        assert isinstance(other, SimulatedFolder)
        _fail(failing=self.disk.step(f"move {self.where(name)}"))
        before = self.files[name].now() if name in self.files else None
        self.files[name] = other.files.pop(name)
        self.disk.named.add((HOME, self.name, name))
        self.disk.moves.append(Move(self.name, other.name, name, before))


class SimulatedFile:
    """An open file."""

    def __init__(self, disk: SimulatedDisk, node: Node, path: str) -> None:
        self.disk, self.node, self.path = disk, node, path

    def size(self) -> int:
        """Return its length."""
        return len(self.node.now())

    def write(self, content: bytes) -> int:
        """Write at the end, perhaps in part."""
        try:
            failing = self.disk.step(f"write {self.path}")
        except KilledError:
            self._change(content[: self.disk.kept])
            raise
        _fail(failing=failing and not self.disk.kept)
        taken = content[: self.disk.kept] if failing else content
        self._change(taken)
        return len(taken)

    def _change(self, content: bytes) -> None:
        if content:
            self.node.changes.append(Change(self.size(), content))

    def sync(self) -> None:
        """Make what was written durable, or fail to."""
        if self.disk.step(f"sync {self.path}"):
            self.node.orphan()
            _fail(failing=True)
        self.node.settle()

    def cut(self, size: int) -> None:
        """Truncate it."""
        _fail(failing=self.disk.step(f"cut {self.path}"))
        self.node.changes.append(Change(size, None))


def _fail(*, failing: bool) -> None:
    if failing:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
