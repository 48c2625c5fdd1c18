"""Acts: whether a record may be added, judged from the state before it, with all causes at once.

Pure. Appending and replaying ask the same function, so a line that no append would have written is found out.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from govern.engine import act_decisions, act_grants, act_keys, act_policies, act_tickets
from govern.engine.act_reports import judge_report
from govern.engine.authority import Word, word
from govern.engine.bindings import intakes_awaited, moved
from govern.engine.causes import Cause, Requirement
from govern.engine.claims import claim_refusals
from govern.engine.judge import in_force
from govern.engine.moves import Step
from govern.engine.moves import refusals as way_refusals
from govern.engine.refusing import refusal
from govern.engine.signed import signature_refusals, speaks
from govern.engine.view import View
from govern.ledger.sshsig import Signer
from govern.ledger.statements import BODIES, Imported
from govern.policy import find
from govern.policy.lifecycles import Trigger
from govern.policy.model import Policy
from govern.policy.rehearsal import MADE_UP


class Act(NamedTuple):
    """What somebody wants to put on record; whose key signs it, and the policy that it adopts, where it does."""

    kind: str
    actor: str
    body: Mapping[str, Any]
    imported: Imported | None = None
    signer: Signer | None = None
    adopts: Policy | None = None


def judge_act(act: Act, view: View) -> tuple[Requirement, ...]:
    """Return every reason why an act is refused; none where it may be recorded."""
    if act.actor not in view.policy.actors:
        known = ", ".join(view.policy.actors)
        return (refusal("authority:actor", Cause.UNAUTHORISED, f"no actor is called {act.actor}; declared: {known}", view.policy.at_key("actors")),)
    unknown = _unknown_names(act, view)
    if unknown:
        return tuple(unknown)
    claimed = claim_refusals(act, view)
    if act.imported:
        return (*judge_report(act, view), *claimed)
    if not view.state.founding and speaks(view.policy, view.state, act.actor, act.signer):
        return (*_JUDGES[act.kind](act, view), *claimed)
    return (*signature_refusals(act, view), *_JUDGES[act.kind](act, view), *claimed)


# Where the policy declares what a field of a body names.
_DECLARED = {
    "packet": "packets",
    "grant": "grants",
    "lane": "lanes",
    "leg": "legs",
    "finding": "findings",
    "action": "actions",
    "to": "actors",
    "actor": "actors",
}
_NAMES = {kind: [(key, _DECLARED[key]) for key in (field.rstrip("?") for field in fields) if key in _DECLARED] for kind, fields in BODIES.items()}


def _unknown_names(act: Act, view: View) -> list[Requirement]:
    """Return what an act names and the policy does not declare. An act is judged only where all that it names exists."""
    policy, body = view.policy, act.body
    found: list[Requirement] = []
    for key, declared in _NAMES[act.kind]:
        name = body.get(key)
        # The `grant` of a `begin` is no name but a record.
        if isinstance(name, str) and name not in getattr(policy, declared):
            found.append(refusal(f"{key}:{name}", Cause.NOT_EVALUATED, f"no {key} is called {name}", policy.at))
    if "packet" in body and body["packet"] in policy.packets:
        found += _unknown_options(body["packet"], [body["option"]] if "option" in body else body.get("options", []), policy)
    return found


def _unknown_options(name: str, options: Iterable[str], policy: Policy) -> list[Requirement]:
    packet = policy.packets[name]
    unknown = [option for option in dict.fromkeys(options) if option not in {each.id for each in packet.options}]
    return [refusal(f"option:{option}", Cause.NOT_EVALUATED, f"packet {name} has no option {option}", packet.at) for option in unknown]


def _free(act: Act, view: View) -> Iterable[Requirement]:
    """Any declared actor may."""
    del act, view
    return ()


def _genesis(act: Act, view: View) -> Iterable[Requirement]:
    del act
    yield refusal("genesis", Cause.REFUSED, "only the first record is a genesis", view.policy.at, record=0)


def _mark(act: Act, view: View) -> Iterable[Requirement]:
    name = act.body["name"]
    if name in view.state.marks:
        yield refusal(f"mark:{name}", Cause.REFUSED, f"@{name} already marks record #{view.state.marks[name]}", view.policy.at, record=view.state.marks[name])


def _quote(act: Act, view: View) -> Iterable[Requirement]:
    yield refusal(f"quote:{act.body['about']}", Cause.REFUSED, "a quote is taken from a document, right after genesis", view.policy.at)


def _packet(act: Act, view: View) -> Iterable[Requirement]:
    name = act.body["packet"]
    declared = view.policy.packets[name]
    trigger: Trigger = "prepare" if act.kind == "prepare" else "issue"
    yield from way_refusals(view, Step("packet", name, trigger, view.packet(name).state, declared.decided_by, act.actor))
    if act.kind == "issue" and declared.consumes:
        parent, option = find.option(view.policy, declared.consumes)
        standing = view.packet(parent)
        decided_by = view.policy.packets[parent].decided_by
        if standing.selected != option.id or in_force(parent, option, view) is not True:
            by = find.everyone(view.policy, decided_by)
            why = f"{name} consumes {parent}/{option.id}, which is not selected and in force"
            place = declared.at_key("consumes")
            yield refusal(f"selected:{parent}/{option.id}", Cause.MISSING, why, place, by=by, how=f"govern decide {parent}/{option.id} --as {by[0]}")
        else:
            yield from way_refusals(view, Step("packet", parent, "consume", standing.state, decided_by, act.actor))


def _request(act: Act, view: View) -> Iterable[Requirement]:
    name = act.body["grant"]
    return way_refusals(view, Step("grant", name, "request", view.policy.lifecycles.grant.initial, view.policy.grants[name].issuer, act.actor))


def _discharge(act: Act, view: View) -> Iterable[Requirement]:
    path, evidence = act.body["leg"], act.body["evidence"]
    declared = find.leg(view.policy, path)
    yield from way_refusals(view, Step("leg", path, "discharge", view.leg_state(path), declared.by, act.actor))
    if declared.evidence is None:
        why = f"{path} is proven as long as what it requires holds; evidence does not prove it"
        yield refusal(f"evidence:{path}", Cause.REFUSED, why, declared.at, how=f"govern why-blocked {path}")
        return
    wanted = (declared.evidence.kind, declared.evidence.of)
    if (evidence["kind"], evidence["of"]) != wanted:
        why = f"the evidence is {evidence['kind']} of {evidence['of']}, and {path} wants {wanted[0]} of {wanted[1]}"
        yield refusal(f"evidence:{path}", Cause.SCOPE, why, declared.at_key("evidence"), by=find.members(view.policy, declared.by))
    else:
        yield from _unbound(path, evidence, view)
    if evidence["kind"] == "dry-run" and evidence.get("data") in (None, *MADE_UP):
        yield _on_no_surface(path, evidence, view)
    if evidence["kind"] != "attest" and "sha256" not in evidence:
        yield refusal(f"file:{path}", Cause.MISSING, f"a {evidence['kind']} needs a file that the record can bind", declared.at_key("evidence"))


def _unbound(path: str, evidence: Mapping[str, Any], view: View) -> Iterable[Requirement]:
    """Evidence was made under the policy in force, with the change, source and validator that are in force."""
    declared = find.leg(view.policy, path)
    awaited = intakes_awaited(evidence["of"], declared, view)
    if awaited:
        yield _not_taken_in(path, awaited, evidence["of"], view)
    made_with = [each for each in moved(evidence, evidence["of"], declared, view) if not (awaited and each[0] == "source")]
    policy = view.state.policy_digest
    if evidence.get("policy", policy) != policy:
        made_with.append(("policy", f"was made with another policy ({evidence['policy'][:12]}, now {policy[:12]})"))
    for name, other in made_with:
        yield refusal(f"{name}:{path}", Cause.STALE, f"the evidence {other}", declared.at_key("evidence"), by=find.members(view.policy, declared.by))


def _on_no_surface(path: str, evidence: Mapping[str, Any], view: View) -> Requirement:
    """A dry run is over a surface that exists: what was made up for a trial has none, and shows nothing of it."""
    declared, data = find.leg(view.policy, path), evidence.get("data")
    by = find.members(view.policy, declared.by)
    why = f"the dry run was on data of provenance {data}, which was made up and shows nothing of {evidence['of']}" if data else "the dry run names no data"
    how = f"govern rehearse --read-only --source FILE --provenance NAME --change FILE --leg {path} --out DIR --as {by[0]}"
    return refusal(f"data:{path}", Cause.SCOPE if data else Cause.MISSING, why, declared.at_key("evidence"), by=by, how=how)


def _not_taken_in(path: str, awaited: tuple[str, ...], of: str, view: View) -> Requirement:
    """A rehearsal on data that the programme wants taken in waits for the intake of it."""
    intake = find.leg(view.policy, awaited[0])
    by = find.members(view.policy, intake.by)
    why = f"no intake of {of} is on record ({' or '.join(awaited)}), so nothing says that the rehearsal was on what was taken in"
    return refusal(f"source:{path}", Cause.MISSING, why, intake.at, by=by, how=f"govern blocker discharge {awaited[0]} --evidence FILE --as {by[0]}")


def _reopen(act: Act, view: View) -> Iterable[Requirement]:
    path = act.body["leg"]
    return way_refusals(view, Step("leg", path, "reopen", view.leg_state(path), find.leg(view.policy, path).by, act.actor))


def _lane(act: Act, view: View) -> Iterable[Requirement]:
    name = act.body["lane"]
    lane = view.policy.lanes[name]
    if lane.opened_by is None:
        how = f"govern why-blocked {name}"
        yield refusal(f"lane:{name}", Cause.REFUSED, f"lane {name} is not opened or closed by a record", lane.at, how=how)
        return
    standing = view.lane(name)
    trigger: Trigger = "open" if act.kind == "open" else "close"
    yield from way_refusals(view, Step("lane", name, trigger, standing.state, lane.opened_by, act.actor, approvals=standing.approvals, record=standing.changed))


def opens(act: Act, view: View) -> bool:
    """Whether an opening that may be recorded also opens its lane, or waits for others' words."""
    opened_by = view.policy.lanes[act.body["lane"]].opened_by
    assert opened_by is not None, "a lane that no record opens is refused before"
    return act.imported is not None or word(view, opened_by, act.actor, view.lane(act.body["lane"]).approvals) is Word.COMPLETE


