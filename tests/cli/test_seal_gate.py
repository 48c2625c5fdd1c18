"""`govern seal --check`: the gate of seal against bytes over a whole programme, in this process and as a CI step runs it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.cli.codes import CODES
from govern.cli.options import Options
from govern.cli.sealed import MAX_SHOWN, recorded_files
from govern.cli.session import Session
from govern.evidence.manifest import MANIFEST
from govern.problems import Exit
from support.cli import ROOT, Programme, run_words
from support.git import commit, git
from support.sealed import LEG, PARTS, SAMPLE, Ended, public_copy, seal_sample, write_parts
from support.terminal import clean_environment

GATE = ROOT / "src" / "govern" / "evidence" / "adoption" / "gate.sh"
GIT = shutil.which("git")


@pytest.fixture
def sealed(website: Programme) -> Programme:
    """A programme with a seal on record, and another one that is not."""
    seal_sample(website, "--leg", LEG)
    website.does("blocker", "discharge", LEG, "--evidence", f"{SAMPLE}/MANIFEST.json", "--as", "builder")
    write_parts(website.root / "governance" / "evidence" / "other", {"a": b"a\r\n"})
    website.does("seal", "governance/evidence/other")
    return website


def kept(programme: Programme) -> Path:
    """Return the copy of the manifest that the record binds."""
    [path] = (programme.root / "governance" / "evidence").glob("*.json")
    return path


def test_a_person_reads_at_once_that_all_is_as_sealed(sealed: Programme) -> None:
    before = sealed.tree()
    ran = sealed.does("seal", "--check")
    record = sealed.records() - 1
    lines = ran.out.splitlines()
    assert lines[0] == "2 seals, 15 files: each byte as sealed"
    assert lines[1].startswith("  governance/evidence/other: as sealed, manifest ")
    assert lines[2].endswith(f", record #{record}")
    policies = len(list((sealed.root / "governance" / "policy").iterdir()))
    assert lines[3] == f"  1 file that records bind, {policies} files of adopted policies and templates"
    assert (ran.err, sealed.tree()) == ("", before)


def test_what_differs_is_named_and_the_answer_is_no(sealed: Programme) -> None:
    (sealed.root / SAMPLE / "one.txt").write_bytes(b"onE\n")
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert ran.out.startswith("2 seals, 15 files: not as sealed\n")
    assert f"  {SAMPLE}: 1 fault, record #" in ran.out
    assert ran.err.startswith(f"{SAMPLE}/one.txt:1:1: error EVIDENCE_DIGEST: was changed: sealed as 2c8b08da5ce60398 (4 bytes), found ")


def test_the_whole_answer_is_one_object(sealed: Programme) -> None:
    (sealed.root / SAMPLE / "two.txt").unlink()
    answer = sealed.refuses("seal", "--check", "--json", status=Exit.NO).answer
    assert (answer["schema"], answer["exit"], answer["result"]["result"]) == ("govern.seal/1", 1, "MISMATCH")
    [other, sample] = answer["result"]["seals"]
    assert (other["of"], other["files"], other["recorded"], other["findings"]) == ("other", 5, None, [])
    [finding] = sample["findings"]
    assert (finding["code"], finding["path"], len(finding["sealed"]), finding["found"]) == ("EVIDENCE_SET", "two.txt", 64, "")
    assert [each["code"] for each in answer["diagnostics"]] == ["EVIDENCE_SET"]


def test_nothing_sealed_is_not_a_pass(website: Programme) -> None:
    ran = website.refuses("seal", "--check", status=Exit.UNJUDGED)
    assert (ran.codes, ran.out.split("\n")[0]) == (["NO_SEAL"], "nothing is sealed, so nothing was compared: not a pass")
    assert website.refuses("seal", "--check", "templates", status=Exit.UNJUDGED).codes == ["NO_SEAL"]
    assert website.refuses("seal", "--check", "nothing", status=Exit.UNJUDGED).codes == ["UNKNOWN", "NO_SEAL"]


def test_a_folder_is_checked_without_a_programme(sealed: Programme, tmp_path: Path) -> None:
    shutil.copytree(sealed.root / SAMPLE, tmp_path / "elsewhere" / "packet")
    ran = run_words("-C", str(tmp_path / "elsewhere"), "seal", "--check", "packet")
    assert (ran.status, ran.out.splitlines()[0]) == (0, "1 seal, 9 files: each byte as sealed")
    (tmp_path / "elsewhere" / "packet" / "more").touch()
    assert run_words("-C", str(tmp_path / "elsewhere"), "seal", "--check", ".").status == Exit.NO
    assert run_words("-C", str(tmp_path / "elsewhere"), "seal", "--check").status == Exit.UNJUDGED


def test_a_seal_within_a_seal_is_compared_in_both(sealed: Programme) -> None:
    outer = sealed.root / "governance" / "evidence" / "outer"
    shutil.copytree(sealed.root / SAMPLE, outer / "inner")
    sealed.does("seal", "governance/evidence/outer")
    assert sealed.does("seal", "--check").out.startswith("4 seals, 38 files: ")
    (outer / "inner" / "one.txt").write_bytes(b"")
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert ran.codes == ["EVIDENCE_DIGEST"], "one file is one fault"
    assert ran.out.count(": 1 fault") == 2


def test_a_folder_that_was_changed_and_sealed_anew_is_not_the_one_on_record(sealed: Programme) -> None:
    for name in ("commands.sh", "RERUN.sh", "SHA256SUMS", "EXPECTED.txt", MANIFEST):
        (sealed.root / SAMPLE / name).unlink()
    write_parts(sealed.root / SAMPLE, {"one.txt": b"else\n"})
    sealed.does("seal", SAMPLE, "--leg", LEG)
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert ran.codes == ["SEAL_BROKEN"]
    assert "the seal of page-comparison on record #" in ran.err
    assert f"; {SAMPLE}" not in ran.out
    assert f"and {SAMPLE}/MANIFEST.json has " in ran.err


def test_a_sealed_folder_that_is_gone_is_missed_where_a_record_binds_it(sealed: Programme) -> None:
    shutil.rmtree(sealed.root / SAMPLE)
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert (ran.codes, "and no folder carries it" in ran.err) == (["SEAL_BROKEN"], True)


def test_a_sealed_folder_that_moved_is_still_the_one_on_record(sealed: Programme) -> None:
    (sealed.root / SAMPLE).rename(sealed.root / "governance" / "moved")
    sealed.does("seal", "--check")


def _swap(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"page", b"Page"))


def _unlink(path: Path) -> None:
    path.unlink()


def _link(path: Path) -> None:
    path.symlink_to(path.rename(path.parents[3] / "aside"))


def _second(path: Path) -> None:
    (path.parents[3] / "second").hardlink_to(path)


@pytest.mark.parametrize(
    ("made", "codes"), [(_swap, ["EVIDENCE_DIGEST"]), (_unlink, ["EVIDENCE_SET"]), (_link, ["EVIDENCE_TYPE", "EVIDENCE_TYPE"]), (_second, ["EVIDENCE_TYPE"])]
)
def test_a_file_that_a_record_binds_is_compared(made: Callable[[Path], None], codes: list[str], sealed: Programme) -> None:
    made(kept(sealed))
    assert sealed.refuses("seal", "--check", status=Exit.NO).codes == codes


def test_evidence_that_was_taken_back_is_still_compared(sealed: Programme) -> None:
    sealed.does("blocker", "reopen", LEG, "--reason", "not enough", "--as", "builder")
    _swap(kept(sealed))
    assert sealed.refuses("seal", "--check", status=Exit.NO).codes == ["EVIDENCE_DIGEST"]


def test_a_link_outside_of_every_seal_is_named_because_a_seal_behind_it_would_not_be_seen(sealed: Programme, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (sealed.root / "governance" / "more").symlink_to(tmp_path / "outside")
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert (ran.codes, ran.err.split(":")[0]) == (["EVIDENCE_TYPE"], "governance/more")


def test_a_manifest_whose_name_was_changed_in_case_is_not_overlooked(sealed: Programme) -> None:
    (sealed.root / "governance" / "evidence" / "other" / MANIFEST).rename(sealed.root / "governance" / "evidence" / "other" / "Manifest.json")
    ran = sealed.refuses("seal", "--check", status=Exit.NO)
    assert ran.codes == ["EVIDENCE_SET"]
    assert "governance/evidence/other: 1 fault" in ran.out


def test_a_file_of_another_tool_that_is_called_a_manifest_is_a_part_like_any_other(sealed: Programme) -> None:
    write_parts(sealed.root / "governance" / "evidence" / "site", {"web/manifest.json": b'{"name": "x"}\n'})
    sealed.does("seal", "governance/evidence/site")
    assert sealed.does("seal", "--check").out.startswith("3 seals, 21 files: each byte as sealed")


def test_an_adopted_policy_with_other_bytes_breaks_integrity_which_outranks_a_fault(sealed: Programme) -> None:
    (sealed.root / SAMPLE / "one.txt").write_bytes(b"")
    for path in (sealed.root / "governance" / "policy").glob("*.j2"):
        path.write_bytes(path.read_bytes() + b"\n")
    ran = sealed.refuses("seal", "--check", status=Exit.BROKEN)
    assert set(ran.codes) == {"EVIDENCE_DIGEST", "POLICY_DIGEST"}
    assert "adopted as " in ran.err


def test_a_broken_ledger_is_told_beside_every_fault_of_a_seal(sealed: Programme) -> None:
    (sealed.root / SAMPLE / "one.txt").write_bytes(b"")
    lines = sealed.ledger.read_bytes()
    sealed.ledger.write_bytes(lines.replace(b"page-comparison", b"page-comparisons", 1))
    ran = sealed.refuses("seal", "--check", status=Exit.BROKEN)
    assert ran.codes[0] == "EVIDENCE_DIGEST"
    assert len(ran.codes) > 1


def test_a_fault_outranks_what_is_not_known(sealed: Programme) -> None:
    deep = "/".join(["d"] * 80)
    (sealed.root / "governance" / deep).mkdir(parents=True)
    unknown = sealed.refuses("seal", "--check", status=Exit.UNJUDGED)
    assert (unknown.codes, unknown.out.split("\n")[0]) == (["UNKNOWN"], "2 seals, 15 files: UNKNOWN, something could not be read or judged: not a pass")
    (sealed.root / SAMPLE / "one.txt").write_bytes(b"")
    assert sorted(sealed.refuses("seal", "--check", status=Exit.NO).codes) == ["EVIDENCE_DIGEST", "UNKNOWN"]


def test_of_very_many_faults_some_are_shown_and_all_are_in_the_object(sealed: Programme) -> None:
    write_parts(sealed.root / SAMPLE, {f"more/{number}": b"" for number in range(MAX_SHOWN + 5)})
    assert "5 more faults" in sealed.refuses("seal", "--check", status=Exit.NO).err
    answer = sealed.refuses("seal", "--check", "--json", status=Exit.NO).answer
    assert len(answer["diagnostics"]) == MAX_SHOWN + 1
    assert [len(each["findings"]) for each in answer["result"]["seals"]] == [0, MAX_SHOWN + 5]


def test_the_files_of_a_seal_on_record_are_known_by_name_and_digest(sealed: Programme) -> None:
    session = Session(Options(directory=sealed.root))
    found = recorded_files(sealed.root, session.replay.state)
    assert found.keys() == {f"{SAMPLE}/{name}" for name in (*PARTS, "EXPECTED.txt", "RERUN.sh", "SHA256SUMS", "commands.sh")}
    assert found[f"{SAMPLE}/one.txt"].startswith("2c8b08da5ce60398")


_AS_NOBODY = """\
import os, sys
from govern.cli.main import run
os.environ["XDG_STATE_HOME"] = os.environ["XDG_CACHE_HOME"] = os.environ["NOWHERE"]
run(sys.argv[1:])  # What it imports may lie where only root looks: it is read now.
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print("---", flush=True)
print("---", file=sys.stderr, flush=True)
sys.exit(run(sys.argv[1:]))
"""


def as_nobody(root: Path, *words: str) -> Ended:
    """Run a command on a folder as a user who is not root."""
    nowhere = root.parent / "nowhere"
    nowhere.write_bytes(b"")  # Nothing can be kept below a file.
    line = [sys.executable, "-c", _AS_NOBODY, "-C", str(root), *words]
    done = subprocess.run(line, env={**os.environ, "NOWHERE": str(nowhere)}, capture_output=True, text=True, check=False, timeout=60)
    return Ended(done.returncode, done.stdout.partition("---\n")[2].splitlines(), done.stderr.partition("---\n")[2])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (f"{SAMPLE}/one.txt", Exit.UNJUDGED),
        (f"{SAMPLE}/logs", Exit.UNJUDGED),
        (f"{SAMPLE}/{MANIFEST}", Exit.UNJUDGED),
        ("governance/evidence/*.json", Exit.UNJUDGED),
        ("governance/evidence", Exit.UNJUDGED),
        ("governance/policy/*.j2", Exit.BROKEN),
    ],
)
def test_what_may_not_be_read_is_unknown_which_is_a_result_of_its_own(name: str, status: Exit, sealed: Programme) -> None:
    with public_copy(sealed.root) as root:
        assert as_nobody(root, "seal", "--check").status == Exit.YES
        path = next(root.glob(name))
        path.chmod(0)
        ended = as_nobody(root, "seal", "--check")
        path.chmod(0o755)
    [first, *_more] = [line for line in ended.err.splitlines() if "error UNKNOWN: could not be read: Permission denied" in line]
    assert first.startswith(path.relative_to(root).as_posix())
    assert ended.status == status


# As a CI step runs it: a clean clone, an empty home, a process.


@pytest.fixture
def origin(sealed: Programme) -> Programme:
    """The same, under git, with the attributes that `init` writes."""
    commit(sealed.root)
    return sealed


def clone(origin: Programme, *words: str) -> Path:
    """Return a fresh clone."""
    made = origin.root.parent / "clone"
    git(origin.root.parent, *words, "clone", "-q", str(origin.root), str(made))
    return made


def step(folder: Path) -> Ended:
    """Run the step in a checkout, with an empty home and the installed govern."""
    environment = clean_environment(folder.parent / "runner", GOVERN=str(Path(sys.executable).parent / "govern"))
    del environment["PYTHONPATH"]
    done = subprocess.run(["sh", str(GATE)], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return Ended(done.returncode, done.stdout.splitlines(), done.stderr)


def test_the_step_passes_on_a_clean_clone_and_leaves_it_clean(origin: Programme) -> None:
    folder = clone(origin)
    ended = step(folder)
    assert (ended.status, ended.lines[0]) == (Exit.YES, "2 seals, 15 files: each byte as sealed")
    assert git(folder, "status", "--porcelain") == ""


def test_the_step_fails_where_a_byte_differs(origin: Programme) -> None:
    folder = clone(origin)
    (folder / SAMPLE / "logs" / "three.txt").write_bytes(b"3\n")
    ended = step(folder)
    assert (ended.status, "error EVIDENCE_DIGEST" in ended.err) == (Exit.NO, True)


def test_the_step_is_unknown_where_nothing_is_sealed(website: Programme) -> None:
    assert step(website.root).status == Exit.UNJUDGED


def test_the_step_is_unknown_where_govern_cannot_be_installed(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    environment = {**clean_environment(tmp_path / "runner"), "PIP_NO_INDEX": "1"}
    done = subprocess.run(["sh", str(GATE)], cwd=tmp_path / "checkout", env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (Exit.UNJUDGED, "")
    assert "requirements.lock" in done.stderr


def test_a_clone_that_converts_line_ends_is_as_sealed_with_the_attributes_that_init_writes(origin: Programme) -> None:
    folder = clone(origin, "-c", "core.autocrlf=true", "-c", "core.eol=crlf")
    assert b"\r" in (folder / "states.yaml").read_bytes()
    (folder / "states.yaml").write_bytes((folder / "states.yaml").read_bytes().replace(b"\r\n", b"\n"))
    assert step(folder).status == Exit.YES


@pytest.mark.parametrize("config", [("core.autocrlf=true",), ("core.eol=crlf", "core.autocrlf=input")])
def test_converted_line_ends_are_said_to_be_and_are_refused(config: tuple[str, ...], origin: Programme) -> None:
    (origin.root / ".gitattributes").write_text(
        "governance/evidence/sample/** text eol=crlf\ngovernance/** -text\ngovernance/evidence/sample/** text eol=crlf\n"
    )
    git(origin.root, "commit", "-qam", "other attributes")
    folder = clone(origin, *(word for each in config for word in ("-c", each)))
    ended = step(folder)
    assert ended.status == Exit.NO
    faults = [line for line in ended.err.splitlines() if ": error " in line]
    assert len(faults) == 10
    assert [each for each in faults if "it matches after LF: its line ends were converted, and it is refused all the same" not in each] == faults[-1:]
    assert "the seal of page-comparison on record #" in faults[-1]


def test_every_code_of_the_gate_is_explained() -> None:
    assert {"EVIDENCE_DIGEST", "EVIDENCE_SET", "EVIDENCE_TYPE", "SEAL_BROKEN", "SEAL_NAME", "NO_SEAL", "UNKNOWN", "POLICY_DIGEST"} <= CODES.keys()
    assert json.dumps(sorted(CODES)) == json.dumps(list(CODES))
