"""Who is waited for, and since when: what comes next, and what has some of the words that it takes, as it concerns persons.

Pure. When a record was made is asked of whoever holds the lines.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from govern.engine.authority import delegations_for, issuer_of
from govern.engine.causes import Cause, Requirement
from govern.engine.commands import to_record
from govern.engine.hands import Hand, act_of, hands
from govern.engine.holds import held
from govern.engine.upcoming import Step
from govern.engine.view import View
from govern.policy import find
from govern.policy.who import Who

Kind = Literal["decision", "grant", "evidence", "lane", "policy", "key", "run", "act"]
Recorded = Callable[[int], int]

_KINDS: dict[str, Kind] = {"decide": "decision", "grant": "grant", "discharge": "evidence", "open": "lane"}


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that waits for somebody: for whom, who is kept out of it, and since when, where that is known.

    `given` are those whose words are on record for it. Of whom it waits for, some may not be able to act today.
    """

    kind: Kind
    what: str
    command: str
    by: tuple[Hand, ...]
    kept_out: tuple[Hand, ...] = ()
    given: tuple[str, ...] = ()
    since: int | None = None


def awaited(step: Step, view: View, recorded: Recorded) -> Awaited:
    """Return a step that comes next as it concerns persons."""
    if step.packet:
        return _decision(step, view)
    kind = _KINDS.get((act_of(step.command, view) or ("",))[0], "act")
    asked = hands(step.command, step.actors, view)
    issued = view.packet(step.option.split("/")[0]).issued_at
    moments = [each for each in (issued, *(_fell(each, view, recorded) for each in step.clears)) if each is not None]
    return Awaited(kind, step.words, step.command, *_apart(asked), since=max(moments, default=None))


def _apart(asked: Iterable[Hand]) -> tuple[tuple[Hand, ...], tuple[Hand, ...]]:
    """Return those that something waits for, and those that are kept out of it."""
    every = tuple(asked)
    return tuple(each for each in every if not each.excluded), tuple(each for each in every if each.excluded)


def _decision(step: Step, view: View) -> Awaited:
    """A decision waits for each who may take it for some option and has given no word, and for whom it was delegated to."""
    packet = view.policy.packets[step.packet]
    standing = view.packet(step.packet).approvals
    given = tuple(dict.fromkeys(approval.actor for option in packet.options for approval in standing.get(option.id, ())))
    asked = [_decider(actor, step.packet, view) for actor in step.actors if actor not in given]
    delegates = dict.fromkeys(
        delegation.to
        for option in packet.options
        for actor in view.policy.actors
        if actor not in step.actors
        for delegation, against in delegations_for(view, actor, step.packet, option)
        if not against
    )
    by, kept_out = _apart([*asked, *map(Hand, delegates)])
    return Awaited("decision", step.words, step.command, by, kept_out, given, held(step.packet, view).since)


def _decider(actor: str, packet: str, view: View) -> Hand:
    """Return an actor as they could decide: kept out only where every option that is not HOLD is another's to decide."""
    options = view.policy.packets[packet].options
    wanted = [option for option in options if not option.hold] or options
    found = [hand for option in wanted for hand in hands(f"govern decide {packet}/{option.id} --as {actor}", (actor,), view)]
    return min(found, key=lambda hand: (hand.excluded, not hand.able))


def _fell(requirement: Requirement, view: View, recorded: Recorded) -> int | None:
    """Return since when something on record no longer fills a requirement; None where nothing on record ever did."""
    if requirement.record is None:
        return None
    ended = list(_ends(requirement, view)) if requirement.cause in (Cause.EXPIRED, Cause.STALE) else []
    return min((each for each in ended if each <= view.now), default=recorded(requirement.record))


def _ends(requirement: Requirement, view: View) -> Iterator[int]:
    """Yield the moments at which what a requirement rested on ended without a record."""
    name = requirement.name
    if requirement.kind == "grant":
        yield from (each.expires for each in view.instances(name) if each.changed == requirement.record and each.expires is not None)
    else:
        limit = view.policy.legs[name].fresh_for if name in view.policy.legs else None
        yield from (proof.at + limit for proof in view.state.proofs.get(name, []) if proof.changed == requirement.record and limit is not None)


