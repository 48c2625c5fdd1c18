"""Scripts are cut as SQLite reads them, and what would have no effect or reach further is refused."""

import sqlite3
import time
from pathlib import Path

import pytest

from govern.problems import GovernError
from govern.rehearsal.sqlite.clone import open_script
from govern.rehearsal.sqlite.scripts import cut
from support.sqlite_clones import clone_of

CASCADE = """
CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE);
INSERT INTO p VALUES (1, 'a');
INSERT INTO c VALUES (7, 1);
"""


def refusal(caught: pytest.ExceptionInfo[GovernError]) -> tuple[str, int]:
    [problem] = caught.value.problems
    return problem.code, problem.place.line if problem.place else 0


@pytest.mark.parametrize(
    ("start", "children"),
    [("PRAGMA foreign_keys = ON;", 0), ("-- keys\npragma FOREIGN_KEYS(1);", 0), ("PRAGMA foreign_keys = ON; PRAGMA foreign_keys = OFF;", 1), ("", 1)],
)
def test_foreign_keys_are_enforced_as_the_start_of_a_script_says(start: str, children: int, tmp_path: Path) -> None:
    clone = clone_of(tmp_path, CASCADE)
    assert clone.try_out(f"{start} DELETE FROM p;".encode()).applied.rows["main.c"] == children
    clone.run(f"{start} DELETE FROM p;".encode())
    assert clone.state().rows["main.c"] == children


@pytest.mark.parametrize("pragma", ["PRAGMA foreign_keys = ON;", "PRAGMA main.foreign_keys = OFF;", "PRAGMA/**/foreign_keys(1);"])
def test_foreign_keys_set_where_that_has_no_effect_are_refused(pragma: str, tmp_path: Path) -> None:
    clone = clone_of(tmp_path, CASCADE)
    with pytest.raises(GovernError) as caught:
        clone.run(f"SELECT 1;\n{pragma} DELETE FROM p;".encode())
    assert refusal(caught) == ("CHANGE_REACHES", 2)
    assert "no effect" in str(caught.value)
    assert "start of the script" in str(caught.value)


def test_a_nul_in_a_script_is_refused_with_its_line(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, CASCADE)
    with pytest.raises(GovernError) as caught:
        clone.try_out(b"DELETE FROM c;\nDELETE\0 FROM p;")
    assert refusal(caught) == ("CHANGE_FAILED", 2)


@pytest.mark.parametrize(
    "statements",
    [
        ["SELECT ';';", "SELECT 1;"],
        ["SELECT 'it''s;' /* ; */ -- ;\n, \";\", [;], `;`;", "SELECT 2;"],
        ["CREATE TRIGGER w AFTER INSERT ON t BEGIN SELECT CASE 1 WHEN 1 THEN ';END;' END; SELECT 2; /* ; */ END;", "SELECT 3;"],
        ["CREATE TEMP TRIGGER w AFTER INSERT ON t BEGIN SELECT 1;\nEND -- so\n;", "SELECT 3;"],
        ["EXPLAIN QUERY PLAN CREATE TRIGGER w AFTER INSERT ON t BEGIN SELECT 1; END;", "END;"],
        ["CREATE TABLE trigger_of (x);", "SELECT 4;"],
        ["\u00a0SELECT 1;", "SELECT 5;"],
    ],
)
def test_a_script_is_cut_as_sqlite_cuts_it(statements: list[str]) -> None:
    assert all(map(sqlite3.complete_statement, statements))
    assert [each.text for each in cut("\n".join(statements).encode(), "x")] == statements


@pytest.mark.parametrize("script", ["SELECT 1", "SELECT 'a; SELECT 1;", "CREATE TRIGGER w AFTER INSERT ON t BEGIN SELECT 1;", "SELECT 1 /* ; "])
def test_a_statement_without_an_end_is_refused(script: str) -> None:
    with pytest.raises(GovernError) as caught:
        cut(script.encode(), "x")
    assert refusal(caught) == ("CHANGE_FAILED", 1)


def test_a_long_literal_of_semicolons_is_cut_in_time_linear_in_its_length() -> None:
    begun = time.monotonic()
    assert len(cut(f"SELECT '{';' * 1_000_000}'; SELECT 1;".encode(), "x")) == 2
    assert time.monotonic() - begun < 5


def test_a_script_without_its_commit_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(GovernError) as caught:
        open_script(b"PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; CREATE TABLE t (a); INSERT INTO t VALUES (1);", tmp_path)
    assert refusal(caught) == ("DUMP_TRUNCATED", 0)


def test_modules_that_read_settings_by_themselves_can_be_used(tmp_path: Path) -> None:
    clone = clone_of(tmp_path, "CREATE VIRTUAL TABLE f USING fts5(a); CREATE VIRTUAL TABLE r USING rtree(id, low, high);")
    before = clone.state()
    tried = clone.try_out(b"INSERT INTO f VALUES ('x'); INSERT INTO r VALUES (1, 2, 3); CREATE VIRTUAL TABLE s USING rtree(id, low, high);")
    assert tried.applied.root != before.root
    for script in (b"PRAGMA page_size = 512;", b"PRAGMA data_version = 1;"):
        with pytest.raises(GovernError) as caught:
            clone.try_out(script)
        assert refusal(caught) == ("CHANGE_REACHES", 1)
