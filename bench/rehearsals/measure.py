"""A program as a child: how it ended, what it said, how long it took, and how much memory all its processes held at once."""

import os
import resource
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Looking takes about 5 ms: seldom enough that it does not count.
_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Used:
    """What the processes of a tree held in memory, in bytes, and the time of the processors that they and their dead children took."""

    memory: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that ended: the time on the clock, and the most that was seen of the rest."""

    status: int
    output: str
    seconds: float
    used: Used

    @property
    def last_line(self) -> str:
        """The last line that it printed."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1] if lines else ""


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> Ran:
    """Run a program to its end, looking five times a second what it and its descendants use."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun, seen = time.perf_counter(), Used(0, 0)
        process = subprocess.Popen([str(each) for each in command], cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            # A sandbox ends without waiting for what ran in it: what that used is gone with it, so it is looked at while it runs.
            while (usage := _ended(process, _EVERY)) is None:
                now = _used(process.pid)
                seen = Used(max(seen.memory, now.memory), max(seen.cpu, now.cpu))
            seconds = time.perf_counter() - begun
        finally:
            if process.returncode is None:
                process.terminate()
                process.wait()
        said = [stream.read().decode(errors="replace") for stream in (output, errors) if stream.seek(0) == 0]
    return Ran(process.returncode, "".join(said), seconds, Used(seen.memory, max(seen.cpu, usage.ru_utime + usage.ru_stime)))


def _ended(process: subprocess.Popen[bytes], patience: float) -> resource.struct_rusage | None:
    """Return what a process and all that it waited for used, or nothing where it has not ended in time."""
    watched = os.pidfd_open(process.pid)
    try:
        select.select([watched], [], [], patience)
    finally:
        os.close(watched)
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if not pid:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def _used(root: int) -> Used:
    """Return what a tree of processes uses: each one's own memory, and once the largest that they share."""
    own, shared, cpu = 0, 0, 0
    for pid, ticks in _tree(root):
        with suppress(OSError):
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines())
            own += _bytes(status.get("RssAnon", "0 kB"))
            shared = max(shared, _bytes(status.get("RssShmem", "0 kB")))
            cpu += ticks
    return Used(own + shared, cpu / os.sysconf("SC_CLK_TCK"))


def _tree(root: int) -> Iterator[tuple[int, int]]:
    """Yield the processes that descend from one, and itself, with their ticks. Not every kernel lists the children of a process."""
    children: dict[int, list[tuple[int, int]]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                # The name of a program may hold anything, but it ends with the last parenthesis.
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                pid = int(entry.name)
                ticks[pid] = sum(map(int, fields[11:15]))
                children.setdefault(int(fields[1]), []).append((pid, ticks[pid]))
    left = [(root, ticks.get(root, 0))]
    while left:
        found = left.pop()
        yield found
        left += children.get(found[0], ())


def _bytes(kilobytes: str) -> int:
    return int(kilobytes.split(maxsplit=1)[0]) * 1024
