"""Work in a process of its own: what it found or was refused comes back, and it ends with whoever began it."""

import os
import time
from pathlib import Path
from typing import Never

import pytest

from govern.canonical import Json
from govern.problems import Exit, GovernError, Place, fault
from govern.rehearsal.beside import Answers, beside, beside_in_turn


def test_an_answer_comes_back_from_another_process_whatever_its_size() -> None:
    with beside(lambda: {"process": os.getpid(), "long": "x" * 1_000_000}) as answer:
        found = answer()
    assert found["process"] != os.getpid()
    assert found["long"] == "x" * 1_000_000


def test_a_refusal_comes_back_whole() -> None:
    error = fault(Exit.UNJUDGED, "CHANGE_FAILED", "the script failed", place=Place("apply", 3, 1), help="see there")

    def refuse() -> Never:
        raise error

    with beside(refuse) as answer, pytest.raises(GovernError, match="apply:3:1: the script failed; see there") as raised:
        answer()
    assert (raised.value.status, raised.value.problems) == (error.status, error.problems)


def test_a_fault_of_ours_is_told_with_its_trace() -> None:
    with beside(lambda: {"x": 1 // 0}) as answer, pytest.raises(RuntimeError, match=r"ZeroDivisionError: integer division"):
        answer()


def test_answers_come_one_after_the_other_and_a_refusal_after_those_before_it() -> None:
    def work() -> Answers:
        yield {"process": os.getpid(), "text": "two\nlines"}
        yield os.getpid()
        raise fault(Exit.UNJUDGED, "CHANGE_FAILED", "the third failed")

    with beside_in_turn(work) as answer:
        first, second = answer(), answer()
        with pytest.raises(GovernError, match="the third failed"):
            answer()
    assert first == {"process": second, "text": "two\nlines"}
    assert second != os.getpid()


def test_work_with_several_answers_goes_on_while_nobody_asks_and_is_closed_when_nobody_will(tmp_path: Path) -> None:
    begun, closed = tmp_path / "begun", tmp_path / "closed"

    def work() -> Answers:
        try:
            yield 1
            begun.touch()
            yield 2
            time.sleep(60)
        finally:
            closed.touch()

    with beside_in_turn(work) as answer:
        while not begun.exists():
            time.sleep(0.005)
        assert answer() == 1
    assert closed.exists()


def test_a_process_that_dies_gave_no_answer() -> None:
    def die() -> Json:
        os._exit(0)

    with beside(die) as answer, pytest.raises(RuntimeError, match="ended without an answer"):
        answer()


def test_work_that_nobody_waits_for_ends_in_good_order(tmp_path: Path) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"

    def work() -> Json:
        try:
            begun.write_text(str(os.getpid()), encoding="ascii")
            time.sleep(60)
        finally:
            ended.touch()
        return None

    with beside(work):
        while not (begun.exists() and begun.read_text("ascii")):
            time.sleep(0.005)
    assert ended.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text("ascii")), 0)
