"""Facts that lifecycles give: in which local states a component can be at all, and in which of them while another is where it is.

Pure. Guards are read for what they demand of single components; what is said about a component, or a pair, then follows
from the rules that move it alone, whatever else happens.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product

from govern.proof.formulas import Formula, In, disjunction
from govern.proof.normal import FALSE, Normal, demands
from govern.proof.system import Rule, System

_PAIRS = 20_000
"""So many pairs of components are looked at, those that the goal observes first."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds of some components after every history: those of their local states, together, in which they are never."""

    formula: Formula
    over: tuple[str, ...]
    never: frozenset[tuple[str, ...]]


class Lifecycles:
    """What the rules of a system say about components one by one and two by two."""

    def __init__(self, system: System, normal: Normal) -> None:
        self._system = system
        nodes = {rule.name: normal.node(rule.enabled) for rule in system.rules.values()}
        demanded = {name: demands(node) for name, node in nodes.items() if node is not FALSE}
        self._demands = {name: states for name, states in demanded.items() if all(states.values())}
        self._leaving: dict[tuple[str, str], list[Rule]] = {}
        for name in self._demands:
            for moved, ways in system.rules[name].moves.items():
                for source in ways:
                    self._leaving.setdefault((moved, source), []).append(system.rules[name])

    @cached_property
    def _reached(self) -> Mapping[str, frozenset[str]]:
        """Where each component can be, if the others can be wherever they ever are."""
        reached = {name: set(component.starts) for name, component in self._system.components.items()}
        grown = True
        while grown:
            grown = False
            for name, demanded in self._demands.items():
                if any(reached[one].isdisjoint(states) for one, states in demanded.items()):
                    continue
                for moved, ways in self._system.rules[name].moves.items():
                    sources = reached[moved].intersection(ways, demanded.get(moved, ways))
                    targets = {target for source in sources for target in ways[source]}
                    grown |= not targets <= reached[moved]
                    reached[moved] |= targets
        return {name: frozenset(states) for name, states in reached.items()}

    @cached_property
    def alone(self) -> Mapping[str, Fact]:
        """What holds of single components, where it says something."""
        found = {}
        for name, reached in self._reached.items():
            never = frozenset((state,) for state in self._system.components[name].states if state not in reached)
            if never:
                found[name] = Fact(In(name, reached), (name,), never)
        return found

    def beside(self, observed: Iterable[str]) -> Iterator[Fact]:
        """Yield what holds of pairs in which one is moved only where the other is in some of its local states."""
        for one, other in islice(self._pairs(frozenset(observed)), _PAIRS):
            together = self._together(one, other)
            met: dict[frozenset[str], list[str]] = {}
            for state in sorted(self._reached[one]):
                met.setdefault(frozenset(there for here, there in together if here == state), []).append(state)
            for there, states in met.items():
                if there != self._reached[other]:
                    yield self._fact(one, frozenset(states), other, there)

    def _fact(self, one: str, here: frozenset[str], other: str, there: frozenset[str]) -> Fact:
        elsewhere = frozenset(self._system.components[one].states) - here
        never = frozenset(product(sorted(here), sorted(frozenset(self._system.components[other].states) - there)))
        return Fact(disjunction([In(one, elsewhere), In(other, there)]), (one, other), never)

    def _pairs(self, observed: frozenset[str]) -> Iterable[tuple[str, str]]:
        pairs: dict[tuple[str, str], None] = {}
        for name, demanded in self._demands.items():
            moves = self._system.rules[name].moves
            for moved in moves:
                pairs |= dict.fromkeys((moved, other) for other in (*demanded, *moves) if other != moved and (other, moved) not in pairs)
        return sorted(pairs, key=lambda pair: -len(observed.intersection(pair)))

    def _together(self, one: str, other: str) -> set[tuple[str, ...]]:
        """Return the local states in which two components can be at the same time."""
        over = (one, other)
        left: list[tuple[str, ...]] = list(product(*(self._system.components[name].starts for name in over)))
        found = set(left)
        while left:
            here = left.pop()
            rules = (rule for rule in self._moving(over, here) if rule.name not in self._barred)
            reached = {after for rule in rules for after in self._led(rule, here, over)} - found
            found |= reached
            left.extend(reached)
        return found

    def _moving(self, over: tuple[str, ...], here: tuple[str, ...]) -> Iterable[Rule]:
        return {rule.name: rule for local in zip(over, here, strict=True) for rule in self._leaving.get(local, ())}.values()

    def _led(self, rule: Rule, here: tuple[str, ...], over: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield the local states to which a rule leads some components, if it can be taken from there for all that they say."""
        demanded = self._demands[rule.name]
        if all(name not in demanded or state in demanded[name] for name, state in zip(over, here, strict=True)):
            yield from product(*(rule.moves[name][state] if name in rule.moves else (state,) for name, state in zip(over, here, strict=True)))

    @cached_property
    def _barred(self) -> Mapping[str, str]:
        """By the rules that can never be taken, a component that never is where the rule demands it to be."""
        never = ((rule, name) for rule, demanded in self._demands.items() for name, states in demanded.items() if self._reached[name].isdisjoint(states))
        return dict(never)

    def closed(self, wanted: Iterable[Fact], known: Iterable[Fact]) -> tuple[Fact, ...]:
        """Return some facts, and of those known the ones without which a rule would not keep them."""
        pool: dict[tuple[str, ...], list[Fact]] = {}
        for fact in known:
            pool.setdefault(fact.over, []).append(fact)
        kept: dict[Fact, None] = {}
        left = dict.fromkeys(wanted)
        while left:
            fact, _ = left.popitem()
            kept[fact] = None
            leant_on = self._leant_on(fact.over, kept, pool[fact.over] if len(fact.over) > 1 else [])
            left |= dict.fromkeys(each for each in leant_on if each not in kept)
        return tuple(kept)

    def _leant_on(self, over: tuple[str, ...], kept: Mapping[Fact, None], pool: Iterable[Fact]) -> Iterator[Fact]:
        """Yield a fact for each way in which a rule would lead out of those kept about some components."""
        alone = [self.alone[name] for name in over if name in self.alone]
        around = [fact for fact in (*pool, *alone) if fact in kept]
        spared = [here for here in product(*(self._system.components[name].states for name in over)) if not _excluded(here, over, around)]
        for here in spared:
            for rule in self._moving(over, here):
                if any(_excluded(after, over, around) for after in self._led(rule, here, over)):
                    barred = self._barred.get(rule.name)
                    yield self.alone[barred] if barred else next(fact for fact in (*pool, *alone) if _excluded(here, over, [fact]))


def _excluded(here: tuple[str, ...], over: tuple[str, ...], facts: Iterable[Fact]) -> bool:
    local = dict(zip(over, here, strict=True))
    return any(tuple(local[name] for name in fact.over) in fact.never for fact in facts)
