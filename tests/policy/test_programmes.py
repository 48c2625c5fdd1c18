"""Whole programmes: one that is shipped, one that is quite different, and one that is wrong in many ways."""

import hashlib
import re

import pytest

from govern.policy.load import Examined, examine_policy, load_policy
from govern.policy.who import Quorum
from govern.problems import Exit, GovernError, Problem
from support.faults import FIX7, HOSPITAL, SMALL, assert_right, changed, examined_text

IDLE_READY = ("      agreed: {by: owner, requires: {honoured: LEAVE}}\n", "")


@pytest.mark.parametrize("source", [FIX7, HOSPITAL, SMALL.encode()])
def test_a_programme_passes_without_an_error_or_a_warning(source: bytes) -> None:
    examined = examine_policy(source)

    assert examined.problems == ()
    assert examined.passed
    assert examined.digest == hashlib.sha256(source).hexdigest()


def test_the_hospital_is_what_a_second_programme_may_need() -> None:
    hospital = load_policy(HOSPITAL)
    cut_over = hospital.packets["cut-over"].decided_by
    last = hospital.packets["retirement"].options[-1]

    assert len(hospital.packets) == 6
    assert isinstance(cut_over, Quorum)
    assert [(slot.of, slot.at_least) for slot in cut_over.all] == [("board", 2), ("ward", 1)]
    assert len(hospital.roles["board"].members) == 3
    assert {hospital.actors[name].kind for name in hospital.roles["vendors"].members} == {"service", "agent"}
    assert {grant.expires_after for grant in hospital.grants.values()} == {14 * 86_400}
    assert hospital.programme.timezone == "Europe/Vienna"
    assert hospital.blockers["DRILL"].legs["on-copy"].fresh_for == 14 * 86_400
    assert hospital.packets["pilot"].respond_within == 7 * 86_400
    assert (last.id, last.hold) == ("RETIRE-OLD", False)
    assert "given" in hospital.lifecycles.grant.states
    assert set(hospital.lifecycles.leg.states) == {"open", "proven"}


def test_a_programme_needs_no_more_than_its_frame() -> None:
    frame = {"govern", "programme", "policy", "actors", "scopes", "lifecycles", "blocker_states"}
    sections = [section for section in re.split(r"\n(?=[a-z])", SMALL) if section.split(":")[0] in frame]
    policy = assert_right("\n".join(sections))
    alone = changed(
        ("  second: {kind: person}\n", ""), (", by: maker}", "}"), ("  live: {says: The live system., protected: true}\n", ""), text="\n".join(sections)
    )
    smallest = assert_right(changed(("  maker: {kind: agent, may_receive_from: owner}\n", ""), text=alone))

    assert (policy.registry, policy.packets) == (None, {})
    assert (list(smallest.actors), list(smallest.scopes)) == (["owner"], ["work"])


def test_an_examination_tells_errors_and_warnings_in_the_order_of_the_file() -> None:
    examined = examined_text(
        changed(
            ("{blocker: READY, is: closed}", "{done: erase}"),
            IDLE_READY,
            ("standing: true", "standing: true, opened_by: owner"),
        )
    )

    assert [(problem.code, problem.severity) for problem in examined.problems] == [
        ("POLICY_LANE", "error"),
        ("POLICY_IDLE_BLOCKER", "warning"),
        ("POLICY_UNSATISFIABLE", "error"),
        ("POLICY_UNSATISFIABLE", "error"),
        ("POLICY_UNSATISFIABLE", "error"),
    ]
    assert [problem.place for problem in examined.problems] == sorted(problem.place for problem in examined.problems if problem.place)
    assert not examined.passed


def test_a_warning_alone_passes_and_an_error_does_not() -> None:
    policy = load_policy(SMALL.encode())
    warning, error = Problem("A", "a", severity="warning"), Problem("B", "b")

    assert Examined(policy, "", (warning,)).passed
    assert not Examined(policy, "", (warning, error)).passed
    assert not Examined(None, "", ()).passed


def test_loading_returns_a_policy_also_where_there_is_a_warning() -> None:
    idle = changed(("{blocker: READY, is: closed}", "{lane: gate}"), IDLE_READY)

    assert [problem.severity for problem in examined_text(idle).problems] == ["warning"]
    assert load_policy(idle.encode()).programme.id == "SMALL"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ([("govern: 1", "govern: ~")], ["YAML_NULL"]),
        ([("kind: agent", "kind: agnt")], ["POLICY_VALUE"]),
        ([("adopted_by: owner", "adopted_by: ownr")], ["POLICY_DANGLING"]),
        ([("{blocker: READY, is: closed}", "{done: erase}"), IDLE_READY], ["POLICY_UNSATISFIABLE"] * 3),
    ],
)
def test_loading_a_faulty_policy_raises_all_its_errors_and_no_warning(changes: list[tuple[str, str]], codes: list[str]) -> None:
    with pytest.raises(GovernError, match=r"^p\.yaml:[0-9]+:[0-9]+: ") as raised:
        load_policy(changed(*changes).encode(), "p.yaml")
    assert raised.value.status is Exit.UNJUDGED
    assert [problem.code for problem in raised.value.problems] == codes


def test_a_file_is_called_states_yaml_where_nothing_else_is_said() -> None:
    with pytest.raises(GovernError, match=r"^states\.yaml:1:1: the file declares nothing"):
        load_policy(b"")


def test_one_file_is_examined_the_same_each_time() -> None:
    text = changed(("owner: {kind: person}", "owner: {kind: agent}"), ("{grant: TRIAL}", "{grant: LEAVE}"), ("[owner, second]", "[second, owner]"))

    assert examined_text(text).problems == examined_text(text).problems
