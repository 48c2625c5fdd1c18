"""`why-blocked` and `why`: exactly what is missing, who can clear it, and with which command."""

import shlex

import pytest

from govern.engine.causes import Cause
from govern.problems import Exit
from support.cli import EXECUTION, HANDOFF, REAL_DUMP, ROOT, SCOPING, Programme

LANE = "lane:production-execution"
DRYRUN_LEG = "leg:FIX7-P0-PROD-BIRTH-SURFACE-1/scoped"
GRANTS = ["PRODUCTION_OPT4", "PRODUCTION_ROLLBACK", "REAL_RUN", "QT001", "PERMIT", "ACTIVATION", "REPOINT", "CUTOVER"]
TEN = [f"leg:{REAL_DUMP}", DRYRUN_LEG, *(f"grant:{name}" for name in GRANTS)]


def understood(programme: Programme, command: str) -> bool:
    """Whether a printed command is a command line that govern takes; where nobody is named yet, it asks for the actor."""
    govern, *words = shlex.split(command)
    ran = programme.run(*words)
    return govern == "govern" and not {"USAGE", "UNKNOWN_ID", "BUG"} & set(ran.codes)


def test_option_five_is_blocked_by_exactly_the_ten_and_its_lane(fix7: Programme) -> None:
    found = fix7.asks("why-blocked", "5")
    assert (found["target"], found["kind"], found["allowed"]) == (f"final-real-data/{EXECUTION}", "option", False)
    assert [each["id"] for each in found["requirements"]] == [LANE, *TEN]
    assert not any(each["satisfied"] for each in found["requirements"])
    assert (found["unlock_count"], found["unlock_exact"]) == (1, True)
    assert found["unlock"] == [[LANE, *TEN]]


def test_each_requirement_of_option_five_says_cause_reason_actor_command_place_and_record(fix7: Programme) -> None:
    found = fix7.asks("why-blocked", "5")["requirements"]
    assert all(set(each) >= {"id", "kind", "satisfied", "cause", "why", "by", "how", "at", "record"} for each in found)
    assert [each["kind"] for each in found] == ["lane", "leg", "leg", *["grant"] * 8]
    assert [each["cause"] for each in found] == ["lane", *["missing"] * 10]
    assert [each["by"] for each in found] == [["owner"], ["operator"], ["operator"], *[["owner"]] * 8]
    assert [each["how"] for each in found] == [
        "govern lane open production-execution --as owner",
        f"govern blocker discharge {REAL_DUMP} --evidence FILE --as operator",
        f"govern blocker discharge {DRYRUN_LEG.removeprefix('leg:')} --evidence FILE --as operator",
        *(f"govern grant record {name} --as owner" for name in GRANTS),
    ]
    assert all(each["record"] is None and each["why"] for each in found)


def test_each_place_is_the_line_and_column_where_the_policy_asks_for_it(fix7: Programme) -> None:
    lines = (ROOT / "states.yaml").read_text(encoding="utf-8").split("\n")
    found = fix7.asks("why-blocked", "5")["requirements"]
    for each in found:
        file, line, column = each["at"].split(":")
        name = each["id"].partition(":")[2]
        assert file == "states.yaml"
        assert name in lines[int(line) - 1][int(column) - 1 :], each


def test_the_next_acts_clear_the_smallest_set(fix7: Programme) -> None:
    found = fix7.asks("why-blocked", "5")
    assert [act["command"] for act in found["next"]] == [each["how"] for each in found["requirements"]]
    assert [name for act in found["next"] for name in act["clears"]] == found["unlock"][0]
    assert {actor for act in found["next"] for actor in act["actors"]} == {"owner", "operator"}


def test_an_option_that_is_open_has_nothing_to_unlock(fix7: Programme) -> None:
    found = fix7.asks("why-blocked", "2")
    assert (found["allowed"], found["unlock"], found["unlock_count"], found["next"]) == (True, [[]], 1, [])
    assert fix7.does("why-blocked", "2").out.startswith(f"final-real-data/{HANDOFF} is not blocked; `govern why final-real-data/{HANDOFF}`")


