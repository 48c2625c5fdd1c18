"""Attacks by evidence: swapped, gone, no plain file, of another leg or of another kind."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.problems import Exit
from support.attacks import Victim, own
from support.cli import REAL_DUMP, SCOPING

GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"


def discharge(file: str) -> tuple[str, ...]:
    """Return the words by which the operator proves the rehearsal on the real dump."""
    return "blocker", "discharge", REAL_DUMP, "--evidence", file, *own("operator")


def proven(victim: Victim) -> Path:
    """Have the rehearsal on the real dump proven; return the file that is kept."""
    victim.takes_in(*own("operator"))
    victim.does(*discharge(victim.evidence("rehearsal", "real-dump", REAL_DUMP)))
    (victim.root / "evidence.json").unlink()
    return victim.kept()


def leg(victim: Victim) -> tuple[bool, str, str]:
    """Return whether the leg holds, why not, and what is told."""
    [found] = victim.asks("why-blocked", REAL_DUMP)["requirements"]
    return found["satisfied"], found["cause"], found["why"]


def test_row_43_evidence_of_which_a_byte_was_swapped_proves_nothing(real: Victim) -> None:
    kept = proven(real)
    assert leg(real)[0] is True
    content = kept.read_bytes()
    kept.write_bytes(content.replace(b"fabricated", b"Fabricated", 1))
    assert leg(real)[:2] == (False, "stale")
    assert kept.name in leg(real)[2]
    (real.root / "evidence.json").write_bytes(content)
    real.meets("EVIDENCE_DIGEST", by=discharge("evidence.json"), status=Exit.REFUSED, told=f"{kept} has other bytes than are to be kept there")
    refused = real.refuses("decide", "4", *own("owner"), "--json").answer["diagnostics"]
    assert [each["code"] for each in refused if REAL_DUMP in each["message"]] == ["STALE"]


def test_row_43_evidence_that_was_removed_or_renamed_proves_nothing(real: Victim) -> None:
    kept = proven(real)
    kept.rename(kept.with_name(f"another-{kept.name}"))
    assert leg(real)[:2] == (False, "unknown")
    assert kept.name in leg(real)[2]
    refused = real.refuses("decide", "4", *own("owner"), "--json").answer["diagnostics"]
    assert [each["code"] for each in refused if REAL_DUMP in each["message"]] == ["UNKNOWN"]


def test_row_43_a_file_that_was_put_beside_the_evidence_proves_nothing_and_a_document_is_a_stray(real: Victim) -> None:
    kept = proven(real)
    (kept.parent / "more.json").write_bytes(kept.read_bytes())
    assert leg(real)[0] is True
    (kept.parent / "verdict.md").write_text("# All is well\n", encoding="utf-8")
    real.does("render")
    ran = real.meets("DRIFT_STRAY", by=("render", "--check"), status=Exit.NO)
    assert ran.answer["diagnostics"][0]["file"] == "governance/evidence/verdict.md"


def _link(path: Path, right: Path) -> None:
    path.symlink_to(right)


def _passwords(path: Path, right: Path) -> None:
    del right
    path.symlink_to("/etc/passwd")


def _pipe(path: Path, right: Path) -> None:
    del right
    os.mkfifo(path)


def _hard_link(path: Path, right: Path) -> None:
    path.hardlink_to(right)


def _folder(path: Path, right: Path) -> None:
    del right
    path.mkdir()


@pytest.mark.parametrize("made", [_link, _passwords, _pipe, _hard_link, _folder])
def test_row_44_what_is_no_plain_file_is_no_evidence(made: Callable[[Path, Path], None], real: Victim) -> None:
    right = real.root / real.evidence("rehearsal", "real-dump", REAL_DUMP, name="right.json")
    path = real.root / "found.json"
    made(path, right)
    real.meets("EVIDENCE_TYPE", by=discharge("found.json"), status=Exit.UNJUDGED)


def test_row_44_a_device_is_no_evidence(real: Victim) -> None:
    real.meets("EVIDENCE_TYPE", by=discharge("/dev/zero"), status=Exit.UNJUDGED, told="not a plain file")


def test_row_44_evidence_in_whose_place_a_link_was_put_proves_nothing(real: Victim, tmp_path: Path) -> None:
    kept = proven(real)
    kept.rename(tmp_path / "same-bytes.json")
    kept.symlink_to(tmp_path / "same-bytes.json")
    assert leg(real)[:2] == (False, "unknown")


def test_row_44_evidence_behind_a_link_to_a_folder_is_not_what_was_kept(real: Victim, tmp_path: Path) -> None:
    kept = proven(real)
    kept.parent.rename(tmp_path / "aside")
    kept.parent.symlink_to(tmp_path / "aside")
    assert leg(real)[:2] == (False, "unknown")


@pytest.mark.parametrize("linked", ["governance/ledger", "governance"])
def test_row_44_a_ledger_behind_a_link_is_not_read(linked: str, real: Victim, tmp_path: Path) -> None:
    (real.root / linked).rename(tmp_path / "aside")
    (real.root / linked).symlink_to(tmp_path / "aside")
    real.meets("EVIDENCE_TYPE", by=("status",))


def test_row_45_evidence_of_another_blocker_is_refused(real: Victim) -> None:
    name = real.evidence("rehearsal", "real-dump", GATE, SCOPING)
    real.meets("BINDING", by=discharge(name), status=Exit.REFUSED, told=f"{real.root}/{name}: it was made for {GATE}, {SCOPING}, not for {REAL_DUMP}")


@pytest.mark.parametrize(("kind", "of"), [("rehearsal", "surrogate"), ("intake", "real-dump"), ("dry-run", "birth-surface")])
def test_row_45_evidence_of_another_kind_or_change_is_refused(kind: str, of: str, real: Victim) -> None:
    name = real.evidence(kind, of, REAL_DUMP)
    real.meets("SCOPE", by=discharge(name), status=Exit.REFUSED, told=f"the evidence is {kind} of {of}")


def test_row_45_evidence_that_another_actor_brings_is_refused(real: Victim) -> None:
    real.takes_in(*own("operator"))
    name = real.evidence("rehearsal", "real-dump", REAL_DUMP)
    words = ("blocker", "discharge", REAL_DUMP, "--as", "gpt", "--evidence", name)
    real.meets("UNAUTHORISED", by=words, status=Exit.REFUSED)