def also_awaited(view: View, recorded: Recorded, told: Iterable[str]) -> Iterator[Awaited]:
    """Yield what waits though no option is locked by it; what the commands already `told` bring about is left out."""
    commands = {command.rpartition(" --as ")[0].partition("#")[0] for command in told}
    yield from _policies(view, recorded)
    yield from _keys(view)
    yield from _lanes(view, commands)
    yield from _grants(view, recorded, commands)
    yield from _runs(view, recorded)


def _policies(view: View, recorded: Recorded) -> Iterator[Awaited]:
    """Yield the versions that have some of the words they take, and those that somebody proposed since the last adoption."""
    state, adoption = view.state, view.policy.policy
    adopters = tuple(dict.fromkeys(actor for who in (adoption.adopted_by, adoption.loosened_by) if who for actor in find.everyone(view.policy, who)))
    words = {digest: given for (digest, _templates), given in state.adopting.items()}
    proposed = {digest: by for digest, by in state.proposed.items() if digest != state.policy_digest and min(by.values()) > state.policy_seq}
    for digest in dict.fromkeys((*words, *proposed)):
        given, proposers = words.get(digest, ()), proposed.get(digest, {})
        by = tuple(Hand(actor) for actor in adopters if actor not in given and actor not in proposers)
        out = tuple(Hand(actor, f"{actor} proposed it (record #{proposers[actor]})", excluded=True) for actor in adopters if actor in proposers)
        command = f'govern policy adopt --reason "…" --as {_first(by, adopters)}'
        since = recorded(min(proposers.values())) if proposers else None
        yield Awaited("policy", f"adopt policy {digest[:12]}", command, by, out, given, since)


def _keys(view: View) -> Iterator[Awaited]:
    adopters = find.everyone(view.policy, view.policy.policy.adopted_by)
    for (actor, fingerprint), given in view.state.enrolling.items():
        by = tuple(Hand(each) for each in adopters if each not in given)
        command = f"govern key enroll FILE --for {actor} --as {_first(by, adopters)}"
        yield Awaited("key", f"enrol {fingerprint} for {actor}", command, by, (), given)


def _lanes(view: View, told: set[str]) -> Iterator[Awaited]:
    for name, lane in view.state.lanes.items():
        opener = view.policy.lanes[name].opened_by if name in view.policy.lanes else None
        if opener is not None and lane.approvals and f"govern lane open {name}" not in told:
            command = f"govern lane open {name}"
            yield _wanting(Awaited("lane", f"open lane {name}", command, (), given=lane.approvals), opener, view)


def _grants(view: View, recorded: Recorded, told: set[str]) -> Iterator[Awaited]:
    """Yield the grants that somebody asked for, or that have some of the words they take."""
    for name, declared in view.policy.grants.items():
        waiting = to_record(name, view)
        if waiting and f"govern grant record {name}" not in told:
            newest = waiting[-1]
            what = find.grant_says(name, declared) + (f", asked for by {newest.requested_by}" if newest.requested_by else "")
            command = f"govern grant record {name}#{newest.seq}"
            yield _wanting(Awaited("grant", what, command, (), given=newest.approvals, since=recorded(newest.seq)), declared.issuer, view)


def _wanting(found: Awaited, who: Who, view: View) -> Awaited:
    """Return what waits for the words of an authority, with those of them who have given none."""
    every = find.everyone(view.policy, who)
    by, kept_out = _apart(hands(found.command, tuple(actor for actor in every if actor not in found.given), view))
    return replace(found, command=f"{found.command} --as {_first(by, every)}", by=by, kept_out=kept_out)


def _first(by: tuple[Hand, ...], every: tuple[str, ...]) -> str:
    return by[0].actor if by else every[0]


def _runs(view: View, recorded: Recorded) -> Iterator[Awaited]:
    """Yield the actions of which nobody knows how they ended: an owner says so."""
    for seq, run in view.state.runs.items():
        if run.state == "lost" and run.ended is not None:
            owners = view.policy.policy.adopted_by if run.grant is None else issuer_of(view, view.state.instances[run.grant].grant)
            by = tuple(map(Hand, find.everyone(view.policy, owners)))
            command = f"govern grant resolve '#{seq}' --reason \"…\" --as {by[0].actor}"
            yield Awaited("run", f"say how {run.action} of record #{seq} ended", command, by, since=recorded(run.ended))
