"""What a requirement asks for, in the programme's own words.

Pure. `why` says how things stand; this says what is wanted, as lists of prerequisites print it.
"""

from govern.engine.causes import Requirement
from govern.policy import find
from govern.policy.model import Policy


def spell_requirement(requirement: Requirement, policy: Policy) -> str:
    """Return the wanted state of a requirement in words; of a refusal that wants none, why it is one."""
    name = requirement.name
    match requirement.kind:
        case "grant" if name in policy.grants:
            return find.grant_says(name, policy.grants[name])
        case "leg" if name in policy.legs:
            return find.leg(policy, name).says or f"{name} proven"
        case "lane":
            return f"lane {name} open"
        case "selected":
            return f"{name} selected and in force"
        case "packet":
            return f"packet {name} issued"
        case _:
            return requirement.why
