"""A finding that is asked for by its name: whether it passed, and who says so."""

import pytest

from govern.engine.causes import Cause
from support.policies import line_of, one_option
from support.world import World

TEXT = one_option(
    findings="\n  F: {result: unknown, why: Nobody looked., by: ann, carried_by: B, does_not_affect: [other]}",
    blockers="{B: {legs: {seen: {by: board, evidence: {attest: it}}}}}",
)


@pytest.mark.parametrize(("result", "allowed"), [("pass", True), ("fail", False), ("unknown", False)])
def test_a_finding_is_allowed_once_it_passed(result: str, allowed: bool) -> None:  # noqa: FBT001 - the table
    world = World(TEXT)
    assert not world.allowed("F")

    world.record("finding", "ann", finding="F", result=result, why="She looked.")

    assert world.allowed("F") is allowed


def test_a_finding_that_did_not_pass_names_who_records_it_and_where_it_is_declared() -> None:
    [requirement] = World(TEXT).verdict("F").requirements

    assert (requirement.truth, requirement.cause, requirement.by) == (None, Cause.UNKNOWN, ("ann",))
    assert requirement.at.line == line_of(TEXT, "F: {result")
