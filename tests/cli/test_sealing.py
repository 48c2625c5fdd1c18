"""`govern seal DIR`: what is sealed, what is refused, and that a seal discharges a leg."""

import json
import os
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from govern.evidence.manifest import MADE, MANIFEST, parse_seal
from govern.problems import Exit
from support.cli import Programme
from support.sealed import LEG, PARTS, SAMPLE, VALIDATOR, rehearsed, run_script, seal_sample, write_parts

GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"


def manifest(programme: Programme, folder: str = SAMPLE) -> Path:
    """Return the manifest of a folder."""
    return programme.root / folder / MANIFEST


def test_a_folder_is_sealed_with_all_that_it_takes_to_check_it(website: Programme, tmp_path: Path) -> None:
    ran = seal_sample(website)
    content = manifest(website).read_bytes()
    found = parse_seal(content)
    assert (found.of, found.legs) == ("sample", ())
    assert found.files.keys() == {*PARTS, *MADE} - {"validator.py"}
    assert ran.out.startswith(f"sealed {SAMPLE}: 8 files, and the manifest {sha256(content).hexdigest()}\n")
    assert run_script(manifest(website).parent, "RERUN.sh", home=tmp_path).lines[-1] == "MATCH"


def test_evidence_of_a_rehearsal_brings_its_validator_along(website: Programme, tmp_path: Path) -> None:
    seal_sample(website, parts=rehearsed())
    folder = manifest(website).parent
    assert (folder / "validator.py").read_bytes() == VALIDATOR
    assert run_script(folder, "commands.sh", "--reproducible", home=tmp_path).lines[-3:] == [
        "PASS evidence toy.json",
        "5 passed, 0 failed, 0 unknown",
        "OVERALL PASS",
    ]


def test_a_rehearsal_is_repeated_from_its_packet_alone_where_govern_is_installed(website: Programme, tmp_path: Path) -> None:
    folder = write_parts(website.root / SAMPLE, {"toy.sql": b"CREATE TABLE t(v);\nINSERT INTO t VALUES(1);\n", "apply.sql": b"INSERT INTO t VALUES(2);\n"})
    words = ("--source", f"{SAMPLE}/toy.sql", "--change", f"{SAMPLE}/apply.sql", "--provenance", "toy", "--out", f"{SAMPLE}/run")
    ran = website.run("rehearse", *words)
    if ran.codes == ["NO_SANDBOX"]:
        pytest.skip("no sandbox is to be had, so a rehearsal was NOT repeated from its packet")
    assert ran.status == Exit.YES, ran
    website.does("seal", SAMPLE)
    copied = shutil.copytree(folder, tmp_path / "stranger" / "packet")
    ended = run_script(copied, "commands.sh", home=tmp_path / "stranger", path=str(Path(sys.executable).parent))
    assert [line for line in ended.lines if not line.startswith("PASS ")] == [f"{len(ended.lines) - 2} passed, 0 failed, 0 unknown", "OVERALL PASS"]
    assert "PASS replay run/evidence.json" in ended.lines
    assert run_script(copied, "RERUN.sh", home=tmp_path / "stranger").lines[-1] == "MATCH"


def test_evidence_that_the_validator_does_not_pass_is_not_sealed(website: Programme) -> None:
    parts = rehearsed()
    write_parts(website.root / SAMPLE, parts | {"toy.json": parts["toy.json"].replace(b'"findings":0', b'"findings":1')})
    ran = website.refuses("seal", SAMPLE, status=Exit.NO)
    assert ran.codes == ["EVIDENCE_FORMAT"]
    assert ran.err.startswith(f"{SAMPLE}/toy.json:1:1: error EVIDENCE_FORMAT: the validator ends with 1: ")
    write_parts(website.root / SAMPLE, parts | {"toy.json": b'{"schema": "govern.evidence/1", "kind": "rehearsal"}'})
    assert "the validator ends with 3: " in website.refuses("seal", SAMPLE, status=Exit.UNJUDGED).err


def test_sealing_what_is_sealed_changes_nothing(website: Programme) -> None:
    seal_sample(website, "--name", "first")
    before = website.tree()
    website.does("seal", SAMPLE)
    assert website.tree() == before
    assert parse_seal(manifest(website).read_bytes()).of == "first"


def test_a_folder_that_has_another_seal_is_not_sealed_over_unless_that_is_asked_for(website: Programme) -> None:
    seal_sample(website)
    write_parts(website.root / SAMPLE, {"one.txt": b"ONE\n", "new.txt": b"new\n"})
    (website.root / SAMPLE / "two.txt").unlink()
    ran = website.refuses("seal", SAMPLE)
    assert sorted(ran.codes) == ["EVIDENCE_DIGEST", "EVIDENCE_DIGEST", "EVIDENCE_SET", "EVIDENCE_SET"]
    for told in (
        "new.txt:1:1: error EVIDENCE_SET: was added: ",
        "two.txt:1:1: error EVIDENCE_SET: was removed: ",
        "one.txt:1:1: error EVIDENCE_DIGEST: was changed: ",
    ):
        assert f"{SAMPLE}/{told}" in ran.err
    again = website.does("seal", SAMPLE, "--again")
    assert f"sealed anew: {SAMPLE}/one.txt was changed: sealed as " in again.out
    website.does("seal", "--check")


