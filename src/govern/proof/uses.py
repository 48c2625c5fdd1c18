"""Uses of grants in a guard: where records are asked for, and which of those places share their records.

Pure. In one guard no record fills two requirements; this is where proof learns which requirements could share one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, BlockerFact, GrantFact, Guard, HonouredFact, LaneFact, LegFact
from govern.policy.model import Policy
from govern.problems import Place
from govern.proof.formulas import TRUE, Formula, In, conjunction

# Uses of grants that share their records are tried in all ways; a guard with more of them is read as if they shared none.
MAX_SHARED = 10


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a guard that a record of a grant must fill by itself; `honoured` where one that was used up can."""

    at: Place
    grant: str
    honoured: bool


def uses_of(guard: Guard, policy: Policy, *, in_force: bool, under: frozenset[str] = frozenset()) -> Iterator[Use]:
    """Yield the uses of grants that a guard rests on, legs, blockers and lanes followed; what stands under a `not` uses nothing."""
    match guard:
        case All(all=parts) | AnyOf(any=parts) | AtLeast(of=parts):
            for part in parts:
                yield from uses_of(part, policy, in_force=in_force, under=under)
        case GrantFact(grant=name):
            yield Use(guard.at, name, in_force)
        case HonouredFact(honoured=name):
            yield Use(guard.at, name, honoured=True)
        case LegFact(leg=path):
            yield from _uses_of_legs([path], policy, under, in_force=in_force)
        case BlockerFact(blocker=name):
            yield from _uses_of_legs([f"{name}/{leg}" for leg in policy.blockers[name].legs], policy, under, in_force=in_force)
        case LaneFact(lane=name):
            yield from uses_of_lane(name, policy, under)
        case _:
            return


def _uses_of_legs(paths: list[str], policy: Policy, under: frozenset[str], *, in_force: bool) -> Iterator[Use]:
    for path in paths:
        requires = find.leg(policy, path).requires
        if requires is not None and path not in under:
            yield from uses_of(requires, policy, in_force=in_force, under=under | {path})


def uses_of_lane(name: str, policy: Policy, under: frozenset[str] = frozenset()) -> Iterator[Use]:
    """Yield the uses of grants by which a lane opens."""
    opens_when = policy.lanes[name].opens_when
    if opens_when is not None and f"lane:{name}" not in under:
        yield from uses_of(opens_when, policy, in_force=False, under=under | {f"lane:{name}"})


def sharing(parts: Iterable[Guard | str], policy: Policy, *, in_force: bool) -> list[Use]:
    """Return the uses of grants that have more than one in guards, and lanes by name, that are judged together."""
    uses: dict[Use, None] = {}
    for part in parts:
        uses |= dict.fromkeys(uses_of_lane(part, policy) if isinstance(part, str) else uses_of(part, policy, in_force=in_force))
    # One place that is reached both ways takes what either would take.
    by_place = {(use.at, use.grant): use for use in sorted(uses, key=lambda use: use.honoured)}
    number = Counter(grant for _at, grant in by_place)
    return [use for use in by_place.values() if number[use.grant] > 1]


def choices(shared: list[Use]) -> Iterator[frozenset[Use]]:
    """Yield the ways to choose which uses get records: of each grant, so many."""
    grants = sorted({use.grant for use in shared})
    of_each = [
        [frozenset(chosen) for size in range(len(mine), -1, -1) for chosen in combinations(mine, size)]
        for mine in ([use for use in shared if use.grant == grant] for grant in grants)
    ]
    for chosen in product(*of_each):
        yield frozenset().union(*chosen)


def filled(kept: frozenset[Use], policy: Policy) -> Formula:
    """Return where each of these uses can be given a record of its own; in labels."""
    wanted: list[Formula] = []
    for grant in sorted({use.grant for use in kept}):
        mine = [use for use in kept if use.grant == grant]
        first_hand = ", first-hand" if policy.scopes[policy.grants[grant].scope].protected else ""
        for label, number in (("honoured", len(mine)), ("counts", sum(not use.honoured for use in mine))):
            wanted.append(_number(grant, f"{label}{first_hand}", number))
    return conjunction(wanted)


def _number(grant: str, label: str, number: int) -> Formula:
    return In(f"grant:{grant}", frozenset((label if number == 1 else f"{label}*{number}",))) if number else TRUE
