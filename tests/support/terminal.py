"""The real program, run as a process: in a pipe, or on a pseudo-terminal where somebody types."""

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PROMPT = b"\n> "
INTERRUPT = b"\x03"
_PATIENCE = 60


class Ended(NamedTuple):
    """A process that has ended: its status and what stood on its two streams; on a terminal they are one."""

    status: int
    out: str
    err: str = ""


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with an empty home and nothing of this one but where programs are."""
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **more}


def run_process(*words: str, cwd: Path, environment: dict[str, str]) -> Ended:
    """Run `python -m govern` in a pipe, where no terminal is to be reached."""
    done = subprocess.run(
        [sys.executable, "-m", "govern", *words], cwd=cwd, env=environment, capture_output=True, check=False, timeout=_PATIENCE, start_new_session=True
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def run_on_terminal(*words: str, typed: bytes, cwd: Path, environment: dict[str, str]) -> Ended:
    """Run `python -m govern` on a terminal of its own, and type once it asks."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "govern", *words], cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        asked_before = PROMPT in shown.replace(b"\r", b"")
        shown += piece
        if PROMPT in shown.replace(b"\r", b"") and not asked_before:
            if typed == INTERRUPT:
                process.send_signal(signal.SIGINT)
                # One that arrives just before the read begins is noticed only when the read ends.
                os.write(ours, b"\n")
            else:
                os.write(ours, typed)
    status = process.wait(_PATIENCE)
    os.close(ours)
    return Ended(status, shown.replace(b"\r", b"").decode())


def _read(handle: int) -> bytes:
    """Return what is there next; nothing where the other end is closed."""
    ready, _, _ = select.select([handle], [], [], _PATIENCE)
    try:
        return os.read(handle, 65536) if ready else b""
    except OSError:
        return b""
