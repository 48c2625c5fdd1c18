"""What a ledger needs of a file system, as a small interface; `disk` is the real one.

Names go one way: a disk has folders, a folder has plain files. Nothing here knows what a line is; `store` does.
"""

from contextlib import AbstractContextManager
from typing import Protocol


class OpenFile(Protocol):
    """A plain file of one name, open for writing. Sizes are in bytes. Every method may raise `OSError`."""

    def size(self) -> int:
        """Return how long it is."""

    def write(self, content: bytes) -> int:
        """Write at its end, once; return how much was taken. Durable only after `sync`."""

    def sync(self) -> None:
        """Make what it holds durable. After a failure nothing written since the last success can be relied on."""

    def cut(self, size: int) -> None:
        """Forget everything behind `size`. Durable only after `sync`."""


class Folder(Protocol):
    """An open folder: what it stands for stays the same, whatever is put in its place meanwhile."""

    def where(self, name: str = "") -> str:
        """Return what people call it, or a file in it."""

    def lock(self) -> None:
        """Wait until no other has the folder locked, and lock it until it is closed; `OSError` if there are no locks."""

    def names(self) -> list[str]:
        """Return what is in it, sorted."""

    def size(self, name: str) -> int:
        """Return the length in bytes of what has a name; 0 if nothing has."""

    def read(self, name: str) -> bytes:
        """Return the bytes of a plain file; raise `GovernError` (EVIDENCE_TYPE, status 5) for whatever is none."""

    def opened(self, name: str, *, create: bool) -> AbstractContextManager[OpenFile]:
        """Open a plain file for writing, made if `create` and not there; raise `GovernError` as `read` does."""

    def sync(self) -> None:
        """Make the names of its files durable."""

    def remove(self, name: str) -> None:
        """Take a file away."""

    def take(self, other: "Folder", name: str) -> None:
        """Move a file here from another folder, in one step, in the place of what has its name. Durable once both are synced."""


class Disk(Protocol):
    """Where folders are."""

    def where(self, folder: str) -> str:
        """Return what people call a folder."""

    def folder(self, name: str) -> AbstractContextManager[Folder]:
        """Open a folder; raise `OSError` if it is none, `GovernError` (EVIDENCE_TYPE, status 5) if a link leads there."""

    def make(self, name: str) -> None:
        """Make a folder if it is not there; make the names that lead to it durable in any case."""

    def rename(self, name: str, to: str) -> None:
        """Give a folder another name, in one step; return when that is durable."""

    def remove(self, name: str) -> None:
        """Take an empty folder away; return when that is durable."""
