"""The history behind a difference: the evaluator plays it under one policy, and refuses it under the other."""

import pytest

from govern.policy.load import load_policy
from govern.policy.retelling import without_promises
from govern.proof.differing import history
from govern.proof.proving import Retold
from support.policies import one_option, programme

GRANTS = "{X: {scope: work, issuer: owner}, Z: {scope: work, issuer: owner}}"
ACTIONS = "{use: {needs: {selected: GO}, consumes: X}}"
BLOCKERS = "{B: {legs: {shown: {by: owner, requires: {honoured: Z}}}}}"


def _retold(text: str) -> Retold:
    source = without_promises(text.encode())
    return Retold(load_policy(source), source)


STRICT = one_option("{all: [{grant: X}, {grant: Z}]}", grants=GRANTS, actions=ACTIONS)
LOOSE = one_option("{grant: X}", grants=GRANTS, actions=ACTIONS)


@pytest.mark.parametrize("solver", [True, False])
def test_what_a_dropped_requirement_opens_is_told_as_the_records_that_lead_there(solver: bool) -> None:  # noqa: FBT001 - the table
    trace = history("option", "ask/GO", _retold(LOOSE), _retold(STRICT), solver=solver)

    assert trace is not None
    assert sorted(each.act for each in trace.told[:-1]) == ["grant X", "issue ask"]
    assert (trace.told[-1].actor, trace.told[-1].act, trace.told[-1].moved) == ("owner", "decide ask/GO", (("STOP", "GO"),))


def test_what_is_possible_under_both_shows_no_difference() -> None:
    assert history("option", "ask/GO", _retold(STRICT), _retold(LOOSE), solver=True) is None
    assert history("option", "ask/GO", _retold(LOOSE), _retold(LOOSE), solver=False) is None


def test_an_action_that_only_one_policy_allows_is_begun_at_the_end() -> None:
    without = LOOSE.replace(ACTIONS, "{use: {needs: {all: [{selected: GO}, {honoured: Z}]}, consumes: X}}")

    trace = history("action", "use", _retold(LOOSE), _retold(without), solver=True)

    assert trace is not None
    assert [each.act for each in trace.told][-2:] == ["decide ask/GO", "begin use"]


def test_what_only_one_policy_has_is_a_difference_by_itself() -> None:
    new = LOOSE.replace(
        "id: GO, scope: work", 'id: GO, scope: work, says: "It is done.", requires: {grant: X}}\n      - {number: "3", id: FURTHER, scope: work'
    )

    trace = history("option", "ask/FURTHER", _retold(new), _retold(LOOSE), solver=True)

    assert trace is not None
    assert trace.told[-1].act == "decide ask/FURTHER"
    assert history("action", "nothing", _retold(LOOSE), _retold(STRICT), solver=True) is None


@pytest.mark.parametrize(
    ("kind", "name", "before", "after", "acts"),
    [
        ("leg", "B/shown", "requires: {honoured: Z}", "requires: {any: [{honoured: Z}, {honoured: X}]}", ["grant X"]),
        ("lane", "side", "opens_when: {grant: Z}", "opens_when: {any: [{grant: Z}, {lane: gate}]}", ["open gate"]),
    ],
)
def test_a_leg_that_is_proven_and_a_lane_that_is_open_need_no_act_at_the_end(kind: str, name: str, before: str, after: str, acts: list[str]) -> None:
    lanes = "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, side: {scope: work, opens_when: {grant: Z}}}"
    old = programme(lanes=lanes, grants=GRANTS, blockers=BLOCKERS, packets=PACKETS)

    trace = history(kind, name, _retold(old.replace(before, after)), _retold(old), solver=True)

    assert trace is not None
    assert [each.act for each in trace.told] == acts


PACKETS = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]"""


def test_what_the_other_policy_takes_as_well_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govern.proof.differing.play", lambda _policy, _source, _rules: object())

    assert history("option", "ask/GO", _retold(LOOSE), _retold(STRICT), solver=True) is None
