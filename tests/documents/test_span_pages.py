"""Pages about a stretch of history, a head, an adoption and the chain of packets: what the records say, and whose word it is."""

import base64

import pytest

from govern.documents.spans import begins_at, previous_issue
from govern.ledger.checkpoints import checkpoint_of, parse_checkpoint
from govern.policy.promises import Document
from govern.problems import Exit, GovernError
from support.faults import SMALL, changed
from support.markdown import items, paragraphs, section, tables
from support.pages import recorded_page, recorded_view, rendered, sources_for, span_bodies
from support.programmes import PROGRAMMES
from support.world import World, evidence

GAPS = Document(shows="gap-closure", since="#0", template="gap-closure.md.j2", path="governance/reports/gaps.md")
GATE = "FIX7-P0-PROD-CI-SCOPE-1"


def gaps(world: World, since: str = "#0", now: int | None = None) -> str:
    """Return the gap-closure map of a world since a moment."""
    document, view = GAPS.model_copy(update={"since": since}), world.view(now)
    return rendered(document, view, sources=sources_for(document, world.lines, view, world.fresh)).body


def rows(page: str, title: str) -> list[list[str]]:
    """Return the rows of the first table under a heading, none where there is no table."""
    found = tables(section(page, title))
    return found[0].rows if found else []


def test_what_closed_is_told_with_who_and_by_which_record() -> None:
    world = World(SMALL)
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    world.record("grant", "owner", grant="LEAVE", scope="live")
    page = gaps(world)
    assert paragraphs(page)[0].startswith("BLOCKED — 1 OPEN after 1 record at 1970-01-01T00:00:00Z, CLEAR — 0 OPEN at the head")
    assert rows(page, "What closed") == [
        ["READY/tried", f"rehearsal of copy, SHA-256 {world.state.proofs['READY/tried'][0].sha256}", "maker", "#1 (unauthenticated)"],
        ["READY/agreed", "what it requires holds", "owner", "#2 (signed)"],
    ]
    assert rows(page, "Blockers") == [["READY", "open", "closed", "nobody"]]
    assert paragraphs(section(page, "What remains"))[0] == "Nothing."


def test_what_was_reopened_says_why_by_which_record_and_of_whom() -> None:
    world = World(SMALL)
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    world.record("reopen", "maker", leg="READY/tried", reason="It was the wrong copy.")
    assert rows(gaps(world), "What opened again") == []
    page = gaps(world, "#1")
    assert rows(page, "What opened again") == [["READY/tried", "maker", "It was the wrong copy.", "#2 of maker (unauthenticated)"]]
    assert [row[0] for row in rows(page, "What remains")] == ["READY/tried", "READY/agreed"]


def test_a_leg_that_opened_again_by_itself_says_what_no_longer_counts() -> None:
    world = World(changed(("{rehearsal: copy}", "{rehearsal: copy}, fresh_for: 1d")))
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy"))
    [[leg, by, why, record]] = rows(gaps(world, "#1", now=90_000), "What opened again")
    assert (leg, by, record) == ("READY/tried", "maker", "")
    assert "is older than 1d" in why


def test_a_leg_of_a_policy_adopted_since_is_new_and_one_that_is_gone_is_named() -> None:
    world = World(SMALL)
    world.record("adopt", "owner", **world.successor(changed(("      tried: {by", "      seen: {by"), ("leg: READY/tried", "leg: READY/seen"))))
    page = gaps(world)
    assert "READY/seen (new)" in [row[0] for row in rows(page, "What remains")]
    assert "Declared no more: READY/tried." in paragraphs(page)
    assert "Each moment is judged under its own policy: version 1, then version 2." in paragraphs(page)


def test_a_note_changes_no_line_of_a_gap_closure_map() -> None:
    world = World(SMALL)
    before = gaps(world)
    world.now += 60
    world.record("note", "maker", text="seen")
    assert gaps(world) == before


