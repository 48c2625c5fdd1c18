"""Documents of moments that are still to come: the others are rendered and checked, and these are told with what they wait for."""

import pytest

from govern.problems import Exit
from support.cli import Programme, Ran

REPORT = "governance/reports/fix7-p0-production-rehearsal-only-rollback-report-2026-06-12.md"
GAPS = "governance/reports/gap-closure-map.md"
WAITING = [
    "DOCUMENT_WAITS: `gap-closure-map` waits for record `#99`, which is not on record yet",
    "DOCUMENT_WAITS: `rehearsal-report` waits for mark `@LATER`, which is not on record yet",
]
TOLD = "gap-closure-map waits for #99\nrehearsal-report waits for @LATER\n"


@pytest.fixture
def early(fix7: Programme) -> Programme:
    """A programme of which two documents name moments that are not on record yet."""
    fix7.replace("states.yaml", "version: 1,", "version: 2,")
    fix7.replace("states.yaml", 'since: "@S0"', 'since: "#99"')
    text = fix7.policy.read_text(encoding="utf-8")
    fix7.policy.write_text(text.replace('as_of: "@S0"', 'as_of: "@LATER"', 1), encoding="utf-8")
    fix7.confirms("policy", "adopt", "--reason", "Later.", "--accept-weakening", "--as", "owner")
    return fix7


def told(ran: Ran, severity: str = "error") -> list[str]:
    """Return what is told of documents that wait, each with the line of the policy that names the moment."""
    lines = [line for line in ran.err.split("\n") if "DOCUMENT_WAITS" in line]
    assert all(line.startswith("states.yaml:") for line in lines), lines
    return [line.partition(f": {severity} ")[2] for line in lines]


def test_the_others_are_written_and_each_that_waits_is_told_with_its_moment(early: Programme) -> None:
    before = [(early.root / path).read_bytes() for path in (REPORT, GAPS)]
    ran = early.run("render")
    assert (ran.status, told(ran)) == (Exit.UNJUDGED, WAITING)
    assert "wrote governance/reports/current-state.md\n" in ran.out
    assert ran.out.endswith(TOLD)
    assert [(early.root / path).read_bytes() for path in (REPORT, GAPS)] == before
    again = early.run("render", "--json")
    assert again.answer["result"] == {"written": [], "waits": {"gap-closure-map": "#99", "rehearsal-report": "@LATER"}}


def test_the_check_judges_the_others_and_is_no_pass_while_one_waits(early: Programme) -> None:
    early.run("render")
    (early.root / REPORT).unlink()
    ran = early.refuses("render", "--check", status=Exit.UNJUDGED)
    assert (ran.out, told(ran), ran.codes) == (f"13 documents are what the state says\n{TOLD}", WAITING, ["DOCUMENT_WAITS"] * 2)
    (early.root / "governance" / "reports" / "lineage.md").write_text("# By hand\n", encoding="utf-8")
    ran = early.refuses("render", "--check", status=Exit.NO)
    assert ran.codes == ["DRIFT_EDITED", *["DOCUMENT_WAITS"] * 2]


def test_a_file_of_a_document_that_waits_is_still_what_its_own_head_gives(early: Programme) -> None:
    early.replace(REPORT, "A report asks for nothing", "A report asks for much")
    ran = early.refuses("render", "--check", status=Exit.NO)
    assert f"{REPORT}:16:1: error DRIFT_EDITED: differs from what its head gives, first on line 16" in ran.err


def test_one_that_is_asked_for_by_name_cannot_be_judged_yet_and_can_be_seen_at_another_moment(early: Programme) -> None:
    ran = early.refuses("render", "rehearsal-report", status=Exit.UNJUDGED)
    assert told(ran) == WAITING[1:]
    assert "help: `govern mark LATER` names the moment" in ran.err
    assert early.does("render", "rehearsal-report", "--as-of", "@S0").out.count("# Report: FIX7 P0\n") == 1


def test_the_current_state_says_which_documents_wait_and_links_to_none_of_them(early: Programme) -> None:
    early.run("render")
    page = (early.root / "governance" / "reports" / "current-state.md").read_text(encoding="utf-8")
    assert "\n- rehearsal-report: report, as of @LATER; waits for @LATER, which is not on record yet\n" in page
    assert "\n- gap-closure-map: gap-closure; waits for #99, which is not on record yet\n" in page
    assert "\n- [lineage](lineage.md): lineage\n" in page


def test_the_mark_ends_the_waiting(early: Programme) -> None:
    early.does("mark", "LATER", "--as", "engineering")
    ran = early.run("render")
    assert told(ran) == WAITING[:1]
    assert f"wrote {REPORT}\n" in ran.out
    assert early.run("render", "--check").codes == ["DOCUMENT_WAITS"]


def test_the_page_of_the_programme_is_made_without_what_waits(early: Programme) -> None:
    ran = early.does("export", "html", "--out", "page.html")
    assert told(ran, "warning") == WAITING
    assert early.does("ticket", "check").out == "1 reservation in the working tree: no clash\n"
