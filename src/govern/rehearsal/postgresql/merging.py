"""Where the rows of a table differ: two sorted streams, merged on the key, in memory that does not grow with the table.

Rows that are the same on both sides are compared as whole lines. Where nothing tells rows apart, a row is its own key: then
rows are missing or added, as often as they are, and nothing else of them is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from govern.rehearsal.postgresql.ordering import NULL, ordinal, unescaped
from govern.rehearsal.postgresql.pinned import Session, copied, run, text
from govern.rehearsal.postgresql.tables import Column, Table
from govern.rehearsal.states import Difference, spell_key, spell_row

Fields: TypeAlias = list[bytes]

FIRST = 5


@dataclass(frozen=True, slots=True)
class Side:
    """A table as one of the two databases has it; `source` has those of its rows that may differ, where not all do."""

    connection: Session
    table: Table
    source: bytes | None = None

    def column(self, name: str) -> Column | None:
        """Return its column of that name, if it has one."""
        return next((each for each in self.table.columns if each.name == name), None)

    def lines(self, chosen: Sequence[bytes], keys: int) -> Iterator[bytes]:
        """Yield lines of expressions, ordered by the first of them."""
        if not self.table.filled:
            return iter(())
        order = b", ".join(b"%d" % (place + 1) for place in range(keys))
        return copied(self.connection, b"SELECT " + b", ".join(chosen) + b" FROM " + (self.source or b"ONLY " + self.table.quoted) + b" ORDER BY " + order)

    def count(self, counted: bytes = b"*") -> int:
        """Return how many rows there are, or how many have a value in a column."""
        if not self.table.filled:
            return 0
        return int(run(self.connection, b"SELECT count(" + counted + b") FROM ONLY " + self.table.quoted)[0][0] or 0)


@dataclass(slots=True)
class Tally:
    """How many rows differ in a way, and the first of them."""

    count: int = 0
    keys: list[str] = field(default_factory=list)


def compare_tables(before: Side, after: Side) -> Iterator[Difference]:
    """Yield how the rows of a table differ. Whoever calls knows that its digests do: something is always named."""
    names = sorted({each.name for side in (before, after) for each in side.table.columns})
    found = list(_by_key(before, after, names) if _shared_key(before, after) else _as_bag(before, after, names))
    told = {each.column for each in found}
    component = before.table.component
    found += [
        Difference(component, "definition", 1, object=f"column {spell_key([name])}")
        for name in names
        if name not in told and (before.column(name) is None) != (after.column(name) is None)
    ]
    yield from found or [Difference(component, "definition", 1, object=_remainder(before.table, after.table))]


def compare_presence(kind: str, side: Side) -> Difference:
    """Return the difference of a table that only one of the two has."""
    if count := side.count():
        return Difference(side.table.component, kind, count)
    return Difference(side.table.component, "definition", 1, object="the empty table")


def _remainder(before: Table, after: Table) -> str:
    """Return what else a digest of rows depends on."""
    return "whether it was ever filled" if before.filled != after.filled else "the key that its rows are ordered by"


def _shared_key(before: Side, after: Side) -> list[tuple[Column, Column]]:
    """Return the columns of the key of either side, where both sides have them."""
    for key in (before.table.key, after.table.key):
        pairs = [(before.column(each.name), after.column(each.name)) for each in key]
        both = [(mine, other) for mine, other in pairs if mine is not None and other is not None]
        if key and len(both) == len(pairs):
            return both
    return []


def _by_key(before: Side, after: Side, names: list[str]) -> Iterator[Difference]:
    key = _shared_key(before, after)
    numbers = [mine.ordered_as == other.ordered_as == "number" for mine, other in key]
    streams = [_sorted_lines(side, key, names) for side in (before, after)]
    shown = [len(key) + names.index(mine.name) for mine, _other in key]
    named = [mine.name for mine, _other in key]
    tallies: dict[tuple[str, str | None], Tally] = {}
    for mine, other in _merged(streams[0], streams[1], numbers):
        for way in _ways(mine, other, names):
            tally = tallies.setdefault(way, Tally())
            tally.count += 1
            if len(tally.keys) < FIRST:
                present = mine or other or []
                tally.keys.append(spell_row(named, [_readable(before.connection, present[place]) for place in shown]))
    order = ["missing", "added", "changed"]
    for (kind, column), tally in sorted(tallies.items(), key=lambda each: (order.index(each[0][0]), each[0][1] or "")):
        yield Difference(before.table.component, kind, tally.count, column=column and spell_key([column]), keys=tuple(tally.keys))


def _sorted_lines(side: Side, key: list[tuple[Column, Column]], names: list[str]) -> Iterator[bytes]:
    """Yield the rows of a side: what orders them, then the columns of both sides, NULL for those that it lacks."""
    sorting = []
    for mine, other in key:
        own = side.column(mine.name) or mine
        # Where the type of a key changed, both sides are ordered by what is stored, as text.
        sorting.append(own.sorting if mine.ordered_as == other.ordered_as else replace(own, ordered_as="").sorting)
    columns = [side.column(name) for name in names]
    return side.lines([*sorting, *(each.quoted if each else b"NULL" for each in columns)], len(key))


def _ways(mine: Fields | None, other: Fields | None, names: list[str]) -> list[tuple[str, str | None]]:
    """Return how a row differs: it is missing or added, or some columns changed."""
    if mine is None or other is None:
        return [("added" if mine is None else "missing", None)]
    start = len(mine) - len(names)
    return [("changed", name) for name, one, two in zip(names, mine[start:], other[start:], strict=True) if one != two]


def _as_bag(before: Side, after: Side, names: list[str]) -> Iterator[Difference]:
    common = [name for name in names if before.column(name) and after.column(name)]
    streams = []
    for side in (before, after):
        columns = [column.quoted for column in map(side.column, common) if column]
        streams.append(side.lines([b"ROW(" + b", ".join(columns) + b')::text COLLATE "C"'], 1))
    missing = added = 0
    for mine, _other in _merged(streams[0], streams[1], [False]):
        missing, added = missing + (mine is not None), added + (mine is None)
    for kind, count in (("missing", missing), ("added", added)):
        if count:
            yield Difference(before.table.component, kind, count)
    for name in sorted(set(names) - set(common)):
        side = before if before.column(name) else after
        column = side.column(name)
        if column and (count := side.count(column.quoted)):
            yield Difference(before.table.component, "changed", count, column=spell_key([name]))


def _merged(before: Iterator[bytes], after: Iterator[bytes], numbers: list[bool]) -> Iterator[tuple[Fields | None, Fields | None]]:
    """Yield what differs: the row before and after; None where there is none of that key."""
    mine, other = next(before, None), next(after, None)
    while mine is not None or other is not None:
        if mine == other:
            mine, other = next(before, None), next(after, None)
            continue
        one, two = (None if line is None else line[:-1].split(b"\t") for line in (mine, other))
        if two is None or (one is not None and ordinal(one, numbers) < ordinal(two, numbers)):
            yield one, None
            mine = next(before, None)
        elif one is None or ordinal(one, numbers) > ordinal(two, numbers):
            yield None, two
            other = next(after, None)
        else:
            yield one, two
            mine, other = next(before, None), next(after, None)


def _readable(connection: Session, value: bytes) -> str:
    return "NULL" if value == NULL else text(connection, unescaped(value))
