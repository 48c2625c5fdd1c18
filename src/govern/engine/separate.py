"""Separation of records: in one guard, no record fills two requirements.

Pure. A guard that holds is held by some set of its requirements; each of them is given a record of its own, by
augmenting paths, or the guard does not hold. Only grants are used up so: evidence belongs to its leg, an opening to
its lane, a decision to its option, and a leg that is asked for twice is one requirement.
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
    return _refuse_shared(_distinct(judged))


def _shares(judged: Judged) -> bool:
    counts = Counter(record for requirement in _leaves(judged) if requirement.satisfied and requirement.kind == "grant" for record in requirement.records)
    return any(count > 1 for count in counts.values())


def _leaves(judged: Judged) -> Iterator[Requirement]:
    if judged.requirement:
        yield judged.requirement
    for part in judged.parts:
        yield from _leaves(part)


def _distinct(judged: Judged) -> Judged:
    """Return the same judgement, where a requirement that is asked for twice is two."""
    requirement = replace(judged.requirement) if judged.requirement else None
    return replace(judged, requirement=requirement, parts=tuple(map(_distinct, judged.parts)))


def _refuse_shared(judged: Judged) -> Judged:
    supports = tuple(islice(_supports(judged), MAX_SUPPORTS))
    if not supports or any(can_fill(_places(support)) for support in supports):
        return judged
    cause = Cause.SEPARATION if len(supports) < MAX_SUPPORTS else Cause.NOT_EVALUATED
    names = _numbered(judged)
    refused = {id(requirement): names[id(requirement)] for requirement in _overfull(supports[0])}
    # Another set may still hold the guard, which shares records of its own: each is refused in turn.
    return _refuse_shared(_without(judged, refused, cause))


def _supports(judged: Judged) -> Iterator[tuple[Requirement, ...]]:
    """Yield the sets of requirements, each of which is enough to hold a guard; none where it does not hold."""
    if judged.truth is not True:
        return
    if judged.requirement:
        yield (judged.requirement,)
        return
    true_parts = [part for part in judged.parts if part.truth is True]
    for chosen in combinations(true_parts, judged.wanted):
        for supports in product(*(tuple(islice(_supports(part), MAX_SUPPORTS)) for part in chosen)):
            yield tuple(requirement for support in supports for requirement in support)


def _places(support: tuple[Requirement, ...]) -> list[tuple[str, ...]]:
    return [tuple(map(str, requirement.records)) for requirement in support if requirement.kind == "grant"]


def _overfull(support: tuple[Requirement, ...]) -> list[Requirement]:
    """Return the requirements of a set that are left without a record when those before them have taken theirs."""
    placed: list[Requirement] = []
    left: list[Requirement] = []
    for requirement in support:
        fits = can_fill(_places((*placed, requirement)))
        (placed if fits else left).append(requirement)
    return left


def _numbered(judged: Judged) -> dict[int, str]:
    """Return the id that each requirement gets where it is refused: the second use of `X` is `X~2`, the third `X~3`."""
    seen: Counter[str] = Counter()
    names: dict[int, str] = {}
    for requirement in _leaves(judged):
        base = requirement.id.partition("~")[0]
        seen[base] += 1
        names[id(requirement)] = f"{base}~{max(seen[base], 2)}"
    return names


def _without(judged: Judged, refused: dict[int, str], cause: Cause) -> Judged:
    requirement = judged.requirement
    if requirement is None:
        return combined(judged.wanted, tuple(_without(part, refused, cause) for part in judged.parts))
    if id(requirement) not in refused:
        return judged
    why = f"{requirement.why}, and record #{requirement.record} already fills another requirement of this guard"
    by, how = requirement.again
    return leaf(replace(requirement, id=refused[id(requirement)], truth=False, cause=cause, why=why, by=by, how=how))
