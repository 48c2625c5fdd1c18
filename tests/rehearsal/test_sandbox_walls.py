"""What is tried from inside, and does not work."""

import os
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rehearsal.conftest import Run

CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
PROJECT = Path(__file__).parents[2]
SECRETS = {
    "PGHOST": "production.example",
    "PGSERVICE": "production",
    "PGPASSWORD": "hunter2",
    "DATABASE_URL": "postgres://production.example",
    "PYTHONPATH": "/somewhere",
    "SSH_AUTH_SOCK": "/somewhere/agent",
    "LD_LIBRARY_PATH": "/usr/lib",
}


@pytest.fixture
def revealed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return run("tasks:reveal")


def test_no_variable_of_the_users_is_seen(revealed: Any) -> None:
    assert revealed["environment"] == {"HOME": "/rehearsal", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PWD": "/rehearsal", "TMPDIR": "/rehearsal/tmp"}


def test_no_process_inside_still_holds_what_the_environment_was_before_it_was_cleared(revealed: Any) -> None:
    assert len(revealed["environments"]) >= 2
    for text in revealed["environments"].values():
        assert not [name for name in (*SECRETS, "USER", "HOSTNAME") if f"{name}=" in text]


def test_no_process_of_the_host_is_seen(revealed: Any) -> None:
    commands = [command for command in revealed["commands"] if command]
    assert len(commands) == 2, "the first process and ours"
    assert all("govern.rehearsal" in command for command in commands)


def test_nobody_is_inside_and_has_no_capability(revealed: Any) -> None:
    assert revealed["user"] == [65534, 65534, "nobody"]
    assert {name: int(revealed["status"][name], 16) for name in CAPABILITIES} == dict.fromkeys(CAPABILITIES, 0)
    assert (revealed["status"]["NoNewPrivs"], revealed["status"]["Seccomp"]) == ("1", "2")


def test_the_first_process_has_no_capability_either(revealed: Any) -> None:
    status = dict(line.split(":\t") for line in revealed["first"])
    assert {name: int(status[name], 16) for name in CAPABILITIES} == dict.fromkeys(CAPABILITIES, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have groups of its choice, and leave them behind")
def test_the_groups_of_root_stay_outside(run: Run) -> None:
    before = os.getgroups()
    os.setgroups([4, 42])
    try:
        assert run("tasks:reveal")["status"]["Groups"] == ""
    finally:
        os.setgroups(before)


def test_the_host_has_another_name_inside(revealed: Any) -> None:
    assert revealed["host"] == "rehearsal"


def test_only_the_work_folder_and_memory_can_be_written(revealed: Any) -> None:
    fields = [line.split() for line in revealed["mounts"]]
    writable = {each[4] for each in fields if "ro" not in each[5].split(",")} - {
        f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")
    }
    assert writable <= {"/rehearsal", "/tmp", "/dev/shm", "/dev/pts"}
    assert "/rehearsal" in writable


def test_nothing_but_the_system_python_and_the_job_is_there(revealed: Any) -> None:
    of_python = {Path(prefix).parts[1] for prefix in (sys.prefix, sys.base_prefix)}
    assert set(revealed["root"]) <= {"app", "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr", "rehearsal"} | of_python


def test_no_file_that_we_have_open_is_handed_in(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the user")
    opened = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(opened, True)
    with closing(os.fdopen(opened)):
        files = run("tasks:reveal")["files"]
    # 0 to 2, our talk with the outside, and the listing itself.
    assert [path for path in files.values() if not path.startswith(("pipe:", "/dev/null")) and path] == []
    assert len(files) == 6


def test_neither_home_nor_keys_nor_project_can_be_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "home/.ssh/id_ed25519"
    key.parent.mkdir(parents=True)
    key.write_text("a private key")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    paths = [key, key.parent, tmp_path, Path("/root/.ssh"), Path("/home"), Path("/etc/shadow"), Path("/etc/hostname"), Path("/var"), Path("/run"), Path("/sys")]
    paths += [PROJECT / "states.yaml", PROJECT / "governance", PROJECT / ".git", PROJECT / "src", Path("/proc/1/root"), Path("/proc/1/cwd")]
    found = run("tasks:look", {"paths": [str(path) for path in paths]})
    refused = ("No such file or directory", "Permission denied")
    seen = {name: listed for name, listed in found.items() if listed not in refused}
    assert set(seen) <= {"/proc/1/root", "/proc/1/cwd"}
    assert not [name for name, listed in seen.items() if "home" in listed or "var" in listed], "the first process has no other root"


def test_nothing_outside_the_work_folder_can_be_written(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("as it was")
    source.chmod(0o666)
    paths = [
        "/",
        "/app",
        "/app/govern/problems.py",
        "/bin",
        "/dev",
        "/etc",
        "/etc/passwd",
        "/in",
        "/in/source",
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/drop_caches",
    ]
    paths += ["/proc/sysrq-trigger", "/proc/self/oom_score_adj", "/usr", "/usr/bin/true", "/usr/lib", sys.executable, str(tmp_path), str(source)]
    assert run("tasks:write", {"paths": paths}, inputs={"source": source}) == []
    assert source.read_text() == "as it was"
    assert run("tasks:write", {"paths": ["/rehearsal"]}) == ["_make_folder /rehearsal", "_open_up /rehearsal"], (
        "the same attempts work where writing is allowed"
    )


def test_no_server_outside_is_reached_by_network_or_by_path(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as tcp, socket.socket(socket.AF_UNIX) as abstract:
        unix.bind(".s.PGSQL.5432")
        abstract.bind("\0decoy")
        tcp.bind(("127.0.0.1", 0))
        for listener in (unix, tcp, abstract):
            listener.listen()
        addresses = [["unix", str(tmp_path / ".s.PGSQL.5432")], ["unix", "\0decoy"], ["tcp", list(tcp.getsockname())], ["tcp", ["1.1.1.1", 443]]]
        assert run("tasks:connect", {"addresses": addresses}) == []
        for listener in (unix, tcp, abstract):
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.accept()


def test_the_kernel_refuses_namespaces_mounts_keys_and_sockets_that_no_namespace_holds(run: Run) -> None:
    found = run("tasks:call_kernel")
    assert found.pop("unix") == "done", "the same attempt works where it is allowed"
    assert "done" not in found.values(), found
    assert found["vsock"] == found["packet"] == found["netlink"] == "Address family not supported by protocol"
    assert found["io_uring"] == "Function not implemented"
    assert found["keyring"] == "Operation not permitted"


def test_what_a_task_starts_cannot_speak_in_its_place(run: Run) -> None:
    assert run("tasks:peep") == []
