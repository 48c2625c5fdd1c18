"""Applying a record that was allowed: how it changes the state.

With `apply_policies` and `apply_tickets` what writes to a `State`, but for genesis and notes, which `govern.engine.replay` takes itself. Nothing is
judged here; `govern.engine.acts` has done that.
"""

from collections.abc import Callable

from govern.engine import apply_policies, apply_tickets
from govern.engine.act_decisions import completes, current_approvals, speaks
from govern.engine.act_grants import END_TRIGGERS, grant_instance, grant_trigger
from govern.engine.acts import Act, opens
from govern.engine.moves import way
from govern.engine.state import Approval, Delegation, FindingState, GrantInstance, LaneState, PacketState, Proof, Quote, Run
from govern.engine.view import View
from govern.ledger.lines import Record
from govern.ledger.moments import parse_stored
from govern.ledger.statements import BINDINGS
from govern.policy import find
from govern.policy.lifecycles import Kind, Trigger

# What no packet shows. A decision, too: another one on the same packet must name it as superseded.
_SHOWN_NOWHERE = frozenset({"note", "mark", "enroll", "retire", "repair", "propose", "decide", "reserve", "fold", "withdraw", "register"})


def apply(act: Act, record: Record, view: View) -> None:
    """Change the state by a record."""
    _APPLY[act.kind](act, record, view)
    state = view.state
    state.size, state.at = record.seq + 1, view.now
    if act.kind not in _SHOWN_NOWHERE:
        state.moved = state.size
    if record.signer:
        state.signed.add(record.seq)
    if act.imported is None:
        state.importing = False
        state.founding = state.founding and act.kind == "enroll"


def _moved(view: View, kind: Kind, trigger: Trigger, source: str, *, imported: bool) -> str:
    """Return where an act leads. Imported history may skip ways that were not recorded."""
    taken = way(view.policy, kind, trigger, source)
    if taken is None and imported:
        taken = next(each for each in view.policy.lifecycles.of(kind).transitions if each.trigger == trigger)
    assert taken is not None, "an act without a way is refused before"
    return taken.to


def _packet(act: Act, view: View) -> PacketState:
    return view.state.packets.setdefault(act.body["packet"], view.packet(act.body["packet"]))


def _prepare(act: Act, record: Record, view: View) -> None:
    packet = _packet(act, view)
    packet.state = _moved(view, "packet", "prepare", packet.state, imported=act.imported is not None)
    packet.preparers[act.actor] = record.seq


def _issue(act: Act, record: Record, view: View) -> None:
    packet = _packet(act, view)
    packet.state = _moved(view, "packet", "issue", packet.state, imported=act.imported is not None)
    packet.issued, packet.issued_at, packet.imported = record.seq, view.now, act.imported
    consumes = view.policy.packets[act.body["packet"]].consumes
    if consumes:
        parent = view.state.packets.setdefault(name := find.option(view.policy, consumes)[0], view.packet(name))
        parent.state = _moved(view, "packet", "consume", parent.state, imported=act.imported is not None)
        parent.consumed_by = act.body["packet"]


def _decide(act: Act, record: Record, view: View) -> None:
    complete = completes(act, view)
    packet, option = _packet(act, view), act.body["option"]
    delegation = act.body.get("delegation")
    given = (*current_approvals(act, view), Approval(speaks(act, view), record.seq, act.body.get("packet_sha256"), delegation, act.imported is not None))
    if delegation is not None:
        view.state.delegations[delegation].used.append(record.seq)
    if not complete:
        packet.approvals[option] = given
        return
    packet.approvals.clear()
    packet.refused.pop(option, None)
    packet.selected, packet.decision, packet.decided_at = option, record.seq, view.now
    packet.decided_by, packet.reported = given, act.imported is not None
    packet.history.append((record.seq, option))


def _refuse(act: Act, record: Record, view: View) -> None:
    packet = _packet(act, view)
    packet.refused[act.body["option"]] = record.seq
    packet.approvals.pop(act.body["option"], None)


def _delegate(act: Act, record: Record, view: View) -> None:
    body = act.body
    view.state.delegations[record.seq] = Delegation(
        record.seq,
        act.actor,
        body["to"],
        body["packet"],
        tuple(body["options"]),
        body["scope"],
        body["uses"],
        not_before=_time(act, "not_before"),
        expires=_time(act, "expires"),
        imported=act.imported is not None,
    )


def _time(act: Act, key: str) -> int | None:
    return parse_stored(act.body[key]) if key in act.body else None


def _new_instance(act: Act, record: Record, view: View) -> GrantInstance:
    name = act.body["grant"]
    scope = view.policy.grants[name].scope
    instance = GrantInstance(name, record.seq, view.policy.lifecycles.grant.initial, scope, record.seq, imported=act.imported is not None)
    view.state.grants.setdefault(name, []).append(instance)
    view.state.instances[record.seq] = instance
    return instance


def _request(act: Act, record: Record, view: View) -> None:
    instance = _new_instance(act, record, view)
    instance.state = _moved(view, "grant", "request", instance.state, imported=act.imported is not None)
    instance.requested_by = act.actor


