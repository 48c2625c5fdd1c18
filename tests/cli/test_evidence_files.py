"""Evidence files: what is not a plain file of the right form, for the right leg, proves nothing; nor what was changed since."""

import json
import os
import socket
from pathlib import Path

import pytest

from govern.cli import files
from govern.engine.bindings import bindings_of
from govern.policy.load import load_policy
from govern.problems import Exit
from support.cli import REAL_DUMP, SCOPING, Programme

GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"
DISCHARGE = ("blocker", "discharge", REAL_DUMP, "--as", "operator", "--evidence")


@pytest.fixture(name="taken")
def _taken(fix7: Programme) -> Programme:
    """The programme, with the real dump taken in."""
    fix7.takes_in()
    return fix7


def test_evidence_is_kept_by_its_digest_and_bound_by_the_record(taken: Programme) -> None:
    file = taken.evidence("rehearsal", "real-dump", REAL_DUMP)
    [seq] = taken.does(*DISCHARGE, file).seqs
    record = taken.asks("log", "-n", "1")["records"][0]
    bound = record["body"]["evidence"]
    assert bound == {
        "kind": "rehearsal",
        "of": "real-dump",
        **bindings_of(json.loads((taken.root / file).read_bytes())["rehearsal"]),
        "sha256": bound["sha256"],
        "path": f"governance/evidence/{taken.kept().name}",
    }
    assert taken.kept().read_bytes() == (taken.root / file).read_bytes()
    assert taken.kept().stem == bound["sha256"][:16]
    assert taken.asks("why", REAL_DUMP)["requirements"][0]["record"] == seq


def test_evidence_of_another_kind_is_refused(fix7: Programme) -> None:
    for kind, of in (("dry-run", "real-dump"), ("rehearsal", "toy"), ("attest", "real-dump")):
        ran = fix7.refuses(*DISCHARGE, fix7.evidence(kind, of, REAL_DUMP))
        assert f"the evidence is {kind} of {of}, and {REAL_DUMP} wants rehearsal of real-dump  operator" in ran.err
        assert "\n  scope  " in ran.err


def test_evidence_that_was_made_for_another_leg_is_refused(fix7: Programme) -> None:
    ran = fix7.refuses(*DISCHARGE, fix7.evidence("rehearsal", "real-dump", GATE, SCOPING))
    assert ran.codes == ["BINDING"]
    assert f"it was made for {GATE}, {SCOPING}, not for {REAL_DUMP}" in ran.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not the JSON of an evidence file"),
        (b"{", "not the JSON of an evidence file"),
        (b"\xff\xfe", "not the JSON of an evidence file"),
        (b'{"kind": "rehearsal", "kind": "dry-run"}', "a key stands twice"),
        (b'{"legs": [{"a": 1, "a": 2}]}', "a key stands twice"),
        (b"[" * 100_000, "not the JSON of an evidence file"),
        (b"[]", "its `schema` is not govern.evidence/1"),
        (b'{"schema": "govern.evidence/2"}', "its `schema` is not govern.evidence/1"),
        (b'{"schema": "govern.evidence/1"}', "missing or malformed: kind, of, legs"),
        (b'{"schema": "govern.evidence/1", "kind": "a b", "of": 1, "legs": []}', "missing or malformed: kind, of, legs"),
        (b'{"schema": "govern.evidence/1", "kind": "k", "of": "o", "legs": [1], "says": 5}', "missing or malformed: legs, says"),
    ],
)
def test_evidence_of_another_form_is_not_judged(content: bytes, told: str, fix7: Programme) -> None:
    (fix7.root / "found.json").write_bytes(content)
    ran = fix7.refuses(*DISCHARGE, "found.json", status=Exit.UNJUDGED)
    assert ran.codes == ["EVIDENCE_FORMAT"]
    assert told in ran.err


def test_what_is_not_a_plain_file_of_one_name_is_not_read(fix7: Programme, tmp_path: Path) -> None:
    right = fix7.root / fix7.evidence("rehearsal", "real-dump", REAL_DUMP, name="right.json")
    (fix7.root / "link.json").symlink_to(right)
    (fix7.root / "dangling.json").symlink_to(tmp_path / "nothing")
    os.mkfifo(fix7.root / "pipe.json")
    os.mkfifo(fix7.root / "pipe.yaml")
    (fix7.root / "folder.json").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(fix7.root / "socket.json"))
        names = ("link.json", "dangling.json", "pipe.json", "pipe.yaml", "folder.json", "socket.json", "nothing.json", "/dev/null")
        assert [fix7.refuses(*DISCHARGE, name, status=Exit.UNJUDGED).codes for name in names] == [["EVIDENCE_TYPE"]] * len(names)
    (fix7.root / "second-name.json").hardlink_to(right)
    assert "not a plain file with one name" in fix7.refuses(*DISCHARGE, "right.json", status=Exit.UNJUDGED).err


