"""Acts on grants: recording, revoking, and using them up in the carrying-out of an action.

Pure.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from govern.engine.authority import Word, is_member, issuer_of, word
from govern.engine.causes import Cause, Requirement, failing
from govern.engine.leaves import against_instance
from govern.engine.moves import Step, way
from govern.engine.moves import refusals as way_refusals
from govern.engine.refusing import refusal
from govern.engine.state import GrantInstance
from govern.engine.verdicts import judge_action
from govern.engine.view import View
from govern.ledger.moments import parse_stored, spell_time
from govern.policy import find
from govern.policy.blockers import Grant
from govern.policy.guards import SelectedFact, facts
from govern.policy.lifecycles import Trigger
from govern.policy.names import spell_duration

if TYPE_CHECKING:
    from govern.engine.acts import Act


def grant_instance(act: "Act", view: View) -> GrantInstance | None:
    """Return the instance that a grant record goes on with: the one it names; None for a new one."""
    return view.state.instances.get(act.body["instance"]) if "instance" in act.body else None


def grant_trigger(act: "Act", view: View) -> Trigger:
    """Return whether a grant record completes its authority (`record`) or waits for others' words (`approve`)."""
    instance = grant_instance(act, view)
    approvals = instance.approvals if instance else ()
    complete = act.imported or word(view, view.policy.grants[act.body["grant"]].issuer, act.actor, approvals) is Word.COMPLETE
    return "record" if complete else "approve"


def judge_grant(act: "Act", view: View) -> Iterator[Requirement]:
    """A grant is recorded by its issuer, in its own scope, for no longer than it may last, not by who asked for it."""
    name, body = act.body["grant"], act.body
    declared = view.policy.grants[name]
    instance = grant_instance(act, view)
    if "instance" in body and (instance is None or instance.grant != name):
        yield refusal(f"grant:{name}#{body['instance']}", Cause.MISSING, f"no {name}#{body['instance']} is on record", declared.at)
        return
    source = instance.state if instance else view.policy.lifecycles.grant.initial
    approvals = instance.approvals if instance else ()
    worth = word(view, declared.issuer, act.actor, approvals)
    if worth is Word.NOTHING and (way(view.policy, "grant", "record", source) or way(view.policy, "grant", "approve", source)):
        yield _no_word(act, declared, approvals, view)
    else:
        trigger: Trigger = "record" if worth is Word.COMPLETE else "approve"
        yield from way_refusals(view, Step("grant", name, trigger, source, declared.issuer, act.actor, approvals, instance.changed if instance else None))
    if instance and instance.requested_by == act.actor:
        others = tuple(each for each in find.everyone(view.policy, declared.issuer) if each != act.actor)
        why = f"{act.actor} asked for {name}#{instance.seq} and cannot grant it"
        yield refusal(f"separation:{act.actor}", Cause.SEPARATION, why, declared.at, by=others, record=instance.seq)
    if body["scope"] != declared.scope:
        yield refusal(f"scope:{body['scope']}", Cause.SCOPE, f"{name} is of scope {declared.scope}, not {body['scope']}", declared.at_key("scope"))
    if "expires" in body:
        yield from _window_refusals(act, view)


def _no_word(act: "Act", declared: Grant, approvals: tuple[str, ...], view: View) -> Requirement:
    name, by, place = act.body["grant"], find.everyone(view.policy, declared.issuer), declared.at_key("issuer")
    if act.actor in approvals:
        why = f"the word of {act.actor} for {name} is already on record; another's is wanted"
        return refusal("authority:grant", Cause.QUORUM, why, place, by=tuple(each for each in by if each not in approvals))
    why = f"{act.actor} may not grant {name}; that is for {find.spell_who(declared.issuer)}"
    return refusal("authority:grant", Cause.UNAUTHORISED, why, place, by=by)


def _window_refusals(act: "Act", view: View) -> Iterator[Requirement]:
    declared = view.policy.grants[act.body["grant"]]
    starts = parse_stored(act.body["not_before"]) if "not_before" in act.body else view.now
    ends = parse_stored(act.body["expires"])
    if ends <= max(starts, view.now):
        why = f"it would end at {spell_time(ends)}, before it could be used"
        yield refusal("grant:window", Cause.EXPIRED, why, declared.at)
    if declared.expires_after is not None and ends > view.now + declared.expires_after:
        why = f"it would last longer than {spell_duration(declared.expires_after)}"
        yield refusal("grant:length", Cause.REFUSED, why, declared.at_key("expires_after"))


