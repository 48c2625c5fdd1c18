"""Whom the evidence that an option rests on keeps from deciding it: who was kept out, and can decide now, and the other way round.

Pure. An option rests on the legs that separation of duties follows, whatever its guard makes of them: one that a guard
needs no more keeps nobody out any more, though nothing else of what the guard means is another.
"""

from collections.abc import Collection, Iterator, Mapping

from govern.policy import find
from govern.policy.diff.edits import Effect, Witness
from govern.policy.diff.resting import resting
from govern.policy.model import Option, Packet, Policy
from govern.policy.preparing import legs_under, prepares

# The makers of evidence who may decide, by leg.
KeptOut = Mapping[str, tuple[str, ...]]


def separations(old: Policy, new: Policy, renamed: Collection[str] = ()) -> Iterator[Effect]:
    """Yield the options that somebody can decide who made evidence, and could not, or the other way round.

    `renamed` are legs that had another name: what was proven under that keeps nobody out. A waiver, whoever decides now
    for the first time, and an option that is new are told elsewhere.
    """
    for packet, declared in new.packets.items():
        before = old.packets.get(packet)
        if before is None or before.separation_waiver is not None or declared.separation_waiver is not None:
            continue
        options = {option.id: option for option in before.options}
        for option in declared.options:
            was = options.get(option.id)
            if was is not None and not was.hold and not option.hold:
                yield from _compared((old, packet, was), (new, packet, option), renamed)


def _compared(one: tuple[Policy, str, Option], two: tuple[Policy, str, Option], renamed: Collection[str]) -> Iterator[Effect]:
    before, after = _kept_out(*one), _kept_out(*two)
    able = _deciders(*one) & _deciders(*two)
    opens = _beyond(before, {leg: actors for leg, actors in after.items() if leg not in renamed}, able)
    closes = _beyond(after, before, able)
    if opens or closes:
        _policy, packet, option = two
        path = f"packets.{packet}.options.{option.id}"
        rests_on = _resting(*one) | _resting(*two) | {f"{path}.requires", f"{path}.lane", f"packets.{packet}.lane"}
        yield Effect("option", f"{packet}/{option.id}", "can be decided", path, option.at_key("requires"), opens, closes, (), rests_on)


def _kept_out(policy: Policy, packet: str, option: Option) -> KeptOut:
    """Return who may have made evidence that an option rests on, by leg."""
    legs = {path: policy.legs[path] for path in legs_under(policy, packet, option)}
    return {path: find.members(policy, leg.by) for path, leg in legs.items() if prepares(leg)}


def _deciders(policy: Policy, packet: str, option: Option) -> frozenset[str]:
    """Return who may decide an option, by themselves or for another."""
    declared: Packet = policy.packets[packet]
    own = frozenset(find.everyone(policy, declared.decided_by))
    return own | {actor for actor, each in policy.actors.items() if option.delegable and each.may_receive_from in own}


def _beyond(kept: KeptOut, others: KeptOut, able: Collection[str]) -> Witness | None:
    """Return somebody whom evidence keeps out here, and there it is of no leg that the option rests on."""
    for path, actors in kept.items():
        for actor in actors:
            if actor in able and path not in others:
                return Witness((f"who made the evidence of {path}",), (actor,))
    return None


def _resting(policy: Policy, packet: str, option: Option) -> frozenset[str]:
    lane = find.lane_of(policy, packet, option)
    return resting(policy, option.requires, *([("lane", lane)] if lane else []))
