"""Tasks that behave, fail, or try to get out; each is run inside a sandbox."""

import ctypes
import os
import pwd
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, Place, Problem
from govern.rehearsal.job import Job


def answer(job: Job) -> Json:
    """Read what it was given, write where it may, tell how far it is."""
    sys.stdout.write("not an answer")
    sys.stdout.flush()
    subprocess.run(["/usr/bin/echo", '{"result": "forged"}'], check=True)
    job.step("first", 1, 2)
    (job.work / "file").write_text("written")
    job.step("second", 2, 2)
    return {"order": job.order["word"], "inputs": {name: path.read_text() for name, path in job.inputs.items()}, "cwd": str(job.work)}


def refuse(job: Job) -> Json:
    raise GovernError(
        Exit(job.order["status"]),
        [Problem("FIRST", "found this", Place("apply.sql", 3, 4), help="do that"), Problem("SECOND", "é ✓", severity="warning")],
    )


def fail(_job: Job) -> Json:
    raise ZeroDivisionError("of ours")


def leave(job: Job) -> Json:
    os.write(2, b"last \x1b[31mwords\x07\n")
    os._exit(job.order["status"])


def kill_itself(job: Job) -> Json:
    os.kill(os.getpid(), job.order["signal"])
    return None


def chatter(_job: Job) -> Json:
    for _ in range(40):
        os.write(2, b"x" * 100_000 + b"\n")
    os._exit(7)


def give(job: Job) -> Json:
    return {"nan": float("nan"), "object": object(), "long": "x" * (1 << 26)}[job.order["what"]]  # type: ignore[return-value]


def litter(job: Job) -> Json:
    """Leave folders behind that are hard to remove."""
    (job.work / "read-only/inner").mkdir(parents=True)
    (job.work / "read-only/inner/file").touch()
    (job.work / "read-only/inner").chmod(0)
    (job.work / "read-only").chmod(0o500)
    (job.work / "\n\x1b-rf *").touch()
    (job.work / "link").symlink_to("/")
    (job.work / ".0").mkdir()
    os.mkfifo(job.work / "pipe")
    for _ in range(1100):
        Path("d").mkdir()
        os.chdir("d")
    job.work.chmod(0o500)
    return None


def look(job: Job) -> Json:
    """Tell what can be read of the paths of the order, and what is seen of processes and environment."""
    found: dict[str, Json] = {}
    for name in job.order["paths"]:
        path = Path(name)
        try:
            found[name] = [each.name for each in path.iterdir()] if path.is_dir() else path.read_text()
        except OSError as error:
            found[name] = error.strerror
    return found


def reveal(_job: Job) -> Json:
    """Tell all that the process knows of its surroundings."""
    processes = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
    environments = {path.name: _text(path / "environ") for path in processes}
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "environment": dict(os.environ),
        "environments": environments,
        "commands": [_text(path / "cmdline") for path in processes],
        "first": _text(Path("/proc/1/status")).splitlines(),
        "files": {path.name: _target(path) for path in Path("/proc/self/fd").iterdir()},
        "status": {name: value.strip() for name, value in status.items()},
        "user": [os.getuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name],
        "mounts": Path("/proc/self/mountinfo").read_text().splitlines(),
        "host": os.uname().nodename,
        "root": [path.name for path in Path("/").iterdir()],
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        return f"({error.strerror})"


def _target(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def write(job: Job) -> Json:
    """Try to write at each path of the order; tell which it could."""
    written: list[Json] = []
    for name in job.order["paths"]:
        for attempt in (_append, _make_folder, _remove, _open_up):
            try:
                attempt(Path(name))
                written.append(f"{attempt.__name__} {name}")
            except OSError:
                pass
    return written


def _append(path: Path) -> None:
    with path.open("ab" if not path.is_file() else "r+b") as file:
        file.write(b"")


def _make_folder(path: Path) -> None:
    (path / "new").mkdir()


def _remove(path: Path) -> None:
    path.unlink()


def _open_up(path: Path) -> None:
    path.chmod(0o777)


def connect(job: Job) -> Json:
    """Try every address of the order; tell which answered."""
    answered: list[Json] = []
    for kind, address in job.order["addresses"]:
        with socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET) as caller:
            caller.settimeout(1)
            try:
                caller.connect(address if kind == "unix" else tuple(address))
                answered.append(kind)
            except OSError:
                pass
    return answered


def call_kernel(_job: Job) -> Json:
    """Try what the sandbox forbids; tell how each attempt ended."""
    libc: Any = ctypes.CDLL(None, use_errno=True)
    keys = {"x86_64": 250}.get(os.uname().machine, 219)
    attempts: dict[str, Any] = {
        "user namespace": lambda: libc.unshare(0x10000000),
        "mount namespace": lambda: libc.unshare(0x00020000),
        "mount": lambda: libc.mount(b"tmpfs", b"/rehearsal/tmp", b"tmpfs", 0, None),
        "remount": lambda: libc.mount(None, b"/usr", None, 0x20 | 0x1000, None),
        "keyring": lambda: libc.syscall(keys, 0, -3, 0),
        "io_uring": lambda: libc.syscall(425, 1, None),
        "vsock": lambda: libc.socket(40, 1, 0),
        "packet": lambda: libc.socket(17, 3, 0),
        "netlink": lambda: libc.socket(16, 3, 0),
        "raw": lambda: libc.socket(2, 3, 1),
        "host name": lambda: libc.sethostname(b"x", 1),
        "root": lambda: libc.setuid(0),
        "unix": lambda: libc.socket(1, 1, 0),
    }
    return {name: "done" if attempt() >= 0 else os.strerror(ctypes.get_errno()) for name, attempt in attempts.items()}


def peep(_job: Job) -> Json:
    """Start a child that tries to look into the process that speaks with the outside."""
    script = f"""if True:
        import os
        for path in ("fd/3", "fd/4", "mem", "environ"):
            try:
                open(f"/proc/{os.getpid()}/" + path, "rb").close()
                print(path)
            except OSError:
                pass"""
    return subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True, capture_output=True, text=True).stdout.split()


def breed(job: Job) -> Json:
    """Leave children behind that nobody waits for, in sessions of their own, deaf to signals."""
    script = "import os, signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; os.fork(); os.fork(); time.sleep(600)"
    null = subprocess.DEVNULL
    for _ in range(3):
        subprocess.Popen([sys.executable, "-I", "-S", "-c", script, job.order["mark"]], stdin=null, stdout=null, stderr=null, start_new_session=True)
    time.sleep(0.3)
    return len([path for path in Path("/proc").iterdir() if path.name.isdecimal() and job.order["mark"] in _text(path / "cmdline")])


def linger(job: Job) -> Json:
    """Say that it runs, and run on."""
    (job.work / "clone.db").write_text("a copy of the source")
    job.step("lingering", 0, 0)
    signal.pause()
    return None


def nest(_job: Job) -> Json:
    """Look for a sandbox where no user namespace can be had: in a sandbox."""
    from govern.rehearsal.sandbox import find_sandbox

    return find_sandbox().name


def run_program(job: Job) -> Json:
    """Run a program by the path that it has outside."""
    return subprocess.run([job.order["program"]], check=True, capture_output=True, text=True).stdout


def mark(job: Job) -> Json:
    """Show that it ran, wherever it can."""
    Path(job.order["path"]).write_text("ran")
    return None


def limits(_job: Job) -> Json:
    """Tell how large a core dump may be."""
    return list(resource.getrlimit(resource.RLIMIT_CORE))