def _grant(act: Act, record: Record, view: View) -> None:
    trigger, body = grant_trigger(act, view), act.body
    instance = grant_instance(act, view) or _new_instance(act, record, view)
    instance.state = _moved(view, "grant", trigger, instance.state, imported=act.imported is not None)
    instance.approvals = (*instance.approvals, act.actor)
    instance.changed, instance.scope = record.seq, body["scope"]
    # The window is what every word allows.
    if "not_before" in body:
        instance.not_before = _of_both(max, instance.not_before, _time(act, "not_before"))
    if "expires" in body:
        instance.expires = _of_both(min, instance.expires, _time(act, "expires"))
    if trigger == "record":
        instance.recorded_at = view.now
        longest = view.policy.grants[instance.grant].expires_after
        if longest is not None:
            instance.expires = _of_both(min, instance.expires, view.now + longest)


def _of_both(choose: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    """Choose of two limits, where there are two."""
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)


def _revoke(act: Act, record: Record, view: View) -> None:
    seq = act.body["record"]
    instance = view.state.instances.get(seq)
    if instance:
        _move_grant(instance, "revoke", record, view)
    else:
        view.state.delegations[seq].revoked = record.seq


def _move_grant(instance: GrantInstance, trigger: Trigger, record: Record, view: View) -> None:
    instance.state = _moved(view, "grant", trigger, instance.state, imported=record.statement.imported is not None)
    instance.changed = record.seq


def _begin(act: Act, record: Record, view: View) -> None:
    grant = act.body.get("grant")
    view.state.runs[record.seq] = Run(act.body["action"], record.seq, "begun", grant, imported=act.imported is not None)
    if grant is not None:
        _move_grant(view.state.instances[grant], "consume", record, view)


def _end(act: Act, record: Record, view: View) -> None:
    run = view.state.runs[act.body["begin"]]
    run.state = "lost" if act.kind == "lose" else "ended"
    run.ended, run.status = record.seq, act.body.get("status")
    run.imported |= act.imported is not None
    if run.grant is not None:
        _move_grant(view.state.instances[run.grant], END_TRIGGERS[act.kind], record, view)


def _discharge(act: Act, record: Record, view: View) -> None:
    path, evidence = act.body["leg"], act.body["evidence"]
    state = _moved(view, "leg", "discharge", view.leg_state(path), imported=act.imported is not None)
    view.state.proofs.setdefault(path, []).append(
        Proof(
            path,
            record.seq,
            state,
            act.actor,
            evidence["kind"],
            evidence["of"],
            view.now,
            record.seq,
            evidence.get("sha256"),
            evidence.get("path"),
            evidence.get("says"),
            act.imported,
            {name: evidence[name] for name in BINDINGS if name in evidence},
        )
    )


def _reopen(act: Act, record: Record, view: View) -> None:
    proof = view.state.proofs[act.body["leg"]][-1]
    proof.state = _moved(view, "leg", "reopen", proof.state, imported=act.imported is not None)
    proof.changed = record.seq


def _open(act: Act, record: Record, view: View) -> None:
    name = act.body["lane"]
    complete = opens(act, view)
    lane = view.state.lanes.setdefault(name, view.lane(name))
    lane.changed = record.seq
    if complete:
        # A word that waits for others makes nothing of what a document reports.
        lane.imported = act.imported is not None
        lane.state = _moved(view, "lane", "open", lane.state, imported=act.imported is not None)
        lane.opened_by, lane.approvals = (*lane.approvals, act.actor), ()
    else:
        lane.approvals = (*lane.approvals, act.actor)


def _close(act: Act, record: Record, view: View) -> None:
    name = act.body["lane"]
    state = _moved(view, "lane", "close", view.lane(name).state, imported=act.imported is not None)
    view.state.lanes[name] = LaneState(state, record.seq, imported=act.imported is not None)


def _finding(act: Act, record: Record, view: View) -> None:
    view.state.findings[act.body["finding"]] = FindingState(act.body["result"], record.seq, act.body["why"], act.actor, act.imported)


def _mark(act: Act, record: Record, view: View) -> None:
    view.state.marks[act.body["name"]] = record.seq


def _quote(act: Act, record: Record, view: View) -> None:
    assert act.imported is not None
    view.state.quotes.append(Quote(record.seq, act.body["about"], act.body["text"], act.imported.document, tuple(act.body.get("without", ()))))


def _nothing(act: Act, record: Record, view: View) -> None:
    """The record stands for itself."""


_APPLY: dict[str, Callable[[Act, Record, View], None]] = {
    "note": _nothing,
    "propose": apply_policies.propose,
    "adopt": apply_policies.adopt,
    "enroll": apply_policies.enroll,
    "retire": apply_policies.retire,
    "repair": _nothing,
    "mark": _mark,
    "quote": _quote,
    "prepare": _prepare,
    "issue": _issue,
    "decide": _decide,
    "refuse": _refuse,
    "delegate": _delegate,
    "request": _request,
    "grant": _grant,
    "revoke": _revoke,
    "begin": _begin,
    "end": _end,
    "lose": _end,
    "resolve": _end,
    "discharge": _discharge,
    "reopen": _reopen,
    "open": _open,
    "close": _close,
    "finding": _finding,
    "reserve": apply_tickets.reserve,
    "fold": apply_tickets.fold,
    "withdraw": apply_tickets.withdraw,
    "register": apply_tickets.report,
}
