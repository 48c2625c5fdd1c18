"""Blockers: states of which each can be reached and one closes, and legs that can be proven.

Pure.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from govern.policy import find
from govern.policy.blockers import Blocker, BlockerState, BlockerStateWhen
from govern.policy.model import Policy
from govern.policy.references import place_of
from govern.problems import Problem


def check_blockers(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of blockers, their states and their legs."""
    yield from _order_faults(policy)
    yield from _closing_faults(policy)
    yield from _leg_faults(policy)


def _order_faults(policy: Policy) -> Iterator[Problem]:
    """The first state that holds is the state, so an earlier one must not hold wherever a later one does."""
    last = policy.blocker_states[-1]
    for state in policy.blocker_states[:-1]:
        if state.when is None:
            yield Problem("POLICY_UNREACHABLE", f"`{state.state}` always holds, so what follows cannot be reached", state.at, help="put it last")
    if last.when is not None:
        yield Problem("POLICY_BLOCKER_STATES", f"`{last.state}` is last and has a condition", last.at, help="let the last state have no `when`")
    for early, late in combinations(policy.blocker_states, 2):
        if early.when and late.when and _always_before(early.when, late.when):
            message = f"`{late.state}` cannot be reached: wherever it holds, `{early.state}` holds before it"
            yield Problem("POLICY_UNREACHABLE", message, late.at, help="put it first")
    for name, count in Counter(state.state for state in policy.blocker_states).items():
        if count > 1:
            yield Problem("POLICY_COLLISION", f"the blocker state `{name}` stands twice", place_of(name, policy))


def _always_before(early: BlockerStateWhen, late: BlockerStateWhen) -> bool:
    """Whether the first condition holds wherever the second does."""
    if early.legs == "any":
        return early.by is None or early.by == late.by
    return late.legs == "all" and early.by == late.by


def _closing_faults(policy: Policy) -> Iterator[Problem]:
    closing = [state for state in policy.blocker_states if state.closes]
    if not closing:
        yield Problem("POLICY_BLOCKER_STATES", "no blocker state closes a blocker", policy.at_key("blocker_states"), help="mark one `closes: true`")
        return
    for state in closing:
        if state.when is None or state.when.legs != "all" or state.when.by is not None:
            help = "use `when: {legs: all}`"
            yield Problem("POLICY_BLOCKER_STATES", f"`{state.state}` closes a blocker before all its legs are proven", state.at, help=help)
    for name, blocker in policy.blockers.items():
        end = _end_of(blocker, policy)
        if not end.closes:
            message = f"blocker `{name}` never closes: with every leg proven it is `{end.state}`"
            yield Problem("POLICY_BLOCKER_STATES", message, place_of(name, blocker), help="put the state that closes first")


def _end_of(blocker: Blocker, policy: Policy) -> BlockerState:
    """Return the state of a blocker all of whose legs are proven."""
    legs = [set(find.members(policy, leg.by)) for leg in blocker.legs.values() if not leg.stands_in_for]
    for state in policy.blocker_states:
        if state.when is None or state.when.by is None:
            return state
        counted = set(find.members(policy, state.when.by))
        if any(leg <= counted for leg in legs):
            return state
    return policy.blocker_states[-1]


def _leg_faults(policy: Policy) -> Iterator[Problem]:
    for path, leg in find.leg_paths(policy):
        if (leg.evidence is None) == (leg.requires is None):
            yield Problem("POLICY_LEG", f"leg `{path}` needs either `evidence` or `requires`", leg.at, help="one of the two")
        if leg.change is not None and (leg.evidence is None or leg.evidence.kind != "rehearsal"):
            yield Problem("POLICY_LEG", f"leg `{path}` names a change and asks for no rehearsal", leg.at_key("change"))
        if leg.fresh_for is not None and leg.evidence is None:
            yield Problem("POLICY_LEG", f"leg `{path}` has no evidence that could go stale", leg.at_key("fresh_for"))
        if leg.stands_in_for is None:
            continue
        if leg.evidence is None:
            yield Problem("POLICY_LEG", f"leg `{path}` stands in for another and has no evidence", leg.at_key("stands_in_for"))
        if policy.blockers[path.split("/")[0]].legs[leg.stands_in_for].stands_in_for is not None:
            help = "name a leg that closes"
            yield Problem("POLICY_LEG", f"leg `{path}` stands in for a leg that is a substitute itself", leg.at_key("stands_in_for"), help=help)
