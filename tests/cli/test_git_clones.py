"""What git may do to a ledger's lines on the way to another clone is found, and named."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.cli import ROOT, Programme

GIT = shutil.which("git")
CONFIG = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")


def _git(folder: Path, *words: str, check: bool = True) -> str:
    assert GIT is not None
    environment = {"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    ran = subprocess.run([GIT, *CONFIG, *words], cwd=folder, env=environment, capture_output=True, text=True, check=check)
    return ran.stdout


@pytest.fixture
def origin(website: Programme) -> Programme:
    """A programme under git, with the attributes that `init` writes."""
    _git(website.root, "init", "-q")
    _git(website.root, "add", "-A")
    _git(website.root, "commit", "-q", "-m", "begun")
    return website


def _clone(origin: Programme, name: str, *words: str) -> Programme:
    clone = origin.root.parent / name
    _git(origin.root.parent, *words, "clone", "-q", str(origin.root), str(clone))
    return Programme(clone)


def test_line_ends_are_left_alone_by_the_attributes_that_init_writes(origin: Programme) -> None:
    clone = _clone(origin, "clone", "-c", "core.autocrlf=true")

    assert b"\r" not in clone.ledger.read_bytes()
    clone.does("verify")


def test_a_clone_with_other_line_ends_is_named_as_one(origin: Programme) -> None:
    (origin.root / ".gitattributes").unlink()
    _git(origin.root, "commit", "-qam", "without attributes")
    clone = _clone(origin, "clone", "-c", "core.autocrlf=true")
    assert b"\r\n" in clone.ledger.read_bytes()

    ran = clone.refuses("verify", status=5)

    assert ran.codes == ["TAMPER"]
    assert "it ends in CR LF" in ran.err
    assert "-text" in ran.err


@pytest.mark.parametrize("attributes", ["merge=union", "merge=text"])
def test_two_histories_that_git_merged_line_by_line_are_found(attributes: str, origin: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (origin.root / ".gitattributes").write_text(f"governance/ledger/* {attributes}\n")
    _git(origin.root, "commit", "-qam", "other attributes")
    clone = _clone(origin, "clone")
    for programme, words in ((origin, "here"), (clone, "there")):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / words))
        programme.does("note", f"said {words}", "--as", "builder")
        _git(programme.root, "commit", "-qam", words)
    _git(clone.root, "fetch", "-q")
    _git(clone.root, "merge", "-q", "origin/main", check=False)

    ran = clone.refuses("verify", status=5)

    assert ran.codes[0] in (("TAMPER",) if attributes == "merge=text" else ("SEQ", "CHAIN_BROKEN"))
    assert "governance/ledger/000000.jsonl:" in ran.err


def test_with_the_attributes_that_init_writes_git_mixes_nothing(origin: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clone = _clone(origin, "clone")
    for programme, words in ((origin, "here"), (clone, "there")):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / words))
        programme.does("note", f"said {words}", "--as", "builder")
        _git(programme.root, "commit", "-qam", words)
    _git(clone.root, "fetch", "-q")
    _git(clone.root, "merge", "-q", "origin/main", check=False)

    clone.does("verify")
    told = clone.does("ledger", "rebase", "origin/main")

    assert "1 record of others, then 1 of 1 of mine" in told.out
    clone.does("verify")
    assert [each["body"] for each in clone.asks("log", "-n", "2")["records"]] == [{"text": "said here"}, {"text": "said there"}]


def test_this_repository_and_what_init_writes_have_the_same_attributes() -> None:
    assert (ROOT / ".gitattributes").read_text() == (ROOT / "src" / "govern" / "scaffold" / "gitattributes").read_text()
