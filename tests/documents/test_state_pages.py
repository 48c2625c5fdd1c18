"""The current-state page: every flag derived from records, with how well each is known; what no longer counts is not called proven."""

from pathlib import Path

import pytest

from govern.documents.state_page import state_page
from govern.engine.view import EvidenceFact
from govern.ledger.statements import Imported
from support.faults import SMALL, changed
from support.markdown import items, paragraphs, section, tables
from support.pages import state_body
from support.world import DOCUMENT, SHA, World, evidence

RICH = (Path(__file__).parents[1] / "support" / "rich.yaml").read_text()
DELEGABLE = changed(("id: TRY, scope: work,", "id: TRY, scope: work, delegable: true,"))


def delegation(page: str) -> str:
    """Return how the one delegation of a page stands."""
    [line] = [item for item in items(section(page, "Decisions and authority")) if item.startswith("Delegation ")]
    return line.removeprefix("Delegation ").partition(": TRY")[0]


def on_record(world: World, action: str) -> str:
    """Return what the page says of an action."""
    rows = {row[0]: row[1] for row in tables(section(state_body(world.view()), "Actions"))[0].rows}
    return rows[action]


def proven(world: World, now: int | None = None, facts: dict[int, EvidenceFact] | None = None) -> list[str]:
    """Return the legs that the page calls proven."""
    found = tables(section(state_body(world.view(now, facts)), "What was proven"))
    return [row[0] for table in found for row in table.rows]


def ready_to_change() -> World:
    """Return a programme in which the change may be carried out."""
    world = World(SMALL)
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("issue", "maker", packet="first")
    world.record("decide", "owner", packet="first", option="TRY")
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    world.record("issue", "maker", packet="second")
    world.record("open", "owner", lane="gate")
    for _ in range(2):
        world.record("grant", "second", grant="LEAVE", scope="live")
    world.record("decide", "second", packet="second", option="CHANGE")
    return world


def test_a_decision_in_force_in_a_protected_scope_is_authority_there() -> None:
    world = ready_to_change()
    assert "Authority in live: yes, a decision in it is in force." in items(state_body(world.view()))
    world.record("decide", "second", packet="second", option="STAY", supersedes=world.state.packets["second"].decision)
    assert "Authority in live: none, no decision in it is in force." in items(state_body(world.view()))


def test_decisions_are_consumed_in_force_or_not_in_force() -> None:
    world = ready_to_change()
    assert [row[:4] for row in tables(section(state_body(world.view()), "Decisions and authority"))[0].rows] == [
        ["TRY", "first", "work", "consumed by second"],
        ["CHANGE", "second", "live", "in force"],
    ]
    world.record("close", "owner", lane="gate", reason="enough")
    assert tables(section(state_body(world.view()), "Decisions and authority"))[0].rows[1][3] == "not in force"


def test_hold_that_was_decided_is_a_decision_of_no_scope() -> None:
    world = World(SMALL)
    world.record("issue", "maker", packet="first")
    world.record("decide", "owner", packet="first", option="STAY")
    assert tables(section(state_body(world.view()), "Decisions and authority"))[0].rows == [["STAY", "first", "none", "in force", "#2 (signed)"]]


@pytest.mark.parametrize(
    ("window", "now", "status"),
    [
        ({}, 0, "open"),
        ({"expires": "1970-01-01T00:01:00Z"}, 59, "open"),
        ({"expires": "1970-01-01T00:01:00Z"}, 60, "expired at 1970-01-01T00:01:00Z"),
        ({"not_before": "1970-01-01T00:01:00Z"}, 59, "valid from 1970-01-01T00:01:00Z"),
        ({"not_before": "1970-01-01T00:01:00Z"}, 60, "open"),
    ],
)
def test_a_delegation_is_open_only_inside_its_window(window: dict[str, str], now: int, status: str) -> None:
    world = World(DELEGABLE)
    world.record("issue", "second", packet="first")
    world.record("delegate", "owner", to="maker", packet="first", options=["TRY"], scope="work", uses=1, **window)
    assert delegation(state_body(world.view(now))) == status