def test_a_seal_for_another_leg_is_another_seal(website: Programme) -> None:
    seal_sample(website)
    ran = website.refuses("seal", SAMPLE, "--leg", LEG)
    assert f"was of sample for no leg, would be of page-comparison for {LEG}" in ran.err
    website.does("seal", SAMPLE, "--leg", LEG, "--again")
    website.does("seal", SAMPLE)
    assert parse_seal(manifest(website).read_bytes()).legs == (LEG,)


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"schema": "govern.evidence/1"}\n'])
def test_a_manifest_that_is_none_is_not_written_over(content: bytes, website: Programme) -> None:
    write_parts(website.root / SAMPLE, {**PARTS, MANIFEST: content})
    assert website.refuses("seal", SAMPLE).codes == ["SEAL_BROKEN"]
    website.does("seal", SAMPLE, "--again")


def test_a_file_that_stands_where_sealing_writes_is_not_written_over(website: Programme) -> None:
    write_parts(website.root / SAMPLE, {**PARTS, "commands.sh": b"mine\n"})
    ran = website.refuses("seal", SAMPLE)
    assert (ran.codes, "stands where sealing writes" in ran.err) == (["EVIDENCE_SET"], True)
    write_parts(website.root / SAMPLE, {"validator.py": b"mine\n"})
    assert website.refuses("seal", SAMPLE, "--again", status=Exit.UNJUDGED).codes == ["SEAL_NAME"]


def test_a_sealing_that_was_interrupted_is_done_by_sealing_again(website: Programme) -> None:
    seal_sample(website)
    content = manifest(website).read_bytes()
    manifest(website).unlink()
    website.does("seal", SAMPLE)
    assert manifest(website).read_bytes() == content


def test_a_seal_discharges_the_leg_that_it_is_made_for(website: Programme) -> None:
    ran = seal_sample(website, "--leg", LEG)
    assert f"govern blocker discharge {LEG} --evidence {SAMPLE}/MANIFEST.json --as …" in ran.out
    website.does("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/MANIFEST.json", "--as", "builder")
    assert website.asks("why", LEG)["allowed"] is True
    [record] = [each for each in website.asks("log", "-n", "1")["records"] if each["kind"] == "discharge"]
    assert record["body"]["evidence"]["of"] == "page-comparison"
    assert record["body"]["evidence"]["sha256"] == sha256(manifest(website).read_bytes()).hexdigest()
    assert "1 file that records bind" in website.does("seal", "--check").out


def test_the_gate_leg_of_this_programme_takes_such_a_seal(fix7: Programme) -> None:
    write_parts(fix7.root / SAMPLE)
    fix7.does("seal", SAMPLE, "--leg", GATE)
    fix7.does("blocker", "discharge", GATE, "--evidence", f"{SAMPLE}/MANIFEST.json", "--as", "engineering")
    assert fix7.asks("why", GATE)["allowed"] is True


def test_a_seal_that_is_on_record_is_never_replaced(website: Programme) -> None:
    seal_sample(website, "--leg", LEG)
    [seq] = website.does("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/MANIFEST.json", "--as", "builder").seqs
    website.does("seal", SAMPLE)
    write_parts(website.root / SAMPLE, {"more.txt": b""})
    ran = website.refuses("seal", SAMPLE, "--again")
    assert f"the seal is on record #{seq}, and is not replaced" in ran.err
    website.does("blocker", "reopen", LEG, "--reason", "more was found", "--as", "builder")
    assert website.refuses("seal", SAMPLE, "--again").codes[0] == "EVIDENCE_DIGEST"


def test_a_seal_names_only_legs_that_ask_for_that_packet(website: Programme) -> None:
    write_parts(website.root / SAMPLE)
    assert website.refuses("seal", SAMPLE, "--leg", "CONTENT/compered", status=Exit.USAGE).codes == ["UNKNOWN_ID"]
    assert "ROLLBACK/rehearsed asks for rehearsal of copy" in website.refuses("seal", SAMPLE, "--leg", "ROLLBACK/rehearsed", status=Exit.USAGE).err
    assert website.refuses("seal", SAMPLE, "--leg", LEG, "--name", "other", status=Exit.USAGE).codes == ["SCOPE"]
    website.does("seal", SAMPLE, "--leg", LEG, "--name", "page-comparison")


