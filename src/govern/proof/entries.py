"""What may hold ever since a component entered a local state: guards that let it in, and what is left of them later.

Pure. Candidates only: `govern.proof.induction` keeps those that hold at the start and that every rule keeps.
"""

from collections.abc import Iterator
from itertools import islice

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, disjunction
from govern.proof.system import System

_CANDIDATES = 300


def candidates(system: System) -> tuple[Formula, ...]:
    """Return what may hold of a component in some local states: a condition under which a rule lets it in, now or as it has become since."""
    return tuple(islice(dict.fromkeys(_entries(system)), _CANDIDATES))


def _entries(system: System) -> Iterator[Formula]:
    for rule in system.rules.values():
        for part in _conditions(rule.guard):
            conditions = (part, _since(system, part, wanted=True))
            for name, ways in rule.moves.items():
                for state in sorted({target for targets in ways.values() for target in targets}):
                    for inside in (_later(system, name, frozenset([state])), frozenset([state])):
                        outside = In(name, frozenset(system.components[name].states) - inside)
                        yield from (disjunction([outside, condition]) for condition in conditions)


def _conditions(guard: Formula) -> Iterator[Formula]:
    """Yield the parts that must all hold, but atoms: what these give, pairs of components show."""
    if isinstance(guard, And):
        for part in guard.parts:
            yield from _conditions(part)
    elif not isinstance(guard, In):
        yield guard


def _later(system: System, name: str, states: frozenset[str]) -> frozenset[str]:
    """Return some local states and those to which rules lead from there, short of where a component begins."""
    found = set(states)
    left = list(states)
    starts = system.components[name].starts
    while left:
        state = left.pop()
        reached = {target for rule in system.movers[name] for target in rule.moves[name].get(state, ())}
        left.extend(reached.difference(found, starts))
        found |= reached.difference(starts)
    return frozenset(found)


def _since(system: System, formula: Formula, *, wanted: bool) -> Formula:
    """Weaken a formula to what may be left of it, or, not wanted, strengthen it to that from which it is still absent."""
    match formula:
        case In(component=name, states=states):
            if wanted:
                return In(name, _later(system, name, states))
            known = frozenset(system.components[name].states)
            return In(name, known - _later(system, name, known - states))
        case And(parts=parts):
            return And(tuple(_since(system, part, wanted=wanted) for part in parts))
        case Or(parts=parts):
            return Or(tuple(_since(system, part, wanted=wanted) for part in parts))
        case AtLeast(least, parts):
            return AtLeast(least, tuple(_since(system, part, wanted=wanted) for part in parts))
        case Not(part=part):  # pragma: no branch - the forms are these
            return Not(_since(system, part, wanted=not wanted))