def test_a_delegation_that_was_revoked_or_used_up_is_not_open() -> None:
    world = World(DELEGABLE)
    world.record("issue", "second", packet="first")
    world.record("grant", "owner", grant="TRIAL", scope="work")
    first = world.record("delegate", "owner", to="maker", packet="first", options=["TRY"], scope="work", uses=1)
    world.record("revoke", "owner", record=first, reason="too early")
    assert delegation(state_body(world.view())) == "revoked by record #4"
    second = world.record("delegate", "owner", to="maker", packet="first", options=["TRY"], scope="work", uses=1)
    world.record("decide", "maker", packet="first", option="TRY", delegation=second)
    assert items(section(state_body(world.view()), "Decisions and authority"))[1] == (
        "Delegation consumed: TRY of first, given by owner to maker in scope work, used 1 of 1 (#5, signed)."
    )


def test_a_delegation_is_over_with_its_packet() -> None:
    world = World(DELEGABLE)
    world.record("issue", "second", packet="first")
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("delegate", "owner", to="maker", packet="first", options=["TRY"], scope="work", uses=9)
    world.record("decide", "owner", packet="first", option="TRY")
    world.record("issue", "second", packet="second")
    assert delegation(state_body(world.view())) == "over with its packet"


def test_an_action_without_a_run_is_unknown_and_never_no() -> None:
    assert on_record(World(SMALL), "change") == on_record(World(SMALL), "erase") == "UNKNOWN: no run on record"


def test_an_action_is_yes_once_a_run_ended_well() -> None:
    world = ready_to_change()
    begun = world.record("begin", "maker", action="change", grant=7)
    assert on_record(world, "change") == f"UNKNOWN: begun, and its end is not on record (record #{begun}, unauthenticated)"
    world.record("end", "maker", begin=begun, status=0)
    assert on_record(world, "change") == f"YES (record #{begun}, unauthenticated)"


def test_an_action_that_failed_was_begun_and_is_neither_yes_nor_no() -> None:
    world = ready_to_change()
    begun = world.record("begin", "maker", action="change", grant=7)
    world.record("end", "maker", begin=begun, status=3)
    assert on_record(world, "change") == f"BEGUN: it ended with status 3 (record #{begun}, unauthenticated)"


def test_a_run_whose_end_was_lost_is_unknown() -> None:
    world = ready_to_change()
    begun = world.record("begin", "maker", action="change", grant=7)
    world.record("lose", "maker", begin=begun, reason="the machine fell over")
    assert on_record(world, "change").startswith("UNKNOWN: begun, and its end is not on record")


def test_evidence_that_was_reopened_is_not_proven() -> None:
    world = World(SMALL)
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert proven(world) == ["READY/tried"]
    world.record("reopen", "maker", leg="READY/tried", reason="wrong copy")
    assert proven(world) == []
    assert paragraphs(section(state_body(world.view()), "What was proven")) == ["Nothing yet."]


def test_evidence_is_proven_until_it_is_stale() -> None:
    world = World(RICH)
    world.record("discharge", "vendor", leg="WAY-BACK/tried", evidence=evidence("rehearsal", "way-back"))
    week = 7 * 86_400
    assert proven(world, week - 1) == ["WAY-BACK/tried"]
    assert proven(world, week) == []


@pytest.mark.parametrize(("fact", "legs"), [(EvidenceFact.SAME, ["READY/tried"]), (EvidenceFact.CHANGED, []), (EvidenceFact.MISSING, []), (None, [])])
def test_evidence_whose_file_is_not_the_same_is_not_proven(fact: EvidenceFact | None, legs: list[str]) -> None:
    world = World(SMALL)
    seq = world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert proven(world, None, {seq: fact} if fact else {}) == legs


def test_a_substitute_says_for_what_it_stands() -> None:
    world = World(RICH)
    world.record("discharge", "vendor", leg="COPY/like-it", evidence=evidence("rehearsal", "generated-copy"))
    assert tables(section(state_body(world.view()), "What was proven"))[0].rows == [
        ["COPY/like-it", "rehearsal of generated-copy, standing in for made", "vendor", "#1 (signed)"]
    ]


