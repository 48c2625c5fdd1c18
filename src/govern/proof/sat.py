"""The one door to python-sat: situations of a system and the rules between them as clauses, and a solver over them.

Pure: the solver lives in memory. It is an extra, imported where it is first asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import combinations
from types import TracebackType
from typing import Any, Self

from govern.problems import Exit, fault
from govern.proof.normal import Atom, Join, Node, Normal
from govern.proof.system import Component, Rule, System

# Measured on the questions of this package against its peers: see `bench/proof_systems.py`.
SOLVER = "cadical195"
# From so many literals on, "at most one" is written with a chain of new ones instead of in pairs.
_PAIRWISE = 6


def available() -> bool:
    """Whether python-sat is installed."""
    return find_spec("pysat") is not None


def _solver(name: str) -> Any:
    """Return a new solver of python-sat.

    Raises:
        GovernError: python-sat is not installed.
    """
    try:
        from pysat.solvers import Solver
    except ImportError as error:
        raise fault(
            Exit.UNJUDGED, "PROOF_EXTRA", "a proof by induction needs python-sat, which is not installed", help="pip install 'govern[proof]'"
        ) from error
    return Solver(name=name)


class Frame:
    """The variables of one moment. What a frame has none of its own for stands as in the frame below it."""

    def __init__(self, own: Mapping[str, Mapping[str, int]], mask: int, below: "Frame | None") -> None:
        self.own = own
        self.mask = mask
        self.below = below
        self.literals: dict[Node, int] = {}

    def of(self, component: str) -> Mapping[str, int]:
        """Return the literal of each local state of a component."""
        if component in self.own:
            return self.own[component]
        assert self.below is not None
        return self.below.of(component)

    def where(self, node: Node) -> "Frame":
        """Return the highest frame, from this one down, that has variables for what a node observes."""
        frame = self
        while frame.below is not None and not node.observed & frame.mask:
            frame = frame.below
        return frame


class Encoding:
    """Clauses about moments of one system, and the solver that they are given to."""

    def __init__(self, system: System, *, solver: str = SOLVER) -> None:
        self.system = system
        self.normal = Normal(system.components)
        self._solver = _solver(solver)
        self._count = 1
        self._true = 1
        self.add([self._true])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._solver.delete()

    def new(self) -> int:
        """Return a literal that nothing is said about yet."""
        self._count += 1
        return self._count

    def add(self, clause: Sequence[int]) -> None:
        """Demand that one literal of these holds."""
        self._solver.add_clause(clause)

    def frame(self, components: Iterable[str], below: Frame | None = None) -> Frame:
        """Return a moment in which each of these components is in exactly one local state; the others, as in the moment below."""
        own = {name: self._states(self.system.components[name]) for name in components}
        mask = sum(self.normal.bits[name] for name in own)
        return Frame(own, mask, below)

    def _states(self, component: Component) -> Mapping[str, int]:
        states = component.states
        if len(states) == 1:
            return {states[0]: self._true}
        if len(states) == 2:
            second = self.new()
            return {states[0]: -second, states[1]: second}
        literals = {state: self.new() for state in states}
        self.add(list(literals.values()))
        self.at_most_one(list(literals.values()))
        return literals

    def at_most_one(self, literals: Sequence[int]) -> None:
        """Demand that no two of these literals hold."""
        if len(literals) <= _PAIRWISE:
            for one, other in combinations(literals, 2):
                self.add([-one, -other])
            return
        # Each link of the chain holds from the first literal that does on.
        link = literals[0]
        for literal in literals[1:]:
            self.add([-link, -literal])
            before, link = link, self.new()
            self.add([-before, link])
            self.add([-literal, link])

    def holds(self, node: Node, frame: Frame) -> int:
        """Return a literal from which it follows that a node holds in a frame. Nothing follows from its negation."""
        frame = frame.where(node)
        if node not in frame.literals:
            frame.literals[node] = self._atom(node, frame) if isinstance(node, Atom) else self._join(node.parts, frame, every=node.every)
        return frame.literals[node]

    def _atom(self, atom: Atom, frame: Frame) -> int:
        literals = frame.of(atom.component)
        inside = [literal for state, literal in literals.items() if state in atom.states]
        outside = [literal for state, literal in literals.items() if state not in atom.states]
        if len(inside) == 1:
            return inside[0]
        if len(outside) == 1:
            return -outside[0]
        literal = self.new()
        for excluded in outside:
            self.add([-literal, -excluded])
        return literal

    def _join(self, parts: tuple[Node, ...], frame: Frame, *, every: bool) -> int:
        literal = self.new()
        if not every:
            self.add([-literal, *(self.holds(part, frame) for part in parts)])
            return literal
        for part in parts:
            self.demand(part, frame, where=[literal])
        return literal

    def demand(self, node: Node, frame: Frame, *, where: Sequence[int] = ()) -> None:
        """Demand that a node holds in a frame, wherever all of some literals do."""
        frame = frame.where(node)
        unless = [-literal for literal in where]
        if isinstance(node, Join) and not node.every:
            self.add([*unless, *(self.holds(part, frame) for part in node.parts)])
        else:
            self.add([*unless, self.holds(node, frame)])

    def taken(self, rule: Rule, before: Frame, after: Frame) -> int:
        """Return a literal from which it follows that a rule is taken between two frames; of what it does not move, nothing follows."""
        literal = self.new()
        self.demand(self.normal.node(rule.enabled), before, where=[literal])
        for name, ways in rule.moves.items():
            sources, targets = before.of(name), after.of(name)
            for source, reached in ways.items():
                self.add([-literal, -sources[source], *(targets[target] for target in sorted(reached))])
        return literal

    def begins(self, frame: Frame) -> int:
        """Return a literal from which it follows that a frame is one in which a history can begin."""
        literal = self.new()
        for component in self.system.components.values():
            self.add([-literal, *(frame.of(component.name)[state] for state in component.starts)])
        return literal

    def possible(self, assumed: Sequence[int] = ()) -> bool:
        """Whether all that is demanded can hold together with some literals."""
        return bool(self._solver.solve(assumptions=assumed))

    def core(self) -> frozenset[int]:
        """Return which of the literals assumed the last answer, that nothing is possible, rests on."""
        return frozenset(self._solver.get_core() or ())

    def found(self, literals: Iterable[int]) -> list[int]:
        """Return which of these literals hold in what the last answer, that all is possible, found."""
        model = self._solver.get_model()
        # Of a variable that stands in no clause a model may say nothing.
        return [literal for literal in literals if (abs(literal) <= len(model) and model[abs(literal) - 1] > 0) == (literal > 0)]

    def situation(self, frame: Frame) -> dict[str, str]:
        """Return the situation that the last answer, that all is possible, found in a frame."""
        literals = {name: frame.of(name) for name in self.system.components}
        true = set(self.found(literal for states in literals.values() for literal in states.values()))
        return {name: next(state for state, literal in states.items() if literal in true) for name, states in literals.items()}
