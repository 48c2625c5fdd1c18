"""The steps of a rehearsal on a clone: two rollback paths, the change's own way back, a negative control, and probes.

The engine is behind `Clone`. What comes out are facts; the verdict is computed by whoever reads them.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.beside import beside
from govern.rehearsal.clone import Clone
from govern.rehearsal.states import Difference, State

# Loading, the gate, a baseline, the paths in pairs, the control and the probes.
STEPS = 6
_Work: TypeAlias = "Callable[[Clone], dict[str, Json]]"
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
    clone: Clone, apply: bytes, revert: bytes | None, progress: Progress, *, read: Callable[[], State] | None = None, apart: bool = False
) -> dict[str, Json]:
    """Run every step on a clone that is loaded, and return what was found, in the form that stands in evidence.

    `read` waits for the state as loaded, where it was read beside other work. `apart`: two paths at a time, each on a clone of its own.

    Raises:
        GovernError: a script failed or reached beyond the clone, or the negative control was not noticed (status 3).
    """
    with progress.step("baseline"):
        if read is not None:
            clone.know(read())
        before = clone.state()
        clone.snapshot()
    pairs = _Pairs(clone, apart=apart)
    with progress.step("paths 1 and 2"):
        paths = list(pairs.run(lambda each: _transaction(each, apply, before), lambda each: _snapshot(each, apply, before)))
    if revert is None:
        with progress.step("negative control"):
            control = _control(clone, before)
    else:
        with progress.step("path 3 and negative control"):
            third, control = pairs.run(lambda each: _revert(each, apply, revert, before), lambda each: _control(each, before))
            paths.append(third)
    with progress.step("probes"):
        probes = [{"name": name, "expected": expected, "got": _probe(clone, script)} for name, script, expected in _PROBES[clone.engine.name]]
    connections: list[Json] = list(dict.fromkeys([*clone.connections, *pairs.connections]))
    return {"paths": paths, "control": control, "probes": probes, "probes_claimed": len(probes), "connections": connections}


class _Pairs:
    """Runs two pieces of work on a clone, one after the other; or apart, the first at the same time on a copy of what was kept."""

    def __init__(self, clone: Clone, *, apart: bool) -> None:
        self._clone, self._apart = clone, apart
        self.connections: list[str] = []

    def run(self, one: _Work, other: _Work) -> tuple[dict[str, Json], dict[str, Json]]:
        """Return what both found. Where both are refused, what the first was refused with is told."""
        if not self._apart:
            return one(self._clone), other(self._clone)
        with beside(lambda: _on_a_copy(self._clone, one)) as answer:
            try:
                second = other(self._clone)
            except GovernError:
                answer()
                raise
            first = answer()
        self.connections += first["connections"]
        return first["found"], second


def _on_a_copy(clone: Clone, work: _Work) -> dict[str, Json]:
    with closing(clone.second()) as copy:
        return {"found": work(copy), "connections": list(copy.connections)}


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
