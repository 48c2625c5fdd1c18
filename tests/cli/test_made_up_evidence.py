"""Evidence that was edited, or made up in parts, discharges nothing; each attempt is refused by the name of what gives it away."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from govern.canonical import encode
from govern.policy.load import load_policy
from govern.problems import Exit
from support.cli import REAL_DUMP, Programme

TOY_LEG = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy"
HANDED = "FIX7-P0-OPERATOR-INPUT-1/real-dump"
SCOPED = "FIX7-P0-PROD-BIRTH-SURFACE-1/scoped"


def _edit(programme: Programme, name: str, change: Callable[[dict[str, Any]], None]) -> str:
    content = json.loads((programme.root / name).read_bytes())
    change(content)
    (programme.root / "edited.json").write_text(encode(content) + "\n", encoding="utf-8")
    return "edited.json"


def _refused(programme: Programme, leg: str, file: str, actor: str, told: str) -> None:
    ran = programme.refuses("blocker", "discharge", leg, "--evidence", file, "--as", actor, status=Exit.UNJUDGED)
    assert ran.codes == ["EVIDENCE_FAILS"]
    assert told in ran.err


def test_a_toy_that_is_called_a_real_dump_proves_nothing(fix7: Programme) -> None:
    fix7.does("rehearse", "--source", "governance/rehearsal/toy.sql", "--engine", "sqlite", "--change", "birth", "--out", "toy")
    file = _edit(fix7, "toy/evidence.json", lambda found: found.update(of="real-dump", legs=[REAL_DUMP]))
    _refused(fix7, REAL_DUMP, file, "operator", "source-other: its source is declared as toy, and it is given as real-dump")
    assert fix7.run("validate", file).status == Exit.NO


@pytest.mark.parametrize(("kind", "of", "leg"), [("intake", "real-dump", HANDED), ("dry-run", "birth-surface", SCOPED)])
def test_a_line_that_only_says_what_it_is_proves_nothing(kind: str, of: str, leg: str, fix7: Programme) -> None:
    bare = {"schema": "govern.evidence/1", "kind": kind, "of": of, "legs": [leg]}
    (fix7.root / "bare.json").write_text(encode(bare) + "\n", encoding="utf-8")
    _refused(fix7, leg, "bare.json", "operator", f"field-missing: /{kind.replace('-', '_')} is missing")


@pytest.mark.parametrize(
    ("kind", "edit", "told"),
    [
        ("intake", lambda body: body["gate"].update(findings=1), "gate-finding"),
        ("intake", lambda body: body["isolation"]["canaries"][0].update(reached=True), "canary-reached"),
        ("intake", lambda body: body["programme"].update(policy=None), "policy-missing"),
        ("intake", lambda body: body["programme"].update(ledger="0" * 64), "ledger-other"),
        ("dry-run", lambda body: body["probes"][0].update(got="allowed"), "probe-failed"),
        ("dry-run", lambda body: body["probes"].pop(0), "probe-missing"),
        ("dry-run", lambda body: body["after"]["components"].update(schema="5" * 64), "root"),
        ("dry-run", lambda body: body["isolation"]["interfaces"].append("eth0"), "interface"),
    ],
)
def test_an_intake_or_a_dry_run_is_judged_by_what_it_shows(kind: str, edit: Callable[[dict[str, Any]], None], told: str, fix7: Programme) -> None:
    of, leg = ("real-dump", HANDED) if kind == "intake" else ("birth-surface", SCOPED)
    name = fix7.evidence(kind, of, leg)
    _refused(fix7, leg, _edit(fix7, name, lambda found: edit(found[kind.replace("-", "_")])), "operator", f"{told}: ")
    fix7.does("blocker", "discharge", leg, "--evidence", name, "--as", "operator")


@pytest.mark.parametrize("data", ["toy", "surrogate"])
def test_a_dry_run_on_made_up_data_discharges_nothing(data: str, fix7: Programme) -> None:
    name = fix7.evidence("dry-run", "birth-surface", SCOPED, **({"label": "GENERATED_SURROGATE_NOT_REAL_PRODUCTION_DUMP"} if data == "surrogate" else {}))
    file = _edit(fix7, name, lambda found: found["dry_run"].update(data=data))
    ran = fix7.refuses("blocker", "discharge", SCOPED, "--evidence", file, "--as", "operator")
    assert f"the dry run was on data of provenance {data}, which was made up and shows nothing of birth-surface  operator" in ran.err
    assert "govern rehearse --read-only --source FILE --provenance NAME" in ran.err


def test_a_dry_run_on_a_pinned_source_is_not_of_another_provenance(fix7: Programme) -> None:
    toy = load_policy(fix7.policy.read_bytes()).rehearsal
    assert toy is not None
    name = fix7.evidence("dry-run", "birth-surface", SCOPED)
    digests = dict.fromkeys(("sha256", "sha256_after"), toy.sources["toy"].sha256)
    file = _edit(fix7, name, lambda found: found["dry_run"]["source"].update(digests))
    _refused(fix7, SCOPED, file, "operator", "source-other: its source is declared as toy, and it is given as real-dump")


def test_a_dry_run_that_changed_something_proves_nothing(fix7: Programme) -> None:
    name = fix7.evidence("dry-run", "birth-surface", SCOPED)

    def other(found: dict[str, Any]) -> None:
        found["dry_run"]["after"] = json.loads((fix7.root / fix7.evidence("rehearsal", "toy", TOY_LEG, name="r.json")).read_bytes())["rehearsal"]["paths"][1][
            "applied"
        ]

    _refused(fix7, SCOPED, _edit(fix7, name, other), "operator", "written: the dry run changed ")


def test_evidence_that_names_no_policy_is_not_made_current_by_that(fix7: Programme) -> None:
    name = fix7.evidence("rehearsal", "toy", TOY_LEG)
    file = _edit(fix7, name, lambda found: found["rehearsal"]["programme"].update(policy=None))
    _refused(fix7, TOY_LEG, file, "engineering", "policy-missing: it was made outside a programme: it names no policy")


def test_a_run_is_one_piece_of_evidence_whatever_its_nonce_is_afterwards(fix7: Programme) -> None:
    name = fix7.evidence("rehearsal", "toy", TOY_LEG)
    fix7.does("blocker", "discharge", TOY_LEG, "--evidence", name, "--as", "engineering")
    fix7.does("blocker", "reopen", TOY_LEG, "--reason", "once more", "--as", "engineering")
    file = _edit(fix7, name, lambda found: found["rehearsal"]["run"].update(nonce="0" * 64))
    _refused(fix7, TOY_LEG, file, "engineering", "run-replayed: it is of a run that other evidence on record is of")
