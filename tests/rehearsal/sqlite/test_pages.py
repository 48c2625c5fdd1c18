"""A state of which only the written tables are read is the state that reading everything gives."""

import sqlite3
from array import array
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.problems import GovernError
from govern.rehearsal.sqlite.clone import SqliteClone, open_file
from govern.rehearsal.sqlite.pages import Layout, compared, journaled, read_layout
from govern.rehearsal.sqlite.reading import read_state
from govern.rehearsal.sqlite.scripts import begin_and_run

# Rows of every kind of tree, with values that go on in pages of their own, and with rows that other rows take along.
SETUP = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);
CREATE TABLE visits (person INTEGER REFERENCES people (id) ON DELETE CASCADE ON UPDATE CASCADE, at TEXT);
CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY, means TEXT) WITHOUT ROWID;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
CREATE TABLE seen (what TEXT);
CREATE TABLE gone (what TEXT);
CREATE TABLE empty (what TEXT);
CREATE INDEX people_by_name ON people (name);
CREATE TRIGGER counting AFTER INSERT ON counted BEGIN INSERT INTO seen VALUES (new.what); END;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO people SELECT i, 'name ' || i, zeroblob(i * 400) FROM n;
INSERT INTO visits SELECT id % 7 + 1, 'day ' || id FROM people;
INSERT INTO words SELECT 'word ' || id, hex(zeroblob(id * 20)) FROM people;
INSERT INTO counted (what) SELECT name FROM people;
INSERT INTO gone SELECT hex(zeroblob(3000)) FROM people;
DELETE FROM gone WHERE rowid > 5;
"""
CHANGES = (
    "UPDATE people SET name = name || '!' WHERE id = 41;",
    # The first bytes of the value stay, and with them the page of its row.
    "UPDATE people SET photo = CAST(substr(photo, 1, 22000) || x'01' || zeroblob(1999) AS BLOB) WHERE id = 60;",
    "DELETE FROM people WHERE id % 2;",
    "PRAGMA foreign_keys = ON; DELETE FROM people WHERE id = 3;",
    "PRAGMA foreign_keys = ON; UPDATE people SET id = 300 WHERE id = 3;",
    "INSERT INTO counted (what) VALUES ('more');",
    "UPDATE words SET means = means || '0' WHERE word = 'word 9';",
    "DELETE FROM words;",
    "ALTER TABLE visits ADD COLUMN how TEXT DEFAULT 'on foot';",
    "ALTER TABLE visits RENAME TO calls; ALTER TABLE calls RENAME COLUMN at TO day;",
    "ALTER TABLE people RENAME TO persons;",
    "DROP TABLE gone; CREATE TABLE gone (what TEXT); INSERT INTO gone SELECT name FROM people;",
    "CREATE TABLE more AS SELECT * FROM people; DROP TABLE people; ALTER TABLE more RENAME TO people;",
    "DROP INDEX people_by_name; CREATE INDEX other ON visits (at);",
    "UPDATE sqlite_sequence SET seq = 900;",
    "UPDATE visits SET at = at;",
    "PRAGMA user_version = 7;",
    "INSERT INTO empty VALUES (NULL);",
    "SELECT 1;",
)


@pytest.fixture
def clone(tmp_path: Path) -> SqliteClone:
    return _kept(tmp_path)


def _kept(folder: Path) -> SqliteClone:
    with closing(sqlite3.connect(folder / "source.db")) as connection:
        connection.executescript(SETUP)
    clone = open_file(folder / "source.db", folder)
    clone.snapshot()
    return clone


def _whole(file: Path, script: str = "") -> dict[str, str]:
    """Return what reading every table gives, inside the transaction of a script or as committed."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        if script:
            begin_and_run(connection, script.encode(), "script")
        return dict(read_state(connection).components)


def _layout(file: Path) -> Layout | None:
    with closing(sqlite3.connect(file)) as connection:
        return read_layout(file, connection)


@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_what_is_known_of_pages_never_differs_from_what_reading_all_rows_gives(changes: list[str]) -> None:
    with TemporaryDirectory() as name:
        clone, file = _kept(Path(name)), Path(name, "clone.db")
        script = "".join(sorted(changes, key=lambda each: not each.startswith("PRAGMA foreign_keys")))
        try:
            expected = _whole(file, script)
        except GovernError:
            # Some do not go together, such as dropping what was renamed.
            return
        tried = clone.try_out(script.encode())
        assert tried.applied.components == expected
        assert tried.after.components == _whole(file)
        clone.run(script.encode())
        assert clone.state().components == _whole(file) == expected
        clone.run(b"DELETE FROM seen;")
        assert clone.state().components == _whole(file)


