"""The packet by which an owner takes the gate into CI: every case was tried when it was written, and it discharges the leg that asks for it."""

import json
import shutil
import stat
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from govern.cli import adoption, programs
from govern.evidence.manifest import MANIFEST
from govern.problems import Exit
from support.cli import ROOT, Programme, copy_fix7
from support.markdown import tables
from support.sealed import LEG, PYTHON, run_script

FOLDER = "governance/evidence/ci-gate"
GATE = "FIX7-P0-PROD-CI-SCOPE-1/gate"
PAGE = Path(__file__).with_name("seal-adoption.md")


@cache
def written() -> Path:
    """Return a programme in which the packet was written, once for all tests: to try the gate takes its time."""
    programme = copy_fix7(Path(mkdtemp(prefix="govern-tests-")) / "fix7")
    programme.does("seal", "--write-adoption", FOLDER, "--leg", GATE)
    return programme.root


@pytest.fixture
def adopted(tmp_path: Path) -> Programme:
    """A programme in which the packet was written."""
    shutil.copytree(written(), tmp_path / "adopted", symlinks=True)
    return Programme(tmp_path / "adopted")


def test_the_packet_is_sealed_and_discharges_the_leg_that_asks_for_it(adopted: Programme) -> None:
    adopted.does("seal", "--check")
    adopted.does("blocker", "discharge", GATE, "--evidence", f"{FOLDER}/{MANIFEST}", "--as", "engineering")
    assert adopted.asks("why", GATE)["allowed"] is True
    assert "record #" in adopted.does("seal", "--check").out


def test_the_gate_answered_every_case_as_it_must(adopted: Programme) -> None:
    found = json.loads((adopted.root / FOLDER / "cases.json").read_bytes())
    cases = found["cases"]
    assert found["schema"] == "govern.gate-cases/1"
    assert len(cases) > 25
    assert all((each["exit"], each["codes"]) == (each["wanted_exit"], each["wanted_codes"]) for each in cases)
    assert {each["exit"] for each in cases} == {0, 1, 3, 5}
    codes = {code for each in cases for code in each["codes"].split(" ")}
    assert codes == {"-", "EVIDENCE_DIGEST", "EVIDENCE_SET", "EVIDENCE_TYPE", "SEAL_BROKEN", "NO_SEAL", "UNKNOWN", "POLICY_DIGEST", "CHAIN_BROKEN", "NO_LEDGER"}


def test_the_page_is_what_was_agreed_on(adopted: Programme) -> None:
    assert (adopted.root / FOLDER / "README.md").read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_step_and_every_case(adopted: Programme) -> None:
    folder = adopted.root / FOLDER
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert f"```sh\n{(folder / 'gate.sh').read_text(encoding='utf-8')}```\n" in page
    [_exits, shown] = tables(page)
    cases = json.loads((folder / "cases.json").read_bytes())["cases"]
    assert shown.rows == [[each["case"], each["done"], f"{each['wanted_exit']} {each['wanted_codes']}", f"{each['exit']} {each['codes']}"] for each in cases]


def test_the_step_of_the_packet_is_the_one_that_is_tested(adopted: Programme) -> None:
    parts = ROOT / "src" / "govern" / "evidence" / "adoption"
    assert (adopted.root / FOLDER / "gate.sh").read_bytes() == (parts / "gate.sh").read_bytes()
    assert (adopted.root / FOLDER / "checks" / "cases.sh").read_bytes() == (parts / "cases.sh").read_bytes()


def test_a_stranger_repeats_what_can_be_repeated_without_govern(adopted: Programme, tmp_path: Path) -> None:
    shutil.copytree(adopted.root / FOLDER, tmp_path / "copied")
    tools = ("sh", "dirname", "find", "tail", "cat", "rm", "mktemp", "mkdir", "cp", "cmp", "sort", "env", "sha256sum", "python3")
    ended = run_script(tmp_path / "copied", "commands.sh", tools=tools, home=tmp_path)
    assert ended.lines[3:] == ["UNKNOWN script checks/cases.sh: govern is not installed here", "3 passed, 0 failed, 1 unknown", "OVERALL PASS"]
    assert run_script(tmp_path / "copied", "RERUN.sh", tools=tools, home=tmp_path).lines[-1] == "MATCH"


def test_a_folder_that_is_there_is_not_written_into(website: Programme) -> None:
    (website.root / FOLDER).mkdir(parents=True)
    assert website.refuses("seal", "--write-adoption", FOLDER).codes == ["REFUSED"]
    assert website.refuses("seal", "--write-adoption", "governance/other", "--leg", "nothing", status=Exit.USAGE).codes == ["UNKNOWN_ID"]


def test_a_gate_that_lets_everything_pass_is_not_written_down(website: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    part = adoption._part
    monkeypatch.setattr(adoption, "_part", lambda name: "exit 0\n" if name == "gate.sh" else part(name))
    ran = website.refuses("seal", "--write-adoption", FOLDER, "--leg", LEG, status=Exit.UNJUDGED)
    assert set(ran.codes) == {"NOT_EVALUATED"}
    assert len(ran.codes) > 25
    assert "a byte was changed: wanted 1 EVIDENCE_DIGEST, the gate answered 0 -" in ran.err
    assert "nothing was done" not in ran.err


def test_without_git_the_gate_cannot_be_tried(website: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    for name in ("sh", "dirname", "mktemp", "rm"):
        (tmp_path / "tools" / name).symlink_to(PYTHON if name == "python3" else str(shutil.which(name)))
    monkeypatch.setattr(programs, "_FOLDERS", str(tmp_path / "tools"))
    ran = website.refuses("seal", "--write-adoption", FOLDER, status=Exit.UNJUDGED)
    assert "the gate could not be tried: git is not installed here" in ran.err


def test_the_files_of_the_packet_are_plain_and_name_no_machine(adopted: Programme) -> None:
    for path in (adopted.root / FOLDER).rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o644
            content = path.read_text(encoding="utf-8")
            assert not any(each in content for each in ("/tmp", str(ROOT), "python3.1", str(written())))
