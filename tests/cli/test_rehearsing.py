"""`govern rehearse`: a change and its rollback on a clone, told in words and as evidence that proves its leg."""

import json
from pathlib import Path
from typing import Any

import pytest

from govern.engine.bindings import bindings_of
from govern.problems import Exit
from support.cli import Programme, Ran

TOY_LEG = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy"
TOY = ("--source", "governance/rehearsal/toy.sql", "--engine", "sqlite")


def _rehearse(programme: Programme, *words: str, status: Exit = Exit.YES) -> Ran:
    ran = programme.run("rehearse", *TOY, *words)
    assert ran.status == status, ran
    return ran


def _script(programme: Programme, name: str, text: str) -> str:
    (programme.root / name).write_text(text, encoding="utf-8")
    return name


def test_a_rehearsal_of_the_declared_change_proves_every_way_back_and_says_so_in_a_few_lines(fix7: Programme) -> None:
    out = _rehearse(fix7, "--change", "birth", "--out", "toy").out
    lines = out.split("\n")
    assert lines[0] == "proved: every way back restores everything"
    assert "  changed   schema, main.birth_registry 4 rows → 5 rows, main.executor_run no table → 1 row" in lines
    assert [line.strip().split(maxsplit=2)[2] for line in lines if line.startswith("  path")] == [
        "in a transaction, rolled back: everything as before",
        "committed, then the snapshot restored: everything as before",
        "committed, then its own revert script: everything as before",
    ]
    assert "  control   one row of table main.birth_registry was deleted: noticed" in lines
    assert "  probes    5/5 refused, control allowed" in lines
    assert "  surfaces  13/13 untouched or not requested" in lines
    assert sorted(each.name for each in (fix7.root / "toy").iterdir()) == ["apply.sql", "evidence.json", "revert.sql"]


def test_the_evidence_of_a_rehearsal_proves_its_leg_and_is_bound_to_what_it_was_made_with(fix7: Programme) -> None:
    _rehearse(fix7, "--change", "birth", "--out", "toy")
    evidence = json.loads((fix7.root / "toy" / "evidence.json").read_bytes())
    assert evidence["legs"] == [TOY_LEG]
    fix7.does("blocker", "discharge", TOY_LEG, "--evidence", "toy/evidence.json", "--as", "engineering")
    statement = json.loads(json.loads(fix7.ledger.read_bytes().splitlines()[-1])["stmt"])
    bound = bindings_of(evidence["rehearsal"])
    assert set(bound) == {"change", "source", "validator", "policy"}
    assert statement["predicate"]["body"]["evidence"].items() >= bound.items()
    assert statement["subject"][0]["digest"]["sha256"] == bound["policy"]
    held = fix7.asks("why", TOY_LEG)
    assert held["allowed"]


def test_the_same_evidence_proves_no_leg_once_a_byte_of_it_is_another(fix7: Programme) -> None:
    _rehearse(fix7, "--change", "birth", "--out", "toy")
    path = fix7.root / "toy" / "evidence.json"
    path.write_bytes(path.read_bytes().replace(b'"rows":{"main.birth_registry":5', b'"rows":{"main.birth_registry":6', 1))
    before = fix7.tree()
    ran = fix7.refuses("blocker", "discharge", TOY_LEG, "--evidence", "toy/evidence.json", "--as", "engineering", status=Exit.UNJUDGED)
    assert ran.codes == ["EVIDENCE_FAILS"]
    assert fix7.tree() == before


