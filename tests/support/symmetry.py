"""Random systems of which some components can be swapped: a twin of the first one, of which the same is asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Rule, System
from support.random_systems import random_formulas, random_systems

_Value = TypeVar("_Value")


@st.composite
def symmetric_questions(draw: st.DrawFn) -> tuple[System, Formula]:
    """Return a system with a twin of its first component, and a goal that does not tell them apart."""
    single = draw(random_systems())
    swap = {"c0": "twin", "twin": "c0"}
    components = {**single.components, "twin": replace(single.components["c0"], name="twin")}
    rules = dict(single.rules)
    for rule in single.rules.values():
        rules[f"{rule.name} of the twin"] = swapped_rule(rule, swap)
    goal = draw(random_formulas(single))
    other = swapped(goal, swap)
    joined: tuple[Formula, ...] = (And((goal, other)), Or((goal, other)), AtLeast(3, (goal, other, Not(And((goal, other))))))
    return System(components, rules), joined[draw(st.integers(0, 2))]


def swapped_rule(rule: Rule, swap: Mapping[str, str]) -> Rule:
    """Return a rule with components renamed."""
    return Rule(f"{rule.name} of the twin", swapped(rule.guard, swap), renamed(rule.moves, swap))


def swapped(formula: Formula, swap: Mapping[str, str]) -> Formula:
    """Return a formula with components renamed."""
    match formula:
        case In(component=name, states=states):
            return In(swap.get(name, name), states)
        case And(parts=parts):
            return And(tuple(swapped(part, swap) for part in parts))
        case Or(parts=parts):
            return Or(tuple(swapped(part, swap) for part in parts))
        case AtLeast(wanted=wanted, parts=parts):
            return AtLeast(wanted, tuple(swapped(part, swap) for part in parts))
        case Not(part=part):  # pragma: no branch - the forms are these
            return Not(swapped(part, swap))


def renamed(of: Mapping[str, _Value], swap: Mapping[str, str]) -> dict[str, _Value]:
    """Return what is said of each component, said of the one it is swapped with."""
    return {swap.get(name, name): value for name, value in of.items()}
