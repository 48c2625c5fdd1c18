"""`what-if`: acts are judged in their order and taken as recorded; nothing is written, signed or asked for."""

import os

import pytest

from govern.cli.main import ACTS, COMMANDS
from govern.cli.what_if import QUESTIONS, SUPPOSABLE
from govern.problems import Exit
from support.cli import EXECUTION, HANDOFF, REAL_DUMP, Programme

PERMIT = "grant record PERMIT --as owner"
LANE = "lane open production-execution --as owner"


def _everything(programme: Programme) -> list[str]:
    """Return the acts that option five asks for, as `why-blocked` prints them."""
    return [act["command"] for act in programme.asks("why-blocked", "5")["next"]]


def test_the_printed_commands_of_all_that_is_missing_open_option_five_and_decide_it(fix7: Programme) -> None:
    acts = [*_everything(fix7), "decide 5 --as owner"]

    found = fix7.asks("what-if", *acts, "--", "status")

    assert (found["what_if"], found["question"]) == (acts, "status")
    [packet] = [each for each in found["answer"]["packets"] if each["packet"] == "final-real-data"]
    assert packet["selected"] == EXECUTION


def test_the_answer_is_marked_in_its_first_line_and_has_a_schema_of_its_own(fix7: Programme) -> None:
    ran = fix7.does("what-if", PERMIT, "--", "why-blocked", "5")
    assert ran.out.startswith(f"What if, and nothing is recorded: {PERMIT}\nfinal-real-data/{EXECUTION} is blocked: 10 of 11 requirements do not hold\n")
    assert fix7.does("what-if", PERMIT, "--", "packet").out.startswith(f"What if, and nothing is recorded: {PERMIT}\n---\n")

    answer = fix7.does("what-if", PERMIT, "--", "why-blocked", "5", "--json").answer
    assert answer["schema"] == "govern.what-if/1"
    assert answer["result"]["question"] == "why-blocked"
    assert [each["id"] for each in answer["result"]["answer"]["requirements"] if each["satisfied"]] == ["grant:PERMIT"]


def test_the_head_is_that_of_the_ledger_and_the_supposed_records_come_behind_it(fix7: Programme) -> None:
    before = fix7.run("status", "--json").answer["head"]

    ran = fix7.does("what-if", PERMIT, "note seen --as gpt", "--json", "--", "log", "-n", "2")

    assert ran.answer["head"] == before
    assert [(each["seq"], each["kind"], each["standing"]) for each in ran.answer["result"]["answer"]["records"]] == [
        (before["size"], "grant", "unauthenticated"),
        (before["size"] + 1, "note", "unauthenticated"),
    ]


def test_nothing_is_written_and_nothing_is_remembered_of_what_was_supposed(fix7: Programme) -> None:
    plain, before = fix7.does("status").out, fix7.tree()

    fix7.does("what-if", PERMIT, LANE, "decide 2 --as owner", "--", "status")

    assert fix7.tree() == before
    assert fix7.does("status").out == plain


def test_nobody_signs_and_no_key_is_needed(keyless: Programme) -> None:
    text = keyless.does("what-if", *_everything(keyless), "--", "why-blocked", "5").out

    assert f"\nfinal-real-data/{EXECUTION} is not blocked" in text


def test_with_keys_on_record_none_is_at_hand_and_none_is_asked_for(signed: Programme) -> None:
    assert "PERMIT#" in signed.does("what-if", PERMIT, "--", "why", "PERMIT").out


def test_evidence_needs_no_file_and_a_file_that_is_named_is_not_read(fix7: Programme) -> None:
    for words in (f"blocker discharge {REAL_DUMP} --as operator", f"blocker discharge {REAL_DUMP} --evidence /nowhere/at/all --as operator"):
        assert f"leg:{REAL_DUMP}" not in {each["id"] for each in _blocking(fix7, words)}
    attested = 'blocker discharge FIX7-P0-PROD-OPT4-1/scoping --attest "my word" --as owner'
    assert fix7.asks("what-if", attested, "--", "why", "FIX7-P0-PROD-OPT4-1/scoping")["answer"]["allowed"] is True


def _blocking(programme: Programme, *acts: str) -> list[dict[str, object]]:
    found = programme.asks("what-if", *acts, "--", "why-blocked", "5")["answer"]["requirements"]
    return [each for each in found if not each["satisfied"]]


def test_what_an_action_needs_is_asked_as_if_the_evidence_were_there(fix7: Programme) -> None:
    acts = [*_everything(fix7), "decide 5 --as owner"]

    ran = fix7.does("what-if", *acts, "--", "precheck", "real-run")

    assert "\nreal-run: 12 of 12 preconditions hold; none was exercised\n" in ran.out
    assert "cannot be read" not in ran.out


def test_each_act_is_judged_from_the_state_after_the_one_before(fix7: Programme) -> None:
    assert fix7.does("what-if", "decide 2 --as owner", "decide final-real-data/1 --as owner", "--", "status").status == Exit.YES
    ran = fix7.run("what-if", "decide 5 --as owner", *_everything(fix7), "--", "status")
    assert ran.status == Exit.REFUSED
    assert ran.err.startswith(f"refused: deciding final-real-data/{EXECUTION}; 11 causes, nothing was recorded\n")


