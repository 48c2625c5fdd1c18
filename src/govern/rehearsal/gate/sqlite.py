"""An SQLite database as the gate reads it: opened read-only, nothing of its schema is trusted."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govern.problems import Exit, fault
from govern.rehearsal.gate.restored import Batch, Column, Split, Table

_INTERNAL = "sqlite_"
_BATCH = 1 << 20
_MOST_ROWS = 4096
_LONGEST_TYPE = 60
# The bytes of a small value.
_SMALL = 8


class SqliteRestored:
    """The port is `govern.rehearsal.gate.restored.Restored`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._measured: dict[Table, tuple[int, int]] = {}

    def tables(self) -> tuple[Table, ...]:
        """Return every table but those that SQLite keeps for itself."""
        return tuple(self._table(name) for name in self._names() if not name.startswith(_INTERNAL))

    def batches(self, table: Table) -> Iterator[Batch]:
        """Yield the rows; a number as SQLite spells it."""
        rows, size = self._measure(table)
        at_once = max(1, min(_MOST_ROWS, _BATCH * rows // (size + 1)))
        # Without the cast Python would spell the numbers; a blob stays as it is.
        shown = ", ".join(f"CASE typeof({each}) WHEN 'blob' THEN {each} ELSE CAST({each} AS TEXT) END" for each in _quoted_columns(table))
        cursor = self._connection.execute(f"SELECT {shown} FROM main.{_quoted(table.name)}")  # noqa: S608 - quoted
        while found := cursor.fetchmany(at_once):
            yield Split(list(zip(*found, strict=True)))

    def size(self, table: Table) -> int:
        """Return the sum of the lengths, as SQLite counts them."""
        return self._measure(table)[1]

    def digest(self, table: Table) -> None:
        """Return nothing: a state is read from the pages of the file."""
        del table

    def weight(self, table: Table) -> int:
        """Return what would be read if rows were numbered from 1 on and small; nothing of a table that has no numbers."""
        try:
            last = self._connection.execute(f"SELECT max(_rowid_) FROM main.{_quoted(table.name)}").fetchone()[0]  # noqa: S608 - quoted
        except sqlite3.OperationalError:
            return 0
        return last * len(table.columns) * _SMALL if isinstance(last, int) and last > 0 else 0

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """Yield the definitions, and what SQLite keeps for itself: its statistics hold samples of the values."""
        for name, sql in self._connection.execute("SELECT name, sql FROM main.sqlite_master WHERE sql IS NOT NULL"):
            yield f"the definition of {name.decode(errors='backslashreplace')}", sql
        for name in self._names():
            if name.startswith(_INTERNAL):
                for batch in self.batches(self._table(name)):
                    yield name, batch.text

    def _names(self) -> list[str]:
        query = "SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name"
        return [name.decode() for (name,) in self._connection.execute(query)]

    def _table(self, name: str) -> Table:
        # Hidden 1 is a column of a virtual table that stores nothing; 2 and 3 are generated, and can be read.
        columns = self._connection.execute(f"PRAGMA main.table_xinfo({_quoted(name)})").fetchall()
        return Table("main", name, tuple(Column(column.decode(), _type(kind)) for _cid, column, kind, *_rest, hidden in columns if hidden != 1))

    def _measure(self, table: Table) -> tuple[int, int]:
        if table in self._measured:
            return self._measured[table]
        total = " + ".join(f"coalesce(sum(length(CAST({each} AS BLOB))), 0)" for each in _quoted_columns(table)) or "0"
        rows, size = self._connection.execute(f"SELECT count(*), {total} FROM main.{_quoted(table.name)}").fetchone()  # noqa: S608 - quoted
        self._measured[table] = rows, size
        return rows, size


@contextmanager
def read_sqlite(file: Path) -> Iterator[SqliteRestored]:
    """Open a database file that nobody writes to.

    Raises:
        GovernError: it cannot be read, or is in UTF-16 (SOURCE_FORMAT, status 3).
    """
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.text_factory = bytes
        if connection.execute("PRAGMA encoding").fetchone()[0] != b"UTF-8":
            # Lengths and blobs are counted in the encoding of the file, texts are read in UTF-8: the two would differ.
            raise fault(Exit.UNJUDGED, "SOURCE_FORMAT", "the database keeps its text in UTF-16", help="hand it over as `.dump` writes it")
        yield SqliteRestored(connection)
    except (sqlite3.Error, UnicodeError) as error:
        raise fault(
            Exit.UNJUDGED, "SOURCE_FORMAT", f"the database cannot be read: {error}", help="`sqlite3 FILE 'PRAGMA integrity_check'` says more"
        ) from error
    finally:
        connection.close()


def compact(file: Path, target: Path) -> None:
    """Write a copy that has no free space: what is in the file and not in the copy was deleted, and is still there."""
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def _type(kind: bytes) -> str:
    """Return the type as declared, which in SQLite can be any text: what people can read of it, and not too much."""
    return "".join(each if each.isprintable() else " " for each in kind.decode().lower())[:_LONGEST_TYPE]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted_columns(table: Table) -> list[str]:
    return [_quoted(each.name) for each in table.columns]
