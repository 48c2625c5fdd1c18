"""Invariants are judged on entry and at every action, beside the guard, so that a guard is not its own witness."""

import pytest

from govern.engine.causes import Cause
from govern.engine.unlocking import unlock
from support.policies import line_of, one_option
from support.rehearsed import bound_to
from support.world import FIX7, World, evidence

GRANTS = '{X: {scope: work, issuer: owner}, "Y": {scope: work, issuer: owner}}'
ACTIONS = "{use: {needs: {selected: GO}, consumes: X}, look: {needs: {selected: GO}}, stroll: {needs: {all: [{selected: GO}, {not: {lane: gate}}]}}}"


def _text(unless: str, requires: str = "{grant: X}") -> str:
    invariants = f"""
  careful:
    never: {{selecting: GO}}
    unless: {unless}
  can-stop: {{always_possible: {{decide: ask/STOP}}}}"""
    return one_option(requires, grants=GRANTS, actions=ACTIONS, invariants=invariants)


def _world(unless: str, requires: str = "{grant: X}") -> World:
    world = World(_text(unless, requires))
    world.record("issue", "agent", packet="ask")
    return world


def _grant(world: World, name: str = "X") -> int:
    return world.record("grant", "owner", grant=name, scope="work")


def test_a_promise_forbids_an_entry_that_the_guard_alone_would_allow_and_says_what_is_missing() -> None:
    text = _text('{all: [{grant: X}, {grant: "Y"}]}')
    world = _world('{all: [{grant: X}, {grant: "Y"}]}')
    _grant(world)

    refusals = world.refusals("decide", "owner", packet="ask", option="GO")

    assert list(refusals) == ["invariant:careful", "grant:Y"]
    told = refusals["invariant:careful"]
    assert (told.kind, told.truth, told.cause, told.how) == ("invariant", False, Cause.MISSING, "govern explain invariants")
    assert told.why == "invariant careful forbids it while these do not hold: grant:Y"
    assert told.at.line == line_of(text, "careful:") + 1
    assert unlock(world.verdict("GO").judged).sets == (("invariant:careful", "grant:Y"),)
    _grant(world, "Y")
    world.record("decide", "owner", packet="ask", option="GO")


def test_a_promise_is_silent_while_the_guard_itself_does_not_hold() -> None:
    assert list(_world('{grant: "Y"}').blocking("GO")) == ["grant:X"]


def test_a_promise_forbids_actions_as_soon_as_it_no_longer_holds() -> None:
    world = _world('{grant: "Y"}')
    x, y = _grant(world), _grant(world, "Y")
    world.record("decide", "owner", packet="ask", option="GO")
    assert world.allowed("look")

    world.record("revoke", "owner", record=y, reason="no more")

    assert list(world.blocking("look")) == ["invariant:careful", "honoured:Y"]
    assert world.causes("begin", "agent", action="use", grant=x) == {"invariant:careful": Cause.MISSING, "honoured:Y": Cause.REVOKED}
    assert world.causes("begin", "agent", action="stroll") == {"invariant:careful": Cause.MISSING, "honoured:Y": Cause.REVOKED}


def test_a_promise_at_an_action_takes_what_was_rightly_used_and_asks_nothing_of_what_is_not_selected() -> None:
    world = _world("{grant: X}")
    seq = _grant(world)
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("begin", "agent", action="use", grant=seq)

    assert world.allowed("look")
    assert world.allowed("stroll")


def test_a_promise_counts_no_record_twice() -> None:
    world = _world("{all: [{grant: X}, {honoured: X}]}")
    _grant(world)

    assert world.blocking("GO")["honoured:X~2"].cause is Cause.SEPARATION
    _grant(world)
    assert world.allowed("GO")


def test_an_unknown_promise_forbids() -> None:
    text = _text("{finding: quiet, is: pass}").replace("invariants:", "findings: {quiet: {result: unknown, by: owner, why: Nobody looked.}}\ninvariants:")
    world = World(text)
    world.record("issue", "agent", packet="ask")
    _grant(world)

    told = world.blocking("GO")["invariant:careful"]

    assert (told.truth, world.allowed("GO")) == (None, False)


def test_a_guard_weakened_below_its_promise_opens_nothing_in_fix7() -> None:
    weakened = FIX7.replace("            - {grant: CUTOVER}\n        says:", "        says:", 1)
    assert weakened != FIX7
    world = World(weakened)
    world.record("issue", "engineering", packet="final-real-data")
    world.record("open", "owner", lane="production-execution")
    for name in ("PRODUCTION_OPT4", "PRODUCTION_ROLLBACK", "REAL_RUN", "QT001", "PERMIT", "ACTIVATION", "REPOINT"):
        world.record("grant", "owner", grant=name, scope="production")
    for kind, leg in (("intake", "FIX7-P0-OPERATOR-INPUT-1/real-dump"), ("rehearsal", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump")):
        world.record("discharge", "operator", leg=leg, evidence=evidence(kind, "real-dump") | bound_to(world.view().policy, leg))
    world.record("discharge", "operator", leg="FIX7-P0-PROD-BIRTH-SURFACE-1/scoped", evidence=evidence("dry-run", "birth-surface"))

    assert list(world.blocking("5")) == ["invariant:execution-needs-everything", "grant:CUTOVER"]


@pytest.mark.parametrize("packet", ["production", "production-after-rehearsal", "final-real-data"])
def test_hold_can_be_decided_in_every_packet_of_fix7_at_any_time(packet: str) -> None:
    world = World(FIX7)
    option = "HOLD_REAL_DATA" if packet == "final-real-data" else "HOLD_PRODUCTION"

    first = world.record("decide", "owner", packet=packet, option=option)
    world.record("decide", "owner", packet=packet, option=option, supersedes=first)
