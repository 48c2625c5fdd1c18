"""The fewest facts with which so many parts of one formula hold, and so many, or fewer, of another.

Pure. Parts that both formulas share count in both; each of the others is a pair, of which either may hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from govern.policy.diff.search import Situation, together

Answers: TypeAlias = Mapping[tuple[bool, bool], Situation | None]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: of each shared part the situations in which it holds and fails, of each pair all four."""

    shared: tuple[tuple[Situation | None, Situation | None], ...]
    pairs: tuple[Answers, ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    cost: int
    before: "_Chosen | None" = None
    situation: Situation | None = None


def fewest(choices: Choices, wanted: tuple[int, int], held: tuple[bool, bool]) -> Situation | None:
    """Return a smallest situation in which each formula, that wants so many of its parts, holds or fails as asked."""
    least, free, most = _ordered(choices)
    sums = [0]
    for holds, fails in free:
        sums.append(sums[-1] + holds.cost - fails.cost)
    # The differences grow, so that the cheapest number of parts is where they turn.
    turn = sum(holds.cost < fails.cost for holds, fails in free)
    best: tuple[int, int, _Chosen] | None = None
    for (one, two), chosen in _counted(choices.pairs).items():
        low, high = 0, len(free)
        for count, enough, holds_ in ((one, wanted[0], held[0]), (two, wanted[1], held[1])):
            left = enough - count - len(least)
            low, high = (max(low, left), high) if holds_ else (low, min(high, left - 1))
        if low <= high:
            number = min(max(turn, low), high)
            cost = chosen.cost + sums[number]
            if best is None or cost < best[0]:
                best = cost, number, chosen
    if best is None:
        return None
    _cost, number, chosen = best
    return _together([*least, *most, *(holds for holds, _ in free[:number]), *(fails for _, fails in free[number:])], chosen)


def _ordered(choices: Choices) -> tuple[list[Situation], list[tuple[Situation, Situation]], list[Situation]]:
    """Return the shared parts that always hold, those that may, the dearest last, and those that never do."""
    always = [holds for holds, fails in choices.shared if fails is None and holds is not None]
    never = [fails for holds, fails in choices.shared if holds is None and fails is not None]
    free = [(holds, fails) for holds, fails in choices.shared if holds is not None and fails is not None]
    return always, sorted(free, key=lambda each: each[0].cost - each[1].cost), never


def _counted(pairs: tuple[Answers, ...]) -> dict[tuple[int, int], _Chosen]:
    """Return the cheapest way to have so many of the first and so many of the second of all pairs hold."""
    found = {(0, 0): _Chosen(0)}
    for pair in pairs:
        more: dict[tuple[int, int], _Chosen] = {}
        for (one, two), before in found.items():
            for (first, second), situation in pair.items():
                if situation is not None:
                    key, cost = (one + first, two + second), before.cost + situation.cost
                    if key not in more or cost < more[key].cost:
                        more[key] = _Chosen(cost, before, situation)
        found = more
    return found


def _together(situations: list[Situation], chosen: _Chosen | None) -> Situation:
    while chosen is not None and chosen.situation is not None:
        situations.append(chosen.situation)
        chosen = chosen.before
    return together(situations)
