"""The port through which the gate reads a clone: every value as text, and how much text there is by the engine's own count."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol, TypeAlias

from govern.rehearsal.states import spell_name

# One sequence of values for each column of some rows, NULL as None.
Columns: TypeAlias = "Sequence[Sequence[bytes | None]]"
# Stands between two values, so that nothing is found that begins in one and ends in the next.
BETWEEN = b"\n\0\n"


class Batch(Protocol):
    """Some rows of a table."""

    @property
    def rows(self) -> int:
        """How many they are."""

    @property
    def size(self) -> int:
        """How many bytes their values have."""

    @property
    def text(self) -> bytes:
        """All values, with a blank, a zero or the like between them: whatever stands in one stands there."""

    def columns(self) -> Columns:
        """Return the values by column."""


class Split:
    """Rows that are known by column; the port is `Batch`."""

    def __init__(self, values: Columns) -> None:
        known = [each for each in chain(*values) if each is not None]
        self._values = values
        self.text = BETWEEN.join(known)
        self.size = len(self.text) - len(BETWEEN) * max(0, len(known) - 1)

    @property
    def rows(self) -> int:
        """How many they are; a table without columns is not read."""
        return len(self._values[0])

    def columns(self) -> Columns:
        """Return the values by column."""
        return self._values


class Column(NamedTuple):
    """A column and the type that it is declared with."""

    name: str
    type: str


class Table(NamedTuple):
    """A table that stores rows, with all its columns."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def full(self) -> str:
        """Its name, spelled as in a state."""
        return spell_name(self.schema, self.name)


class Restored(Protocol):
    """What was restored from a source."""

    def tables(self) -> tuple[Table, ...]:
        """Return every table that stores rows, those of extensions and shadow tables too."""

    def batches(self, table: Table) -> Iterator[Batch]:
        """Yield all rows of a table; bytes as they are, all else as the text that the engine writes for it."""

    def size(self, table: Table) -> int:
        """Return how many bytes `batches` is to yield, as the engine counts them."""

    def digest(self, table: Table) -> tuple[str, int] | None:
        """Return the digest of the rows that `batches` yielded, to the last, and their number, as a state has them; nothing where it is read otherwise."""

    def weight(self, table: Table) -> int:
        """Return about how many bytes are to be read of a table; nothing where only reading it would tell."""

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """Yield what is stored and stands in no row of a table: definitions, comments, large objects, statistics; each by its name."""
