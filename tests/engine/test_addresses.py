"""Addresses: PACKET/NO or PACKET/ID; a bare number or id only where exactly one issued, current packet has it."""

import pytest

from govern.engine.causes import Cause
from govern.engine.verdicts import find_target
from govern.problems import Exit, GovernError
from support.policies import programme
from support.world import FIX7, World

PACKETS = """
  one:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done.}
      - {number: "3", id: main, scope: work, says: Its id is that of a lane.}
  two:
    lane: main
    decided_by: owner
    consumes: one/GO
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: FURTHER, scope: work, says: It goes on.}
  three:
    lane: main
    decided_by: owner
    lineage_gap: It is a story of its own.
    options:
      - {number: "2", id: STOP, hold: true, says: Nothing is done.}"""
BLOCKERS = "{B: {legs: {tried: {by: robot, evidence: {rehearsal: real}}}}}"
ACTIONS = "{use: {ungranted: true}}"
GRANTS = "{X: {scope: work, issuer: owner}}"


def _world(*issued: str) -> World:
    world = World(programme(packets=PACKETS, blockers=BLOCKERS, actions=ACTIONS, grants=GRANTS))
    for name in issued:
        world.record("issue", "agent", packet=name)
    return world


def _fault(world: World, text: str) -> tuple[str, str, str]:
    with pytest.raises(GovernError, match=r"names several things|is called|has the option") as caught:
        find_target(text, world.view())
    assert caught.value.status is Exit.USAGE
    [problem] = caught.value.problems
    return problem.code, problem.message, problem.help


@pytest.mark.parametrize("address", ["one/2", "one/GO", "2", "GO"])
def test_an_option_is_found_by_number_or_id_with_its_packet_or_bare(address: str) -> None:
    target = find_target(address, _world("one").view())

    assert (target.kind, target.name) == ("option", "one/GO")


@pytest.mark.parametrize(
    ("address", "kind"),
    [("B", "blocker"), ("gate", "lane"), ("X", "grant"), ("use", "action"), ("one", "packet"), ("B/tried", "leg")],
)
def test_everything_else_is_found_by_its_name(address: str, kind: str) -> None:
    target = find_target(address, _world().view())

    assert (target.kind, target.name) == (kind, address)


def test_a_bare_number_of_a_packet_that_is_not_issued_means_nothing_and_is_told_in_full() -> None:
    assert _fault(_world(), "2") == ("UNKNOWN_ID", "no current packet has the option `2`", "name it in full: `one/GO`, `two/FURTHER`, `three/STOP`")


def test_a_bare_id_of_several_current_packets_is_ambiguous_and_lists_the_candidates() -> None:
    assert _fault(_world("one", "three"), "STOP") == ("AMBIGUOUS_ID", "`STOP` names several things", "one of `one/STOP` (option), `three/STOP` (option)")
    assert find_target("3", _world("one", "three").view()).name == "one/main"


def test_a_packet_is_current_until_another_consumes_it() -> None:
    world = _world("one")
    world.record("decide", "owner", packet="one", option="GO")
    assert find_target("2", world.view()).name == "one/GO"

    world.record("issue", "agent", packet="two")

    assert find_target("2", world.view()).name == "two/FURTHER"
    assert world.view().current_packets() == ["two"]
    assert find_target("one/2", world.view()).name == "one/GO"


def test_an_option_with_the_name_of_something_else_is_ambiguous_once_it_is_current() -> None:
    assert find_target("main", _world().view()).kind == "lane"
    assert _fault(_world("one"), "main")[2] == "one of `main` (lane), `one/main` (option)"


@pytest.mark.parametrize("address", ["/2", "/GO", "one/", "a/b/2", "one/two/2", ""])
def test_a_half_written_address_means_nothing(address: str) -> None:
    assert _fault(_world("one"), address)[0] == "UNKNOWN_ID"


@pytest.mark.parametrize(
    ("typo", "hint"), [("B/tryed", "did you mean `B/tried`?"), ("one/GOO", "did you mean `one/GO`?"), ("zzz", "`govern status` lists what there is")]
)
def test_an_unknown_name_is_answered_with_the_nearest(typo: str, hint: str) -> None:
    assert _fault(_world("one"), typo) == ("UNKNOWN_ID", f"nothing is called `{typo}`", hint)


def test_a_packet_asked_for_says_whether_it_is_current() -> None:
    world = _world()

    [told] = world.verdict("one").requirements
    assert (told.truth, told.cause, told.why) == (False, Cause.AWAITING, "packet one is draft")
    seq = world.record("issue", "agent", packet="one")
    [told] = world.verdict("one").requirements
    assert (told.truth, told.cause, told.why, told.record) == (True, None, "packet one is issued", seq)


def test_the_number_five_of_fix7_is_the_last_packets_once_that_is_issued() -> None:
    world = World(FIX7)
    world.record("issue", "engineering", packet="final-real-data")

    assert find_target("5", world.view()).name == "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION"
    world.record("issue", "engineering", packet="production")
    assert _fault(world, "2")[0] == "AMBIGUOUS_ID"
