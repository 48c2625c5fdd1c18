"""A policy as a network of small automata: the one thing that every engine of proof reads.

Pure values. Each component (a grant, a leg, a lane, a packet, …) is in one of a few local states; a rule is an act that
somebody may do, or time that passes, and moves one or more of them. `govern.proof.building` makes it from a policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from govern.proof.formulas import Formula, In, conjunction, disjunction, negation

Situation: TypeAlias = Mapping[str, str]
"""The local state of each component, by its name."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the state. `starts` are the local states in which a history can begin: with nothing on record, the first, or with what documents report."""

    name: str
    states: tuple[str, ...]
    starts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a rule stands for in the ledger: a kind of record, what it is about, and what else tells it apart."""

    kind: str
    of: str = ""
    source: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """An act, or time that passes.

    It can be taken where its guard holds and each component that it moves is in a local state that `moves` names; each of
    those then goes, by itself, to one of the local states named there. `actors` are those who can take it, each of them
    alone; nobody where time does.
    """

    name: str
    guard: Formula
    moves: Mapping[str, Mapping[str, frozenset[str]]]
    actors: tuple[str, ...] = ()
    deed: Deed = Deed("time")

    @property
    def enabled(self) -> Formula:
        """Where it can be taken."""
        return conjunction([*(In(name, frozenset(ways)) for name, ways in self.moves.items()), self.guard])


@dataclass(frozen=True)
class System:
    """All components and rules, by their names."""

    components: Mapping[str, Component]
    rules: Mapping[str, Rule]

    @cached_property
    def movers(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that move each component."""
        found: dict[str, list[Rule]] = {name: [] for name in self.components}
        for rule in self.rules.values():
            for name in rule.moves:
                found[name].append(rule)
        return {name: tuple(rules) for name, rules in found.items()}


@dataclass(frozen=True, slots=True)
class Never:
    """No history takes one of these rules where the formula beside it holds."""

    name: str
    wrong: tuple[tuple[str, Formula], ...]


@dataclass(frozen=True, slots=True)
class AlwaysPossible:
    """After every history one of these rules can be taken."""

    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reachable:
    """After some history one of these rules can be taken."""

    name: str
    rules: tuple[str, ...]


Promise: TypeAlias = Never | AlwaysPossible | Reachable


def sought(promise: Promise, system: System) -> Formula:
    """Return what is looked for: a situation that breaks a promise, or, of one that something is reachable, that shows it."""
    match promise:
        case Never(wrong=wrong):
            return disjunction(conjunction([system.rules[name].enabled, formula]) for name, formula in wrong)
        case AlwaysPossible(rules=rules):
            return conjunction(negation(system.rules[name].enabled) for name in rules)
        case Reachable(rules=rules):  # pragma: no branch - the promises are these
            return disjunction(system.rules[name].enabled for name in rules)


@dataclass(frozen=True, slots=True)
class Unreached:
    """No history leads there. `by` is the engine that says so; what it kept for the second one is its certificate.

    The certificate is an inductive invariant: formulas that hold at the start, that every rule keeps, and that exclude
    what was sought; `system` is the one over which they are written.
    """

    by: str
    system: System
    certificate: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A history that leads there: where it starts, and the rules it takes, in order."""

    by: str
    start: Situation
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither was found, and why."""

    why: str


Outcome: TypeAlias = Unreached | Reached | Undecided
