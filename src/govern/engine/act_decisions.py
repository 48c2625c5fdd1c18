"""Acts on packets: deciding, refusing and delegating options.

Pure.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.authority import Word, delegations_for, is_member, preparers, word
from govern.engine.causes import Cause, Requirement, failing
from govern.engine.refusing import refusal
from govern.engine.state import Approval
from govern.engine.verdicts import judge_option
from govern.engine.view import View
from govern.ledger.moments import parse_stored
from govern.policy import find
from govern.policy.model import Option

if TYPE_CHECKING:
    from govern.engine.acts import Act


def judge_decide(act: "Act", view: View) -> Iterator[Requirement]:
    """An option is decided by those who decide the packet, or by whom they delegated it to, when its guard holds."""
    packet, option = find.option(view.policy, f"{act.body['packet']}/{act.body['option']}")
    yield from _decider_refusals(act, packet, option, view)
    standing = view.packet(packet)
    judged = judge_option(packet, option, view, superseding=act.body.get("supersedes"))
    yield from failing(judged)
    if "packet_sha256" not in act.body:
        why = "the decision does not say on which packet it was made"
        yield refusal(f"packet:{packet}", Cause.MISSING, why, option.at, how=f"govern decide {packet}/{option.id} --as {act.actor}", code="PACKET_DIGEST")
    named = act.body.get("supersedes")
    # A refusal that is not taken back is told by the option's own judgement.
    if option.id not in standing.refused and named != standing.decision:
        wanted = "names no record that it supersedes" if standing.decision is None else f"must name record #{standing.decision} as superseded"
        yield refusal(f"supersedes:{packet}", Cause.STALE, f"the decision {wanted}", option.at, record=standing.decision)


def _decider_refusals(act: "Act", packet: str, option: Option, view: View) -> Iterator[Requirement]:
    who = view.policy.packets[packet].decided_by
    by = find.everyone(view.policy, who)
    place = view.policy.packets[packet].at_key("decided_by")
    refused = tuple(_delegation_refusals(act, packet, option, view))
    yield from refused
    speaker = act.actor if refused else speaks(act, view)
    approvals = tuple(each.actor for each in current_approvals(act, view))
    if not refused and not option.hold and word(view, who, speaker, approvals) is Word.NOTHING:
        why = f"the word of {speaker} for {option.id} is already on record; another's is wanted"
        yield refusal("authority:decide", Cause.QUORUM, why, place, by=tuple(each for each in by if each not in approvals))
    prepared = preparers(view, packet, option)
    for actor in dict.fromkeys((act.actor, speaker)):
        if not option.hold and actor in prepared and view.policy.packets[packet].separation_waiver is None:
            why = f"{actor} prepared what is decided (record #{prepared[actor]}) and cannot decide it"
            others = tuple(each for each in by if each not in prepared)
            yield refusal(f"separation:{actor}", Cause.SEPARATION, why, place, by=others, record=prepared[actor])


def _delegation_refusals(act: "Act", packet: str, option: Option, view: View) -> Iterator[Requirement]:
    """Refuse who neither decides the packet nor names a delegation to them that counts."""
    who = view.policy.packets[packet].decided_by
    by = find.everyone(view.policy, who)
    found = {delegation.seq: reason for delegation, reason in delegations_for(view, act.actor, packet, option)}
    named = act.body.get("delegation")
    if is_member(view, who, act.actor) if named is None else found.get(named) == "":
        return
    delegable = option.delegable and not option.hold
    if is_member(view, who, act.actor):
        why = f"{act.actor} decides {packet}, and record #{named} delegates nothing of it to {act.actor}"
    elif not delegable:
        why = f"{option.id} cannot be delegated; {act.actor} is not {find.spell_who(who)}"
    elif named is None or named not in found:
        why = f"no delegation of {option.id} to {act.actor} is on record"
    else:
        why = f"the delegation of record #{named} {found[named]}"
    giver = view.policy.actors[act.actor].may_receive_from
    how = f"govern delegate {packet}/{option.id} --to {act.actor} --as {giver}" if delegable and giver in by else ""
    place = view.policy.packets[packet].at_key("decided_by")
    yield refusal("authority:decide", Cause.UNAUTHORISED, why, place, by=by, how=how, record=named)


def current_approvals(act: "Act", view: View) -> tuple[Approval, ...]:
    """Return the words already given for an option on the very packet that this act was made on, by who has not prepared since."""
    packet, option = find.option(view.policy, f"{act.body['packet']}/{act.body['option']}")
    given = view.packet(packet).approvals.get(act.body["option"], ())
    same = tuple(each for each in given if each.packet_sha256 == act.body.get("packet_sha256"))
    if not same or view.policy.packets[packet].separation_waiver is not None:
        return same
    prepared = preparers(view, packet, option)
    return tuple(each for each in same if each.actor not in prepared)


def speaks(act: "Act", view: View) -> str:
    """Return whose word a decision that may be recorded is: the actor's, or that of who delegated it."""
    return view.state.delegations[act.body["delegation"]].giver if "delegation" in act.body else act.actor


