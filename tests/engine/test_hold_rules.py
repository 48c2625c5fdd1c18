"""HOLD by default, HOLD decided, an option refused, and no response are four things, never merged; a refusal is taken back by name."""

import pytest

from govern.engine.causes import Cause
from govern.engine.holds import respond_state
from support.policies import line_of, one_option
from support.world import World

POLICY = one_option(packet="\n    respond_within: 1m")


def _world() -> World:
    world = World(POLICY, now=100)
    world.record("issue", "agent", packet="ask")
    return world


def _state(world: World, now: int | None = None) -> str:
    return respond_state("ask", world.view(now))


def test_a_packet_is_hold_by_default_until_somebody_decides() -> None:
    assert _state(World(POLICY), now=10**6) == "HOLD (default)"
    assert _state(_world()) == "HOLD (default)"


def test_no_answer_within_the_limit_is_hold_for_want_of_a_response_and_not_a_decision() -> None:
    world = _world()

    assert _state(world, 159) == "HOLD (default)"
    assert _state(world, 160) == "HOLD (no response by 1970-01-01T00:02:40Z)"
    assert world.state.packets["ask"].selected is None
    assert world.allowed("GO", 10**6)


def test_a_packet_without_a_limit_waits_for_ever() -> None:
    world = World(one_option())
    world.record("issue", "agent", packet="ask")

    assert _state(world, 10**9) == "HOLD (default)"


def test_hold_that_was_decided_is_no_default_and_no_lack_of_response() -> None:
    world = _world()
    world.record("decide", "owner", packet="ask", option="STOP")

    assert _state(world, 10**6) == "HOLD (decided)"


def test_a_refused_option_leaves_a_hold_that_says_what_was_refused() -> None:
    world = _world()
    world.record("refuse", "owner", packet="ask", option="GO", reason="too early")

    assert _state(world) == "HOLD (GO refused)"
    assert _state(world, 10**6) == "HOLD (GO refused)"
    assert world.state.packets["ask"].selected is None


def test_a_selected_option_is_no_hold() -> None:
    world = _world()
    decided = world.record("decide", "owner", packet="ask", option="GO")
    assert _state(world) == "selected"

    world.record("decide", "owner", packet="ask", option="STOP", supersedes=decided)

    assert _state(world) == "HOLD (decided)"


def test_an_option_once_refused_is_decided_only_by_naming_the_refusal() -> None:
    world = _world()
    refused = world.record("refuse", "owner", packet="ask", option="GO", reason="too early")

    told = world.refusals("decide", "owner", packet="ask", option="GO")["refusal:ask/GO"]
    assert (told.kind, told.cause, told.record) == ("refusal", Cause.REFUSED, refused)
    assert (told.why, told.by) == (f"GO was refused by record #{refused}", ("owner",))
    assert told.how == f"govern decide ask/GO --supersedes {refused} --as owner"
    assert told.at.line == line_of(POLICY, "id: GO")
    assert list(world.blocking("GO")) == ["refusal:ask/GO"]
    assert world.causes("decide", "owner", packet="ask", option="GO", supersedes=refused - 1) == {"refusal:ask/GO": Cause.REFUSED}

    world.record("decide", "owner", packet="ask", option="GO", supersedes=refused)

    assert world.state.packets["ask"].refused == {}


def test_a_refusal_is_taken_back_under_its_newest_number() -> None:
    world = _world()
    first = world.record("refuse", "owner", packet="ask", option="GO", reason="too early")
    second = world.record("refuse", "owner", packet="ask", option="GO", reason="still too early")

    assert world.causes("decide", "owner", packet="ask", option="GO", supersedes=first) == {"refusal:ask/GO": Cause.REFUSED}
    world.record("decide", "owner", packet="ask", option="GO", supersedes=second)


def test_hold_is_not_refused() -> None:
    refusal = _world().refusals("refuse", "owner", packet="ask", option="STOP", reason="never")["hold:ask/STOP"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "HOLD cannot be refused; it is always there")


def test_a_selected_option_is_ended_by_hold_and_not_refused() -> None:
    world = _world()
    decided = world.record("decide", "owner", packet="ask", option="GO")

    told = world.refusals("refuse", "owner", packet="ask", option="GO", reason="no")["selected:ask/GO"]

    assert (told.cause, told.record, told.how) == (Cause.REFUSED, decided, "govern decide ask/STOP --as owner")
    assert told.why == "GO is selected; HOLD ends it"


@pytest.mark.parametrize("actor", ["ann", "agent"])
def test_only_who_decides_refuses(actor: str) -> None:
    refusal = _world().refusals("refuse", actor, packet="ask", option="GO", reason="no")["authority:refuse"]

    assert (refusal.cause, refusal.by) == (Cause.UNAUTHORISED, ("owner",))
    assert refusal.why == f"{actor} does not decide ask; that is for owner"


def test_an_option_of_a_packet_that_is_not_issued_is_not_refused_yet() -> None:
    refusal = World(POLICY).refusals("refuse", "owner", packet="ask", option="GO", reason="no")["packet:ask"]

    assert (refusal.cause, refusal.how) == (Cause.AWAITING, "govern packet issue ask")
