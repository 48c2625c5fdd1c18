"""Replay: the state is a fold of the lines, the same live and read again, and a line that no append would have written is found out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.replay import Replay
from govern.policy.model import Policy
from govern.problems import Exit, GovernError, fault
from support.plausible import wishes
from support.policies import one_option
from support.programmes import PROGRAMMES
from support.world import SHA, World, snapshot


def _story(world: World, choices: st.DataObject, acts: int) -> list[dict[str, Any]]:
    """Try so many acts; return the state after every record that was taken."""
    states = [snapshot(world.state)]
    for _ in range(acts):
        by_kind: dict[str, list[Any]] = {}
        for wish in wishes(world.view()):
            by_kind.setdefault(wish.kind, []).append(wish)
        wish = choices.draw(st.sampled_from(by_kind[choices.draw(st.sampled_from(sorted(by_kind)))]))
        world.now += choices.draw(st.sampled_from([0, 0, 60]))
        if not world.propose(*wish):
            world.force(*wish)
            states.append(snapshot(world.state))
    return states


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
@settings(max_examples=12, deadline=None, derandomize=True)
@given(choices=st.data())
def test_replaying_a_prefix_gives_the_state_that_there_was_live(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    for size, live in enumerate(_story(world, choices, 20), 1):
        assert snapshot(world.replayed(size)) == live


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
@settings(max_examples=6, deadline=None, derandomize=True)
@given(choices=st.data())
def test_a_copy_moves_on_by_itself_and_comes_to_the_same(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    states = _story(world, choices, 12)
    half = choices.draw(st.integers(1, len(states)))
    first = world.replay_of(half)
    copied = first.copied()
    copied.take_all(world.lines[half:])

    assert (snapshot(copied.state), copied.chain.size, copied.chain.last) == (states[-1], len(states), world.replay_of(len(states)).chain.last)
    assert (snapshot(first.state), first.chain.size) == (states[half - 1], half)


@pytest.mark.parametrize("name", sorted(PROGRAMMES))
@settings(max_examples=12, deadline=None, derandomize=True)
@given(choices=st.data())
def test_a_refused_act_typed_into_the_ledger_with_a_right_chain_is_found_out(name: str, choices: st.DataObject) -> None:
    world = World(PROGRAMMES[name])
    _story(world, choices, 12)
    refused = [wish for wish in wishes(world.view()) if world.propose(*wish)]
    wish = choices.draw(st.sampled_from(refused))
    reasons = "; ".join(each.why for each in world.propose(*wish))

    _fault(lambda: world.force(*wish), f"({wish.kind}): {reasons}")


def _fault(act: Callable[[], object], why: str) -> None:
    with pytest.raises(GovernError, match=re.escape(why)) as caught:
        act()
    problem = caught.value.problems[0]
    assert (caught.value.status, problem.code, problem.help) == (Exit.BROKEN, "RECORD_NOT_ALLOWED", "no append would have written it")


def test_a_line_that_was_not_allowed_is_placed_by_its_number() -> None:
    world = World(one_option())
    world.record("note", "robot", text="hello")

    with pytest.raises(GovernError, match="no actor is called mallory") as caught:
        world.force("note", "mallory", {"text": "hello"})

    problem = caught.value.problems[0]
    assert problem.place is not None
    assert problem.place.line == 3


def test_the_first_record_is_a_genesis_and_no_other_is() -> None:
    world = World(one_option())
    body = {"programme": "SMALL", "version": 1, "templates": {}, "nonce": SHA}

    _fault(lambda: world.force("genesis", "owner", body), "ledger record 1 (genesis): only the first record is a genesis")
    other = World.without_genesis(one_option())
    _fault(lambda: other.force("note", "owner", {"text": "hello"}), "ledger record 0 (note): the first record must be a genesis")


@pytest.mark.parametrize("changed", [{"programme": "OTHER"}, {"version": 2}])
def test_a_genesis_names_the_programme_and_the_version_of_its_policy(changed: dict[str, Any]) -> None:
    _fault(lambda: World(one_option(), genesis=changed), "its policy is of another programme or version than it says")


def test_a_genesis_is_made_by_somebody_declared() -> None:
    world = World.without_genesis(one_option())
    body = {"programme": "SMALL", "version": 1, "templates": {}, "nonce": SHA}

    _fault(lambda: world.force("genesis", "mallory", body), "no actor is called mallory")


def test_a_record_made_under_another_policy_is_not_taken() -> None:
    world = World(one_option())
    in_force, world.policy_digest = world.policy_digest, SHA

    _fault(lambda: world.force("note", "owner", {"text": "hello"}), f"it was made under policy 555555555555, and {in_force[:12]} was in force")


def test_a_policy_that_cannot_be_read_is_named_with_what_is_wrong_with_it() -> None:
    def unreadable(digest: str) -> Policy:
        raise fault(Exit.UNJUDGED, "NOT_THERE", f"no file for {digest[:4]}")

    world = World(one_option())
    replay = Replay(unreadable)

    with pytest.raises(GovernError, match=rf"the policy that it adopts \({world.policy_digest[:12]}\) cannot be read") as caught:
        replay.take_all(world.lines)
    assert caught.value.status is Exit.UNJUDGED
    assert [each.code for each in caught.value.problems] == ["POLICY_MISSING", "NOT_THERE"]


def test_without_a_ledger_nothing_is_judged() -> None:
    with pytest.raises(GovernError, match="the programme has no ledger yet") as caught:
        World.without_genesis(one_option()).view()
    assert (caught.value.status, caught.value.problems[0].code) == (Exit.UNJUDGED, "NO_LEDGER")


def test_reading_stops_where_it_is_told_to() -> None:
    world = World(one_option())
    for number in range(3):
        world.record("mark", "owner", name=f"M{number}")
    replay = world.fresh()

    replay.take_all(world.lines, stop=lambda record: record.seq >= 2)

    assert (replay.state.size, replay.state.marks) == (2, {"M0": 1})
    assert snapshot(replay.state) == snapshot(world.replayed(2))


def test_a_mark_names_one_moment_for_good() -> None:
    world = World(one_option())
    seq = world.record("mark", "owner", name="S0")

    refusal = world.refusals("mark", "robot", name="S0")["mark:S0"]

    assert (refusal.why, refusal.record) == (f"@S0 already marks record #{seq}", seq)


def test_a_note_changes_nothing_but_the_size_the_time_and_that_somebody_acted() -> None:
    world = World(one_option(), now=5)
    before = snapshot(world.state)
    world.now = 7

    world.record("note", "agent", text="hello")

    assert snapshot(world.state) == {**before, "size": 2, "at": 7, "importing": False, "founding": False}
