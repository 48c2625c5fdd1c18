"""Every exit status is reached, and told apart from every other."""

from collections.abc import Callable
from typing import NoReturn

import pytest
import typer

from govern.cli import verify
from govern.cli.codes import STATUSES
from govern.engine import machine
from govern.engine.acts import Act
from govern.engine.causes import Requirement
from govern.engine.view import View
from govern.problems import Exit
from support.cli import Programme, run_words


def raising(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that fails."""

    def fails(*_words: object, **_named: object) -> NoReturn:
        raise error

    return fails


def put_bug(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Put a fault into a command, as a mistake of ours would."""
    monkeypatch.setattr(verify, "root_of", raising(error))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("status",), Exit.YES),
        (("decide",), Exit.YES),
        (("why-blocked", "5"), Exit.YES),
        (("why-blocked", "5", "--exit-code"), Exit.NO),
        (("statsu",), Exit.USAGE),
        (("decide", "1", "--as", "owner"), Exit.USAGE),
        (("-C", "/nowhere/at/all", "status"), Exit.USAGE),
        (("packet", "--as-of", "#0"), Exit.UNJUDGED),
        (("decide", "5", "--as", "owner"), Exit.REFUSED),
        (("init",), Exit.REFUSED),
    ],
    ids=str,
)
def test_a_command_ends_with_the_status_of_its_answer(words: tuple[str, ...], status: Exit, fix7: Programme) -> None:
    assert fix7.refuses(*words, status=status).status == status


def test_check_on_a_faulty_policy_is_1_and_adopting_it_3(fix7: Programme) -> None:
    fix7.policy.write_bytes(fix7.policy.read_bytes() + b"more: 1\n")
    ran = fix7.refuses("check", status=Exit.NO)
    assert (ran.codes, ran.out) == (["POLICY_UNKNOWN_KEY"], "states.yaml: 1 error, 0 warnings\n")
    assert fix7.refuses("policy", "adopt", "--reason", "x", "--as", "owner", status=Exit.UNJUDGED).codes == ["POLICY_UNKNOWN_KEY"]


def test_drift_is_1_and_a_broken_ledger_5(fix7: Programme) -> None:
    path = fix7.root / "governance" / "reports" / "current-state.md"
    path.write_bytes(path.read_bytes() + b"\n")
    assert fix7.run("render", "--check").status == Exit.NO
    fix7.ledger.write_bytes(fix7.ledger.read_bytes()[:-2] + b"x\n")
    assert fix7.run("render", "--check").status == Exit.BROKEN


@pytest.mark.parametrize("error", [KeyError("x"), AssertionError("machine and evaluator differ"), RecursionError(), TypeError("\x1b[31m")], ids=repr)
def test_a_bug_of_ours_is_told_in_one_line_and_exits_70(error: Exception, fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bug(monkeypatch, error)
    ran = fix7.refuses("verify", status=Exit.BUG)
    assert ran.codes == ["BUG"]
    assert f"a bug in govern 0.1.0: {type(error).__name__} at test_exit_statuses.py:" in ran.err
    assert "\x1b" not in ran.err
    assert ran.out == ""
    answer = fix7.run("verify", "--json").answer
    assert (answer["exit"], answer["result"], answer["diagnostics"][0]["code"]) == (Exit.BUG, None, "BUG")


def test_where_machine_and_evaluator_differ_nothing_is_recorded(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    def differs(act: Act, view: View) -> tuple[Requirement, ...]:
        del act, view
        raise AssertionError("machine and evaluator differ")

    monkeypatch.setattr(machine, "propose", differs)
    assert fix7.refuses("note", "x", "--as", "owner", status=Exit.BUG).codes == ["BUG"]


def test_a_failure_in_telling_of_a_failure_is_a_bug_and_no_traceback(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govern.cli.recording.requirement_lines", raising(KeyError("QT001#3")))
    ran = fix7.refuses("decide", "5", "--as", "owner", status=Exit.BUG)
    assert ran.codes == ["BUG"]
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()], ids=repr)
def test_an_interrupt_is_130(error: BaseException, fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bug(monkeypatch, error)
    ran = fix7.refuses("verify", status=Exit.INTERRUPTED)
    assert ran.codes == ["INTERRUPTED"]
    assert fix7.run("verify", "--json").answer["exit"] == Exit.INTERRUPTED


def test_a_file_that_fails_is_3_and_no_bug(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bug(monkeypatch, OSError(5, "Input/output error", "some/file"))
    ran = fix7.refuses("verify", status=Exit.UNJUDGED)
    assert ran.err == "error FILE_IO: some/file: Input/output error\n"
    put_bug(monkeypatch, OSError("no more words"))
    assert fix7.run("verify").err == "error FILE_IO: no more words\n"


def test_every_status_is_explained_in_order() -> None:
    assert list(STATUSES) == list(Exit)
    shown = run_words("explain", "exit-codes").out
    assert [line.split()[0] for line in shown.rstrip("\n").split("\n")] == [str(int(status)) for status in Exit]
    assert run_words("explain", "exit").out == shown
