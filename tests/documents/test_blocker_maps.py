"""The blocker map: both columns computed from the legs, what each leg still needs and why, substitutes that close nothing."""

from pathlib import Path

import pytest

from govern.documents.blocker_map import blocker_map, preparation_closed, remaining_actors
from govern.engine.view import EvidenceFact
from support.faults import SMALL, changed
from support.markdown import paragraphs, section, tables
from support.pages import map_body
from support.world import World, evidence

RICH = (Path(__file__).parents[1] / "support" / "rich.yaml").read_text()
LEGS = "      tried: {by: maker, evidence: {rehearsal: copy}}\n"


def blocker(world: World, name: str, now: int | None = None, facts: dict[int, EvidenceFact] | None = None) -> list[str]:
    """Return the cells of a blocker: preparation, remaining actors, state."""
    rows = tables(map_body(world.view(now, facts)))[0].rows
    return next(row[1:] for row in rows if row[0] == name)


def leg(world: World, path: str, now: int | None = None, facts: dict[int, EvidenceFact] | None = None) -> list[str]:
    """Return the cells of a leg: by, status, record, needs."""
    rows = tables(section(map_body(world.view(now, facts)), "Legs"))[0].rows
    return next(row[2:] for row in rows if "/".join(row[:2]) == path)


def test_an_open_leg_names_the_evidence_it_waits_for_in_the_programmes_words_or_as_declared() -> None:
    assert leg(World(SMALL), "READY/tried") == ["maker", "open", "", "rehearsal of copy"]
    said = changed((LEGS, LEGS.replace("{by: maker,", "{by: maker, says: tried on a copy,")))
    assert leg(World(said), "READY/tried") == ["maker", "open", "", "tried on a copy"]
    assert leg(World(RICH), "COPY/read") == ["dan", "open", "", "attestation of copy-read"]


def test_an_open_leg_names_the_grants_it_waits_for() -> None:
    assert leg(World(SMALL), "READY/agreed") == ["owner", "open", "", "LEAVE grant"]


def test_a_proven_leg_names_its_record_and_needs_nothing() -> None:
    world = World(SMALL)
    world.report("discharge", "maker", leg="READY/tried", evidence={"kind": "rehearsal", "of": "copy"})
    world.record("grant", "owner", grant="LEAVE", scope="live")
    assert leg(world, "READY/tried") == ["maker", "proven", "#1 (imported)", ""]
    assert leg(world, "READY/agreed") == ["owner", "proven", "#2 (signed)", ""]


def test_a_leg_proven_by_one_of_two_grants_does_not_need_the_other() -> None:
    either = changed(
        ("requires: {honoured: LEAVE}", "requires: {any: [{honoured: LEAVE}, {honoured: STAY-AWAY}]}"),
        ("grants:\n", "grants:\n  STAY-AWAY: {scope: live, issuer: owner}\n"),
    )
    world = World(either)
    assert leg(world, "READY/agreed")[1:] == ["open", "", "LEAVE grant; STAY-AWAY grant"]
    world.record("grant", "owner", grant="STAY-AWAY", scope="live")
    assert leg(world, "READY/agreed")[1:] == ["proven", "#1 (signed)", ""]


def test_what_was_there_and_no_longer_counts_says_why() -> None:
    world = World(RICH)
    world.record("discharge", "vendor", leg="WAY-BACK/tried", evidence=evidence("rehearsal", "way-back"))
    week = 7 * 86_400
    assert leg(world, "WAY-BACK/tried", week - 1)[1:] == ["proven", "#1 (signed)", ""]
    assert leg(world, "WAY-BACK/tried", week)[1:] == ["open", "", "rehearsal of way-back (the evidence of record #1 is older than 1w)"]
    world.record("reopen", "vendor", leg="WAY-BACK/tried", reason="wrong machine")
    assert leg(world, "WAY-BACK/tried")[3] == "rehearsal of way-back (the evidence of record #1 was reopened by record #2)"


def test_a_file_that_is_gone_leaves_leg_and_blocker_unknown() -> None:
    world = World(SMALL)
    world.record("grant", "owner", grant="LEAVE", scope="live")
    seq = world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert blocker(world, "READY", None, {seq: EvidenceFact.SAME})[2] == "closed"
    assert blocker(world, "READY", None, {seq: EvidenceFact.MISSING}) == ["OPEN: tried", "maker", "unknown"]
    why = f"rehearsal of copy (the evidence of record #{seq} binds governance/evidence/copy.json, which is not there)"
    assert leg(world, "READY/tried", None, {seq: EvidenceFact.MISSING})[1:] == ["unknown", "", why]


