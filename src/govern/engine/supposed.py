"""A view as it would be with an act on record. Nothing is judged here, and the view that is given stays as it is.

Pure. Of the commonest acts only what they write is copied: a question that supposes many of them is answered at once.
"""

import copy
from typing import TypeVar

from govern.engine.acts import Act
from govern.engine.apply import apply
from govern.engine.state import State
from govern.engine.view import EvidenceFact, View
from govern.ledger.lines import Record
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Statement

T = TypeVar("T")


def after(act: Act, view: View) -> View:
    """Return the view as it would be with an act on record that is allowed; a file that it binds is there as wanted."""
    state = _forked(act, view.state)
    statement = Statement(None, act.kind, act.actor, act.body, Basis(state.size, ""), state.policy_digest)
    evidence = view.evidence
    if act.kind == "discharge" and evidence is not None:
        evidence = {**evidence, state.size: EvidenceFact.SAME}
    apply(act, Record(state.size, spell_time(view.now), view.now, statement, ""), View(view.policy, state, view.now, evidence, view.pinned, view.clock))
    return View(view.policy, state, view.now, evidence, view.pinned, view.clock)


def _forked(act: Act, state: State) -> State:
    """Return a state of its own, as far as the act writes to it."""
    body = act.body
    if act.kind not in ("decide", "grant", "discharge", "open"):
        return copy.deepcopy(state)
    forked = copy.copy(state)
    forked.signed = state.signed.copy()
    match act.kind:
        case "decide":
            forked.packets = _with_own(state.packets, body["packet"])
            if "delegation" in body:
                forked.delegations = copy.deepcopy(state.delegations)
        case "grant":
            forked.grants = _with_own(state.grants, body["grant"])
            forked.instances = {**state.instances, **{each.seq: each for each in forked.grants.get(body["grant"], [])}}
        case "discharge":
            forked.proofs = _with_own(state.proofs, body["leg"])
        case "open":  # pragma: no branch - the kinds are these
            forked.lanes = _with_own(state.lanes, body["lane"])
    return forked


def _with_own(kept: dict[str, T], name: str) -> dict[str, T]:
    return {**kept, name: copy.deepcopy(kept[name])} if name in kept else dict(kept)
