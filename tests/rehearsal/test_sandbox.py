import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.problems import Exit, GovernError, Place, Problem
from govern.rehearsal.confine import Confined, confine
from rehearsal.conftest import TASKS, Run


def _refused(error: pytest.ExceptionInfo[GovernError]) -> tuple[int, list[str]]:
    return int(error.value.status), [problem.code for problem in error.value.problems]


def test_a_task_gets_its_order_and_inputs_and_its_result_comes_out(confined: Callable[..., Confined], tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("of the user")
    (tmp_path / "link").symlink_to("a file")
    steps: list[tuple[str, int, int]] = []
    found = confined("tasks:answer", {"word": "é"}, inputs={"source": tmp_path / "link"}, on_step=lambda *step: steps.append(step))
    assert found.result == {"order": "é", "inputs": {"source": "of the user"}, "cwd": "/rehearsal"}
    assert steps == [("first", 1, 2), ("second", 2, 2)]


def test_what_shows_the_isolation_is_reported(confined: Callable[..., Confined]) -> None:
    found = confined("tasks:answer", {"word": ""}).isolation
    assert set(found) == {"sandbox", "namespaces", "interfaces", "routes", "sockets", "environment", "canaries"}
    assert isinstance(found["namespaces"], dict)
    assert set(found["namespaces"]) == {"net", "user", "mnt", "ipc", "pid"}
    for name, seen in found["namespaces"].items():
        assert seen["outside"] == Path("/proc/self/ns", name).stat().st_ino != seen["inside"]
    assert (found["interfaces"], found["routes"], found["sockets"]) == (["lo"], [], [])
    assert found["environment"] == ["HOME", "LC_ALL", "PATH", "PWD", "TMPDIR"]
    assert found["canaries"] == [{"name": name, "control": True, "reached": False} for name in ("tcp", "dns", "unix", "abstract")]


@pytest.mark.parametrize("status", [Exit.NO, Exit.UNJUDGED])
def test_a_refusal_inside_is_the_same_refusal_outside(run: Run, status: Exit) -> None:
    with pytest.raises(GovernError, match=r"apply\.sql:3:4: found this; do that") as error:
        run("tasks:refuse", {"status": int(status)})
    assert error.value.status is status
    assert error.value.problems == (Problem("FIRST", "found this", Place("apply.sql", 3, 4), help="do that"), Problem("SECOND", "é ✓", severity="warning"))


def test_a_bug_inside_is_a_bug_outside_with_its_traceback(run: Run) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*in fail\n.*ZeroDivisionError: of ours"):
        run("tasks:fail")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_is_killed_is_told_by_the_signal(run: Run, number: signal.Signals) -> None:
    with pytest.raises(GovernError, match=f"killed by {number.name}") as error:
        run("tasks:kill_itself", {"signal": int(number)})
    assert _refused(error) == (3, ["SANDBOX_KILLED"])


@pytest.mark.parametrize("status", [0, 3])
def test_a_process_that_ends_without_an_answer_is_a_bug_and_its_last_words_are_harmless(run: Run, status: int) -> None:
    with pytest.raises(RuntimeError, match=f"ended with status {status} and without an answer\nlast �\\[31mwords�$"):
        run("tasks:leave", {"status": status})


def test_any_amount_may_be_said_and_only_the_end_of_it_is_kept(run: Run) -> None:
    with pytest.raises(RuntimeError, match="status 7") as error:
        run("tasks:chatter")
    assert len(str(error.value)) < 100_000


@pytest.mark.parametrize(("what", "why"), [("nan", "Out of range float"), ("object", "not JSON serializable"), ("long", "more than 67108864 bytes")])
def test_a_result_that_is_no_json_or_too_long_is_a_bug(run: Run, what: str, why: str) -> None:
    with pytest.raises(RuntimeError, match=why):
        run("tasks:give", {"what": what})


@pytest.mark.parametrize(
    "task",
    ["os:getcwd", "govern.cli.main:main", "govern.rehearsal:x", "govern.rehearsal.steps", "govern.rehearsal.a:b.c", "../tasks:answer", "tasks:answer", ""],
)
def test_only_tasks_of_the_rehearsal_are_run(task: str, place: Path) -> None:
    with pytest.raises(ValueError, match="is no task of"):
        confine(task, {}, inputs={}, modules=TASKS.parent if "tasks" in task else None)
    assert list(place.iterdir()) == []


def test_an_input_that_is_not_a_file_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)
        listener.bind("socket")
    for name in ("fifo", "socket", "tmp", "absent"):
        with pytest.raises(GovernError, match="is not a file" if name != "absent" else r"cannot be read \(No such file") as error:
            run("tasks:answer", {"word": ""}, inputs={"source": tmp_path / name})
        assert _refused(error) == ((3, ["NOT_A_FILE"]) if name != "absent" else (2, ["FILE_IO"]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read what is not its own")
def test_an_input_that_only_the_privileges_of_root_open_is_refused(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.touch(mode=0o600)
    os.chown(source, 65532, 65532)
    with pytest.raises(GovernError, match="the input `source` cannot be read in the sandbox, where nobody has root's privileges") as error:
        run("tasks:answer", {"word": ""}, inputs={"source": source})
    assert _refused(error) == (3, ["INPUT_UNREADABLE"])


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "A"])
def test_an_input_has_a_plain_name(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is no name of an input"):
        run("tasks:answer", inputs={name: tmp_path / "file"})


def test_too_little_room_is_refused_before_anything_is_done(run: Run, place: Path) -> None:
    disk = os.statvfs(place)
    run("tasks:answer", {"word": ""}, needs=1)
    with pytest.raises(GovernError, match=r"bytes free, and the rehearsal needs \d+; free some, or name another folder in TMPDIR") as error:
        run("tasks:answer", {"word": ""}, needs=disk.f_blocks * disk.f_frsize + 1)
    assert _refused(error) == (3, ["NO_SPACE"])


def test_nothing_remains_however_hard_it_is_to_remove(run: Run) -> None:
    assert run("tasks:litter") is None


def test_an_error_of_whoever_watches_the_steps_ends_the_sandbox(run: Run) -> None:
    def watch(_what: str, _done: int, _total: int) -> None:
        raise LookupError("the terminal is gone")

    with pytest.raises(LookupError, match="the terminal is gone"):
        run("tasks:linger", on_step=watch)


def test_programs_run_at_the_path_they_have_outside(run: Run, tmp_path: Path) -> None:
    program = tmp_path / "prefix/bin/program"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho ran; touch /rehearsal/ok; touch $0 2>/dev/null && echo changed\n:")
    program.chmod(0o755)
    assert run("tasks:run_program", {"program": str(program)}, programs=[tmp_path / "prefix"]) == "ran\n"


def test_a_folder_that_holds_the_home_or_all_temporary_files_is_no_folder_of_programs(run: Run, place: Path) -> None:
    for path in (Path("/"), Path.home(), place, place.parent, Path("relative")):
        with pytest.raises((ValueError, FileNotFoundError), match=r"is no folder of programs|No such file"):
            run("tasks:answer", programs=[path])


def test_a_folder_of_the_system_is_seen_already(run: Run) -> None:
    assert run("tasks:run_program", {"program": "/bin/true"}, programs=[Path("/usr/lib"), Path("/bin")]) == ""
