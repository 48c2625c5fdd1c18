"""`ledger rebase`: after a lost push, my records go behind the others', each judged anew where it then stands."""

import json
import os
import shutil
from pathlib import Path

import pytest

from support.cli import HANDOFF, Programme, key_of

LEG = "FIX7-P0-PROD-CI-SCOPE-1/gate"


def _clone(programme: Programme, root: Path) -> Programme:
    shutil.copytree(programme.root, root)
    return Programme(root)


def _segments(programme: Programme) -> str:
    return str(programme.ledger.parent)


def test_what_was_signed_on_a_common_head_goes_on_with_its_signature(signed: Programme, tmp_path: Path) -> None:
    others = _clone(signed, tmp_path / "others")
    owner = key_of("owner")
    before = signed.records()
    signed.confirms("decide", HANDOFF, "--as", "owner", *owner)
    mine = signed.ledger.read_bytes().splitlines()[-1]
    elsewhere = _recorded_elsewhere(others, tmp_path, "note", "seen by others", "--as", "engineering")

    ran = signed.does("ledger", "rebase", _segments(others))

    assert "1 record of others, then 1 of 1 of mine" in ran.out
    lines = signed.ledger.read_bytes().splitlines()
    assert lines[: before + 1] == elsewhere
    assert lines[before + 1].split(b'"stmt":')[1] == mine.split(b'"stmt":')[1]
    signed.does("verify")
    assert signed.asks("status")["packets"][-1]["selected"] == HANDOFF


def test_a_record_that_is_refused_behind_the_others_stops_it_and_changes_nothing(signed: Programme, tmp_path: Path) -> None:
    others = _clone(signed, tmp_path / "others")
    owner = key_of("owner")
    signed.confirms("decide", HANDOFF, "--as", "owner", *owner)
    _recorded_elsewhere(others, tmp_path, "refuse", HANDOFF, "--reason", "not now", "--as", "owner", *owner)

    ran = signed.refuses("ledger", "rebase", _segments(others))

    assert ran.codes == ["STALE"]
    assert "--leave-out" in ran.err
    left = signed.does("ledger", "rebase", _segments(others), "--leave-out")
    assert "1 left out" in left.out
    [kept] = (signed.root / "governance" / "ledger-aside").iterdir()
    assert HANDOFF.encode() in kept.read_bytes()
    signed.does("verify")
    assert HANDOFF in signed.asks("log", "-n", "1")["records"][0]["body"]["option"]


def test_what_names_a_record_of_mine_by_its_number_is_signed_again(signed: Programme, tmp_path: Path) -> None:
    others = _clone(signed, tmp_path / "others")
    owner = key_of("owner")
    signed.confirms("grant", "record", "PRODUCTION_DRYRUN", "--as", "owner", *owner)
    seq = signed.records() - 1
    signed.does("grant", "revoke", f"PRODUCTION_DRYRUN#{seq}", "--reason", "too early", "--as", "owner", *owner)
    _recorded_elsewhere(others, tmp_path, "note", "seen by others", "--as", "engineering")

    missing = signed.refuses("ledger", "rebase", _segments(others))
    assert missing.codes == ["SIG_MISSING"]
    signed.does("ledger", "rebase", _segments(others), *owner)

    last = signed.asks("log", "-n", "1")["records"][0]
    assert (last["kind"], last["body"]["record"], last["standing"]) == ("revoke", seq + 1, "signed")
    signed.does("verify")


def test_another_ledger_is_not_rebased_onto(signed: Programme, website: Programme) -> None:
    assert signed.refuses("ledger", "rebase", _segments(website), status=5).codes == ["LEDGER_MISMATCH"]


def test_where_there_is_no_ledger_that_is_said(signed: Programme, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert signed.refuses("ledger", "rebase", str(tmp_path / "empty"), status=3).codes == ["NO_LEDGER"]
    assert signed.refuses("ledger", "rebase", "no-such-ref", status=2).codes == ["UNKNOWN_ID"]


def _recorded_elsewhere(others: Programme, tmp_path: Path, *words: str) -> list[bytes]:
    """Record on another machine, which was told the same pin and has seen nothing else; return the lines."""
    with pytest.MonkeyPatch.context() as patch:
        pins = [json.loads(file.read_bytes())["pin"] for file in Path(os.environ["XDG_STATE_HOME"]).rglob("*.json")]
        patch.setenv("XDG_STATE_HOME", str(tmp_path / "their-state"))
        patch.setenv("GOVERN_PIN", ",".join(pins))
        others.does(*words)
    return others.ledger.read_bytes().splitlines()
