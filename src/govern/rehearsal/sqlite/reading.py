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

from govern.rehearsal.sqlite.definitions import WITHOUT, quoted, read_definitions, tokens
from govern.rehearsal.states import State, spell_name

# Part of the definition of a digest: rows are encoded in lists of this length.
_ROWS = 1024
MARSHAL = 0
# What modules keep in tables of their own and may lay out otherwise at any time; the content is in a table that is not named here.
_SHADOWS = {
    "fts3": ("_segments", "_segdir", "_stat", "_docsize"),
    "fts4": ("_segments", "_segdir", "_stat", "_docsize"),
    "fts5": ("_data", "_idx", "_docsize"),
    "rtree": ("_node", "_parent", "_rowid"),
    "rtree_i32": ("_node", "_parent", "_rowid"),
}
_TREES = ("rtree", "rtree_i32")
_KEPT_ELSEWHERE = re.compile(r"content\W*=", re.IGNORECASE)


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


def read_state(connection: sqlite3.Connection, stored: str | None = None, kept: State | None = None, same: frozenset[str] = frozenset()) -> State:
    """Return the state of the main database, as the connection sees it; the tables named in `same` are those of `kept`."""
    components = {"schema": _digest_of(_definitions(connection)), "sequences": _digest_of(_sequences(connection))}
    rows: dict[str, int] = {}
    for table in read_tables(connection):
        full = spell_name("main", table.name)
        if kept is not None and table.name in same:
            components[table.component], rows[full] = kept.components[table.component], kept.rows[full]
        else:
            components[table.component], rows[full] = _digest_rows(connection, table)
    return State(components, rows, stored)


def read_tables(connection: sqlite3.Connection, schema: str = "main") -> list[Table]:
    """Return the tables whose rows can be read, without those that SQLite keeps for itself."""
    query = f"SELECT name, sql FROM {schema}.sqlite_master WHERE type = 'table' ORDER BY name"  # noqa: S608 - the schema is one of ours
    found = {name: sql or "" for name, sql in connection.execute(query).fetchall() if not name.startswith(WITHOUT)}
    virtual = {name: sql for name, sql in found.items() if sql.lstrip().upper().startswith("CREATE VIRTUAL")}
    trees, hidden = _modules(connection, virtual, schema)
    return [_table(connection, name, schema) for name in found if name in trees or (name not in virtual and name not in hidden)]


def _modules(connection: sqlite3.Connection, virtual: dict[str, str], schema: str) -> tuple[set[str], set[str]]:
    """Return the virtual tables whose own rows count, and the tables that only say how a module lays its content out."""
    listed = connection.execute(f"PRAGMA {schema}.table_list").fetchall() if virtual else []
    shadows = {row[1] for row in listed if row[2] == "shadow"}
    trees: set[str] = set()
    hidden: set[str] = set()
    for name, sql in virtual.items():
        module = _module(sql)
        own = {f"{name}{suffix}" for suffix in _SHADOWS.get(module, ())} & shadows
        # An index over content that is kept elsewhere, or not at all, is all there is to compare.
        if own and (module in _TREES or not _KEPT_ELSEWHERE.search(sql)):
            hidden |= own
            trees |= {name} if module in _TREES else set()
    return trees, hidden


def _module(sql: str) -> str:
    words = [token.lower() for token in tokens(sql)]
    return words[words.index("using") + 1].strip('"`[]') if "using" in words[:-1] else ""


def _table(connection: sqlite3.Connection, name: str, schema: str) -> Table:
    columns = connection.execute(f"PRAGMA {schema}.table_xinfo({quoted(name)})").fetchall()
    visible = tuple(sorted(column for _cid, column, _type, _required, _default, _key, hidden in columns if hidden == 0))
    parts = sorted((place, column, kind, required) for _cid, column, kind, required, _default, place, _hidden in columns if place)
    # A key of one integer column is the row's own number unless it has an index; any other may hold NULL, twice, unless it must not.
    indexed = any(origin == "pk" for _seq, _name, _unique, origin, _partial in connection.execute(f"PRAGMA {schema}.index_list({quoted(name)})"))
    whole = len(parts) == 1 and str(parts[0][2]).upper() == "INTEGER" and not indexed
    key = tuple(column for _place, column, _kind, _required in parts) if whole or all(required for *_, required in parts) else ()
    return Table(name, visible, key)


def _definitions(connection: sqlite3.Connection) -> Iterator[Any]:
    yield from sorted(read_definitions(connection).items())


def _sequences(connection: sqlite3.Connection) -> Iterator[Any]:
    if connection.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        yield from connection.execute("SELECT typeof(name), hex(name), typeof(seq), hex(seq) FROM main.sqlite_sequence ORDER BY 1, 2, 3, 4")


def _digest_of(rows: Iterator[Any]) -> str:
    return hashlib.sha256(marshal.dumps(list(map(tuple, rows)), MARSHAL)).hexdigest()


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
    found, count = hashlib.sha256(marshal.dumps(table.columns, MARSHAL)), 0
    columns = ", ".join(map(quoted, table.columns))
    cursor = connection.execute(f"SELECT {columns} FROM main.{quoted(table.name)} ORDER BY {table.order}")  # noqa: S608 - quoted
    while rows := cursor.fetchmany(_ROWS):
        found.update(marshal.dumps(rows, MARSHAL))
        count += len(rows)
    return found.hexdigest(), count
