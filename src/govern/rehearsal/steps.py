"""The steps of a rehearsal on a clone: two rollback paths, the change's own way back, a negative control, and probes.

The engine is behind `Clone`. What comes out are facts; the verdict is computed by whoever reads them.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.beside import Answers, beside_in_turn
from govern.rehearsal.clone import Clone
from govern.rehearsal.states import Difference, State

# Loading, the gate, a baseline, the paths, the control and the probes.
STEPS = 6
# What each engine must refuse in a change; the last is what it must let pass.
_PROBES: Mapping[str, tuple[tuple[str, bytes, str], ...]] = {
    "sqlite": (
        ("commit", b"COMMIT;", "CHANGE_COMMITS"),
        ("commit-and-begin", b"COMMIT; BEGIN;", "CHANGE_COMMITS"),
        ("rollback", b"ROLLBACK;", "CHANGE_ROLLS_BACK"),
        ("attach", b"ATTACH ':memory:' AS other;", "CHANGE_REACHES"),
        ("empty", b"-- nothing\n", "CHANGE_EMPTY"),
        ("control", b"SELECT 1;", "allowed"),
    ),
    "postgresql": (
        ("commit", b"COMMIT;", "CHANGE_COMMITS"),
        ("commit-and-begin", b"COMMIT; BEGIN;", "CHANGE_COMMITS"),
        ("commit-and-chain", b"COMMIT AND CHAIN;", "CHANGE_COMMITS"),
        ("rollback", b"ROLLBACK;", "CHANGE_ROLLS_BACK"),
        ("prepare-transaction", b"PREPARE TRANSACTION 'probe';", "CHANGE_PREPARES"),
        ("copy-to-program", b"COPY (SELECT 1) TO PROGRAM 'true';", "CHANGE_REACHES"),
        ("empty", b"-- nothing\n", "CHANGE_EMPTY"),
        ("control", b"SELECT 1;", "allowed"),
    ),
}


@dataclass(slots=True)
class Progress:
    """Names each step as it begins, and keeps how long each took."""

    tell: Callable[[str, int, int], None]
    total: int
    milliseconds: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell a step, and time it."""
        self.tell(name, len(self.milliseconds), self.total)
        begun = time.monotonic()
        yield
        self.milliseconds[name] = round((time.monotonic() - begun) * 1000)


def rehearse_clone(
    clone: Clone,
    apply: bytes,
    revert: bytes | None,
    progress: Progress,
    *,
    know: Callable[[], None] = lambda: None,
    apart: bool = False,
    begin: Callable[[], None] = lambda: None,
) -> dict[str, Json]:
    """Run every step on a clone that is loaded, and return what was found, in the form that stands in evidence.

    `know` waits for the state as loaded, where it was read beside other work. `apart`: path 1, the control and the probes run on
    a clone of their own, at the same time as the other paths. `begin` is called when the snapshot is there, and no script has run.

    Raises:
        GovernError: a script failed or reached beyond the clone, or the negative control was not noticed (status 3).
    """
    with progress.step("baseline"):
        know()
        clone.snapshot()
        before = clone.state()
        begin()
    with _others(clone, apply, before, apart=apart) as other:
        with progress.step("paths 1 and 2" if revert is None else "paths 1 to 3"):
            paths = _paths(other, lambda: _own_paths(clone, apply, revert, before), apart=apart)
        with progress.step("negative control"):
            control = other()
        with progress.step("probes"):
            last = other()
    connections: list[Json] = list(dict.fromkeys([*clone.connections, *last["connections"]]))
    probes = last["probes"]
    return {"paths": paths, "control": control, "probes": probes, "probes_claimed": len(probes), "connections": connections}


