"""A ledger whose first keys nobody vouched for on this machine: what persons signed there holds nothing, and HOLD stays."""

import pytest

from govern.engine.causes import Cause, Requirement
from govern.engine.explain import blocking
from govern.engine.leaves import UNPINNED
from govern.engine.verdicts import find_target, verdict
from support.policies import one_option
from support.world import DOCUMENT, World, evidence

BLOCKERS = "{B: {legs: {seen: {by: board, evidence: {attest: it}}, tried: {by: agent, evidence: {rehearsal: it}}}}}"
LANES = "{main: {scope: work, standing: true}, side: {scope: work, opened_by: owner}, gate: {scope: live, opened_by: owner}}"
MORE = '}\n      - {number: "3", id: MORE, scope: work, says: It goes on., requires: {selected: GO}'
FACTS = ["grant: X", "leg: B/seen", "lane: side"]


def _world(requires: str = "") -> World:
    world = World(one_option(requires, grants="{X: {scope: work, issuer: owner}}", blockers=BLOCKERS, lanes=LANES, option=MORE))
    world.record("issue", "agent", packet="ask")
    return world


def _met(requires: str, *, imported: bool = False) -> World:
    """Return a programme in which all is on record, by persons or by a document."""
    world = _world(requires)
    if imported:
        world = World(one_option(requires, grants="{X: {scope: work, issuer: owner}}", blockers=BLOCKERS, lanes=LANES, option=MORE))
    for kind, actor, body in (
        ("grant", "owner", {"grant": "X", "scope": "work"}),
        ("discharge", "ann", {"leg": "B/seen", "evidence": evidence("attest", "it")}),
        ("open", "owner", {"lane": "side"}),
        ("discharge", "agent", {"leg": "B/tried", "evidence": evidence("rehearsal", "it")}),
    ):
        world.force(kind, actor, body, DOCUMENT if imported else None)
    if imported:
        world.record("issue", "agent", packet="ask")
    return world


def _unpinned(world: World, address: str) -> list[Requirement]:
    """Return what an address lacks where the ledger is not pinned."""
    view = world.replay.view(world.now, pinned=False)
    return list(blocking(verdict(find_target(address, view), view)))


@pytest.mark.parametrize("fact", FACTS)
def test_what_a_person_recorded_in_a_ledger_that_is_not_pinned_does_not_count(fact: str) -> None:
    world = _met(f"{{{fact}}}")

    assert world.allowed("GO")
    [told] = _unpinned(world, "GO")
    assert (told.truth, told.cause) == (False, Cause.UNSIGNED)
    assert told.why.endswith(UNPINNED)


@pytest.mark.parametrize("fact", FACTS)
def test_what_a_document_reports_rests_on_no_key(fact: str) -> None:
    assert _unpinned(_met(f"{{{fact}}}", imported=True), "GO") == []


def test_what_an_agent_proved_rests_on_no_key() -> None:
    assert _unpinned(_met("{leg: B/tried}"), "GO") == []


def test_a_decision_in_a_ledger_that_is_not_pinned_is_not_selected() -> None:
    world = _world()
    world.record("decide", "owner", packet="ask", option="GO")

    assert world.allowed("MORE")
    [told] = _unpinned(world, "MORE")
    assert (told.cause, told.why) == (Cause.UNSIGNED, f"ask/GO is selected, {UNPINNED}")


def test_hold_needs_no_pin() -> None:
    world = _world()
    world.record("decide", "owner", packet="ask", option="STOP")

    assert _unpinned(world, "STOP") == []


def test_a_lane_that_was_opened_there_says_how_it_is_pinned() -> None:
    [told] = _unpinned(_met("{lane: side}"), "GO")

    assert told.how == "govern ledger pin"


FINDINGS = "{F: {result: unknown, why: Nobody looked., by: board}, M: {result: unknown, why: Nobody looked., by: agent}}"


def test_a_persons_finding_does_not_count_there_and_an_agents_does() -> None:
    for finding, by in (("F", "ann"), ("M", "agent")):
        world = World(one_option(f"{{finding: {finding}, is: pass}}", findings=FINDINGS))
        world.record("issue", "agent", packet="ask")
        world.record("finding", by, finding=finding, result="pass", why="It was looked at.")

        told = _unpinned(world, "GO")

        assert [(each.cause, each.why) for each in told] == ([(Cause.UNSIGNED, f"finding F was recorded {UNPINNED}")] if finding == "F" else [])


def test_what_was_carried_out_there_was_not() -> None:
    text = one_option(option=MORE.replace("{selected: GO}", "{done: use}"), actions="{use: {needs: {selected: GO}}}")
    world = World(text)
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    begun = world.record("begin", "agent", action="use")
    world.record("end", "agent", begin=begun, status=0)

    [told] = _unpinned(world, "MORE")

    assert (told.cause, told.why) == (Cause.UNSIGNED, f"use was carried out {UNPINNED}")
