"""The board and the sweep over all ledgers of a database, without any of their folders."""

from pathlib import Path
from typing import Any

import pytest

from govern.problems import Exit
from support.cli import Programme, copy_fix7, run_words
from support.databases import Database, move_in
from support.faults import HOSPITAL


@pytest.fixture
def filled(fix7: Programme, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with two programmes, asked from a folder that is none."""
    move_in(fix7)
    hospital = tmp_path / "hospital"
    hospital.mkdir()
    (hospital / "states.yaml").write_bytes(HOSPITAL)
    assert run_words("init", str(hospital)).status == 0
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return database


def rows(*words: str, status: int = 0) -> dict[str, dict[str, Any]]:
    ran = run_words(*words, "--json")
    assert ran.status == status, ran
    return {each["name"]: each for each in ran.answer["result"]["programmes"]}


@pytest.mark.usefixtures("filled")
def test_an_auditor_sees_every_ledger_of_the_database(fix7: Programme) -> None:
    found = rows("board")

    assert sorted(found) == sorted(["FIX7-P0", *(name for name in found if name != "FIX7-P0")])
    assert len(found) == 2
    head = found["FIX7-P0"]["row"]["head"]
    assert (head["size"], head["root"]) == (25, fix7.asks("verify")["root"])
    assert {each["place"] for each in found.values()} == {"in the database, evidence as recorded"}
    told = [line for line in run_words("board").out.splitlines() if line.endswith("  in the database, evidence as recorded")]
    assert sorted(line.split()[0] for line in told) == sorted(found)
    # Kept rows say the same.
    assert rows("board") == found == rows("board", "--full")


@pytest.mark.usefixtures("filled")
def test_a_person_sees_what_waits_as_in_the_folder_of_the_programme(fix7: Programme) -> None:
    there = rows("board", "--as", "owner")["FIX7-P0"]["row"]
    here = run_words("-C", str(fix7.root), "board", str(fix7.root), "--as", "owner", "--json").answer["result"]["programmes"][0]["row"]

    assert there == here
    text = run_words("board", "--as", "owner").out
    assert "(in the database, evidence as recorded), as owner" in text
    assert "\n      govern decide " in text


@pytest.mark.usefixtures("filled")
def test_what_is_recorded_is_on_the_next_board(fix7: Programme) -> None:
    before = rows("board")["FIX7-P0"]["row"]
    fix7.does("note", "one more", "--as", "owner")

    after = rows("board")["FIX7-P0"]["row"]
    assert (before["head"]["size"], after["head"]["size"]) == (25, 26)


def test_a_ledger_that_cannot_be_judged_is_told_and_stops_no_other(filled: Database) -> None:
    filled.as_owner("UPDATE govern.record SET line = 'x' WHERE ledger = 'FIX7-P0' AND seq = 3")
    filled.close()

    found = rows("board", status=Exit.BROKEN)
    assert {name: each["status"] for name, each in found.items() if name == "FIX7-P0"} == {"FIX7-P0": 5}
    assert [each["status"] for name, each in found.items() if name != "FIX7-P0"] == [0]


def test_a_text_that_is_not_what_was_adopted_is_told(filled: Database) -> None:
    filled.as_owner("UPDATE govern.adopted SET content = 'x' || content WHERE ledger = 'FIX7-P0'")

    found = rows("board", "--full", status=Exit.BROKEN)["FIX7-P0"]
    assert {each["code"] for each in found["problems"]} == {"POLICY_MISSING"}


def test_an_older_backup_is_told_on_the_board(filled: Database, fix7: Programme) -> None:
    fix7.does("note", "one more", "--as", "owner")
    rows("board")
    filled.cut("FIX7-P0", 25)

    found = rows("board", status=Exit.BROKEN)["FIX7-P0"]
    assert [each["code"] for each in found["problems"]] == ["ROLLBACK"]


@pytest.mark.usefixtures("filled")
def test_a_sweep_goes_over_the_database(fix7: Programme) -> None:
    assert run_words("sweep").status == 0
    fix7.replace("states.yaml", "version: 1, title: FIX7 P0", "version: 2, title: FIX7 P0 again")
    fix7.confirms("policy", "adopt", "--reason", "another title", "--accept-weakening", "--as", "owner")

    ran = run_words("sweep")
    assert (ran.status, "FIX7-P0" in ran.out) == (0, True)


@pytest.mark.usefixtures("filled")
def test_folders_are_asked_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVERN_LEDGER", "files")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    other = copy_fix7(tmp_path / "programmes" / "other")

    found = rows("board", str(tmp_path / "programmes"))
    assert [each["place"] for each in found.values()] == [str(other.root)]


def test_without_the_server_the_board_is_no_answer(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    del filled
    monkeypatch.setenv("GOVERN_LEDGER", "postgresql:///ledgers?host=/nowhere&user=nobody")

    ran = run_words("board")
    assert (ran.status, ran.codes) == (3, ["LEDGER_IO"])
