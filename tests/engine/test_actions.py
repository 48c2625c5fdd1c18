"""Actions: judged again at every act, using up the very grant that their record names, and ended, lost or resolved once."""

import pytest

from govern.engine.causes import Cause
from govern.engine.explain import next_acts
from govern.engine.unlocking import unlock
from govern.ledger.moments import spell_time
from support.policies import line_of, one_option
from support.world import FIX7, World

GRANTS = '{X: {scope: work, issuer: board}, "Y": {scope: work, issuer: board}}'
ACTIONS = """
  use: {needs: {selected: GO}, consumes: X}
  look: {needs: {selected: GO}}
  either: {needs: {all: [{selected: GO}, {any: [{grant: "Y"}, {honoured: X}]}]}}
  never: {ungranted: true}"""
TEXT = one_option("{honoured: X}", grants=GRANTS, actions=ACTIONS, blockers="{B: {legs: {ran: {by: owner, requires: {done: use}}}}}")


def _world() -> World:
    world = World(TEXT, now=100)
    world.record("issue", "agent", packet="ask")
    return world


def _granted(world: World, **window: str) -> int:
    return world.record("grant", "ann", grant="X", scope="work", **window)


def _decided() -> tuple[World, int]:
    world = _world()
    seq = _granted(world)
    world.record("decide", "owner", packet="ask", option="GO")
    return world, seq


def test_an_action_without_a_grant_of_its_own_is_forbidden_and_nobody_can_unlock_it() -> None:
    world = _world()

    told = world.verdict("never")

    [requirement] = told.requirements
    assert (requirement.kind, requirement.cause, requirement.why) == ("action", Cause.MISSING, "no grant for never exists yet")
    assert requirement.at.line == line_of(TEXT, "never:")
    assert (unlock(told.judged).sets, next_acts(told)) == ((), ())
    assert world.causes("begin", "agent", action="never") == {"action:never": Cause.MISSING}


@pytest.mark.parametrize("action", ["ci-trigger", "secrets-change"])
def test_what_has_no_grant_in_fix7_stays_forbidden(action: str) -> None:
    assert World(FIX7).causes("begin", "operator", action=action) == {f"action:{action}": Cause.MISSING}


def test_an_action_needs_a_selected_option_and_its_own_grant() -> None:
    world = _world()
    assert list(world.blocking("use")) == ["selected:ask/GO", "grant:X"]
    seq = _granted(world)
    assert world.causes("begin", "agent", action="use", grant=seq) == {"selected:ask/GO": Cause.MISSING}

    world.record("decide", "owner", packet="ask", option="GO")

    assert world.allowed("use")


def test_one_alternative_that_holds_is_enough_for_an_action() -> None:
    world, _seq = _decided()

    world.record("begin", "agent", action="either")


def test_a_grant_is_used_up_by_one_run() -> None:
    world, seq = _decided()
    begun = world.record("begin", "agent", action="use", grant=seq)

    refusals = world.refusals("begin", "agent", action="use", grant=seq)

    assert (refusals["grant:X"].cause, refusals["grant:X"].record) == (Cause.CONSUMED, begun)
    assert (refusals[f"grant:X#{seq}"].cause, refusals[f"grant:X#{seq}"].record) == (Cause.CONSUMED, begun)
    assert refusals[f"grant:X#{seq}"].why == f"grant X#{seq} is consumed, and no way leads from there by `consume`"


def test_the_instance_that_is_named_must_itself_count() -> None:
    world = _world()
    old = _granted(world, expires=spell_time(200))
    _granted(world)
    world.record("decide", "owner", packet="ask", option="GO")
    world.now = 200

    refusal = world.refusals("begin", "agent", action="use", grant=old)[f"grant:X#{old}"]

    assert (refusal.cause, refusal.why) == (Cause.EXPIRED, f"X#{old} expired at 1970-01-01T00:03:20Z")
    assert refusal.at.line == line_of(TEXT, "use: {needs")
    world.now = 199
    assert not world.propose("begin", "agent", {"action": "use", "grant": old})


@pytest.mark.parametrize("named", [None, 0, 4, 99])
def test_an_action_that_uses_up_a_grant_names_an_instance_of_it(named: int | None) -> None:
    world, _seq = _decided()
    other = world.record("grant", "ann", grant="Y", scope="work")
    assert other == 4
    body = {} if named is None else {"grant": named}

    refusal = world.refusals("begin", "agent", action="use", **body)["record:grant"]

    assert (refusal.cause, refusal.why) == (Cause.MISSING, "the record names no instance of X to use up")


