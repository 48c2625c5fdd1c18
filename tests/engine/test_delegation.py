"""Delegation: an owner's record of options, scope, window and uses; it only narrows, is never of a protected scope, and dies with its giver's word."""

from typing import Any

import pytest

from govern.engine.causes import Cause
from govern.ledger.moments import spell_time
from support.policies import line_of, programme
from support.world import World

PACKETS = """
  ask:
    lane: main
    decided_by: board
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, delegable: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, delegable: true, says: It is done.}
      - {number: "3", id: OWN, scope: work, says: It is the board's own.}
      - {number: "4", id: FAR, scope: other, lane: far, delegable: true, says: It is done elsewhere.}
      - {number: "5", id: LIVE, scope: live, lane: gate, says: It is done for good.}"""
ACTORS = """
  owner: {kind: person}
  ann: {kind: person}
  bob: {kind: person}
  cyn: {kind: person}
  eve: {kind: person}
  agent: {kind: agent, may_receive_from: ann}
  robot: {kind: service}"""
LANES = "{main: {scope: work, standing: true}, far: {scope: other, standing: true}, gate: {scope: live, opened_by: owner}}"
POLICY = programme(actors=ACTORS, lanes=LANES, packets=PACKETS)
GO: dict[str, Any] = {"packet": "ask", "option": "GO"}
DELEGATION: dict[str, Any] = {"to": "agent", "packet": "ask", "options": ["GO"], "scope": "work", "uses": 1}


def _world(**delegation: object) -> World:
    world = World(POLICY, now=100)
    world.record("issue", "robot", packet="ask")
    if delegation:
        world.record("delegate", "ann", **{**DELEGATION, **delegation})
    return world


def test_an_agent_without_a_delegation_is_refused_and_told_how_to_get_one() -> None:
    refusal = _world().refusals("decide", "agent", **GO)["authority:decide"]

    assert (refusal.cause, refusal.by, refusal.record) == (Cause.UNAUTHORISED, ("ann", "bob", "cyn"), None)
    assert refusal.why == "no delegation of GO to agent is on record"
    assert refusal.how == "govern delegate ask/GO --to agent --as ann"
    assert refusal.at.line == line_of(POLICY, "decided_by: board")


def test_who_may_not_receive_a_delegation_is_not_told_to_ask_for_one() -> None:
    assert _world().refusals("decide", "robot", **GO)["authority:decide"].how == ""


def test_a_delegation_must_be_named_to_count() -> None:
    world = _world(uses=1)

    assert world.causes("decide", "agent", **GO) == {"authority:decide": Cause.UNAUTHORISED}


def test_an_agent_decides_what_was_delegated_and_the_word_is_its_givers() -> None:
    world = _world(uses=1)
    seq = world.record("decide", "agent", **GO, delegation=2)

    [approval] = world.state.packets["ask"].decided_by

    assert (approval.actor, approval.seq, approval.delegation) == ("ann", seq, 2)
    assert world.state.delegations[2].used == [seq]


def test_a_delegation_is_used_up_after_its_uses_and_not_before() -> None:
    world = _world(uses=2)
    first = world.record("decide", "agent", **GO, delegation=2)
    stop = world.record("decide", "bob", packet="ask", option="STOP", supersedes=first)
    second = world.record("decide", "agent", **GO, delegation=2, supersedes=stop)

    refusal = world.refusals("decide", "agent", **GO, delegation=2, supersedes=second)["authority:decide"]

    assert (refusal.why, refusal.record) == (f"the delegation of record #2 is used up (record #{second})", 2)


def test_a_delegation_counts_inside_its_half_open_window() -> None:
    world = _world(not_before=spell_time(200), expires=spell_time(300))
    body = {**GO, "delegation": 2}

    for now, why in ((199, "is not valid yet"), (300, "has expired")):
        world.now = now
        assert world.refusals("decide", "agent", **body)["authority:decide"].why == f"the delegation of record #2 {why}"
    for now in (200, 299):
        world.now = now
        assert not world.propose("decide", "agent", body)


def test_a_revoked_delegation_is_worth_nothing_and_only_its_giver_revokes_it_once() -> None:
    world = _world(uses=5)
    told = world.refusals("revoke", "bob", record=2, reason="no")["authority:revoke"]
    assert (told.cause, told.by, told.why) == (Cause.UNAUTHORISED, ("ann",), "the delegation of record #2 was given by ann")
    revoked = world.record("revoke", "ann", record=2, reason="no more")

    refusal = world.refusals("decide", "agent", **GO, delegation=2)["authority:decide"]

    assert refusal.why == f"the delegation of record #2 was revoked by record #{revoked}"
    again = world.refusals("revoke", "ann", record=2, reason="no more")["delegation:2"]
    assert (again.cause, again.record) == (Cause.REVOKED, revoked)


@pytest.mark.parametrize(("option", "why"), [("OWN", "OWN cannot be delegated; agent is not board"), ("FAR", "no delegation of FAR to agent is on record")])
def test_a_delegation_reaches_only_the_options_it_names(option: str, why: str) -> None:
    refusal = _world(uses=5).refusals("decide", "agent", packet="ask", option=option, delegation=2)["authority:decide"]

    assert (refusal.cause, refusal.why) == (Cause.UNAUTHORISED, why)


