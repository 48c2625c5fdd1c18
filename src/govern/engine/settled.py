"""Since when a state is as it is, and until when it stays so: between records, only windows, ages and answers that are due move it.

Pure. Documents name the one moment, so that the same state gives the same bytes whenever it is rendered; an answer of the
gate is kept until the other.
"""

from collections.abc import Iterator

from govern.engine.view import View

_END_OF_TIME = 2**53


def settled_at(view: View) -> int:
    """Return the latest moment, not after the view's, at which anything about the state changed."""
    return max((view.state.at, *(each for each in _moments(view) if each <= view.now)))


def settled_until(view: View) -> int:
    """Return the first moment after the view's at which a verdict can become another, though nothing is recorded."""
    return min((_END_OF_TIME, *(each for each in _moments(view) if each > view.now)))


def _moments(view: View) -> Iterator[int]:
    """Yield the moments at which a window opens or closes, evidence goes stale, or an answer is overdue."""
    state, policy = view.state, view.policy
    windows = [(each.not_before, each.expires) for each in state.instances.values()]
    windows += [(each.not_before, each.expires) for each in state.delegations.values()]
    yield from (each for window in windows for each in window if each is not None)
    for path, proofs in state.proofs.items():
        limit = policy.legs[path].fresh_for if path in policy.legs else None
        yield from (proof.at + limit for proof in proofs if limit is not None)
    for name, packet in state.packets.items():
        limit = policy.packets[name].respond_within if name in policy.packets else None
        if limit is not None and packet.issued_at is not None:
            yield packet.issued_at + limit
