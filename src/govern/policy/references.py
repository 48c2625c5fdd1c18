"""Dangling references: every name that a policy uses is declared in it.

Pure.
"""

from collections.abc import Collection, Iterator

from govern.policy import find
from govern.policy.guards import (
    BlockerFact,
    DoneFact,
    Fact,
    GrantFact,
    HonouredFact,
    LaneFact,
    LegFact,
    SelectedFact,
    facts,
)
from govern.policy.invariants import Invariant
from govern.policy.lifecycles import KINDS
from govern.policy.model import Policy
from govern.policy.names import Declared
from govern.policy.nodes import Word
from govern.policy.who import Who
from govern.problems import Place, Problem, did_you_mean


def place_of(name: str, declared: Declared) -> Place:
    """Return where a name stands: its own place, or that of what it belongs to."""
    return name.at if isinstance(name, Word) else declared.at


def check_references(policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each name that nothing declares."""
    yield from _simple_references(policy)
    yield from _authority_references(policy)
    yield from _option_references(policy)
    for kind in KINDS:
        lifecycle = policy.lifecycles.of(kind)
        ends = [lifecycle.initial, *(name for way in lifecycle.transitions for name in (*way.from_, way.to))]
        for name in ends:
            yield from _known(name, lifecycle, f"state of the {kind} lifecycle", lifecycle.states)
    legs = dict(find.leg_paths(policy))
    for _where, guard in find.guards(policy):
        for fact, _negated in facts(guard):
            yield from _fact_reference(fact, policy, legs)


def _known(name: str | None, declared: Declared, kind: str, names: Collection[str]) -> Iterator[Problem]:
    if name is not None and name not in names:
        hint = did_you_mean(name, names) or (f"declared: {', '.join(names)}" if 0 < len(names) <= 6 else "declare it, or name one that is declared")
        yield Problem("POLICY_DANGLING", f"unknown {kind} `{name}`", place_of(name, declared), help=hint)


def _simple_references(policy: Policy) -> Iterator[Problem]:
    actors_and_roles = [*policy.actors, *policy.roles]
    for role in policy.roles.values():
        for name in role.members:
            yield from _known(name, role, "actor", policy.actors)
    for actor in policy.actors.values():
        yield from _known(actor.may_receive_from, actor, "actor", policy.actors)
    if policy.preparation:
        yield from _known(policy.preparation.by, policy.preparation, "actor or role", actors_and_roles)
    for state in policy.blocker_states:
        if state.when:
            yield from _known(state.when.by, state.when, "actor or role", actors_and_roles)
    for lane in policy.lanes.values():
        yield from _known(lane.scope, lane, "scope", policy.scopes)
    for grant in policy.grants.values():
        yield from _known(grant.scope, grant, "scope", policy.scopes)
    for blocker in policy.blockers.values():
        for leg in blocker.legs.values():
            yield from _known(leg.by, leg, "actor or role", actors_and_roles)
            yield from _known(leg.stands_in_for, leg, "leg of this blocker", blocker.legs)
            yield from _known(leg.change, leg, "change", policy.rehearsal.changes if policy.rehearsal else ())
    yield from _promise_references(policy)


def _promise_references(policy: Policy) -> Iterator[Problem]:
    actors_and_roles = [*policy.actors, *policy.roles]
    for action in policy.actions.values():
        yield from _known(action.consumes, action, "grant", policy.grants)
        for name in action.touches:
            yield from _known(name, action, "surface", policy.surfaces)
    for guard in policy.agents.guards if policy.agents else ():
        yield from _known(guard.action, guard, "action", policy.actions)
        yield from _known(guard.surface, guard, "surface", policy.surfaces)
    for finding in policy.findings.values():
        yield from _known(finding.by, finding, "actor or role", actors_and_roles)
        yield from _known(finding.carried_by, finding, "blocker", policy.blockers)
        for name in finding.does_not_affect:
            yield from _known(name, finding, "scope", policy.scopes)
    if policy.registry:
        yield from _known(policy.registry.reserved_by, policy.registry, "actor or role", actors_and_roles)
    for document in policy.documents.values():
        yield from _known(document.packet, document, "packet", policy.packets)
        yield from _known(document.blocker, document, "blocker", policy.blockers)


def _authority_references(policy: Policy) -> Iterator[Problem]:
    whos: list[tuple[Who, Declared]] = [(authority.who, authority.declared) for authority in find.authorities(policy)]
    whos += [(invariant.only_by, invariant) for invariant in policy.invariants.values() if invariant.only_by]
    for who, declared in whos:
        for slot in find.slots(who):
            yield from _known(slot.of, declared, "actor or role", [*policy.actors, *policy.roles])


def _option_references(policy: Policy) -> Iterator[Problem]:
    legs = [path for path, _leg in find.leg_paths(policy)]
    for packet in policy.packets.values():
        yield from _known(packet.lane, packet, "lane", policy.lanes)
        yield from _known(packet.continues, packet, "status", [status.id for status in policy.statuses])
        if packet.consumes:
            yield from _option_known(packet.consumes, packet, policy)
        for boundary in packet.boundaries:
            yield from _known(boundary.scope, boundary, "scope", policy.scopes)
            yield from _known(boundary.does_not_authorize, boundary, "scope", policy.scopes)
            for name in boundary.forbidden_until_own_grant:
                yield from _known(name, boundary, "action", policy.actions)
        for option in packet.options:
            yield from _known(option.scope, option, "scope", policy.scopes)
            yield from _known(option.lane, option, "lane", policy.lanes)
            for path in option.leads_to:
                yield from _known(path, option, "leg", legs)
    for invariant in policy.invariants.values():
        yield from _invariant_references(invariant, policy)


def _invariant_references(invariant: Invariant, policy: Policy) -> Iterator[Problem]:
    entries = [entry.selecting for entry in (invariant.never, invariant.distinct) if entry]
    entries += [invariant.always_possible.decide] if invariant.always_possible else []
    for entry in (*entries, *invariant.reachable):
        yield from _option_known(entry, invariant, policy)
    yield from _known(invariant.scope, invariant, "scope", policy.scopes)
    if acts := invariant.acts:
        for option in acts.decide:
            yield from _option_known(option, acts, policy)
        for grant in acts.grant:
            yield from _known(grant, acts, "grant", policy.grants)
        for lane in acts.open:
            yield from _known(lane, acts, "lane", policy.lanes)


def _option_known(address: str, declared: Declared, policy: Policy) -> Iterator[Problem]:
    found = find.options_at(policy, address)
    if len(found) == 1:
        return
    place = place_of(address, declared)
    if found:
        several = ", ".join(f"`{packet}/{option.id}`" for packet, option in found)
        yield Problem("POLICY_AMBIGUOUS", f"`{address}` names several options", place, help=f"one of {several}")
        return
    known = {option.id for packet in policy.packets.values() for option in packet.options}
    known |= {f"{name}/{option.id}" for name, packet in policy.packets.items() for option in packet.options}
    yield Problem("POLICY_DANGLING", f"unknown option `{address}`", place, help=did_you_mean(address, known))


def _fact_reference(fact: Fact, policy: Policy, legs: Collection[str]) -> Iterator[Problem]:
    match fact:
        case GrantFact(grant=name) | HonouredFact(honoured=name):
            yield from _known(name, fact, "grant", policy.grants)
        case LegFact(leg=path):
            yield from _known(path, fact, "leg", legs)
        case BlockerFact(blocker=name, is_=state):
            yield from _known(name, fact, "blocker", policy.blockers)
            yield from _known(state, fact, "blocker state", [each.state for each in policy.blocker_states])
        case LaneFact(lane=name):
            yield from _known(name, fact, "lane", policy.lanes)
        case SelectedFact(selected=address):
            yield from _option_known(address, fact, policy)
        case DoneFact(done=name):
            yield from _known(name, fact, "action", policy.actions)
        case _:
            yield from _known(fact.finding, fact, "finding", policy.findings)
