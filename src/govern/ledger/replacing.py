"""Replacing the end of a ledger in one step, however many segments it has.

The new segments are laid out whole and durable in a folder beside the ledger's; giving that folder its name is the one
step. From then on every reader takes a segment from there if it is there, and the next writer moves them into place:
whichever of them a kill or a power cut leaves unmoved, the ledger that is read is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Protocol

from govern.ledger.files import Disk, Folder
from govern.ledger.lines import segment_name

# The folder that is being laid out, and that which holds: their names behind the ledger's.
_LAID, NEXT = "-laid-out", "-next"


class Readable(Protocol):
    """What reading a ledger asks of a folder."""

    def where(self, name: str = "") -> str:
        """Return what people call it, or a file in it."""

    def names(self) -> list[str]:
        """Return what is in it, sorted."""

    def read(self, name: str) -> bytes:
        """Return the bytes of a plain file."""


class Laid:
    """A ledger's folder as it is read while segments that replace others wait to be moved into it."""

    def __init__(self, folder: Folder, waiting: Folder) -> None:
        self._folder, self._waiting = folder, waiting
        self._replaced = waiting.names()

    def where(self, name: str = "") -> str:
        """Return what people call the folder, or a file in it."""
        return (self._waiting if name in self._replaced else self._folder).where(name)

    def names(self) -> list[str]:
        """Return what is in either."""
        return sorted({*self._folder.names(), *self._replaced})

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; of one that a writer has moved in the meantime, from its place."""
        waits = name in self._replaced and name in self._waiting.names()
        return (self._waiting if waits else self._folder).read(name)


def in_segments(lines: Sequence[bytes], segment_lines: int, first: int) -> Mapping[str, bytes]:
    """Return the segments that lines make, from a number on, by their names."""
    starts = range(first * segment_lines, max(len(lines), 1), segment_lines)
    return {segment_name(at // segment_lines): b"".join(lines[at : at + segment_lines]) for at in starts}


@contextmanager
def as_it_holds(disk: Disk, name: str, folder: Folder) -> Iterator[Readable]:
    """Open what a ledger's folder holds, with what waits to be moved into it."""
    with ExitStack() as stack:
        holding: Readable = folder
        with suppress(FileNotFoundError):
            holding = Laid(folder, stack.enter_context(disk.folder(f"{name}{NEXT}")))
        yield holding


def replace_segments(disk: Disk, name: str, segments: Mapping[str, bytes]) -> None:
    """Replace segments by others, all of them or none; what a replacement that was cut short laid out is thrown away.

    Raises:
        OSError: a call failed; unless it is that which makes the new name durable, nothing was replaced.
    """
    laid = f"{name}{_LAID}"
    disk.make(laid)
    with disk.folder(laid) as folder:
        for left in folder.names():
            folder.remove(left)
        for segment, content in segments.items():
            with folder.opened(segment, create=True) as file:
                if file.write(content) != len(content):
                    raise OSError(0, f"not all of the {len(content)} bytes were written")
                file.sync()
        folder.sync()
    disk.rename(laid, f"{name}{NEXT}")


def finish(disk: Disk, name: str, folder: Folder) -> None:
    """Move what waits into its place. Ended at any point it is repeated by the next writer."""
    try:
        with disk.folder(f"{name}{NEXT}") as waiting:
            for segment in waiting.names():
                folder.take(waiting, segment)
            folder.sync()
            waiting.sync()
    except FileNotFoundError:
        return
    disk.remove(f"{name}{NEXT}")
