"""What git may do to a ledger's lines on the way to another clone is found, and named."""

import pytest

from support.cli import ROOT, Programme
from support.git import commit, git


@pytest.fixture
def origin(website: Programme) -> Programme:
    """A programme under git, with the attributes that `init` writes."""
    commit(website.root)
    return website


def _clone(origin: Programme, name: str, *words: str) -> Programme:
    clone = origin.root.parent / name
    git(origin.root.parent, *words, "clone", "-q", str(origin.root), str(clone))
    return Programme(clone)


def test_line_ends_are_left_alone_by_the_attributes_that_init_writes(origin: Programme) -> None:
    clone = _clone(origin, "clone", "-c", "core.autocrlf=true")

    assert b"\r" not in clone.ledger.read_bytes()
    clone.does("verify")


def test_a_clone_with_other_line_ends_is_named_as_one(origin: Programme) -> None:
    (origin.root / ".gitattributes").unlink()
    git(origin.root, "commit", "-qam", "without attributes")
    clone = _clone(origin, "clone", "-c", "core.autocrlf=true")
    assert b"\r\n" in clone.ledger.read_bytes()

    ran = clone.refuses("verify", status=5)

    assert ran.codes == ["TAMPER"]
    assert "it ends in CR LF" in ran.err
    assert "-text" in ran.err


def _record_in_both(origin: Programme, clone: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record in two clones, each on a machine of its own, and have git merge what it can."""
    for programme, words in ((origin, "here"), (clone, "there")):
        monkeypatch.setenv("XDG_STATE_HOME", str(programme.root.parent / words))
        programme.does("note", f"said {words}", "--as", "builder")
        git(programme.root, "commit", "-qam", words)
    git(clone.root, "fetch", "-q")
    git(clone.root, "merge", "-q", "origin/main", check=False)


@pytest.mark.parametrize("attributes", ["merge=union", "merge=text"])
def test_two_histories_that_git_merged_line_by_line_are_found(attributes: str, origin: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    (origin.root / ".gitattributes").write_text(f"governance/ledger/* {attributes}\n")
    git(origin.root, "commit", "-qam", "other attributes")
    clone = _clone(origin, "clone")
    _record_in_both(origin, clone, monkeypatch)

    ran = clone.refuses("verify", status=5)

    assert ran.codes[0] in (("TAMPER",) if attributes == "merge=text" else ("SEQ", "CHAIN_BROKEN"))
    assert "governance/ledger/000000.jsonl:" in ran.err


def test_with_the_attributes_that_init_writes_git_mixes_nothing(origin: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = _clone(origin, "clone")
    _record_in_both(origin, clone, monkeypatch)

    clone.does("verify")
    told = clone.does("ledger", "rebase", "origin/main")

    assert "1 record of others, then 1 of 1 of mine" in told.out
    clone.does("verify")
    assert [each["body"] for each in clone.asks("log", "-n", "2")["records"]] == [{"text": "said here"}, {"text": "said there"}]


def test_this_repository_and_what_init_writes_have_the_same_attributes() -> None:
    assert (ROOT / ".gitattributes").read_text() == (ROOT / "src" / "govern" / "scaffold" / "gitattributes").read_text()
