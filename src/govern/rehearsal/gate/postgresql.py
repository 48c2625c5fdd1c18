"""A PostgreSQL database as the gate reads it: in one transaction, as the role that reads everything and writes nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, groupby

from govern.rehearsal.gate.restored import Batch, Column, Columns, Split, Table
from govern.rehearsal.postgresql.clone import PostgresClone
from govern.rehearsal.postgresql.listings import read_columns, read_listing
from govern.rehearsal.postgresql.pinned import Session, copied, pinned, run, text
from govern.rehearsal.postgresql.roles import READER
from govern.rehearsal.postgresql.session import quoted
from govern.rehearsal.postgresql.tables import RowDigest, lines_of, read_tables

_BATCH = 1 << 20
_NULL = b"\\N"
_BYTES = "bytea"
_MEASURED = re.compile(r"bytea|text|character varying(?:\([0-9]+\))?")
# Of these, the cast to text is how the value is written. Both types are the superuser's own, so nobody else can have made another cast.
_CAST = re.compile(r"smallint|integer|bigint|real|double precision|numeric(?:\([0-9,-]+\))?|uuid|jsonb?|date|timestamp(?:\([0-9]\))? with(?:out)? time zone")
_COLUMNS = b"""
SELECT n.nspname, c.relname, c.relispopulated, pg_catalog.pg_table_size(c.oid), a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname <> 'pg_toast'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum
"""
_LARGE_OBJECTS = b"SELECT loid, data FROM pg_catalog.pg_largeobject ORDER BY loid, pageno"
# The escapes of COPY in text format; NULL is nothing.
_ESCAPES: Mapping[int, bytes] = {ord(letter): value for letter, value in zip("Nbfnrtv", (b"", b"\b", b"\f", b"\n", b"\r", b"\t", b"\v"), strict=True)}


class PostgresRestored:
    """The port is `govern.rehearsal.gate.restored.Restored`."""

    def __init__(self, connection: Session, clone: PostgresClone) -> None:
        self._connection, self._clone = connection, clone
        self._counted = {each.full: each for each in read_tables(connection)}
        self._digests: dict[Table, tuple[str, int]] = {}
        self._weights: dict[Table, int] = {}
        self._unfilled: set[Table] = set()
        for (schema, name, filled, weight), rows in groupby(run(connection, _COLUMNS), key=lambda row: row[:4]):
            columns = tuple(Column(self._text(column), self._text(kind)) for *_names, column, kind in rows if column is not None)
            table = Table(self._text(schema), self._text(name), columns)
            self._weights[table] = int(weight or 0)
            if filled != b"t":
                self._unfilled.add(table)

    def tables(self) -> tuple[Table, ...]:
        """Return every table, partition and materialised view that is not of the system."""
        return tuple(self._weights)

    def batches(self, table: Table) -> Iterator[Batch]:
        """Yield the rows as COPY writes them, without its escapes; as a state reads them, where it has the same columns."""
        counted = self._counted.get(table.full)
        if counted is None or not table.columns or {each.name for each in counted.columns} != {each.name for each in table.columns}:
            if table not in self._unfilled and table.columns:
                query = b"SELECT " + b", ".join(map(self._bytes, _quoted_columns(table))) + b" FROM ONLY " + self._from(table)
                yield from _batched(copied(self._connection, query), table, table)
            return
        digest = RowDigest(counted)
        columns = {each.name: each for each in table.columns}
        written = table._replace(columns=tuple(columns[each.name] for each in counted.columns))
        yield from _batched(lines_of(self._connection, counted), written, table, digest.take)
        self._digests[table] = digest.found()

    def digest(self, table: Table) -> tuple[str, int] | None:
        """Return the digest of the rows that were yielded, and their number, as a state has them."""
        return self._digests.get(table)

    def size(self, table: Table) -> int:
        """Return the sum of the lengths, as the server counts them."""
        if table in self._unfilled or not table.columns:
            return 0
        lengths = [f"coalesce(sum(octet_length({_text_of(column, name)})), 0)" for column, name in zip(table.columns, _quoted_columns(table), strict=True)]
        [(found,)] = run(self._connection, b"SELECT " + self._bytes(" + ".join(lengths)) + b" FROM ONLY " + self._from(table))
        return int(found or 0)

    def weight(self, table: Table) -> int:
        """Return the size of its files."""
        return self._weights[table]

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """Yield the definitions and comments, and the large objects."""
        columns = read_columns(self._connection)
        listed = {component: read_listing(self._connection, component, columns=columns) for component in ("schema", "database")}
        self._clone.know_definitions(listed["schema"])
        for entry in chain(*listed.values()):
            yield f"the definition of {self._text(entry.name)}", entry.body
        lines = (line.rstrip(b"\n").split(b"\t") for line in copied(self._connection, _LARGE_OBJECTS))
        for number, pages in groupby(lines, key=lambda line: line[0]):
            yield f"large object {number.decode()}", b"".join(_bytes_of(_plain(page[1])) for page in pages)

    def _from(self, table: Table) -> bytes:
        return self._bytes(f"{quoted(table.schema)}.{quoted(table.name)}")

    def _text(self, value: bytes | None) -> str:
        return text(self._connection, value)

    def _bytes(self, sql: str) -> bytes:
        return sql.encode(self._connection.info.encoding)


@contextmanager
def read_postgresql(clone: PostgresClone) -> Iterator[PostgresRestored]:
    """Open a session on a clone that is only read."""
    with clone.reading() as connection, pinned(connection, READER):
        yield PostgresRestored(connection, clone)


class _Lines:
    """Lines of COPY, whose values are only parted where somebody asks for them; the port is `Batch`."""

    def __init__(self, lines: Sequence[bytes], written: Table, table: Table) -> None:
        self._lines, self._written, self._table = lines, written, table
        self.rows = len(lines)
        # A tab or an end of line stands behind each value. What goes over it in a form is found too often, and never too seldom.
        self.text = _plain(b"".join(lines))
        self.size = len(self.text) - len(lines) * len(table.columns)

    def columns(self) -> Columns:
        found = dict(zip(self._written.columns, _by_column(self._lines, self._written), strict=True))
        return [found[each] for each in self._table.columns]


def _batched(lines: Iterable[bytes], written: Table, table: Table, take: Callable[[list[bytes]], object] = len) -> Iterator[Batch]:
    """Yield the rows of a table, of which the columns are `written` in an order of their own; whoever wants the lines takes them, too."""
    for some in _some(lines):
        take(some)
        yield _batch(some, written, table)


def _some(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    taken: list[bytes] = []
    size = 0
    for line in lines:
        taken.append(line)
        size += len(line)
        if size >= _BATCH:
            yield taken
            taken, size = [], 0
    if taken:
        yield taken


def _batch(lines: list[bytes], written: Table, table: Table) -> Batch:
    batch = _Lines(lines, written, table)
    # The text of bytes is not what is in them.
    return Split(batch.columns()) if any(each.type == _BYTES for each in table.columns) else batch


def _text_of(column: Column, name: str) -> str:
    """Return what has the length of a value's text: itself, where it is text or bytes."""
    if _MEASURED.fullmatch(column.type):
        return name
    if _CAST.fullmatch(column.type):
        return f"{name}::text"
    # `format` asks the type itself how a value is written; a cast of other types could be a function that came with the dump.
    return f"format('%s', {name})"


