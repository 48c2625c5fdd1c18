"""What `make bench-rehearsal` generates: the same rows for the same seed, keys that hold, and a spelling that comes back as it was."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern.rehearsal.gate.postgresql import _plain

ROOT = Path(__file__).resolve().parent.parent
ROWS = 2_000


@pytest.fixture(scope="module")
def generator() -> Iterator[Mapping[str, Any]]:
    """Give the modules of the generator, which is no part of the program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "bench"))
        yield {name: import_module(f"rehearsals.{name}") for name in ("changes", "rows", "schema", "stored")}


@pytest.fixture
def database(generator: Mapping[str, Any]) -> Iterator[sqlite3.Connection]:
    """Give a small generated database, with its keys enforced."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(generator["schema"].sqlite())
    for table in generator["rows"].tables(ROWS, 1):
        connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", table.rows())
    yield connection
    connection.close()


def test_the_same_seed_gives_the_same_rows_and_another_one_others(generator: Mapping[str, Any]) -> None:
    def all_rows(seed: int) -> list[list[Any]]:
        return [list(table.rows()) for table in generator["rows"].tables(ROWS, seed)]

    assert all_rows(1) == all_rows(1)
    assert all_rows(1) != all_rows(2)


def test_there_are_as_many_rows_as_were_asked_for_and_every_key_holds(database: sqlite3.Connection) -> None:
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    assert sum(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names) == ROWS
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_only_the_lossy_ways_back_lose_something_and_it_shows_in_what_is_counted(database: sqlite3.Connection, generator: Mapping[str, Any]) -> None:
    last, counted = database.execute("SELECT max(id) FROM birth_registry").fetchone()[0], generator["changes"].COUNTED
    database.commit()

    for change in generator["changes"].changes(last):
        with closing(sqlite3.connect(":memory:")) as copy:
            database.backup(copy)
            before = copy.execute(counted).fetchone()
            copy.executescript(change.apply)
            assert copy.execute(change.holds).fetchone() == (1,)
            copy.executescript(change.revert)
            assert (copy.execute(counted).fetchone() != before) == change.lossy, change.name


@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_a_row_as_copy_takes_it_is_one_line_that_comes_back_as_it_was(generator: Mapping[str, Any], row: list[str | None]) -> None:
    line = generator["stored"].copied(tuple(row)).encode()

    assert line.count(b"\n") == 1
    values = line[:-1].split(b"\t")
    assert [None if each == b"\\N" else _plain(each).decode() for each in values] == row
