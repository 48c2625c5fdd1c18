"""A sabotage is one that a comparison can see, and a database that cannot be compared is refused when it is opened."""

import sqlite3
from pathlib import Path

import pytest

from govern.problems import GovernError
from govern.rehearsal.sqlite.clone import open_file
from support.sqlite_clones import clone_of

STUBBORN = "CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TRIGGER w AFTER DELETE ON t BEGIN INSERT INTO t VALUES (old.a); END;"


@pytest.mark.parametrize(
    ("setup", "done"),
    [
        ("CREATE TABLE t (a); CREATE TABLE u (b);", "a view was added"),
        ("CREATE TABLE sabotaged_0 (a);", "a view was added"),
        (STUBBORN, "a view was added"),
        (f"{STUBBORN} CREATE TABLE u (a); INSERT INTO u VALUES (1), (2);", "one row of table main.u was deleted"),
        ("CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE TRIGGER w BEFORE DELETE ON t BEGIN SELECT raise(ROLLBACK, 'no'); END;", "a view was added"),
        ("CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES (NULL, 1), (2, 2);", "one row of table main.t was deleted"),
        ("CREATE VIRTUAL TABLE r USING rtree(id, low, high); INSERT INTO r VALUES (1, 2, 3);", "a view was added"),
    ],
)
def test_a_sabotage_yields_one_difference_in_what_it_says(setup: str, done: str, tmp_path: Path) -> None:
    clone = clone_of(tmp_path, setup)
    before = clone.state()
    clone.snapshot()
    assert clone.sabotage() == done
    after = clone.state()
    [found] = clone.differences()
    changed = {name for name in {*before.components, *after.components} if before.components.get(name) != after.components.get(name)}
    assert changed == {found.component}
    assert found.component == (done.removeprefix("one row of ").removesuffix(" was deleted") if "deleted" in done else "schema")


def test_a_definition_that_is_no_text_is_refused_when_the_database_is_opened(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "source.db", isolation_level=None)
    connection.execute("CREATE TABLE t (a DEFAULT 'MARK')")
    connection.close()
    file = tmp_path / "source.db"
    file.write_bytes(file.read_bytes().replace(b"MARK", b"\xff\xfeRK"))
    (tmp_path / "work").mkdir()
    with pytest.raises(GovernError) as caught:
        open_file(file, tmp_path / "work")
    assert [each.code for each in caught.value.problems] == ["SOURCE_FORMAT"]
