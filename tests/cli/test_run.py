"""Carrying out an action: its grant is used up before the command starts, and never comes back."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from govern.cli import run as run_module
from govern.cli.main import run
from govern.ledger.store import FileStore
from govern.problems import Exit
from support.cli import Clock, Programme, run_words
from support.terminal import clean_environment

RUN = ("run", "real-run", "--as", "operator")


def kinds(programme: Programme) -> list[str]:
    """Return the kinds of the records behind the decision."""
    records = programme.asks("log")["records"]
    return [each["kind"] for each in records[[each["kind"] for each in records].index("decide", 30) + 1 :]]


def state_of(programme: Programme) -> str:
    """Return the state of the one grant that a run uses up."""
    return str(programme.asks("show", "REAL_RUN")["standing"]).partition(" ")[2]


def test_the_grant_is_used_up_before_the_command_starts_and_the_end_is_recorded_behind_it(executing: Programme, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    ran = executing.run(*RUN, "--", "sh", "-c", f"tail -n 1 {executing.ledger} > {seen}; exit 7")
    assert ran.status == 7
    assert '"kind":"begin"' in seen.read_text()
    assert kinds(executing) == ["begin", "end"]
    assert executing.asks("log")["records"][-1]["body"]["status"] == 7
    assert state_of(executing) == "completed"


def test_a_grant_that_was_used_is_never_used_again(executing: Programme, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    executing.does(*RUN, "--", "true")
    refused = executing.refuses(*RUN, "--", "touch", str(mark))
    assert "consumed" in refused.err
    assert not mark.exists()


def test_of_two_at_once_one_runs(executing: Programme, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    environment = clean_environment(tmp_path / "home", XDG_STATE_HOME=os.environ.get("XDG_STATE_HOME", str(tmp_path / "state")))
    words = [sys.executable, "-m", "govern", "-C", str(executing.root), *RUN, "--", "sh", "-c", f"echo ran >> {marks}"]
    both = [subprocess.Popen(words, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    told = sorted((process.communicate(timeout=120)[1], process.returncode) for process in both)
    assert sorted(status for _text, status in told) == [0, Exit.REFUSED]
    assert marks.read_text() == "ran\n"
    assert kinds(executing) == ["begin", "end"]


@pytest.mark.parametrize(("command", "status"), [(("no-such-program-anywhere",), 127), (("/",), 126), (("sh", "-c", "kill -TERM $$"), 143)])
def test_the_status_is_the_command_s_as_a_shell_tells_it(command: tuple[str, ...], status: int, executing: Programme) -> None:
    ran = executing.run(*RUN, "--", *command)
    assert ran.status == status
    assert ("it was not started" in ran.err) == (status in (126, 127))
    assert executing.asks("log")["records"][-1]["body"]["status"] == status


def test_signals_reach_the_command_once_and_its_end_is_recorded_all_the_same(executing: Programme, tmp_path: Path) -> None:
    got = tmp_path / "got"
    script = f"trap 'echo TERM >> {got}; exit 9' TERM; trap 'echo USR1 >> {got}' USR1; echo ready > {got}; while :; do sleep 0.05; done"
    environment = clean_environment(tmp_path / "home")
    process = subprocess.Popen([sys.executable, "-m", "govern", "-C", str(executing.root), *RUN, "--", "sh", "-c", script], env=environment)
    for wanted, sent in (("ready\n", signal.SIGUSR1), ("ready\nUSR1\n", signal.SIGTERM)):
        _until(partial(_holds, got, wanted))
        process.send_signal(sent)
    assert process.wait(60) == 9
    assert got.read_text() == "ready\nUSR1\nTERM\n"
    assert executing.asks("log")["records"][-1]["body"]["status"] == 9


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.02)


LOOK = "grep -E '^Sig(Blk|Ign)' /proc/self/status; cat"


def _signals(line: str) -> int | str:
    """Return the signals below 32 that a line names; of another line, the line."""
    return int(line.split()[1], 16) & 0x7FFFFFFF if line.startswith("Sig") else line


def test_what_the_command_inherits_is_what_a_shell_would_give_it(executing: Programme) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "govern", "-C", str(executing.root), *RUN, "--", "sh", "-c", LOOK],
        input="typed", capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    plain = subprocess.run(["sh", "-c", LOOK], input="typed", capture_output=True, text=True, check=True)
    # The C library keeps two signals above the 31 of POSIX to itself.
    assert [_signals(line) for line in ran.stdout.split("\n")] == [_signals(line) for line in plain.stdout.split("\n")]
    assert ran.stdout.endswith("\ntyped")


KILLED_AT = {
    "before the grant is used up": (FileStore, "append", False),
    "after the grant is used up": (FileStore, "append", True),
    "before the command starts": (run_module, "_carried_out", False),
    "after the command ended": (run_module, "_carried_out", True),
    "before the end is recorded": (run_module, "_end", False),
    "after the end is recorded": (run_module, "_end", True),
}


@pytest.mark.parametrize("point", KILLED_AT)
def test_killed_at_any_step_a_grant_whose_command_may_have_run_is_used(point: str, executing: Programme, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    owner, name, after = KILLED_AT[point]
    pid = os.fork()
    if pid == 0:
        inner = getattr(owner, name)

        def killed(*words: object, **named: object) -> object:
            found = inner(*words, **named) if after else None
            os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(owner, name, killed)
        os._exit(run(["-C", str(executing.root), *RUN, "--", "touch", str(mark)]))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL

    begun = "begin" in kinds(executing)
    assert begun == (point != "before the grant is used up")
    assert begun or not mark.exists()
    assert mark.exists() == point.startswith(("after the command", "before the end", "after the end"))
    again = executing.run(*RUN, "--", "touch", str(tmp_path / "again"))
    assert again.status == (Exit.REFUSED if begun else Exit.YES)
    assert (tmp_path / "again").exists() == (not begun)
    if begun and "the end" not in point.removeprefix("before"):
        assert state_of(executing) == "consumed"
        assert "UNKNOWN: begun, and its end is not on record" in "".join(_state_lines(executing))


def _state_lines(programme: Programme) -> list[str]:
    programme.does("render")
    return [line for line in (programme.root / "governance/reports/current-state.md").read_text().splitlines() if line.startswith("| `real-run`")]


def test_a_run_of_which_nobody_knows_the_end_blocks_until_an_owner_settles_it(executing: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "_end", lambda *_words: None)
        executing.run(*RUN, "--", "true")
    begun = executing.records() - 1
    executing.does("grant", "lose", f"#{begun}", "--reason", "the machine went away", "--as", "operator")
    assert state_of(executing) == "used-unknown"
    executing.refuses(*RUN, "--", "true")
    executing.refuses("grant", "resolve", f"#{begun}", "--reason", "it ended", "--as", "operator")
    executing.does("grant", "resolve", f"#{begun}", "--reason", "it ended", "--as", "owner")
    executing.refuses(*RUN, "--", "true")


def test_an_end_that_cannot_be_recorded_is_told_and_the_status_is_still_the_command_s(executing: Programme) -> None:
    ran = executing.run(*RUN, "--", "sh", "-c", f"mv {executing.policy} {executing.policy}.away; exit 3")
    assert ran.status == 3
    assert ran.codes == ["NO_POLICY", "END_UNRECORDED"]
    assert "govern grant lose" in ran.err


def test_a_grant_that_was_revoked_between_the_gate_s_answer_and_the_act_is_refused(executing: Programme) -> None:
    token = executing.asks("gate", "real-run")["token"]
    executing.does("grant", "revoke", "REAL_RUN", "--reason", "no more", "--as", "owner")
    refused = executing.refuses(*RUN, "--token", token, "--", "true")
    assert refused.codes == ["STALE"]
    assert "revoked" in executing.refuses(*RUN, "--", "true").err


def test_a_token_is_good_for_its_action_until_it_expires(executing: Programme, clock: Clock) -> None:
    token = executing.asks("gate", "real-run")["token"]
    assert executing.refuses("run", "cutover", "--as", "operator", "--token", token, "--", "true").codes == ["STALE"]
    assert executing.refuses(*RUN, "--token", "gate-1.x.y", "--", "true", status=2).codes == ["USAGE"]
    clock.set("2026-07-01T09:05:00Z")
    assert executing.refuses(*RUN, "--token", token, "--", "true").codes == ["EXPIRED"]
    clock.set("2026-07-01T09:04:59Z")
    executing.does(*RUN, "--token", token, "--", "true")


def test_the_instance_that_is_named_is_the_one_that_is_used_up(executing: Programme) -> None:
    second = executing.confirms("grant", "record", "REAL_RUN", "--as", "owner").seqs[0]
    assert executing.refuses(*RUN, "--grant", "nothing", "--", "true", status=2).codes == ["UNKNOWN_ID"]
    executing.does(*RUN, "--grant", f"#{second}", "--", "true")
    first, other = executing.asks("show", "REAL_RUN")["standing"].split(", ")
    assert first.endswith(" recorded")
    assert other == f"REAL_RUN#{second} completed"
    executing.does(*RUN, "--", "true")


def test_an_action_without_a_grant_of_its_own_is_carried_out_and_one_that_has_none_yet_is_not(executing: Programme, tmp_path: Path) -> None:
    executing.does("run", "production-mutation", "--as", "operator", "--", "true")
    assert executing.refuses("run", "ci-trigger", "--as", "operator", "--", "touch", str(tmp_path / "x")).status == Exit.REFUSED
    assert executing.refuses("run", "real-rum", "--as", "operator", "--", "true", status=2).codes == ["UNKNOWN_ID"]
    assert executing.refuses("run", "real-run", "--", "true", status=2).codes == ["NO_ACTOR"]
    assert not (tmp_path / "x").exists()


def test_with_json_the_one_object_is_alone_on_stdout(executing: Programme, capfd: pytest.CaptureFixture[str]) -> None:
    ran = run_words("-C", str(executing.root), "--json", *RUN, "--", "sh", "-c", "echo printed; exit 5")
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "printed\n")
    assert ran.status == ran.answer["exit"] == 5
    assert ran.answer["result"] == {"action": "real-run", "begun": executing.records() - 2, "ended": executing.records() - 1, "status": 5}
