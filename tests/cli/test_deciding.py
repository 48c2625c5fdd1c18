"""`decide`: nothing is preselected, HOLD is always there, and a code confirms what was shown and nothing else."""

import pytest

from govern.cli.confirming import confirmation_code
from support.cli import EXECUTION, HANDOFF, HOLD, REAL_DUMP, Clock, Programme

HANDS_OVER = f"final-real-data/{HANDOFF}"
EVERY_ACTION = ["production-mutation", "real-run", "qt001", "permit", "activation", "repoint", "cutover", "ci-trigger", "secrets-change"]


def test_decide_without_an_option_lists_them_and_records_nothing(fix7: Programme) -> None:
    before = fix7.tree()
    text = fix7.does("decide").out
    assert "packet final-real-data: nothing is preselected; name the option\n  1  HOLD_REAL_DATA" in text
    assert f"  5  {EXECUTION}              locked, 11 missing\n" in text
    assert [each["open"] for each in fix7.asks("decide")["options"]] == [True, True, True, False, False, False]
    assert fix7.does("decide", "--as", "owner").out == text
    assert fix7.tree() == before


def test_where_no_packet_is_issued_there_is_nothing_to_decide(fix7: Programme) -> None:
    assert fix7.does("decide", "--as-of", "#0").out == "No packet is issued, so there is nothing to decide.\n"


def test_a_dry_run_shows_what_is_opened_and_not_covered_and_records_nothing(fix7: Programme) -> None:
    before = fix7.tree()
    found = fix7.asks("decide", "2", "--as", "owner", "--dry-run")
    assert found["opens"] == ["real-data-clone"]
    assert found["leads_to"] == [REAL_DUMP, "FIX7-P0-OPERATOR-INPUT-1/real-dump"]
    assert found["allows"] == []
    assert found["does_not_cover"] == EVERY_ACTION
    assert (found["recorded"], found["allowed"]) == (None, True)
    text = fix7.does("decide", "2", "--as", "owner", "--dry-run").out
    assert "Deciding proves nothing by itself: a leg is proven by its evidence." in text
    assert text.endswith(f"\nto record it: govern decide {HANDS_OVER} --as owner --confirm {found['confirm']}\n")
    assert fix7.tree() == before


def test_a_dry_run_of_a_locked_option_tells_the_causes_and_gives_no_code(fix7: Programme) -> None:
    found = fix7.asks("decide", "5", "--as", "owner", "--dry-run")
    assert (found["allowed"], found["confirm"], len(found["requirements"])) == (False, None, 11)
    text = fix7.does("decide", "5", "--as", "owner", "--dry-run").out
    assert "It cannot be decided by owner now:\n  lane     lane production-execution is closed" in text
    assert "--confirm" not in text


def test_a_decision_holds_what_was_shown_and_the_head_it_was_made_on(fix7: Programme) -> None:
    shown = fix7.asks("decide", "2", "--as", "owner", "--dry-run")
    fix7.does("note", "in between", "--as", "gpt")
    ran = fix7.does("decide", "2", "--as", "owner", "--confirm", shown["confirm"], "--reason", "it is time")
    record = fix7.asks("log", "-n", "1")["records"][0]
    assert ran.seqs == [record["seq"]] == [26]
    assert record["body"] == {"packet": "final-real-data", "option": HANDOFF, "packet_sha256": shown["packet_sha256"], "reason": "it is time"}
    assert record["basis"]["size"] == 25
    assert shown["packet_sha256"] == fix7.asks("packet", "final-real-data", "--as-of", "#25")["sha256"]
    assert ran.out.endswith(f"\ntake it back: govern decide {HOLD} --as owner\n")


@pytest.mark.parametrize("option", ["final-real-data/1", HOLD])
def test_hold_can_always_be_decided(option: str, fix7: Programme) -> None:
    assert fix7.confirms("decide", option, "--as", "owner").out.endswith("Nothing takes a HOLD back but another decision.\n")
    assert fix7.asks("status")["packets"][1]["state"] == "HOLD (decided)"
    fix7.confirms("decide", "2", "--as", "owner")
    fix7.confirms("decide", option, "--as", "owner")
    assert fix7.asks("why-blocked", "real-data-clone")["allowed"] is False


