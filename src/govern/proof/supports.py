"""That no record fills two requirements, said a second time: by the sets of requirements that hold a guard.

Pure. `govern.proof.meaning` makes guards ask for records of their own; this says where they have them, in another way.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, combinations, islice, product

from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, BlockerFact, GrantFact, Guard, HonouredFact, LaneFact, LegFact
from govern.policy.model import Option, Policy
from govern.proof.formulas import FALSE, TRUE, Formula, In, conjunction, disjunction
from govern.proof.uses import MAX_SHARED, Use, uses_of, uses_of_lane

MAX_SUPPORTS = 2000
Support = tuple[Use, ...]


def distinct(policy: Policy, packet: str, option: Option) -> Formula:
    """Return where some set of requirements that is enough for an option has a record for each of them.

    Only grants that are asked for in several places could share one; where there are none, that is everywhere. Where
    there are too many sets to look at, it is nowhere: what was not looked at is no proof.
    """
    lane = find.lane_of(policy, packet, option)
    asked = [*(uses_of_lane(lane, policy) if lane else ()), *(uses_of(option.requires, policy, in_force=False) if option.requires else ())]
    places = {(use.at, use.grant): use for use in asked}
    number = Counter(grant for _at, grant in places)
    shared = {grant for grant, several in number.items() if several > 1}
    if not shared:
        return TRUE
    if sum(number[grant] for grant in shared) > MAX_SHARED:
        return FALSE
    guards = [policy.lanes[lane].opens_when if lane else None, option.requires]
    parts = [list(islice(_supports(guard, policy, shared), MAX_SUPPORTS + 1)) for guard in guards if guard is not None]
    if any(len(part) > MAX_SUPPORTS for part in parts):
        return FALSE
    return disjunction(_has_records(tuple(dict.fromkeys(chain.from_iterable(each))), policy) for each in product(*parts))


def _has_records(support: Support, policy: Policy) -> Formula:
    wanted = Counter(use.grant for use in {(use.at, use.grant): use for use in support}.values())
    return conjunction(In(f"grant:{grant}", frozenset((_number(grant, number, policy),))) for grant, number in wanted.items())


def _number(grant: str, number: int, policy: Policy) -> str:
    first_hand = ", first-hand" if policy.scopes[policy.grants[grant].scope].protected else ""
    return f"honoured{first_hand}" + ("" if number == 1 else f"*{number}")


def _supports(guard: Guard, policy: Policy, shared: set[str]) -> Iterator[Support]:
    """Yield the uses of shared grants in each choice of parts by which a guard can hold."""
    match guard:
        case All(all=parts):
            yield from _joined(parts, len(parts), policy, shared)
        case AnyOf(any=parts):
            yield from _joined(parts, 1, policy, shared)
        case AtLeast(at_least=wanted, of=parts):
            yield from _joined(parts, wanted, policy, shared)
        case GrantFact(grant=name):
            yield (Use(guard.at, name, honoured=False),) if name in shared else ()
        case HonouredFact(honoured=name):
            yield (Use(guard.at, name, honoured=True),) if name in shared else ()
        case LegFact(leg=path) if (requires := find.leg(policy, path).requires) is not None:
            yield from _supports(requires, policy, shared)
        case BlockerFact(blocker=name):
            legs = [leg.requires for leg in policy.blockers[name].legs.values() if leg.requires is not None]
            # Which legs a state of the blocker rests on is the policy's; all of them is the most that it can ask for.
            yield from _joined(tuple(legs), len(legs), policy, shared) if legs else ((),)
        case LaneFact(lane=name) if (opens_when := policy.lanes[name].opens_when) is not None:
            yield from _supports(opens_when, policy, shared)
        case _:
            yield ()


def _joined(parts: tuple[Guard, ...], wanted: int, policy: Policy, shared: set[str]) -> Iterator[Support]:
    found = [tuple(islice(_supports(part, policy, shared), MAX_SUPPORTS + 1)) for part in parts]
    for chosen in combinations(found, wanted):
        for each in product(*chosen):
            yield tuple(dict.fromkeys(chain.from_iterable(each)))
