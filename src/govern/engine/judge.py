"""The evaluator of guards: each fact judged with its cause, joined by strong Kleene logic.

Pure. Only true opens. Where several records could fill several requirements, `govern.engine.separate` sees to it
that no record fills two.
"""

from dataclasses import replace

from govern.engine import commands, leaves
from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.guards import (
    All,
    AnyOf,
    AtLeast,
    BlockerFact,
    DoneFact,
    Fact,
    FindingFact,
    GrantFact,
    Guard,
    HonouredFact,
    LaneFact,
    LegFact,
    Not,
    SelectedFact,
    fact_id,
)
from govern.policy.model import Lane, Option
from govern.problems import Place


def judge(guard: Guard, view: View, *, scope: str | None = None, in_force: bool = False) -> Judged:
    """Judge a guard.

    `scope` is the one that grants must be of, where the guard stands in one. `in_force` asks whether what was decided
    still stands: a grant that was rightly used counts.
    """
    match guard:
        case All(all=parts):
            return combined(len(parts), tuple(judge(part, view, scope=scope, in_force=in_force) for part in parts))
        case AnyOf(any=parts):
            return combined(1, tuple(judge(part, view, scope=scope, in_force=in_force) for part in parts))
        case AtLeast(at_least=wanted, of=parts):
            return combined(wanted, tuple(judge(part, view, scope=scope, in_force=in_force) for part in parts))
        case Not(not_=fact):
            return _negated(fact, judge(fact, view, scope=scope), view)
        case _:
            return _judge_fact(guard, view, scope, in_force=in_force)


def _judge_fact(fact: Fact, view: View, scope: str | None, *, in_force: bool) -> Judged:
    match fact:
        case GrantFact(grant=name):
            return leaf(leaves.grant(name, view, fact.at, scope, honoured=in_force))
        case HonouredFact(honoured=name):
            return leaf(leaves.grant(name, view, fact.at, scope, honoured=True))
        case LegFact(leg=path):
            return judge_leg(path, view, fact.at, scope=scope, in_force=in_force)
        case LaneFact(lane=name):
            return judge_lane(name, view, fact.at)
        case BlockerFact():
            return leaf(_blocker(fact, view))
        case SelectedFact():
            return leaf(_selected(fact, view))
        case DoneFact(done=name):
            return leaf(leaves.done(name, view, fact.at))
        case FindingFact():
            return leaf(leaves.finding(fact, view))


def _negated(fact: GrantFact | HonouredFact | LaneFact | BlockerFact, judged: Judged, view: View) -> Judged:
    truth = None if judged.truth is None else not judged.truth
    held = judged.requirement
    requirement = Requirement(
        id=f"not:{fact_id(fact)}",
        kind="not",
        truth=truth,
        why=f"{fact_id(fact)} must not hold" + ("" if truth else ", and it does" if truth is False else ", and that is unknown"),
        at=fact.at,
        cause=None if truth else Cause.UNKNOWN if truth is None else Cause.REFUSED,
        by=commands.who_ends(fact, view.policy),
        how=commands.to_end(fact, view, held.record if held else None),
        record=held.record if held else None,
    )
    return leaf(requirement)


def judge_leg(path: str, view: View, at: Place, *, scope: str | None = None, in_force: bool = False) -> Judged:
    """Judge whether a leg is proven: by its evidence, or by what it requires."""
    declared = find.leg(view.policy, path)
    if declared.requires is None:
        return leaf(leaves.evidence(path, declared, view, at, scope))
    if declared.stands_in_for:
        return leaf(leaves.substitute(path, declared, at))
    inner = judge(declared.requires, view, scope=scope, in_force=in_force)
    return _via(inner, f"leg:{path}")


def judge_lane(name: str, view: View, at: Place) -> Judged:
    """Judge whether a lane is open: it stands open, its record opened it, or its guard holds."""
    lane = view.policy.lanes[name]
    ways: list[Judged] = []
    if lane.standing:
        return leaf(Requirement(f"lane:{name}", "lane", truth=True, why=f"lane {name} stands open", at=at))
    if lane.opened_by is not None:
        ways.append(leaf(leaves.lane_record(name, lane, view, at)))
    if lane.opens_when is not None:
        ways.append(_via(_guarded_lane(name, lane, view), f"lane:{name}"))
    return ways[0] if len(ways) == 1 else combined(1, tuple(ways))


def _guarded_lane(name: str, lane: Lane, view: View) -> Judged:
    assert lane.opens_when is not None
    key = ("lane", name)
    if key not in view.memo:
        # A lane that waits for itself finds this, and stays shut.
        circle = Requirement(f"lane:{name}", "lane", truth=None, why=f"lane {name} waits for itself", at=lane.at, cause=Cause.NOT_EVALUATED)
        view.memo[key] = leaf(circle)
        view.memo[key] = judge(lane.opens_when, view)
    found: Judged = view.memo[key]
    return found


def _via(judged: Judged, what: str) -> Judged:
    """Say of each requirement through what it was reached."""
    requirement = judged.requirement
    if requirement and not requirement.via:
        requirement = replace(requirement, via=what)
    return replace(judged, requirement=requirement, parts=tuple(_via(part, what) for part in judged.parts))


