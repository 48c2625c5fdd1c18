"""Definitions that mean the same are spelt the same, and no others; whatever differs is named."""

import sqlite3
from pathlib import Path

import pytest

from govern.rehearsal.sqlite.clone import open_file
from govern.rehearsal.sqlite.definitions import read_definitions


def defined(sql: str) -> dict[str, str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(sql)
        return read_definitions(connection)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE TABLE t (a TEXT)", 'CREATE TABLE "t" ([a] TEXT)'),
        ("CREATE TABLE t (a TEXT)", "CREATE  TABLE t -- so\n( /* and so */ a\tTEXT )"),
        ("CREATE TABLE naïve (a)", 'CREATE TABLE "naïve" (a)'),
    ],
)
def test_the_quotes_of_a_plain_name_and_spaces_mean_nothing(one: str, other: str) -> None:
    assert defined(one) == defined(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CREATE TABLE t (a DEFAULT CURRENT_TIMESTAMP)", 'CREATE TABLE t (a DEFAULT "CURRENT_TIMESTAMP")'),
        ("CREATE TABLE t (a DEFAULT true)", 'CREATE TABLE t (a DEFAULT "true")'),
        ("CREATE TABLE t (a DEFAULT 1)", 'CREATE TABLE t (a DEFAULT "1")'),
        ("CREATE TABLE t (a TEXT NOT NULL)", 'CREATE TABLE t (a TEXT "NOT" "NULL")'),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER `PRIMARY` [KEY])"),
        ("CREATE TABLE t (a DEFAULT 'x y')", "CREATE TABLE t (a DEFAULT 'x  y')"),
        ("CREATE TABLE t (a DEFAULT 'x')", 'CREATE TABLE t (a DEFAULT "x")'),
        ("CREATE TABLE t (x); CREATE VIEW v AS SELECT x'00' FROM t", "CREATE TABLE t (x); CREATE VIEW v AS SELECT x '00' FROM t"),
        ("CREATE TABLE t (a\u00a0b)", "CREATE TABLE t (a b)"),
    ],
)
def test_definitions_that_sqlite_reads_otherwise_differ(one: str, other: str) -> None:
    assert defined(one) != defined(other)


def test_an_index_that_takes_another_order_from_its_table_differs() -> None:
    text = "CREATE TABLE t (a TEXT COLLATE {}); CREATE INDEX i ON t (a);"
    binary, nocase = defined(text.format("BINARY")), defined(text.format("NOCASE"))
    assert binary["index i"] != nocase["index i"]


def test_every_component_that_differs_has_a_difference(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "source.db")
    connection.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE TABLE u (a); INSERT INTO u VALUES (-0.0); CREATE TABLE e (x);")
    connection.close()
    (tmp_path / "work").mkdir()
    clone = open_file(tmp_path / "source.db", tmp_path / "work")
    before = clone.state().components
    clone.snapshot()
    clone.run(b"ALTER TABLE t DROP COLUMN a; UPDATE u SET a = 0.0; DROP TABLE e; CREATE TABLE f (x);")
    after = clone.state().components
    differing = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert differing == {"schema", "table main.t", "table main.u", "table main.e", "table main.f"}
    assert {each.component for each in clone.differences()} == differing
