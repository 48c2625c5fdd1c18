"""The port of a sandbox, what a process in it sees, and the choice of one that works on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import govern
from govern.problems import Exit, fault

NOBODY = 65534
WORK = "/rehearsal"
INPUTS = "/in"
_PACKAGE = "/app/govern"
_SITES = "/app/site"
_LOADER_CACHE = Path("/etc/ld.so.cache")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")

# Temporary files lie in the work folder, on a disk: what is in /tmp would be held in memory.
ENVIRONMENT: Mapping[str, str] = {"HOME": WORK, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PWD": WORK, "TMPDIR": WORK + "/tmp"}  # noqa: S108 (a path inside)


@dataclass(frozen=True, slots=True)
class View:
    """All that a process in a sandbox sees of the file system, besides /proc, a few devices, and an empty /tmp.

    `work` is bound at /rehearsal, the one folder that can be written. `readable` maps a path inside to what is bound there
    read-only; `links` a path inside to the target of a symbolic link.
    """

    work: Path
    readable: Mapping[str, Path]
    links: Mapping[str, str]


class Sandbox(Protocol):
    """A way to run a program in namespaces of its own, with no network, no privileges, and a view of its own."""

    @property
    def name(self) -> str:
        """The name that stands in evidence."""

    def wrap(self, view: View, argv: Sequence[str], info: int) -> list[str]:
        """Return the command that runs `argv` in the view.

        It is started with `ENVIRONMENT`, ends like `argv` (128 + n for signal n), dies with the process that started
        it, and writes `{"child-pid": n}` to the file descriptor `info`: whatever runs inside is dead when that process is.
        """


def find_sandbox(candidates: Sequence[Sandbox] | None = None) -> Sandbox:
    """Return the first sandbox that works here (bubblewrap, or else namespaces of our own): it really started a program.

    Raises:
        GovernError: none works (NO_SANDBOX): without isolation nothing is rehearsed.
    """
    from govern.rehearsal.bubblewrap import Bubblewrap
    from govern.rehearsal.namespaces import Namespaces

    if sys.platform != "linux":
        raise fault(Exit.UNJUDGED, "NO_SANDBOX", f"a rehearsal is isolated by Linux namespaces, and this is {sys.platform}", help="run it on Linux")
    failed = []
    for sandbox in (Bubblewrap(), Namespaces()) if candidates is None else candidates:
        if not (why := why_not(sandbox)):
            return sandbox
        failed.append(f"{sandbox.name}: {why}")
    raise fault(
        Exit.UNJUDGED,
        "NO_SANDBOX",
        f"no sandbox works on this machine ({'; '.join(failed)}), and without one nothing is rehearsed",
        help="install bubblewrap, or let this user create user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)",
    )


def why_not(sandbox: Sandbox) -> str:
    """Return why a sandbox does not work here, or nothing: a program was started in it."""
    from govern.rehearsal.private import private_folder

    with private_folder() as folder:
        view = build_view(folder, readable={})
        reading, writing = os.pipe()
        try:
            ran = subprocess.run(  # noqa: S603 (the sandbox's own program, no shell)
                sandbox.wrap(view, [sys.executable, "-I", "-S", "-B", "-c", "print('inside')"], writing),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=dict(ENVIRONMENT),
                pass_fds=[writing],
                check=False,
                timeout=30,
                start_new_session=True,
            )
        except FileNotFoundError:
            return "it is not installed"
        except OSError as error:
            return error.strerror or str(error)
        except subprocess.TimeoutExpired:
            return "it did not start a program within 30 seconds"
        finally:
            os.close(reading)
            os.close(writing)
    if ran.returncode == 0 and ran.stdout == b"inside\n":
        return ""
    said = ran.stderr.decode(errors="replace").strip().splitlines()
    return said[-1] if said else f"it ended with status {ran.returncode}"


def build_view(folder: Path, *, readable: Mapping[str, Path]) -> View:
    """Return the view of a process that runs this Python: the system's programs, Python, govern, and what is `readable`."""
    for name in ("work", "work/tmp", "etc"):
        (folder / name).mkdir(mode=0o700)
    etc = {"passwd": f"nobody:x:{NOBODY}:{NOBODY}:nobody:{WORK}:/usr/sbin/nologin\n", "group": f"nobody:x:{NOBODY}:\n"}
    for name, text in etc.items():
        (folder / "etc" / name).write_text(text)
    system = [path for path in map(Path, _SYSTEM) if path.exists()]
    bound = {str(path): path for path in (*_python(), _LOADER_CACHE) if path.exists()} | dict(readable)
    bound |= {f"{_SITES}{at}": path for at, path in enumerate(_sites())} | {_PACKAGE: Path(govern.__path__[0])}
    # What lies in a folder of the system is seen already.
    bound = {path: shown for path, shown in bound.items() if not any(Path(path).is_relative_to(each) for each in system)}
    bound |= {str(path): path for path in system if not path.is_symlink()} | {f"/etc/{name}": folder / "etc" / name for name in etc}
    return View(folder / "work", bound, {str(path): str(path.readlink()) for path in system if path.is_symlink()})


def python(statement: str) -> list[str]:
    """Return the command that runs a statement inside, with govern and its libraries at hand, and nothing else of the user's Python."""
    found = [str(Path(_PACKAGE).parent), *(f"{_SITES}{at}" for at in range(len(_sites())))]
    # -I and -S: no PYTHON* variables, no user's site, no code in .pth files.
    return [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path[:0] = {found!r}; {statement}"]


def _python() -> Iterable[Path]:
    """The parts of Python's installation: programs and libraries, not whatever else lies in the same folder."""
    for prefix in {Path(sys.base_prefix), Path(sys.prefix)}:
        yield from (prefix / part for part in ("bin", "lib", "lib64", "pyvenv.cfg"))
    yield Path(sys.executable).resolve().parent


def _sites() -> list[Path]:
    return [path for path in map(Path, sys.path) if path.name in {"site-packages", "dist-packages"} and path.is_dir()]
