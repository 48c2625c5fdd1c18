"""The FINAL packet of FIX7 P0, as recorded: what its source says, and nothing that the records do not support."""

import pytest

from support.markdown import headings, items, paragraphs, section, tables
from support.pages import map_body, packet_body, recorded_view, written
from support.rehearsed import bound_to
from support.seeds import READ_ONCE, options, packet_source, table_rows
from support.world import FIX7, World, evidence

TEN = [
    "real-dump rehearsal proven",
    "production surface scoped",
    "production OPT-4",
    "distinct production-rollback grant",
    "REAL_RUN grant",
    "QT001 grant",
    "PERMIT grant",
    "ACTIVATION grant",
    "REPOINT grant",
    "CUTOVER grant",
]
PREPARED = [
    ("FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy", "rehearsal", "toy"),
    ("FIX7-P0-DRYRUN-PROD-ROLLBACK-1/surrogate", "rehearsal", "surrogate"),
    ("FIX7-P0-OPERATOR-INPUT-1/surrogate", "rehearsal", "surrogate"),
    ("FIX7-P0-PROD-CI-SCOPE-1/gate", "packet", "ci-seal-vs-bytes-adoption"),
]
CLOSED = "All that engineering can close is closed. The next step is a decision, not more preparation."
FIFTH = "5. AUTHORIZE_PRODUCTION_EXECUTION"


@pytest.fixture(name="page")
def _page() -> str:
    return packet_body("final-real-data", recorded_view("S4"))


def prepared(*legs: tuple[str, str, str]) -> World:
    """Return FIX7 with the packet issued and these legs of preparation proven."""
    world = World(FIX7)
    for leg, kind, of in legs:
        world.record("discharge", "engineering", leg=leg, evidence=evidence(kind, of) | bound_to(world.view().policy, leg))
    world.record("issue", "engineering", packet="final-real-data")
    return world


def test_the_committed_packet_is_the_one_of_the_recorded_state(page: str) -> None:
    assert written("final-real-data-decision-packet") == page


def test_the_seven_rows_have_the_words_and_the_order_of_the_source(page: str) -> None:
    header, *rows = table_rows(packet_source())
    [table] = tables(section(page, "Preconditions"))
    assert table.header == header == ["blocker", "engineering", "remaining actor"]
    for row, wanted in zip(table.rows, rows, strict=True):
        assert row == wanted
    assert len(rows) == 7


def test_the_source_that_was_read_once_is_the_source() -> None:
    assert table_rows(READ_ONCE) == table_rows(packet_source())
    assert options(READ_ONCE) == options(packet_source())


def test_the_blocker_map_has_the_same_rows_and_the_state_of_each() -> None:
    table = tables(map_body(recorded_view("S4")))[0]
    assert [row[:3] for row in table.rows] == table_rows(packet_source())[1:]
    assert [row[3] for row in table.rows] == ["open", "engineering-closed", "engineering-closed", "open", "open", "open", "open"]


def test_the_five_options_stand_in_the_order_of_the_source(page: str) -> None:
    titles = [title for level, title in headings(page) if level == 3]
    assert [title.removesuffix(" (DEFAULT)") for title in titles] == [f"{number}. {name}" for number, name in options(packet_source())]
    assert len(titles) == 5


def test_exactly_one_option_is_the_default_and_it_is_hold(page: str) -> None:
    assert [title for _level, title in headings(page) if "DEFAULT" in title] == ["1. HOLD_REAL_DATA (DEFAULT)"]
    assert "Default = HOLD_REAL_DATA." in packet_source()
    assert "The default is HOLD_REAL_DATA, and no answer leaves it there." in paragraphs(page)[0]


def test_the_page_selects_nothing_and_says_so_first(page: str) -> None:
    assert paragraphs(page)[0].startswith("This document selects nothing. It asks owner to pick exactly one option of packet final-real-data;")
    assert "nothing here is\npre-selected" in paragraphs(page)[0]
    assert paragraphs(page)[1] == "Standing: HOLD (default). The packet is issued (imported), in lane final-pre-real-data."
    assert "No option is selected here." in items(section(page, "Boundaries"))
    assert "selected" not in section(page, "Options").replace("not selected", "")


def test_option_5_is_not_selectable_by_this_lane_and_names_its_ten_prerequisites(page: str) -> None:
    fifth = section(page, FIFTH)
    assert paragraphs(fifth) == [
        "The production change itself, recorded in this packet for completeness only.",
        "Scope production: The live system.",
        "NOT SELECTABLE BY THIS LANE. It belongs to lane production-execution, which is not open; it is listed for completeness only.",
        "Requires ALL of:",
    ]
    [table] = tables(fifth)
    assert [row[0] for row in table.rows] == TEN
    assert {row[1] for row in table.rows} == {"missing"}
    assert [row[3] for row in table.rows] == ["operator", "operator", *["owner"] * 8]
    assert page.count("NOT SELECTABLE BY THIS LANE") == 1


