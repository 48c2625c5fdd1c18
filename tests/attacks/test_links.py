"""Attacks by links that are committed to the tree: nothing is written through one, to a place outside."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from govern.problems import Exit
from support.attacks import Victim, own
from support.cli import REAL_DUMP


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file of the user's own, outside the tree."""
    path = tmp_path / "bashrc"
    path.write_text("mine\n", encoding="utf-8")
    return path


def mine(path: Path) -> bool:
    """Whether the file is as it was."""
    return path.read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(("name", "code"), [("000000.jsonl", "EVIDENCE_TYPE"), ("000001.jsonl", "SEGMENT")])
def test_row_44_a_segment_of_the_ledger_that_is_a_link_is_not_read(name: str, code: str, real: Victim, outside: Path) -> None:
    path = real.ledger.parent / name
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    real.meets(code)
    assert mine(outside)


def test_row_44_a_document_that_is_a_link_is_put_in_its_place(real: Victim, outside: Path) -> None:
    path = real.root / "governance" / "reports" / "current-state.md"
    path.unlink()
    path.symlink_to(outside)
    real.meets("DRIFT_MISSING", by=("render", "--check"), status=Exit.NO)
    real.does("render")
    assert mine(outside)
    assert not path.is_symlink()


def test_row_44_rendering_writes_through_no_link(real: Victim, outside: Path) -> None:
    (real.root / "governance" / "reports" / ".current-state.md.new").symlink_to(outside)
    real.does("note", "x", "--as", "gpt")
    real.run("render")
    assert mine(outside)


@pytest.mark.parametrize("name", ["reports", "packets"])
def test_row_44_rendering_writes_into_no_folder_behind_a_link(name: str, real: Victim, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    shutil.rmtree(real.root / "governance" / name)
    (real.root / "governance" / name).symlink_to(tmp_path / "outside")
    real.run("render")
    assert list((tmp_path / "outside").iterdir()) == []


def test_row_44_evidence_is_kept_in_no_folder_behind_a_link(real: Victim, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (real.root / "governance" / "evidence").symlink_to(tmp_path / "outside")
    name, size = real.evidence("rehearsal", "real-dump", REAL_DUMP), len(real.lines)
    ran = real.run("blocker", "discharge", REAL_DUMP, "--evidence", name, *own("operator"))
    assert (ran.status != Exit.YES, list((tmp_path / "outside").iterdir()), len(real.lines)) == (True, [], size)


def test_row_44_a_policy_is_kept_in_no_folder_behind_a_link(real: Victim, tmp_path: Path) -> None:
    kept = real.root / "governance" / "policy"
    kept.rename(tmp_path / "outside")
    kept.symlink_to(tmp_path / "outside")
    before = sorted((tmp_path / "outside").iterdir())
    real.replace("states.yaml", "id: FIX7-P0, version: 1", "id: FIX7-P0, version: 2")
    words = ("policy", "adopt", "--reason", "x", *own("owner"))
    real.meets("POLICY_MISSING", "POLICY_MISSING", by=(*words, "--dry-run"))
    assert sorted((tmp_path / "outside").iterdir()) == before


def test_row_44_a_rebase_writes_through_no_link(real: Victim, monkeypatch: pytest.MonkeyPatch, outside: Path, tmp_path: Path) -> None:
    shutil.copytree(real.root, tmp_path / "theirs")
    shutil.copytree(tmp_path / "state", tmp_path / "elsewhere")
    theirs = Victim(tmp_path / "theirs")
    with monkeypatch.context() as there:
        there.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        theirs.does("note", "theirs", "--as", "gpt")
    real.does("note", "mine", "--as", "gpt")
    (real.root / "governance" / "000000.new").symlink_to(outside)
    real.run("ledger", "rebase", str(theirs.ledger.parent))
    assert mine(outside)
    assert real.does("verify").status == Exit.YES


def test_row_44_a_torn_tail_is_kept_in_no_folder_behind_a_link(real: Victim, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (real.root / "governance" / "ledger-torn").symlink_to(tmp_path / "outside")
    real.append(b"torn")
    real.meets("EVIDENCE_TYPE", by=("ledger", "repair", *own("owner")), told="is a link, wanted a folder")
    assert list((tmp_path / "outside").iterdir()) == []


def test_row_44_a_request_is_written_through_no_link(real: Victim, tmp_path: Path) -> None:
    (tmp_path / "request.json").symlink_to(tmp_path / "bashrc")
    words = ("request", str(tmp_path / "request.json"), "note", "x", "--as", "owner")
    real.meets("FILE_IO", by=words, status=Exit.REFUSED, told="is there already")
    assert not (tmp_path / "bashrc").exists()


class WaitsError(BaseException):
    """It waits. No error of a file, which would be taken for an answer."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Interrupt what waits for longer."""

    def wake(_number: int, _frame: object) -> None:
        raise WaitsError

    before = signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", ["states.yaml", "templates/evil.md.j2", "governance/reports/current-state.md", "governance/policy"])
def test_row_44_a_link_to_what_has_no_end_is_not_waited_for(name: str, real: Victim, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = real.root / name
    for each in [path] if not path.is_dir() else sorted(path.glob("*.j2")):
        each.unlink(missing_ok=True)
        each.symlink_to(tmp_path / "pipe")
    with patience(2):
        real.run("render")
