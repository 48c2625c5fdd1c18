"""The moment since which a state has been as it is: the last record, or the last window that opened or closed.

Pure. Documents name it, so that the same state gives the same bytes whenever it is rendered.
"""

from collections.abc import Iterator

from govern.engine.view import View
from govern.policy import find


def settled_at(view: View) -> int:
    """Return the latest moment, not after the view's, at which anything about the state changed."""
    return max([view.state.at, *(moment for moment in _boundaries(view) if moment <= view.now)])


def _boundaries(view: View) -> Iterator[int]:
    state, policy = view.state, view.policy
    windows = [(each.not_before, each.expires) for each in state.instances.values()]
    windows += [(each.not_before, each.expires) for each in state.delegations.values()]
    yield from (moment for window in windows for moment in window if moment is not None)
    for path, leg in find.leg_paths(policy):
        if leg.fresh_for is not None:
            yield from (proof.at + leg.fresh_for for proof in state.proofs.get(path, []))
    for name, packet in policy.packets.items():
        issued = view.packet(name).issued_at
        if packet.respond_within is not None and issued is not None:
            yield issued + packet.respond_within
