"""A file in memory that knows what a power cut may leave of it.

What was written and not synced may be there, missing, or torn at any byte. After a sync that failed, what it should have
made durable can still be read, may be on the disk or not, and no later sync changes that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import product


class Fate(Enum):
    """What is known of a change: on the disk; perhaps, until a sync; perhaps, for ever."""

    SYNCED = 1
    PENDING = 2
    ORPHANED = 3


@dataclass(slots=True, eq=False)
class Change:
    """Bytes written at a place, or (None) a cut there."""

    at: int
    content: bytes | None
    fate: Fate = Fate.PENDING

    def applied(self, before: bytes) -> bytes:
        """Return what a file holds afterwards; a gap reads as zeros."""
        if self.content is None:
            return before[: self.at]
        return before[: self.at].ljust(self.at, b"\0") + self.content + before[self.at + len(self.content) :]


@dataclass(slots=True)
class Node:
    """A file: what was durable at some time, and every change since."""

    durable: bytes = b""
    changes: list[Change] = field(default_factory=list)

    def now(self) -> bytes:
        """Return what is read."""
        return _after(self.durable, self.changes)

    def settle(self) -> None:
        """Sync: what is pending is durable."""
        for change in self.changes:
            change.fate = Fate.SYNCED if change.fate is Fate.PENDING else change.fate
        if all(change.fate is Fate.SYNCED for change in self.changes):
            self.durable, self.changes = self.now(), []

    def orphan(self) -> None:
        """Fail to sync."""
        for change in self.changes:
            change.fate = Fate.ORPHANED if change.fate is Fate.PENDING else change.fate

    def left(self, every: int, *, holes: bool) -> Iterator[bytes]:
        """Yield what a power cut may leave: of the pending changes the first few, the last of them torn at each `every` bytes.

        With `holes`, also what only a file system leaves that does not put a file's bytes down in their order: later
        changes, or the end of one, and zeros in place of what was before them.
        """
        pending = [change for change in self.changes if change.fate is Fate.PENDING]
        orphans = [change for change in self.changes if change.fate is Fate.ORPHANED]
        for kept in product((False, True), repeat=len(orphans)):
            gone = [change for change, there in zip(orphans, kept, strict=True) if not there]
            whole = [change for change in self.changes if change not in gone and change not in pending]
            yield _after(self.durable, whole)
            for change in pending:
                yield from (_after(self.durable, [*whole, part]) for part in _torn(change, every, holes=holes))
                if holes:
                    yield _after(self.durable, [each for each in self.changes if each is not change and each not in gone])
                whole.append(change)
                yield _after(self.durable, whole)


def _after(content: bytes, changes: Iterable[Change]) -> bytes:
    for change in changes:
        content = change.applied(content)
    return content


def _torn(change: Change, every: int, *, holes: bool) -> Iterator[Change]:
    if change.content:
        places = {*range(1, len(change.content), every), len(change.content) - 1} - {0}
        yield from (Change(change.at, change.content[:place]) for place in sorted(places))
        if holes:
            yield from (Change(change.at + place, change.content[place:]) for place in sorted(places))
