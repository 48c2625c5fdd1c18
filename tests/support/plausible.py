"""Acts that a state invites: the right names, authors and record numbers, so that random histories go somewhere."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from govern.engine.view import View
from govern.policy import find
from support.world import evidence

SOON = "1970-01-01T00:10:00Z"


class Wish(NamedTuple):
    """An act that somebody might try now."""

    kind: str
    actor: str
    body: dict[str, Any]


def wishes(view: View) -> list[Wish]:
    """Return the acts that a state invites, allowed or not, in a fixed order."""
    return [*_packets(view), *_grants(view), *_legs(view), *_lanes(view), *_actions(view), *_words(view)]


def _packets(view: View) -> Iterator[Wish]:
    for name, packet in view.policy.packets.items():
        standing = view.packet(name)
        deciders = find.everyone(view.policy, packet.decided_by)
        yield from (Wish(kind, actor, {"packet": name}) for kind in ("prepare", "issue") for actor in (deciders[0], list(view.policy.actors)[-1]))
        for option in packet.options:
            body: dict[str, Any] = {"packet": name, "option": option.id}
            superseded = standing.refused.get(option.id, standing.decision)
            decide = body if superseded is None else {**body, "supersedes": superseded}
            yield from (Wish("decide", actor, decide) for actor in deciders)
            yield Wish("refuse", deciders[-1], {**body, "reason": "not now"})
            yield from _delegated(name, option.id, decide, view)


def _delegated(packet: str, option: str, decide: dict[str, Any], view: View) -> Iterator[Wish]:
    scope = find.option(view.policy, f"{packet}/{option}")[1].scope or "none"
    for name, actor in view.policy.actors.items():
        if actor.may_receive_from:
            body = {"to": name, "packet": packet, "options": [option], "scope": scope, "uses": 1}
            yield Wish("delegate", actor.may_receive_from, body)
            yield Wish("delegate", actor.may_receive_from, {**body, "expires": SOON})
            yield Wish("decide", name, decide)
    for delegation in view.state.delegations.values():
        if delegation.packet == packet and option in delegation.options:
            yield Wish("decide", delegation.to, {**decide, "delegation": delegation.seq})
            yield Wish("revoke", delegation.giver, {"record": delegation.seq, "reason": "no more"})


def _grants(view: View) -> Iterator[Wish]:
    for name, declared in view.policy.grants.items():
        issuers = find.everyone(view.policy, declared.issuer)
        body = {"grant": name, "scope": str(declared.scope)}
        yield Wish("request", issuers[-1], {"grant": name, "reason": "it is needed"})
        for actor in issuers:
            yield Wish("grant", actor, body)
            yield Wish("grant", actor, {**body, "expires": SOON})
            for instance in view.instances(name)[-1:]:
                yield Wish("grant", actor, {**body, "instance": instance.seq})
                yield Wish("revoke", actor, {"record": instance.seq, "reason": "no more"})


def _legs(view: View) -> Iterator[Wish]:
    for path, leg in find.leg_paths(view.policy):
        for actor in find.members(view.policy, leg.by)[:2]:
            if leg.evidence:
                yield Wish("discharge", actor, {"leg": path, "evidence": evidence(leg.evidence.kind, leg.evidence.of)})
            if path in view.state.proofs:
                yield Wish("reopen", actor, {"leg": path, "reason": "it is doubted"})


def _lanes(view: View) -> Iterator[Wish]:
    for name, lane in view.policy.lanes.items():
        for actor in find.everyone(view.policy, lane.opened_by) if lane.opened_by else ():
            yield from (Wish(kind, actor, {"lane": name}) for kind in ("open", "close"))


def _actions(view: View) -> Iterator[Wish]:
    actor = next(iter(view.policy.actors))
    for name, action in view.policy.actions.items():
        yield Wish("begin", actor, {"action": name})
        if action.consumes:
            yield from (Wish("begin", actor, {"action": name, "grant": each.seq}) for each in view.instances(action.consumes))
    for seq in view.state.runs:
        yield from (Wish("end", actor, {"begin": seq, "status": status}) for status in (0, 3))
        yield from (Wish(kind, actor, {"begin": seq, "reason": "the host is gone"}) for kind in ("lose", "resolve"))


def _words(view: View) -> Iterator[Wish]:
    for name, declared in view.policy.findings.items():
        by = find.members(view.policy, declared.by)[0]
        yield from (Wish("finding", by, {"finding": name, "result": result, "why": "it was looked at"}) for result in ("pass", "fail", "unknown"))
    yield Wish("mark", next(iter(view.policy.actors)), {"name": f"M{view.state.size}"})
    yield Wish("note", next(iter(view.policy.actors)), {"text": "noted"})
