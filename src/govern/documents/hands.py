"""Who can clear a requirement, as short as it can be said: everyone, a quorum, a role, or names.

Pure.
"""

from govern.engine.causes import Requirement
from govern.policy import find
from govern.policy.model import Policy
from govern.policy.who import Who


def spell_hands(requirement: Requirement, policy: Policy, most: int | None = None) -> str:
    """Return who can clear a requirement; nothing where nobody can. Of names, at most so many."""
    by = set(requirement.by)
    who = _authority(requirement.id, policy)
    if who is not None and by == set(find.everyone(policy, who)):
        # Some of them are not enough where several are wanted.
        return find.spell_who(who)
    if by and by == set(policy.actors):
        return "anyone"
    role = next((name for name, declared in policy.roles.items() if set(declared.members) == by), None)
    rest = len(by) - most if most is not None else 0
    return role or " or ".join(requirement.by[:most]) + (f" or {rest} more" if rest > 0 else "")


def _authority(id: str, policy: Policy) -> Who | None:
    """Return those whose words a grant or a lane takes, by the id of a requirement."""
    kind, _, name = id.partition(":")
    if kind in ("grant", "honoured") and name in policy.grants:
        return policy.grants[name].issuer
    return policy.lanes[name].opened_by if kind == "lane" and name in policy.lanes else None
