"""Which components can stand for each other: situations that differ by swapping them need to be looked at once.

Pure. Two components can be swapped where doing so everywhere leaves the same rules, by what they ask and do, and the same goal.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, atoms
from govern.proof.system import Rule, System

_Names: TypeAlias = Mapping[str, object]
"""What each component is called while two things are compared: itself, another one, or what is known of it so far."""


def interchangeable(system: System, goal: Formula) -> tuple[tuple[str, ...], ...]:
    """Part the components into classes of which any two can be swapped, both in the order of the system."""
    spelling = _Spelling()
    looks = _looks(system, goal, spelling)
    alike: dict[object, list[str]] = defaultdict(list)
    for name in system.components:
        alike[looks[name]].append(name)
    swaps = _Swaps(system, goal, spelling)
    return tuple(found for names in alike.values() for found in _classes(names, swaps))


def _classes(names: Sequence[str], swaps: "_Swaps") -> Iterator[tuple[str, ...]]:
    """Part components that look alike by whether swapping them really changes nothing."""
    while names:
        first, *others = names
        # Swaps with one and the same component yield, one after another, every order of those that can be swapped with it.
        same = [name for name in others if swaps.change_nothing(first, name)]
        yield (first, *same)
        names = [name for name in others if name not in same]


class _Spelling:
    """One number for each formula, however its parts are ordered, under given names."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def number(self, spelt: object) -> int:
        return self._numbers.setdefault(spelt, len(self._numbers))

    def formula(self, formula: Formula, names: _Names) -> int:
        match formula:
            case In(component=name, states=states):
                return self.number((names.get(name, name), states))
            case And(parts=parts):
                return self._several(len(parts), parts, names)
            case Or(parts=parts):
                return self._several(1, parts, names)
            case AtLeast(wanted=wanted, parts=parts):
                return self._several(wanted, parts, names)
            case Not(part=part):  # pragma: no branch - the forms are these
                return self.number(("not", self.formula(part, names)))

    def _several(self, wanted: int, parts: Iterable[Formula], names: _Names) -> int:
        return self.number((wanted, *sorted(self.formula(part, names) for part in parts)))

    def rule(self, rule: Rule, names: _Names) -> int:
        does = sorted(self.number((names.get(name, name), *sorted(ways.items(), key=_source))) for name, ways in rule.moves.items())
        return self.number(("rule", self.formula(rule.guard, names), *does))


def _source(way: tuple[str, frozenset[str]]) -> str:
    return way[0]


class _Swaps:
    """Whether swapping two components changes anything."""

    def __init__(self, system: System, goal: Formula, spelling: _Spelling) -> None:
        self._spelling = spelling
        self._goal = goal
        # By the identity of a formula, which the system keeps: hashing it would take as long as reading it.
        self._speaking: dict[int, dict[str, dict[int, Formula]]] = {}
        self._rules = {spelling.rule(rule, {}) for rule in system.rules.values()}
        self._about: dict[str, dict[str, Rule]] = {name: {} for name in system.components}
        for rule in system.rules.values():
            for name in (*rule.moves, *(atom.component for atom in atoms(rule.guard))):
                self._about[name][rule.name] = rule

    def change_nothing(self, one: str, other: str) -> bool:
        names = {one: other, other: one}
        rules = (self._about[one] | self._about[other]).values()
        return self._same(self._goal, names) and all(self._kept(rule, names) for rule in rules)

    def _kept(self, rule: Rule, names: Mapping[str, str]) -> bool:
        if names.keys().isdisjoint(rule.moves) and self._same(rule.guard, names):
            return True
        return self._spelling.rule(rule, names) in self._rules

    def _same(self, formula: Formula, names: Mapping[str, str]) -> bool:
        """Whether a formula means what it did: of its parts, only those that speak of what is swapped are looked at."""
        if isinstance(formula, Not):
            return self._same(formula.part, names)
        if isinstance(formula, In):
            return formula.component not in names
        changed = [part for part in self._parts(formula, names) if not self._same(part, names)]
        return sorted(self._spelling.formula(part, {}) for part in changed) == sorted(self._spelling.formula(part, names) for part in changed)

    def _parts(self, formula: And | Or | AtLeast, names: Mapping[str, str]) -> list[Formula]:
        if id(formula) not in self._speaking:
            speaking: dict[str, dict[int, Formula]] = {}
            for place, part in enumerate(formula.parts):
                for atom in atoms(part):
                    speaking.setdefault(atom.component, {})[place] = part
            self._speaking[id(formula)] = speaking
        found: dict[int, Formula] = {}
        for name in names:
            found |= self._speaking[id(formula)].get(name, {})
        return list(found.values())


def _looks(system: System, goal: Formula, spelling: _Spelling) -> dict[str, int]:
    """Number the components so that those which can be swapped have one number: by where they occur, then by beside what."""
    looks = {name: spelling.number((frozenset(one.states), frozenset(one.starts))) for name, one in system.components.items()}
    while True:
        found: dict[str, list[int]] = {name: [number] for name, number in looks.items()}
        for name, place in _places(system, goal, looks, spelling):
            found[name].append(place)
        finer = {name: spelling.number(("look", *sorted(places))) for name, places in found.items()}
        if len(set(finer.values())) == len(set(looks.values())):
            return looks
        looks = finer


def _places(system: System, goal: Formula, looks: _Names, spelling: _Spelling) -> Iterator[tuple[str, int]]:
    """Yield each component with a number for each place where it occurs, the same for places that look alike."""
    yield from _inside(goal, spelling.number("goal"), looks, spelling)
    for rule in system.rules.values():
        here = spelling.rule(rule, looks)
        yield from _inside(rule.guard, here, looks, spelling)
        for name, ways in rule.moves.items():
            yield name, spelling.number((here, *sorted(ways.items(), key=_source)))


def _inside(formula: Formula, here: int, looks: _Names, spelling: _Spelling) -> Iterator[tuple[str, int]]:
    place = spelling.number((here, spelling.formula(formula, looks)))
    match formula:
        case In(component=name):
            yield name, place
        case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):
            for part in parts:
                yield from _inside(part, place, looks, spelling)
        case Not(part=part):  # pragma: no branch - the forms are these
            yield from _inside(part, place, looks, spelling)