def test_hold_ends_the_authority_of_an_option_at_once_and_records_stay(fix7: Programme) -> None:
    fix7.opens("5")
    fix7.confirms("decide", "5", "--as", "owner")
    assert fix7.asks("why-blocked", "production-mutation")["allowed"] is True
    shown = fix7.asks("decide", HOLD, "--as", "owner", "--dry-run")
    fix7.confirms("decide", HOLD, "--as", "owner")
    assert fix7.asks("why-blocked", "production-mutation")["allowed"] is False
    assert fix7.asks("why-blocked", "5")["allowed"] is True, "proven legs and recorded grants stay on record"
    assert shown["closes"] == []


def test_a_note_recorded_in_between_does_not_make_a_code_stale(fix7: Programme) -> None:
    code = fix7.code("decide", "2", "--as", "owner")
    fix7.does("note", "nothing else changes", "--as", "engineering")
    fix7.does("mark", "S5", "--as", "engineering")
    assert fix7.does("decide", "2", "--as", "owner", "--confirm", code).seqs == [27]


def test_a_grant_recorded_in_between_makes_a_code_stale_and_is_named(fix7: Programme) -> None:
    code = fix7.code("decide", "2", "--as", "owner")
    fix7.does("note", "not what moved", "--as", "engineering")
    fix7.confirms("grant", "record", "QT001", "--as", "owner")
    ran = fix7.refuses("decide", "2", "--as", "owner", "--confirm", code)
    assert ran.codes == ["PACKET_DIGEST"]
    assert "stale: what was shown at record 24 has moved: #26 grant by owner\n" in ran.err


def test_evidence_that_was_changed_in_between_makes_a_code_stale_and_is_named(fix7: Programme) -> None:
    fix7.takes_in()
    file = fix7.evidence("rehearsal", "real-dump", REAL_DUMP)
    [seq] = fix7.does("blocker", "discharge", REAL_DUMP, "--evidence", file, "--as", "operator").seqs
    code = fix7.code("decide", "2", "--as", "owner")
    kept = fix7.kept()
    kept.write_bytes(kept.read_bytes() + b" ")
    ran = fix7.refuses("decide", "2", "--as", "owner", "--confirm", code)
    assert ran.codes == ["PACKET_DIGEST"]
    assert f"has moved: the evidence of record #{seq} is changed\n" in ran.err


def test_an_adopted_policy_makes_a_code_stale_and_is_named(fix7: Programme) -> None:
    code = fix7.code("decide", "2", "--as", "owner")
    fix7.replace("states.yaml", "version: 1, title", "version: 2, title")
    fix7.confirms("policy", "adopt", "--reason", "a new version", "--as", "owner")
    ran = fix7.refuses("decide", "2", "--as", "owner", "--confirm", code)
    assert ran.codes == ["PACKET_DIGEST"]
    assert "has moved: #25 adopt by owner\n" in ran.err


def test_the_same_code_confirms_once(fix7: Programme) -> None:
    code = fix7.code("decide", "2", "--as", "owner")
    [seq] = fix7.does("decide", "2", "--as", "owner", "--confirm", code).seqs
    ran = fix7.refuses("decide", "2", "--as", "owner", "--confirm", code)
    assert ran.codes == ["PACKET_DIGEST"]
    assert f"has moved: #{seq} decide by owner\n" in ran.err


def test_a_code_confirms_no_other_option_actor_or_head(fix7: Programme) -> None:
    fix7.confirms("delegate", "2", "--to", "gpt", "--as", "owner")
    code = fix7.code("decide", "2", "--as", "owner")
    for words in (("decide", HOLD, "--as", "owner"), ("decide", "2", "--as", "gpt"), ("grant", "record", "QT001", "--as", "owner")):
        assert fix7.refuses(*words, "--confirm", code).codes == ["NOT_CONFIRMED"]
    head, _, rest = code.partition("-")
    for other in (f"{int(head) - 1}-{rest}", f"{int(head) + 1}-{rest}", f"0{code}", f"{code}0", code.upper() + " "):
        assert fix7.refuses("decide", "2", "--as", "owner", "--confirm", other).codes == ["NOT_CONFIRMED"]
    assert fix7.does("decide", "2", "--as", "owner", "--confirm", code).seqs


