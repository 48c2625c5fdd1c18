"""Separation: who prepared does not decide, who asked does not grant, and no record fills two requirements of one guard."""

import pytest

from govern.engine.causes import Cause
from govern.engine.judge import in_force
from govern.engine.unlocking import unlock
from govern.policy import find
from support.policies import line_of, one_option, programme
from support.world import World, evidence

GRANTS = '{X: {scope: work, issuer: board}, "Y": {scope: work, issuer: board}}'
BLOCKERS = """
  B:
    legs:
      tried: {by: board, evidence: {rehearsal: real}}
      said: {by: board, evidence: {attest: reading}}
      one: {by: board, requires: {honoured: X}}
      two: {by: board, requires: {all: [{leg: B/tried}, {grant: X}]}}"""


PACKET = one_option()[one_option().index("packets:") + len("packets:") :]


def _world(guard: str, packet: str = "") -> World:
    text = one_option(guard, grants=GRANTS, blockers=BLOCKERS, packet=packet, actions="{use: {needs: {selected: GO}, consumes: X}}")
    world = World(text.replace("decided_by: owner", "decided_by: board"))
    world.record("issue", "agent", packet="ask")
    return world


def _grant(world: World, name: str = "X") -> int:
    return world.record("grant", "ann", grant=name, scope="work")


def test_who_prepared_a_packet_does_not_decide_it() -> None:
    text = one_option().replace("decided_by: owner", "decided_by: board")
    world = World(text)
    prepared = world.record("prepare", "ann", packet="ask")
    world.record("issue", "agent", packet="ask")

    refusal = world.refusals("decide", "ann", packet="ask", option="GO")["separation:ann"]

    assert (refusal.cause, refusal.by, refusal.record) == (Cause.SEPARATION, ("bob", "cyn"), prepared)
    assert refusal.why == f"ann prepared what is decided (record #{prepared}) and cannot decide it"
    assert refusal.at.line == line_of(text, "decided_by: board")
    world.record("decide", "ann", packet="ask", option="STOP")


@pytest.mark.parametrize("guard", ["{leg: B/tried}", "{leg: B/two}", "{any: [{blocker: B, is: closed}, {leg: B/tried}]}", "{not: {blocker: B, is: closed}}"])
def test_who_made_the_evidence_that_a_guard_rests_on_does_not_decide(guard: str) -> None:
    world = _world(guard)
    seq = world.record("discharge", "bob", leg="B/tried", evidence=evidence("rehearsal", "real"))
    _grant(world)

    refusal = world.refusals("decide", "bob", packet="ask", option="GO")["separation:bob"]

    assert (refusal.record, refusal.by) == (seq, ("ann", "cyn"))
    world.record("decide", "cyn", packet="ask", option="GO")


def test_an_attestation_is_its_actors_decision_and_no_preparation() -> None:
    world = _world("{leg: B/said}")
    world.record("discharge", "bob", leg="B/said", evidence=evidence("attest", "reading"))

    world.record("decide", "bob", packet="ask", option="GO")


def test_a_waiver_is_declared_in_the_policy_and_lifts_it() -> None:
    world = _world("{leg: B/tried}", packet="\n    separation_waiver: There is nobody else.")
    world.record("discharge", "bob", leg="B/tried", evidence=evidence("rehearsal", "real"))

    world.record("decide", "bob", packet="ask", option="GO")


def test_who_prepared_does_not_decide_through_a_delegation_given_or_received() -> None:
    text = one_option("{leg: B/tried}", grants=GRANTS, option=", delegable: true", blockers=BLOCKERS.replace("tried: {by: board", "tried: {by: crew"))
    text = text.replace("roles: {", "roles: {crew: {members: [owner, agent]}, ")
    for preparer in ("owner", "agent"):
        world = World(text)
        world.record("issue", "robot", packet="ask")
        seq = world.record("discharge", preparer, leg="B/tried", evidence=evidence("rehearsal", "real"))
        delegation = world.record("delegate", "owner", to="agent", packet="ask", options=["GO"], scope="work", uses=1)

        refusal = world.refusals("decide", "agent", packet="ask", option="GO", delegation=delegation)[f"separation:{preparer}"]

        assert (refusal.cause, refusal.record) == (Cause.SEPARATION, seq)


