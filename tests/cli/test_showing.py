"""`show`, `status`, `log`, `lineage`, `diagram`, `packet`: one thing, everything, and its history."""

import pytest

from govern.problems import Exit
from support.cli import EXECUTION, HANDOFF, HOLD, SCOPING, Programme


@pytest.mark.parametrize(
    ("id", "kind", "standing"),
    [
        ("5", "option", "locked"),
        ("2", "option", "open"),
        ("FIX7-P0-PROD-CI-SCOPE-1", "blocker", "engineering-closed"),
        (SCOPING, "leg", "open"),
        ("FIX7-P0-PROD-CI-SCOPE-1/gate", "leg", "proven"),
        ("final-pre-real-data", "lane", "open"),
        ("production-execution", "lane", "closed"),
        ("QT001", "grant", "none on record"),
        ("real-run", "action", "not allowed"),
        ("production", "packet", "consumed, selected"),
        ("final-real-data", "packet", "issued, HOLD (default)"),
    ],
)
def test_each_kind_of_thing_is_shown_as_declared_and_as_it_stands(id: str, kind: str, standing: str, fix7: Programme) -> None:
    found = fix7.asks("show", id)
    assert (found["kind"], found["standing"]) == (kind, standing)
    assert found["declared_at"].startswith("states.yaml:")
    assert found["verdict"] == fix7.asks("why-blocked", id)
    text = fix7.does("show", id).out
    assert text.startswith(f"{kind} {found['id']}: {standing}\n  declared at states.yaml:")
    assert fix7.does("status", id).out == text


def test_of_what_holds_nobody_is_told_to_clear_it(fix7: Programme) -> None:
    assert "\n  holds  packet final-real-data is issued    states.yaml:" in fix7.does("show", "final-real-data").out


def test_what_was_selected_and_granted_is_shown_so(fix7: Programme) -> None:
    fix7.opens("5")
    fix7.confirms("decide", "5", "--as", "owner")
    assert fix7.asks("show", "5")["standing"] == "selected; open"
    assert fix7.asks("show", "real-run")["standing"] == "allowed"
    [instance] = [record["seq"] for record in fix7.asks("log", "QT001")["records"]]
    assert fix7.asks("show", "QT001")["standing"] == f"QT001#{instance} recorded"
    assert "5  AUTHORIZE_PRODUCTION_EXECUTION              selected; open\n" in fix7.does("status").out


def test_a_thing_that_is_not_there_is_refused_with_the_nearest_name(fix7: Programme) -> None:
    assert "did you mean `QT001`?" in fix7.refuses("show", "QT01", status=Exit.USAGE).err
    assert "name it in full: `production/AUTHORIZE_PRODUCTION_REHEARSAL_ONLY`" in fix7.refuses("show", "AUTHORIZE_PRODUCTION_REHEARSAL_ONLY", status=2).err


def test_status_tells_four_kinds_of_hold_apart(hospital: Programme, fix7: Programme) -> None:
    assert fix7.asks("status")["packets"][1]["state"] == "HOLD (default)"
    fix7.does("refuse", "3", "--reason", "not now", "--as", "owner")
    assert fix7.asks("status")["packets"][1]["state"] == "HOLD (AUTHORIZE_PRODUCTION_DRYRUN_ONLY refused)"
    assert "locked, 2 missing, refused by record #25" in fix7.does("status").out
    fix7.confirms("decide", HOLD, "--as", "owner")
    assert fix7.asks("status")["packets"][1]["state"] == "HOLD (decided)"
    hospital.confirms("decide", "inventory/COUNT", "--as", "head-nurse")
    hospital.does("packet", "issue", "copying", "--as", "vendor")
    assert hospital.asks("status", "--as-of", "2026-07-06T08:59:59Z")["packets"][0]["state"] == "HOLD (default)"
    assert hospital.asks("status", "--as-of", "2026-07-06T09:00:00Z")["packets"][0]["state"] == "HOLD (no response by 2026-07-06T09:00:00Z)"


def test_status_says_what_comes_next_and_nothing_where_nothing_does(fix7: Programme, website: Programme) -> None:
    steps = fix7.asks("status")["next"]
    assert steps[0] == {
        "actors": ["owner"],
        "does": "decide final-real-data; until then HOLD (default), HOLD_REAL_DATA",
        "command": "govern decide final-real-data/… --as owner",
        "opens": None,
    }
    assert len(steps) == 15
    assert fix7.does("status").out.endswith("\n  and 10 more; `govern why-blocked OPTION` names them\n")
    website.opens("move/SWITCH-OVER")
    website.confirms("decide", "move/STAY", "--as", "lead")
    assert website.asks("status")["next"] == []
    assert "CLEAR — 0 OPEN of 2 blockers" in website.does("status").out
    assert "\nnext\n" not in website.does("status").out


