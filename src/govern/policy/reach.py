"""What can come about at all: a requirement that nobody can ever satisfy is a fault of the policy.

Pure. A least fixpoint over everything that can be granted, proven, opened or decided by the people who exist,
taking each act as free of the others: what it does not reach, no history reaches.
"""

from collections.abc import Collection, Iterator, Mapping

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
from govern.policy.model import Option, Policy
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


def filled_by(policy: Policy, who: Who, actors: Collection[str]) -> bool:
    """Whether these actors alone fill an authority, nobody in two places."""
    return can_fill([tuple(actor for actor in place if actor in actors) for place in find.places(policy, who)])


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


class Everybody:
    """Who is there to act: all declared actors, each act free of the others. `govern.engine.crews` asks it of fewer."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def fills(self, who: Who) -> bool:
        """Whether an authority can be filled."""
        return can_act(self.policy, who)

    def grants(self, name: str) -> bool:
        """Whether a grant can be recorded."""
        return self.fills(self.policy.grants[name].issuer)

    def proves(self, leg: Leg) -> bool:
        """Whether somebody can make the evidence of a leg."""
        return not leg.stands_in_for

    def records(self, finding: str, result: str) -> bool:
        """Whether a finding can have a result."""
        del finding, result
        return True

    def decides(self, packet: str, option: Option, reached: Collection[str]) -> bool:
        """Whether somebody can decide an option of an issued packet, given what is reached."""
        del packet
        return option.requires is None or possible(option.requires, reached, self.policy)

    def carries_out(self, action: str, reached: Collection[str]) -> bool:
        """Whether somebody can carry out an action whose needs can hold."""
        del action, reached
        return True


def reachable(policy: Policy) -> frozenset[str]:
    """Return the ids of the facts that some history can reach."""
    return frozenset(fact for facts_of_round in rounds(policy, Everybody(policy)) for fact in facts_of_round)


def rounds(policy: Policy, there: Everybody) -> Iterator[set[str]]:
    """Yield the ids of the facts that those who are there can reach, each with those that rest on no later one."""
    reached: set[str] = set()
    while more := set(_step(policy, reached, there)) - reached:
        yield more
        reached |= more


def _step(policy: Policy, reached: Collection[str], there: Everybody) -> Iterator[str]:
    for name in policy.grants:
        if there.grants(name):
            yield from (f"grant:{name}", f"honoured:{name}")
    for name in policy.findings:
        yield from (f"finding:{name}={result}" for result in ("pass", "fail", "unknown") if there.records(name, result))
    yield from _proven(policy, reached, there)
    yield from _open(policy, reached, there)
    for name, packet in policy.packets.items():
        for option in packet.options:
            lane_name = find.lane_of(policy, name, option)
            open_lane = option.hold or (lane_name is not None and f"lane:{lane_name}" in reached)
            if open_lane and there.decides(name, option, reached):
                yield from (f"selected:{spelled}" for word in (option.id, option.number) for spelled in (word, f"{name}/{word}"))
    for name, action in policy.actions.items():
        if action.needs and possible(action.needs, reached, policy) and there.carries_out(name, reached):
            yield f"done:{name}"


def _proven(policy: Policy, reached: Collection[str], there: Everybody) -> Iterator[str]:
    """Yield the legs that can be proven, and the states that blockers can be in by them."""
    legs: dict[str, list[str]] = {}
    for path, leg in find.leg_paths(policy):
        if there.proves(leg) if leg.requires is None else possible(leg.requires, reached, policy):
            legs.setdefault(path.split("/")[0], []).append(path)
            yield f"leg:{path}"
    for name in policy.blockers:
        yield from (f"blocker:{name}={state}" for state in possible_states(policy, name, legs.get(name, ())))


def _open(policy: Policy, reached: Collection[str], there: Everybody) -> Iterator[str]:
    for name, lane in policy.lanes.items():
        guarded = lane.opens_when is not None and possible(lane.opens_when, reached, policy)
        if lane.standing or guarded or (lane.opened_by is not None and there.fills(lane.opened_by)):
            yield f"lane:{name}"


def followed(policy: Policy, ranks: Mapping[str, int], there: Everybody) -> dict[str, int]:
    """Return facts by rank, those that separation of duties follows as those who are there bring them about, all else as it is.

    These are legs, blockers and lanes, as in `govern.policy.preparing`; each rests on facts of a lower rank.
    """
    found = {fact: rank for fact, rank in ranks.items() if not fact.startswith(("leg:", "blocker:", "lane:"))}
    last = max(found.values(), default=0)
    rank = 0
    while True:
        reached = {fact for fact, lower in found.items() if lower < rank}
        more = {*_proven(policy, reached, there), *_open(policy, reached, there)}.difference(found)
        if not more and rank > last:
            return found
        found |= dict.fromkeys(sorted(more), rank)
        rank += 1


def can_be_entered(policy: Policy, packet: str, option: Option, reached: Collection[str]) -> bool:
    """Whether the lane of an option can be open, and what it requires can hold."""
    lane = find.lane_of(policy, packet, option)
    return f"lane:{lane}" in reached and (option.requires is None or possible(option.requires, reached, policy))


def possible(guard: Guard, reached: Collection[str], policy: Policy) -> bool:
    """Whether a guard can hold where these facts can be reached, each free of the others."""
    match guard:
        case All(all=parts):
            return all(possible(part, reached, policy) for part in parts)
        case AnyOf(any=parts):
            return any(possible(part, reached, policy) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(possible(part, reached, policy) for part in parts) >= wanted
        case Not(not_=LaneFact(lane=name)):
            return not policy.lanes[name].standing
        case Not():
            return True
        case _:
            return fact_id(guard) in reached


def _empty_authorities(policy: Policy) -> Iterator[Problem]:
    for authority in find.authorities(policy):
        if not can_act(policy, authority.who):
            message = f"{authority.over} wants {find.spell_who(authority.who)}, and there are not so many distinct persons"
            yield Problem("POLICY_UNSATISFIABLE", message, authority.at, help="lower the number, or add members")


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
