"""What does not count for a yes is no proof of a no: a state that hangs on it is unknown under `not`."""

from collections.abc import Callable

import pytest

from govern.engine.causes import Cause
from govern.engine.view import EvidenceFact
from support.policies import one_option
from support.world import World, evidence

LANES = "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, side: {scope: live, opens_when: {all: [{leg: B/tried}, {leg: B/paid}]}}}"
BLOCKERS = """
  B: {legs: {tried: {by: agent, evidence: {rehearsal: real}, fresh_for: 1m}, paid: {by: owner, requires: {honoured: X}}}}
  C: {legs: {through: {by: owner, requires: {blocker: B, is: closed}}}}"""
GRANTS = "{X: {scope: live, issuer: owner}}"


def _world(guard: str, *, reported: bool = False) -> World:
    world = World(one_option(guard, scope="live", lanes=LANES, blockers=BLOCKERS, grants=GRANTS))
    put = world.report if reported else world.record
    put("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    put("grant", "owner", grant="X", scope="live")
    world.record("issue", "robot", packet="ask")
    world.record("open", "owner", lane="gate")
    return world


def _imported(guard: str) -> Cause | None:
    [told] = _world(guard, reported=True).blocking("GO").values()
    assert told.truth is None
    return told.cause


def _stale(guard: str) -> Cause | None:
    [told] = _world(guard).blocking("GO", 60).values()
    assert told.truth is None
    return told.cause


def _changed(guard: str) -> Cause | None:
    [told] = _world(guard).blocking("GO", evidence={1: EvidenceFact.CHANGED}).values()
    assert told.truth is None
    return told.cause


@pytest.mark.parametrize("doubt", [_imported, _stale, _changed])
@pytest.mark.parametrize("guard", ["{not: {blocker: B, is: closed}}", "{not: {blocker: C, is: closed}}", "{not: {lane: side}}"])
def test_a_state_that_hangs_on_what_does_not_count_is_unknown_under_not(guard: str, doubt: Callable[[str], Cause | None]) -> None:
    assert doubt(guard) is Cause.UNKNOWN


def test_a_blocker_that_would_be_open_anyway_is_surely_not_closed() -> None:
    world = _world("{not: {blocker: B, is: closed}}")
    world.record("revoke", "owner", record=2, reason="no more")

    assert world.allowed("GO", 60)
    assert world.allowed("GO", 59)


def test_what_is_surely_in_one_state_is_surely_not_in_another() -> None:
    assert _world("{not: {blocker: B, is: open}}").allowed("GO", 60)
    assert _world("{not: {blocker: B, is: partial}}").allowed("GO")


def test_a_blocker_says_for_which_doubt_it_does_not_hold() -> None:
    told = {
        cause: _world("{blocker: B, is: closed}", reported=reported).blocking("GO", now)
        for cause, reported, now in (("stale", False, 60), ("unsigned", True, 0))
    }

    assert {cause: each["blocker:B=closed"].cause for cause, each in told.items()} == {"stale": Cause.STALE, "unsigned": Cause.UNSIGNED}
