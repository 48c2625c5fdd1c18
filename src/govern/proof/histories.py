"""Histories as rules in a row: what they lead to, and how much of one can be left out.

Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, enough, holds
from govern.proof.system import Rule, Situation, System

# What one rule fewer leads to is looked at for so many choices of local states. Where a history is long, fewer are, those
# that were made before first.
_PATIENCE = 100_000
_NOWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """A rule, and the local states to which it took what it moves."""

    rule: Rule
    targets: Mapping[str, str]


_Path: TypeAlias = tuple["_Path", Taken] | None
_Run: TypeAlias = tuple[dict[str, str], _Path]


def shortened(system: System, start: Situation, taken: Sequence[Taken], goal: Formula) -> tuple[Situation, tuple[Taken, ...]]:
    """Return what is left of a history when all is left out that can be; and with an ordinary start, where one serves.

    No rule can be left out of it: whatever the others then choose, from that start they do not lead there.
    """
    now, left = _ordinary(system, dict(start), _concerned(start, taken, goal), goal)
    length = len(left) + 1
    while len(left) < length:
        length = len(left)
        left = _without_choices(now, _without_rules(now, _without_rounds(now, left, goal), goal), goal)
    return now, tuple(left)


def _concerned(start: Situation, taken: Sequence[Taken], goal: Formula) -> list[Taken]:
    """Keep what moves a component on which the end rests, or a guard of what is kept: quickly most of what matters, and little else."""
    now = dict(start)
    before = []
    for one in taken:
        before.append(dict.fromkeys(one.targets, ""))
        for name, target in one.targets.items():
            before[-1][name], now[name] = now[name], target
    matter = set(_resting(goal, now, wanted=True))
    kept = []
    for one, states in zip(reversed(taken), reversed(before), strict=True):
        now |= states
        if not matter.isdisjoint(states):
            kept.append(one)
            matter.update(states, _resting(one.rule.guard, now, wanted=True))
    return kept[::-1]


def _resting(formula: Formula, now: Situation, *, wanted: bool) -> Iterator[str]:
    """Yield components by which alone a formula, in a situation, holds; or, not wanted, fails."""
    match formula:
        case In(component=name):
            yield name
        case Not(part=part):
            yield from _resting(part, now, wanted=not wanted)
        case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):  # pragma: no branch - the forms are these
            deciding = [part for part in parts if holds(part, now) == wanted]
            for part in deciding[: enough(formula, wanted=wanted)]:
                yield from _resting(part, now, wanted=wanted)


def _ordinary(system: System, start: dict[str, str], taken: list[Taken], goal: Formula) -> tuple[dict[str, str], list[Taken]]:
    """Let each component begin as it does first, where the history still leads there."""
    for component in system.components.values():
        if start[component.name] != component.starts[0]:
            changed = start | {component.name: component.starts[0]}
            again = _again(changed, taken, goal)
            if again is not None:
                start, taken = changed, again
    return start, taken


def _without_rounds(start: dict[str, str], taken: list[Taken], goal: Formula) -> list[Taken]:
    """Leave out, together, all that moves a component away from a local state and back to it."""
    for name, state in start.items():
        kept = ([one for index, one in enumerate(taken) if index not in gone] for gone in _rounds(name, state, taken))
        tried = (_again(start, left, goal) for left in kept)
        taken = next((again for again in tried if again is not None), taken)
    return taken


def _rounds(name: str, state: str, taken: list[Taken]) -> Iterator[frozenset[int]]:
    """Yield where a history moves a component in a circle, the longest way round first."""
    moving = [index for index, one in enumerate(taken) if name in one.targets]
    states = [state, *(taken[index].targets[name] for index in moving)]
    for length in range(len(moving), 1, -1):
        for first in range(len(moving) - length + 1):
            if states[first] == states[first + length]:
                yield frozenset(moving[first : first + length])


def _without_rules(start: dict[str, str], taken: list[Taken], goal: Formula) -> list[Taken]:
    """Leave out each rule that can be, the last first."""
    now, before = dict(start), []
    for one in taken:
        before.append({name: now[name] for name in one.targets})
        now |= one.targets
    left: list[Taken] = []
    following: dict[str, Rule] = {}
    for one, states in zip(reversed(taken), reversed(before), strict=True):
        now |= states
        # What moves a component next cannot do so from where it would stay: no need to look at all that happens until then.
        stuck = any(name in following and state not in following[name].moves[name] for name, state in states.items())
        again = None if stuck else _again(now, left, goal)
        left = [one, *left] if again is None else again
        following |= dict.fromkeys(one.targets, one.rule) if again is None else {}
    return left


def _without_choices(start: dict[str, str], taken: list[Taken], goal: Formula) -> list[Taken]:
    """Leave out rules that can be if one before them chooses anew."""
    if all(len(states) == 1 for one in taken for ways in one.rule.moves.values() for states in ways.values()):
        return taken
    tried = (_again(start, taken[:index] + taken[index + 1 :], goal) for index in range(len(taken)))
    return next((again for again in tried if again is not None), taken)


def _again(start: dict[str, str], taken: list[Taken], goal: Formula) -> list[Taken] | None:
    """Take the same rules from another situation, with choices that lead where a formula holds; nothing if none do."""
    width = max(1, _PATIENCE // (len(taken) + 1) ** 2)
    runs: list[_Run] = [(dict(start), None)]
    for one in taken:
        runs = _apart([run for before in runs for run in _next(before, one)])[:width]
        if not runs:
            return None
    return next((_listed(path) for now, path in runs if holds(goal, now)), None)


def _next(run: _Run, one: Taken) -> Iterator[_Run]:
    """Yield where a rule leads, the choice made before first. The situation given is used up."""
    now, path = run
    rule = one.rule
    reached = [ways.get(now[name], _NOWHERE) for name, ways in rule.moves.items()]
    if not all(reached) or not holds(rule.guard, now):
        return
    if all(states == {one.targets[name]} for name, states in zip(rule.moves, reached, strict=True)):
        now.update(one.targets)
        yield now, (path, one)
        return
    choices = (_before_first(one.targets[name], states) for name, states in zip(rule.moves, reached, strict=True))
    *others, last = (dict(zip(rule.moves, states, strict=True)) for states in product(*choices))
    for targets in others:
        yield now | targets, (path, Taken(rule, targets))
    now.update(last)
    yield now, (path, Taken(rule, last))


def _before_first(chosen: str, states: frozenset[str]) -> Iterable[str]:
    return sorted(states, key=lambda state: (state != chosen, state))


def _apart(runs: list[_Run]) -> list[_Run]:
    """Return one run to each situation, the first."""
    if len(runs) < 2:
        return runs
    return list({tuple(now.values()): (now, path) for now, path in reversed(runs)}.values())[::-1]


def _listed(path: _Path) -> list[Taken]:
    found: list[Taken] = []
    while path is not None:
        path, one = path
        found.append(one)
    return found[::-1]
