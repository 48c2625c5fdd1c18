"""The sandbox of bubblewrap, a small program that most Linux systems carry."""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from govern.rehearsal.sandbox import ENVIRONMENT, NOBODY, WORK, View


class Bubblewrap:
    """Everything unshared, nobody inside, no capability, and nothing of the host but the view."""

    name = "bubblewrap"

    def __init__(self, program: Path = Path("/usr/bin/bwrap")) -> None:
        self._program = program

    def wrap(self, view: View, argv: Sequence[str], info: int) -> list[str]:
        """Return the command that runs `argv` in the view."""
        # `--unshare-all` only tries to make a user namespace: `--unshare-user` insists.
        isolated = ["--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL", "--hostname", "rehearsal"]
        if _can_forbid_namespaces(self._program):
            isolated.append("--disable-userns")
        isolated += ["--die-with-parent", "--new-session", "--info-fd", str(info), "--clearenv"]
        for name, value in ENVIRONMENT.items():
            isolated += ["--setenv", name, value]
        return [str(self._program), *isolated, *_mounts(view), "--chdir", WORK, "--", *argv]


def _mounts(view: View) -> list[str]:
    mounts = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--remount-ro", "/dev", "--tmpfs", "/tmp", "--bind", str(view.work), WORK]  # noqa: S108 (paths inside)
    for target in sorted(view.readable):
        mounts += ["--ro-bind", str(view.readable[target]), target]
    for path, target in view.links.items():
        mounts += ["--symlink", target, path]
    # A process of root's without any capability may still write what belongs to root in /proc/sys.
    return [*mounts, "--remount-ro", "/proc", "--remount-ro", "/"]


@cache
def _can_forbid_namespaces(program: Path) -> bool:
    """Whether this bubblewrap (0.8 on) can keep those inside from making user namespaces, and being root in them."""
    if not program.exists():
        return False
    said = subprocess.run([program, "--help"], capture_output=True, check=False, env={})  # noqa: S603 (one program, no shell)
    return b"--disable-userns" in said.stdout
