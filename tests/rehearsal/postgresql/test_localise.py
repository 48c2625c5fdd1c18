"""Where two databases differ: named by object, table, column, count and first keys, and never by a value."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from govern.rehearsal.postgresql.listings import Entry
from govern.rehearsal.postgresql.localise import NAMED, bounded, compare_listings, differences
from govern.rehearsal.postgresql.merging import _merged
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.states import Difference

Session = Connection[tuple[Any, ...]]
Compare = Callable[[str, str], list[str]]
_copies = count()


@pytest.fixture
def compare(cluster: Server, database: Session) -> Iterator[Compare]:
    """Sets a database up, copies it, changes it, and returns how it differs from the copy, in words."""
    copy = f"before_{next(_copies)}"

    def compared(setup: str, change: str) -> list[str]:
        name = database.info.dbname
        database.execute(setup)
        database.close()
        with cluster.connect(SUPERUSER, "postgres") as maintenance:
            maintenance.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        with cluster.connect(SUPERUSER, name) as after, cluster.connect(SUPERUSER, copy) as before:
            after.execute(change)
            return [str(each) for each in differences(before, after) if each.component not in {"globals", "database"}]

    yield compared
    with cluster.connect(SUPERUSER, "postgres") as maintenance:
        maintenance.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")


def test_equal_databases_have_no_differences(compare: Compare) -> None:
    assert compare("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE SEQUENCE s", "SELECT") == []


def test_rows_columns_definitions_numbers_and_large_objects_are_all_named(compare: Compare) -> None:
    setup = """
        CREATE TABLE t (id int PRIMARY KEY, v text, w int); INSERT INTO t SELECT i, 'v', i FROM generate_series(-3, 12) i;
        CREATE INDEX i ON t (v); CREATE SEQUENCE s; SELECT lo_from_bytea(1001, 'a'), lo_from_bytea(1002, 'b')
    """
    change = """
        DELETE FROM t WHERE id IN (-3, 10); INSERT INTO t VALUES (40); UPDATE t SET v = 'x' WHERE id < 9; UPDATE t SET w = 0 WHERE id = 5;
        DROP INDEX i; SELECT nextval('s'); SELECT lo_unlink(1001), lo_put(1002, 0, 'c'); SELECT lo_create(1003)
    """
    assert compare(setup, change) == [
        "schema: index public.i is defined otherwise",
        "large objects: 1 row missing (1001)",
        "large objects: column contents differs in 1 row (1002)",
        "large objects: 1 row added (1003)",
        "sequences: the next number of public.s is defined otherwise",
        "table public.t: 2 rows missing (-3, 10)",
        "table public.t: 1 row added (40)",
        "table public.t: column v differs in 11 rows (-2, -1, 0, 1, 2, …)",
        "table public.t: column w differs in 1 row (5)",
    ]


def test_only_the_components_that_changed_are_looked_at(cluster: Server, database: Session) -> None:
    database.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE u (id int PRIMARY KEY)")
    with cluster.connect(SUPERUSER, "postgres") as before:
        assert [each.component for each in differences(before, database, ["table public.t"])] == ["table public.t"]


def test_a_key_is_printable_and_cut(compare: Compare) -> None:
    found = compare("CREATE TABLE t (a text, b int, PRIMARY KEY (b, a))", r"INSERT INTO t VALUES (E'a\x1b[31m\tü\\', 1), (repeat('x', 100), 2)")
    assert found == [f"table public.t: 2 rows added (1/a\\u{{1b}}[31m\\u{{9}}ü\\, 2/{'x' * 61}…)"]


def test_no_value_of_another_column_is_ever_told(compare: Compare) -> None:
    found = compare(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'secret'), (2, 'secret'); CREATE TABLE bag (v text); INSERT INTO bag VALUES ('secret');"
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT 'secret'$$; CREATE TABLE wide (id int PRIMARY KEY, v text DEFAULT 'secret')",
        "UPDATE t SET v = 'secret' || v WHERE id = 1; DELETE FROM t WHERE id = 2; DELETE FROM bag; DROP FUNCTION f(); ALTER TABLE wide ALTER v SET DEFAULT 'secret2'",
    )
    assert len(found) == 5
    assert not [each for each in found if "secret" in each]


def test_rows_without_a_key_are_counted_as_often_as_they_are(compare: Compare) -> None:
    found = compare(
        r"CREATE TABLE t (a int, v text); INSERT INTO t SELECT 1, E'same\t\\' FROM generate_series(1, 5); INSERT INTO t VALUES (2, 'x'), (NULL, NULL)",
        "DELETE FROM t WHERE ctid IN (SELECT ctid FROM t WHERE a = 1 LIMIT 2); INSERT INTO t VALUES (NULL, NULL)",
    )
    assert found == ["table public.t: 2 rows missing", "table public.t: 1 row added"]


def test_rows_are_told_apart_by_their_old_key_when_the_new_definition_has_none(compare: Compare) -> None:
    found = compare(
        "CREATE TABLE t (id int CONSTRAINT p PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' FROM generate_series(1, 12) i",
        "ALTER TABLE t DROP CONSTRAINT p; UPDATE t SET v = 'x' WHERE id = 11; ALTER TABLE t ALTER id DROP NOT NULL; INSERT INTO t VALUES (NULL, 'new')",
    )
    assert [each for each in found if each.startswith("table ")] == ["table public.t: 1 row added (NULL)", "table public.t: column v differs in 1 row (11)"]


def test_rows_are_told_apart_when_the_type_of_the_key_changed(compare: Compare) -> None:
    found = compare(
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' FROM generate_series(1, 12) i",
        "ALTER TABLE t ALTER id TYPE text; DELETE FROM t WHERE id = '9'",
    )
    assert [each for each in found if each.startswith("table ")] == ["table public.t: 1 row missing (9)"]


def test_what_comes_with_a_table_is_not_named_beside_it(compare: Compare) -> None:
    change = "CREATE TABLE t (id int NOT NULL, v text DEFAULT 'x' CHECK (v <> '')); COMMENT ON COLUMN t.v IS 'x'; COMMENT ON TABLE t IS 'x'"
    assert compare("SELECT", change) == ["schema: table public.t is defined otherwise", "table public.t: the empty table is defined otherwise"]


def test_a_built_in_object_is_named(compare: Compare) -> None:
    found = compare("SELECT", "COMMENT ON FUNCTION pg_catalog.abs(int) IS 'other'; REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(float8) FROM PUBLIC")
    assert found == [
        "schema: comment on function pg_catalog.abs(integer) is defined otherwise",
        "schema: function pg_catalog.pg_sleep(double precision) is defined otherwise",
    ]


def test_names_are_printable(compare: Compare) -> None:
    assert compare("SELECT", 'CREATE VIEW "a\x1b 中" AS SELECT 1 AS one') == ['schema: view public."a\\u{1b} \\u{4e2d}" is defined otherwise']


@pytest.mark.parametrize(("found", "shown"), [(NAMED, NAMED), (NAMED + 1, NAMED + 1), (NAMED + 50, NAMED + 1)])
def test_at_most_a_hundred_differences_are_named_and_the_rest_counted(found: int, shown: int) -> None:
    every = [Difference("schema", "definition", 1, object=f"index i{number}") for number in range(found)]
    listed = bounded("schema", every)
    assert len(listed) == shown
    assert sum(each.count for each in listed) == found


def test_an_array_type_is_implied_by_its_type_and_an_unrelated_object_by_nothing() -> None:
    before = [Entry(b"pg_type", name, b"") for name in (b"type public.e", b"type public.e[]", b"type public.f[]")]
    assert [each.object for each in compare_listings("schema", before, [])] == ["type public.e", "type public.f[]"]


keys = st.tuples(st.integers(-20, 20), st.text(st.sampled_from("a\tb\\\nNé"), max_size=3))
tables = st.dictionaries(keys, st.sampled_from(["x", "y"]), max_size=12)


@given(tables, tables)
def test_a_merge_finds_what_a_comparison_in_memory_finds(before: dict[tuple[int, str], str], after: dict[tuple[int, str], str]) -> None:
    def lines(table: dict[tuple[int, str], str]) -> Iterator[bytes]:
        for number, name in sorted(table, key=lambda key: (key[0], key[1].encode())):
            yield "\t".join((str(number), _escaped(name), table[number, name])).encode() + b"\n"

    found = [("missing" if two is None else "added" if one is None else "changed") for one, two in _merged(lines(before), lines(after), [True, False])]
    expected = (
        ["missing"] * len(before.keys() - after.keys())
        + ["added"] * len(after.keys() - before.keys())
        + ["changed"] * sum(before[key] != after[key] for key in before.keys() & after.keys())
    )
    assert sorted(found) == sorted(expected)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
