"""Any document of any past moment is rendered again, byte for byte: after more records, another policy, other templates, other evidence."""

import json
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govern.cli.options import Options
from govern.cli.recording import Proposal, record
from govern.cli.session import Session
from govern.documents.render import AS_RECORDED, read_evidence, read_front
from govern.engine.acts import Act
from govern.engine.view import EvidenceFact
from govern.problems import Exit
from support.cli import SCOPING, Programme
from support.markdown import body_of

TOY = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1/toy"
MOMENTS = ("#1", "@S0", "@S4")
ALONE = ("final-real-data-decision-packet", "final-blocker-map", "ci-gate-adoption", "lineage", "operator-handoff", "current-state", "rehearsal-report")
LATER = "governance/reports/later.md"


def goes_on(programme: Programme, records: int) -> None:
    """Add records of several kinds, and put a policy and templates in force that say other things."""
    programme.confirms("grant", "record", "QT001", "--as", "owner")
    programme.does("finding", "ci-seal-vs-bytes", "fail", "--why", "Two bytes differ.", "--as", "operator")
    notes = [Proposal(Act("note", "gpt", {"text": f"note {number}"}), "noting") for number in range(records)]
    record(Session(Options(programme.root)), lambda _replay, _view: notes)
    programme.replace("states.yaml", "version: 1,", "version: 2,")
    programme.replace("states.yaml", "host: T1 OR T2 / CLEAN TERMINAL", "host: elsewhere")
    programme.replace(
        "states.yaml", "  rehearsal-report:", f"  later: {{shows: lineage, template: later.md.j2, path: {LATER}, as_of: '@S0'}}\n  rehearsal-report:"
    )
    for name in ("current-state", "decision-packet", "blocker-map", "report", "gap-closure", "checkpoint", "lineage", "adoption", "operator-handoff"):
        programme.replace(f"templates/{name}.md.j2", "# ", "# Changed, ")
    (programme.root / "templates" / "later.md.j2").write_text("# Later\n\n{{ title }}\n", encoding="utf-8")
    adopt = ("policy", "adopt", "--reason", "Another.", "--accept-weakening", "--as", "owner")
    programme.confirms(*adopt)


def printed(programme: Programme, *moments: str) -> dict[tuple[str, str], str]:
    """Return every document that can be asked for at these moments, as it is printed."""
    found = {(name, moment): programme.does("render", name, "--as-of", moment).out for name in ALONE for moment in moments}
    spans = {("gap-closure-map", "@S4"), ("rehearsal-checkpoint", "#20"), ("packet-after-rehearsal", "#1")}
    return found | {(name, moment): programme.does("render", name, "--as-of", moment).out for name, moment in spans}


def test_twenty_records_and_a_policy_later_every_document_of_every_moment_has_the_same_bytes(fix7: Programme) -> None:
    before = printed(fix7, *MOMENTS)
    files = {path: (fix7.root / path).read_bytes() for path in fix7.tree() if path.startswith("governance/") and path.endswith((".md", ".json"))}
    goes_on(fix7, 18)
    assert printed(fix7, *MOMENTS) == before
    ran = fix7.run("render", "--check")
    assert "DRIFT_EDITED" not in ran.codes, ran.err
    assert {path: (fix7.root / path).read_bytes() for path in files} == files


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, 24), name=st.sampled_from(ALONE))
def test_what_is_printed_of_a_moment_is_what_its_front_matter_says(seq: int, name: str, fix7: Programme) -> None:
    text = fix7.does("render", name, "--as-of", f"#{seq}").out
    front = read_front(text)
    assert front is not None
    assert (front["document"], front["head"], front["evidence"]) == (name, str(seq + 1), AS_RECORDED)
    twin = fix7.asks("render", name, "--as-of", f"#{seq}")["twin"]
    assert {key: str(twin[key]) for key in front} == front


