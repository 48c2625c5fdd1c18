"""Where the last record claims to be later than the clock, what time opens must be open at both; either closes."""

import pytest

from govern.engine.acts import Act, judge_act
from govern.engine.causes import Cause
from govern.engine.explain import blocking
from govern.engine.verdicts import find_target, verdict
from govern.ledger.moments import spell_time
from support.policies import one_option
from support.world import World, evidence

BLOCKERS = "\n  B: {legs: {x: {by: agent, evidence: {rehearsal: copy}, fresh_for: 1h}}}"
GRANTS = "{G: {scope: work, issuer: owner}}"
EARLY, LATE = 1000, 9000


def _world() -> World:
    world = World(one_option("{all: [{grant: G}, {leg: B/x}]}", option=", delegable: true", blockers=BLOCKERS, grants=GRANTS), now=EARLY)
    world.record("issue", "robot", packet="ask")
    return world


def _causes(world: World, clock: int | None) -> dict[str, tuple[Cause | None, str]]:
    view = world.replay.view(LATE, clock=clock)
    return {each.id: (each.cause, each.why) for each in blocking(verdict(find_target("ask/GO", view), view))}


def test_a_grant_that_begins_between_the_two_times_is_not_valid_yet_and_one_that_ends_there_has_expired() -> None:
    world = _world()
    world.record("grant", "owner", grant="G", scope="work", not_before=spell_time(5000))
    world.record("discharge", "agent", leg="B/x", evidence=evidence("rehearsal", "copy"))
    world.now = LATE - 10
    world.record("discharge", "agent", leg="B/x", evidence=evidence("rehearsal", "copy"))
    assert _causes(world, None) == {}
    cause, why = _causes(world, 4999)["grant:G"]
    assert (cause, why) == (Cause.NOT_YET, "G#2 is valid from 1970-01-01T01:23:20Z")
    assert "grant:G" not in _causes(world, 5000)
    world.record("revoke", "owner", record=2, reason="Another window.")
    world.now = LATE
    world.record("grant", "owner", grant="G", scope="work", expires=spell_time(LATE + 1))
    assert _causes(world, LATE) == {}
    assert world.replay.view(LATE + 1, clock=EARLY).earliest == EARLY


def test_a_grant_or_fresh_evidence_that_says_it_was_recorded_after_the_clock_does_not_count_yet() -> None:
    world = _world()
    world.now = LATE
    world.record("grant", "owner", grant="G", scope="work")
    world.record("discharge", "agent", leg="B/x", evidence=evidence("rehearsal", "copy"))
    assert _causes(world, None) == {}
    told = "says that it was recorded at 1970-01-01T02:30:00Z, which is yet to come"
    assert _causes(world, LATE - 1) == {
        "grant:G": (Cause.NOT_YET, f"G#2 {told}"),
        "leg:B/x": (Cause.STALE, f"the evidence of record #3 {told}"),
    }
    assert _causes(world, LATE) == {}


@pytest.mark.parametrize(("clock", "refused"), [(None, False), (5000, False), (4999, True)])
def test_a_delegation_is_not_valid_before_its_time_by_the_clock(clock: int | None, *, refused: bool) -> None:
    world = World(one_option("", option=", delegable: true"), now=EARLY)
    world.record("issue", "robot", packet="ask")
    body = {"to": "agent", "packet": "ask", "options": ["GO"], "scope": "work", "uses": 1, "not_before": spell_time(5000)}
    seq = world.record("delegate", "owner", **body)
    act = Act("decide", "agent", {"packet": "ask", "option": "GO", "delegation": seq, "packet_sha256": "0" * 64}, None, None)
    found = judge_act(act, world.replay.view(LATE, clock=clock))
    assert any("is not valid yet" in each.why for each in found) is refused, found
