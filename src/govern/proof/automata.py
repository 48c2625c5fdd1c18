"""The life of one thing (an instance of a grant, a run, a proof, a lane) as a small automaton, and of many such things as a component.

Pure. Of instances there can be any number; what guards can tell apart is of which kinds there are some, and, up to a
bound, how many. What is as good as new, and what nothing can tell apart, is merged before.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from govern.proof.formulas import TRUE, Formula
from govern.proof.system import Deed

Moves = Mapping[str, frozenset[str]]
LATER = "too early"
"""What the name of a state says whose window has not begun."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step of one life. Without a source it begins one; without a target it ends where nothing can be told of it any more."""

    deed: Deed
    source: str | None
    target: str | None
    actors: tuple[str, ...] = ()
    guard: Formula = TRUE


@dataclass(frozen=True, slots=True)
class Life:
    """The states of one thing, with the labels by which guards know them, and its steps.

    `unseen` are the kinds of steps of which some show nowhere: where one moves something else, too, that can still be told.
    """

    labels: Mapping[str, frozenset[str]]
    edges: tuple[Edge, ...]
    unseen: frozenset[str] = frozenset()

    def seen(self, labels: frozenset[str]) -> "Life":
        """Return the life as those see it who know only these labels: what they cannot tell apart is merged or left out."""
        life = replace(self, labels={name: own & labels for name, own in self.labels.items()})
        while True:
            smaller = _without_new(_merged(life))
            if smaller == life:
                return life
            life = smaller

    def led_by_people(self) -> "Life":
        """Return the life as people lead it at once: without what documents report, and without windows that open later.

        Less is possible in it; what leads somewhere in it does so in the whole.
        """
        edges = [edge for edge in self.edges if not edge.deed.kind.startswith("report ") and LATER not in f"{edge.source} {edge.target}"]
        led = {edge.target for edge in edges if edge.source is None}
        while more := {edge.target for edge in edges if edge.source in led} - led:
            led |= more
        labels = {name: own for name, own in self.labels.items() if name in led}
        return Life(labels, tuple(edge for edge in edges if edge.source is None or edge.source in led), self.unseen)

    def at_most(self, size: int) -> "Life":
        """Return the life, or where it has more states than that, with all states merged that have the same labels: more is possible then, never less."""
        return self if len(self.labels) <= size else _renamed(self, self.labels)


def _merged(life: Life) -> Life:
    """Merge the states that have the same labels and lead, by the same steps, to the same states."""
    block: dict[str, Hashable] = dict(life.labels)
    while True:
        finer = {name: (block[name], frozenset(_steps_from(name, life, block))) for name in life.labels}
        if len(set(finer.values())) == len(set(block.values())):
            break
        block = dict(finer)
    return _renamed(life, block)


def _renamed(life: Life, block: Mapping[str, Hashable]) -> Life:
    """Return a life with the first of each block of states in the place of all of them."""
    first: dict[Hashable, str] = {}
    for name in life.labels:
        first.setdefault(block[name], name)
    name_of: dict[str | None, str | None] = {None: None} | {name: first[block[name]] for name in life.labels}
    edges = dict.fromkeys(replace(edge, source=name_of[edge.source], target=name_of[edge.target]) for edge in life.edges)
    unseen = {edge.deed.kind for edge in life.edges if name_of[edge.source] == name_of[edge.target]}
    kept = tuple(edge for edge in edges if edge.source != edge.target)
    return Life({name: life.labels[name] for name in first.values()}, kept, life.unseen | unseen)


def _steps_from(name: str, life: Life, block: Mapping[str, Hashable]) -> Iterator[Hashable]:
    for edge in life.edges:
        # Time that passes and shows nowhere is no step.
        idle = edge.deed.kind == "time" and edge.target is not None and block[edge.target] == block[name]
        if edge.source == name and edge.target != name and not idle:
            yield edge.deed, edge.actors, edge.guard, edge.target and block[edge.target]