def test_a_way_back_that_loses_something_ends_with_1_and_names_table_column_count_and_keys(fix7: Programme) -> None:
    apply = _script(fix7, "a.sql", "UPDATE birth_registry SET weight_g = weight_g + 5;")
    revert = _script(fix7, "b.sql", "UPDATE birth_registry SET weight_g = weight_g - 4;")
    ran = _rehearse(fix7, "--change", apply, "--revert", revert, "--out", "lossy", status=Exit.NO)
    assert ran.out.startswith("differs: not every way back restores everything\n")
    assert "path 3 left behind:\n  table main.birth_registry: column weight_g differs in 3 rows (1, 2, 4)" in ran.out
    assert ran.err == ""
    before = fix7.tree()
    assert fix7.run("validate", "lossy/evidence.json").status == Exit.NO
    assert fix7.tree() == before


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("COMMIT;", "CHANGE_COMMITS"),
        ("DELETE FROM birth_registry; COMMIT; BEGIN;", "CHANGE_COMMITS"),
        ("END TRANSACTION;", "CHANGE_COMMITS"),
        ("ROLLBACK; DELETE FROM birth_registry;", "CHANGE_ROLLS_BACK"),
        ("INSERT OR ROLLBACK INTO birth_registry (id, registration_no) VALUES (1, 'x');", "CHANGE_ROLLS_BACK"),
        ("ATTACH 'other.db' AS other;", "CHANGE_REACHES"),
        ("VACUUM INTO 'other.db';", "CHANGE_FAILED"),
        ("SELECT load_extension('x');", "CHANGE_REACHES"),
        ("PRAGMA journal_mode = WAL;", "CHANGE_REACHES"),
        ("PRAGMA writable_schema = ON;", "CHANGE_REACHES"),
        ("", "CHANGE_EMPTY"),
        ("-- nothing\n/* at all */ ;", "CHANGE_EMPTY"),
        ("DELETE FROM nowhere;", "CHANGE_FAILED"),
        ("DELETE FROM birth_registry", "CHANGE_FAILED"),
        ("UPDATE birth_registry SET place = (SELECT system_issues FROM x);", "SURFACE_REACHED"),
    ],
)
def test_a_change_that_leaves_its_transaction_or_the_clone_is_refused_for_its_own_reason(script: str, code: str, fix7: Programme) -> None:
    before = fix7.tree()
    _script(fix7, "change.sql", script)
    ran = _rehearse(fix7, "--change", "change.sql", "--out", "none", status=Exit.UNJUDGED)
    assert ran.codes == [code]
    (fix7.root / "change.sql").unlink()
    assert fix7.tree() == before


def test_a_change_that_changes_nothing_proves_nothing(fix7: Programme) -> None:
    _script(fix7, "same.sql", "UPDATE birth_registry SET place = place;")
    ran = _rehearse(fix7, "--change", "same.sql", status=Exit.UNJUDGED)
    assert ran.out.startswith("void: ")
    assert "EVIDENCE_FAILS: not-mutated: path 1 changed nothing" in ran.err


def test_a_script_that_is_not_the_declared_one_is_refused(fix7: Programme) -> None:
    path = fix7.root / "governance" / "rehearsal" / "apply.sql"
    path.write_text(path.read_text(encoding="utf-8") + "-- more\n", encoding="utf-8")
    assert _rehearse(fix7, "--change", "birth", status=Exit.UNJUDGED).codes == ["CHANGE_MOVED"]


