"""Which states a blocker can be in at all, given the legs that can be proven.

Pure. Each leg is taken as free of the others: a state that is not found here, no history gives.
"""

from collections.abc import Collection, Iterator, Mapping

from govern.policy import find
from govern.policy.blockers import BlockerState, Leg
from govern.policy.model import Policy


def possible_states(policy: Policy, blocker: str, provable: Collection[str]) -> Iterator[str]:
    """Yield the states that a blocker can be in where only the legs at these paths can be proven."""
    legs = {f"{blocker}/{name}": leg for name, leg in policy.blockers[blocker].legs.items() if not leg.stands_in_for}
    counted = [(state, _counted(state, legs, policy)) for state in policy.blocker_states]
    # Where an earlier state holds as soon as any of its legs is proven, none of those may be.
    free = set(legs) & set(provable)
    all_before: list[set[str]] = []
    for state, paths in counted:
        if state.when is None:
            yield state.state
            return
        enough = [{path} for path in paths & free] if state.when.legs == "any" else [paths] if paths and paths <= free else []
        # Where an earlier state wants all of its legs, one of them must be left.
        if any(not any(before <= proven for before in all_before) for proven in enough):
            yield state.state
        if state.when.legs == "any":
            free -= paths
        elif paths:
            all_before.append(paths)


def _counted(state: BlockerState, legs: Mapping[str, Leg], policy: Policy) -> set[str]:
    return {path for path, leg in legs.items() if state.when is None or find.is_by(policy, leg, state.when.by)}
