"""What can come about at all: a requirement that nobody can ever satisfy is a fault of the policy.

Pure. A least fixpoint over everything that can be granted, proven, opened or decided by the people who exist,
taking each act as free of the others: what it does not reach, no history reaches.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.check_states import possible_states
from govern.policy.guards import (
    All,
    AnyOf,
    AtLeast,
    BlockerFact,
    DoneFact,
    Fact,
    GrantFact,
    Guard,
    HonouredFact,
    LaneFact,
    LegFact,
    Not,
    fact_id,
    facts,
)
from govern.policy.model import Policy
from govern.policy.who import Who
from govern.problems import Problem


def check_reach(policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each authority that nobody can fill and each fact in a guard that can never hold."""
    yield from _empty_authorities(policy)
    reached = reachable(policy)
    for where, guard in find.guards(policy):
        for fact, negated in facts(guard):
            if negated and isinstance(fact, LaneFact) and policy.lanes[fact.lane].standing:
                message = f"{where} wants lane:{fact.lane} not to be open, which nobody can ever satisfy"
                yield Problem("POLICY_UNSATISFIABLE", message, fact.at, help="the lane stands open; name one that is opened, or remove it")
            if not negated and fact_id(fact) not in reached:
                yield Problem("POLICY_UNSATISFIABLE", f"{where} wants {fact_id(fact)}, which nobody can ever satisfy", fact.at, help=_reason(fact, policy))
    for name, packet in policy.packets.items():
        for option in packet.options:
            lane = find.lane_of(policy, name, option)
            if not option.hold and (lane is None or f"lane:{lane}" not in reached):
                help = f"its lane `{lane}` can never be open before it" if lane else "it has no lane"
                yield Problem("POLICY_UNREACHABLE", f"option `{name}/{option.id}` can never be decided", option.at, help=help)


def can_act(policy: Policy, who: Who) -> bool:
    """Whether the declared actors can fill an authority, nobody in two places (Hall's theorem by matching)."""
    return can_fill(find.places(policy, who))


def can_fill(places: list[tuple[str, ...]]) -> bool:
    """Whether each place can be given a candidate of its own (augmenting paths, the shortest first)."""
    held: dict[int, str] = {}
    return all(_fill(index, places, held) for index in range(len(places)))


def _fill(index: int, places: list[tuple[str, ...]], held: dict[int, str]) -> bool:
    """Fill one more place, moving candidates who hold another where that makes room."""
    holder = {candidate: place for place, candidate in held.items()}
    reached_from: dict[str, int] = {}
    ahead = [index]
    for place in ahead:
        for candidate in places[place]:
            if candidate in reached_from:
                continue
            reached_from[candidate] = place
            if candidate not in holder:
                _shift(candidate, reached_from, held)
                return True
            ahead.append(holder[candidate])
    return False


def _shift(candidate: str | None, reached_from: dict[str, int], held: dict[int, str]) -> None:
    """Give a candidate the place it was reached from, who held that the place before it, and so on."""
    while candidate is not None:
        place = reached_from[candidate]
        before = held.get(place)
        held[place] = candidate
        candidate = before


def reachable(policy: Policy) -> frozenset[str]:
    """Return the ids of the facts that some history can reach."""
    reached: set[str] = set()
    for name, grant in policy.grants.items():
        if can_act(policy, grant.issuer):
            reached |= {f"grant:{name}", f"honoured:{name}"}
    for name in policy.findings:
        reached |= {f"finding:{name}={result}" for result in ("pass", "fail", "unknown")}
    while True:
        more = set(_step(policy, reached)) - reached
        if not more:
            return frozenset(reached)
        reached |= more


def _step(policy: Policy, reached: set[str]) -> Iterator[str]:
    provable = [path for path, leg in find.leg_paths(policy) if not leg.stands_in_for and _leg_reached(leg, reached, policy)]
    yield from (f"leg:{path}" for path in provable)
    legs: dict[str, list[str]] = {}
    for path in provable:
        legs.setdefault(path.split("/")[0], []).append(path)
    for name in policy.blockers:
        yield from (f"blocker:{name}={state}" for state in possible_states(policy, name, legs.get(name, ())))
    for name, lane in policy.lanes.items():
        guarded = lane.opens_when is not None and _possible(lane.opens_when, reached, policy)
        if lane.standing or guarded or (lane.opened_by is not None and can_act(policy, lane.opened_by)):
            yield f"lane:{name}"
    for name, packet in policy.packets.items():
        for option in packet.options:
            lane_name = find.lane_of(policy, name, option)
            open_lane = option.hold or (lane_name is not None and f"lane:{lane_name}" in reached)
            if open_lane and (option.requires is None or _possible(option.requires, reached, policy)):
                yield from (f"selected:{spelled}" for word in (option.id, option.number) for spelled in (word, f"{name}/{word}"))
    for name, action in policy.actions.items():
        if action.needs and _possible(action.needs, reached, policy):
            yield f"done:{name}"


def _leg_reached(leg: Leg, reached: set[str], policy: Policy) -> bool:
    return leg.requires is None or _possible(leg.requires, reached, policy)


def _possible(guard: Guard, reached: set[str], policy: Policy) -> bool:
    match guard:
        case All(all=parts):
            return all(_possible(part, reached, policy) for part in parts)
        case AnyOf(any=parts):
            return any(_possible(part, reached, policy) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(_possible(part, reached, policy) for part in parts) >= wanted
        case Not(not_=LaneFact(lane=name)):
            return not policy.lanes[name].standing
        case Not():
            return True
        case _:
            return fact_id(guard) in reached


def _empty_authorities(policy: Policy) -> Iterator[Problem]:
    authorities = [("policy", policy.policy.adopted_by, policy.policy.at_key("adopted_by"))]
    authorities += [(f"grant `{name}`", grant.issuer, grant.at_key("issuer")) for name, grant in policy.grants.items()]
    authorities += [(f"packet `{name}`", packet.decided_by, packet.at_key("decided_by")) for name, packet in policy.packets.items()]
    authorities += [(f"lane `{name}`", lane.opened_by, lane.at_key("opened_by")) for name, lane in policy.lanes.items() if lane.opened_by]
    if policy.registry:
        authorities.append(("registry", policy.registry.folded_by, policy.registry.at_key("folded_by")))
    for where, who, place in authorities:
        if not can_act(policy, who):
            message = f"{where} wants {find.spell_who(who)}, and there are not so many distinct persons"
            yield Problem("POLICY_UNSATISFIABLE", message, place, help="lower the number, or add members")


def _reason(fact: Fact, policy: Policy) -> str:
    match fact:
        case LegFact(leg=path) if find.leg(policy, path).stands_in_for:
            return "a substitute never closes; name the leg that it stands in for"
        case GrantFact() | HonouredFact():
            return "its issuer cannot be filled"
        case DoneFact(done=name) if policy.actions[name].ungranted:
            return "the action has no grant yet"
        case BlockerFact(blocker=name, is_=state) if state not in possible_states(policy, name, policy.legs):
            return f"the legs of `{name}` never give that state"
        case _:
            return "what it needs can never come about, or needs this first"
