"""A packet's page: what each option takes as it stands now, what a partial word may not change, what was selected and still holds."""

from pathlib import Path

import pytest

from govern.documents.packet_page import packet_page
from support.faults import SMALL, changed
from support.markdown import items, paragraphs, section, tables
from support.pages import new_lines, packet_body, packet_document, rendered, state_body
from support.world import World, evidence

RICH = (Path(__file__).parents[1] / "support" / "rich.yaml").read_text()
QUORUM = changed(("    decided_by: owner\n", "    decided_by: {all: [{of: board, at_least: 2}]}\n"))
CHOICE = changed(("requires: {grant: TRIAL}", "requires: {any: [{grant: TRIAL}, {leg: READY/tried}]}"))
TRY, NOTHING = "2. TRY", "Requires nothing beyond the decision itself."


def issued(policy: str = SMALL, packet: str = "first", by: str = "maker") -> World:
    """Return a programme with a packet issued by one who does not decide it."""
    world = World(policy)
    world.record("issue", by, packet=packet)
    return world


def standing(packet: str, world: World, now: int | None = None) -> str:
    """Return the paragraph that says where a packet stands."""
    return next(each for each in paragraphs(packet_body(packet, world.view(now))) if each.startswith("Standing: "))


def prerequisites(packet: str, title: str, world: World, now: int | None = None) -> list[list[str]]:
    """Return the rows of what an option takes."""
    return tables(section(packet_body(packet, world.view(now)), title))[0].rows


def test_the_first_word_of_two_changes_no_byte_of_the_packet_and_stands_on_the_state_page() -> None:
    world = issued(QUORUM)
    world.record("grant", "owner", grant="TRIAL", scope="work")
    shown = rendered(packet_document("first"), world.view()).body_sha256
    world.record("decide", "owner", packet="first", option="TRY", packet_sha256=shown)
    assert rendered(packet_document("first"), world.view()).body_sha256 == shown
    assert items(section(state_body(world.view()), "Open decisions")) == [
        "first: HOLD (default), default STAY, decided by 2 of board (issued, unauthenticated).",
        "TRY has the word of owner, and waits for more.",
    ]
    world.record("decide", "second", packet="first", option="TRY", packet_sha256=shown)
    assert standing("first", world) == ("Standing: selected, TRY by record #4 (signed). The packet is issued (unauthenticated), in lane bench.")
    assert items(section(state_body(world.view()), "Open decisions"))[1:] == []


def test_a_packet_asks_for_a_decision_only_while_it_is_issued_and_not_consumed() -> None:
    def asked(world: World) -> str:
        page = packet_body("first", world.view())
        assert ("The next step is a decision" in page) == ("It asks owner" in paragraphs(page)[0])
        return paragraphs(page)[0].removeprefix("This document selects nothing. ").replace("\n", " ")

    world = World(SMALL)
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    asks = "to pick exactly one option"
    default = "The default is STAY, and no answer leaves it there."
    assert asked(world) == f"Packet first is not issued yet. Once it is, it asks owner {asks}; nothing here is pre-selected. {default}"
    world.record("issue", "maker", packet="first")
    assert asked(world) == f"It asks owner {asks} of packet first; nothing here is pre-selected. {default}"
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("decide", "owner", packet="first", option="TRY")
    world.record("issue", "maker", packet="second")
    page = paragraphs(packet_body("first", world.view()))[0].replace("\n", " ")
    assert (
        page
        == f"This document selects nothing. Packet first is over: second consumed it. It asked owner {asks}; nothing was pre-selected, and the default was STAY."
    )


def test_a_draft_says_that_it_must_be_issued() -> None:
    world = World(SMALL)
    assert standing("first", world) == "Standing: HOLD (default). The packet is draft, in lane bench."
    assert prerequisites("first", TRY, world)[0][:2] == ["packet first issued", "awaiting: packet first is draft"]


def test_a_missing_prerequisite_is_missing_and_names_who_clears_it() -> None:
    assert prerequisites("first", TRY, issued()) == [["TRIAL grant", "missing", "", "owner"]]


