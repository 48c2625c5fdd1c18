"""What agents are kept from: each thing once, and each asks for something that can be judged.

Pure.
"""

from collections.abc import Iterator

from govern.policy.model import Policy
from govern.problems import Problem


def check_agents(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of the guards of agents."""
    seen: set[tuple[str, str]] = set()
    touched = {name for action in policy.actions.values() for name in action.touches}
    for guard in policy.agents.guards if policy.agents else ():
        kind, words = guard.guards
        if guard.guards in seen:
            yield Problem("POLICY_AGENT", f"{kind} `{words}` is guarded twice", guard.at, help="one guard, one answer; remove one")
        seen.add(guard.guards)
        if guard.surface is not None and guard.surface not in touched:
            help = "name a surface that an action touches, or say `never`"
            yield Problem("POLICY_AGENT", f"{kind} `{words}` asks for surface `{guard.surface}`, which no action touches", guard.at_key("surface"), help=help)
