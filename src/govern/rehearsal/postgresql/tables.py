r"""The rows of tables as lines in one order, whatever the order in which they are stored.

A line is what COPY writes in text format, columns in the order of their names: NULL, a delimiter and `\N` as text differ.
Rows are ordered by a key that is unique and never NULL, as numbers or as text `COLLATE "C"`; without one, by the text of
the whole row. Generated columns count where they are stored.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from govern.rehearsal.postgresql.pinned import Session, Values, copied, run, text
from govern.rehearsal.states import spell_name

# Every table that stores rows: partitions, materialised views, those of extensions; not temporary ones, nor the catalogs.
# A key of PostgreSQL 18 may be NOT NULL and hold NULL, where that constraint was never validated.
_TABLES = b"""
SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relispopulated, a.attname, quote_ident(a.attname),
  array_position(k.columns, a.attnum), CASE
    WHEN a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN 'number'
    WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype) THEN 'text' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
LEFT JOIN LATERAL (
  SELECT (i.indkey::int2[])[:i.indnkeyatts - 1] AS columns FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute m
      WHERE m.attrelid = c.oid AND m.attnum = ANY ((i.indkey::int2[])[:i.indnkeyatts - 1]) AND (NOT m.attnotnull OR m.attgenerated = 'v'))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint d WHERE d.conrelid = c.oid AND d.contype = 'n' AND NOT d.convalidated)
  ORDER BY i.indisprimary DESC, i.indnkeyatts, x.relname COLLATE "C" LIMIT 1
) k ON true
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname <> 'pg_toast'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attname COLLATE "C"
"""

# A line takes longer to be hashed by itself.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the name as SQL has it, its place in the key, and whether its own order is that of its text."""

    name: str
    quoted: bytes
    place: int | None
    ordered_as: str

    @property
    def sorting(self) -> bytes:
        """What orders rows by this column: numbers as they are, text as its bytes, all else as the text that is stored."""
        # The cast of another type to text may be a function that its owner wrote; ROW always asks the type itself.
        match self.ordered_as:
            case "number":
                return self.quoted
            case "text":
                return self.quoted + b'::text COLLATE "C"'
            case _:
                return b"ROW(" + self.quoted + b')::text COLLATE "C"'


@dataclass(frozen=True, slots=True)
class Table:
    """A table that stores rows: its columns in the order of their names, and those of its key in the key's order."""

    schema: str
    name: str
    quoted: bytes
    filled: bool
    columns: tuple[Column, ...]

    @property
    def full(self) -> str:
        """Its name, spelled as in a state."""
        return spell_name(self.schema, self.name)

    @property
    def component(self) -> str:
        """The component that its rows are."""
        return f"table {self.full}"

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns that tell its rows apart; none where nothing does."""
        placed = [(each.place, each) for each in self.columns if each.place is not None]
        return tuple(each for _place, each in sorted(placed, key=lambda pair: pair[0]))

    @property
    def key_is_plain(self) -> bool:
        """Whether it has a key, of numbers and text alone."""
        return bool(self.key) and all(each.ordered_as for each in self.key)

    @property
    def order(self) -> bytes:
        """What its rows are ordered by."""
        return b", ".join(each.sorting for each in self.key) or b"ROW(" + self.shown + b')::text COLLATE "C"'

    @property
    def shown(self) -> bytes:
        """What is shown of its rows."""
        return b", ".join(each.quoted for each in self.columns)


def read_tables(connection: Session) -> list[Table]:
    """Return every table that stores rows, as the pinned session sees them."""
    grouped: dict[bytes | None, list[Values]] = {}
    for row in run(connection, _TABLES):
        grouped.setdefault(row[2], []).append(row)
    return [_table(connection, rows) for rows in grouped.values()]


def digest_rows(connection: Session, table: Table) -> tuple[str, int]:
    """Return the SHA-256 of a table's rows and their number; an empty table has the digest of its columns' names."""
    digest, lines = RowDigest(table), lines_of(connection, table)
    while some := list(islice(lines, _AT_ONCE)):
        digest.take(some)
    return digest.found()


class RowDigest:
    """The digest of a table's rows, made while somebody else reads them."""

    def __init__(self, table: Table) -> None:
        self._digest, self._count = hashlib.sha256(head_of(table)), 0

    def take(self, lines: Sequence[bytes]) -> None:
        """Go on with the next lines of the table, which are those of `lines_of`."""
        self._digest.update(b"".join(lines))
        self._count += len(lines)

    def found(self) -> tuple[str, int]:
        """Return the SHA-256 of the rows that were taken, and their number."""
        return self._digest.hexdigest(), self._count


def lines_of(connection: Session, table: Table, source: bytes | None = None) -> Iterator[bytes]:
    """Yield the rows of a table, or those that a source has of it; a materialised view that was never filled has none."""
    if not table.filled:
        return iter(())
    return copied(connection, b"SELECT " + table.shown + b" FROM " + (source or b"ONLY " + table.quoted) + b" ORDER BY " + table.order)


def placed_lines_of(connection: Session, table: Table) -> Iterator[bytes]:
    """Yield what `lines_of` does, each line after a tab and the place where its row is stored, such as `(4,1)`: page 4, first row."""
    return copied(connection, b"SELECT ctid, " + table.shown + b" FROM ONLY " + table.quoted + b" ORDER BY " + table.order)


def head_of(table: Table) -> bytes:
    """Return what the digest of a table begins with: its columns' names, and whether it was ever filled."""
    names = [spell_name(each.name) for each in table.columns]
    return "\t".join(["govern rows 1", "filled" if table.filled else "never filled", *names]).encode() + b"\n"


def _table(connection: Session, rows: list[Values]) -> Table:
    schema, name, quoted, filled = rows[0][:4]
    columns = tuple(
        Column(text(connection, each), written or b"", int(place) if place is not None else None, text(connection, kind))
        for _schema, _name, _quoted, _filled, each, written, place, kind in rows
        if each is not None
    )
    return Table(text(connection, schema), text(connection, name), quoted or b"", filled == b"t", columns)