def test_what_is_cleared_is_satisfied_and_named_with_its_record(fix7: Programme) -> None:
    [seq] = fix7.confirms("grant", "record", "QT001", "--as", "owner").seqs
    found = {each["id"]: each for each in fix7.asks("why-blocked", "5")["requirements"]}
    assert found["grant:QT001"]["satisfied"] is True
    assert (found["grant:QT001"]["cause"], found["grant:QT001"]["record"]) == (None, seq)
    assert [each["id"] for each in found.values() if not each["satisfied"]] == [LANE, *(name for name in TEN if name != "grant:QT001")]


def test_a_revoked_grant_is_told_as_revoked_with_the_record_that_revoked_it(fix7: Programme) -> None:
    [seq] = fix7.confirms("grant", "record", "QT001", "--as", "owner").seqs
    [revoked] = fix7.does("grant", "revoke", f"QT001#{seq}", "--reason", "too early", "--as", "owner").seqs
    found = {each["id"]: each for each in fix7.asks("why-blocked", "5")["requirements"]}
    assert (found["grant:QT001"]["cause"], found["grant:QT001"]["record"]) == ("revoked", revoked)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("why-blocked", "5"), Exit.YES),
        (("why-blocked", "5", "--exit-code"), Exit.NO),
        (("why-blocked", "2", "--exit-code"), Exit.YES),
        (("why-blocked", "--exit-code"), Exit.NO),
        (("why", "5", "--exit-code"), Exit.NO),
        (("why", "2", "--exit-code"), Exit.YES),
        (("why", "real-run", "--exit-code"), Exit.NO),
    ],
)
def test_a_question_that_was_answered_exits_zero_unless_the_exit_code_is_asked_for(words: tuple[str, ...], status: Exit, fix7: Programme) -> None:
    assert fix7.run(*words).status == status
    assert fix7.run(*words, "--json").answer["exit"] == status


def test_without_an_id_the_nearest_come_first_and_the_rest_is_counted(fix7: Programme) -> None:
    found = fix7.asks("why-blocked")
    missing = [sum(not each["satisfied"] for each in blocked["requirements"]) for blocked in found["blocked"]]
    assert missing == sorted(missing)
    assert found["count"] == len(found["blocked"]) == 10
    text = fix7.does("why-blocked").out
    assert text.endswith("\nand 7 more; `govern why-blocked --all` shows them\n")
    assert [line.split(" is blocked")[0] for line in text.split("\n") if " is blocked: " in line] == [each["target"] for each in found["blocked"][:3]]
    assert fix7.does("why-blocked", "--all").out.count(" is blocked: ") == 10


def test_where_nothing_is_blocked_that_is_said(website: Programme) -> None:
    website.opens("move/SWITCH-OVER")
    assert website.does("why-blocked").out == "Nothing is blocked.\n"
    assert website.does("why-blocked", "--exit-code").status == Exit.YES


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("FIX7-P0-OPERATOR-INPUT-1/surrogate", "stands in for real-dump and never closes"),
        ("ci-trigger", "no grant for ci-trigger exists yet"),
        ("production", "packet production is consumed by production-after-rehearsal"),
    ],
)
def test_what_no_act_can_clear_is_said_to_be_so(id: str, told: str, fix7: Programme) -> None:
    text = fix7.does("why-blocked", id).out
    assert text.count(told) == 1
    assert text.endswith("\nNo act opens it.\n")
    assert fix7.asks("why-blocked", id)["unlock"] == []


def test_several_ways_are_counted_and_what_they_share_is_told_once(hospital: Programme) -> None:
    lines = hospital.does("why-blocked", "pilot/MOVE-WARD-3").out.split("\n")
    head = "2 ways open it; the smallest take packet:pilot, lane:ward-3 and 3 more, and one of:"
    assert lines[lines.index(head) + 1 :] == ["  leg:NIGHT-SHIFT/trained", "  leg:NIGHT-SHIFT/paper-forms", ""]


def test_why_names_what_holds_an_allowed_thing_up(fix7: Programme) -> None:
    fix7.opens("5")
    text = fix7.does("why", "5").out
    assert text.startswith(f"final-real-data/{EXECUTION} is allowed; it rests on:\n")
    assert text.count("\n  holds  ") == 11
    fix7.confirms("decide", "5", "--as", "owner")
    assert fix7.does("why", "real-run").out.endswith("signatures are waived: Nobody signs in these tests\n")


