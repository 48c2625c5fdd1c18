"""What every engine's clone does: one suite for all of them, in SQL that each of them takes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from govern.canonical import digest
from govern.problems import GovernError
from govern.rehearsal.clone import Clone
from govern.rehearsal.sqlite.clone import open_file
from govern.rehearsal.steps import STEPS, Progress, rehearse_clone
from support.postgresql import KINDS, PLAIN, cloned

SETUP = """
CREATE TABLE people (id integer PRIMARY KEY NOT NULL, name varchar(40), weight integer);
CREATE TABLE notes (what varchar(40));
CREATE TABLE logins (area integer NOT NULL, session_token varchar(40) NOT NULL, weight integer, PRIMARY KEY (area, session_token));
CREATE INDEX people_by_name ON people (name);
INSERT INTO people VALUES (1, 'Ann', 60), (2, 'Bob', NULL), (3, 'Zoë', 71);
INSERT INTO notes VALUES ('x'), ('x'), (NULL);
INSERT INTO logins VALUES (4, 'hunter2', 1), (5, 'swordfish', 2);
"""
DUMP = f"""--
-- PostgreSQL database dump
--
-- Dumped from database version 15.1
{SETUP}
--
-- PostgreSQL database dump complete
--
"""


@pytest.fixture(scope="module", params=["sqlite", *KINDS])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    folder = tmp_path_factory.mktemp("clone")
    if request.param == "sqlite":
        connection = sqlite3.connect(folder / "source.db")
        connection.executescript(SETUP)
        connection.close()
        yield _kept(open_file(folder / "source.db", folder))
        return
    (folder / "dump.sql").write_text(DUMP, encoding="utf-8")
    folder.chmod(0o755)
    for above in folder.parents[:2]:
        above.chmod(0o755)
    with cloned(request.param, folder / "dump.sql", PLAIN) as clone:
        yield _kept(clone)


@pytest.fixture
def clone(shared: Clone) -> Iterator[Clone]:
    """A clone as it was loaded: whatever a test leaves in it is taken back."""
    yield shared
    shared.restore()


def _kept(clone: Clone) -> Clone:
    clone.state()
    clone.snapshot()
    return clone


def _table(clone: Clone, name: str) -> str:
    return f"table {'main' if clone.engine.name == 'sqlite' else 'public'}.{name}"


def test_a_state_has_a_component_for_every_table_and_counts_its_rows(clone: Clone) -> None:
    state = clone.state()
    assert {_table(clone, "people"), _table(clone, "notes"), "schema", "sequences"} <= set(state.components)
    assert {name.partition(".")[2]: count for name, count in state.rows.items()} == {"people": 3, "notes": 3, "logins": 2}


def test_the_state_as_loaded_is_what_was_read_beside_the_gate_and_the_rows_that_the_gate_read(clone: Clone) -> None:
    state = clone.state()
    [people] = (name for name in state.rows if name.endswith(".people"))
    read = json.loads(json.dumps(clone.read_beside()))
    for known in ({}, {people: [state.components[f"table {people}"], state.rows[people]]}):
        clone.know_loaded(read, known)
        assert (clone.state().components, clone.state().rows) == (state.components, state.rows)


def test_what_is_tried_out_is_seen_inside_and_gone_afterwards(clone: Clone) -> None:
    before = clone.state()
    tried = clone.try_out(b"UPDATE people SET weight = 0 WHERE id = 1; CREATE TABLE more (x integer);")
    assert tried.applied.components[_table(clone, "people")] != before.components[_table(clone, "people")]
    assert tried.applied.components["schema"] != before.components["schema"]
    assert tried.applied.components[_table(clone, "notes")] == before.components[_table(clone, "notes")]
    assert tried.after.components == before.components
    assert tried.after.rows == before.rows


def test_what_is_run_stays_until_the_snapshot_is_put_back(clone: Clone) -> None:
    before = clone.state()
    clone.run(b"DELETE FROM people WHERE id = 2;")
    assert clone.state().root != before.root
    clone.restore()
    assert clone.state().components == before.components
    assert clone.differences() == ()


def test_differences_name_table_column_count_and_keys(clone: Clone) -> None:
    clone.run(
        b"UPDATE people SET weight = 5 WHERE id > 1; DELETE FROM people WHERE id = 1; INSERT INTO people VALUES (9, 'new', 1); DELETE FROM notes WHERE what = 'x';"
    )
    people, notes = _table(clone, "people"), _table(clone, "notes")
    assert {str(each) for each in clone.differences()} == {
        f"{people}: 1 row missing (1)",
        f"{people}: 1 row added (9)",
        f"{people}: column weight differs in 2 rows (2, 3)",
        f"{notes}: 2 rows missing",
    }


def test_a_key_that_is_named_like_a_secret_is_told_by_a_part_of_its_digest_alone(clone: Clone) -> None:
    clone.run(b"DELETE FROM logins WHERE area = 4; UPDATE logins SET weight = 9; INSERT INTO logins VALUES (6, 'correct horse', 3);")
    covered = {name: f"#{digest(name.encode())[:8]}" for name in ("hunter2", "swordfish", "correct horse")}
    logins, found = _table(clone, "logins"), clone.differences()
    assert {str(each) for each in found} == {
        f"{logins}: 1 row missing (4/{covered['hunter2']})",
        f"{logins}: 1 row added (6/{covered['correct horse']})",
        f"{logins}: column weight differs in 1 row (5/{covered['swordfish']})",
    }
    assert not any(name in str(each.to_json()) for each in found for name in covered)


def test_a_definition_that_differs_is_named(clone: Clone) -> None:
    clone.run(b"DROP INDEX people_by_name;")
    [found] = clone.differences()
    assert (found.component, found.kind) == ("schema", "definition")
    assert "people_by_name" in str(found)


def test_a_sabotaged_row_is_noticed(clone: Clone) -> None:
    before = clone.state()
    assert " was " in clone.sabotage()
    assert clone.state().root != before.root
    assert len(clone.differences()) == 1


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (b"COMMIT;", "CHANGE_COMMITS"),
        (b"DELETE FROM notes; COMMIT; BEGIN;", "CHANGE_COMMITS"),
        (b"ROLLBACK;", "CHANGE_ROLLS_BACK"),
        (b"", "CHANGE_EMPTY"),
        (b"-- nothing", "CHANGE_EMPTY"),
        (b"DELETE FROM nowhere;", "CHANGE_FAILED"),
        (b"\xff;", "CHANGE_FAILED"),
    ],
)
def test_a_script_that_cannot_be_rehearsed_is_refused_for_its_own_reason(script: bytes, code: str, clone: Clone) -> None:
    with pytest.raises(GovernError) as caught:
        clone.try_out(script)
    assert [each.code for each in caught.value.problems] == [code]


def test_a_role_that_only_reads_reads_and_writes_nothing(clone: Clone) -> None:
    before = clone.state()
    clone.read_only(b"SELECT count(*) FROM people;")
    for script in (b"DELETE FROM people;", b"CREATE TABLE more (x integer);", b"DROP TABLE notes;"):
        with pytest.raises(GovernError) as caught:
            clone.read_only(script)
        assert [each.code for each in caught.value.problems] == ["WRITE_REFUSED"]
    assert clone.state().components == before.components


def test_a_whole_rehearsal_finds_what_a_way_back_forgets(clone: Clone) -> None:
    steps: list[str] = []
    progress = Progress(lambda what, _done, _total: steps.append(what), 7)
    found: Any = rehearse_clone(clone, b"DELETE FROM people WHERE id >= 2;", b"INSERT INTO people VALUES (2, 'Bob', NULL);", progress)
    first, second, third = found["paths"]
    assert first["differences"] == second["differences"] == []
    assert [each["keys"] for each in third["differences"]] == [["3"]]
    assert all(each["got"] == each["expected"] for each in found["probes"])
    assert steps == ["baseline", "paths 1 to 3", "negative control", "probes"]


def test_a_second_clone_begins_as_the_snapshot_and_neither_sees_what_the_other_does(clone: Clone) -> None:
    before = clone.state()
    clone.run(b"DELETE FROM people WHERE id = 1;")
    with closing(clone.second()) as other:
        assert other.state().components == before.components
        other.run(b"DELETE FROM notes;")
        assert [each.component for each in other.differences()] == [_table(clone, "notes")]
        assert [each.component for each in clone.differences()] == [_table(clone, "people")]
        other.restore()
        assert other.state().components == before.components
        assert not set(other.connections) & set(clone.connections)
    assert [each.component for each in clone.differences()] == [_table(clone, "people")]


def test_two_paths_at_a_time_find_what_one_after_the_other_finds(clone: Clone) -> None:
    silent = Progress(lambda _what, _done, _total: None, STEPS)
    scripts = (b"DELETE FROM people WHERE id >= 2;", b"INSERT INTO people VALUES (2, 'Bob', NULL);")
    apart: Any = rehearse_clone(clone, *scripts, silent, apart=True)
    clone.restore()
    in_turn: Any = rehearse_clone(clone, *scripts, silent)
    for found in (apart, in_turn):
        for state in (each[name] for each in found["paths"] for name in ("before", "applied", "after")):
            # Where rows are stored is not what they are.
            state.pop("stored", None)
        found["control"]["after"].pop("stored", None)
        found["paths"][0].pop("transactions")
    assert len(apart.pop("connections")) > len(in_turn.pop("connections"))
    assert apart == in_turn


def test_a_script_that_fails_in_both_paths_is_told_of_the_first(clone: Clone) -> None:
    silent = Progress(lambda _what, _done, _total: None, STEPS)
    told = []
    for apart in (True, False):
        with pytest.raises(GovernError) as raised:
            rehearse_clone(clone, b"INSERT INTO nowhere VALUES (1);", None, silent, apart=apart)
        told.append(raised.value.problems)
    assert told[0] == told[1]
    assert "nowhere" in told[0][0].message
