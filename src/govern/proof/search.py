"""Looking at every situation that a history can lead to, shortest histories first, those that differ by a swap once.

Pure. What is sought and not found comes with the reason in a form that another engine can check: `govern.proof.regression`.
"""

from collections.abc import Iterator, Mapping, Sequence

from govern.proof.formulas import Formula
from govern.proof.heading import headed
from govern.proof.layout import Layout
from govern.proof.lumping import interchangeable
from govern.proof.regression import certificate, foreseen
from govern.proof.stepping import Step, different, groups_of, step_of
from govern.proof.system import Outcome, Reached, System, Undecided, Unreached

# For so many lumped situations allowed, so many times as many rules are tried.
_TRIES = 60


_WAYS = 3_000


def search(system: System, goal: Formula, *, limit: int) -> Outcome:
    """Return a shortest history to where the goal holds, or that there is none.

    Beyond so many lumped situations, return a history that an estimate finds, if not the shortest; else it is undecided.
    """
    layout = Layout(system, interchangeable(system, goal))
    excluding = foreseen(layout, goal)
    if excluding is not None:
        return Unreached("search", system, excluding)
    steps = [step_of(rule, layout) for rule in system.rules.values() if rule.moves]
    before: dict[int, int | None] = {}
    holds = layout.test(goal)
    for number, source in _found(layout, steps, before, tries=limit * _TRIES):
        if number is None or len(before) == limit:
            found = headed(layout, steps, goal) if _is_narrow(system) else None
            return found or Undecided(f"there are more than {limit} situations to look at")
        before[number] = source
        if holds(number):
            return _history(layout, steps, before, number)
    return Unreached("search", system, certificate(layout, goal, list(before)))


def _is_narrow(system: System) -> bool:
    """Whether an estimate is quick enough to be worth it: it looks at every rule from every local state that it moves."""
    return sum(len(ways) for rule in system.rules.values() for ways in rule.moves.values()) <= _WAYS


def _found(layout: Layout, steps: Sequence[Step], seen: Mapping[int, int | None], *, tries: int) -> Iterator[tuple[int | None, int | None]]:
    """Yield each lumped situation with the one from which it was found, once, the nearest first; `seen` grows meanwhile.

    After so many tries of rules, yield nothing in the place of one.
    """
    waiting: list[int] = []
    for number in layout.starts():
        yield number, None
        waiting.append(number)
    groups = groups_of(layout, steps)
    for number in waiting:
        if tries < 0:
            yield None, None
        for step in different(groups, number):
            tries -= 1
            for after in step.nexts(number):
                lumped = step.lumped(after)
                if lumped not in seen:
                    yield lumped, number
                    waiting.append(lumped)


def _history(layout: Layout, steps: Sequence[Step], before: Mapping[int, int | None], last: int) -> Reached:
    """Go the way to a lumped situation once more, with the components as they are."""
    way: list[int] = []
    found: int | None = last
    while found is not None:
        way.append(found)
        found = before[found]
    number, *nexts = reversed(way)
    start, names = number, []
    for wanted in nexts:
        name, number = next((step.name, after) for step in steps for after in step.nexts(number) if layout.lumped(after) == wanted)
        names.append(name)
    return Reached("search", layout.situation(start), tuple(names))
