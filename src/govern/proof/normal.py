"""Formulas in one form that every encoding reads: joins over atoms, nothing negated, nothing counted, parts shared.

Pure values. A negated atom is an atom over the other local states; a count becomes joins of counts of its halves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Component

# Wide joins are broken into small ones: where one component moves, only the joins on its way to the top are written again.
_WIDTH = 8


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """A component is in one of these local states; never in none of them, never in all."""

    component: str
    states: frozenset[str]
    observed: int


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """All of the parts hold, or one of them does. Over no parts: true, or false. `observed` has a bit for each component."""

    every: bool
    parts: tuple["Node", ...]
    observed: int


Node: TypeAlias = Atom | Join
TRUE = Join(every=True, parts=(), observed=0)
FALSE = Join(every=False, parts=(), observed=0)


class Normal:
    """Formulas over some components, each node once however often it is written."""

    def __init__(self, components: Mapping[str, Component]) -> None:
        self._known = {name: frozenset(one.states) for name, one in components.items()}
        self.bits = {name: 1 << index for index, name in enumerate(components)}
        self._atoms: dict[tuple[str, frozenset[str]], Node] = {}
        self._joins: dict[tuple[bool, tuple[Node, ...]], Node] = {}

    def node(self, formula: Formula, *, wanted: bool = True) -> Node:
        """Return what holds exactly where a formula does or, not wanted, where it does not."""
        match formula:
            case In(component=name, states=states):
                return self._atom(name, states, wanted=wanted)
            case And(parts=parts):
                return self.join([self.node(part, wanted=wanted) for part in parts], every=wanted)
            case Or(parts=parts):
                return self.join([self.node(part, wanted=wanted) for part in parts], every=not wanted)
            case AtLeast(least, parts):
                # That fewer hold is that enough do not.
                count = least if wanted else len(parts) - least + 1
                return self._count(count, tuple(self.node(part, wanted=wanted) for part in parts))
            case Not(part=part):  # pragma: no branch - the forms are these
                return self.node(part, wanted=not wanted)

    def join(self, parts: Iterable[Node], *, every: bool) -> Node:
        """Join nodes: flat, each once, constants taken out, never wider than a few."""
        neutral, absorbing = (TRUE, FALSE) if every else (FALSE, TRUE)
        kept = dict.fromkeys(part for part in parts if part is not neutral)
        if absorbing in kept:
            return absorbing
        level = tuple(kept)
        while len(level) > _WIDTH:
            level = tuple(self._shared(level[start : start + _WIDTH], every=every) for start in range(0, len(level), _WIDTH))
        return self._shared(level, every=every)

    def _shared(self, parts: tuple[Node, ...], *, every: bool) -> Node:
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return TRUE if every else FALSE
        key = (every, parts)
        if key not in self._joins:
            self._joins[key] = Join(every, parts, reduce(or_, (part.observed for part in parts)))
        return self._joins[key]

    def _atom(self, name: str, states: frozenset[str], *, wanted: bool) -> Node:
        known = self._known[name]
        inside = known & states if wanted else known - states
        if not inside or inside == known:
            return TRUE if inside else FALSE
        return self._atoms.setdefault((name, inside), Atom(name, inside, self.bits[name]))

    def _count(self, least: int, parts: tuple[Node, ...]) -> Node:
        """So many hold: however the shortage is spread over two halves, one of them has not that shortage."""
        known: dict[tuple[int, int, int], Node] = {}

        def counted(least: int, first: int, end: int) -> Node:
            if least <= 0:
                return TRUE
            if least > end - first:
                return FALSE
            if end - first == 1:
                return parts[first]
            key = (least, first, end)
            if key not in known:
                middle = (first + end) // 2
                shortages = range(max(0, least - 1 - (end - middle)), min(least - 1, middle - first) + 1)
                pairs = ([counted(less + 1, first, middle), counted(least - less, middle, end)] for less in shortages)
                known[key] = self.join([self.join(pair, every=False) for pair in pairs], every=True)
            return known[key]

        return counted(least, 0, len(parts))


def leaves(node: Node) -> Mapping[str, tuple[frozenset[str], ...]]:
    """Return what a node asks of each component that it observes."""
    found: dict[str, dict[frozenset[str], None]] = {}
    seen: set[Node] = set()
    left = [node]
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        if isinstance(one, Atom):
            found.setdefault(one.component, {})[one.states] = None
        else:
            left.extend(one.parts)
    return {name: tuple(sets) for name, sets in found.items()}


def demands(node: Node) -> Mapping[str, frozenset[str]]:
    """Return the local states in which each component must be for a node to hold: what follows from its atoms alone."""
    found: dict[str, frozenset[str]] = {}
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, Atom):
            found[one.component] = found.get(one.component, one.states) & one.states
        elif one.every:
            left.extend(one.parts)
    return found