def test_each_other_option_names_what_it_takes_opens_and_leads_to(page: str) -> None:
    hold, handoff, dryrun, precheck = (section(page, title) for _level, title in headings(page) if title[:2] in ("1.", "2.", "3.", "4."))
    assert paragraphs(hold)[1:] == ["Always possible, in one act."]
    assert paragraphs(handoff)[1:] == [
        "Scope clone-handoff: A clone handed over by the operator; zero production contact. Can be delegated.",
        "Requires nothing beyond the decision itself.",
        "Opens: real-data-clone.",
        "Leads to FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump, FIX7-P0-OPERATOR-INPUT-1/real-dump; the decision itself proves nothing.",
    ]
    assert tables(dryrun)[0].rows == [["explicit dry-run grant", "missing", "", "owner"]]
    assert paragraphs(dryrun)[-1] == "Leads to FIX7-P0-PROD-BIRTH-SURFACE-1/scoped; the decision itself proves nothing."
    assert [row[0] for row in tables(precheck)[0].rows] == ["real-dump rehearsal proven", "production surface scoped", "owner OPT-4 scoping"]


def test_the_boundaries_are_those_of_the_source(page: str) -> None:
    assert items(section(page, "Boundaries")) == [
        "No option is selected here.",
        "p7 alone does not authorize production.",
        "What is labelled GENERATED_SURROGATE_NOT_REAL_PRODUCTION_DUMP is never to be presented as real production data.",
        "Forbidden until their own grants exist:",
        "production-mutation",
        "real-run",
        "qt001",
        "permit",
        "activation",
        "repoint",
        "cutover",
        "ci-trigger (no grant for it exists yet)",
        "secrets-change (no grant for it exists yet)",
    ]


def test_the_decision_consumed_is_unknown_and_says_so(page: str) -> None:
    assert paragraphs(section(page, "Lineage")) == [
        "Consumes no known decision; the policy says: The source names no decision that this packet consumes, and no status that it continues."
    ]


def test_that_all_is_closed_is_printed_on_the_recorded_state(page: str) -> None:
    assert CLOSED in paragraphs(page)


def test_that_all_is_closed_is_printed_only_while_every_leg_of_preparation_is_proven() -> None:
    assert CLOSED in paragraphs(packet_body("final-real-data", prepared(*PREPARED).view()))
    for left_out in PREPARED:
        rest = [leg for leg in PREPARED if leg != left_out]
        page = paragraphs(packet_body("final-real-data", prepared(*rest).view()))
        assert CLOSED not in page
        assert "Preparation by engineering is not finished; the blockers below say what is open." in page


def test_a_reopened_leg_takes_back_that_all_is_closed() -> None:
    world = prepared(*PREPARED)
    world.record("reopen", "engineering", leg=PREPARED[0][0], reason="the validator was wrong")
    assert CLOSED not in paragraphs(packet_body("final-real-data", world.view()))


@pytest.mark.parametrize(
    ("legs", "ci", "rollback", "surrogate"),
    [
        ([], "OPEN: gate", "OPEN: toy, surrogate", "surrogate substitute open"),
        (PREPARED[:1], "OPEN: gate", "CLOSED for toy leg; OPEN: surrogate", "surrogate substitute open"),
        (PREPARED[1:3], "OPEN: gate", "CLOSED for surrogate leg; OPEN: toy", "surrogate substitute proven"),
        (PREPARED[3:], "CLOSED off-production (adoption packet ready)", "OPEN: toy, surrogate", "surrogate substitute open"),
    ],
)
def test_the_words_of_a_row_follow_what_is_proven(legs: list[tuple[str, str, str]], ci: str, rollback: str, surrogate: str) -> None:
    [table] = tables(section(packet_body("final-real-data", prepared(*legs).view()), "Preconditions"))
    assert [row[1] for row in table.rows] == ["n/a (live scoping)", ci, rollback, "n/a", "n/a", "n/a", surrogate]


def test_an_actor_who_has_done_all_is_not_waited_for() -> None:
    world = prepared(*PREPARED)
    for kind, leg in (("intake", "FIX7-P0-OPERATOR-INPUT-1/real-dump"), ("rehearsal", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump")):
        world.record("discharge", "operator", leg=leg, evidence=evidence(kind, "real-dump") | bound_to(world.view().policy, leg))
    rows = tables(section(packet_body("final-real-data", world.view()), "Preconditions"))[0].rows
    assert rows[2][2] == "owner"
    for grant in ("PRODUCTION_OPT4", "PRODUCTION_ROLLBACK"):
        world.record("grant", "owner", grant=grant, scope="production")
    rows = tables(section(packet_body("final-real-data", world.view()), "Preconditions"))[0].rows
    assert rows[2][2] == "nobody"
    assert paragraphs(section(packet_body("final-real-data", world.view()), "Preconditions"))[0] == "Status: BLOCKED — 5 OPEN of 7."
