import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import govern
from govern.problems import GovernError
from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.confine import confine
from govern.rehearsal.namespaces import Namespaces
from govern.rehearsal.sandbox import Sandbox, View, find_sandbox, why_not
from rehearsal.conftest import TASKS, Run

SOURCE = Path(govern.__path__[0]).parent


class Silent:
    """A program that starts, and does not run what it was given."""

    name = "silent"

    def wrap(self, _view: View, _argv: Sequence[str], _info: int) -> list[str]:
        """Return a command that does nothing, well."""
        return ["/bin/true"]


class Saying:
    """A shell in place of the sandbox."""

    name = "saying"

    def __init__(self, script: str) -> None:
        self._script = script

    def wrap(self, _view: View, _argv: Sequence[str], info: int) -> list[str]:
        """Return the command of the shell, which names no first process."""
        return ["/bin/sh", "-c", f"echo '{{}}' > /proc/self/fd/{info}; {self._script}"]


def test_bubblewrap_is_chosen_before_namespaces_of_our_own() -> None:
    expected = "bubblewrap" if Path("/usr/bin/bwrap").exists() else "namespaces"
    assert find_sandbox().name == expected


def test_a_sandbox_that_is_chosen_has_run_a_program(sandbox: Sandbox, place: Path) -> None:
    assert why_not(sandbox) == ""
    assert why_not(Silent()) == "it ended with status 0"
    assert list(place.iterdir()) == []


def test_the_next_is_tried_where_one_is_not_installed(sandbox: Sandbox) -> None:
    assert find_sandbox([Bubblewrap(Path("/nowhere/bwrap")), sandbox]) is sandbox


def test_without_a_sandbox_each_that_was_tried_is_told_with_its_reason() -> None:
    with pytest.raises(GovernError, match=r"no sandbox works on this machine \(bubblewrap: it is not installed; silent: it ended with status 0\)") as error:
        find_sandbox([Bubblewrap(Path("/nowhere/bwrap")), Silent()])
    assert int(error.value.status) == 3
    assert [problem.code for problem in error.value.problems] == ["NO_SANDBOX"]
    assert "install bubblewrap" in error.value.problems[0].help


def test_where_no_user_namespace_can_be_had_there_is_no_sandbox(run: Run) -> None:
    with pytest.raises(GovernError, match=r"no sandbox works.*namespaces: cannot unshare: No space left on device"):
        run("tasks:nest")


@pytest.mark.parametrize(
    ("script", "why"), [("exit 1", r"did not start \(status 1\)"), ("echo first >&2; echo 'no such device' >&2; exit 1", r"did not start \(no such device\)")]
)
def test_a_sandbox_that_does_not_start_says_why(place: Path, script: str, why: str) -> None:
    with pytest.raises(GovernError, match=why) as error:
        confine("tasks:answer", {}, inputs={}, sandbox=Saying(script), modules=TASKS)
    assert [problem.code for problem in error.value.problems] == ["SANDBOX_FAILED"]
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(("said", "why"), [("x", "is not JSON"), ("[]", "is not a message"), ("{}", "is not a message"), ("[" * 100_000, "is not JSON")])
def test_what_is_no_message_is_not_taken_for_one(place: Path, said: str, why: str) -> None:
    (place.parent / "said").write_text(said + "\n")
    with pytest.raises(RuntimeError, match=f"the sandbox sent what {why}"):
        confine("tasks:answer", {}, inputs={}, sandbox=Saying(f"cat '{place.parent}/said'"), modules=TASKS)
    assert list(place.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="this whole suite runs as a plain user already")
def test_a_plain_user_gets_the_same_sandbox_as_root(sandbox: Sandbox, place: Path) -> None:
    tasks = place / "tasks"
    shutil.copytree(TASKS, tasks)
    (place / "temporary").mkdir()
    for path in (place, *place.parents[:-1]):
        if path.stat().st_uid == 0 and path != Path("/tmp"):
            path.chmod(0o755)
    (place / "temporary").chmod(0o777)
    script = f"""
import sys
sys.path.insert(0, {str(SOURCE)!r})
from pathlib import Path
from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.confine import confine
from govern.rehearsal.namespaces import Namespaces
confined = confine("tasks:reveal", {{}}, inputs={{}}, sandbox={type(sandbox).__name__}(), modules=Path({str(tasks)!r}))
print(confined.isolation["sandbox"], confined.result["user"], confined.result["status"]["CapEff"])
"""
    argv = ["/usr/bin/setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "/usr/bin/python3", "-I", "-B", "-c", script]
    ran = subprocess.run(argv, env={"TMPDIR": str(place / "temporary")}, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == (f"{sandbox.name} [65534, 65534, 'nobody'] 0000000000000000\n", "")
    assert list((place / "temporary").iterdir()) == []


def test_a_user_who_may_not_dump_core_gets_a_sandbox(sandbox: Sandbox, place: Path) -> None:
    script = f"""
from pathlib import Path
from govern.rehearsal.bubblewrap import Bubblewrap
from govern.rehearsal.confine import confine
from govern.rehearsal.namespaces import Namespaces
print(confine("tasks:limits", {{}}, inputs={{}}, sandbox={type(sandbox).__name__}(), modules=Path({str(TASKS)!r})).result)
"""
    for limit, seen in (("0", "[0, 0]"), ("1", "[1, 1]"), ("unlimited", "[1, 1]")):
        argv = ["/bin/sh", "-c", f'ulimit -c {limit}; exec "$@"', "sh", sys.executable, "-c", script]
        assert subprocess.run(argv, env=os.environ | {"TMPDIR": str(place)}, capture_output=True, text=True, check=True).stdout == f"{seen}\n"


def test_elsewhere_than_on_linux_it_says_so() -> None:
    script = "import sys; sys.platform = 'darwin'; from govern.rehearsal.sandbox import find_sandbox; find_sandbox()"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.stderr.splitlines()[-1].endswith("a rehearsal is isolated by Linux namespaces, and this is darwin; run it on Linux")


def test_both_sandboxes_stand_under_the_name_that_evidence_knows() -> None:
    assert (Bubblewrap().name, Namespaces().name) == ("bubblewrap", "namespaces")
