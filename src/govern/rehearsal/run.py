"""A rehearsal seen from outside the sandbox: what goes in, and the facts that come out, as they stand in evidence."""

import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern import __version__
from govern.canonical import Json, digest, encode
from govern.policy.rehearsal import DataSurface
from govern.rehearsal.confine import confine
from govern.rehearsal.job import EMPTY, SNAPSHOT
from govern.rehearsal.restores import RestoreCache
from govern.rehearsal.sources import Source, unchanged
from govern.rehearsal.tool import code_sha256

OnStep = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be rehearsed: a source, what it is and must look like, and the scripts of a change by path."""

    source: Source
    path: Path
    apply: Path
    revert: Path | None = None
    provenance: str = "toy"
    label: str | None = None
    surface: DataSurface | None = None
    # Where a cluster in which nothing is yet is kept, if one may be; and restored sources, if they are `cached`.
    cache: Path | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The facts of a rehearsal: what the steps found, and how they were kept apart."""

    found: Mapping[str, Any]
    isolation: Mapping[str, Any]


def run_task(task: str, request: Request, on_step: OnStep) -> Rehearsed:
    """Run a task on a source in a sandbox, and see that the source stayed as it was.

    Raises:
        GovernError: no sandbox, a refused source or change, a void run (status 3).
    """
    from govern.rehearsal.engines import programs_for

    inputs = {"source": request.path, "apply": request.apply} | ({"revert": request.revert} if request.revert else {})
    found, programs = programs_for(request.source)
    order: dict[str, Json] = {
        "source": request.source.to_json(),
        "provenance": request.provenance,
        "label": request.label,
        "surface": request.surface.model_dump(mode="json", exclude_unset=True) if request.surface else None,
        **found,
    }
    needs, caches = room_for(request.source), _caches(request, order)
    confined = confine(task, order, inputs=inputs, programs=programs, on_step=on_step, needs=needs, caches=caches)
    unchanged(request.source, request.path)
    assert isinstance(confined.result, Mapping)
    return Rehearsed(confined.result, confined.isolation)


def _caches(request: Request, order: Mapping[str, Any]) -> Mapping[str, RestoreCache]:
    """Return where clusters are kept: under all that decides how they are made, and a restored source also how it is loaded, read and judged."""
    if request.cache is None or request.source.engine != "postgresql":
        return {}
    from govern.rehearsal.postgresql.binaries import Installation

    server: dict[str, Json] = {
        "installation": order["installation"],
        "server": Installation.from_json(order["installation"]).digest(),
        "code": code_sha256(),
        "python": sys.version,
        "machine": [platform.machine(), *platform.libc_ver()],
    }
    whole = server | {"order": {**order, "source": {name: value for name, value in order["source"].items() if name != "name"}}}
    depends = ({SNAPSHOT: whole} if request.cached else {}) | {EMPTY: server}
    return {name: RestoreCache(request.cache / name, digest(encode(each).encode())) for name, each in depends.items()}


def room_for(source: Source) -> int:
    """Return how many bytes a clone may take: of SQLite two copies, their logs and a snapshot; of PostgreSQL five clusters, with what indexes add."""
    return 6 * source.unpacked if source.engine == "sqlite" else 10 * source.unpacked + 256 * 1024 * 1024


def rehearse(request: Request, on_step: OnStep) -> Rehearsed:
    """Run a rehearsal; see `run_task`."""
    return run_task("govern.rehearsal.rehearsing:rehearse", request, on_step)


def tool() -> dict[str, Json]:
    """Return what made the evidence."""
    return {"name": "govern", "version": __version__, "code_sha256": code_sha256()}
