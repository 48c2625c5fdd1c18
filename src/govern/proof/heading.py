"""Heading for a goal by an estimate of how far it is, where there are too many situations to look at all of them.

Pure. The estimate takes each part of what is asked for by itself, as if nothing that was brought about were ever undone:
the additive heuristic of planning (Bonet and Geffner). What it finds is a history; that it finds none says nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush, nsmallest
from math import inf
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, enough
from govern.proof.layout import Layout
from govern.proof.stepping import Group, Step, different, groups_of
from govern.proof.system import Reached, Rule

_Costs: TypeAlias = Mapping[int, float]
"""How many rules it takes, about, to bring a component into a local state, by its bit."""

_Estimate: TypeAlias = Callable[[_Costs], float]

_LOOKS = 400
# A look takes the longer the more rules there are, and the more looks are needed: where these are many, few are taken.
_PATIENCE = 30_000_000


def headed(layout: Layout, steps: Sequence[Step], goal: Formula, *, looks: int = _LOOKS) -> Reached | None:
    """Return a history to where the goal holds, if one is found within so many looks."""
    holds = layout.test(goal)
    guide = _Guide(layout, goal)
    groups = groups_of(layout, steps)
    ways: dict[int, tuple[str, int]] = {}
    begun = next(layout.starts())
    seen = {begun}
    # The situations from which to go on, the nearest first, and of those as near the oldest; each with what is left to try.
    waiting = [(guide.distance(begun), 0, begun, _after(groups, begun))]
    while waiting and len(seen) < min(looks, _PATIENCE // (len(steps) + 1) ** 2):
        _near, _, number, left = waiting[0]
        if holds(number):
            return _history(layout, ways, number)
        name, after = next(left, ("", number))
        if not name:
            heappop(waiting)
        elif layout.lumped(after) not in seen:
            seen.add(layout.lumped(after))
            ways[after] = name, number
            near = guide.distance(after)
            if near < inf:
                heappush(waiting, (near, len(seen), after, _after(groups, after)))
    return None


def _after(groups: Sequence[Group], number: int) -> Iterator[tuple[str, int]]:
    return ((step.name, after) for step in different(groups, number) for after in step.nexts(number))


def _history(layout: Layout, ways: Mapping[int, tuple[str, int]], last: int) -> Reached:
    names = []
    while last in ways:
        name, last = ways[last]
        names.append(name)
    return Reached("search", layout.situation(last), tuple(reversed(names)))


class _Guide:
    """The estimate of how far situations are from a goal."""

    def __init__(self, layout: Layout, goal: Formula) -> None:
        self._layout = layout
        self._goal = self._estimate(goal, wanted=True)
        self._rules = [(self._estimate(rule.guard, wanted=True), self._sources(rule)) for rule in layout.system.rules.values()]

    def _sources(self, rule: Rule) -> list[dict[int, list[int]]]:
        """Return, for each component that a rule moves, from which bits it leads to which."""
        moved: list[dict[int, list[int]]] = []
        for name, ways in rule.moves.items():
            bits, sources = self._layout.bits[name], dict[int, list[int]]()
            for source, targets in ways.items():
                for target in targets:
                    sources.setdefault(bits[target], []).append(bits[source])
            moved.append(sources)
        return moved

    def distance(self, number: int) -> float:
        """Return about how many rules it takes to the goal; infinite where no history leads there."""
        costs = dict.fromkeys(self._layout.bits_of(self._layout.full), inf) | dict.fromkeys(self._layout.bits_of(number), 0.0)
        nearer = True
        while nearer:
            nearer = False
            for asked, moved in self._rules:
                for bit, cost in _led(asked(costs), moved, costs):
                    if cost < costs[bit]:
                        costs[bit] = cost
                        nearer = True
        return self._goal(costs)

    def _estimate(self, formula: Formula, *, wanted: bool) -> _Estimate:
        match formula:
            case In(component=name, states=states):
                bits = tuple(bit for state, bit in self._layout.bits[name].items() if (state in states) is wanted)
                return lambda costs: min((costs[bit] for bit in bits), default=inf)
            case Not(part=part):
                return self._estimate(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):  # pragma: no branch - the forms are these
                return self._cheapest(enough(formula, wanted=wanted), parts, wanted=wanted)

    def _cheapest(self, least: int, parts: Sequence[Formula], *, wanted: bool) -> _Estimate:
        estimates = [self._estimate(part, wanted=wanted) for part in parts]
        if least > len(parts):
            return lambda _costs: inf
        if least == len(parts):
            return lambda costs: sum(estimate(costs) for estimate in estimates)
        return lambda costs: sum(nsmallest(least, (estimate(costs) for estimate in estimates)))


def _led(asked: float, moved: Sequence[Mapping[int, Sequence[int]]], costs: _Costs) -> Iterator[tuple[int, float]]:
    """Yield to which bits a rule leads, and what it takes: what its guard asks, and that each component is where it can be moved."""
    if asked == inf:
        return
    led = [{target: min(costs[bit] for bit in bits) for target, bits in sources.items()} for sources in moved]
    least = [min(each.values(), default=inf) for each in led]
    taken = asked + sum(least) + 1
    if taken < inf:
        yield from ((bit, taken - own + cost) for each, own in zip(led, least, strict=True) for bit, cost in each.items())