def test_a_span_begins_with_a_record_a_mark_or_the_packet_before() -> None:
    world = World(SMALL)
    report = Document(shows="report", template="report.md.j2", path="governance/reports/report.md")
    assert (begins_at(report, world.view()), previous_issue(world.view())) == (1, (1, ""))
    world.record("issue", "maker", packet="first")
    assert begins_at(report, world.view()) == 1
    world.record("mark", "maker", name="start")
    world.record("grant", "owner", grant="TRIAL", scope="work")
    world.record("decide", "owner", packet="first", option="TRY")
    world.record("issue", "maker", packet="second")
    assert previous_issue(world.view()) == (2, "first")
    assert begins_at(GAPS.model_copy(update={"since": "@start"}), world.view()) == 3
    for since in ("@never", "#6", "#99"):
        with pytest.raises(GovernError, match=f"after 6 records there was no `{since}` to begin with") as caught:
            begins_at(GAPS.model_copy(update={"since": since}), world.view())
        assert (caught.value.status, caught.value.problems[0].code) == (Exit.UNJUDGED, "AS_OF")


def test_a_report_names_every_act_what_it_proved_and_what_was_not_touched() -> None:
    world = World(SMALL)
    world.report("quote", "maker", about="surfaces", text="none of them")
    world.record("issue", "maker", packet="first")
    world.record("discharge", "maker", leg="READY/tried", evidence=evidence("rehearsal", "copy", says="It came back."))
    world.record("reopen", "maker", leg="READY/tried", reason="No.")
    page = span_bodies(world)["report"]
    assert [(row[0], row[2], row[4]) for row in rows(page, "What was done")] == [
        ("#2 issue", "maker", "unauthenticated"),
        ("#3 discharge", "maker", "unauthenticated"),
        ("#4 reopen", "maker", "unauthenticated"),
    ]
    assert rows(page, "What was proven") == [["READY/tried", "rehearsal of copy", "maker", "#3 (unauthenticated)", "no"]]
    assert items(section(page, "What was proven"))[0] == "Record #3 says: It came back."
    untouched = items(section(page, "What was not touched"))
    assert untouched[0] == "Scope live: no decision in it is in force."
    assert untouched[1].endswith("That does not show that there was none: UNKNOWN.")
    assert untouched[-1] == 'As imported: "none of them" (D1, #1)'


def test_an_action_that_was_begun_in_the_period_is_not_called_untouched() -> None:
    view = recorded_view()
    page = recorded_page("rehearsal-report")
    assert all(action in section(page.body, "What was not touched") for action in view.policy.actions)
    assert "Since packet production was issued, acts on record: 6; legs closed: 1, opened again: 0." in paragraphs(page.body)[0]
    assert "A report asks for nothing and authorizes nothing." in paragraphs(page.body)[0]


def test_a_checkpoint_shows_what_the_ledger_had_in_the_form_that_verify_takes() -> None:
    world = World(SMALL)
    world.record("note", "maker", text="seen")
    page = span_bodies(world)["checkpoint"]
    kept = parse_checkpoint(page.split("```text\n")[1].split("```")[0])
    assert kept == checkpoint_of(str(world.replay.chain.ledger), world.lines)
    values = {row[0]: row[1] for row in tables(page)[0].rows}
    assert values["records"] == "2"
    assert base64.b16decode(values["root of the tree (RFC 6962), in hex"].upper()) == kept.root
    assert values["digest of the last line"] == kept.last
    assert items(section(page, "Open blockers")) == ["READY"]


def test_an_adoption_packet_asks_those_who_have_not_prepared_and_says_what_it_does_not_do() -> None:
    page = recorded_page("ci-gate-adoption").body
    assert paragraphs(page)[0].startswith("owner and operator can now put into force what engineering prepared apart from what is live, for blocker")
    assert rows(page, "What was prepared") == [[f"{GATE}/gate", "engineering", "packet of ci-seal-vs-bytes-adoption", "proven", "#21 (imported)"]]
    assert "No file of it is on record here: ask for the packet, and have it recorded, before you rest on it." in items(page)
    owner, operator = items(section(page, "What adopting it takes"))
    assert owner.startswith(f"owner: attestation of adoption for {GATE}/adopted, open. Recorded by govern blocker discharge {GATE}/adopted --attest")
    assert operator.startswith(f"operator: attestation of ci-gate-live for {GATE}/applied, open.")
    refused = items(section(page, "What it does not do"))
    assert refused[0].startswith("It opens no option. The policy says why: ")
    assert refused[1].startswith("It does not settle ci-seal-vs-bytes, which is UNKNOWN until a record says otherwise. Why (#5 of operator, imported from D1):")
    assert refused[2:] == [f"It decides nothing in packet {name}." for name in ("production-after-rehearsal", "final-real-data")]


