"""A history guessed in one pass, as if nothing that was brought about were ever undone, and then taken for real.

Pure. Where it leads to what was sought it is a history, whatever it was guessed from; that it does not, says nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import count
from math import inf
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, enough, holds
from govern.proof.system import Reached, Rule, System

BY = "a guess"

_Local: TypeAlias = tuple[str, str]
"""A component and one of its local states."""


class Sketches:
    """Guesses at the histories of one system: what it takes to bring a local state about is found once, for all goals."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._start = {name: component.starts[0] for name, component in system.components.items()}
        # In which turn each local state is first brought about, and by which rule from which other one.
        self._turns: dict[_Local, float] = dict.fromkeys(self._start.items(), 0)
        self._ways: dict[_Local, tuple[Rule, str]] = {}
        self._bring_about()

    def history(self, goal: Formula) -> Reached | None:
        """Return a history to where a formula holds, from the first start, if the guess is one."""
        if self._turn(goal, wanted=True) == inf:
            return None
        now, taken = dict(self._start), []
        for rule in self._needed(goal):
            if holds(rule.enabled, now):
                now |= {name: self._chosen(rule, name, now[name]) for name in rule.moves}
                taken.append(rule.name)
        return Reached(BY, self._start, tuple(taken)) if holds(goal, now) else None

    def _chosen(self, rule: Rule, name: str, before: str) -> str:
        """Choose what a rule is taken for, else what changes nothing."""
        targets = rule.moves[name][before]
        wanted = (state for state in sorted(targets) if (name, state) in self._ways and self._ways[name, state][0] is rule)
        return next(wanted, before if before in targets else min(targets))

    def _bring_about(self) -> None:
        turns = count(1)
        grown = True
        while grown:
            grown = False
            for rule in self._system.rules.values():
                new = {local: source for local, source in self._led(rule) if local not in self._turns}
                if new and self._turn(rule.guard, wanted=True) < inf:
                    self._turns |= dict.fromkeys(new, next(turns))
                    self._ways |= {local: (rule, source) for local, source in new.items()}
                    grown = True

    def _led(self, rule: Rule) -> Iterator[tuple[_Local, str]]:
        """Yield to which local states a rule leads from those that are brought about, each with the first of these."""
        sources = {name: self._first(name, ways) for name, ways in rule.moves.items()}
        if not all(sources.values()):
            return
        for name, ways in rule.moves.items():
            for source in reversed(sources[name]):
                yield from (((name, target), source) for target in ways[source])

    def _first(self, name: str, states: Iterable[str]) -> list[str]:
        """Return which of some local states are brought about, the first before the others."""
        return sorted((state for state in states if (name, state) in self._turns), key=lambda state: (self._turns[name, state], state))

    def _needed(self, goal: Formula) -> list[Rule]:
        """Return the rules that bring about what a formula asks, and what they ask in turn, in the order in which they were first possible."""
        rules: dict[float, Rule] = {}
        left = list(self._asked(goal, wanted=True))
        while left:
            name, state = left.pop()
            turn = self._turns[name, state]
            if not turn:
                continue
            rule, source = self._ways[name, state]
            left.append((name, source))
            if turn not in rules:
                rules[turn] = rule
                left += self._asked(rule.enabled, wanted=True)
        return [rules[turn] for turn in sorted(rules)]

    def _states(self, atom: In, *, wanted: bool) -> Collection[str]:
        return atom.states if wanted else [state for state in self._system.components[atom.component].states if state not in atom.states]

    def _turn(self, formula: Formula, *, wanted: bool) -> float:
        """Return in which turn a formula, or its negation, holds first; infinite where it never does."""
        match formula:
            case In(component=name):
                return min((self._turns.get((name, state), inf) for state in self._states(formula, wanted=wanted)), default=inf)
            case Not(part=part):
                return self._turn(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):  # pragma: no branch - the forms are these
                turns = [0, *sorted(self._turn(part, wanted=wanted) for part in parts), inf]
                return turns[min(enough(formula, wanted=wanted), len(turns) - 1)]

    def _asked(self, formula: Formula, *, wanted: bool) -> Iterator[_Local]:
        """Yield the local states by which a formula, or its negation, holds first."""
        match formula:
            case In(component=name):
                yield name, self._first(name, self._states(formula, wanted=wanted))[0]
            case Not(part=part):
                yield from self._asked(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):  # pragma: no branch - the forms are these
                soonest = sorted(parts, key=lambda part: self._turn(part, wanted=wanted))
                for part in soonest[: enough(formula, wanted=wanted)]:
                    yield from self._asked(part, wanted=wanted)