def test_who_asked_for_a_grant_does_not_grant_it() -> None:
    world = _world("{grant: X}")
    seq = world.record("request", "ann", grant="X", reason="it is needed")

    refusal = world.refusals("grant", "ann", grant="X", scope="work", instance=seq)["separation:ann"]

    assert (refusal.cause, refusal.by, refusal.record) == (Cause.SEPARATION, ("bob", "cyn"), seq)
    assert refusal.why == f"ann asked for X#{seq} and cannot grant it"
    world.record("grant", "bob", grant="X", scope="work", instance=seq)


@pytest.mark.parametrize("guard", ["{all: [{grant: X}, {grant: X}]}", "{at_least: 2, of: [{grant: X}, {grant: X}]}"])
def test_one_record_never_fills_two_requirements_of_a_guard(guard: str) -> None:
    world = _world(guard)
    seq = _grant(world)

    told = world.blocking("GO")["grant:X~2"]

    assert (told.truth, told.cause, told.record) == (False, Cause.SEPARATION, seq)
    assert told.why == f"X#{seq} is recorded, and record #{seq} already fills another requirement of this guard"
    assert (told.by, told.how) == (("ann", "bob", "cyn"), "govern grant record X --as ann")
    assert world.causes("decide", "bob", packet="ask", option="GO") == {"grant:X~2": Cause.SEPARATION}
    _grant(world)
    world.record("decide", "bob", packet="ask", option="GO")


@pytest.mark.parametrize("guard", ["{all: [{grant: X}, {honoured: X}]}", "{all: [{grant: X}, {leg: B/one}]}"])
def test_a_record_reached_through_a_leg_or_asked_for_in_other_words_is_still_one_record(guard: str) -> None:
    world = _world(guard)
    _grant(world)

    assert [(name, each.cause) for name, each in world.blocking("GO").items()] == [("honoured:X~2", Cause.SEPARATION)]
    _grant(world)
    assert world.allowed("GO")


def test_three_uses_of_two_records_leave_one_wanting_under_a_name_of_its_own() -> None:
    world = _world("{all: [{grant: X}, {grant: X}, {grant: X}]}")
    _grant(world)
    assert list(world.blocking("GO")) == ["grant:X~2", "grant:X~3"]

    _grant(world)

    assert list(world.blocking("GO")) == ["grant:X~3"]


def test_every_alternative_that_shares_a_record_is_refused() -> None:
    world = _world('{any: [{all: [{grant: X}, {honoured: X}]}, {all: [{grant: "Y"}, {honoured: "Y"}]}]}')
    _grant(world, "X")
    _grant(world, "Y")

    assert not world.allowed("GO")
    assert unlock(world.verdict("GO").judged).sets == (("honoured:X~2",), ("honoured:Y~2",))
    _grant(world, "Y")
    assert world.allowed("GO")


def test_an_alternative_that_shares_nothing_is_enough() -> None:
    world = _world('{any: [{all: [{grant: X}, {honoured: X}]}, {all: [{grant: X}, {grant: "Y"}]}]}')
    _grant(world, "X")
    _grant(world, "Y")

    assert world.allowed("GO")


def test_what_was_decided_on_two_records_is_not_in_force_on_one() -> None:
    world = _world("{all: [{grant: X}, {honoured: X}]}")
    first, second = _grant(world), _grant(world)
    world.record("decide", "bob", packet="ask", option="GO")
    world.record("begin", "agent", action="use", grant=first)
    view = world.view()
    assert in_force(*find.option(view.policy, "ask/GO"), view) is True

    world.record("revoke", "bob", record=second, reason="one is enough")

    view = world.view()
    assert in_force(*find.option(view.policy, "ask/GO"), view) is False