def test_every_fact_says_that_it_is_unauthenticated_or_imported(fix7: Programme) -> None:
    fix7.does("note", "seen", "--as", "gpt")
    assert [record["standing"] for record in fix7.asks("log")["records"]] == ["unauthenticated", *["imported"] * 24, "unauthenticated"]
    assert fix7.asks("status")["authenticated"] is False
    assert "26 records, signatures waived" in fix7.does("status").out


def test_the_log_of_a_thing_is_what_names_it_or_rests_on_it(fix7: Programme) -> None:
    [asked] = fix7.does("grant", "request", "QT001", "--reason", "it is time", "--as", "operator").seqs
    [given] = fix7.confirms("grant", "record", f"QT001#{asked}", "--as", "owner").seqs
    [revoked] = fix7.does("grant", "revoke", f"QT001#{asked}", "--reason", "too early", "--as", "owner").seqs
    assert [record["seq"] for record in fix7.asks("log", "QT001")["records"]] == [asked, given, revoked]
    assert [record["seq"] for record in fix7.asks("log", "production/2")["records"]] == [2, 3]
    assert [record["seq"] for record in fix7.asks("log", "production")["records"]] == [1, 2, 3]
    assert fix7.does("log", "PERMIT").out == "no record\n"
    [opened] = fix7.confirms("lane", "open", "production-execution", "--as", "owner").seqs
    assert [record["seq"] for record in fix7.asks("log", "production-execution")["records"]] == [opened]


def test_of_several_instances_one_is_named(fix7: Programme) -> None:
    first, second = fix7.confirms("grant", "record", "QT001", "QT001", "--as", "owner").seqs
    ran = fix7.refuses("grant", "revoke", "QT001", "--reason", "x", "--as", "owner", status=Exit.USAGE)
    assert f"which instance of QT001?\n    help: QT001#{first}, QT001#{second}" in ran.err
    fix7.does("grant", "revoke", f"#{second}", "--reason", "x", "--as", "owner")
    assert fix7.asks("show", "QT001")["standing"] == f"QT001#{first} recorded, QT001#{second} revoked"
    fix7.confirms("grant", "record", "PERMIT", "--as", "owner")
    assert "PERMIT is revoked" in fix7.does("grant", "revoke", "PERMIT", "--reason", "the only one", "--as", "owner").out


def test_only_the_last_records_are_listed_where_so_many_are_asked_for(fix7: Programme) -> None:
    assert [record["seq"] for record in fix7.asks("log", "-n", "2")["records"]] == [23, 24]
    assert fix7.asks("log", "-n", "100")["count"] == 25
    assert fix7.does("log").out.count("\n") == 25


def test_a_record_in_json_is_what_an_auditor_needs(fix7: Programme) -> None:
    record = fix7.asks("log", "-n", "2")["records"][0]
    assert set(record) == {"seq", "at", "kind", "actor", "body", "policy", "basis", "stmt_sha256", "standing", "imported", "signer"}
    assert record["signer"] is None
    assert record["imported"]["document"].startswith("FIX7 P0 - FINAL Real-Data")
    assert record["stmt_sha256"].encode() in fix7.ledger.read_bytes().split(b"\n")[23]


def test_text_of_a_record_cannot_forge_a_line_or_hide(fix7: Programme) -> None:
    fix7.does("note", "fine\n#99  2026-01-01T00:00:00Z  decide  owner\x1b[2K\u202e", "--as", "gpt")
    out = fix7.does("log").out
    assert out.count("\n") == 26
    assert "fine #99  2026-01-01T00:00:00Z  decide  owner\\u{1b}[2K\\u{202e} [unauthenticated]" in out


def test_words_of_a_policy_cannot_hide_on_a_terminal(website: Programme) -> None:
    website.replace("states.yaml", "title: Website move", 'title: "Website \\u202emove\\e[2K\\nCLEAR"')
    website.replace("states.yaml", "says: The website stays where it is.", 'says: "It \\u200bstays."')
    website.replace("states.yaml", "version: 1,", "version: 2,")
    website.confirms("policy", "adopt", "--accept-weakening", "--reason", "a trick", "--as", "lead")
    assert website.does("status").out.startswith("Website \\u{202e}move\\u{1b}[2K")
    assert "  It \\u{200b}stays.\n" in website.does("decide", "move/STAY", "--as", "lead", "--dry-run").out