def _by_column(lines: Sequence[bytes], table: Table) -> Columns:
    # A tab or an end of line in a value is escaped: each of them ends a value.
    cells = b"".join(lines).replace(b"\n", b"\t").split(b"\t")
    count = len(table.columns)
    return [_values(cells[at:-1:count], raw=column.type == _BYTES) for at, column in enumerate(table.columns)]


def _values(written: list[bytes], *, raw: bool) -> Sequence[bytes | None]:
    escapes = b"".join(written).count(b"\\")
    if not escapes:
        return written
    if not raw and escapes == written.count(_NULL):
        return [None if each == _NULL else each for each in written]
    plain = [None if each == _NULL else _plain(each) if b"\\" in each else each for each in written]
    return [each and _bytes_of(each) for each in plain] if raw else plain


def _plain(written: bytes) -> bytes:
    """Return what is written without the escapes of COPY."""
    first, *rest = written.split(b"\\")
    found, parts = [first], iter(rest)
    for part in parts:
        if part:
            found += [_ESCAPES[part[0]], part[1:]]
        else:
            # Two backslashes: what follows the second is text.
            found += [b"\\", next(parts, b"")]
    return b"".join(found)


def _bytes_of(written: bytes) -> bytes:
    return bytes.fromhex(written.removeprefix(b"\\x").decode())


def _quoted_columns(table: Table) -> list[str]:
    return [quoted(each.name) for each in table.columns]
