"""Explanations: the smallest sets of requirements that unlock, and who can act next.

Pure. Computed from the judged guard that gave the verdict, so an explanation cannot differ from the answer.
"""

from dataclasses import dataclass
from itertools import combinations, islice

from govern.engine.causes import Judged, Requirement, failing
from govern.engine.verdicts import Verdict

MAX_SETS = 64
_MAX_WORK = 512


@dataclass(frozen=True, slots=True)
class Unlock:
    """The smallest sets of requirement ids that unlock, and how many minimal sets there are.

    `exact` is false where there were too many to look at; then the count is of those that were.
    """

    sets: tuple[tuple[str, ...], ...]
    count: int
    exact: bool


@dataclass(frozen=True, slots=True)
class NextAct:
    """An act that somebody can do towards a goal."""

    actors: tuple[str, ...]
    command: str
    clears: tuple[str, ...]


def unlock(judged: Judged) -> Unlock:
    """Return the smallest sets of unsatisfied requirements that, cleared together, would unlock a guard."""
    work = _Work()
    found = work.sets(judged)
    smallest = tuple(tuple(sorted(each, key=work.order.__getitem__)) for each in found[:MAX_SETS])
    return Unlock(smallest, len(found), not work.cut)


class _Work:
    """One computation of minimal sets: the order in which requirements were met, and whether it was cut short."""

    def __init__(self) -> None:
        self.order: dict[str, int] = {}
        self.cut = False

    def sets(self, judged: Judged) -> list[frozenset[str]]:
        if judged.truth is True:
            return [frozenset()]
        if judged.requirement:
            name = judged.requirement.id
            self.order.setdefault(name, len(self.order))
            # What nobody can clear (an action without a grant, a substitute) is in no set.
            return [frozenset((name,))] if judged.requirement.how else []
        # Over nothing nothing holds, and no act changes that: `combinations` of no parts would be the empty set.
        parts = sorted(filter(None, [self.sets(part) for part in judged.parts]), key=lambda sets: len(sets[0]))
        ways = list(islice(combinations(parts, judged.wanted), _MAX_WORK + 1)) if parts else []
        self.cut |= len(ways) > _MAX_WORK
        found: list[frozenset[str]] = []
        for chosen in ways[:_MAX_WORK]:
            found += self._joined(chosen)
            if len(found) > _MAX_WORK:
                found = self._minimal(found)
        return self._minimal(found)

    def _joined(self, parts: tuple[list[frozenset[str]], ...]) -> list[frozenset[str]]:
        found = [frozenset[str]()]
        for part in parts:
            found = self._minimal([left | right for left in found for right in part])
        return found

    def _minimal(self, sets: list[frozenset[str]]) -> list[frozenset[str]]:
        kept: list[frozenset[str]] = []
        for each in sorted(set(sets), key=lambda each: (len(each), sorted(self.order[name] for name in each))):
            if len(kept) >= _MAX_WORK:
                self.cut = True
                break
            if not any(smaller <= each for smaller in kept):
                kept.append(each)
        return kept


def next_acts(verdict: Verdict) -> tuple[NextAct, ...]:
    """Return the acts of the first smallest set, with who can do them; acts of one command are one."""
    found = unlock(verdict.judged)
    if not found.sets:
        return ()
    wanted = set(found.sets[0])
    acts: dict[str, NextAct] = {}
    for requirement in verdict.requirements:
        if requirement.id in wanted and not requirement.satisfied:
            act = acts.get(requirement.how)
            clears = (*act.clears, requirement.id) if act else (requirement.id,)
            acts[requirement.how] = NextAct(requirement.by, requirement.how, clears)
    return tuple(acts.values())


def blocking(verdict: Verdict) -> tuple[Requirement, ...]:
    """Return the requirements for want of which it is not allowed."""
    return failing(verdict.judged)


def holding(verdict: Verdict) -> tuple[Requirement, ...]:
    """Return the requirements that hold."""
    return tuple(each for each in verdict.requirements if each.satisfied)
