"""A read-only dry run: a surface is scoped through a role that cannot write, and nothing was written is shown."""

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.clone import Clone
from govern.rehearsal.gate.examine import pass_gate
from govern.rehearsal.job import Job
from govern.rehearsal.rehearsing import count_statements, engine_facts, open_clone
from govern.rehearsal.steps import Progress

STEPS = 5
# What the role must not be able to do, and what it must.
_PROBES = (
    ("create-table", b"CREATE TABLE probed (x INTEGER);", "WRITE_REFUSED"),
    ("create-view", b"CREATE VIEW probed AS SELECT 1 AS x;", "WRITE_REFUSED"),
    ("control", b"SELECT 1;", "allowed"),
)


def scope(job: Job) -> Json:
    """Run a script through a role that cannot write, as ordered.

    Raises:
        GovernError: the script tried to write (WRITE_REFUSED), or something was written all the same (status 3).
    """
    progress = Progress(job.step, STEPS)
    with progress.step("load"):
        clone = open_clone(job)
    try:
        with progress.step("gate"):
            gate = pass_gate(clone, job)["gate"]
        script = job.inputs["apply"].read_bytes()
        with progress.step("baseline"):
            before = clone.state()
        with progress.step("read"):
            clone.read_only(script)
            probes = [{"name": name, "expected": expected, "got": _probe(clone, probe)} for name, probe, expected in _PROBES]
        with progress.step("compare"):
            after = clone.state()
        if after.components != before.components:
            raise fault(
                Exit.UNJUDGED, "WRITE_REFUSED", "something was written by a role that must not be able to write", help="this run is void; report it as a bug"
            )
        return {
            "before": before.to_json(),
            "after": after.to_json(),
            "probes": probes,
            "gate": gate,
            "statements": {"apply": count_statements(script, "apply", clone.engine.name)},
            "engine": engine_facts(clone),
            "connections": list(clone.connections),
            "milliseconds": dict(progress.milliseconds),
        }
    finally:
        clone.close()


def _probe(clone: Clone, script: bytes) -> str:
    try:
        clone.read_only(script)
    except GovernError as error:
        return error.problems[0].code
    return "allowed"