def test_what_is_not_prepared_cannot_be_adopted_yet_and_what_was_adopted_asks_nothing() -> None:
    world = World(PROGRAMMES["fix7"])
    page = span_bodies(world)[f"adoption of {GATE}"]
    assert paragraphs(page)[0].startswith("owner and operator will be asked to put into force")
    assert "Preparation is not finished." in paragraphs(page)[1]
    body = {"kind": "attest", "says": "done"}
    world.record("discharge", "engineering", leg=f"{GATE}/gate", evidence=evidence("packet", "ci-seal-vs-bytes-adoption"))
    world.record("discharge", "owner", leg=f"{GATE}/adopted", evidence={**body, "of": "adoption"})
    assert paragraphs(span_bodies(world)[f"adoption of {GATE}"])[0].startswith("operator can now put into force")
    world.record("discharge", "operator", leg=f"{GATE}/applied", evidence={**body, "of": "ci-gate-live"})
    page = span_bodies(world)[f"adoption of {GATE}"]
    assert paragraphs(page)[0] == f"What engineering prepared for blocker {GATE} is adopted: every act below is on record."


def test_what_was_adopted_ahead_of_its_preparation_is_not_called_adopted() -> None:
    world = World(PROGRAMMES["fix7"])
    world.record("discharge", "owner", leg=f"{GATE}/adopted", evidence={"kind": "attest", "of": "adoption", "says": "done"})
    world.record("discharge", "operator", leg=f"{GATE}/applied", evidence={"kind": "attest", "of": "ci-gate-live", "says": "done"})
    page = span_bodies(world)[f"adoption of {GATE}"]
    assert paragraphs(page)[:2] == [
        f"Every act below is on record, ahead of the preparation by engineering for blocker {GATE}, which is not finished.",
        "The blocker is partially-discharged.",
    ]


def test_a_blocker_for_which_nothing_is_prepared_says_so_and_ends_with_what_it_requires() -> None:
    world = World(PROGRAMMES["hospital"])
    page = span_bodies(world)["adoption of LEAVE"]
    assert paragraphs(page)[0].startswith("board can act on blocker LEAVE; it has no preparation by vendors.")
    assert "not finished" not in page
    assert items(section(page, "What adopting it takes"))[0] == "board: LEAVE/move, open. It holds as soon as this does: MOVE grant."
    assert items(section(page, "How it is taken back")) == ["LEAVE/move ends with what it requires.", "LEAVE/way-back ends with what it requires."]
    world.record("discharge", "privacy-officer", leg="PRIVACY/assessed", evidence={"kind": "attest", "of": "impact-assessment", "says": "done"})
    page = span_bodies(world)["adoption of PRIVACY"]
    assert paragraphs(page)[0] == "Every act that blocker PRIVACY waits for is on record; it has no preparation by vendors."


def test_a_status_that_stays_is_named_once() -> None:
    assert "Status: `PREPARING` at both.\n" in span_bodies(World(PROGRAMMES["hospital"]))["gap-closure"]


def test_the_lineage_page_draws_the_chain_and_declares_every_gap() -> None:
    page = recorded_page("lineage").body
    assert paragraphs(page)[0].startswith("3 packets, 2 declared gaps.")
    assert '  p0 -->|"option 2: AUTHORIZE_PRODUCTION_REHEARSAL_ONLY"| p1' in page.split("\n")
    assert [row[0] for row in tables(page)[0].rows] == ["production", "production-after-rehearsal", "final-real-data"]
    assert items(section(page, "Gaps")) == [
        "production: The source names the status it continues, and no decision that it consumes.",
        "final-real-data: The source names no decision that this packet consumes, and no status that it continues.",
    ]
    chain = span_bodies(World(PROGRAMMES["hospital"]))["lineage"]
    assert [line.partition(":")[0] for line in chain.split("\n") if "-->|" in line] == [f'  p{number} -->|"option 2' for number in range(5)]
    assert [line.rpartition("| ")[2] for line in chain.split("\n") if "-->|" in line] == [f"p{number + 1}" for number in range(5)]