def test_a_document_that_was_declared_later_shows_the_past_by_todays_words_and_stays_as_it_was_written(fix7: Programme) -> None:
    goes_on(fix7, 1)
    fix7.does("render")
    text = (fix7.root / LATER).read_text(encoding="utf-8")
    front = read_front(text)
    assert front is not None
    assert (front["head"], front["policy_version"], body_of(text)) == ("19", "1", "# Later\n\nFIX7 P0\n")
    assert fix7.does("render", "later", "--as-of", "@S0").out == text
    fix7.replace("states.yaml", "version: 2,", "version: 3,")
    fix7.replace("templates/later.md.j2", "# Later", "# Much later")
    fix7.confirms("policy", "adopt", "--reason", "Another.", "--accept-weakening", "--as", "owner")
    ran = fix7.run("render", "--check")
    assert f"{LATER}:1:1: warning DRIFT_OUTDATED" in ran.err
    assert "DRIFT_EDITED" not in ran.codes


def test_a_template_that_nobody_adopted_forges_no_page(fix7: Programme) -> None:
    goes_on(fix7, 1)
    fix7.does("render")
    forged = "7" * 64
    text = (fix7.root / LATER).read_text(encoding="utf-8")
    front = read_front(text)
    assert front is not None
    fix7.replace(LATER, front["template_sha256"], forged)
    ran = fix7.refuses("render", "--check", status=Exit.NO)
    assert ran.codes.count("DRIFT_EDITED") == 1
    assert f"cannot be rendered at the head that it names: no record adopts a template `later.md.j2` of the digest {forged[:12]}" in ran.err


def test_evidence_that_is_gone_stands_in_the_front_matter_and_the_page_of_before_stays_what_it_was(fix7: Programme) -> None:
    fix7.does("blocker", "discharge", TOY, "--evidence", fix7.evidence("rehearsal", "toy", TOY), "--as", "engineering")
    fix7.does("render")
    path = next(each for each in fix7.tree() if each.startswith("governance/evidence/") and each.endswith(".json"))
    content = (fix7.root / path).read_bytes()
    current = "governance/reports/final-blocker-map.md"
    kept = (fix7.root / current).read_bytes()
    (fix7.root / path).unlink()
    ran = fix7.run("render", "--check")
    assert f"{current}:1:1: warning DRIFT_OUTDATED" in ran.err, "it says what was so when it was rendered"
    fix7.does("render")
    front = read_front((fix7.root / current).read_text(encoding="utf-8"))
    assert front is not None
    assert front["evidence"] == "#25 missing"
    without = (fix7.root / current).read_bytes()
    (fix7.root / path).write_bytes(content)
    ran = fix7.run("render", "--check")
    assert "DRIFT_EDITED" not in ran.codes
    (fix7.root / current).write_bytes(kept)
    assert current not in fix7.run("render", "--check").err
    assert without != kept


def test_the_surfaces_are_untouched_as_the_evidence_on_record_shows_and_no_more(fix7: Programme) -> None:
    fix7.does("blocker", "discharge", TOY, "--evidence", fix7.evidence("rehearsal", "toy", TOY), "--as", "engineering")
    found = fix7.asks("render", "current-state")["twin"]["shows"]["surfaces"]
    assert found["count"] == "UNKNOWN: 13 of 13 shown by evidence on record"
    assert found["unsupported"] == ["#19 (imported)", "#20 (imported)"]
    assert {(row["status"], row["shown_by"]) for row in found["rows"]} == {("untouched", "#25 (unauthenticated): fabricated")}
    past = fix7.asks("render", "current-state", "--as-of", "@S4")["twin"]["shows"]["surfaces"]
    assert (past["shown"], {row["status"] for row in past["rows"]}) == (0, {"UNKNOWN"})


def test_a_page_about_evidence_that_cannot_be_read_is_not_rendered_for_that_moment(fix7: Programme) -> None:
    fix7.does("blocker", "discharge", TOY, "--evidence", fix7.evidence("rehearsal", "toy", TOY), "--as", "engineering")
    path = next(each for each in fix7.tree() if each.startswith("governance/evidence/") and each.endswith(".json"))
    fix7.replace(path, "fabricated", "fabricatad")
    ran = fix7.refuses("render", "current-state", "--as-of", "#25", status=Exit.UNJUDGED)
    assert ran.codes == ["EVIDENCE_DIGEST"]
    assert "record #25 binds it, and a page rests on it: it has other bytes than the record binds" in ran.err