def completes(act: "Act", view: View) -> bool:
    """Whether a decision that may be recorded also selects its option, or waits for others' words."""
    packet, option = find.option(view.policy, f"{act.body['packet']}/{act.body['option']}")
    if option.hold or act.imported:
        return True
    approvals = tuple(each.actor for each in current_approvals(act, view))
    return word(view, view.policy.packets[packet].decided_by, speaks(act, view), approvals) is Word.COMPLETE


def judge_refuse(act: "Act", view: View) -> Iterator[Requirement]:
    """An option is refused by one who decides the packet; not one that is selected: that is ended by HOLD."""
    packet, option = find.option(view.policy, f"{act.body['packet']}/{act.body['option']}")
    declared, standing = view.policy.packets[packet], view.packet(packet)
    by = find.everyone(view.policy, declared.decided_by)
    if not is_member(view, declared.decided_by, act.actor):
        why = f"{act.actor} does not decide {packet}; that is for {find.spell_who(declared.decided_by)}"
        yield refusal("authority:refuse", Cause.UNAUTHORISED, why, declared.at_key("decided_by"), by=by)
    if option.hold:
        yield refusal(f"hold:{packet}/{option.id}", Cause.REFUSED, "HOLD cannot be refused; it is always there", option.at)
    elif standing.selected == option.id:
        hold = find.hold_of(declared)
        how = f"govern decide {packet}/{hold.id} --as {by[0]}"
        yield refusal(
            f"selected:{packet}/{option.id}", Cause.REFUSED, f"{option.id} is selected; HOLD ends it", option.at, by=by, how=how, record=standing.decision
        )
    if not view.is_current(packet):
        yield refusal(f"packet:{packet}", Cause.AWAITING, f"packet {packet} is {standing.state}", declared.at, how=f"govern packet issue {packet}")


def judge_delegate(act: "Act", view: View) -> Iterator[Requirement]:
    """A decision is delegated by one who has it, to one who may receive it, never wider than it is, never protected."""
    body = act.body
    packet, to = body["packet"], view.policy.actors[body["to"]]
    declared = view.policy.packets[packet]
    by = find.everyone(view.policy, declared.decided_by)
    if not is_member(view, declared.decided_by, act.actor):
        why = f"{act.actor} does not decide {packet} and cannot delegate it"
        yield refusal("authority:delegate", Cause.UNAUTHORISED, why, declared.at_key("decided_by"), by=by)
    if to.may_receive_from != act.actor:
        why = f"{body['to']} may not receive a delegation from {act.actor}"
        yield refusal("delegation:to", Cause.UNAUTHORISED, why, to.at)
    if body["uses"] < 1:
        yield refusal("delegation:uses", Cause.REFUSED, "a delegation of no uses delegates nothing", declared.at)
    if "not_before" in body and "expires" in body and parse_stored(body["not_before"]) >= parse_stored(body["expires"]):
        yield refusal("delegation:window", Cause.EXPIRED, "the window ends before it starts", declared.at)
    for option_id in dict.fromkeys(body["options"]):
        option = find.option(view.policy, f"{packet}/{option_id}")[1]
        if not option.delegable:
            yield refusal(f"option:{packet}/{option_id}", Cause.SCOPE, f"{option_id} is not delegable", option.at)
        if option.scope != body["scope"]:
            why = f"{option_id} is of scope {option.scope}, the delegation of {body['scope']}"
            yield refusal(f"scope:{packet}/{option_id}", Cause.SCOPE, why, option.at)
