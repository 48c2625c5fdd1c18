"""A version that permits anything more takes the words that the policy in force asks for that; one that does not, the usual ones."""

import pytest

from govern.engine.causes import Cause
from support.policies import one_option
from support.world import SHA, World

WHO = "{adopted_by: owner, loosened_by: {all: [{of: owner}, {of: board}]}}"
GRANTS = "{X: {scope: work, issuer: board}}"
GUARDED = one_option("{grant: X}", grants=GRANTS, policy=WHO)
OPEN = one_option(grants=GRANTS, policy=WHO)
TIGHT = one_option("{all: [{grant: X}, {finding: F, is: pass}]}", grants=GRANTS, policy=WHO, findings="{F: {result: unknown, by: ann, why: So.}}")


def test_a_version_that_loosens_waits_for_the_words_that_this_takes() -> None:
    world = World(GUARDED)
    body = world.successor(OPEN)

    world.record("adopt", "owner", **body)
    assert world.state.version == 1, "one word of two"
    assert world.refusals("adopt", "owner", **body)["authority:adopt"].cause is Cause.QUORUM
    world.record("adopt", "ann", **body)

    assert world.state.version == 2


def test_a_version_that_only_tightens_takes_the_usual_words() -> None:
    world = World(GUARDED)

    world.record("adopt", "owner", **world.successor(TIGHT))

    assert world.state.version == 2


def test_who_has_a_word_on_what_loosens_has_none_on_what_does_not() -> None:
    world = World(GUARDED)

    refused = world.refusals("adopt", "ann", **world.successor(TIGHT))["authority:adopt"]

    assert refused.why == "ann may not adopt a policy; that is for owner"


def test_another_template_counts_as_loosening() -> None:
    world = World(GUARDED)

    world.record("adopt", "owner", **{**world.successor(TIGHT), "templates": {"page.md.j2": SHA}})

    assert world.state.version == 1


def test_a_version_that_would_drop_the_words_for_loosening_needs_them() -> None:
    world = World(GUARDED)
    dropped = GUARDED.replace(WHO, "{adopted_by: owner}")
    assert dropped != GUARDED

    world.record("adopt", "owner", **world.successor(dropped))

    assert world.state.version == 1


@pytest.mark.parametrize(("who", "told"), [("{all: [{of: board, at_least: 4}]}", "there are not so many distinct persons"), ("agent", "`agent` is no person"),
    ("nobody", "unknown actor or role `nobody`")])  # fmt: skip
def test_who_adopts_what_loosens_is_checked_as_who_adopts(who: str, told: str) -> None:
    from govern.policy.load import examine_policy

    found = examine_policy(one_option(policy=f"{{adopted_by: owner, loosened_by: {who}}}").encode())

    assert any(told in problem.message for problem in found.problems)
