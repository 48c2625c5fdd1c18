"""What `--out` writes is new: no file is overwritten, no link is followed, and no place with rules of its own is written to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from govern.problems import Exit
from support.cli import Programme, copy_fix7, run_words

Command: TypeAlias = Callable[[str], tuple[str, ...]]

TOY = ("--source", "governance/rehearsal/toy.sql", "--engine", "sqlite", "--change", "birth")
SURROGATE = ("--schema", "governance/rehearsal/surrogate.yaml", "--rows", "3", "--seed", "1")
GENERATED = "governance/rehearsal/surrogate.sql"


def rehearse(out: str) -> tuple[str, ...]:
    return "rehearse", *TOY, "--out", out


def dry_run(out: str) -> tuple[str, ...]:
    return "rehearse", *TOY, "--read-only", "--out", out


def intake(out: str) -> tuple[str, ...]:
    return "intake", "governance/rehearsal/toy.sql", "--engine", "sqlite", "--provenance", "toy", "--out", out


def surrogate(out: str) -> tuple[str, ...]:
    return "surrogate", *SURROGATE, "--out", out


COMMANDS: list[Command] = [rehearse, dry_run, intake]


def refusal(programme: Programme, words: tuple[str, ...]) -> str:
    ran = programme.refuses(*words, status=Exit.REFUSED)
    assert ran.codes == ["OUT_TAKEN"]
    assert "nothing was written" in ran.err
    return ran.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "out", ["governance/ledger", "governance/ledger/new", "governance/policy", "templates", "templates/new", ".git", ".git/hooks", "x/../governance/policy"]
)
def test_places_with_rules_of_their_own_take_no_evidence(command: Command, out: str, fix7: Programme) -> None:
    assert "a place with rules of its own" in refusal(fix7, command(out))


@pytest.mark.parametrize(
    "out", ["states.yaml", "governance/ledger/000000.jsonl", "governance/ledger/000001.jsonl", "governance/policy/x", "templates/x.j2", ".git/config"]
)
def test_generated_data_replaces_neither_the_policy_nor_the_ledger(out: str, fix7: Programme) -> None:
    assert "a place with rules of its own" in refusal(fix7, surrogate(out))


def test_a_place_is_known_by_its_whole_path_too(fix7: Programme) -> None:
    refusal(fix7, rehearse(str(fix7.root / "governance" / "ledger")))
    refusal(fix7, surrogate(str(fix7.policy)))
    words = run_words(
        "-C", str(fix7.root / "governance" / "rehearsal"), "surrogate", "--schema", "surrogate.yaml", *SURROGATE[2:], "--out", "../../states.yaml"
    )
    assert words.codes == ["OUT_TAKEN"]


@pytest.mark.parametrize(("command", "name"), [(rehearse, "evidence.json"), (dry_run, "apply.sql"), (intake, "provenance.txt")])
@pytest.mark.parametrize("links", [os.symlink, os.link])
def test_no_link_in_the_place_of_a_file_is_written_through(command: Command, name: str, links: Callable[[Path, Path], None], fix7: Programme) -> None:
    (fix7.root / "victim").write_text("precious", encoding="utf-8")
    (fix7.root / "o1").mkdir()
    links(fix7.root / "victim", fix7.root / "o1" / name)
    assert f"`o1/{name}` is there already" in refusal(fix7, command("o1"))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("out", ["link", "link/new", "link/../new"])
@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_no_link_leads_to_the_place(command: Command, out: str, target: str, fix7: Programme, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (fix7.root / "link").symlink_to(tmp_path / target)
    assert "is a link, or a link is on the way to it" in refusal(fix7, command(out))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("out", ["sealed", "sealed/below"])
def test_a_seal_is_not_broken(command: Command, out: str, fix7: Programme) -> None:
    (fix7.root / "sealed").mkdir()
    (fix7.root / "sealed" / "MANIFEST.json").write_text("{}", encoding="utf-8")
    assert "would break the seal of" in refusal(fix7, command(out))
    assert "would break the seal of" in refusal(fix7, surrogate(f"{out}/made.sql"))


def test_the_scripts_that_are_rehearsed_are_not_swapped(fix7: Programme) -> None:
    (fix7.root / "o2").mkdir()
    for name in ("apply", "revert"):
        (fix7.root / "o2" / f"{name}.sql").write_text(f"SELECT '{name}';", encoding="utf-8")
    words = ("rehearse", *TOY[:4], "--change", "o2/revert.sql", "--revert", "o2/apply.sql", "--out", "o2")
    assert "`o2/apply.sql` is there already" in refusal(fix7, words)


def test_a_second_run_takes_a_new_folder_and_other_files_do_no_harm(fix7: Programme) -> None:
    (fix7.root / "run").mkdir()
    (fix7.root / "run" / "notes.txt").write_text("mine", encoding="utf-8")
    fix7.does(*rehearse("run"))
    assert "`run/evidence.json` is there already" in refusal(fix7, rehearse("run"))
    assert (fix7.root / "run" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_what_is_no_folder_takes_no_files(fix7: Programme) -> None:
    for out in ("README", "README/new"):
        (fix7.root / "README").write_text("text", encoding="utf-8")
        assert fix7.refuses(*rehearse(out), status=Exit.USAGE).codes == ["FILE_IO"]


def test_generated_data_is_generated_again_over_itself_and_over_nothing_else(fix7: Programme) -> None:
    fix7.does(*surrogate(GENERATED))
    first = (fix7.root / GENERATED).read_bytes()
    other = fix7.root / "other-name.sql"
    other.hardlink_to(fix7.root / GENERATED)
    fix7.does("surrogate", *SURROGATE[:-1], "2", "--out", GENERATED)
    assert (fix7.root / GENERATED).read_bytes() != first == other.read_bytes()
    assert "is nothing that was generated with this label" in refusal(fix7, surrogate("governance/rehearsal/toy.sql"))
    (fix7.root / "folder").mkdir()
    refusal(fix7, surrogate("folder"))
    (fix7.root / "link.sql").symlink_to(fix7.root / GENERATED)
    assert "is a link" in refusal(fix7, surrogate("link.sql"))


def test_nothing_is_left_of_data_whose_generation_fails(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    for out in ("new.sql", GENERATED):
        assert fix7.refuses(*surrogate(out), status=Exit.USAGE).codes == ["FILE_IO"]


def test_outside_of_the_programme_too_no_file_is_overwritten_and_no_link_followed(tmp_path: Path) -> None:
    programme = copy_fix7(tmp_path / "programme")
    victim = tmp_path / "outside" / "evidence.json"
    victim.parent.mkdir()
    victim.write_text("precious", encoding="utf-8")
    (tmp_path / "link").symlink_to(victim.parent)
    for out in (victim.parent, tmp_path / "link", Path("../outside")):
        refusal(programme, rehearse(str(out)))
    assert victim.read_text(encoding="utf-8") == "precious"
    programme.does(*rehearse(str(tmp_path / "outside" / "deep" / "new")))
    assert sorted(each.name for each in (tmp_path / "outside" / "deep" / "new").iterdir()) == ["apply.sql", "evidence.json", "revert.sql"]