def test_an_action_that_uses_up_nothing_names_nothing() -> None:
    world, seq = _decided()

    refusal = world.refusals("begin", "agent", action="look", grant=seq)[f"record:{seq}"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "look uses up no grant")
    world.record("begin", "agent", action="look")


def test_what_was_begun_is_not_done_until_its_end_is_on_record() -> None:
    world, seq = _decided()
    assert world.blocking("B/ran")["done:use"].why == "use was not carried out"
    begun = world.record("begin", "agent", action="use", grant=seq)
    told = world.blocking("B/ran")["done:use"]
    assert (told.truth, told.cause, told.record, told.how) == (None, Cause.UNKNOWN, begun, "govern why-blocked use")
    assert told.why == f"use was begun by record #{begun}, and its end is not on record"

    world.record("end", "agent", begin=begun, status=0)

    [held] = world.verdict("B/ran").requirements
    assert (held.truth, held.why, held.record, held.records) == (True, "use was carried out", begun, (begun,))
    assert world.state.instances[seq].state == "completed"


def test_a_run_that_failed_is_not_done() -> None:
    world, seq = _decided()
    begun = world.record("begin", "agent", action="use", grant=seq)
    world.record("end", "agent", begin=begun, status=3)

    told = world.blocking("B/ran")["done:use"]

    assert (told.truth, told.cause, told.why) == (False, Cause.MISSING, f"use was begun by record #{begun} and ended with status 3")


def test_a_run_of_which_nobody_knows_the_end_leaves_it_unknown_whatever_came_after() -> None:
    world, seq = _decided()
    first = world.record("begin", "agent", action="use", grant=seq)
    second = world.record("begin", "agent", action="use", grant=_granted(world))
    world.record("end", "agent", begin=second, status=1)

    assert world.blocking("B/ran")["done:use"].why == f"use was begun by record #{first}, and its end is not on record"


def test_a_run_ends_once() -> None:
    world, seq = _decided()
    begun = world.record("begin", "agent", action="use", grant=seq)
    world.record("end", "agent", begin=begun, status=0)

    for kind, rest in (("end", {"status": 0}), ("lose", {"reason": "gone"}), ("resolve", {"reason": "found"})):
        refusal = world.refusals(kind, "ann", begin=begun, **rest)[f"run:{begun}"]
        assert (refusal.cause, refusal.record, refusal.why) == (Cause.REFUSED, begun, f"use of record #{begun} is ended")
    assert world.refusals("end", "ann", begin=1, status=0)["run:1"].why == "record #1 began nothing"


def test_a_run_lost_from_sight_is_resolved_by_an_issuer_of_its_grant() -> None:
    world, seq = _decided()
    begun = world.record("begin", "agent", action="use", grant=seq)
    assert world.causes("resolve", "ann", begin=begun, reason="found") == {f"run:{begun}": Cause.REFUSED}
    world.record("lose", "agent", begin=begun, reason="the host is gone")
    assert world.state.instances[seq].state == "used-unknown"
    assert world.causes("end", "agent", begin=begun, status=0) == {f"run:{begun}": Cause.REFUSED}
    assert world.causes("resolve", "agent", begin=begun, reason="found") == {"authority:resolve": Cause.UNAUTHORISED}

    world.record("resolve", "bob", begin=begun, reason="it was done")

    assert world.allowed("B/ran")
    assert world.state.instances[seq].state == "completed"


def test_a_lost_run_that_used_up_no_grant_is_resolved_by_who_may_change_the_policy() -> None:
    world, _seq = _decided()
    begun = world.record("begin", "agent", action="look")
    world.record("lose", "agent", begin=begun, reason="the host is gone")

    refusal = world.refusals("resolve", "ann", begin=begun, reason="found")["authority:resolve"]

    assert (refusal.cause, refusal.by) == (Cause.UNAUTHORISED, ("owner",))
    assert refusal.why == "look uses up no grant, so its loss is resolved by owner"
    world.record("resolve", "owner", begin=begun, reason="it was done")


def test_a_grant_revoked_between_the_check_and_the_act_stops_the_act() -> None:
    world, seq = _decided()
    assert world.allowed("use")
    world.record("revoke", "bob", record=seq, reason="no more")

    assert world.causes("begin", "agent", action="use", grant=seq) == {
        "selected:ask/GO": Cause.REVOKED,
        "grant:X": Cause.REVOKED,
        f"grant:X#{seq}": Cause.REVOKED,
    }
