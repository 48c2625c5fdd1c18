"""What happens inside the sandbox: the source becomes a clone, and the clone goes through the steps.

Runs in a process of its own, which sees the work folder and the files of its order, and nothing else.
"""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, fault
from govern.rehearsal.beside import beside
from govern.rehearsal.clone import Clone
from govern.rehearsal.gate.examine import bytes_of, demand_unchanged, pass_gate
from govern.rehearsal.job import SNAPSHOT, Job
from govern.rehearsal.steps import STEPS, Progress, rehearse_clone

# Of a smaller source, a copy of the clone takes longer than it saves.
_WORTH_A_COPY = 8 << 20


def rehearse(job: Job) -> Json:
    """Run a rehearsal as ordered: `source` facts, scripts as inputs `apply` and `revert`; a snapshot that was kept of another one is begun with."""
    progress = Progress(job.step, STEPS)
    if kept := job.restored(SNAPSHOT):
        return _rehearse_restored(job, kept, progress)
    with beside(lambda: bytes_of(job)) as counted:
        with progress.step("load"):
            clone = open_clone(job)
        try:
            with beside(clone.read_beside) as read:
                with progress.step("gate"):
                    passed: Mapping[str, Any] = pass_gate(clone, job, counted)
                return _rehearse_on(clone, job, passed["gate"], progress, lambda: clone.know_loaded(read(), passed["digests"]))
        finally:
            clone.close()


def _rehearse_restored(job: Job, kept: Mapping[str, Any], progress: Progress) -> Json:
    """Rehearse on what was kept of a source that passed the gate: the order is of the same source, to be judged in the same way."""
    from govern.rehearsal.postgresql.opening import open_snapshot

    with beside(lambda: demand_unchanged(job)) as unchanged:
        with progress.step("cached restore"):
            clone = open_snapshot(job, kept)
        try:
            unchanged()
            return _rehearse_on(clone, job, kept["gate"], progress)
        finally:
            clone.close()


def _rehearse_on(clone: Clone, job: Job, gate: Json, progress: Progress, know: Callable[[], None] = lambda: None) -> dict[str, Json]:
    scripts = {name: job.inputs[name].read_bytes() for name in ("apply", "revert") if name in job.inputs}
    statements: dict[str, Json] = {name: count_statements(script, name, clone.engine.name) for name, script in scripts.items()}
    apart = job.order["source"]["bytes"] >= _WORTH_A_COPY

    def begin() -> None:
        if job.wanted(SNAPSHOT) and (kept := clone.kept()):
            job.keep(SNAPSHOT, {**kept, "gate": gate})

    found = rehearse_clone(clone, scripts["apply"], scripts.get("revert"), progress, know=know, apart=apart, begin=begin)
    return found | {
        "gate": gate,
        "engine": engine_facts(clone),
        "milliseconds": dict(progress.milliseconds),
        "statements": statements,
    }


def engine_facts(clone: Clone) -> dict[str, Json]:
    """Return the engine as it stands in evidence."""
    engine = clone.engine
    return {"name": engine.name, "version": engine.version, "binary_sha256": engine.binary_sha256, "settings": dict(engine.settings)}


def open_clone(job: Job) -> Clone:
    """Return the clone of the source that an order names.

    Raises:
        GovernError: the source cannot be loaded (status 3).
    """
    source: Mapping[str, Any] = job.order["source"]
    file = job.inputs["source"]
    if source["format"] in ("sqlite-file", "sqlite-sql"):
        from govern.rehearsal.sqlite.clone import open_file, open_script

        plain = _unpacked(file, job.work) if source["compression"] == "gzip" else file
        return open_file(plain, job.work) if source["format"] == "sqlite-file" else open_script(plain.read_bytes(), job.work)
    from govern.rehearsal.postgresql.opening import open_dump

    return open_dump(job)


def count_statements(script: bytes, name: str, engine: str) -> int:
    """Return how many statements a script has, as its engine cuts it."""
    if engine == "sqlite":
        from govern.rehearsal.sqlite.scripts import cut

        return len(cut(script, name))
    from govern.rehearsal.postgresql.scripts import statements

    return len(statements(script))


def _unpacked(file: Path, work: Path) -> Path:
    plain = work / "source"
    try:
        with gzip.open(file) as packed, plain.open("wb") as target:
            while part := packed.read(1 << 20):
                target.write(part)
    except (EOFError, OSError) as error:
        raise fault(Exit.UNJUDGED, "DUMP_TRUNCATED", f"the source cannot be unpacked: {error}") from error
    return plain
