"""Guards against scopes, contradictions and idleness.

Pure. "Scopes do not extend": a grant reached through a leg still counts only for the scope that it names.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, BlockerFact, Fact, GrantFact, Guard, HonouredFact, LegFact, SelectedFact, fact_id, facts
from govern.policy.model import Policy
from govern.policy.references import place_of
from govern.problems import Problem


def check_guards(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of guards."""
    for name, packet in policy.packets.items():
        for option in packet.options:
            if option.requires and option.scope:
                yield from _scope_faults(f"option `{name}/{option.id}`", option.requires, option.scope, policy)
    for name, lane in policy.lanes.items():
        if lane.opens_when:
            yield from _scope_faults(f"lane `{name}`", lane.opens_when, lane.scope, policy)
    for where, guard in find.guards(policy):
        yield from _form_faults(where, guard)
    yield from _idle_blockers(policy)


def resting_on(guard: Guard, policy: Policy, *, seen: frozenset[str] = frozenset()) -> Iterator[tuple[Fact, Fact, bool]]:
    """Yield (fact, the fact written in the guard that leads to it, negated) for all that a guard rests on, legs followed."""
    for fact, negated in facts(guard):
        yield fact, fact, negated
        legs: list[str] = []
        match fact:
            case LegFact(leg=path):
                legs = [path]
            case BlockerFact(blocker=name):
                legs = [f"{name}/{leg}" for leg in policy.blockers[name].legs]
        for path in legs:
            requires = find.leg(policy, path).requires
            if requires and path not in seen:
                for inner, _via, inner_negated in resting_on(requires, policy, seen=seen | {path}):
                    yield inner, fact, negated or inner_negated


def shared_grants(policy: Policy) -> dict[str, list[str]]:
    """Return the grants that several guards rest on, each with those guards: what records two guards share."""
    users: dict[str, list[str]] = {}
    for where, guard in find.guards(policy):
        if where.startswith(("option", "leg", "lane")):
            for name in dict.fromkeys(_grant_of(fact) for fact, _via, _negated in resting_on(guard, policy)):
                if name:
                    users.setdefault(name, []).append(where)
    return {name: wheres for name, wheres in users.items() if len(wheres) > 1}


def _grant_of(fact: Fact) -> str | None:
    match fact:
        case GrantFact(grant=name) | HonouredFact(honoured=name):
            return name
    return None


def _scope_faults(where: str, guard: Guard, scope: str, policy: Policy) -> Iterator[Problem]:
    for fact, via, _negated in resting_on(guard, policy):
        grant = _grant_of(fact)
        found = policy.grants[grant].scope if grant else scope
        if isinstance(fact, SelectedFact):
            found = find.option(policy, fact.selected)[1].scope or scope
        if found != scope:
            through = f", through {fact_id(via)}" if via is not fact else ""
            message = f"{where} is of scope `{scope}`, and {fact_id(fact)}{through} of scope `{found}`"
            yield Problem("POLICY_SCOPE", message, via.at, help="scopes do not extend; name a grant of the same scope")


def _form_faults(where: str, guard: Guard) -> Iterator[Problem]:
    match guard:
        case All(all=parts):
            yield from _contradictions(where, parts)
        case AnyOf(any=parts):
            pass
        case AtLeast(at_least=wanted, of=parts):
            if wanted > len(parts):
                message = f"{where} wants {wanted} of {len(parts)} parts"
                yield Problem("POLICY_UNSATISFIABLE", message, guard.at_key("at_least"), help="nobody can ever satisfy it")
        case _:
            return
    for part in parts:
        yield from _form_faults(where, part)


def _contradictions(where: str, parts: tuple[Guard, ...]) -> Iterator[Problem]:
    wanted = {fact_id(fact) for part in parts for fact, negated in facts(part) if not negated and not isinstance(part, AnyOf | AtLeast)}
    for part in parts:
        for fact, negated in facts(part):
            if negated and not isinstance(part, AnyOf | AtLeast) and fact_id(fact) in wanted:
                message = f"{where} wants {fact_id(fact)} and its opposite"
                yield Problem("POLICY_UNSATISFIABLE", message, fact.at, help="nobody can ever satisfy it")
    blockers: dict[str, str] = {}
    for part in parts:
        if isinstance(part, BlockerFact) and blockers.setdefault(part.blocker, part.is_) != part.is_:
            message = f"{where} wants blocker `{part.blocker}` in two states at once"
            yield Problem("POLICY_UNSATISFIABLE", message, part.at, help="nobody can ever satisfy it")


def _idle_blockers(policy: Policy) -> Iterator[Problem]:
    """A blocker that no guard rests on, directly or by a grant that it shares with one, stops nothing."""
    used: set[str] = set()
    grants: set[str] = set()
    for where, guard in find.guards(policy):
        if where.startswith(("leg", "status", "claim")):
            continue
        for fact, _via, _negated in resting_on(guard, policy):
            grants.add(_grant_of(fact) or "")
            match fact:
                case LegFact(leg=path):
                    used.add(path.split("/")[0])
                case BlockerFact(blocker=name):
                    used.add(name)
    for name, blocker in policy.blockers.items():
        rests = {_grant_of(fact) for leg in blocker.legs.values() if leg.requires for fact, _via, _n in resting_on(leg.requires, policy)}
        idle = name not in used and not rests & grants
        if idle and blocker.guards_nothing is None:
            help = "name it in a guard, or say why in `guards_nothing`"
            yield Problem("POLICY_IDLE_BLOCKER", f"blocker `{name}` guards nothing", place_of(name, policy), "warning", help)
        if not idle and blocker.guards_nothing is not None:
            place = blocker.at_key("guards_nothing")
            yield Problem(
                "POLICY_IDLE_BLOCKER", f"blocker `{name}` says that it guards nothing, and a guard rests on it", place, help="remove `guards_nothing`"
            )