def test_a_code_for_one_window_of_a_grant_confirms_no_other(fix7: Programme) -> None:
    short = ("grant", "record", "QT001", "--as", "owner", "--expires", "2026-07-02T00:00:00Z")
    code = fix7.code(*short)
    for words in (short[:-2], (*short[:-1], "2026-07-03T00:00:00Z"), (*short, "--reason", "longer")):
        assert fix7.refuses(*words, "--confirm", code).codes == ["NOT_CONFIRMED"]
    assert fix7.does(*short, "--confirm", code).seqs == [25]


def test_a_code_for_so_many_uses_of_a_delegation_confirms_no_other_number(fix7: Programme) -> None:
    code = fix7.code("delegate", "2", "--to", "gpt", "--as", "owner")
    assert fix7.refuses("delegate", "2", "--to", "gpt", "--as", "owner", "--uses", "2", "--confirm", code).codes == ["NOT_CONFIRMED"]


@pytest.mark.parametrize("part", range(5))
def test_each_part_of_a_code_counts(part: int) -> None:
    parts = ("25", "owner", "packet/OPTION", "shown", "policy")
    changed = tuple("7" if index == part else text for index, text in enumerate(parts))
    assert confirmation_code(int(parts[0]), *parts[1:]) != confirmation_code(int(changed[0]), *changed[1:])


def test_a_delegate_decides_within_the_delegation_and_no_more_often(fix7: Programme) -> None:
    [seq] = fix7.confirms("delegate", "2", "2", "--to", "gpt", "--as", "owner").seqs
    [used] = fix7.confirms("decide", "2", "--as", "gpt").seqs
    assert fix7.asks("log", "-n", "1")["records"][0]["body"]["delegation"] == seq
    ran = fix7.refuses("decide", "2", "--as", "gpt")
    assert f"the delegation of record #{seq} is used up (record #{used})" in ran.err


def test_what_a_delegate_decided_is_taken_back_by_who_decides_the_packet(fix7: Programme) -> None:
    fix7.confirms("delegate", "2", "--to", "gpt", "--as", "owner")
    ran = fix7.confirms("decide", "2", "--as", "gpt")
    assert ran.out.endswith(f"\ntake it back: govern decide {HOLD} --as owner\n")
    assert "HOLD_REAL_DATA cannot be delegated" in fix7.refuses("decide", HOLD, "--as", "gpt").err


def test_a_delegation_ends_with_its_window_and_by_revocation(fix7: Programme, clock: Clock) -> None:
    [seq] = fix7.confirms("delegate", "2", "--to", "gpt", "--uses", "2", "--expires", "2026-07-01T10:00:00Z", "--as", "owner").seqs
    clock.set("2026-07-01T09:59:59Z")
    assert fix7.code("decide", "2", "--as", "gpt")
    clock.set("2026-07-01T10:00:00Z")
    assert f"the delegation of record #{seq} has expired" in fix7.refuses("decide", "2", "--as", "gpt").err
    [again] = fix7.confirms("delegate", "2", "--to", "gpt", "--as", "owner").seqs
    [revoked] = fix7.does("grant", "revoke", f"#{again}", "--reason", "no more", "--as", "owner").seqs
    assert f"the delegation of record #{again} was revoked by record #{revoked}" in fix7.refuses("decide", "2", "--as", "gpt").err


def test_who_decides_needs_no_delegation(fix7: Programme) -> None:
    fix7.confirms("decide", "2", "--as", "owner")
    assert "delegation" not in fix7.asks("log", "-n", "1")["records"][0]["body"]


def test_a_decision_supersedes_the_one_before_and_names_it(fix7: Programme) -> None:
    [first] = fix7.confirms("decide", "2", "--as", "owner").seqs
    fix7.confirms("decide", HOLD, "--as", "owner")
    assert fix7.asks("log", "-n", "1")["records"][0]["body"]["supersedes"] == first
