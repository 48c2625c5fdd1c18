"""Whatever ends us, nothing of the sandbox lives on or lies around."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from govern.rehearsal.private import private_folder
from govern.rehearsal.sandbox import Sandbox
from rehearsal.conftest import TASKS, Run

REHEARSING = """
import sys
from pathlib import Path
from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.confine import confine
from govern.rehearsal.namespaces import Namespaces

sandbox = {"bubblewrap": Bubblewrap, "namespaces": Namespaces}[sys.argv[1]]()
confine("tasks:linger", {}, inputs={}, sandbox=sandbox, modules=Path(sys.argv[2]), on_step=lambda *step: print(*step, flush=True))
"""


@contextlib.contextmanager
def _rehearsing(sandbox: Sandbox, place: Path) -> Iterator[subprocess.Popen[str]]:
    """A rehearsal in a process of its own, in the middle of its task."""
    argv = [sys.executable, "-c", REHEARSING, sandbox.name, str(TASKS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, env=os.environ | {"TMPDIR": str(place)}, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == "lingering 0 0\n"
            yield process
        finally:
            process.kill()


def _alive(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (path / "cmdline").read_text(errors="replace")
            if mark in command:
                found.append(command)
    return found


def test_children_that_were_left_behind_die_with_the_sandbox(run: Run) -> None:
    mark = uuid.uuid4().hex
    assert run("tasks:breed", {"mark": mark}) == 12
    assert _alive(mark) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, -2), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted_or_told_to_end_it_ends_the_sandbox_and_removes_the_clone(sandbox: Sandbox, place: Path, number: signal.Signals, status: int) -> None:
    with _rehearsing(sandbox, place) as process:
        assert [path.read_text() for path in place.glob("govern-clone-*/work/clone.db")] == ["a copy of the source"]
        os.killpg(process.pid, number)  # as a terminal does
        process.wait(20)
    assert process.returncode == status
    assert _alive(str(place)) == []
    assert list(place.iterdir()) == []


def test_killed_its_sandbox_dies_with_it_and_the_next_rehearsal_removes_the_clone(sandbox: Sandbox, place: Path) -> None:
    with _rehearsing(sandbox, place) as process:
        process.kill()
        process.wait(20)
    for _ in range(200):
        if not _alive(str(place)):
            break
        threading.Event().wait(0.02)
    assert _alive(str(place)) == []
    assert [path.read_text() for path in place.glob("govern-clone-*/work/clone.db")] == ["a copy of the source"]
    with private_folder() as folder:
        assert [path for path in place.glob("govern-clone-*") if path != folder] == []


def test_a_clone_in_use_is_left_alone_by_the_next_rehearsal(place: Path) -> None:
    with private_folder() as first:
        (first / "file").write_text("in use")
        with private_folder() as second:
            assert first != second
        assert (first / "file").read_text() == "in use"
    assert list(place.iterdir()) == []


def test_a_folder_of_that_name_which_is_a_link_is_left_alone(place: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").touch()
    (place / "govern-clone-x").symlink_to(tmp_path / "precious")
    with private_folder():
        pass
    assert (tmp_path / "precious/file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root could remove what is another user's")
def test_a_folder_of_another_user_is_left_alone(place: Path) -> None:
    other = place / "govern-clone-other"
    other.mkdir()
    os.chown(other, 65532, 65532)
    with private_folder():
        pass
    assert other.exists()


def test_the_folder_is_private_and_gone_after_an_error(place: Path) -> None:
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.parent == place
    with pytest.raises(LookupError), private_folder():
        raise LookupError
    assert list(place.iterdir()) == []


def test_signals_are_as_they_were_when_the_folder_is_gone(place: Path) -> None:
    def own(_number: int, _frame: object) -> None:
        return

    before = signal.signal(signal.SIGHUP, own)
    try:
        with private_folder():
            assert signal.getsignal(signal.SIGHUP) is own, "whoever has a way of ending keeps it"
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
    assert place.exists()