def test_a_prerequisite_on_record_names_its_record_and_how_well_it_is_known() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work")
    assert prerequisites("first", TRY, world) == [["TRIAL grant", "on record (signed)", "#2", ""]]
    reported = World(SMALL)
    reported.report("grant", "owner", grant="TRIAL", scope="work")
    assert prerequisites("first", TRY, reported)[1] == ["TRIAL grant", "on record (imported)", "#1", ""]


EVERY_FACT = changed(
    ("lanes:\n", "lanes:\n  side: {scope: work, opened_by: owner}\n"),
    ("actions:\n", "actions:\n  probe: {needs: {selected: first/LOOK}}\n"),
    ("by: maker, carried_by", "by: prober, carried_by"),
    ("roles:\n", "roles:\n  prober: {members: [second, maker]}\n"),
    ("requires: {grant: TRIAL}", "requires: {all: [{finding: sound, is: pass}, {done: probe}, {lane: side}]}"),
    (
        "says: It is tried.}\n",
        """says: It is tried.}
      - {number: "3", id: MORE, scope: work, requires: {selected: TRY}, says: More of it.}
      - {number: "4", id: LOOK, scope: work, says: It is looked at.}
""",
    ),
)


def everything_met(standing: str, by: str) -> World:
    """Return a programme in which every kind of fact rests on a record, made by an actor where the policy lets them."""
    world = World(EVERY_FACT)
    put = world.report if standing == "imported" else world.record
    put("finding", by, finding="sound", result="pass", why="Looked at it.")
    put("issue", "second", packet="first")
    look = put("decide", "owner", packet="first", option="LOOK")
    begun = put("begin", by, action="probe")
    put("end", by, begin=begun, status=0)
    put("open", "owner", lane="side")
    put("decide", "owner", packet="first", option="TRY", supersedes=look)
    return world


def met(world: World) -> list[list[str]]:
    """Return standing and record of the facts that two options of `first` take."""
    return [row[1:3] for title in (TRY, "3. MORE") for row in prerequisites("first", title, world)]


@pytest.mark.parametrize("standing_", ["signed", "imported"])
def test_whatever_a_prerequisite_rests_on_says_how_well_it_is_known(standing_: str) -> None:
    assert met(everything_met(standing_, "second")) == [[f"on record ({standing_})", number] for number in ("#1", "#4", "#6", "#7")]


def test_what_an_agent_recorded_stands_unauthenticated_beside_what_persons_signed() -> None:
    assert met(everything_met("recorded", "maker")) == [
        ["on record (unauthenticated)", "#1"],
        ["on record (unauthenticated)", "#4"],
        ["on record (signed)", "#6"],
        ["on record (signed)", "#7"],
    ]


def test_a_grant_that_has_expired_says_when() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work", expires="1970-01-01T00:01:00Z")
    assert prerequisites("first", TRY, world, 59)[0][1] == "on record (signed)"
    assert prerequisites("first", TRY, world, 60)[0][1] == "expired: TRIAL#2 expired at 1970-01-01T00:01:00Z"


def test_a_grant_that_was_revoked_says_by_which_record() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("revoke", "owner", record=2, reason="too early")
    assert prerequisites("first", TRY, world) == [["TRIAL grant", "revoked: TRIAL#2 is revoked (record #3)", "#3", "owner"]]


def test_what_holds_without_a_record_says_that_it_holds() -> None:
    world = issued(changed(("requires: {grant: TRIAL}", "requires: {not: {lane: gate}}")))
    assert prerequisites("first", TRY, world) == [["lane:gate must not hold", "holds", "", ""]]


def test_an_option_that_takes_nothing_says_so() -> None:
    world = issued(changed((", requires: {grant: TRIAL}", "")))
    assert NOTHING in paragraphs(section(packet_body("first", world.view()), TRY))
    assert NOTHING not in paragraphs(section(packet_body("first", issued().view()), TRY))


def test_requirements_that_must_all_hold_and_a_combination_are_told_apart() -> None:
    assert "Requires ALL of:" in paragraphs(section(packet_body("first", issued().view()), TRY))
    combination = paragraphs(section(packet_body("first", issued(CHOICE).view()), TRY))
    assert "Requires a combination of:" in combination
    assert "Requires ALL of:" not in combination


