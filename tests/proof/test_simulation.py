"""Each history that the evaluator accepts is one of the system: no label that a guard or a promise looks at ever leaves the states that are possible."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from govern.policy import find
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.proof.building import Building
from govern.proof.formulas import Formula, In
from support.labels import Labels, labels_of
from support.random_programmes import programmes, text_of
from support.simulating import Following
from support.told import Told
from support.walks import Done, Walk
from support.world import World

pytestmark = pytest.mark.search

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "20"))


def _asked(policy: Policy, seed: int) -> Iterator[Formula]:
    """Yield what promises could ask of components, each either in general or of what is there at first hand."""
    first_hand = ", first-hand" if seed % 2 else ""
    for number, name in enumerate(policy.grants):
        yield In(f"grant:{name}", frozenset((f"{('given', 'kept')[(seed // 2 + number) % 2]}{first_hand}",)))
    yield from (In(f"leg:{path}", frozenset(("shown", "shown, first-hand"))) for path, _leg in find.leg_paths(policy))
    yield from (In(f"lane:{name}", frozenset(("opened", "opened, first-hand"))) for name in policy.lanes)


def _joined(one: Labels, other: Labels) -> Labels:
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in {*one, *other}}


def _observed(world: World, told: Told, *, delegations: bool) -> Labels:
    view = world.view()
    found = dict(_joined(labels_of(view), told.labels(world.now)))
    for delegation in view.state.delegations.values() if delegations else ():
        for option in delegation.options:
            name = f"delegated:{delegation.packet}/{option}:{delegation.to}:{delegation.giver}"
            # What a document reports of a delegation can be used by nobody.
            valid = not delegation.imported and delegation.revoked is None and len(delegation.used) < delegation.uses
            valid = valid and (delegation.expires is None or view.now < delegation.expires)
            found[name] = found.get(name, frozenset()) | (frozenset(("yes",)) if valid else frozenset())
    return found


def _later(world: World, done: Done | None) -> frozenset[str]:
    """Return the grants of which one may count later than it was given: its window opens, or it comes back from being used."""
    back = done is not None and done.kind in ("end", "lose", "resolve")
    return frozenset(name for name, instances in world.state.grants.items() if back or any(each.not_before is not None for each in instances))


def follow(seed: int, reports: int, acts: int, *, asked: bool, delegations: bool) -> None:
    """Follow a walk through a programme in its system; raises where a record is not one of the system's."""
    text = text_of(next(programmes(seed)))
    policy, world = load_policy(text.encode()), World(text)
    told = Told(policy)
    building = Building(policy, tuple(_asked(policy, seed)) if asked else (), delegations)
    # A guard that asks for one grant in many places counts its instances so far that following takes minutes.
    assume(not any(label.rpartition("*")[2] in ("3", "4", "5", "6", "7", "8", "9") for labels in building.labels.values() for label in labels))
    following = Following(building, _observed(world, told, delegations=delegations))
    walk, before = Walk(world, policy, seed), world.view()
    history: list[Done | None] = []
    for done in walk.steps(reports, acts):
        history.append(done)
        if done is None or done.imported:
            following.report() if done else following.pass_time(_later(world, done))
        elif not (done.kind == "delegate" or "delegation" in done.body) or delegations:
            following.pass_time()
            rules = following.take(done, before)
            selected = done.kind == "decide" and world.view().packet(done.body["packet"]).decision == done.seq
            entering = [rule for rule in rules if rule.name.startswith("decide ") and rule.deed.source == done.actor]
            assert entering or not selected, f"{done} is no rule that can be taken"
            following.pass_time(_later(world, done))
        else:
            # What nobody assumes to be on record: the rest of the walk is another history.
            return
        if done is not None:
            told.tell(done, world.now)
        observed = _observed(world, told, delegations=delegations)
        earlier = dict(following.possible)
        following.observe(observed)
        for name, states in following.possible.items():
            seen = sorted(observed.get(name, frozenset()) & following.told[name])
            assert states, f"{name} is {seen}, and it can only be one of {sorted(earlier[name])}, after {history}"
        before = world.view()


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**48), reports=st.integers(0, 6), acts=st.integers(0, 30), delegations=st.booleans())
def test_what_guards_see_after_each_record_is_a_state_of_the_system(*, seed: int, reports: int, acts: int, delegations: bool) -> None:
    follow(seed, reports, acts, asked=False, delegations=delegations)


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**48), reports=st.integers(0, 6), acts=st.integers(0, 30), delegations=st.booleans())
def test_what_promises_see_in_the_records_is_a_state_of_the_system(*, seed: int, reports: int, acts: int, delegations: bool) -> None:
    follow(seed, reports, acts, asked=True, delegations=delegations)
