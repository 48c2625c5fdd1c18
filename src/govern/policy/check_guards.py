"""Guards against scopes, contradictions and idleness.

Pure. "Scopes do not extend": a grant reached through a leg still counts only for the scope that it names.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.guards import (
    All,
    AnyOf,
    AtLeast,
    BlockerFact,
    Fact,
    FindingFact,
    GrantFact,
    Guard,
    HonouredFact,
    LaneFact,
    LegFact,
    SelectedFact,
    fact_id,
    facts,
    parts,
)
from govern.policy.model import Policy
from govern.policy.references import place_of
from govern.problems import Problem

MAX_CHAIN = 16


def check_guards(policy: Policy) -> Iterator[Problem]:
    """Yield the faults of guards."""
    for name, packet in policy.packets.items():
        for option in packet.options:
            if option.requires and option.scope:
                yield from _scope_faults(f"option `{name}/{option.id}`", option.requires, option.scope, policy)
    for name, lane in policy.lanes.items():
        if lane.opens_when:
            yield from _scope_faults(f"lane `{name}`", lane.opens_when, lane.scope, policy)
    yield from _promise_scope_faults(policy)
    for where, guard in find.guards(policy):
        yield from _form_faults(where, guard)
    yield from _leg_circles(policy)
    yield from _idle_blockers(policy)


def resting_on(guard: Guard, policy: Policy) -> Iterator[tuple[Fact, Fact, bool]]:
    """Yield (fact, the fact written in the guard that leads to it, negated) for all that a guard rests on, legs followed."""
    for written, negated in facts(guard):
        yield written, written, negated
        ahead = dict.fromkeys((path, negated) for path in _legs_of(written, policy))
        done: set[tuple[str, bool]] = set()
        while ahead:
            path, under = next(iter(ahead))
            del ahead[path, under]
            done.add((path, under))
            requires = find.leg(policy, path).requires
            for fact, inner in facts(requires) if requires else ():
                yield fact, written, under or inner
                ahead |= dict.fromkeys(step for leg in _legs_of(fact, policy) if (step := (leg, under or inner)) not in done)


def _legs_of(fact: Fact, policy: Policy) -> list[str]:
    match fact:
        case LegFact(leg=path):
            return [path]
        case BlockerFact(blocker=name):
            return [f"{name}/{leg}" for leg in policy.blockers[name].legs]
    return []


def shared_grants(policy: Policy) -> dict[str, list[str]]:
    """Return the grants that several guards rest on, each with those guards: what records two guards share."""
    users: dict[str, list[str]] = {}
    for where, guard in find.guards(policy):
        if where.startswith(("option", "leg `", "lane `")):
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
    for fact, via, negated in resting_on(guard, policy):
        grant = _grant_of(fact)
        found = policy.grants[grant].scope if grant else scope
        if isinstance(fact, SelectedFact):
            found = find.option(policy, fact.selected)[1].scope or scope
        if isinstance(fact, LaneFact) and not negated and policy.scopes[scope].protected:
            # What opened the lane would count here too, and it was given for less.
            found = policy.lanes[fact.lane].scope
        if found != scope:
            yield _of_another_scope(where, scope, fact, via, found)


def _promise_scope_faults(policy: Policy) -> Iterator[Problem]:
    """A promise is judged in the scope of its option, an action in that of the options it needs: other grants never count."""
    judged = [(f"action `{name}`", action.needs, find.action_scope(policy, action)) for name, action in policy.actions.items()]
    for name, invariant in policy.invariants.items():
        # One that names its scope is about which scope that is; `govern prove` says whether it holds.
        if invariant.never and invariant.scope is None:
            judged.append((f"invariant `{name}`", invariant.unless, find.option(policy, invariant.never.selecting)[1].scope))
    for where, guard, scope in judged:
        for fact, via, _negated in resting_on(guard, policy) if guard and scope else ():
            grant = _grant_of(fact)
            if grant and scope and policy.grants[grant].scope != scope:
                yield _of_another_scope(where, scope, fact, via, policy.grants[grant].scope)


def _of_another_scope(where: str, scope: str, fact: Fact, via: Fact, found: str) -> Problem:
    through = f" (through {fact_id(via)})" if via is not fact else ""
    message = f"{where} is of scope `{scope}`, and {fact_id(fact)}{through} is of scope `{found}`"
    return Problem("POLICY_SCOPE", message, via.at, help="scopes do not extend; name a grant of the same scope")


def _form_faults(where: str, guard: Guard) -> Iterator[Problem]:
    yield from _contradictions(where, guard)
    for part in parts(guard):
        if isinstance(part, AnyOf):
            for alternative in part.any:
                yield from _contradictions(where, alternative)
        if isinstance(part, AtLeast):
            for alternative in part.of:
                yield from _contradictions(where, alternative)
            if part.at_least > len(part.of):
                message = f"{where} wants {part.at_least} of {len(part.of)} parts"
                yield Problem("POLICY_UNSATISFIABLE", message, part.at_key("at_least"), help="nobody can ever satisfy it")


def _contradictions(where: str, guard: Guard) -> Iterator[Problem]:
    together = list(_joined(guard))
    wanted = {fact_id(fact) for fact, negated in together if not negated}
    states: dict[str, str] = {}
    for fact, negated in together:
        if negated and fact_id(fact) in wanted:
            message = f"{where} wants {fact_id(fact)} and its opposite"
            yield Problem("POLICY_UNSATISFIABLE", message, fact.at, help="nobody can ever satisfy it")
        if isinstance(fact, BlockerFact | FindingFact) and not negated:
            thing, state = fact_id(fact).split("=")
            if states.setdefault(thing, state) != state:
                message = f"{where} wants {thing}={states[thing]} and {thing}={state} at once"
                yield Problem("POLICY_UNSATISFIABLE", message, fact.at, help="nobody can ever satisfy it")


def _joined(guard: Guard) -> Iterator[tuple[Fact, bool]]:
    """Yield the facts of a guard that must hold together: those that no alternative parts."""
    match guard:
        case All(all=inner):
            for part in inner:
                yield from _joined(part)
        case AnyOf() | AtLeast():
            return
        case _:
            yield from facts(guard)


def _leg_circles(policy: Policy) -> Iterator[Problem]:
    """A leg that rests on itself cannot be judged, and a long chain of legs cannot be followed."""
    rests = {
        path: {inner for fact, _negated in facts(leg.requires) for inner in _legs_of(fact, policy)} if leg.requires else set()
        for path, leg in find.leg_paths(policy)
    }
    settled: set[str] = set()
    for _ in range(MAX_CHAIN):
        settled = {path for path, inner in rests.items() if inner <= settled}
    for path in rests:
        if path not in settled:
            message = f"leg `{path}` rests on itself, or on a chain of more than {MAX_CHAIN} legs"
            yield Problem("POLICY_UNSATISFIABLE", message, find.leg(policy, path).at_key("requires"), help="let it rest on grants, or on legs with evidence")


def _idle_blockers(policy: Policy) -> Iterator[Problem]:
    """A blocker that no guard rests on, directly or by a grant that it shares with one, stops nothing."""
    used: set[str] = set()
    grants: set[str] = set()
    for where, guard in find.guards(policy):
        if where.startswith(("leg `", "status", "claim")):
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
