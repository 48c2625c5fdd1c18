"""What an option rests on that somebody prepares: the legs under its requirement and under the lanes that it is taken in.

Pure. The decision of another option is not followed: who gave that word answered for it.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.guards import BlockerFact, Guard, LaneFact, LegFact, facts
from govern.policy.model import Option, Policy


def prepares(leg: Leg) -> bool:
    """Whether who proves the leg has prepared: an attestation is its actor's own decision."""
    return leg.evidence is not None and leg.evidence.kind != "attest"


def legs_under(policy: Policy, packet: str, option: Option) -> tuple[str, ...]:
    """Return the legs that an option rests on, those first that it names; legs, blockers and guarded lanes are followed."""
    lane = find.lane_of(policy, packet, option)
    ahead = [guard for guard in (option.requires, policy.lanes[lane].opens_when if lane else None) if guard is not None]
    legs: dict[str, None] = {}
    lanes = {lane}
    while ahead:
        for step in _steps(ahead.pop(0), policy):
            if step in legs or step in lanes:
                continue
            if step in policy.legs:
                legs[step] = None
                ahead += [requires] if (requires := find.leg(policy, step).requires) is not None else []
            else:
                lanes.add(step)
                ahead += [opens_when] if (opens_when := policy.lanes[step].opens_when) is not None else []
    return tuple(legs)


def _steps(guard: Guard, policy: Policy) -> Iterator[str]:
    """Yield the legs and lanes that a guard names, those of its blockers included."""
    for fact, _negated in facts(guard):
        match fact:
            case LegFact(leg=path):
                yield path
            case BlockerFact(blocker=name):
                yield from (f"{name}/{leg}" for leg in policy.blockers[name].legs)
            case LaneFact(lane=name):
                yield name
            case _:
                continue