def test_what_a_checkpoint_page_says_to_do_later_works(fix7: Programme) -> None:
    page = fix7.does("render", "rehearsal-checkpoint").out
    kept, command = (page.split(f"```{kind}\n")[-1].split("```")[0] for kind in ("text", "sh"))
    (fix7.root / "kept").write_text(kept, encoding="utf-8")
    fix7.does("note", "later", "--as", "gpt")
    assert "7 records added since the checkpoint, and none before was changed" in fix7.does("verify", "--since", str(fix7.root / "kept")).out
    told = subprocess.run(["/bin/sh", "-c", command], cwd=fix7.root, capture_output=True, text=True, check=True).stdout
    assert f"last {told.split()[0]}\n" in kept


def test_a_document_is_printed_as_it_is_written_and_nothing_is_written(fix7: Programme) -> None:
    for name in ("current-state", "gap-closure-map", "rehearsal-report", "rehearsal-checkpoint"):
        before = fix7.tree()
        ran = fix7.does("render", name)
        [path] = [each for each in before if each.endswith(".md") and (fix7.root / each).read_text(encoding="utf-8") == ran.out]
        assert fix7.tree() == before, path


def test_what_cannot_be_printed_is_refused_with_what_can(fix7: Programme) -> None:
    assert "did you mean `current-state`?" in fix7.refuses("render", "curent-state", status=Exit.USAGE).err
    assert fix7.refuses("render", "current-state", "--check", status=Exit.USAGE).codes == ["USAGE"]
    ran = fix7.refuses("render", "gap-closure-map", "--as-of", "#3", status=Exit.UNJUDGED)
    assert "after 4 records there was no `@S0` to begin with" in ran.err
    assert fix7.refuses("render", "lineage", "--as-of", "@S9", status=Exit.USAGE).codes == ["AS_OF"]


@pytest.mark.parametrize(
    ("text", "facts"),
    [("as recorded", {}), ("#25 missing", {25: EvidenceFact.MISSING}), ("#3 changed, #25 missing", {3: EvidenceFact.CHANGED, 25: EvidenceFact.MISSING})],
)
def test_the_front_matter_says_what_became_of_evidence(text: str, facts: dict[int, EvidenceFact]) -> None:
    assert read_evidence(text) == facts


@pytest.mark.parametrize("text", ["", "#25", "missing #25", "#x missing", "#25 gone", "#25 missing,#26 missing"])
def test_what_became_of_evidence_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="does not say what became of evidence"):
        read_evidence(text)


def test_the_schema_of_a_twin_is_printed(fix7: Programme) -> None:
    assert fix7.asks("schema", "report")["$id"] == "urn:govern:document:report:1"
    assert json.loads(fix7.does("schema", "report").out)["properties"]["schema"] == {"const": "govern.report/1"}
    assert "did you mean `report`?" in fix7.refuses("schema", "reprt", status=Exit.USAGE).err


def test_gaps_between_two_moments_are_told(fix7: Programme) -> None:
    ran = fix7.does("gaps", "@S0", "@S4").out
    assert ran.startswith("BLOCKED — 7 OPEN after 19 records (2026-06-12T00:00:00Z); BLOCKED — 7 OPEN after 25 (2026-06-12T00:00:00Z)\n")
    assert "  FIX7-P0-DRYRUN-PROD-ROLLBACK-1/surrogate  rehearsal of surrogate               by engineering  #19 (imported)\n" in ran
    assert fix7.asks("gaps", "@S0")["closed"] == fix7.asks("gaps", "@S0", "@S4")["closed"]
    fix7.does("blocker", "discharge", SCOPING, "--attest", "scoped", "--as", "owner")
    found = fix7.asks("gaps", "@S4")
    assert [(each["leg"], each["closed_by"]) for each in found["closed"]] == [(SCOPING, "owner")]
    fix7.does("blocker", "reopen", SCOPING, "--reason", "Too wide.", "--as", "owner")
    found = fix7.asks("gaps", "#25")
    assert found["reopened"] == [{"leg": SCOPING, "by": "owner", "why": "Too wide.", "record": "#26 of owner (unauthenticated)"}]
    assert SCOPING in [each["leg"] for each in found["remains"]]
    assert fix7.asks("gaps", "@S4")["closed"] == [], "what closed and opened again is open"
    assert fix7.refuses("gaps", "@S0", "@S4", "--as-of", "@S4", status=Exit.USAGE).codes == ["AS_OF"]
    assert "`@S4` is after 25 records, and `@S0` after 19" in fix7.refuses("gaps", "@S4", "@S0", status=Exit.USAGE).err