def test_data_that_is_declared_as_one_thing_is_not_rehearsed_as_another(fix7: Programme) -> None:
    assert _rehearse(fix7, "--change", "birth", "--provenance", "real-dump", status=Exit.UNJUDGED).codes == ["PROVENANCE"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--change", "nothing"), "FILE_IO"),
        (("--change", "birth", "--revert", "states.yaml"), "USAGE"),
        (("--change", "birth", "--leg", "no/leg"), "UNKNOWN_ID"),
        (("--change", "birth", "--leg", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump"), "BINDING"),
    ],
)
def test_what_is_asked_for_wrongly_is_told_and_nothing_runs(words: tuple[str, ...], code: str, fix7: Programme) -> None:
    assert _rehearse(fix7, *words, status=Exit.USAGE).codes == [code]


def test_evidence_of_another_leg_another_change_or_another_provenance_discharges_nothing(fix7: Programme) -> None:
    _script(fix7, "a.sql", "DELETE FROM birth_registry WHERE id = 1;")
    _rehearse(fix7, "--change", "birth", "--out", "toy")
    other = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump"
    assert fix7.run("blocker", "discharge", other, "--evidence", "toy/evidence.json", "--as", "operator").codes == ["BINDING"]
    _rehearse(fix7, "--change", "a.sql", "--out", "free")
    evidence = json.loads((fix7.root / "free" / "evidence.json").read_bytes())
    assert evidence["legs"] == []


def test_nothing_is_written_into_the_tree_without_out(fix7: Programme) -> None:
    before = fix7.tree()
    _rehearse(fix7, "--change", "birth")
    assert fix7.tree() == before


def test_the_evidence_names_no_path_of_this_machine_and_no_value_of_the_data(fix7: Programme) -> None:
    _rehearse(fix7, "--change", "birth", "--out", "toy")
    text = (fix7.root / "toy" / "evidence.json").read_text(encoding="utf-8")
    assert str(fix7.root) not in text
    assert "BR-2026-0001" not in text


def test_a_rehearsal_works_without_a_programme_and_binds_nothing(tmp_path: Path) -> None:
    alone = Programme(tmp_path)
    _script(alone, "s.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);")
    _script(alone, "c.sql", "DELETE FROM t;")
    result: dict[str, Any] = alone.asks("rehearse", "--source", "s.sql", "--engine", "sqlite", "--change", "c.sql")
    assert result["verdict"] == "proved"
    assert result["evidence"]["legs"] == []
    assert result["evidence"]["rehearsal"]["programme"]["policy"] is None


def test_a_read_only_dry_run_scopes_a_surface_and_shows_that_nothing_was_written(fix7: Programme) -> None:
    leg = "FIX7-P0-PROD-BIRTH-SURFACE-1/scoped"
    _script(fix7, "scope.sql", "SELECT count(*), min(birth_at) FROM birth_registry;")
    toy = fix7.root / "governance" / "rehearsal" / "toy.sql"
    (fix7.root / "handed.sql").write_text("-- As if it were handed over.\n" + toy.read_text(encoding="utf-8"), encoding="utf-8")
    words = ("rehearse", "--read-only", "--source", "handed.sql", "--engine", "sqlite", "--provenance", "real-dump", "--change", "scope.sql")
    out = fix7.does(*words, "--out", "dry").out
    assert "  data      real-dump\n" in out
    assert out.startswith("read only: nothing was written\n")
    assert "  writes    2/2 tried and refused" in out
    evidence = json.loads((fix7.root / "dry" / "evidence.json").read_bytes())
    assert (evidence["kind"], evidence["of"], evidence["legs"]) == ("dry-run", "birth-surface", [leg])
    assert evidence["dry_run"]["before"] == evidence["dry_run"]["after"]
    fix7.does("blocker", "discharge", leg, "--evidence", "dry/evidence.json", "--as", "operator")
    assert fix7.asks("why", leg)["allowed"]


def test_a_dry_run_on_made_up_data_is_a_trial_that_proves_no_leg(fix7: Programme) -> None:
    leg = "FIX7-P0-PROD-BIRTH-SURFACE-1/scoped"
    _script(fix7, "scope.sql", "SELECT 1;")
    out = _rehearse(fix7, "--read-only", "--change", "scope.sql", "--out", "dry").out
    assert "  data      toy: made up, so it shows nothing of a surface\n  legs      none asks for it\n" in out
    refused = _rehearse(fix7, "--read-only", "--change", "scope.sql", "--leg", leg, status=Exit.USAGE)
    assert (refused.codes, f"shows nothing of a surface that {leg} asks for" in refused.err) == (["BINDING"], True)


def test_a_dry_run_begins_with_nothing_that_was_kept(fix7: Programme) -> None:
    ran = fix7.run("rehearse", *TOY, "--change", "birth", "--read-only", "--cached")
    assert (ran.status, ran.err) == (Exit.USAGE, "error USAGE: a dry run always loads its source\n    help: leave --cached out\n")


def test_a_dry_run_that_writes_is_refused(fix7: Programme) -> None:
    _script(fix7, "write.sql", "DELETE FROM birth_registry;")
    assert _rehearse(fix7, "--read-only", "--change", "write.sql", status=Exit.UNJUDGED).codes == ["WRITE_REFUSED"]


def test_a_precheck_evaluates_every_precondition_of_an_action_and_exercises_none(fix7: Programme) -> None:
    before = fix7.tree()
    ran = fix7.refuses("precheck", "real-run", status=Exit.NO)
    assert ran.out.startswith("real-run: 0 of 12 preconditions hold; none was exercised\n")
    result = fix7.run("precheck", "real-run", "--json").answer["result"]
    assert len(result["preconditions"]) == 12
    assert {each["id"] for each in result["preconditions"]} >= {"grant:REAL_RUN", "lane:production-execution"}
    assert fix7.tree() == before
    assert fix7.run("precheck", "final-real-data").codes == ["UNKNOWN_ID"]


def test_a_precheck_computes_the_verdict_of_evidence_anew(fix7: Programme) -> None:
    leg = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump"
    fix7.takes_in()
    name = fix7.evidence("rehearsal", "real-dump", leg)
    fix7.does("blocker", "discharge", leg, "--evidence", name, "--as", "operator")
    [found] = fix7.run("precheck", "real-run", "--json").answer["result"]["evidence"]
    assert (found["leg"], found["passed"]) == (leg, True)
    kept = fix7.kept()
    kept.write_bytes(kept.read_bytes() + b"\n")
    [found] = fix7.run("precheck", "real-run", "--json").answer["result"]["evidence"]
    assert found["passed"] is False
    kept.unlink()
    [found] = fix7.run("precheck", "real-run", "--json").answer["result"]["evidence"]
    assert found["passed"] is None
