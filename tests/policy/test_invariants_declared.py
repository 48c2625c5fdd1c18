"""Invariants are of one form each, and name what they promise."""

import pytest

from govern.policy.load import examine_policy
from support.policies import one_option


def _told(invariant: str) -> list[str]:
    text = one_option("{grant: X}", grants="{X: {scope: work, issuer: owner}}", invariants=f"{{it: {invariant}}}")
    return [problem.message for problem in examine_policy(text.encode()).problems]


@pytest.mark.parametrize("invariant", ["{only_by: owner, acts: {}}", "{only_by: owner, acts: {adopt: false}}"])
def test_acts_that_are_somebodys_alone_are_named(invariant: str) -> None:
    [told] = _told(invariant)

    assert "name an act: decide, grant, open or adopt" in told


@pytest.mark.parametrize(
    "invariant",
    [
        "{}",
        "{never: {selecting: GO}}",
        "{unless: {grant: X}}",
        "{never: {selecting: GO}, unless: {grant: X}, by: preparer}",
        "{never: {selecting: GO}, by: preparer, first_hand: true}",
        "{always_possible: {decide: ask/STOP}, reachable: [GO]}",
        "{distinct: {selecting: GO}, scope: work}",
    ],
)
def test_a_promise_of_no_form_or_of_two_is_refused(invariant: str) -> None:
    [told] = _told(invariant)

    assert "wanted never + unless, never + by, always_possible, reachable, only_by + acts, or distinct" in told


@pytest.mark.parametrize(
    "invariant",
    [
        "{never: {selecting: GO}, unless: {grant: X}}",
        "{never: {selecting: GO}, unless: {grant: X}, scope: work, first_hand: true}",
        "{never: {selecting: GO}, by: preparer}",
    ],
)
def test_a_promise_of_one_form_is_taken(invariant: str) -> None:
    assert _told(invariant) == []
