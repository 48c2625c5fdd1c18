"""Authority reaches no further than it was given: through a lane, a negation, an action, or a second word."""

from govern.engine.causes import Cause
from govern.policy.load import examine_policy
from support.policies import one_option, programme
from support.world import World, evidence

LANES = "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, freeze: {scope: live, opened_by: owner}, side: {scope: work, opened_by: owner}}"
BLOCKERS = "{B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}}}}"
GO = {"packet": "ask", "option": "GO"}
TWO_OF_THE_BOARD = """
  ask:
    lane: main
    decided_by: {all: [{of: board, at_least: 2}]}
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, delegable: true, says: It is done.}"""


def _delegated(giver: str, to: str) -> World:
    world = World(programme(packets=TWO_OF_THE_BOARD))
    world.report("delegate", giver, to=to, packet="ask", options=["GO"], scope="work", uses=1)
    world.record("issue", "robot", packet="ask")
    return world


def test_a_delegation_gives_nobody_a_second_word() -> None:
    refusal = _delegated("ann", "bob").refusals("decide", "bob", **GO, delegation=1)["authority:decide"]

    assert refusal.cause is Cause.UNAUTHORISED
    assert refusal.why == "bob decides ask, and record #1 delegates nothing of it to bob"


def test_a_delegation_that_a_document_reports_counts_for_nothing() -> None:
    refusal = _delegated("ann", "robot").refusals("decide", "robot", **GO, delegation=1)["authority:decide"]

    assert refusal.cause is Cause.UNAUTHORISED
    assert refusal.why == "the delegation of record #1 is reported by a document, and was not given here"


def test_a_delegation_to_one_who_may_receive_none_any_more_counts_for_nothing() -> None:
    text = programme(packets=TWO_OF_THE_BOARD).replace("agent: {kind: agent, may_receive_from: owner}", "agent: {kind: agent, may_receive_from: ann}")
    world = World(text)
    world.record("issue", "robot", packet="ask")
    delegation = world.record("delegate", "ann", to="agent", packet="ask", options=["GO"], scope="work", uses=1)
    world.record("adopt", "owner", **world.successor(text.replace("may_receive_from: ann", "may_receive_from: bob")))

    refusal = world.refusals("decide", "agent", **GO, delegation=delegation)["authority:decide"]

    assert refusal.why == f"the delegation of record #{delegation} was given by ann, from whom agent may not receive one"


def test_what_a_document_says_of_a_lane_is_no_proof_that_it_is_closed() -> None:
    world = World(one_option("{not: {lane: freeze}}", scope="live", lanes=LANES))
    world.report("open", "owner", lane="freeze")
    world.record("issue", "robot", packet="ask")
    world.record("open", "owner", lane="gate")

    assert world.blocking("ask/GO")["not:lane:freeze"].cause is Cause.UNKNOWN


def test_a_lane_of_another_scope_opens_nothing_in_a_protected_one() -> None:
    problems = examine_policy(one_option("{lane: side}", scope="live", lanes=LANES).encode()).problems

    assert [problem.code for problem in problems] == ["POLICY_SCOPE"]
    assert "lane:side is of scope `work`" in problems[0].message


def test_an_action_is_judged_in_the_scope_of_the_option_that_it_needs() -> None:
    actions = "{run: {needs: {all: [{selected: GO}, {leg: B/tried}]}}}"
    world = World(one_option(scope="live", blockers=BLOCKERS, actions=actions))
    world.report("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.record("issue", "robot", packet="ask")
    world.record("open", "owner", lane="gate")
    world.record("decide", "owner", **GO)

    assert {name: each.cause for name, each in world.blocking("run").items()} == {"leg:B/tried": Cause.UNSIGNED}