@pytest.mark.parametrize("actor", ["robot", "eve"])
def test_a_delegation_is_worth_nothing_to_another(actor: str) -> None:
    refusal = _world(uses=5).refusals("decide", actor, **GO, delegation=2)["authority:decide"]

    assert refusal.why == f"no delegation of GO to {actor} is on record"


@pytest.mark.parametrize("named", [0, 1, 2, 99])
def test_one_who_decides_does_not_hide_behind_a_delegation_of_anothers(named: int) -> None:
    refusal = _world(uses=5).refusals("decide", "bob", **GO, delegation=named)["authority:decide"]

    assert (refusal.cause, refusal.record) == (Cause.UNAUTHORISED, named)
    assert refusal.why == f"bob decides ask, and record #{named} delegates nothing of it to bob"


@pytest.mark.parametrize(
    ("giver", "changed", "refused"),
    [
        ("eve", {}, {"authority:delegate": Cause.UNAUTHORISED, "delegation:to": Cause.UNAUTHORISED}),
        ("agent", {"to": "robot"}, {"authority:delegate": Cause.UNAUTHORISED, "delegation:to": Cause.UNAUTHORISED}),
        ("bob", {}, {"delegation:to": Cause.UNAUTHORISED}),
        ("ann", {"to": "robot"}, {"delegation:to": Cause.UNAUTHORISED}),
        ("ann", {"uses": 0}, {"delegation:uses": Cause.REFUSED}),
        ("ann", {"options": ["GO", "OWN"]}, {"option:ask/OWN": Cause.SCOPE}),
        ("ann", {"scope": "other"}, {"scope:ask/GO": Cause.SCOPE}),
        ("ann", {"options": ["GO", "FAR", "FAR"]}, {"scope:ask/FAR": Cause.SCOPE}),
        ("ann", {"options": ["LIVE"], "scope": "live"}, {"option:ask/LIVE": Cause.SCOPE}),
        ("ann", {"options": ["STOP"]}, {"scope:ask/STOP": Cause.SCOPE}),
        ("ann", {"to": "mallory"}, {"to:mallory": Cause.NOT_EVALUATED}),
        ("ann", {"options": ["GO", "NONE", "NONE"]}, {"option:NONE": Cause.NOT_EVALUATED}),
        ("ann", {"not_before": spell_time(300), "expires": spell_time(300)}, {"delegation:window": Cause.EXPIRED}),
    ],
)
def test_a_delegation_only_narrows(giver: str, changed: dict[str, Any], refused: dict[str, Cause]) -> None:
    assert _world().causes("delegate", giver, **{**DELEGATION, **changed}) == refused


def test_a_delegation_of_a_window_of_one_second_is_taken() -> None:
    _world(not_before=spell_time(300), expires=spell_time(301))


def test_hold_is_not_delegated_whatever_a_document_reports() -> None:
    world = World(POLICY)
    world.report("delegate", "ann", **{**DELEGATION, "options": ["STOP"]})

    refusal = world.refusals("decide", "agent", packet="ask", option="STOP", delegation=1)["authority:decide"]

    assert (refusal.why, refusal.how) == ("STOP cannot be delegated; agent is not board", "")


def test_a_delegation_dies_when_the_policy_no_longer_lets_its_option_be_delegated() -> None:
    world = _world(uses=5)
    world.record("adopt", "owner", **world.successor(POLICY.replace("id: GO, scope: work, delegable: true", "id: GO, scope: work")))
    assert world.refusals("decide", "agent", **GO, delegation=2)["authority:decide"].why == "GO cannot be delegated; agent is not board"

    world = _world(uses=5)
    world.record(
        "adopt",
        "owner",
        **world.successor(POLICY.replace("id: GO, scope: work", "id: GO, scope: other").replace("  ask:\n    lane: main", "  ask:\n    lane: far")),
    )
    reached = "the delegation of record #2 does not reach this option under the policy in force"
    assert world.refusals("decide", "agent", **GO, delegation=2)["authority:decide"].why == reached


def test_a_delegation_dies_with_its_givers_seat() -> None:
    world = _world(uses=5)
    world.record("adopt", "owner", **world.successor(POLICY.replace("board: {members: [ann, bob, cyn]}", "board: {members: [bob, cyn]}")))

    refusal = world.refusals("decide", "agent", **GO, delegation=2)["authority:decide"]

    assert refusal.why == "the delegation of record #2 was given by ann, who no longer decides this packet"


def test_a_person_too_decides_by_delegation_only_what_was_delegated() -> None:
    world = World(POLICY.replace("eve: {kind: person}", "eve: {kind: person, may_receive_from: bob}"))
    world.record("issue", "robot", packet="ask")
    world.record("delegate", "bob", **{**DELEGATION, "to": "eve"})

    assert world.causes("decide", "eve", **GO) == {"authority:decide": Cause.UNAUTHORISED}
    world.record("decide", "eve", **GO, delegation=2)
    assert world.state.packets["ask"].decided_by[0].actor == "bob"


def test_a_delegation_that_a_document_reports_serves_no_new_decision() -> None:
    world = World(POLICY, now=100)
    seq = world.report("delegate", "ann", **DELEGATION)
    world.record("issue", "robot", packet="ask")

    refusal = world.refusals("decide", "agent", **GO, delegation=seq)["authority:decide"]

    assert (refusal.cause, refusal.record) == (Cause.UNAUTHORISED, seq)
    assert "is reported by a document, and was not given here" in refusal.why
    assert world.state.delegations[seq].used == []
