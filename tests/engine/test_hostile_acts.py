"""Whatever passes the statement schema is answered: recorded, or refused with causes; never a crash."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.load import load_policy
from support.acts import attempts
from support.world import FIX7, World, snapshot

RICH = (Path(__file__).parents[1] / "support" / "rich.yaml").read_text()
HOSPITAL = (Path(__file__).parents[1] / "programmes" / "hospital.yaml").read_text()
PROGRAMMES = {"FIX7": FIX7, "rich": RICH, "hospital": HOSPITAL}


@pytest.mark.parametrize("name", PROGRAMMES)
@settings(max_examples=120, deadline=None, derandomize=True)
@given(choices=st.data())
def test_every_act_of_the_schema_is_recorded_or_refused_with_causes(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    policy = load_policy(PROGRAMMES[name].encode())
    for attempt in choices.draw(st.lists(attempts(policy, policies=list(world.sources)), min_size=1, max_size=25)):
        world.now += attempt.later
        before = snapshot(world.state)
        refusals = world.propose(attempt.kind, attempt.actor, attempt.body, attempt.imported)
        assert snapshot(world.state) == before
        assert all(each.truth is not True and each.cause is not None and each.why and each.at.line > 0 for each in refusals)
        if not refusals and attempt.kind != "adopt":
            world.force(attempt.kind, attempt.actor, attempt.body, attempt.imported)
    assert snapshot(world.replayed()) == snapshot(world.state)