def test_diagrams_of_packets_and_of_lifecycles(fix7: Programme) -> None:
    assert fix7.does("diagram", "final-real-data").out == fix7.asks("diagram", "final-real-data")["mermaid"][0] + "\n"
    assert len(fix7.asks("diagram")["mermaid"]) == 2
    for kind in ("grant", "leg", "lane", "packet"):
        assert fix7.does("diagram", kind).out.startswith("stateDiagram-v2\n")
    assert "did you mean `production`?" in fix7.refuses("diagram", "prodution", status=Exit.USAGE).err
    assert "grant, leg, lane, packet" in fix7.refuses("diagram", "zzz", status=Exit.USAGE).err


def test_a_packet_in_json_is_what_its_page_shows(fix7: Programme) -> None:
    found = fix7.asks("packet", "final-real-data")
    assert found["sha256"] == fix7.asks("decide", "2", "--as", "owner", "--dry-run")["packet_sha256"]
    assert [option["id"] for option in found["shows"]["options"]][1::3] == [HANDOFF, EXECUTION]
    assert fix7.asks("packet", "production")["packet"] == "production"


def test_who_prepared_a_packet_cannot_decide_it(hospital: Programme) -> None:
    hospital.confirms("decide", "inventory/COUNT", "--as", "head-nurse")
    [prepared] = hospital.does("packet", "prepare", "copying", "--as", "huber").seqs
    hospital.does("packet", "issue", "copying", "--as", "vendor")
    ran = hospital.refuses("decide", "copying/COPY", "--as", "huber")
    assert f"separation  huber prepared what is decided (record #{prepared}) and cannot decide it" in ran.err
    assert "SOD" in [each["code"] for each in hospital.run("decide", "copying/COPY", "--as", "huber", "--json").answer["diagnostics"]]


def test_lineage_counts_what_it_checked(website: Programme) -> None:
    assert website.does("lineage").out.endswith("checked: 1 packet, no circle, nothing consumed twice, 1 declared gap\n")


def test_a_packet_is_prepared_and_issued_once(hospital: Programme) -> None:
    hospital.confirms("decide", "inventory/COUNT", "--as", "head-nurse")
    assert "vendor prepared copying (unauthenticated)\nnothing takes it back\n" in hospital.does("packet", "prepare", "copying", "--as", "vendor").out
    assert "copying is issued; it consumes inventory/COUNT" in hospital.does("packet", "issue", "copying", "--as", "vendor").out
    assert "no way leads from there by `issue`" in hospital.refuses("packet", "issue", "copying", "--as", "vendor").err
    assert hospital.asks("lineage")["packets"][0]["consumed_by"] == "copying"


def test_findings_notes_and_marks_are_recorded_and_say_what_takes_them_back(fix7: Programme) -> None:
    told = fix7.does("finding", "ci-seal-vs-bytes", "pass", "--why", "it was compared", "--as", "operator").out
    assert told.endswith('ci-seal-vs-bytes is pass (unauthenticated)\ntake it back: govern finding ci-seal-vs-bytes unknown --why "…" --as operator\n')
    told = fix7.does("finding", "ci-seal-vs-bytes", "fail", "--why", "it differs", "--as", "operator").out
    assert 'govern finding ci-seal-vs-bytes pass --why "…"' in told
    assert fix7.does("note", "x", "--as", "gpt").out.endswith("nothing takes a note back\n")
    assert fix7.does("mark", "@S5", "--as", "gpt").out.endswith("@S5 (unauthenticated)\nnothing takes a mark back\n")
    assert fix7.does("status", "--as-of", "@S5").status == Exit.YES


def test_a_finding_is_shown_by_its_name_with_its_records(fix7: Programme) -> None:
    shown = fix7.asks("show", "ci-seal-vs-bytes")
    assert (shown["kind"], shown["standing"], shown["records"]) == ("finding", "unknown by record #5", ["#5"])

    fix7.does("finding", "ci-seal-vs-bytes", "pass", "--why", "It was designed.", "--as", "operator")

    assert fix7.asks("show", "ci-seal-vs-bytes")["standing"] == "pass by record #25"
    assert [each["kind"] for each in fix7.asks("log", "ci-seal-vs-bytes")["records"]] == ["finding", "finding"]
    assert fix7.asks("why-blocked", "ci-seal-vs-bytes")["allowed"]


def test_a_finding_without_a_record_is_as_declared(fix7: Programme) -> None:
    assert fix7.does("show", "ci-seal-vs-bytes", "--as-of", "#0").out.startswith("finding ci-seal-vs-bytes: unknown, as declared")
