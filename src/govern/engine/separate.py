"""Separation of records: in one guard, no record fills two requirements.

Pure. A guard that holds is held by some set of its requirements; each of them is given a record of its own, by
augmenting paths, or the guard does not hold. Only grants are used up so, also those that a blocker rests on: evidence
belongs to its leg, an opening to its lane, a decision to its option. A leg that is asked for twice, by itself or by
the state of its blocker, is one requirement: what is written once in the policy is filled once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, combinations, islice, product

from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.policy.reach import can_fill
from govern.problems import Place

# Guards nest a few levels and share few records; a guard that needs more tries than this is not evaluated.
MAX_SUPPORTS = 2000

Use = tuple[Place, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting(Judged):
    """A requirement that holds and is told as one, and the judged guard by which it holds."""

    on: Judged


def separate(judged: Judged) -> Judged:
    """Return the judgement with every requirement that would share a record turned false."""
    if judged.truth is not True:
        return judged
    contested = _contested(_uses(judged))
    return _refuse_shared(judged, contested) if contested else judged


def use_of(requirement: Requirement) -> Use:
    """Return what makes a requirement the same, however it is reached: the grant, and where it was written."""
    assert requirement.at.line, "two requirements that were written nowhere could not be told apart"
    return requirement.at, requirement.name


def _uses(judged: Judged) -> dict[Use, tuple[str, ...]]:
    """Return the records that could fill each grant that holds."""
    found: dict[Use, tuple[str, ...]] = {}
    for requirement in _leaves(judged):
        if requirement.satisfied and requirement.kind == "grant":
            records = tuple(map(str, requirement.records))
            before = found.setdefault(use_of(requirement), records)
            found[use_of(requirement)] = tuple(record for record in before if record in records)
    return found


def _leaves(judged: Judged) -> Iterator[Requirement]:
    if judged.requirement:
        yield judged.requirement
    for part in parts_of(judged):
        yield from _leaves(part)


def parts_of(judged: Judged) -> tuple[Judged, ...]:
    """Return the judged guards that one is made of, or rests on."""
    return (judged.on,) if isinstance(judged, Resting) else judged.parts


def _contested(uses: dict[Use, tuple[str, ...]]) -> dict[Use, tuple[str, ...]]:
    """Return the uses that have no record for themselves alone. The others are filled whatever else is."""
    left = uses
    while True:
        wanted = Counter(chain.from_iterable(left.values()))
        kept = {use: records for use, records in left.items() if all(wanted[record] > 1 for record in records)}
        if len(kept) == len(left):
            return left
        left = kept


def _refuse_shared(judged: Judged, contested: Mapping[Use, tuple[str, ...]]) -> Judged:
    names = _numbered(judged)
    while True:
        supports = list(_until_filled(judged, contested))
        if not supports or _filled(supports[-1], contested):
            return judged
        cause = Cause.SEPARATION if len(supports) < MAX_SUPPORTS else Cause.NOT_EVALUATED
        refused = {use: names[use] for use in _overfull(supports[0], contested)}
        # Another set may still hold the guard, which shares records of its own: each is refused in turn.
        judged = _without(judged, refused, cause)


def _until_filled(judged: Judged, contested: Mapping[Use, tuple[str, ...]]) -> Iterator[tuple[Use, ...]]:
    """Yield the sets that hold a guard, up to the first that can be filled."""
    for support in islice(_supports(judged, contested), MAX_SUPPORTS):
        yield support
        if _filled(support, contested):
            return


def _filled(support: tuple[Use, ...], contested: Mapping[Use, tuple[str, ...]]) -> bool:
    return can_fill([contested[use] for use in support])


def _supports(judged: Judged, contested: Mapping[Use, tuple[str, ...]]) -> Iterator[tuple[Use, ...]]:
    """Yield the sets of contested uses, each of which is enough to hold a guard; none where it does not hold."""
    if judged.truth is not True:
        return
    if isinstance(judged, Resting):
        yield from _supports(judged.on, contested)
    elif judged.requirement:
        contends = judged.requirement.kind == "grant" and use_of(judged.requirement) in contested
        yield (use_of(judged.requirement),) if contends else ()
    else:
        parts = [tuple(islice(_supports(part, contested), MAX_SUPPORTS)) for part in judged.parts if part.truth is True]
        # A part that holds without a contested record is always worth choosing.
        contending = [supports for supports in parts if () not in supports]
        for chosen in combinations(contending, max(judged.wanted - (len(parts) - len(contending)), 0)):
            for supports in product(*chosen):
                yield tuple(dict.fromkeys(chain.from_iterable(supports)))


def _overfull(support: tuple[Use, ...], contested: Mapping[Use, tuple[str, ...]]) -> list[Use]:
    """Return the uses of a set that are left without a record when those before them have taken theirs."""
    placed: list[Use] = []
    left: list[Use] = []
    for use in support:
        fits = _filled((*placed, use), contested)
        (placed if fits else left).append(use)
    return left


def _numbered(judged: Judged) -> dict[Use, str]:
    """Return the id that each use gets where it is refused: the second use of `X` is `X~2`, the third `X~3`."""
    seen: Counter[str] = Counter()
    names: dict[Use, str] = {}
    for requirement in _leaves(judged):
        if requirement.kind == "grant" and use_of(requirement) not in names:
            base = requirement.id.partition("~")[0]
            seen[base] += 1
            names[use_of(requirement)] = f"{base}~{max(seen[base], 2)}"
    return names


def _without(judged: Judged, refused: Mapping[Use, str], cause: Cause) -> Judged:
    requirement = judged.requirement
    if requirement is None:
        return combined(judged.wanted, tuple(_without(part, refused, cause) for part in judged.parts))
    if isinstance(judged, Resting):
        on = _without(judged.on, refused, cause)
        # What it rests on is told beside it where it is the reason.
        return judged if on == judged.on else combined(2, (leaf(requirement), on))
    if not requirement.satisfied or requirement.kind != "grant" or use_of(requirement) not in refused:
        return judged
    why = f"{requirement.why}, and record #{requirement.record} already fills another requirement of this guard"
    by, how = requirement.again
    # What was not tried to the end is neither yes nor no.
    truth = False if cause is Cause.SEPARATION else None
    return leaf(replace(requirement, id=refused[use_of(requirement)], truth=truth, cause=cause, why=why, by=by, how=how))