def test_a_choice_within_a_leg_is_a_combination_too() -> None:
    nested = changed(
        ("grants:\n", "grants:\n  PROBE: {scope: work, issuer: owner}\n"),
        ("blockers:\n", "blockers:\n  SIDE:\n    legs:\n      said: {by: owner, requires: {any: [{honoured: TRIAL}, {honoured: PROBE}]}}\n"),
        ("requires: {grant: TRIAL}", "requires: {leg: SIDE/said}"),
    )
    assert [row[0] for row in prerequisites("first", TRY, issued(nested))] == ["TRIAL grant", "PROBE grant"]
    assert "Requires a combination of:" in paragraphs(section(packet_body("first", issued(nested).view()), TRY))


def test_an_option_of_a_lane_that_a_guard_opens_is_not_selectable_until_it_does() -> None:
    world = issued(RICH, "trial", "vendor")
    title = "3. SHOW_TRIAL"
    told = "NOT SELECTABLE BY THIS LANE. It belongs to lane trial-run, which is not open; it is listed for completeness only."
    assert told in paragraphs(section(packet_body("trial", world.view()), title))
    assert prerequisites("trial", title, world)[0] == ["trial/RUN_TRIAL selected and in force", "missing", "", "board"]
    world.record("discharge", "vendor", leg="COPY/made", evidence=evidence("rehearsal", "nameless-copy"))
    world.record("grant", "ann", grant="TRIAL", scope="trial")
    world.record("decide", "bob", packet="trial", option="RUN_TRIAL")
    assert told not in paragraphs(section(packet_body("trial", world.view()), title))


def test_a_lane_of_which_nobody_knows_whether_it_is_open_is_not_selectable() -> None:
    unknown = changed(
        ("lanes:\n", "lanes:\n  side: {scope: work, opens_when: {finding: sound, is: pass}}\n"),
        ("id: TRY, scope: work,", "id: TRY, scope: work, lane: side,"),
    )
    world = issued(unknown)
    assert "NOT SELECTABLE BY THIS LANE" in section(packet_body("first", world.view()), TRY)
    world.record("finding", "maker", finding="sound", result="pass", why="Looked at it.")
    assert "NOT SELECTABLE BY THIS LANE" not in section(packet_body("first", world.view()), TRY)


def test_a_lane_with_two_ways_lists_both() -> None:
    rows = prerequisites("move", "3. MOVE_ALL", World(RICH))
    assert [row[0] for row in rows][1:3] == ["lane night open", "CALM_NIGHT grant"]


def test_an_option_that_was_refused_says_so_until_it_is_decided_with_the_refusal_named() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work")
    refusal = world.record("refuse", "owner", packet="first", option="TRY", reason="not yet")
    refused = "Refused. Deciding it must name the refusal as superseded."
    assert standing("first", world).startswith("Standing: HOLD (TRY refused). ")
    assert refused in paragraphs(section(packet_body("first", world.view()), TRY))
    world.record("decide", "owner", packet="first", option="TRY", supersedes=refusal)
    assert refused not in packet_body("first", world.view())


def test_hold_by_default_decided_refused_and_without_response_are_four_things() -> None:
    world = issued(RICH, "trial", "vendor")
    end = 14 * 86_400
    assert standing("trial", world, end - 1).startswith("Standing: HOLD (default). ")
    assert standing("trial", world, end).startswith("Standing: HOLD (no response by 1970-01-15T00:00:00Z). ")
    world.record("refuse", "ann", packet="trial", option="RUN_TRIAL", reason="no")
    assert standing("trial", world, end).startswith("Standing: HOLD (RUN_TRIAL refused). ")
    world.record("decide", "ann", packet="trial", option="NO_TRIAL")
    assert standing("trial", world, end).startswith("Standing: HOLD (decided), NO_TRIAL by record #3 (signed). ")


def test_the_time_asked_for_is_printed_in_utc_and_in_the_programmes_zone() -> None:
    page = paragraphs(packet_body("trial", issued(RICH, "trial", "vendor").view()))
    assert page[1].split("\n")[1] == "An answer is asked for by 1970-01-15T00:00:00Z (1970-01-15 01:00 Europe/Zurich); after that it is HOLD (no response)."
    assert "An answer is asked for" not in packet_body("trial", World(RICH).view())


