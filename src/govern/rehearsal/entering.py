"""Entering new namespaces: run as a program of its own by `namespaces`, never inside the process that rehearses.

Three processes: one that waits outside, the first of the new process namespace, with which all others die, and the
program.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from govern.rehearsal import kernel
from govern.rehearsal.sandbox import ENVIRONMENT, NOBODY, WORK

_DEVICES = ("null", "zero", "full", "random", "urandom")


def main(text: str) -> NoReturn:
    """Carry out a plan, and end like the program."""
    plan = json.loads(text)
    try:
        status = _enter(plan)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}\n")
        status = 1
    # No clean-up of a forked Python: there is nothing to flush.
    sys.stderr.flush()
    os._exit(status)


def _enter(plan: Mapping[str, Any]) -> int:
    kernel.die_with_parent()
    if os.getppid() != plan["starter"]:
        return 1
    user, group = os.geteuid(), os.getegid()
    kernel.unshare_everything()
    for name, line in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1")):
        Path("/proc/self", name).write_text(line)
    alive, outside = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(outside)
        os.close(plan["info"])
        return _be_first(plan, alive)
    os.close(alive)
    os.write(plan["info"], json.dumps({"child-pid": first}).encode())
    os.close(plan["info"])
    return _wait(first)


def _be_first(plan: Mapping[str, Any], alive: int) -> int:
    """Be process 1: build the view, give up every privilege, start the program, and end with it."""
    kernel.die_with_parent()
    _demand_alive(alive)
    _build(Path(plan["work"]), plan["readable"], plan["links"])
    kernel.name_host("rehearsal")
    kernel.give_up_privileges()
    program = os.fork()
    if program == 0:
        os.setsid()
        os.chdir(WORK)
        os.execve(plan["argv"][0], plan["argv"], dict(ENVIRONMENT))  # noqa: S606 (a shell is not wanted)
    return _wait(program)


def _demand_alive(alive: int) -> None:
    """The parent may have died before its death would be told: then the pipe that it holds is closed."""
    os.set_blocking(alive, False)
    try:
        os.read(alive, 1)
    except BlockingIOError:
        return
    finally:
        os.close(alive)
    raise OSError(0, "the process that started the sandbox is gone")


def _wait(process: int) -> int:
    """Wait for a child, and for orphans in between; return how it ended as a shell would."""
    while True:
        ended, status = os.wait()
        if ended == process:
            return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _build(work: Path, readable: Mapping[str, str], links: Mapping[str, str]) -> None:
    # Nothing that is mounted here spreads to the host.
    kernel.mount(None, "/", None, kernel.RECURSIVE | kernel.PRIVATE)
    root = work.parent / "root"
    root.mkdir()
    kernel.mount("tmpfs", str(root), "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=0755")
    _mount_system(root)
    _bind(work, root / WORK[1:], kernel.NOSUID | kernel.NODEV)
    for path in sorted(readable):
        _bind(Path(readable[path]), root / path[1:], kernel.READ_ONLY_FROM_NOW | kernel.NOSUID | kernel.NODEV)
    for path, target in links.items():
        (root / path[1:]).symlink_to(target)
    for name in ("proc", "dev", ""):
        kernel.restrict(str(root / name), kernel.READ_ONLY_FROM_NOW, below=False)
    kernel.change_root(str(root))


def _mount_system(root: Path) -> None:
    for name in ("proc", "dev", "tmp"):
        (root / name).mkdir()
    kernel.mount("proc", str(root / "proc"), "proc", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
    # No user namespace below this one: in it a process would hold capabilities again.
    (root / "proc/sys/user/max_user_namespaces").write_text("0")
    kernel.mount("tmpfs", str(root / "tmp"), "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=1777")
    kernel.mount("tmpfs", str(root / "dev"), "tmpfs", kernel.NOSUID, "mode=0755")
    (root / "dev/shm").mkdir()
    kernel.mount("tmpfs", str(root / "dev/shm"), "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=1777")
    for name in _DEVICES:
        _bind(Path("/dev", name), root / "dev" / name, kernel.NOSUID | kernel.NOEXEC)
    for name, target in _STREAMS:
        (root / "dev" / name).symlink_to(target)


_STREAMS: Sequence[tuple[str, str]] = (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"))


def _bind(source: Path, target: Path, attributes: int) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    kernel.mount(str(source), str(target), None, kernel.BIND | kernel.RECURSIVE)
    kernel.restrict(str(target), attributes, below=True)