@pytest.mark.parametrize("twice", ["{all: [{leg: B/tried}, {leg: B/two}]}", "{all: [{lane: gate}, {lane: gate}]}", "{all: [{leg: B/tried}, {leg: B/tried}]}"])
def test_evidence_and_lanes_asked_for_twice_are_one_requirement(twice: str) -> None:
    world = _world(twice)
    world.record("discharge", "bob", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.record("open", "owner", lane="gate")
    _grant(world)

    assert world.allowed("GO")


@pytest.mark.parametrize("what", ["lane", "leg", "action"])
def test_it_holds_in_every_guard(what: str) -> None:
    twice = "{all: [{grant: X}, {honoured: X}]}"
    world = World(
        programme(
            grants=GRANTS,
            lanes=f"{{main: {{scope: work, standing: true}}, side: {{scope: work, opens_when: {twice}}}}}",
            blockers=f"{{B: {{legs: {{both: {{by: owner, requires: {twice}}}}}}}}}",
            packets=PACKET,
            actions=f"{{use: {{needs: {{all: [{{selected: GO}}, {twice}]}}}}}}",
        )
    )
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    address = {"lane": "side", "leg": "B/both", "action": "use"}[what]
    _grant(world)
    assert [each.cause for each in world.blocking(address).values()] == [Cause.SEPARATION]

    _grant(world)

    assert world.allowed(address)


TWO = """
  B: {legs: {one: {by: board, requires: {honoured: X}}, tried: {by: board, evidence: {rehearsal: real}}}}
  C: {legs: {two: {by: board, requires: {all: [{leg: B/one}, {grant: X}]}}, said: {by: board, evidence: {attest: reading}}}}
  D: {legs: {all: {by: board, requires: {blocker: B, is: closed}}, again: {by: board, requires: {honoured: X}}}}"""


def _blocked(guard: str) -> World:
    world = World(one_option(guard, grants=GRANTS, blockers=TWO, lanes=f"{LANES}, side: {{scope: work, opens_when: {{blocker: B, is: closed}}}}}}"))
    world.record("issue", "agent", packet="ask")
    world.record("discharge", "bob", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.record("discharge", "bob", leg="C/said", evidence=evidence("attest", "reading"))
    return world


LANES = "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}"


@pytest.mark.parametrize(
    ("guard", "wanted"),
    [
        ("{blocker: B, is: closed}", 1),
        ("{all: [{grant: X}, {blocker: B, is: closed}]}", 2),
        ("{all: [{grant: X}, {lane: side}]}", 2),
        ("{all: [{leg: B/one}, {blocker: B, is: closed}, {lane: side}]}", 1),
        ("{blocker: C, is: closed}", 2),
        ("{blocker: D, is: closed}", 2),
        ("{all: [{blocker: D, is: closed}, {blocker: C, is: closed}]}", 3),
        ("{all: [{grant: X}, {blocker: C, is: partial}]}", 1),
        ("{all: [{grant: X}, {not: {blocker: B, is: open}}]}", 1),
        ("{at_least: 2, of: [{grant: X}, {blocker: B, is: closed}, {leg: B/tried}]}", 1),
    ],
)
def test_a_blocker_takes_the_records_of_the_legs_by_which_it_is_in_its_state(guard: str, wanted: int) -> None:
    world = _blocked(guard)
    for _ in range(wanted):
        # C is partial only while there is a leg that is not proven.
        assert not world.allowed("GO") or "partial" in guard or "not" in guard
        _grant(world)

    assert world.allowed("GO")


def test_a_record_that_a_blocker_shares_is_told_beside_it() -> None:
    world = _blocked("{all: [{grant: X}, {blocker: B, is: closed}]}")
    seq = _grant(world)

    told = world.blocking("GO")

    assert [(name, each.cause, each.record, each.via) for name, each in told.items()] == [("honoured:X~2", Cause.SEPARATION, seq, "leg:B/one")]
    assert [each.id for each in world.verdict("GO").requirements if each.kind == "blocker"] == ["blocker:B=closed"]
    assert unlock(world.verdict("GO").judged).sets == (("honoured:X~2",),)
