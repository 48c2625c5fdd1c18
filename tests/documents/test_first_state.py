"""The current state of FIX7 P0 at @S0: at the level of facts, what its source says; what nothing supports stands as quoted."""

import re

import pytest

from support.markdown import body_of, headings, items, paragraphs, section, tables
from support.pages import ROOT, packet_body, recorded_view, state_body, written
from support.seeds import source_says

DECLARED = recorded_view().policy.documents
ROLLBACK = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1"


@pytest.fixture(name="page")
def _page() -> str:
    return state_body(recorded_view("S0"), DECLARED["current-state-s0"])


def rows(page: str, title: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading, by their first cell."""
    [table] = tables(section(page, title))
    return {row[0]: row[1:] for row in table.rows}


def test_the_committed_page_is_the_one_of_the_recorded_moment(page: str) -> None:
    assert written("current-state-s0") == page


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("Status: FIX7_P0_PRODUCTION_REHEARSAL_ONLY_ROLLBACK_READY", "Status: `FIX7_P0_PRODUCTION_REHEARSAL_ONLY_ROLLBACK_READY`"),
        ("Host: T1 OR T2 / CLEAN TERMINAL", "Host: T1 OR T2 / CLEAN TERMINAL"),
        ("Authority: REHEARSAL-ONLY (not production authority)", "Authority in `production`: none"),
        ("Delegation consumed: AUTHORIZE_PRODUCTION_REHEARSAL_ONLY", "Delegation consumed: `AUTHORIZE_PRODUCTION_REHEARSAL_ONLY`"),
        ("GPT-delegated owner decision", "given by owner to GPT"),
        ("Production mutation: NO", '"Production mutation: NO" (D1, #6)'),
        ("CI/deploy trigger: NO", '"CI/deploy trigger: NO" (D1, #10)'),
        ("secrets: NO", '"secrets: NO" (D1, #11)'),
        ("PROVEN_IN_STAGING", "PROVEN_IN_STAGING"),
        ("e6547e69…956c47", "e6547e69…956c47"),
        ("10/10 fail closed, control allowed", "10/10 fail closed, control allowed"),
        ("REAL_RUN/QT001/cutover: NO", '"REAL_RUN/QT001/cutover: NO" (D1, #7)'),
        ("executor model", "executor model under /private/tmp"),
        ("no PG/Directus/system_issues/registry/VPS/network contact", "no PG/Directus/system_issues/registry/VPS/network contact"),
        ("BEGIN..INSERT..ROLLBACK", "BEGIN..INSERT..ROLLBACK"),
        ("committed-insert + snapshot-restore", "committed insert with snapshot restore"),
        ("after_apply_hash != before_hash", "after_apply_hash != before_hash"),
        ("after_rollback_hash == before_hash", "after_rollback_hash == before_hash"),
        ("rows before==after", "rows before == after"),
        (
            "PASS, rehearsal evidence PASS, fabricated no-mutation entry fails closed",
            "PASS, rehearsal evidence PASS, fabricated no-mutation entry fails closed",
        ),
        ("fix7-p0-production-rehearsal-only-rollback-packet-2026-06-12/", "fix7-p0-production-rehearsal-only-rollback-packet-2026-06-12/: 23 files"),
        ("tree 7a9364c5b64d95350da4023ad101a902fc77eb994c487f995412fe547bd847f9", "tree 7a9364c5b64d95350da4023ad101a902fc77eb994c487f995412fe547bd847f9"),
        ("commands.sh OVERALL PASS, RERUN.sh PASS/MATCH", "commands.sh OVERALL PASS, RERUN.sh PASS/MATCH"),
        ("Report (md+json)", "[rehearsal-report](fix7-p0-production-rehearsal-only-rollback-report-2026-06-12.md): report, as of @S0"),
        ("decision packet …-owner-gpt-production-decision-packet-after-rehearsal-2026-06-12.md", "packet-after-rehearsal-2026-06-12.md): packet of"),
        ("checkpoint, this current-state", "[rehearsal-checkpoint](fix7-p0-production-rehearsal-only-rollback-checkpoint-2026-06-12.md): checkpoint"),
        ("The rehearsal-only grant does not extend to production", "A grant counts only for the scope that it names."),
        ("proving snapshot/restore on an operator-provided production-shaped DB dump clone", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump, FIX7-P0-OPERATOR"),
        ("before any production OPT-4 / REAL_RUN / QT001 / cutover", "FIX7-P0-PLAN-REALRUN-1/granted, FIX7-P0-PLAN-SEPARATE-AUTH-1/qt001,"),
        ("Forbidden surfaces 13/13 untouched / not-requested", '"Forbidden surfaces 13/13 untouched / not-requested" (D1, #12)'),
        ("not yet designed → unresolvable read-only", "Not yet designed, so it cannot be resolved read-only"),
        ("remains FIX7-P0-PROD-CI-SCOPE-1", "carried by `FIX7-P0-PROD-CI-SCOPE-1`"),
        ("does not affect clone-rehearsal safety", "does not affect `rehearsal-only`"),
        ("BLOCKED — 7 OPEN", "BLOCKED — 7 OPEN"),
        ("FIX7-P0-DRYRUN-PROD-ROLLBACK-1 is partially discharged", "FIX7-P0-DRYRUN-PROD-ROLLBACK-1 | partially-discharged | toy"),
        ("operator-provided production-shaped DB dump clone", "real-dump (operator)"),
        ("production OPT-4 + distinct production-rollback grant", "production OPT-4; distinct production-rollback grant"),
        ("Default HOLD_PRODUCTION", "Default: `HOLD_PRODUCTION`"),
        (
            "TKT-OBJ-485..494 reserved via standalone addendum, APPLY_NOW=NO, above ceiling 484",
            "`TKT-OBJ-485..494` reserved by standalone addendum, APPLY_NOW=NO, above ceiling 484",
        ),
        ("registry JSON rev24 / MD rev24 / 00-index rev116 untouched", "JSON revision 24, Markdown revision 24, index revision 116"),
        ("canonical body max remains 461", "body maximum 461"),
        ("Consumes option 2 of fix7-p0-owner-gpt-production-decision-packet-2026-06-12.md", "option 2 of fix7-p0-owner-gpt-production-decision-packet"),
        ("continues FIX7_P0_PRODUCTION_READINESS_SURFACE_SCOPING_READY", "FIX7_P0_PRODUCTION_READINESS_SURFACE_SCOPING_READY"),
        ("P7 does not authorize production", "`p7` does not authorize `production`"),
        ("a rehearsal does not authorize production execution", "`rehearsal-only` does not authorize `production`"),
        ("Owner/operator production decision (default HOLD)", "owner: decide production-after-rehearsal; until then HOLD (default)"),
    ],
)
def test_what_the_source_says_is_on_the_page(page: str, said: str, printed: str) -> None:
    assert source_says("000", said)
    assert printed in page


def test_the_first_paragraph_is_where_the_programme_stands(page: str) -> None:
    status, token, default, asked = paragraphs(page)[0].split("\n")
    assert status == "BLOCKED — 7 OPEN of 7 blockers."
    assert token == "Status: FIX7_P0_PRODUCTION_REHEARSAL_ONLY_ROLLBACK_READY."
    assert default == "Default: HOLD_PRODUCTION."
    assert asked == "Asked for: a decision of owner on production-after-rehearsal."


def test_the_host_is_named_and_no_authority_in_production(page: str) -> None:
    assert items(page)[:2] == ["Host: T1 OR T2 / CLEAN TERMINAL (declared in the policy)", "Authority in production: none, no decision in it is in force."]


def test_the_delegation_is_consumed_and_was_the_owners_to_gpt(page: str) -> None:
    found = section(page, "Decisions and authority")
    assert tables(found)[0].rows == [
        ["AUTHORIZE_PRODUCTION_REHEARSAL_ONLY", "production", "rehearsal-only", "consumed by production-after-rehearsal", "#3 (imported, delegated)"]
    ]
    assert items(found) == [
        "Delegation consumed: AUTHORIZE_PRODUCTION_REHEARSAL_ONLY of production, given by owner to GPT in scope rehearsal-only, used 1 of 1 (#2, imported)."
    ]


def test_the_default_of_the_open_decision_is_hold(page: str) -> None:
    assert items(section(page, "Open decisions")) == [
        "production-after-rehearsal: HOLD (default), default HOLD_PRODUCTION, decided by owner (issued, imported)."
    ]


@pytest.mark.parametrize(
    ("action", "quoted"),
    [
        ("production-mutation", '"Production mutation: NO" (D1, #6)'),
        ("real-run", '"REAL_RUN/QT001/cutover: NO" (D1, #7)'),
        ("qt001", '"REAL_RUN/QT001/cutover: NO" (D1, #8)'),
        ("cutover", '"REAL_RUN/QT001/cutover: NO" (D1, #9)'),
        ("ci-trigger", '"CI/deploy trigger: NO" (D1, #10)'),
        ("secrets-change", '"secrets: NO" (D1, #11)'),
    ],
)
def test_a_no_that_nothing_supports_is_unknown_beside_the_word_of_the_document(page: str, action: str, quoted: str) -> None:
    assert rows(page, "Actions")[action] == ["UNKNOWN: no run on record", quoted]


@pytest.mark.parametrize("action", ["permit", "activation", "repoint"])
def test_an_action_that_no_document_speaks_of_is_unknown_alone(page: str, action: str) -> None:
    assert rows(page, "Actions")[action] == ["UNKNOWN: no run on record", ""]


def test_the_rehearsal_on_the_clone_is_proven_as_its_document_reports_it(page: str) -> None:
    [(leg, (evidence, by, record))] = rows(page, "What was proven").items()
    [says] = items(section(page, "What was proven"))
    assert (leg, evidence, by, record) == (f"{ROLLBACK}/toy", "rehearsal of toy", "engineering", "#4 (imported from D1)")
    assert "PROVEN_ISOLATED_NOT_PRODUCTION and PROVEN_IN_STAGING" in says
    assert "after_apply_hash != before_hash, after_rollback_hash == before_hash, rows before == after" in says


def test_the_rollback_blocker_is_partially_discharged_and_says_what_it_needs(page: str) -> None:
    state, proven, waiting, needs = rows(page, "Blockers")[ROLLBACK]
    told = "Proven: toy. Still open: surrogate (engineering), real-dump (operator), production (owner)."
    assert items(section(page, "Blockers")) == [f"{ROLLBACK} is partially-discharged. {told}"]
    assert (state, proven) == ("partially-discharged", "toy")
    assert waiting == "surrogate (engineering), real-dump (operator), production (owner)"
    assert needs == "surrogate rehearsal proven; real-dump rehearsal proven; production OPT-4; distinct production-rollback grant"


def test_every_other_blocker_is_open(page: str) -> None:
    assert [(name, row[0], row[1]) for name, row in rows(page, "Blockers").items() if name != ROLLBACK] == [
        (name, "open", "")
        for name in (
            "FIX7-P0-PROD-BIRTH-SURFACE-1",
            "FIX7-P0-PROD-CI-SCOPE-1",
            "FIX7-P0-PLAN-REALRUN-1",
            "FIX7-P0-PLAN-SEPARATE-AUTH-1",
            "FIX7-P0-PROD-OPT4-1",
            "FIX7-P0-OPERATOR-INPUT-1",
        )
    ]


def test_the_finding_of_ci_is_unknown_and_carried_by_its_blocker(page: str) -> None:
    [finding] = items(section(page, "Findings"))
    standing, why = finding.split(": Not ")
    assert standing == "ci-seal-vs-bytes: UNKNOWN (#5 of operator, imported from D1), carried by FIX7-P0-PROD-CI-SCOPE-1, does not affect rehearsal-only"
    assert why == "yet designed, so it cannot be resolved read-only."


@pytest.mark.parametrize(
    ("title", "figures"),
    [
        ("Forbidden surfaces", ["13/13 untouched / not-requested"]),
        ("Quoted from documents", ["e6547e69…956c47", "--selftest PASS", "rehearsal evidence PASS", "fabricated no-mutation entry fails closed"]),
        (
            "Quoted from documents",
            ["10/10 fail closed, control allowed, no token leaked", "none of `PRODUCTION_PASS`, `REAL_RUN_PASS`, `CUTOVER_PASS`, `SEALED` is claimed"],
        ),
        ("Evidence", ["23 files", "tree 7a9364c5b64d95350da4023ad101a902fc77eb994c487f995412fe547bd847f9", "commands.sh OVERALL PASS", "RERUN.sh PASS/MATCH"]),
    ],
)
def test_figures_that_nothing_supports_are_quoted_with_their_document(page: str, title: str, figures: list[str]) -> None:
    quoting = [line for line in section(page, title).split("\n") if all(figure in line for figure in figures)]
    assert len(quoting) == 1
    assert re.search(r"\(D1, #[0-9]+\)$|D1 \(#[0-9]+\) \|$", quoting[0]), quoting
    assert not any(figure in page.replace(quoting[0], "") for figure in figures)


def test_the_boundaries_say_that_readiness_and_rehearsal_authorize_nothing_in_production(page: str) -> None:
    assert items(section(page, "Boundaries")) == [
        "p7 does not authorize production.",
        "rehearsal-only does not authorize production.",
        "A grant counts only for the scope that it names.",
    ]


def test_the_lineage_names_the_option_consumed_and_the_status_continued(page: str) -> None:
    found = rows(page, "Lineage")
    assert list(found) == ["production (imported)", "production-after-rehearsal (imported)"]
    consumes, _continues, lifecycle, _decision = found["production-after-rehearsal (imported)"]
    assert consumes == "option 2 of fix7-p0-owner-gpt-production-decision-packet-2026-06-12.md (production/AUTHORIZE_PRODUCTION_REHEARSAL_ONLY)"
    assert lifecycle == "issued"
    assert found["production (imported)"][1:] == ["FIX7_P0_PRODUCTION_READINESS_SURFACE_SCOPING_READY", "consumed", "AUTHORIZE_PRODUCTION_REHEARSAL_ONLY #3"]


def test_what_comes_next_is_the_owners_decision(page: str) -> None:
    assert items(section(page, "Next")) == ["owner: decide production-after-rehearsal; until then HOLD (default), HOLD_PRODUCTION"]


def test_the_one_imported_document_is_named_with_its_digest(page: str) -> None:
    [(label, (name, sha256))] = rows(page, "Imported documents").items()
    assert (label, name) == ("D1", "Current State - FIX7 P0 Production-Rehearsal-Only Rollback (2026-06-12)")
    assert len(sha256) == 64


def test_at_the_head_the_status_has_moved_and_production_has_not() -> None:
    page = state_body(recorded_view(), DECLARED["current-state"])
    assert body_of((ROOT / "governance/reports/current-state.md").read_text(encoding="utf-8")) == page
    assert "Status: FIX7_P0_FINAL_PRE_REAL_DATA_READY.\nDefault: HOLD_PRODUCTION, HOLD_REAL_DATA." in paragraphs(page)[0]
    assert "Authority in production: none, no decision in it is in force." in items(page)
    assert rows(page, "Blockers")[ROLLBACK][0] == "engineering-closed"
    assert [title for _level, title in headings(page)].count("Imported documents") == 1


def test_at_the_first_moment_the_final_packet_is_a_draft_and_nobody_can_decide_it() -> None:
    page = packet_body("final-real-data", recorded_view("S0"))
    assert paragraphs(page)[1] == "Standing: HOLD (default). The packet is draft, in lane final-pre-real-data."
    assert ["packet final-real-data issued", "awaiting: packet final-real-data is draft", "", "anyone"] in tables(page)[1].rows
