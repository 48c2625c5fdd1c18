"""Where two SQLite databases differ: by table, column, count and first keys. SQLite itself compares, row by row in the file."""

import hashlib
import marshal
import sqlite3
from collections import Counter
from collections.abc import Iterator

from govern.rehearsal.sqlite.definitions import quoted, read_definitions
from govern.rehearsal.sqlite.reading import MARSHAL, Table, read_tables
from govern.rehearsal.states import Difference, spell_row

FIRST = 5


def compare(connection: sqlite3.Connection, differing: frozenset[str]) -> Iterator[Difference]:
    """Yield the differences of `main` from the attached database `before`: at least one in each component that differs."""
    connection.text_factory = _text
    unexplained = set(differing)
    for found in _compare(connection, differing):
        unexplained.discard(found.component)
        yield found
    for component in sorted(unexplained):
        yield Difference(component, "definition", 1, object="its columns, or what they hold,")


def _text(content: bytes) -> str | bytes:
    """Return text as it is, or as bytes where it is no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _compare(connection: sqlite3.Connection, differing: frozenset[str]) -> Iterator[Difference]:
    if "schema" in differing:
        yield from _definitions(connection)
    if "sequences" in differing:
        yield from _sequences(connection)
    before, after = ({table.component: table for table in read_tables(connection, schema)} for schema in ("before", "main"))
    for component in sorted(differing & before.keys() & after.keys()):
        yield from _rows(connection, before[component], after[component])
    for component in sorted(differing & (before.keys() ^ after.keys())):
        schema, kind = ("before", "missing") if component in before else ("main", "added")
        table = before.get(component) or after[component]
        count = connection.execute(f"SELECT count(*) FROM {schema}.{quoted(table.name)}").fetchone()[0]  # noqa: S608 - quoted
        if count:
            yield Difference(component, kind, count)


def _definitions(connection: sqlite3.Connection) -> Iterator[Difference]:
    before, after = read_definitions(connection, "before"), read_definitions(connection, "main")
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Difference("schema", "definition", 1, object=name)


def _sequences(connection: sqlite3.Connection) -> Iterator[Difference]:
    before, after = (_numbers(connection, schema) for schema in ("before", "main"))
    for name in sorted(before.keys() | after.keys(), key=repr):
        if before.get(name) != after.get(name):
            yield Difference("sequences", "definition", 1, object=f"the next number of {name}")


def _numbers(connection: sqlite3.Connection, schema: str) -> dict[str, int]:
    query = f"SELECT 1 FROM {schema}.sqlite_master WHERE name = 'sqlite_sequence'"  # noqa: S608 - the schema is one of ours
    if not connection.execute(query).fetchone():
        return {}
    return dict(connection.execute(f"SELECT name, seq FROM {schema}.sqlite_sequence"))  # noqa: S608 - the schema is one of ours


def _rows(connection: sqlite3.Connection, before: Table, after: Table) -> Iterator[Difference]:
    common = tuple(column for column in before.columns if column in after.columns)
    keyed = before.key and before.key == after.key
    found = list(_by_key(connection, before, common) if keyed else _as_bag(connection, before, common))
    yield from found or (_exactly_by_key(connection, before, common) if keyed else _exactly_as_bag(connection, before, common))


def _by_key(connection: sqlite3.Connection, table: Table, columns: tuple[str, ...]) -> Iterator[Difference]:
    same = " AND ".join(f"b.{quoted(each)} = m.{quoted(each)}" for each in table.key)
    key = ", ".join(f"b.{quoted(each)}" for each in table.key)
    name = quoted(table.name)
    for kind, here, there in (("missing", "before", "main"), ("added", "main", "before")):
        query = f"SELECT {key} FROM {here}.{name} b WHERE NOT EXISTS (SELECT 1 FROM {there}.{name} m WHERE {same}) ORDER BY {key}"  # noqa: S608 - quoted
        count, keys = _counted(table, connection.execute(query))
        if count:
            yield Difference(table.component, kind, count, keys=keys)
    differs = [f"(b.{c} IS NOT m.{c} COLLATE BINARY OR typeof(b.{c}) IS NOT typeof(m.{c}))" for c in map(quoted, columns)]
    for column, condition in zip(columns, differs, strict=True):
        query = f"SELECT {key} FROM before.{name} b JOIN main.{name} m ON {same} WHERE {condition} ORDER BY {key}"  # noqa: S608 - quoted
        count, keys = _counted(table, connection.execute(query))
        if count:
            yield Difference(table.component, "changed", count, column=column, keys=keys)


def _counted(table: Table, cursor: sqlite3.Cursor) -> tuple[int, tuple[str, ...]]:
    keys = [spell_row(table.key, row) for row in cursor.fetchmany(FIRST)]
    return len(keys) + sum(1 for _row in cursor), tuple(keys)


def _as_bag(connection: sqlite3.Connection, table: Table, columns: tuple[str, ...]) -> Iterator[Difference]:
    """Rows without a key are counted: as often as before, or not."""
    name, chosen = quoted(table.name), ", ".join(map(quoted, columns))
    if not columns:
        missing, added = (connection.execute(f"SELECT count(*) FROM {schema}.{name}").fetchone()[0] for schema in ("before", "main"))  # noqa: S608 - quoted
        yield from _lost_and_found(table, missing, added)
        return
    grouped = ", ".join(f"typeof({c}), {c} COLLATE BINARY" for c in map(quoted, columns))
    query = (
        f"SELECT total(max(s, 0)), total(max(-s, 0)) FROM (SELECT sum(d) AS s FROM "  # noqa: S608 - quoted
        f"(SELECT {chosen}, 1 AS d FROM before.{name} UNION ALL SELECT {chosen}, -1 FROM main.{name}) GROUP BY {grouped})"
    )
    yield from _lost_and_found(table, *map(int, connection.execute(query).fetchone()))


def _lost_and_found(table: Table, missing: int, added: int) -> Iterator[Difference]:
    if missing:
        yield Difference(table.component, "missing", missing)
    if added:
        yield Difference(table.component, "added", added)


def _exactly_by_key(connection: sqlite3.Connection, table: Table, columns: tuple[str, ...]) -> Iterator[Difference]:
    """Compare what SQLite holds for equal, such as 0.0 and -0.0, as the digests do."""
    same = " AND ".join(f"b.{quoted(each)} = m.{quoted(each)}" for each in table.key)
    key = ", ".join(f"b.{quoted(each)}" for each in table.key)
    name = quoted(table.name)
    for column in columns:
        query = f"SELECT b.{quoted(column)}, m.{quoted(column)}, {key} FROM before.{name} b JOIN main.{name} m ON {same} ORDER BY {key}"  # noqa: S608 - quoted
        count, keys = 0, list[str]()
        for before, after, *values in connection.execute(query):
            if marshal.dumps(before, MARSHAL) != marshal.dumps(after, MARSHAL):
                count += 1
                keys += [spell_row(table.key, values)] if count <= FIRST else []
        if count:
            yield Difference(table.component, "changed", count, column=column, keys=tuple(keys))


def _exactly_as_bag(connection: sqlite3.Connection, table: Table, columns: tuple[str, ...]) -> Iterator[Difference]:
    if columns:
        chosen = ", ".join(map(quoted, columns))
        queries = (f"SELECT {chosen} FROM {schema}.{quoted(table.name)}" for schema in ("before", "main"))  # noqa: S608 - quoted
        before, after = (Counter(hashlib.sha256(marshal.dumps(row, MARSHAL)).digest() for row in connection.execute(query)) for query in queries)
        yield from _lost_and_found(table, (before - after).total(), (after - before).total())
