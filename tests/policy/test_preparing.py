"""What an option rests on that somebody prepares: legs, through blockers, other legs and guarded lanes."""

from govern.policy import find
from govern.policy.load import load_policy
from govern.policy.preparing import legs_under
from support.policies import one_option

BLOCKERS = """
  B:
    legs:
      plain: {by: ann, evidence: {attest: x}}
      deep: {by: ann, requires: {all: [{leg: C/last}, {lane: side}]}}
  C: {legs: {last: {by: bob, evidence: {rehearsal: copy}}}}
  D: {legs: {wide: {by: bob, evidence: {rehearsal: copy}}}}"""
LANES = """
  main: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
  side: {scope: work, opens_when: {all: [{leg: D/wide}, {lane: back}]}}
  back: {scope: work, opens_when: {any: [{leg: D/wide}, {lane: main}]}}"""


def _legs(requires: str, option: str = "", **sections: str) -> tuple[str, ...]:
    policy = load_policy(one_option(requires, option=option, **{"blockers": BLOCKERS, "lanes": LANES, **sections}).encode())
    packet, declared = find.option(policy, "ask/GO")
    return legs_under(policy, packet, declared)


def test_an_option_that_requires_nothing_rests_on_nothing() -> None:
    assert _legs("", blockers="{}", lanes="{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}}") == ()


def test_the_legs_that_an_option_names_come_before_those_that_they_rest_on() -> None:
    assert _legs("{all: [{leg: B/deep}, {leg: B/plain}]}") == ("B/deep", "B/plain", "C/last", "D/wide")


def test_a_blocker_stands_for_all_its_legs_and_each_is_named_once() -> None:
    assert _legs("{all: [{blocker: B, is: closed}, {leg: B/plain}, {leg: C/last}]}") == ("B/plain", "B/deep", "C/last", "D/wide")


def test_the_guard_of_the_lane_that_an_option_is_taken_in_counts_as_well() -> None:
    assert _legs("{leg: B/plain}", ", lane: side") == ("B/plain", "D/wide")


def test_grants_are_nobodys_preparation() -> None:
    assert _legs("{all: [{grant: X}, {leg: B/plain}]}", grants="{X: {scope: work, issuer: owner}}") == ("B/plain",)