def test_an_act_that_would_be_refused_is_told_with_all_causes(fix7: Programme) -> None:
    ran = fix7.run("what-if", PERMIT, "decide 5 --as gpt", "--", "status", "--json")

    assert (ran.status, ran.answer["schema"]) == (Exit.REFUSED, "govern.what-if/1")
    assert [each["cause"] for each in ran.answer["result"]["requirements"]] == ["unauthorised", "lane", *["missing"] * 9]
    assert ran.answer["head"] == fix7.run("status", "--json").answer["head"]


def test_separation_of_duties_holds_in_a_what_if(fix7: Programme) -> None:
    ran = fix7.run("what-if", "grant request PERMIT --reason need --as owner", "grant record PERMIT#25 --as owner", "--", "status")

    assert ran.status == Exit.REFUSED
    assert "owner asked for PERMIT#25 and cannot grant it" in ran.err


def test_a_moment_of_the_past_can_be_asked_about(fix7: Programme) -> None:
    text = fix7.does("--as-of", "@S0", "what-if", PERMIT, "--", "log", "-n", "1").out
    assert "#19  2026-06-12T00:00:00Z  grant  owner  grant PERMIT scope production [unauthenticated]" in text


def test_who_acts_may_be_named_once_for_all_and_the_word_govern_may_stand_before_an_act(fix7: Programme) -> None:
    found = fix7.asks("--as", "owner", "what-if", "govern grant record PERMIT", "grant record QT001", "--", "why-blocked", "5")
    assert found["what_if"] == ["govern grant record PERMIT", "grant record QT001"]
    assert found["answer"]["requirements"][7]["satisfied"]


def test_several_records_of_one_act_are_one_supposition(fix7: Programme) -> None:
    found = fix7.asks("what-if", "grant record PERMIT QT001 --as owner", "--", "log", "-n", "2")
    assert found["what_if"] == ["grant record PERMIT QT001 --as owner"]
    assert [each["body"]["grant"] for each in found["answer"]["records"]] == ["PERMIT", "QT001"]


def test_what_is_asked_decides_the_status(fix7: Programme) -> None:
    assert fix7.run("what-if", PERMIT, "--", "why-blocked", "5", "--exit-code").status == Exit.NO
    assert fix7.run("what-if", PERMIT, "--", "why", "PERMIT", "--exit-code").status == Exit.YES


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("what-if", PERMIT), "a question is wanted"),
        (("what-if", PERMIT, "--"), "a question is wanted"),
        (("what-if", PERMIT, "--", "render"), "`render` is no question"),
        (("what-if", PERMIT, "--", "packet", "issue", "final-real-data", "--as", "owner"), "a what-if records nothing"),
        (("what-if", f"{PERMIT} --dry-run", "--", "status"), f"`{PERMIT} --dry-run` records nothing"),
        (("what-if", "packet", "--", "status"), "`packet` records nothing"),
        (("what-if", "status", "--", "status"), "`status` is no act that can be supposed"),
        (("what-if", "", "--", "status"), "`` is no act that can be supposed"),
        (("what-if", 'note "open --as gpt', "--", "status"), "No closing quotation"),
        (("what-if", "grant record PERMITT --as owner", "--", "status"), "no grant is called `PERMITT`"),
        (("what-if", "grant record PERMIT", "--", "status"), "who acts? name the actor"),
        (
            ("what-if", "blocker discharge FIX7-P0-PROD-OPT4-1/scoping --attest x --evidence x --as owner", "--", "status"),
            "give either --evidence FILE or --attest TEXT",
        ),
        (("what-if", "key enroll x --as owner", "--", "status"), "`key enroll x --as owner` is no act that can be supposed"),
        (("what-if", PERMIT, "--", "status", "nothing"), "nothing is called `nothing`"),
    ],
)
def test_what_is_no_act_or_no_question_is_an_error_of_usage_and_answers_nothing(words: tuple[str, ...], told: str, fix7: Programme) -> None:
    before = fix7.tree()
    ran = fix7.run(*words)
    assert (ran.status, ran.out) == (Exit.USAGE, "")
    assert told in ran.err
    assert fix7.tree() == before


def test_a_misspelled_act_is_told_with_the_one_that_was_meant(fix7: Programme) -> None:
    assert "did you mean `grant`?" in fix7.run("what-if", "grnat record PERMIT --as owner", "--", "status").err


def test_questions_and_acts_are_commands_and_none_is_both_but_those_that_also_ask() -> None:
    assert set(COMMANDS) >= QUESTIONS
    assert ACTS >= SUPPOSABLE
    assert {"packet", "ticket"} == QUESTIONS & SUPPOSABLE


def test_it_is_answered_where_nothing_can_be_written(fix7: Programme) -> None:
    folders = [path for path in (fix7.root, *fix7.root.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert fix7.run("what-if", PERMIT, f"blocker discharge {REAL_DUMP} --as operator", "--", "status").status == Exit.YES
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert os.access(fix7.root, os.W_OK)


def test_a_lane_that_a_decision_opens_is_open_as_if_it_were_decided(fix7: Programme) -> None:
    text = fix7.does("what-if", "decide 2 --as owner", "--", "why", "real-data-clone").out
    assert f"holds  final-real-data/{HANDOFF} is selected" in text
    assert "1 way closes it; the smallest:\n  #25  govern decide final-real-data/HOLD_REAL_DATA --as owner\n" in text