def judge_revoke(act: "Act", view: View) -> Iterator[Requirement]:
    """A grant is revoked by any one of its issuers; a delegation by who gave it."""
    seq = act.body["record"]
    instance, delegation = view.state.instances.get(seq), view.state.delegations.get(seq)
    if instance:
        issuer = issuer_of(view, instance.grant)
        yield from way_refusals(view, Step("grant", f"{instance.grant}#{seq}", "revoke", instance.state, issuer, act.actor, record=instance.changed))
    elif delegation:
        if delegation.giver != act.actor:
            why = f"the delegation of record #{seq} was given by {delegation.giver}"
            yield refusal("authority:revoke", Cause.UNAUTHORISED, why, view.policy.at_key("packets"), by=(delegation.giver,), record=seq)
        if delegation.revoked is not None:
            yield refusal(f"delegation:{seq}", Cause.REVOKED, f"it was revoked by record #{delegation.revoked}", view.policy.at, record=delegation.revoked)
    else:
        why = f"record #{seq} is neither a grant nor a delegation"
        yield refusal(f"record:{seq}", Cause.MISSING, why, view.policy.at, how="govern log")


def judge_begin(act: "Act", view: View) -> Iterator[Requirement]:
    """An action is begun when it is allowed, and uses up the instance that its record names."""
    name = act.body["action"]
    yield from failing(judge_action(name, view))
    if view.policy.actions[name].separate_executor:
        yield from _approver_refusals(act, view)
    consumes = view.policy.actions[name].consumes
    instance = view.state.instances.get(act.body.get("grant", -1))
    if consumes is None:
        if "grant" in act.body:
            yield refusal(f"record:{act.body['grant']}", Cause.REFUSED, f"{name} uses up no grant", view.policy.actions[name].at)
    elif instance is None or instance.grant != consumes:
        yield refusal("record:grant", Cause.MISSING, f"the record names no instance of {consumes} to use up", view.policy.actions[name].at)
    else:
        yield from _consume_refusals(consumes, instance, act, view)


def _approver_refusals(act: "Act", view: View) -> Iterator[Requirement]:
    """Who gave a word that an action rests on, for the option that permits it or for what it uses up, does not carry it out."""
    declared = view.policy.actions[act.body["action"]]
    given: dict[str, int] = {}
    for fact, _negated in facts(declared.needs) if declared.needs else ():
        if isinstance(fact, SelectedFact):
            given |= {each.actor: each.seq for each in view.packet(find.option(view.policy, fact.selected)[0]).decided_by}
    instance = view.state.instances.get(act.body.get("grant", -1))
    given |= dict.fromkeys(instance.approvals, instance.changed) if instance else {}
    if act.actor in given:
        why = f"{act.actor} gave a word that {act.body['action']} rests on (record #{given[act.actor]}) and cannot carry it out"
        yield refusal(f"separation:{act.actor}", Cause.SEPARATION, why, declared.at_key("separate_executor"), record=given[act.actor])


def _consume_refusals(consumes: str, instance: GrantInstance, act: "Act", view: View) -> Iterator[Requirement]:
    """The very instance that is named must count: another that does is no reason to use this one."""
    declared, name = view.policy.grants[consumes], f"{consumes}#{instance.seq}"
    refused = list(way_refusals(view, Step("grant", name, "consume", instance.state, declared.issuer, act.actor, record=instance.changed)))
    yield from refused
    against = against_instance(instance, view, declared.scope, honoured=False)
    if against and not refused:
        cause, why = against
        yield refusal(f"grant:{name}", cause, f"{name} {why}", view.policy.actions[act.body["action"]].at_key("consumes"), record=instance.changed)


END_TRIGGERS: dict[str, Trigger] = {"end": "complete", "lose": "lose", "resolve": "resolve"}
STATE_BEFORE = {"end": "begun", "lose": "begun", "resolve": "lost"}


def judge_end(act: "Act", view: View) -> Iterator[Requirement]:
    """What was begun ends once: completed, lost from sight, and if lost, resolved by an owner."""
    seq = act.body["begin"]
    run = view.state.runs.get(seq)
    if run is None or run.state != STATE_BEFORE[act.kind]:
        why = f"record #{seq} began nothing" if run is None else f"{run.action} of record #{seq} is {run.state}"
        yield refusal(f"run:{seq}", Cause.REFUSED, why, view.policy.at, record=seq if run else None)
        return
    if run.grant is not None:
        instance = view.state.instances[run.grant]
        issuer, name = issuer_of(view, instance.grant), f"{instance.grant}#{instance.seq}"
        yield from way_refusals(view, Step("grant", name, END_TRIGGERS[act.kind], instance.state, issuer, act.actor, record=instance.changed))
    elif act.kind == "resolve" and not is_member(view, owners := view.policy.policy.adopted_by, act.actor):
        by, why = find.everyone(view.policy, owners), f"{run.action} uses up no grant, so its loss is resolved by {find.spell_who(owners)}"
        yield refusal("authority:resolve", Cause.UNAUTHORISED, why, view.policy.policy.at, by=by, record=seq)
