"""Lifecycles of a policy's own: steps by whom the way says, guards on ways, and states that mean what leads to them."""

import pytest

from govern.engine.causes import Cause
from support.policies import line_of, one_option, programme
from support.world import World, evidence

GRANTS = '{X: {scope: work, issuer: board}, "Y": {scope: work, issuer: owner}}'
FINDINGS = "{quiet: {result: unknown, by: owner, why: Nobody has looked.}}"
LANE = """
  use: standard-1
  lane:
    initial: shut
    states: {shut: {}, wide: {counts: true}}
    transitions:
      - {trigger: open, from: shut, to: wide, by: authority, when: {any: [{grant: "Y"}, {finding: quiet, is: pass}]}}
      - {trigger: close, from: wide, to: shut, by: member}"""


def _lanes() -> tuple[World, str]:
    text = programme(lifecycles=LANE, grants=GRANTS, findings=FINDINGS)
    return World(text), text


def test_a_guard_on_a_way_is_judged_beside_who_may_take_it_and_all_that_is_missing_is_told() -> None:
    world, text = _lanes()

    refusals = world.refusals("open", "ann", lane="gate")

    assert {name: each.cause for name, each in refusals.items()} == {
        "authority:open": Cause.UNAUTHORISED,
        "way:open": Cause.UNKNOWN,
        "grant:Y": Cause.MISSING,
        "finding:quiet=pass": Cause.UNKNOWN,
    }
    told = refusals["way:open"]
    assert (told.truth, told.how, told.at.line) == (None, "govern explain lifecycles", line_of(text, "trigger: open"))
    assert told.why == "the lane lifecycle guards `open`, and its guard does not hold"


def test_a_guard_on_a_way_that_is_false_is_missing_and_one_that_holds_lets_pass() -> None:
    world, _text = _lanes()
    world.record("finding", "owner", finding="quiet", result="fail", why="It is loud.")
    assert world.refusals("open", "owner", lane="gate")["way:open"].cause is Cause.MISSING
    world.record("grant", "owner", grant="Y", scope="work")

    world.record("open", "owner", lane="gate")

    assert world.allowed("gate")


def test_a_way_for_members_is_not_for_anyone() -> None:
    world, text = _lanes()
    world.record("grant", "owner", grant="Y", scope="work")
    world.record("open", "owner", lane="gate")

    refusal = world.refusals("close", "ann", lane="gate")["authority:close"]

    assert (refusal.cause, refusal.by, refusal.at.line) == (Cause.UNAUTHORISED, ("owner",), line_of(text, "trigger: close"))
    world.record("close", "owner", lane="gate")


GRANT = """
  use: standard-1
  grant:
    initial: nothing
    states:
      nothing: {}
      asked: {}
      given: {counts: true, honoured: true}
      spent: {honoured: true}
      done-with: {}
      nobody-knows: {}
      taken-back: {}
    transitions:
      - {trigger: request, from: nothing, to: asked, by: member}
      - {trigger: record, from: asked, to: given, by: authority}
      - {trigger: consume, from: given, to: spent, by: member}
      - {trigger: complete, from: spent, to: done-with, by: anyone}
      - {trigger: lose, from: spent, to: nobody-knows, by: anyone}
      - {trigger: revoke, from: [given, spent], to: taken-back, by: member}"""


AIDE = '}\n      - {number: "3", id: AIDE, scope: work, says: It is begun.'


def _grants(guard: str = "{grant: X}") -> World:
    world = World(one_option(guard, lifecycles=GRANT, grants=GRANTS, actions="{use: {needs: {selected: AIDE}, consumes: X}}", option=AIDE))
    world.record("issue", "agent", packet="ask")
    return world


def _given(world: World) -> int:
    seq = world.record("request", "ann", grant="X", reason="it is needed")
    return world.record("grant", "bob", grant="X", scope="work", instance=seq) - 1


def test_a_grant_that_must_be_asked_for_is_not_granted_out_of_nothing() -> None:
    world = _grants()

    refusal = world.refusals("grant", "ann", grant="X", scope="work")["grant:X"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "grant X is nothing, and no way leads from there by `record`")
    assert world.causes("request", "agent", grant="X", reason="it is needed") == {"authority:request": Cause.UNAUTHORISED}
    _given(world)
    assert world.allowed("GO")


