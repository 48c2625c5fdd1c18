"""A task in a sandbox: it runs only after the isolation was shown, and nothing of it remains but its result."""

import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, Place, Problem, fault
from govern.rehearsal.canaries import Canaries
from govern.rehearsal.child import Child, started
from govern.rehearsal.isolation import judge
from govern.rehearsal.private import private_folder
from govern.rehearsal.restores import RestoreCache
from govern.rehearsal.sandbox import INPUTS, Sandbox, build_view, find_sandbox, python

_TASK = re.compile(r"govern\.rehearsal(\.[a-z_]+)+:[a-z_]+")
_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_MODULES = "/app/modules"
_MAIN = "from govern.rehearsal.inside import main; main()"


@dataclass(frozen=True, slots=True)
class Confined:
    """What a task returned, and what showed that it was isolated."""

    result: Json
    isolation: Mapping[str, Json]


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def confine(
    task: str,
    order: Mapping[str, Json],
    *,
    inputs: Mapping[str, Path],
    programs: Sequence[Path] = (),
    on_step: Callable[[str, int, int], None] = _silent,
    sandbox: Sandbox | None = None,
    needs: int = 0,
    modules: Path | None = None,
    caches: Mapping[str, RestoreCache] = MappingProxyType({}),
) -> Confined:
    """Run the task `govern.rehearsal.MODULE:FUNCTION` in a sandbox, with a `Job` as its one argument.

    `inputs` are files it may read; `programs` are folders that it sees at their own paths; `needs` is how many bytes
    the work folder may take. `modules` is a folder whose modules are tasks too. `caches` are of folders in the work folder, by name: the first that is there
    is put into it, and its facts into the order as `restored`; the names of the others are there as `keep`, and what the task says can be kept of them is.

    Raises:
        GovernError: no sandbox (NO_SANDBOX), no room (NO_SPACE), a canary was reached (CANARY_REACHED), something else of
            the host could be (NOT_ISOLATED), the process was killed (SANDBOX_KILLED); or what the task itself raised.
        RuntimeError: a bug in the task, with its traceback.
    """
    _demand_task(task, modules)
    found = {f"{INPUTS}/{name}": _regular(name, path) for name, path in inputs.items()}
    readable = found | {str(path): _narrow(path) for path in programs} | ({_MODULES: modules.resolve()} if modules else {})
    chosen = sandbox or find_sandbox()
    with private_folder(needs) as folder, Canaries() as canaries:
        canaries.demand_control()
        view = build_view(folder, readable=readable)
        with _kept_by(caches, view.work) as (restored, keep), started(chosen, view, python(_MAIN)) as child:
            child.send({"addresses": dict(canaries.addresses), "song": canaries.song})
            isolation = judge(chosen.name, child.receive()["isolation"], canaries)
            given = {**order, "restored": restored, "keep": [name for name in caches if name not in restored]} if caches else order
            child.send({"task": task, "order": given, "inputs": {name: f"{INPUTS}/{name}" for name in inputs}, "modules": _MODULES if modules else None})
            result = _follow(child, on_step, keep)
    return Confined(result, isolation)


@contextmanager
def _kept_by(caches: Mapping[str, RestoreCache], work: Path) -> Iterator[tuple[Mapping[str, Any], Callable[[str, Mapping[str, Any]], object]]]:
    """Give the facts of the folders that the caches have put into the work folder, and what is called with those of one to be kept.

    Told before a script ran, and kept after whatever ran is dead: the folder must be the one that was told of.
    """
    told: dict[str, Mapping[str, Any]] = {}
    # The first that is there makes the others needless.
    taken = ({name: facts} for name, cache in caches.items() if (facts := cache.take(work / name)) is not None)
    restored: Mapping[str, Any] = next(taken, {})
    refused: GovernError | None = None
    try:
        yield restored, told.setdefault
    except GovernError as error:
        # A script that failed says nothing against what was loaded before it.
        refused = error
    for name in told.keys() & (caches.keys() - restored.keys()):
        caches[name].put(work / name, told[name])
    if refused:
        raise refused


def _demand_task(task: str, modules: Path | None) -> None:
    if not _TASK.fullmatch(task) and not (modules and (modules / f"{task.partition(':')[0]}.py").is_file()):
        raise ValueError(f"`{task}` is no task of govern.rehearsal")


def _narrow(path: Path) -> Path:
    """What holds the user's home or the temporary folder is no folder of programs."""
    found = path.resolve(strict=True)
    if not path.is_absolute() or any(private.resolve().is_relative_to(found) for private in (Path.home(), Path(tempfile.gettempdir()))):
        raise ValueError(f"{path} is no folder of programs")
    return found


def _regular(name: str, path: Path) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"`{name}` is no name of an input")
    try:
        found = path.resolve(strict=True)
        kind = found.stat().st_mode
    except OSError as error:
        raise fault(Exit.USAGE, "FILE_IO", f"{path} cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(kind):
        raise fault(Exit.UNJUDGED, "NOT_A_FILE", f"{path} is not a file", help="name a regular file")
    return found


def _follow(child: Child, on_step: Callable[[str, int, int], None], keep: Callable[[str, Mapping[str, Any]], object]) -> Any:
    while True:
        match child.receive():
            case {"keep": [str(name), dict(facts)]}:
                keep(name, facts)
            case {"step": [str(what), int(done), int(total)]}:
                on_step(what, done, total)
            case {"result": result}:
                return result
            case {"refused": {"status": int(status), "problems": list(problems)}}:
                raise GovernError(Exit(status), [_problem(**problem) for problem in problems])
            case {"crashed": str(trace)}:
                raise RuntimeError(f"in the sandbox:\n{trace}")
            case other:
                raise RuntimeError(f"the sandbox sent what is not a message: {sorted(other)}")


def _problem(*, code: str, message: str, place: Sequence[Any] | None, severity: Any, help: str) -> Problem:
    return Problem(code, message, Place(*place) if place else None, severity, help)