def test_why_of_something_blocked_says_what_holds_all_the_same(fix7: Programme) -> None:
    assert fix7.does("why", "5").out == f"final-real-data/{EXECUTION} is blocked: 11 of 11 requirements do not hold; these hold:\n  nothing\n"
    assert "1 of 2 requirements does not hold; these hold:\n  holds  lane final-pre-real-data stands open" in fix7.does("why", "3").out


def test_every_command_that_is_printed_for_what_is_missing_is_a_real_command_line(fix7: Programme) -> None:
    asked = [fix7.asks("why-blocked", id) for id in ("real-run", "real-data-clone", SCOPING)] + fix7.asks("why-blocked")["blocked"]
    commands = {each["how"] for blocked in asked for each in blocked["requirements"] if each["how"]}
    assert len(commands) > 15
    assert [command for command in commands if not understood(fix7, command)] == []


@pytest.mark.parametrize("command", ["govern grant record QT001 --by owner", "govern grant recrod QT001 --as owner", "govern grant record QT01 --as owner"])
def test_a_command_line_that_govern_does_not_take_is_told_from_a_real_one(command: str, fix7: Programme) -> None:
    assert not understood(fix7, command)


def test_every_cause_that_is_printed_is_of_the_closed_list(fix7: Programme) -> None:
    found = {each["cause"] for blocked in fix7.asks("why-blocked", "--all")["blocked"] for each in blocked["requirements"]}
    assert found <= {None, *map(str, Cause)}


def test_why_tells_what_to_take_away_to_close_it_with_who_can(fix7: Programme) -> None:
    fix7.opens("5")
    found = fix7.asks("why", "5")
    lane = next(each["record"] for each in found["requirements"] if each["id"] == LANE)
    assert (found["closing_count"], found["closing_exact"]) == (11, True)
    assert {"record": lane, "command": "govern lane close production-execution --as owner", "by": ["owner", "operator", "engineering", "gpt"]} in [
        support for [support] in found["closing"]
    ]
    text = fix7.does("why", "5").out
    assert "\n11 ways close it; the smallest:\n" in text
    assert text.endswith("\n  …\n")


@pytest.mark.parametrize("place", range(3))
def test_each_command_that_is_told_to_close_it_does(place: int, fix7: Programme) -> None:
    fix7.opens("5")
    [support] = fix7.asks("why", "5")["closing"][place]
    fix7.does(*["too early" if word == "…" else word for word in shlex.split(support["command"])[1:]])
    assert fix7.asks("why", "5")["allowed"] is False


def test_several_records_of_one_set_are_told_together(fix7: Programme) -> None:
    first, second = (fix7.confirms("grant", "record", "QT001", "--as", "owner").seqs[0] for _ in range(2))
    assert fix7.does("why", "QT001").out.endswith(
        "\n1 way closes it; the smallest:\n"
        f'  #{first}  govern grant revoke QT001#{first} --reason "…" --as owner\n'
        f'    + #{second}  govern grant revoke QT001#{second} --reason "…" --as owner\n'
    )


def test_what_no_record_holds_up_is_said_to_be_so(fix7: Programme) -> None:
    assert fix7.does("why", "2").out.endswith("\nNo record that can be taken away holds it up.\n")


def test_who_cannot_act_today_is_told_with_the_reason(keyless: Programme) -> None:
    reason = "the keys of owner, who may change the policy, come first; nothing is recorded before them"
    assert keyless.does("why-blocked", "5").out.endswith(f"\nnot today: owner, operator; {reason}\n")
    [lane, *_rest] = keyless.asks("why-blocked", "5")["next"]
    assert (lane["able"], lane["kept_out"]) == ([], [{"actor": "owner", "why": reason}])


def test_who_has_a_key_on_record_can_act_today(signed: Programme) -> None:
    assert "not today" not in signed.does("why-blocked", "5").out
    assert [act["able"] for act in signed.asks("why-blocked", "5")["next"]] == [["owner"], ["operator"], ["operator"], *[["owner"]] * 8]


def test_that_the_sets_are_the_smallest_is_said(fix7: Programme) -> None:
    assert fix7.asks("why-blocked", "5")["unlock_says"] == "smallest"
