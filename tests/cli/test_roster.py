"""`roster`: whether the people who exist can unlock an option, and whom it hangs on."""

from dataclasses import replace

import pytest

from govern.cli import roster
from govern.engine import crews
from govern.engine.roster import Roster
from govern.policy.load import load_policy
from govern.problems import Exit
from support.cli import EXECUTION, Programme, start
from support.faults import HOSPITAL


def test_option_five_hangs_on_owner_and_operator_and_every_act_of_theirs_is_told(fix7: Programme) -> None:
    lines = fix7.does("roster", "5").out.split("\n")

    assert lines[:3] == [
        f"final-real-data/{EXECUTION}: possible; it takes 2 persons",
        "  never without owner, operator",
        "  owner     open lane production-execution",
    ]
    assert lines[-2] == f"  owner     decide final-real-data/{EXECUTION}"
    assert len(lines) == 15


def test_as_json_it_is_the_same(fix7: Programme) -> None:
    [found] = fix7.asks("roster", "5")["options"]

    assert (found["option"], found["possible"], found["lacks"]) == (f"final-real-data/{EXECUTION}", True, [])
    assert (found["single_points"], found["least_persons"], found["least_exact"], found["without_key"]) == (["owner", "operator"], 2, True, [])
    assert found["assignment"][0] == {"what": "open lane production-execution", "actors": ["owner"]}


def test_without_an_option_all_are_told_and_hold_is_none_of_them(hospital: Programme) -> None:
    found = hospital.asks("roster")["options"]

    assert all(each["possible"] for each in found)
    assert [each["option"] for each in found][:2] == ["inventory/COUNT", "copying/COPY"]
    assert all("HOLD" not in each["option"] for each in found)
    assert "inventory/COUNT: possible; it takes 1 person\n  never without head-nurse\n\ncopying/COPY" in hospital.does("roster").out


def test_who_has_no_key_on_record_is_named(keyless: Programme) -> None:
    assert "  no key on record: owner, operator\n" in keyless.does("roster", "5").out


def test_where_nobody_is_a_single_point_of_failure_that_is_said(hospital: Programme) -> None:
    policy = HOSPITAL.replace(b"decided_by: head-nurse", b"decided_by: board")
    assert policy != HOSPITAL
    programme = start(hospital.root.parent / "board", policy)

    assert "inventory/COUNT: possible; it takes 1 person\n  nobody is a single point of failure\n" in programme.does("roster").out


def test_it_can_be_asked_in_a_what_if_and_rests_on_the_policy_alone(fix7: Programme) -> None:
    found = fix7.asks("what-if", "grant record PERMIT --as owner", "--", "roster", "5")["answer"]["options"][0]
    assert found["single_points"] == ["owner", "operator"]


def test_an_answer_is_no_failure_unless_the_exit_code_is_asked_for(fix7: Programme) -> None:
    assert fix7.run("roster", "5").status == fix7.run("roster", "5", "--exit-code").status == Exit.YES
    ran = fix7.run("roster", "PERMIT")
    assert (ran.status, ran.codes) == (Exit.USAGE, ["UNKNOWN_ID"])


def test_asked_for_a_never_it_exits_one_whatever_else_was_not_found_out() -> None:
    policy = load_policy(HOSPITAL, "states.yaml")
    option = policy.packets["copying"].options[1]
    possible, never = Roster("copying", option, ()), Roster("copying", option, ("nobody",))
    unknown = replace(never, gone_through=False)
    told = [roster.status_of(each) for each in ([], [possible], [possible, unknown], [unknown, never], [never, possible])]
    assert told == [Exit.YES, Exit.YES, Exit.UNJUDGED, Exit.NO, Exit.NO]


def test_where_more_groups_could_decide_than_are_tried_it_is_not_called_never(hospital: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = HOSPITAL.replace(b"decided_by: head-nurse", b"decided_by: board")
    programme = start(hospital.root.parent / "crowd", policy)
    monkeypatch.setattr(crews, "MAX_DECIDERS", 0)

    text = programme.does("roster", "inventory/COUNT").out
    [found] = programme.asks("roster", "inventory/COUNT")["options"]

    assert text.rstrip("\n") == "inventory/COUNT: not found out\n  more groups of persons could decide than were tried; of those, none can"
    assert (found["possible"], found["gone_through"], found["least_persons"]) == (False, False, None)
    assert programme.run("roster", "inventory/COUNT", "--exit-code").status == Exit.UNJUDGED
    assert programme.run("roster", "--exit-code").status == Exit.UNJUDGED
