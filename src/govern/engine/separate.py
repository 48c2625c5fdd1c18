"""Separation of records: in one guard, no record fills two requirements.

Pure. A guard that holds is held by some set of its requirements; each of them is given a record of its own, by
augmenting paths, or the guard does not hold.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice, product

from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.policy.reach import can_fill

# Guards nest a few levels and share few records; a guard that needs more tries than this is not evaluated.
MAX_SUPPORTS = 2000


def separate(judged: Judged) -> Judged:
    """Return the judgement with every requirement that would share a record turned false."""
    if judged.truth is not True or not _shares(judged):
        return judged
    first: tuple[Requirement, ...] | None = None
    tried = 0
    for support in islice(_supports(judged), MAX_SUPPORTS):
        first, tried = first or support, tried + 1
        if can_fill(_places(support)):
            return judged
    assert first is not None
    cause = Cause.SEPARATION if tried < MAX_SUPPORTS else Cause.NOT_EVALUATED
    return _without(judged, _overfull(first), cause)


def _places(support: tuple[Requirement, ...]) -> list[tuple[str, ...]]:
    return [tuple(map(str, requirement.records)) for requirement in support if requirement.records]


def _shares(judged: Judged) -> bool:
    counts = Counter(record for requirement in _leaves(judged) for record in requirement.records)
    return any(count > 1 for count in counts.values())


def _leaves(judged: Judged) -> Iterator[Requirement]:
    if judged.requirement and judged.requirement.satisfied:
        yield judged.requirement
    for part in judged.parts:
        yield from _leaves(part)


def _supports(judged: Judged) -> Iterator[tuple[Requirement, ...]]:
    """Yield the sets of requirements, each of which is enough to hold a guard that holds."""
    if judged.requirement:
        yield (judged.requirement,)
        return
    true_parts = [part for part in judged.parts if part.truth is True]
    for chosen in combinations(true_parts, judged.wanted):
        for supports in product(*(tuple(islice(_supports(part), MAX_SUPPORTS)) for part in chosen)):
            yield tuple(requirement for support in supports for requirement in support)


def _overfull(support: tuple[Requirement, ...]) -> list[Requirement]:
    """Return the requirements that are left without a record when those before them have taken theirs."""
    placed: list[Requirement] = []
    left: list[Requirement] = []
    for requirement in support:
        if not requirement.records:
            continue
        if can_fill(_places((*placed, requirement))):
            placed.append(requirement)
        else:
            left.append(requirement)
    return left


def _without(judged: Judged, refused: list[Requirement], cause: Cause) -> Judged:
    if judged.requirement:
        if not any(judged.requirement is each for each in refused):
            return judged
        why = f"{judged.requirement.why}, and record #{judged.requirement.record} already fills another requirement of this guard"
        requirement = replace(judged.requirement, id=f"{judged.requirement.id}~2", truth=False, cause=cause, why=why)
        return leaf(requirement)
    return combined(judged.wanted, tuple(_without(part, refused, cause) for part in judged.parts))