def test_a_selected_option_that_lost_its_grant_is_not_in_force() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("decide", "owner", packet="first", option="TRY")
    before = packet_body("first", world.view())
    assert '  o1["2 TRY<br/>selected, in force"]:::open' in before.split("\n")
    assert [row[2] for row in tables(before)[0].rows] == ["default, always possible", "selected, in force"]
    world.record("revoke", "owner", record=2, reason="too early")
    lines = new_lines(before, packet_body("first", world.view()))
    assert '+   o1["2 TRY<br/>selected, not in force"]:::locked' in lines
    assert "+ | 2 | [TRY](#2-try) | selected, not in force | work |" in lines
    assert standing("first", world).startswith("Standing: selected, TRY by record #3 (signed), not in force. ")


def test_a_decision_by_delegation_says_so() -> None:
    world = issued(changed(("id: TRY, scope: work,", "id: TRY, scope: work, delegable: true,")), by="second")
    world.record("grant", "owner", grant="TRIAL", scope="work")
    given = world.record("delegate", "owner", to="maker", packet="first", options=["TRY"], scope="work", uses=1)
    world.record("decide", "maker", packet="first", option="TRY", delegation=given)
    assert standing("first", world).startswith("Standing: selected, TRY by record #4 (unauthenticated, delegated). ")
    assert "Can be delegated." in section(packet_body("first", world.view()), TRY)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("separation_waiver: There is nobody else.", "Separation is waived in the policy: There is nobody else."),
        ("known_options_only: true", "More options existed than are known; only those that are known are listed."),
    ],
)
def test_what_is_out_of_the_ordinary_is_printed_where_it_is_declared(key: str, line: str) -> None:
    declared = changed(("    lineage_gap: It is the first.\n", f"    lineage_gap: It is the first.\n    {key}\n"))
    assert line in "\n".join(paragraphs(packet_body("first", World(declared).view()))).split("\n")
    assert line not in "\n".join(paragraphs(packet_body("first", World(SMALL).view()))).split("\n")


def test_a_packet_of_no_known_lane_names_none() -> None:
    unknown = changed(("  first:\n    lane: bench\n", "  first:\n"), ("id: TRY, scope: work,", "id: TRY, scope: work, lane: bench,"))
    assert standing("first", issued(unknown)) == "Standing: HOLD (default). The packet is issued (unauthenticated)."


def test_where_nobody_prepares_nothing_is_said_of_preparation() -> None:
    nobody = changed(("preparation: {by: maker}\n", ""), ("legs: any, by: maker", "legs: any"))
    page = packet_body("first", World(nobody).view())
    assert "Preparation by" not in page
    assert tables(section(page, "Preconditions"))[0].rows == [["READY", "n/a", "maker + owner"]]


def test_the_lineage_names_the_file_of_what_is_consumed() -> None:
    filed = changed(("    lane: bench\n", "    lane: bench\n    file: first-packet.md\n"))
    assert paragraphs(section(packet_body("second", World(filed).view()), "Lineage")) == [
        "Consumes first/TRY (option 2 of first-packet.md).\nContinues READY-TO-GO."
    ]


def test_selectable_are_the_options_that_can_be_decided_now() -> None:
    world = issued()
    assert packet_page("first", world.view())["selectable"] == ["STAY"]
    world.record("grant", "owner", grant="TRIAL", scope="work")
    assert packet_page("first", world.view())["selectable"] == ["STAY", "TRY"]


def test_an_option_of_an_earlier_policy_stays_on_record_and_is_not_in_force() -> None:
    world = issued()
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("decide", "owner", packet="first", option="TRY")
    sha256 = world.keep(SMALL.replace("version: 1, title", "version: 2, title").replace("TRY", "TEST"))
    world.record("adopt", "owner", version=2, policy=sha256, previous=world.policy_digest, templates={}, reason="another name")
    assert standing("first", world).startswith("Standing: selected, TRY by record #3 (signed), not in force. ")
    assert tables(section(state_body(world.view()), "Decisions and authority"))[0].rows == [
        ["TRY", "first", "unknown", "none: the policy in force has no such option", "#3 (signed)"]
    ]
