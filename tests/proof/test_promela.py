import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or
from govern.proof.promela import export
from govern.proof.system import Component, Rule, System
from support.random_systems import explicit, random_formulas, random_systems


@pytest.fixture(autouse=True, scope="module")
def _tools() -> None:
    if which("spin") is None:
        pytest.skip("spin is not installed")
    if which("cc") is None:
        pytest.skip("a C compiler is not installed")


def _reached(model: str, promise: int) -> bool:
    """Ask spin whether what a promise looks for is reached."""
    with TemporaryDirectory() as folder:
        Path(folder, "model.pml").write_text(model, encoding="utf-8")
        _run(folder, "spin", f"-DPROMISE={promise}", "-a", "model.pml")
        _run(folder, "cc", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c")
        said = _run(folder, "./pan", "-m100000")
    assert "search depth too small" not in said, said
    errors = re.search(r"errors: (\d+)", said)
    assert errors is not None, said
    assert (errors[1] != "0") is ("assertion violated" in said), said
    return errors[1] != "0"


def _run(folder: str, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


# Each example compiles a program: few of them, and none tried again to make a failure smaller.
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_spin_reaches_exactly_what_an_explicit_search_reaches(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    goals = [data.draw(random_formulas(system)) for _ in range(2)]
    model = export(system, {f"goal {number}": goal for number, goal in enumerate(goals)})
    assert [_reached(model, number) for number in (1, 2)] == [explicit(system, goal) for goal in goals]


def _grant(name: str) -> Component:
    return Component(name, ("none", "recorded", "revoked"), ("none",))


def _in(name: str, *states: str) -> In:
    return In(name, frozenset(states))


def _rule(name: str, guard: Formula, component: str, edge: str) -> Rule:
    source, target = edge.split()
    return Rule(name, guard, {component: {source: frozenset({target})}})


def _programme(guard: Formula, *more: Rule) -> System:
    parts = [*(_grant(name) for name in ("G-1", "G-2", "G-3")), Component("packet/*5*/", ("HOLD", "GO"), ("HOLD",))]
    rules = [
        *(_rule(f"record {name}", TRUE, name, "none recorded") for name in ("G-1", "G-2", "G-3")),
        _rule("select", guard, "packet/*5*/", "HOLD GO"),
        *more,
    ]
    return System({one.name: one for one in parts}, {rule.name: rule for rule in rules})


_RECORDED = tuple(_in(name, "recorded") for name in ("G-1", "G-2", "G-3"))
_SELECTED = _in("packet/*5*/", "GO")
_EARLY = And((_SELECTED, Not(And(_RECORDED))))


def _faults() -> Iterator[tuple[str, System]]:
    yield "a guard dropped", _programme(TRUE)
    yield "any for all", _programme(Or(_RECORDED))
    yield "two of three", _programme(AtLeast(2, _RECORDED))
    yield (
        "a revoked grant still counts",
        _programme(And((*_RECORDED[:2], _in("G-3", "recorded", "revoked"))), _rule("revoke", Not(_SELECTED), "G-3", "recorded revoked")),
    )
    yield "revoked after it was selected", _programme(And(_RECORDED), _rule("revoke", TRUE, "G-1", "recorded revoked"))


@pytest.mark.parametrize(("fault", "system"), [pytest.param(fault, system, id=fault) for fault, system in _faults()])
def test_spin_finds_a_planted_fault(fault: str, system: System) -> None:
    assert explicit(system, _EARLY), fault
    assert _reached(export(system, {"early": _EARLY}), 1)


def test_spin_finds_nothing_where_nothing_is_wrong_however_odd_the_names() -> None:
    odd = Rule('say "*/" ?? \n ü', FALSE, {"G-1": {"none": frozenset({"recorded", "revoked"})}})
    model = export(_programme(And(_RECORDED), odd), {"early */": _EARLY, "later": _SELECTED})
    assert not _reached(model, 1)
    assert _reached(model, 2)


def test_a_promise_that_is_not_in_the_model_is_not_answered() -> None:
    with pytest.raises(AssertionError, match="there is no promise of this number"):
        _reached(export(_programme(TRUE), {"early": _EARLY}), 2)


def test_a_component_of_many_local_states_does_not_overflow() -> None:
    many = Component("counter", tuple(f"s{number}" for number in range(300)), ("s0",))
    rules = [_rule("far", TRUE, "counter", "s0 s299"), _rule("back", TRUE, "counter", "s299 s43")]
    model = export(System({"counter": many}, {rule.name: rule for rule in rules}), {"there": _in("counter", "s299"), "wrapped": _in("counter", "s44")})
    assert (_reached(model, 1), _reached(model, 2)) == (True, False)


def test_a_model_reads_like_what_it_was_made_from() -> None:
    system = System(
        {"leg/x": Component("leg/x", ("open", "proven"), ("open", "proven")), "lane": Component("lane", ("shut", "open"), ("shut",))},
        {"open it": Rule("open it", AtLeast(1, (_in("leg/x", "proven"), FALSE)), {"lane": {"shut": frozenset({"open"})}})},
    )
    model = export(system, {"never open": And((_in("lane", "open"), Not(_in("leg/x"))))})
    assert (
        model.partition(" */\n")[2]
        == """
byte c1_leg_x; /* 'leg/x': 0 'open', 1 'proven' */
byte c2_lane; /* 'lane': 0 'shut', 1 'open' */

#ifndef PROMISE
#define PROMISE 1
#endif
/* promise 1: 'never open' */
#if PROMISE == 1
#define SOUGHT ((c2_lane == 1) && (!(false)))
#endif
#ifndef SOUGHT
#error there is no promise of this number
#endif

active proctype histories() {
  atomic {
    if :: c1_leg_x = 0 :: c1_leg_x = 1 fi;
    c2_lane = 0;
    skip
  }
end:
  do
  :: atomic { SOUGHT -> assert(false) }
  :: atomic { /* 'open it' */
       ((c2_lane == 0) && (((c1_leg_x == 1) + (false)) >= 1)) ->
       if :: c2_lane == 0 -> c2_lane = 1 fi;
     }
  od
}
"""
    )
