"""What histories of a system lead to, by looking at each of its situations: nothing is sliced, merged, lumped or solved.

A set of situations is a number with a bit for each. Situations are numbered by their local states, as numbers are by their
digits, so a rule that moves a component shifts the bits of those it moves.
"""

from collections.abc import Collection, Iterator
from math import prod

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Rule, System


class Looking:
    """All situations of a system, and in turn those that a history of so many rules leads to, and no shorter one."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.size = prod(len(component.states) for component in system.components.values())
        self.places: dict[str, dict[str, int]] = {}
        self.weights: dict[str, int] = {}
        self.found: dict[tuple[str, frozenset[str]], int] = {}
        weight = 1
        for name, component in system.components.items():
            self.weights[name] = weight
            self.places[name] = {state: number * weight for number, state in enumerate(component.states)}
            weight *= len(component.states)
        self.layers = tuple(self._layers())

    def distance(self, goal: Formula) -> int | None:
        """Return how many rules the shortest history takes to where a formula holds, or nothing."""
        wanted = self.where(goal)
        return next((steps for steps, layer in enumerate(self.layers) if layer & wanted), None)

    def inside(self, name: str, states: Collection[str]) -> int:
        """Return the situations in which a component is in one of some local states."""
        places, weight = self.places[name], self.weights[name]
        found = sum(((1 << weight) - 1) << places[state] for state in places if state in states)
        # The same again and again, as the digits above run through.
        width = weight * len(places)
        while width < self.size:
            found |= found << width
            width *= 2
        return found & self._everywhere()

    def where(self, formula: Formula) -> int:
        """Return the situations in which a formula holds."""
        match formula:
            case In(component=name, states=states):
                return self.inside(name, states)
            case And(parts=parts):
                return self._of_number(len(parts), parts)
            case Or(parts=parts):
                return self._of_number(1, parts)
            case AtLeast(wanted=wanted, parts=parts):
                return self._of_number(wanted, parts)
            case Not(part=part):  # pragma: no branch - the forms are these
                return self._everywhere() ^ self.where(part)

    def _everywhere(self) -> int:
        return (1 << self.size) - 1

    def _of_number(self, wanted: int, parts: tuple[Formula, ...]) -> int:
        # `found[n]`: where n of the parts so far hold, or more.
        found = [self._everywhere()] + [0] * max(wanted, 0)
        for part in parts:
            held = self.where(part)
            for number in range(len(found) - 1, 0, -1):
                found[number] |= found[number - 1] & held
        return found[-1]

    def _layers(self) -> Iterator[int]:
        steps = [self._step(rule) for rule in self.system.rules.values()]
        layer = self._everywhere()
        for name, component in self.system.components.items():
            layer &= self.inside(name, component.starts)
        seen = 0
        while layer:
            yield layer
            seen |= layer
            reached = 0
            for enabled, moves in steps:
                reached |= _taken(layer & enabled, moves)
            layer = reached & ~seen

    def _step(self, rule: Rule) -> tuple[int, list[list[tuple[int, list[int]]]]]:
        """Return where a rule can be taken, and of each component that it moves how far it shifts the situations in each of its local states."""
        enabled = self.where(rule.guard)
        moves = []
        for name, ways in rule.moves.items():
            enabled &= self.inside(name, ways)
            places = self.places[name]
            moves.append([(self.inside(name, [source]), [places[target] - places[source] for target in targets]) for source, targets in ways.items()])
        return enabled, moves


def _taken(situations: int, moves: list[list[tuple[int, list[int]]]]) -> int:
    for ways in moves:
        moved = 0
        for sources, shifts in ways:
            here = situations & sources
            for shift in shifts if here else ():
                moved |= here << shift if shift > 0 else here >> -shift
        situations = moved
    return situations