def _without_new(life: Life) -> Life:
    """Leave out what shows nowhere and can do no more than what is begun anew: `nothing` is as good.

    Its steps are those that a new life can take at any moment, by the same people, so a history that waits is as long.
    """
    begins = [edge for edge in life.edges if edge.source is None and edge.guard == TRUE]

    def as_new(edge: Edge) -> bool:
        return edge.target is None or any(new.target == edge.target and set(edge.actors) <= set(new.actors) for new in begins)

    idle = {name for name, labels in life.labels.items() if not labels}
    while shown := {edge.source for edge in life.edges if edge.source in idle and edge.target not in idle and not as_new(edge)}:
        idle -= shown
    ended = (replace(edge, target=None if edge.target in idle else edge.target) for edge in life.edges if edge.source not in idle)
    kept = tuple(dict.fromkeys(edge for edge in ended if edge.source or edge.target))
    unseen = {edge.deed.kind for edge in life.edges if edge.source in idle}
    return Life({name: labels for name, labels in life.labels.items() if name not in idle}, kept, life.unseen | unseen)


@dataclass(frozen=True, slots=True)
class Population:
    """Any number of lives at once, as one component: its states, the labels of each, and where each step leads.

    A label `x` holds where some life has it, `x*2` where two have. Of the kinds `unseen` there are steps that show nowhere.
    """

    states: tuple[str, ...]
    labels: Mapping[str, frozenset[str]]
    moves: Mapping[Edge, Moves]
    unseen: frozenset[str] = frozenset()


def population(life: Life, most: int) -> Population:
    """Return what can be there at once, counted up to `most` of a kind."""
    names = tuple(life.labels)
    counts = list(product(range(most + 1), repeat=len(names)))
    spelled = {count: _spell(names, count, most) for count in counts}
    labels = {spelled[count]: frozenset(_labels(life, names, count)) for count in counts}
    moves = {
        edge: {spelled[count]: targets for count in counts if (targets := frozenset(spelled[each] for each in _after(edge, names, count, most)))}
        for edge in life.edges
    }
    return _smaller(Population(tuple(spelled.values()), labels, moves, life.unseen))


def _spell(names: tuple[str, ...], count: tuple[int, ...], most: int) -> str:
    some = [name if number == 1 else f"{number}{'+' if number == most else ''} {name}" for name, number in zip(names, count, strict=True) if number]
    return " and ".join(some) or "none"


def _labels(life: Life, names: tuple[str, ...], count: tuple[int, ...]) -> Iterator[str]:
    held: dict[str, int] = {}
    for name, number in zip(names, count, strict=True):
        for label in life.labels[name]:
            held[label] = held.get(label, 0) + number
    for label, number in held.items():
        if number:
            yield label
        yield from (f"{label}*{each}" for each in range(2, number + 1))


def _after(edge: Edge, names: tuple[str, ...], count: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """Yield what can be there after a step: where there are as many as are counted, there may have been more."""
    befores = [count]
    if edge.source is not None:
        at = names.index(edge.source)
        if not count[at]:
            return
        fewer = (*count[:at], count[at] - 1, *count[at + 1 :])
        befores = [fewer, count] if count[at] == most else [fewer]
    for before in befores:
        if edge.target is None:
            yield before
        else:
            at = names.index(edge.target)
            yield (*before[:at], min(before[at] + 1, most), *before[at + 1 :])


def _smaller(many: Population) -> Population:
    """Merge what no label and no step can tell apart."""
    block: dict[str, Hashable] = dict(many.labels)
    while True:
        finer = {state: (block[state], tuple(frozenset(block[to] for to in ways.get(state, ())) for ways in many.moves.values())) for state in many.states}
        number = {signature: index for index, signature in enumerate(dict.fromkeys(finer.values()))}
        numbered: dict[str, Hashable] = {state: number[finer[state]] for state in many.states}
        if len(set(numbered.values())) == len(set(block.values())):
            break
        block = numbered
    first: dict[Hashable, str] = {}
    for state in many.states:
        first.setdefault(block[state], state)
    name_of = {state: first[block[state]] for state in many.states}
    moves = {edge: {state: frozenset(name_of[to] for to in ways[state]) for state in first.values() if state in ways} for edge, ways in many.moves.items()}
    return Population(tuple(first.values()), {state: many.labels[state] for state in first.values()}, moves, many.unseen)


def single(life: Life) -> dict[Edge, Moves]:
    """Return where each step leads in a component that is one life."""
    return {edge: {edge.source: frozenset((edge.target,))} for edge in life.edges if edge.source is not None and edge.target is not None}
