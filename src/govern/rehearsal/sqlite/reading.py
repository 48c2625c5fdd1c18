r"""The logical content of a SQLite database as digests, read on one connection, inside a transaction as well as outside.

Rows go through SHA-256 in the order of their key, or of all their columns where there is no key, so that where a row is
stored makes no difference. A row is encoded by `marshal`, version 0: typed and with lengths, so that no two rows share an
encoding ('a\0b', 1 and 1.0, -0.0, text and blob); `.dump` and `quote()` are not exact.
"""

import hashlib
import marshal
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from govern.rehearsal.states import State, spell_name

# Part of the definition of a digest: rows are encoded in lists of this length.
_ROWS = 1024
_MARSHAL = 0
_PRAGMAS = ("application_id", "encoding", "user_version")
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\w+|\s+|.""", re.DOTALL)
_WITHOUT = ("sqlite_sequence", "sqlite_stat")


class Table(NamedTuple):
    """A table of the main database: its columns in the order of their names, and its key, if rows have one."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def component(self) -> str:
        """The name of the component that holds its rows."""
        return f"table {spell_name('main', self.name)}"

    @property
    def order(self) -> str:
        """What its rows are ordered by."""
        if self.key:
            return ", ".join(map(quoted, self.key))
        return ", ".join(f"typeof({quoted(each)}), {quoted(each)} COLLATE BINARY" for each in self.columns)


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def read_state(connection: sqlite3.Connection, stored: str | None = None) -> State:
    """Return the state of the main database, as the connection sees it."""
    tables = read_tables(connection)
    components = {"schema": _digest_of(_definitions(connection)), "sequences": _digest_of(_sequences(connection))}
    rows: dict[str, int] = {}
    for table in tables:
        components[table.component], rows[spell_name("main", table.name)] = _digest_rows(connection, table)
    return State(components, rows, stored)


def read_tables(connection: sqlite3.Connection, schema: str = "main") -> list[Table]:
    """Return the tables whose rows can be read, without those that SQLite keeps for itself."""
    query = f"SELECT name, sql FROM {schema}.sqlite_master WHERE type = 'table' ORDER BY name"  # noqa: S608 - the schema is one of ours
    names = [(name, sql) for name, sql in connection.execute(query) if not name.startswith(_WITHOUT)]
    return [_table(connection, name, schema) for name, sql in names if not (sql or "").lstrip().upper().startswith("CREATE VIRTUAL")]


def read_definitions(connection: sqlite3.Connection, schema: str = "main") -> dict[str, str]:
    """Return what is defined: each object and setting, such as `index by_name`, with its definition in one spelling."""
    query = f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master"  # noqa: S608 - the schema is one of ours
    found = {f"{kind} {name}": f"{table}\x1f{_plain(sql or '')}" for kind, name, table, sql in connection.execute(query) if not name.startswith(_WITHOUT)}
    return found | {f"pragma {name}": str(connection.execute(f"PRAGMA {schema}.{name}").fetchone()[0]) for name in _PRAGMAS}


def _table(connection: sqlite3.Connection, name: str, schema: str) -> Table:
    columns = connection.execute(f"PRAGMA {schema}.table_xinfo({quoted(name)})").fetchall()
    visible = tuple(sorted(column for _cid, column, _type, _required, _default, _key, hidden in columns if hidden == 0))
    parts = sorted((place, column, kind, required) for _cid, column, kind, required, _default, place, _hidden in columns if place)
    # A key of one integer column is the row's own number; any other may hold NULL, twice, unless it must not.
    whole = len(parts) == 1 and str(parts[0][2]).upper() == "INTEGER"
    key = tuple(column for _place, column, _kind, _required in parts) if whole or all(required for *_, required in parts) else ()
    return Table(name, visible, key)


def _definitions(connection: sqlite3.Connection) -> Iterator[Any]:
    yield from sorted(read_definitions(connection).items())


def _plain(sql: str) -> str:
    """Return a definition without spaces, comments and the quotes of names: a table that was renamed and renamed back is the same."""
    tokens = [token for token in _TOKEN.findall(sql) if not token.isspace() and not token.startswith(("--", "/*"))]
    return "\x1f".join(token[1:-1] if token[0] in '"`[' and len(token) > 1 else token for token in tokens)


def _sequences(connection: sqlite3.Connection) -> Iterator[Any]:
    if connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        yield from connection.execute("SELECT name, seq FROM main.sqlite_sequence ORDER BY name, seq")


def _digest_of(rows: Iterator[Any]) -> str:
    return hashlib.sha256(marshal.dumps(list(map(tuple, rows)), _MARSHAL)).hexdigest()


def _digest_rows(connection: sqlite3.Connection, table: Table) -> tuple[str, int]:
    try:
        return _stream(connection, table)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error).lower():
            raise
    # Text that is no UTF-8: its bytes, marked, so that they are no blob.
    before: Callable[[bytes], Any] = connection.text_factory
    connection.text_factory = lambda content: ("text", content)
    try:
        return _stream(connection, table)
    finally:
        connection.text_factory = before


def _stream(connection: sqlite3.Connection, table: Table) -> tuple[str, int]:
    # The columns come first: an empty table has a digest that is not that of nothing.
    found, count = hashlib.sha256(marshal.dumps(table.columns, _MARSHAL)), 0
    columns = ", ".join(map(quoted, table.columns))
    cursor = connection.execute(f"SELECT {columns} FROM main.{quoted(table.name)} ORDER BY {table.order}")  # noqa: S608 - quoted
    while rows := cursor.fetchmany(_ROWS):
        found.update(marshal.dumps(rows, _MARSHAL))
        count += len(rows)
    return found.hexdigest(), count