def test_evidence_that_is_changed_after_it_was_recorded_makes_the_leg_stale_and_locks_the_option(fix7: Programme) -> None:
    fix7.opens("5")
    file = fix7.kept()
    file.write_bytes(file.read_bytes().replace(b"rehearsal", b"Rehearsal"))
    [stale] = [each for each in fix7.asks("why-blocked", "5")["requirements"] if not each["satisfied"]]
    assert (stale["id"], stale["cause"]) == (f"leg:{REAL_DUMP}", "stale")
    assert file.name in stale["why"]
    assert f"stale  real-dump rehearsal proven: the evidence of record #{stale['record']} is of other bytes" in fix7.refuses("decide", "5", "--as", "owner").err


def test_evidence_that_is_removed_or_replaced_by_a_link_leaves_the_leg_unknown(taken: Programme) -> None:
    taken.does(*DISCHARGE, taken.evidence("rehearsal", "real-dump", REAL_DUMP))
    content = taken.kept().read_bytes()
    taken.kept().rename(taken.root / "elsewhere.json")
    [unknown] = taken.asks("why-blocked", REAL_DUMP)["requirements"]
    assert (unknown["cause"], unknown["satisfied"]) == ("unknown", False)
    (taken.root / unknown["why"].split("binds ")[1].split(",")[0]).symlink_to(taken.root / "elsewhere.json")
    assert taken.asks("why-blocked", REAL_DUMP)["requirements"][0]["cause"] == "unknown"
    assert taken.run("doctor").status == Exit.NO
    taken.kept().unlink()
    (taken.root / "governance" / "evidence" / (unknown["why"].split("evidence/")[1].split(",")[0])).write_bytes(content)
    assert taken.asks("why", REAL_DUMP)["allowed"] is True


def test_what_is_kept_is_never_overwritten(taken: Programme) -> None:
    file = taken.evidence("rehearsal", "real-dump", REAL_DUMP)
    taken.does(*DISCHARGE, file)
    kept = taken.kept()
    kept.write_bytes(b"{}")
    ran = taken.refuses(*DISCHARGE, file)
    assert ran.codes == ["EVIDENCE_DIGEST"]
    assert "move it away, and repeat the command" in ran.err
    kept.unlink()
    taken.does("blocker", "reopen", REAL_DUMP, "--reason", "the file was lost", "--as", "operator")
    taken.does(*DISCHARGE, file)
    assert taken.asks("why", REAL_DUMP)["allowed"] is True


def test_evidence_is_read_up_to_a_limit(taken: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = load_policy(taken.policy.read_bytes()).surfaces
    # Larger than the policy, which is read under the same limit.
    surfaces = [{"surface": name, "status": "untouched", "because": "x" * 3000} for name in declared]
    file = taken.evidence("rehearsal", "real-dump", REAL_DUMP, surfaces=surfaces)
    size = (taken.root / file).stat().st_size
    monkeypatch.setattr(files, "MAX_FILE", size - 1)
    assert f"larger than {size - 1} bytes" in taken.refuses(*DISCHARGE, file, status=Exit.UNJUDGED).err
    monkeypatch.setattr(files, "MAX_FILE", size)
    assert taken.does(*DISCHARGE, file).seqs == [26]


def test_evidence_is_looked_for_in_the_folder_that_is_worked_in(taken: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    file = taken.evidence("rehearsal", "real-dump", REAL_DUMP)
    assert taken.does(*DISCHARGE, file).seqs == [26]
    assert taken.refuses(*DISCHARGE, "nothing.json", status=Exit.UNJUDGED).codes == ["EVIDENCE_TYPE"]


def test_a_discharge_that_is_taken_back_opens_the_leg_and_stays_on_record(taken: Programme) -> None:
    [proven] = taken.does("blocker", "discharge", SCOPING, "--attest", "scoped", "--as", "owner").seqs
    [reopened] = taken.does("blocker", "reopen", SCOPING, "--reason", "not enough", "--as", "operator").seqs
    [found] = taken.asks("why-blocked", SCOPING)["requirements"]
    assert (found["cause"], found["record"]) == ("revoked", reopened)
    assert [record["seq"] for record in taken.asks("log", SCOPING)["records"]] == [proven, reopened]
