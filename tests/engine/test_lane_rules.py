"""Lanes: open by their own record, or while `opens_when` holds; what is above a lane's authority cannot be selected in it."""

import pytest

from govern.engine.causes import Cause
from govern.engine.unlocking import unlock
from support.policies import line_of, one_option, programme
from support.world import World

GRANTS = "{X: {scope: work, issuer: owner}}"
PACKETS = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done.}
      - {number: "3", id: FURTHER, scope: work, lane: side, says: It goes on.}"""


def _world(side: str) -> World:
    world = World(programme(lanes=f"{{main: {{scope: work, standing: true}}, side: {{scope: work, {side}}}}}", grants=GRANTS, packets=PACKETS))
    world.record("issue", "agent", packet="ask")
    return world


def test_a_standing_lane_is_open_without_a_record_and_no_record_closes_it() -> None:
    world = _world("standing: true")

    [requirement] = world.verdict("side").requirements

    assert (requirement.truth, requirement.why, requirement.records) == (True, "lane side stands open", ())
    refusal = world.refusals("close", "owner", lane="side")["lane:side"]
    assert (refusal.cause, refusal.why, refusal.how) == (Cause.REFUSED, "lane side is not opened or closed by a record", "govern why-blocked side")


def test_a_closed_lane_keeps_its_options_unselectable_and_names_who_opens_it() -> None:
    world = _world("opened_by: board")

    refusal = world.refusals("decide", "owner", packet="ask", option="FURTHER")["lane:side"]

    assert (refusal.kind, refusal.cause, refusal.why, refusal.record) == ("lane", Cause.LANE, "lane side is closed", None)
    assert (refusal.by, refusal.how) == (("ann", "bob", "cyn"), "govern lane open side --as ann")
    assert refusal.at.line == line_of(programme(grants=GRANTS, packets=PACKETS), "id: FURTHER")
    world.record("decide", "owner", packet="ask", option="GO")


def test_a_record_opens_a_lane_and_a_record_closes_it() -> None:
    world = _world("opened_by: board")
    opened = world.record("open", "bob", lane="side")
    [requirement] = world.verdict("side").requirements
    assert (requirement.truth, requirement.why, requirement.record, requirement.records) == (True, "lane side is open", opened, (opened,))

    closed = world.record("close", "agent", lane="side")

    assert world.blocking("side")["lane:side"].record == closed
    assert world.causes("close", "agent", lane="side") == {"lane:side": Cause.REFUSED}


def test_only_its_opener_opens_a_lane_and_only_once() -> None:
    world = _world("opened_by: board")

    refusal = world.refusals("open", "eve", lane="side")["authority:open"]
    assert (refusal.cause, refusal.why) == (Cause.UNAUTHORISED, "eve may not open lane side; that is for board")
    opened = world.record("open", "ann", lane="side")
    again = world.refusals("open", "bob", lane="side")["lane:side"]
    assert (again.cause, again.record) == (Cause.REFUSED, opened)
    assert again.why == "lane side is open, and no way leads from there by `open`"


def test_a_lane_with_a_guard_is_open_exactly_while_the_guard_holds_and_is_not_opened_by_a_record() -> None:
    world = _world("opens_when: {grant: X}")
    assert world.blocking("side")["grant:X"].via == "lane:side"
    assert world.causes("open", "owner", lane="side") == {"lane:side": Cause.REFUSED}

    seq = world.record("grant", "owner", grant="X", scope="work")
    assert world.allowed("side")
    world.record("revoke", "owner", record=seq, reason="no more")

    assert not world.allowed("side")


@pytest.mark.parametrize("way", ["record", "guard"])
def test_a_lane_with_both_ways_is_open_by_either(way: str) -> None:
    world = _world("opened_by: owner, opens_when: {grant: X}")
    assert unlock(world.verdict("side").judged).sets == (("lane:side",), ("grant:X",))

    if way == "record":
        world.record("open", "owner", lane="side")
    else:
        world.record("grant", "owner", grant="X", scope="work")

    assert world.allowed("side")
    assert world.blocking("side") == {}


def test_a_lane_that_a_selected_option_opens_closes_with_hold() -> None:
    world = _world("opens_when: {selected: GO}")
    assert world.causes("decide", "owner", packet="ask", option="FURTHER") == {"selected:ask/GO": Cause.MISSING}
    decided = world.record("decide", "owner", packet="ask", option="GO")
    assert world.allowed("side")

    world.record("decide", "owner", packet="ask", option="STOP", supersedes=decided)

    assert not world.allowed("side")


def test_a_lane_of_several_openers_says_whose_word_it_has_and_counts_no_word_twice() -> None:
    world = _world("opened_by: {all: [{of: board, at_least: 2}]}")
    seq = world.record("open", "ann", lane="side")

    told = world.blocking("side")["lane:side"]
    assert (told.cause, told.why, told.record) == (Cause.QUORUM, "lane side has the word of ann; wanted 2 of board", seq)
    assert told.how == "govern lane open side --as bob"
    again = world.refusals("open", "ann", lane="side")["authority:open"]
    assert (again.cause, again.by) == (Cause.QUORUM, ("bob", "cyn"))
    assert again.why == "the word of ann for lane side is already on record; another's is wanted"
    world.record("open", "cyn", lane="side")
    assert world.allowed("side")


def test_closing_forgets_the_words_so_that_one_alone_does_not_open_again() -> None:
    world = _world("opened_by: {all: [{of: board, at_least: 2}]}")
    world.record("open", "ann", lane="side")
    world.record("open", "bob", lane="side")
    world.record("close", "ann", lane="side")

    world.record("open", "bob", lane="side")

    assert world.blocking("side")["lane:side"].cause is Cause.QUORUM


def test_a_lane_that_must_not_be_open_says_who_closes_it() -> None:
    world = World(one_option("{not: {lane: gate}}"))
    world.record("issue", "agent", packet="ask")
    assert world.allowed("GO")
    opened = world.record("open", "owner", lane="gate")

    told = world.blocking("GO")["not:lane:gate"]

    assert (told.kind, told.cause, told.record) == ("not", Cause.REFUSED, opened)
    assert told.why == "lane:gate must not hold, and it does"
    assert told.how == "govern lane close gate --as owner"
    assert told.by[0] == "owner"


def test_a_word_that_waits_for_others_makes_nothing_of_a_lane_that_a_document_reports_open() -> None:
    text = programme(
        lanes="{main: {scope: work, standing: true}, gate: {scope: live, opened_by: {all: [{of: board, at_least: 2}]}}}",
        lifecycles="""
  use: standard-1
  lane:
    initial: closed
    states: {closed: {}, open: {counts: true}}
    transitions:
      - {trigger: open, from: [closed, open], to: open, by: authority}
      - {trigger: close, from: open, to: closed, by: anyone}""",
        grants=GRANTS,
        packets=PACKETS.replace("lane: side", "lane: gate").replace("scope: work, lane", "scope: live, lane"),
    )
    world = World(text)
    world.report("open", "agent", lane="gate")
    world.record("open", "ann", lane="gate")
    assert world.blocking("gate")["lane:gate"].cause is Cause.QUORUM

    world.record("open", "bob", lane="gate")

    assert world.allowed("gate")
