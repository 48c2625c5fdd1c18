"""Whatever passes the statement schema is answered: recorded, or refused with causes; never a crash, and nothing half done."""

from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.statements import Imported
from govern.policy import find
from support.acts import attempts
from support.plausible import wishes
from support.policies import one_option
from support.programmes import PROGRAMMES
from support.world import World, snapshot


def _answered(world: World, kind: str, actor: str, body: dict[str, Any], imported: Imported | None = None) -> bool:
    """Try an act, and record it if it may be; return whether it was."""
    refusals = world.propose(kind, actor, body, imported)
    assert all(each.truth is not True and each.cause is not None and each.why and each.at.line > 0 for each in refusals)
    assert len({each.id for each in refusals}) == len(refusals)
    # A text that says another version than the record is found out when it is adopted, not before.
    if refusals or kind == "adopt":
        return False
    world.force(kind, actor, body, imported)
    return True


def _invited(world: World, choices: st.DataObject) -> None:
    by_kind: dict[str, list[Any]] = {}
    for wish in wishes(world.view()):
        by_kind.setdefault(wish.kind, []).append(wish)
    kind = choices.draw(st.sampled_from(sorted(by_kind)))
    _answered(world, *choices.draw(st.sampled_from(by_kind[kind])))


def _hostile(world: World, choices: st.DataObject) -> None:
    attempt = choices.draw(attempts(world.view().policy, policies=list(world.sources)))
    world.now += attempt.later
    _answered(world, attempt.kind, attempt.actor, attempt.body, attempt.imported)


def _succeeded(world: World, name: str) -> None:
    """Let everybody who may adopt another programme's text as the next version of this one; they stay who may."""
    policy = world.view().policy
    owners = find.everyone(policy, policy.policy.adopted_by)
    body, version = world.successor(_owned_by(owners, policy.programme.id, PROGRAMMES[name])), world.state.version
    for actor in owners:
        if world.state.version == version and not world.propose("adopt", actor, body):
            world.force("adopt", actor, body)
    assert world.state.version == version + 1


def _owned_by(owners: Sequence[str], programme: str, text: str) -> str:
    """Return the text of a policy of another programme, with persons declared where it knows them not, who all adopt the next."""
    declared = yaml.safe_load(text)
    declared["programme"]["id"] = str(programme)
    declared["policy"]["adopted_by"] = {"all": [{"of": str(each)} for each in owners]}
    declared["actors"] |= {str(each): {"kind": "person"} for each in owners if each not in declared["actors"]}
    return yaml.safe_dump(declared, sort_keys=False, allow_unicode=True)


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
@settings(max_examples=25, deadline=None, derandomize=True)
@given(choices=st.data())
def test_every_act_of_the_schema_is_recorded_or_refused_with_causes(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    for step in choices.draw(st.lists(st.sampled_from([_invited, _invited, _hostile]), min_size=5, max_size=25)):
        before = snapshot(world.state)
        size = len(world.lines)
        step(world, choices)
        assert (snapshot(world.state) == before) == (len(world.lines) == size)
    assert snapshot(world.replayed()) == snapshot(world.state)


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
@settings(max_examples=10, deadline=None, derandomize=True)
@given(choices=st.data(), successor=st.sampled_from(sorted(PROGRAMMES)))
def test_every_act_is_answered_under_a_successor_that_declares_none_of_what_is_on_record(name: str, choices: st.DataObject, successor: str) -> None:
    world = World(PROGRAMMES[name])
    for _ in range(15):
        _invited(world, choices)
    _succeeded(world, successor)
    for _ in range(8):
        _hostile(world, choices)
        _invited(world, choices)
    assert snapshot(world.replayed()) == snapshot(world.state)


def test_a_revocation_or_an_end_of_what_a_successor_does_not_declare_is_answered() -> None:
    world = World(one_option(grants="{X: {scope: work, issuer: owner}}", actions="{use: {needs: {selected: GO}, consumes: X}}"))
    world.record("issue", "agent", packet="ask")
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("grant", "owner", grant="X", scope="work")
    world.record("grant", "owner", grant="X", scope="work")
    world.record("begin", "agent", action="use", grant=4)
    _succeeded(world, "fix7")

    assert _answered(world, "lose", "owner", {"begin": 5, "reason": "the host is gone"})
    assert not _answered(world, "resolve", "operator", {"begin": 5, "reason": "found"})
    assert _answered(world, "resolve", "owner", {"begin": 5, "reason": "found"})
    assert _answered(world, "revoke", "owner", {"record": 3, "reason": "no more"})