def leg_proven(path: str, view: View) -> bool | None:
    """Whether a leg is proven. A substitute can be, and closes nothing by it."""
    key = ("leg", path)
    if key not in view.memo:
        declared = find.leg(view.policy, path)
        if declared.stands_in_for:
            view.memo[key] = leaves.evidence(path, declared, view, declared.at, None, as_substitute=True).truth
        else:
            view.memo[key] = judge_leg(path, view, declared.at).truth
    found: bool | None = view.memo[key]
    return found


def blocker_state(name: str, view: View) -> str | None:
    """Return the first declared state of a blocker that holds, from its legs afresh; None where that is unknown."""
    for state in view.policy.blocker_states:
        if state.when is None:
            return state.state
        legs = [path for path, declared in _counted(name, view) if state.when.by is None or _is_by(declared, state.when.by, view)]
        truths = [leg_proven(path, view) for path in legs]
        wanted = len(legs) if state.when.legs == "all" else 1
        holds = bool(legs) and sum(truth is True for truth in truths) >= wanted
        possible = bool(legs) and sum(truth is not False for truth in truths) >= wanted
        if holds:
            return state.state
        if possible:
            return None
    raise AssertionError("the last blocker state has no condition")


def _counted(blocker: str, view: View) -> list[tuple[str, Leg]]:
    """Return the legs that count towards a state: all but substitutes."""
    legs = view.policy.blockers[blocker].legs
    return [(f"{blocker}/{name}", leg) for name, leg in legs.items() if not leg.stands_in_for]


def _is_by(leg: Leg, who: str, view: View) -> bool:
    return set(find.members(view.policy, leg.by)) <= set(find.members(view.policy, who))


def is_closed(blocker: str, view: View) -> bool:
    """Whether a blocker is in a state that closes it. Unknown is open."""
    state = blocker_state(blocker, view)
    return any(each.closes for each in view.policy.blocker_states if each.state == state)


def _blocker(fact: BlockerFact, view: View) -> Requirement:
    state = blocker_state(fact.blocker, view)
    truth = None if state is None else state == fact.is_
    open_legs = [path for path, _leg in _counted(fact.blocker, view) if leg_proven(path, view) is not True]
    by = tuple(dict.fromkeys(actor for path in open_legs for actor in find.members(view.policy, find.leg(view.policy, path).by)))
    why = f"blocker {fact.blocker} is {state or 'unknown'}" + ("" if truth else f", wanted {fact.is_}")
    if not truth and open_legs:
        why += f"; open legs: {', '.join(path.split('/')[1] for path in open_legs)}"
    cause = None if truth else Cause.UNKNOWN if truth is None else Cause.MISSING
    return Requirement(fact_id(fact), "blocker", truth, why, fact.at, cause, by, f"govern why-blocked {fact.blocker}")


def _selected(fact: SelectedFact, view: View) -> Requirement:
    packet, option = find.option(view.policy, fact.selected)
    standing = view.packet(packet)
    requirement_id = f"selected:{packet}/{option.id}"
    deciders = find.everyone(view.policy, view.policy.packets[packet].decided_by)
    how = f"govern decide {packet}/{option.id}"
    if standing.selected != option.id:
        why = f"{packet}/{option.id} is not selected"
        return Requirement(requirement_id, "selected", truth=False, why=why, at=fact.at, cause=Cause.MISSING, by=deciders, how=how)
    truth = in_force(packet, option, view)
    why = f"{packet}/{option.id} is selected"
    if truth:
        records = (standing.decision,) if standing.decision is not None else ()
        return Requirement(requirement_id, "selected", truth=True, why=why, at=fact.at, record=standing.decision, records=records)
    why += " and not in force: a requirement no longer holds" if truth is False else ", and whether it is in force is unknown"
    return Requirement(
        requirement_id,
        "selected",
        truth,
        why,
        fact.at,
        Cause.REVOKED if truth is False else Cause.UNKNOWN,
        deciders,
        f"govern why-blocked {packet}/{option.id}",
        standing.decision,
    )


def in_force(packet: str, option: Option, view: View) -> bool | None:
    """Whether a selected option stands: its packet is current, its lane open, each requirement still honoured."""
    if option.hold:
        return True
    if not view.is_current(packet):
        return False
    key = ("in-force", packet, option.id)
    if key not in view.memo:
        view.memo[key] = None
        parts = []
        lane = find.lane_of(view.policy, packet, option)
        if lane:
            parts.append(judge_lane(lane, view, option.at))
        if option.requires:
            parts.append(judge(option.requires, view, scope=option.scope, in_force=True))
        view.memo[key] = combined(len(parts), tuple(parts)).truth if parts else True
    found: bool | None = view.memo[key]
    return found


def respond_state(packet: str, view: View) -> str:
    """Return which of four things a packet's HOLD is, or that an option is selected."""
    standing = view.packet(packet)
    declared = view.policy.packets[packet]
    if standing.decision is not None:
        return "HOLD (decided)" if standing.selected == find.hold_of(declared).id else "selected"
    limit = declared.respond_within
    if standing.issued_at is not None and limit is not None and view.now >= standing.issued_at + limit:
        return f"HOLD (no response by {spell_time(standing.issued_at + limit)})"
    return "HOLD (default)"
