"""Small systems at random, and what can happen in them by explicit search: the measure of every engine of proof."""

from collections.abc import Iterator
from itertools import product
from random import Random

from hypothesis import strategies as st

from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or, holds
from govern.proof.system import Component, Rule, Situation, System

# Sizes are drawn, so that failures shrink; what fills them comes from a seed, so that thousands take seconds.
_SEEDS = st.integers(0, 2**48)


def random_systems() -> st.SearchStrategy[System]:
    """Systems of one to four components of two or three local states, and one to six rules.

    Guards are nested; some components have several starts, some rules move two components, or to any of several states.
    """
    return st.builds(_system, st.sampled_from((3, 4, 2, 1)), st.sampled_from((6, 5, 4, 3, 2, 1)), _SEEDS)


def random_formulas(system: System) -> st.SearchStrategy[Formula]:
    """Formulas over the components of a system: nested ones, and single situations (the goals that are far away)."""
    components = tuple(system.components.values())
    nested = st.builds(lambda depth, seed: _formula(Random(seed), components, depth), st.integers(0, 3), _SEEDS)
    return st.one_of(_SEEDS.map(lambda seed: _corner(Random(seed), components)), nested)


def _system(size: int, rules: int, seed: int) -> System:
    chance = Random(seed)
    components = tuple(_component(chance, f"c{index}") for index in range(size))
    made = (_rule(chance, f"r{index}", components) for index in range(rules))
    return System({one.name: one for one in components}, {rule.name: rule for rule in made})


def _component(chance: Random, name: str) -> Component:
    states = ("p", "q", "r")[: chance.choice((2, 3, 3))]
    several = chance.random() < 0.2
    return Component(name, states, tuple(sorted(_some(chance, states))) if several else states[:1])


def _some(chance: Random, states: tuple[str, ...]) -> frozenset[str]:
    return frozenset(chance.sample(states, chance.randint(1, len(states))))


def _rule(chance: Random, name: str, components: tuple[Component, ...]) -> Rule:
    moved = chance.sample(components, min(len(components), chance.choice((1, 1, 1, 2))))
    guard = _formula(chance, components, chance.choice((0, 1, 1, 2, 3))) if chance.random() < 0.7 else TRUE
    return Rule(name, guard, {one.name: _ways(chance, one.states) for one in moved})


def _ways(chance: Random, states: tuple[str, ...]) -> dict[str, frozenset[str]]:
    sources = _some(chance, states) if chance.random() < 0.3 else [chance.choice(states)]
    ways = {}
    for source in sorted(sources):
        others = tuple(one for one in states if one != source)
        ways[source] = _some(chance, states) if chance.random() < 0.3 else frozenset([chance.choice(others)])
    return ways


def _formula(chance: Random, components: tuple[Component, ...], depth: int) -> Formula:
    if depth == 0:
        one = chance.choice(components)
        return In(one.name, _some(chance, one.states)) if chance.random() < 0.97 else chance.choice((TRUE, FALSE, In(one.name, frozenset())))
    parts = tuple(_formula(chance, components, chance.randrange(depth)) for _ in range(chance.randint(1, 3)))
    return chance.choice((And(parts), And(parts), Or(parts), AtLeast(chance.randint(0, len(parts) + 1), parts), Not(parts[0])))


def _corner(chance: Random, components: tuple[Component, ...]) -> Formula:
    kept = chance.sample(components, chance.randint(1, len(components)))
    return And(tuple(In(one.name, frozenset([chance.choice(one.states[1:])])) for one in kept))


def starts(system: System) -> Iterator[Situation]:
    """Yield each situation in which a history can begin."""
    for combined in product(*(one.starts for one in system.components.values())):
        yield dict(zip(system.components, combined, strict=True))


def situations(system: System) -> Iterator[Situation]:
    """Yield each situation that the local states allow, reachable or not."""
    for combined in product(*(one.states for one in system.components.values())):
        yield dict(zip(system.components, combined, strict=True))


def taken(rule: Rule, situation: Situation) -> Iterator[Situation]:
    """Yield each situation to which a rule can lead from another."""
    if not holds(rule.guard, situation) or any(situation[name] not in ways for name, ways in rule.moves.items()):
        return
    for targets in product(*(sorted(ways[situation[name]]) for name, ways in rule.moves.items())):
        yield {**situation, **dict(zip(rule.moves, targets, strict=True))}


def distance(system: System, goal: Formula) -> int | None:
    """Return how many rules the shortest history takes to where a formula holds, or nothing."""
    frontier = list(starts(system))
    seen = {tuple(situation.values()) for situation in frontier}
    steps = 0
    while frontier:
        if any(holds(goal, situation) for situation in frontier):
            return steps
        nexts = (after for before in frontier for rule in system.rules.values() for after in taken(rule, before))
        frontier = list({key: after for after in nexts if (key := tuple(after.values())) not in seen}.values())
        seen |= {tuple(situation.values()) for situation in frontier}
        steps += 1
    return None


def explicit(system: System, goal: Formula) -> bool:
    """Whether some history leads to where a formula holds: by looking at all of them."""
    return distance(system, goal) is not None


def replayed(system: System, start: Situation, rules: tuple[str, ...]) -> list[Situation]:
    """Return the situations in which a history can be after its rules; none where one of them cannot be taken."""
    current = [start]
    for name in rules:
        nexts = (after for before in current for after in taken(system.rules[name], before))
        current = list({tuple(sorted(situation.items())): situation for situation in nexts}.values())
    return current