@pytest.mark.parametrize("script", CHANGES)
def test_each_change_alone_is_seen_as_reading_all_rows_sees_it(clone: SqliteClone, tmp_path: Path, script: str) -> None:
    expected = _whole(tmp_path / "clone.db", script)
    assert clone.try_out(script.encode()).applied.components == expected
    clone.run(script.encode())
    assert clone.state().components == expected


def test_only_the_tables_whose_pages_were_written_are_read_again(clone: SqliteClone, tmp_path: Path) -> None:
    file, before = tmp_path / "clone.db", tmp_path / "snapshot.db"
    layout = _layout(before)
    assert layout is not None
    clone.run(b"UPDATE visits SET at = 'never' WHERE rowid = 1; ALTER TABLE empty ADD COLUMN more DEFAULT 1;")
    written = compared(before, file, layout)
    assert written is not None
    with closing(sqlite3.connect(file)) as connection:
        assert layout.untouched(connection, written) == {"people", "words", "counted", "seen", "gone", "sqlite_sequence"}


def test_a_journal_names_the_pages_of_the_change_while_its_transaction_is_open(clone: SqliteClone, tmp_path: Path) -> None:
    file = tmp_path / "clone.db"
    layout = _layout(file)
    assert layout is not None
    assert clone.state().rows["main.words"] == 60
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        begin_and_run(connection, b"DELETE FROM words WHERE word = 'word 2';", "script")
        written = journaled(file, layout)
        assert written is not None
        assert layout.untouched(connection, written) == {"people", "visits", "counted", "seen", "gone", "empty", "sqlite_sequence"}


@pytest.mark.parametrize("setting", ["synchronous = FULL", "journal_mode = MEMORY", "journal_mode = OFF", "journal_mode = WAL"])
def test_a_journal_that_is_not_as_expected_names_nothing(clone: SqliteClone, tmp_path: Path, setting: str) -> None:
    file = tmp_path / "clone.db"
    layout = _layout(file)
    assert layout is not None
    assert clone.state().rows["main.words"] == 60
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA {setting}")
        begin_and_run(connection, b"DELETE FROM words;", "script")
        assert journaled(file, layout) is None


def test_a_journal_that_was_cut_off_names_nothing(clone: SqliteClone, tmp_path: Path) -> None:
    file, journal = tmp_path / "clone.db", tmp_path / "clone.db-journal"
    layout = _layout(file)
    assert layout is not None
    assert clone.state().rows["main.words"] == 60
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        begin_and_run(connection, b"DELETE FROM words;", "script")
        whole = journal.read_bytes()
        # In another file: SQLite looks for its own.
        for name, content in (("short", whole[:-1]), ("header", whole[:20]), ("nothing", b""), ("other", b"x" + whole[1:])):
            (tmp_path / f"{name}-journal").write_bytes(content)
            assert journaled(tmp_path / name, layout) is None
        (tmp_path / "same-journal").write_bytes(whole)
        assert journaled(tmp_path / "same", layout) == journaled(file, layout)


def test_what_was_changed_since_the_snapshot_is_read_whole_inside_a_transaction(clone: SqliteClone, tmp_path: Path) -> None:
    clone.run(b"UPDATE people SET name = 'nobody';")
    script = "INSERT INTO seen VALUES ('x');"
    expected = _whole(tmp_path / "clone.db", script)
    assert clone.try_out(script.encode()).applied.components == expected


def test_a_file_in_an_old_format_is_read_whole(tmp_path: Path) -> None:
    _kept(tmp_path)
    file = tmp_path / "clone.db"
    content = bytearray(file.read_bytes())
    content[44:48] = (1).to_bytes(4)
    file.write_bytes(content)
    assert _layout(file) is None
    layout = _layout(tmp_path / "snapshot.db")
    assert layout is not None
    assert compared(tmp_path / "snapshot.db", file, layout) is None


def test_a_shorter_file_has_written_the_pages_that_it_lost(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    layout = Layout(512, (b"\2\0", b"\0", b"\0\0\0\4", b"\0\0\0\1"), (), array("i", [-1] * 5))
    first = bytearray(512 * 4)
    first[16:18], first[47], first[59] = b"\2\0", 4, 1
    one.write_bytes(first)
    other.write_bytes(first[: 512 * 2])
    found = compared(one, other, layout)
    assert found is not None
    assert list(found) == [3, 4]
