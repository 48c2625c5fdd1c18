"""Who gave a word that an action rests on does not carry it out, where the policy says so."""

import pytest

from govern.engine.causes import Cause
from support.policies import one_option
from support.world import World

GRANTS = "{X: {scope: work, issuer: ann}}"


def _world(more: str) -> World:
    needs = "{all: [{selected: GO}, {honoured: X}]}"
    world = World(one_option(grants=GRANTS, actions=f"{{use: {{needs: {needs}, consumes: X{more}}}}}"))
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("grant", "ann", grant="X", scope="work")
    return world


@pytest.mark.parametrize(("actor", "record"), [("owner", 2), ("ann", 3)])
def test_who_decided_or_granted_does_not_carry_it_out(actor: str, record: int) -> None:
    world = _world(", separate_executor: true")

    told = world.refusals("begin", actor, action="use", grant=3)[f"separation:{actor}"]

    assert (told.cause, told.record) == (Cause.SEPARATION, record)
    assert told.why == f"{actor} gave a word that use rests on (record #{record}) and cannot carry it out"
    world.record("begin", "bob", action="use", grant=3)


def test_without_that_rule_they_may() -> None:
    _world("").record("begin", "owner", action="use", grant=3)


def test_a_grant_that_is_not_on_record_gives_nobody_a_word() -> None:
    world = _world(", separate_executor: true")

    assert "separation:ann" not in world.refusals("begin", "ann", action="use", grant=9)


def test_an_action_that_nothing_permits_is_refused_for_that() -> None:
    world = World(one_option(actions="{use: {ungranted: true, separate_executor: true}}"))

    assert "separation:owner" not in world.refusals("begin", "owner", action="use")