@pytest.mark.parametrize(
    ("last", "cause", "state"),
    [
        ("begin", Cause.CONSUMED, "spent"),
        ("end", Cause.CONSUMED, "done-with"),
        ("lose", Cause.UNKNOWN, "nobody-knows"),
        ("revoke", Cause.REVOKED, "taken-back"),
    ],
)
def test_a_state_means_what_leads_to_it_whatever_its_name(last: str, cause: Cause, state: str) -> None:
    world = _grants()
    seq = _given(world)
    if last == "revoke":
        changed = world.record("revoke", "cyn", record=seq, reason="no more")
    else:
        world.record("decide", "owner", packet="ask", option="AIDE")
        assert world.causes("begin", "agent", action="use", grant=seq) == {"authority:consume": Cause.UNAUTHORISED}
        changed = begun = world.record("begin", "cyn", action="use", grant=seq)
        if last == "end":
            changed = world.record("end", "agent", begin=begun, status=0)
        if last == "lose":
            changed = world.record("lose", "agent", begin=begun, reason="the host is gone")

    told = world.blocking("GO")["grant:X"]

    assert (told.cause, told.why, told.record) == (cause, f"X#{seq} is {state} (record #{changed})", changed)
    assert told.truth is (None if cause is Cause.UNKNOWN else False)


def test_a_run_that_its_lifecycle_cannot_resolve_stays_lost() -> None:
    world = _grants()
    seq = _given(world)
    world.record("decide", "owner", packet="ask", option="AIDE")
    begun = world.record("begin", "cyn", action="use", grant=seq)
    world.record("lose", "agent", begin=begun, reason="the host is gone")

    refusal = world.refusals("resolve", "cyn", begin=begun, reason="found")[f"grant:X#{seq}"]

    assert (refusal.cause, refusal.why) == (Cause.UNKNOWN, f"grant X#{seq} is nobody-knows, and no way leads from there by `resolve`")


PACKET = """
  use: standard-1
  packet:
    initial: draft
    states: {draft: {}, out: {counts: true}}
    transitions:
      - {trigger: issue, from: draft, to: out, by: authority}"""
CHAIN = """
  one:
    lane: main
    decided_by: board
    lineage_gap: It starts the story.
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}, {number: "2", id: GO, scope: work, says: It is done.}]
  two:
    lane: main
    decided_by: board
    consumes: one/GO
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}]"""


def test_a_packet_that_cannot_be_consumed_lets_none_be_issued_on_it() -> None:
    world = World(programme(lifecycles=PACKET, packets=CHAIN))
    assert world.causes("issue", "agent", packet="one") == {"authority:issue": Cause.UNAUTHORISED}
    assert world.causes("prepare", "ann", packet="one") == {"packet:one": Cause.REFUSED}
    world.record("issue", "ann", packet="one")
    world.record("decide", "bob", packet="one", option="GO")

    refusal = world.refusals("issue", "ann", packet="two")["packet:one"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "packet one is out, and no way leads from there by `consume`")


TRIED = "{B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}}}}"
LEG = """
  use: standard-1
  leg:
    initial: open
    states: {open: {}, proven: {counts: true}}
    transitions:
      - {trigger: discharge, from: open, to: proven, by: member}
      - {trigger: reopen, from: proven, to: open, by: member}"""


def test_a_leg_that_is_proven_once_is_not_proven_again_until_its_own_actor_reopens_it() -> None:
    world = World(programme(lifecycles=LEG, blockers=TRIED))
    proof = evidence("rehearsal", "real")
    world.record("discharge", "agent", leg="B/tried", evidence=proof)

    assert world.causes("discharge", "agent", leg="B/tried", evidence=proof) == {"leg:B/tried": Cause.REFUSED}
    assert world.causes("reopen", "owner", leg="B/tried", reason="doubt") == {"authority:reopen": Cause.UNAUTHORISED}
    world.record("reopen", "agent", leg="B/tried", reason="doubt")
    world.record("discharge", "agent", leg="B/tried", evidence=proof)


ONCE = """
  use: standard-1
  leg:
    initial: open
    states: {open: {}, proven: {counts: true}}
    transitions: [{trigger: discharge, from: open, to: proven, by: authority}]
  packet:
    initial: draft
    states: {draft: {}, issued: {counts: true}}
    transitions: [{trigger: issue, from: draft, to: issued, by: anyone}]"""


def test_a_report_takes_the_ways_that_the_lifecycle_has_and_asks_for_no_other() -> None:
    world = World(one_option(lifecycles=ONCE, blockers=TRIED))
    world.report("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.report("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))

    world.report("issue", "robot", packet="ask")

    assert ([proof.state for proof in world.state.proofs["B/tried"]], world.state.packets["ask"].state) == (["proven", "proven"], "issued")