def test_a_substitute_is_proven_and_closes_nothing() -> None:
    world = World(RICH)
    assert blocker(world, "COPY")[0] == "OPEN: made; like-it substitute open"
    world.record("discharge", "vendor", leg="COPY/like-it", evidence=evidence("rehearsal", "generated-copy"))
    assert blocker(world, "COPY") == ["OPEN: made; like-it substitute proven", "vendor + dan", "open"]
    assert leg(world, "COPY/like-it") == ["vendor", "proven (stands in for made, closes nothing)", "#1 (signed)", ""]


@pytest.mark.parametrize(
    ("declared", "before", "after"),
    [
        ("", "OPEN: tried", "CLOSED for tried leg"),
        ("extent: off the machine, ", "OPEN: tried", "CLOSED off the machine"),
        ("proven_note: minutes taken, ", "OPEN: tried", "CLOSED for tried leg (minutes taken)"),
        ("extent: off the machine, proven_note: minutes taken, ", "OPEN: tried", "CLOSED off the machine (minutes taken)"),
    ],
)
def test_the_words_of_a_leg_are_printed_once_it_is_proven(declared: str, before: str, after: str) -> None:
    world = World(changed((LEGS, LEGS.replace("{by: maker,", f"{{{declared}by: maker,"))))
    assert blocker(world, "READY")[0] == before
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert blocker(world, "READY")[0] == after


def test_the_same_extent_of_two_legs_is_printed_once() -> None:
    two = changed(
        (LEGS, "".join(LEGS.replace("tried", name).replace("{by: maker,", "{extent: on paper, by: maker,") for name in ("tried", "read"))),
        ("{leg: READY/tried}", "{leg: READY/read}"),
    )
    world = World(two)
    for name in ("tried", "read"):
        world.record("discharge", "maker", leg=f"READY/{name}", evidence=evidence("rehearsal", "copy"))
    assert blocker(world, "READY")[0] == "CLOSED on paper"


def test_where_nothing_can_be_prepared_the_column_says_why() -> None:
    bare = changed((LEGS, ""), ("{leg: READY/tried}", "{leg: READY/agreed}"))
    assert blocker(World(bare), "READY")[0] == "n/a"
    told = changed(("  READY:\n    legs:\n" + LEGS, "  READY:\n    no_preparation: live only\n    legs:\n"), ("{leg: READY/tried}", "{leg: READY/agreed}"))
    assert blocker(World(told), "READY")[0] == "n/a (live only)"


def test_remaining_actors_stand_once_each_in_the_order_of_the_legs_with_all_that_is_asked() -> None:
    legs = (
        "      tried: {by: owner, evidence: {rehearsal: copy}, open_note: a copy}\n"
        "      read: {by: second, evidence: {attest: reading}}\n"
        "      signed: {by: owner, evidence: {attest: signing}, open_note: in ink}\n"
    )
    world = World(changed((LEGS, legs)))
    assert remaining_actors("READY", world.view()) == "owner (a copy, in ink) + second"
    world.record("discharge", "owner", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert remaining_actors("READY", world.view()) == "second + owner (in ink)"


def test_who_could_only_prove_a_substitute_is_not_waited_for() -> None:
    world = World(changed((LEGS, f"{LEGS}      like: {{by: second, evidence: {{rehearsal: toy}}, stands_in_for: tried}}\n")))
    assert blocker(world, "READY")[1] == "maker + owner"


def test_nobody_remains_where_all_is_proven() -> None:
    world = World(SMALL)
    world.record("grant", "owner", grant="LEAVE", scope="live")
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert blocker(world, "READY") == ["CLOSED for tried leg", "nobody", "closed"]
    assert paragraphs(map_body(world.view()))[0] == "CLEAR — 0 OPEN of 1 blocker. Every column is computed from the legs below."


def test_open_counts_everything_that_is_not_closed() -> None:
    page = blocker_map(World(RICH).view())
    assert (page["open"], page["total"], page["status"]) == (3, 3, "BLOCKED — 3 OPEN")


def test_preparation_of_nothing_is_never_closed() -> None:
    nobody = World(changed(("preparation: {by: maker}\n", ""), ("legs: any, by: maker", "legs: any")))
    nobody.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert preparation_closed(nobody.view()) is False
    counted, brackets = paragraphs(section(map_body(nobody.view()), "Blocker map"))
    assert counted.startswith("BLOCKED — 1 OPEN of 1 blocker.")
    assert brackets == "Words in brackets are the policy's."


def test_preparation_that_is_left_is_said_to_be() -> None:
    world = World(SMALL)
    assert "What maker can close is not all closed." in paragraphs(map_body(world.view()))
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    assert "All that maker can close is closed; what remains is for others." in paragraphs(map_body(world.view()))
    for owner in ("owner", "second"):
        world.record("grant", owner, grant="LEAVE", scope="live")
    found = paragraphs(map_body(world.view()))
    assert found[0].startswith("CLEAR — 0 OPEN of 1 blocker.")
    assert "All that maker can close is closed." in found