def _finding(act: Act, view: View) -> Iterable[Requirement]:
    declared = view.policy.findings[act.body["finding"]]
    by = find.members(view.policy, declared.by)
    if act.actor not in by:
        yield refusal("authority:finding", Cause.UNAUTHORISED, f"{act.actor} may not record it; that is for {declared.by}", declared.at_key("by"), by=by)


_JUDGES: dict[str, Callable[[Act, View], Iterable[Requirement]]] = {
    "genesis": _genesis,
    "note": _free,
    "mark": _mark,
    "quote": _quote,
    "prepare": _packet,
    "issue": _packet,
    "decide": act_decisions.judge_decide,
    "refuse": act_decisions.judge_refuse,
    "delegate": act_decisions.judge_delegate,
    "request": _request,
    "grant": act_grants.judge_grant,
    "revoke": act_grants.judge_revoke,
    "begin": act_grants.judge_begin,
    "end": act_grants.judge_end,
    "lose": act_grants.judge_end,
    "resolve": act_grants.judge_end,
    "discharge": _discharge,
    "reopen": _reopen,
    "open": _lane,
    "close": _lane,
    "finding": _finding,
    "propose": act_policies.judge_propose,
    "adopt": act_policies.judge_adopt,
    "enroll": act_keys.judge_enroll,
    "retire": act_keys.judge_retire,
    "repair": _free,
    "reserve": act_tickets.judge_reserve,
    "fold": act_tickets.judge_fold,
    "withdraw": act_tickets.judge_withdraw,
    "register": act_tickets.judge_register,
}