@contextmanager
def _others(clone: Clone, apply: bytes, before: State, *, apart: bool) -> Iterator[Callable[[], Any]]:
    """Give what returns one after the other: path 1, the control, the probes. They run as they are asked for; or apart, as soon as they can."""

    def on_a_copy() -> Answers:
        with closing(clone.second()) as copy:
            answers = _in_turn(copy, apply, before)
            yield next(answers)
            yield next(answers)
            last = next(answers)
        # Whoever has the last answer ends this process: nothing may be left to be done.
        yield last

    if apart:
        with beside_in_turn(on_a_copy) as other:
            yield other
    else:
        answers = _in_turn(clone, apply, before)
        yield lambda: next(answers)


def _in_turn(clone: Clone, apply: bytes, before: State) -> Answers:
    yield _transaction(clone, apply, before)
    yield _control(clone, before)
    probes: list[Json] = [{"name": name, "expected": expected, "got": _probe(clone, script)} for name, script, expected in _PROBES[clone.engine.name]]
    yield {"probes": probes, "connections": list(clone.connections)}


def _paths(other: Callable[[], Any], own: Callable[[], list[dict[str, Json]]], *, apart: bool) -> list[dict[str, Json]]:
    """Return path 1, which is another's work, and our own. Where both are refused, what path 1 was refused with is told."""
    if not apart:
        return [other(), *own()]
    try:
        found = own()
    except GovernError:
        other()
        raise
    return [other(), *found]


def _own_paths(clone: Clone, apply: bytes, revert: bytes | None, before: State) -> list[dict[str, Json]]:
    return [_snapshot(clone, apply, before)] + ([] if revert is None else [_revert(clone, apply, revert, before)])


def _transaction(clone: Clone, apply: bytes, before: State) -> dict[str, Json]:
    tried = clone.try_out(apply)
    differences: tuple[Difference, ...] = ()
    if tried.after.components != before.components:
        differences = clone.differences()
        clone.restore()
    begun = tried.transactions
    return _path(1, before, tried.applied, tried.after, differences) | {"transactions": {"begun": begun[0], "ended": begun[1]} if begun else None}


def _snapshot(clone: Clone, apply: bytes, before: State) -> dict[str, Json]:
    clone.run(apply)
    applied = clone.state()
    clone.restore()
    after = clone.state()
    return _path(2, before, applied, after, clone.differences() if after.components != before.components else ())


def _revert(clone: Clone, apply: bytes, revert: bytes, before: State) -> dict[str, Json]:
    clone.run(apply)
    applied = clone.state()
    clone.run(revert)
    after = clone.state()
    return _path(3, before, applied, after, clone.differences() if after.components != before.components else ())


_MEANS = {1: "transaction", 2: "snapshot", 3: "revert"}


def _path(number: int, before: State, applied: State, after: State, differences: tuple[Difference, ...]) -> dict[str, Json]:
    return {
        "path": number,
        "means": _MEANS[number],
        "before": before.to_json(),
        "applied": applied.to_json(),
        "after": after.to_json(),
        "transactions": None,
        "residue": [name for name in _moved(before, after) if name == "sequences"] if number == 1 else [],
        "changed": list(_moved(before, applied)),
        "differences": [each.to_json() for each in differences],
    }


def _moved(before: State, after: State) -> Iterator[str]:
    for name in sorted(before.components.keys() | after.components.keys()):
        if before.components.get(name) != after.components.get(name):
            yield name


def _control(clone: Clone, before: State) -> dict[str, Json]:
    """Falsify what was restored; a comparison that does not notice proves nothing."""
    clone.restore()
    sabotage = clone.sabotage()
    after = clone.state()
    differences = clone.differences()
    if after.components == before.components or not differences:
        raise fault(Exit.UNJUDGED, "CONTROL_UNNOTICED", f"{sabotage}, and the comparison did not notice", help="this run is void; report it as a bug")
    return {"sabotage": sabotage, "after": after.to_json(), "differences": [each.to_json() for each in differences]}


def _probe(clone: Clone, script: bytes) -> str:
    """Return the code that a script is refused with. It comes last: nothing looks at the clone any more."""
    try:
        clone.run(script)
    except GovernError as error:
        return error.problems[0].code
    return "allowed"