def test_an_attestation_is_called_one() -> None:
    world = World(RICH)
    world.record("discharge", "dan", leg="COPY/read", evidence=evidence("attest", "copy-read", says="read in full"))
    assert tables(section(state_body(world.view()), "What was proven"))[0].rows == [["COPY/read", "attestation of copy-read", "dan", "#1 (signed)"]]


def test_a_result_says_whether_it_is_declared_recorded_or_imported() -> None:
    declared, recorded, reported = World(SMALL), World(SMALL), World(SMALL)
    recorded.record("finding", "maker", finding="sound", result="pass", why="Looked at it.")
    reported.report("finding", "maker", finding="sound", result="fail", why="Cracks.")
    tail = ", carried by READY, does not affect work: "
    found = [items(section(state_body(world.view()), "Findings")) for world in (declared, recorded, reported)]
    assert found == [
        [f"sound: UNKNOWN (declared in the policy){tail}Nobody looked."],
        [f"sound: PASS (#1 of maker, unauthenticated){tail}Looked at it."],
        [f"sound: FAIL (#1 of maker, imported from D1){tail}Cracks."],
    ]


def test_imported_documents_are_numbered_as_they_were_met_and_named_with_every_digest() -> None:
    world = World(SMALL)
    world.force("quote", "maker", {"about": "weather", "text": "dry"}, Imported("letter.md", "a" * 64))
    world.report("finding", "maker", finding="sound", result="fail", why="Cracks.")
    world.force("discharge", "maker", {"leg": "READY/tried", "evidence": {"kind": "rehearsal", "of": "copy"}}, Imported(DOCUMENT.document, SHA))
    page = state_body(world.view())
    assert tables(section(page, "Imported documents"))[0].rows == [["D1", "letter.md", ""], ["D2", "minutes.md", f"{DOCUMENT.sha256}, {SHA}"]]
    assert state_page(world.view())["sources"][0]["sha256"] == []
    assert tables(section(page, "Quoted from documents"))[0].rows == [["weather", "dry", "D1 (#1)"]]
    assert tables(section(page, "What was proven"))[0].rows[0][3] == "#3 (imported from D2)"


def test_a_quote_about_an_action_stands_beside_it_and_nowhere_else() -> None:
    world = World(SMALL)
    world.report("quote", "maker", about="change", text="change: NO")
    page = state_body(world.view())
    assert tables(section(page, "Actions"))[0].rows[0] == ["change", "UNKNOWN: no run on record", '"change: NO" (D1, #1)']
    assert "Quoted from documents" not in page
    assert page.count("change: NO") == 1


def test_only_packets_that_were_issued_stand_in_the_lineage() -> None:
    assert "## Lineage" not in state_body(World(SMALL).view())
    world = World(SMALL)
    world.record("issue", "maker", packet="first")
    assert [step["packet"] for step in state_page(world.view())["lineage"]] == ["first"]


def test_without_a_packet_the_default_is_hold_and_there_is_nothing_to_decide() -> None:
    page = state_body(World(SMALL).view())
    assert paragraphs(page)[0].split("\n")[-1] == "Default: HOLD, with no packet issued."
    assert paragraphs(section(page, "Open decisions")) == ["No packet is issued, so there is nothing to decide."]


def test_boundaries_that_two_packets_draw_are_printed_once() -> None:
    line = "    boundaries: [{scope: work, does_not_authorize: live}]\n"
    first = ("    lineage_gap: It is the first.\n", f"    lineage_gap: It is the first.\n{line}")
    second = ("    consumes: first/TRY\n", f"    lineage_gap: It stands alone.\n{line}")
    world = World(changed(first, second))
    for packet in ("first", "second"):
        world.record("issue", "maker", packet=packet)
    assert items(section(state_body(world.view()), "Open decisions"))[0].startswith("first: ")
    assert items(section(state_body(world.view()), "Boundaries")) == ["work does not authorize live.", "A grant counts only for the scope that it names."]
