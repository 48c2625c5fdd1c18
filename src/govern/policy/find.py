"""Look-ups in a policy: who an authority is, what an address means, whose legs are preparation.

Pure. Every name has passed `govern.policy.check`, so a look-up of a declared name cannot fail.
"""

from collections.abc import Iterator
from typing import NamedTuple

from govern.policy.blockers import Grant, Leg
from govern.policy.guards import Guard, SelectedFact, facts
from govern.policy.lifecycles import KINDS
from govern.policy.model import Option, Packet, Policy
from govern.policy.names import Declared
from govern.policy.promises import Action
from govern.policy.who import Quorum, Slot, Who
from govern.problems import Place


def slots(who: Who) -> tuple[Slot, ...]:
    """Return an authority as the groups that must all act."""
    return who.all if isinstance(who, Quorum) else (Slot(of=who),)


def members(policy: Policy, of: str) -> tuple[str, ...]:
    """Return the actors that a role or an actor's name stands for."""
    if of in policy.actors:
        return (of,)
    return policy.roles[of].members


def places(policy: Policy, who: Who) -> list[tuple[str, ...]]:
    """Return the places of an authority that must all be filled, each with the actors who can."""
    if isinstance(who, str):
        return [members(policy, who)]
    return [members(policy, slot.of) for slot in who.all for _ in range(slot.at_least)]


def everyone(policy: Policy, who: Who) -> tuple[str, ...]:
    """Return every actor who can be part of an authority, each once, in the order written."""
    return tuple(dict.fromkeys(actor for place in places(policy, who) for actor in place))


class Authority(NamedTuple):
    """An authority that persons fill: over what, in words, where it is declared and by which key, and who."""

    over: str
    declared: Declared
    key: str
    who: Who

    @property
    def at(self) -> Place:
        """Where it is written."""
        return self.declared.at_key(self.key)


def authorities(policy: Policy) -> Iterator[Authority]:
    """Yield every authority to grant, decide, open a lane, fold a registry or adopt a policy."""
    adoption = policy.policy
    yield Authority("policy", adoption, "adopted_by", adoption.adopted_by)
    if adoption.loosened_by is not None:
        yield Authority("policy", adoption, "loosened_by", adoption.loosened_by)
    yield from (Authority(f"grant `{name}`", grant, "issuer", grant.issuer) for name, grant in policy.grants.items())
    yield from (Authority(f"lane `{name}`", lane, "opened_by", lane.opened_by) for name, lane in policy.lanes.items() if lane.opened_by is not None)
    yield from (Authority(f"packet `{name}`", packet, "decided_by", packet.decided_by) for name, packet in policy.packets.items())
    if policy.registry is not None:
        yield Authority("registry", policy.registry, "folded_by", policy.registry.folded_by)


def spell_who(who: Who) -> str:
    """Return an authority in words, such as `2 of board and ward`."""
    return " and ".join(slot.of if slot.at_least == 1 else f"{slot.at_least} of {slot.of}" for slot in slots(who))


def leg(policy: Policy, path: str) -> Leg:
    """Return the leg at BLOCKER/LEG."""
    return policy.legs[path]


def leg_paths(policy: Policy) -> Iterator[tuple[str, Leg]]:
    """Yield every leg with its path, in the order written."""
    yield from policy.legs.items()


def options_at(policy: Policy, address: str) -> list[tuple[str, Option]]:
    """Return each option that an address (PACKET/ID, PACKET/NO, ID or NO) may mean, with its packet."""
    packet_name, _, word = address.rpartition("/")
    return [
        (name, option)
        for name, packet in policy.packets.items()
        if packet_name in ("", name)
        for option in packet.options
        if word in (option.id, option.number)
    ]


def option(policy: Policy, address: str) -> tuple[str, Option]:
    """Return the one option that a declared address means, with its packet."""
    [found] = options_at(policy, address)
    return found


def hold_of(packet: Packet) -> Option:
    """Return the HOLD of a packet."""
    return next(option for option in packet.options if option.hold)


def lane_of(policy: Policy, packet: str, option: Option) -> str | None:
    """Return the lane in which an option can be taken."""
    return option.lane or policy.packets[packet].lane


def action_scope(policy: Policy, action: Action) -> str | None:
    """Return the scope in which an action is judged: that of the option it needs selected, else of the grant it uses up."""
    for fact, _negated in facts(action.needs) if action.needs else ():
        if isinstance(fact, SelectedFact) and (scope := option(policy, fact.selected)[1].scope):
            return scope
    return policy.grants[action.consumes].scope if action.consumes else None


def grant_says(name: str, grant: Grant) -> str:
    """Return the words that lists print for a grant."""
    return grant.says or f"{name} grant"


def is_by(policy: Policy, leg: Leg, who: str | None) -> bool:
    """Whether a leg is proven by nobody else than an actor, or the members of a role; by whomever, where none is named."""
    return who is None or set(members(policy, leg.by)) <= set(members(policy, who))


def is_preparation(policy: Policy, leg: Leg) -> bool:
    """Whether a leg is discharged by those who prepare."""
    return policy.preparation is not None and is_by(policy, leg, policy.preparation.by)


def guards(policy: Policy) -> Iterator[tuple[str, Guard]]:
    """Yield every guard of the policy with the words for what it guards."""
    for name, lane in policy.lanes.items():
        if lane.opens_when:
            yield f"lane `{name}`", lane.opens_when
    for path, declared in leg_paths(policy):
        if declared.requires:
            yield f"leg `{path}`", declared.requires
    for name, packet in policy.packets.items():
        for choice in packet.options:
            if choice.requires:
                yield f"option `{name}/{choice.id}`", choice.requires
    yield from _promises(policy)
    for kind in KINDS:
        for transition in policy.lifecycles.of(kind).transitions:
            if transition.when:
                yield f"{kind} transition `{transition.trigger}`", transition.when


def _promises(policy: Policy) -> Iterator[tuple[str, Guard]]:
    for name, action in policy.actions.items():
        if action.needs:
            yield f"action `{name}`", action.needs
    for name, claim in policy.claims.items():
        yield f"claim `{name}`", claim.needs
    for status in policy.statuses:
        if status.when:
            yield f"status `{status.id}`", status.when
    for name, invariant in policy.invariants.items():
        if invariant.unless:
            yield f"invariant `{name}`", invariant.unless