@pytest.mark.parametrize("name", ["", "-x", "größe", "a b"])
def test_a_name_of_a_packet_is_an_id(name: str, website: Programme) -> None:
    write_parts(website.root / SAMPLE)
    assert website.refuses("seal", SAMPLE, f"--name={name}", status=Exit.USAGE).codes == ["USAGE"]


@pytest.mark.parametrize("folder", [".", "..", "/tmp", "governance", "governance/ledger", "governance/policy/x", ".git", "../website2", f"{SAMPLE}/../../.."])
def test_only_a_folder_below_the_programme_where_no_other_rules_hold_is_sealed(folder: str, website: Programme) -> None:
    assert website.refuses("seal", folder, status=Exit.USAGE).codes == ["USAGE"]


def test_a_folder_anywhere_else_below_the_programme_is_sealed_from_anywhere(website: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    write_parts(website.root / "docs" / "proof")
    website.does("seal", "docs/proof")
    website.does("seal", "--check", "docs")
    website.does("seal", str(website.root / "docs" / "proof"))
    assert website.refuses("seal", "--check", status=Exit.UNJUDGED).codes == ["NO_SEAL"]


@pytest.mark.parametrize(
    "words", [("--check", "--again"), ("--check", "--name", "x"), ("--check", "--leg", LEG), ("--check", "--write-adoption"), (), ("a", "b"), ("--again",)]
)
def test_words_that_make_no_sense_together_are_refused(words: tuple[str, ...], website: Programme) -> None:
    assert website.refuses("seal", *words, status=Exit.USAGE).codes == ["USAGE"]


def test_bytes_are_those_of_now(website: Programme) -> None:
    assert website.refuses("seal", "--check", "--as-of", "#1", status=Exit.USAGE).codes == ["AS_OF"]


def test_all_that_cannot_be_sealed_is_told_at_once(website: Programme) -> None:
    folder = write_parts(website.root / SAMPLE, {**PARTS, "A": b"", "a": b"", "con.txt": b"", "Commands.sh": b"", ".gitattributes": b"* text\n"})
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("one.txt")
    (folder / "second").hardlink_to(folder / "two.txt")
    os.mkfifo(folder / "pipe")
    ran = website.refuses("seal", SAMPLE, status=Exit.UNJUDGED)
    told = {line.partition(": error ")[0].removeprefix(f"{SAMPLE}/"): line.partition(": error ")[2] for line in ran.err.splitlines() if ": error " in line}
    assert {name.removesuffix(":1:1"): each.partition(":")[0] for name, each in told.items()} == {
        ".gitattributes": "SEAL_NAME",
        "Commands.sh": "SEAL_NAME",
        "a": "SEAL_NAME",
        "con.txt": "SEAL_NAME",
        "empty": "EVIDENCE_TYPE",
        "link": "EVIDENCE_TYPE",
        "pipe": "EVIDENCE_TYPE",
        "second": "EVIDENCE_TYPE",
        "two.txt": "EVIDENCE_TYPE",
    }


def test_a_name_that_is_no_text_is_told_and_not_taken(website: Programme) -> None:
    folder = write_parts(website.root / SAMPLE)
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff"))).write_bytes(b"")
    ran = website.refuses("seal", SAMPLE, "--json", status=Exit.UNJUDGED)
    [problem] = ran.answer["diagnostics"]
    assert (problem["code"], problem["file"]) == ("SEAL_NAME", f"{SAMPLE}/\\udcff")


def test_a_folder_with_nothing_in_it_or_behind_a_link_or_not_there_is_not_sealed(website: Programme, tmp_path: Path) -> None:
    (website.root / SAMPLE).mkdir(parents=True)
    assert website.refuses("seal", SAMPLE, status=Exit.UNJUDGED).codes == ["NO_SEAL"]
    write_parts(tmp_path / "outside")
    (website.root / "governance" / "evidence" / "link").symlink_to(tmp_path / "outside")
    assert website.refuses("seal", "governance/evidence/link", status=Exit.UNJUDGED).codes == ["EVIDENCE_TYPE"]
    assert website.refuses("seal", "governance/evidence/nothing", status=Exit.UNJUDGED).codes == ["EVIDENCE_TYPE"]
    assert sorted(each.name for each in (tmp_path / "outside").iterdir()) == ["logs", "one.txt", "two.txt"]


def test_the_answer_is_one_object_where_that_is_asked_for(website: Programme) -> None:
    write_parts(website.root / SAMPLE)
    result = website.asks("seal", SAMPLE)
    assert result == {
        "folder": SAMPLE,
        "of": "sample",
        "legs": [],
        "files": 8,
        "manifest": sha256(manifest(website).read_bytes()).hexdigest(),
        "changed": 0,
    }
    assert json.loads(manifest(website).read_bytes())["seal"]["schema"] == "govern.seal/1"
