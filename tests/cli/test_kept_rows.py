"""Rows of the board that were kept are believed only where nothing that they rest on has moved, and say what is judged anew."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govern.cli.caches import keep, kept
from govern.cli.memory import folder as memory
from govern.snapshot import pack, place_of, unpack
from support.cli import Clock, Programme, copy_executing, copy_fix7, run_words, start
from support.disturbed import begin_to_replace, change_evidence, cut, edit_policy, flip, grow, link, lose_evidence, stray, tear

PLANTED = "A title that nobody declared"
_ROW = 7


def told(programme: Programme, *words: str) -> Any:
    """Return what the board says of a programme: its row, its status and its problems."""
    ran = run_words("board", str(programme.root), "--json", *words)
    [found] = ran.answer["result"]["programmes"]
    return found


def plant(programme: Programme) -> None:
    """Put another title into the row that was kept: whoever shows it has believed what was kept."""
    fields = kept("board", str(programme.root))
    assert fields is not None, "a row was kept"
    row = json.loads(fields[_ROW])
    fields[_ROW] = json.dumps({**row, "title": PLANTED})
    keep("board", str(programme.root), fields)


def is_planted(programme: Programme, *words: str) -> bool:
    """Whether the board shows what was planted."""
    row = told(programme, *words)["row"]
    return row is not None and row["title"] == PLANTED


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    """A programme in which an action has all that it asks for, with a row that was kept and can be told from one that is judged."""
    made = copy_executing(tmp_path / "programme")
    told(made)
    plant(made)
    assert is_planted(made)
    return made


def _edit_template(programme: Programme) -> None:
    path = min((programme.root / "templates").iterdir())
    path.write_bytes(path.read_bytes() + b" ")


def _add_template(programme: Programme) -> None:
    (programme.root / "templates" / "more.md.j2").touch()


def _lose_kept_policies(programme: Programme) -> None:
    shutil.rmtree(programme.root / "governance" / "policy")


def _flip_first(programme: Programme) -> None:
    flip(programme, 60)


def _edit_page(programme: Programme) -> None:
    [path] = (programme.root / "governance" / "reports").glob("*-checkpoint-*.md")
    path.write_text("nothing", encoding="utf-8")


def _lose_page(programme: Programme) -> None:
    [path] = (programme.root / "governance" / "reports").glob("*-checkpoint-*.md")
    path.unlink()


def _see_more_elsewhere(programme: Programme) -> None:
    other = Programme(programme.root.parent / "other")
    shutil.copytree(programme.root, other.root)
    other.does("note", "more", "--as", "owner")


def _forget_all(programme: Programme) -> None:
    del programme
    shutil.rmtree(memory())


def _hold_another_ledger(programme: Programme) -> None:
    del programme
    for path in (memory() / "places").iterdir():
        path.write_text("0" * 64, encoding="utf-8")


MOVES = [
    edit_policy, _edit_template, _add_template, _lose_kept_policies, grow, cut, flip, _flip_first, tear, stray, link, begin_to_replace,
    lose_evidence, change_evidence, _edit_page, _lose_page, _see_more_elsewhere, _forget_all, _hold_another_ledger,
]  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_whatever_moved_a_row_is_judged_anew(move: Callable[[Programme], None], programme: Programme) -> None:
    move(programme)
    assert not is_planted(programme)


def test_nothing_is_believed_where_it_is_not_wanted_or_about_another_moment(programme: Programme) -> None:
    assert not is_planted(programme, "--full")
    assert not is_planted(programme, "--as-of", "2026-07-01T09:00:00Z")
    assert is_planted(programme)


def test_in_full_nothing_is_left_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = start(tmp_path / "site")
    site.replace("states.yaml", "version: 1", "version: 2")
    site.replace("states.yaml", "issuer: editor", "issuer: lead")
    site.confirms("policy", "adopt", "--reason", "The editor left.", "--accept-weakening", "--as", "lead")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    words = ("board", str(site.root), "--json", "--as", "lead")
    found = run_words(*words, "--full")
    assert not (tmp_path / "empty").exists()
    assert run_words(*words).answer == found.answer == run_words(*words).answer
    assert sorted({path.name.partition("-")[0] for path in (tmp_path / "empty" / "govern").iterdir()}) == ["board", "loosened", "policy"]


def test_a_pin_in_the_environment_and_checkpoints_that_are_brought_are_part_of_what_it_rests_on(
    programme: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "head").write_text(programme.does("checkpoint").out, encoding="utf-8")
    assert not is_planted(programme, "--checkpoints", str(tmp_path / "kept"))
    plant(programme)
    assert is_planted(programme, "--checkpoints", str(tmp_path / "kept"))
    assert not is_planted(programme)
    plant(programme)
    monkeypatch.setenv("GOVERN_PIN", "0" * 64)
    assert not is_planted(programme)


def test_a_window_that_opens_or_closes_ends_a_row(programme: Programme, clock: Clock) -> None:
    programme.does("grant", "revoke", "REAL_RUN", "--reason", "again", "--as", "owner")
    programme.confirms("grant", "record", "REAL_RUN", "--expires", "2026-07-01T10:00:00Z", "--as", "owner")
    for moment, believed in (("2026-07-01T09:59:59Z", True), ("2026-07-01T10:00:00Z", False)):
        clock.set("2026-07-01T09:30:00Z")
        told(programme, "--as", "owner")
        plant(programme)
        clock.set(moment)
        assert is_planted(programme, "--as", "owner") is believed
    clock.set("2026-07-01T10:30:00Z")
    assert told(programme, "--as", "owner")["row"]["waits"] != []
    plant(programme)
    clock.set("2026-07-01T09:30:00Z")
    assert not is_planted(programme)


def test_what_waits_is_found_out_for_the_first_person_who_asks_and_kept_for_the_next(programme: Programme) -> None:
    waits = told(programme, "--as", "owner")["row"]["waits"]
    assert waits
    plant(programme)
    assert is_planted(programme, "--as", "operator")
    assert is_planted(programme)
    assert told(programme, "--as", "owner")["row"]["waits"] == waits


def test_a_row_of_another_program_of_another_folder_or_that_is_not_whole_is_not_read(programme: Programme) -> None:
    place = Path(place_of(str(programme.root), "board"))
    content = place.read_bytes()
    other = copy_executing(programme.root.parent / "again")
    shutil.copy(place, place_of(str(other.root), "board"))
    assert not is_planted(other)
    place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert not is_planted(programme)
    place.write_bytes(content)
    assert is_planted(programme)
    place.write_bytes(pack(["another program", *unpack(content)[1:]]))
    assert not is_planted(programme)


@pytest.mark.parametrize("spoil", [lambda place: place.chmod(0o644), lambda place: os.link(place, f"{place}-twin"), lambda place: place.rename(f"{place}-x")])
def test_a_file_that_others_can_read_or_name_is_not_believed(spoil: Callable[[Path], None], programme: Programme) -> None:
    spoil(Path(place_of(str(programme.root), "board")))
    assert not is_planted(programme)


def test_where_nothing_can_be_kept_the_board_says_the_same(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(programme, "--full")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert told(programme) == found
    assert kept("board", str(programme.root)) is None


@pytest.mark.parametrize("move", [tear, lose_evidence, stray])
def test_what_is_not_in_order_is_never_kept(move: Callable[[Programme], None], tmp_path: Path) -> None:
    made = copy_executing(tmp_path / "programme")
    move(made)
    first = told(made)
    assert kept("board", str(made.root)) is None
    assert told(made) == first


def _request(programme: Programme) -> None:
    programme.run("grant", "request", "QT001", "--reason", "again", "--as", "operator")


def _decide(programme: Programme) -> None:
    programme.confirms("decide", "2", "--as", "owner") if programme.records() == 25 else grow(programme)


def _restore(programme: Programme) -> None:
    shutil.rmtree(programme.root)
    shutil.copytree(programme.root.parent / "pristine", programme.root)


def _later(programme: Programme) -> None:
    programme.run("mark", f"M{programme.records()}", "--as", "gpt")


@pytest.mark.parametrize("seed", range(4))
def test_after_any_moves_a_kept_row_and_one_that_is_judged_anew_are_the_same(seed: int, tmp_path: Path, clock: Clock) -> None:
    chance, made = random.Random(seed), copy_fix7(tmp_path / "programme")
    shutil.copytree(made.root, tmp_path / "pristine")
    moves = [_request, _decide, _later, grow, _restore, _edit_page, tear, _flip_first, _edit_template, _forget_all, _lose_kept_policies]
    for _ in range(6):
        move = chance.choice(moves)
        try:
            move(made)
        except (ValueError, AssertionError, OSError):
            _restore(made)
        clock.seconds += chance.choice((0, 60, 86_400))
        for words in ((), ("--as", "owner")):
            kept_, judged = [run_words("board", str(made.root), "--json", *words, *full) for full in ((), ("--full",))]
            assert (kept_.status, kept_.answer) == (judged.status, judged.answer), (seed, move.__name__)
