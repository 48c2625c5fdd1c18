"""Options that nobody is left to decide: who prepared what an option rests on does not decide it.

Pure. The rule itself is judged in `govern.engine.authority`; what it makes impossible is a fault of the policy.
"""

from collections.abc import Collection, Iterator
from itertools import islice, product

from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.check_guards import resting_on
from govern.policy.check_states import possible_states
from govern.policy.guards import All, AnyOf, AtLeast, BlockerFact, Guard, LegFact
from govern.policy.model import Packet, Policy
from govern.policy.reach import can_fill
from govern.problems import Problem

# So many ways to fill an authority are tried; where there are more, somebody is taken to be left.
MAX_DECIDERS = 2000


def check_separation(policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each option all of whose deciders must make evidence that it rests on."""
    for name, packet in policy.packets.items():
        for option in packet.options:
            if option.requires and packet.separation_waiver is None and not _somebody_is_left(packet, option.requires, policy):
                message = f"option `{name}/{option.id}` can never be decided: whoever decides it must have made evidence that it rests on"
                help = "let others decide it or prove it, or say in `separation_waiver` why the same may do both"
                yield Problem("POLICY_UNSATISFIABLE", message, option.at, help=help)


def _somebody_is_left(packet: Packet, guard: Guard, policy: Policy) -> bool:
    places = find.places(policy, packet.decided_by)
    legs = _legs_under(guard, policy)
    makers = {actor for leg in legs.values() if prepares(leg) for actor in find.members(policy, leg.by)}
    if not can_fill(places) or can_fill([tuple(actor for actor in place if actor not in makers) for place in places]):
        return True
    teams = list(islice(product(*places), MAX_DECIDERS + 1))
    distinct = dict.fromkeys(frozenset(team) for team in teams if len(set(team)) == len(team))
    return len(teams) > MAX_DECIDERS or any(_holds_without(guard, _provable_without(team, legs, policy), policy) for team in distinct)


def prepares(leg: Leg) -> bool:
    """Whether who proves the leg has prepared: an attestation is its actor's own decision."""
    return leg.evidence is not None and leg.evidence.kind != "attest"


def _legs_under(guard: Guard, policy: Policy) -> dict[str, Leg]:
    """Return the legs that a guard rests on, as separation follows them."""
    paths: dict[str, None] = {}
    for fact, _via, _negated in resting_on(guard, policy):
        match fact:
            case LegFact(leg=path):
                paths[path] = None
            case BlockerFact(blocker=name):
                paths |= dict.fromkeys(f"{name}/{leg}" for leg in policy.blockers[name].legs)
    return {path: find.leg(policy, path) for path in paths}


def _provable_without(team: Collection[str], legs: dict[str, Leg], policy: Policy) -> set[str]:
    """Return the legs that can be proven by others than a team; legs in a circle are told elsewhere, and count."""
    provable = {path for path, leg in legs.items() if not prepares(leg) or set(find.members(policy, leg.by)) - set(team)}
    while True:
        left = {path for path in provable if (requires := legs[path].requires) is None or _holds_without(requires, provable, policy)}
        if left == provable:
            return provable
        provable = left


def _holds_without(guard: Guard, provable: set[str], policy: Policy) -> bool:
    """Whether a guard can hold where, of the legs, only these can be proven."""
    match guard:
        case All(all=parts):
            return all(_holds_without(part, provable, policy) for part in parts)
        case AnyOf(any=parts):
            return any(_holds_without(part, provable, policy) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(_holds_without(part, provable, policy) for part in parts) >= wanted
        case LegFact(leg=path):
            return path in provable
        case BlockerFact(blocker=name, is_=state):
            return state in possible_states(policy, name, provable)
        case _:
            return True
