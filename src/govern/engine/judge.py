"""The evaluator of guards: each fact judged with its cause, joined by strong Kleene logic.

Pure. Only true opens. Guards that rest on each other in a circle are unknown as far as they wait for themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from govern.engine import commands, leaves
from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.engine.separate import Resting, separate
from govern.engine.view import View
from govern.policy import find
from govern.policy.blockers import BlockerState, Leg
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
    """Judge a guard, in which no record fills two requirements.

    `scope` is the one that grants must be of, where the guard stands in one. `in_force` asks whether what was decided
    still stands: a grant that was rightly used counts.
    """
    return separate(_judge(guard, view, scope, in_force=in_force))


def _judge(guard: Guard, view: View, scope: str | None, *, in_force: bool) -> Judged:
    match guard:
        case All(all=parts):
            return combined(len(parts), tuple(_judge(part, view, scope, in_force=in_force) for part in parts))
        case AnyOf(any=parts):
            return combined(1, tuple(_judge(part, view, scope, in_force=in_force) for part in parts))
        case AtLeast(at_least=wanted, of=parts):
            return combined(wanted, tuple(_judge(part, view, scope, in_force=in_force) for part in parts))
        case Not(not_=fact):
            return _negated(fact, _judge(fact, view, scope, in_force=False), view)
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
            return _blocker(fact, view, scope, in_force=in_force)
        case SelectedFact():
            return leaf(_selected(fact, view, scope))
        case DoneFact(done=name):
            return leaf(leaves.done(name, view, fact.at, scope))
        case FindingFact():  # pragma: no branch - the facts are these
            return leaf(leaves.finding(fact, view, scope))


def _negated(fact: GrantFact | HonouredFact | LaneFact | BlockerFact, judged: Judged, view: View) -> Judged:
    held = judged.requirement
    found = leaves.doubted(judged).truth
    truth = None if found is None else not found
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
    if declared.stands_in_for:
        return leaf(leaves.substitute(path, declared, at))
    if declared.requires is None:
        return leaf(leaves.evidence(path, declared, view, at, scope))
    return _required_leg(path, declared.at, declared.requires, view, scope, in_force=in_force)


def _required_leg(path: str, at: Place, requires: Guard, view: View, scope: str | None, *, in_force: bool) -> Judged:
    def judged() -> Judged:
        return _via(judge(requires, view, scope=scope, in_force=in_force), f"leg:{path}")

    return view.memo.once(("leg", path, scope, in_force), _circle(f"leg:{path}", "leg", at), judged)


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
    opens_when = lane.opens_when
    assert opens_when is not None
    return view.memo.once(("lane", name), _circle(f"lane:{name}", "lane", lane.at), lambda: judge(opens_when, view, scope=lane.scope))


def _circle(id: str, kind: str, at: Place) -> Judged:
    """Return the judgement of something that waits for itself: unknown, so it stays shut."""
    return leaf(Requirement(id, kind, truth=None, why=f"{id.replace(':', ' ')} waits for itself", at=at, cause=Cause.NOT_EVALUATED))


def _via(judged: Judged, what: str) -> Judged:
    """Say of each requirement through what it was reached."""
    requirement = judged.requirement
    if requirement and not requirement.via:
        requirement = replace(requirement, via=what)
    return replace(judged, requirement=requirement, parts=tuple(_via(part, what) for part in judged.parts))


def leg_proven(path: str, view: View) -> bool | None:
    """Whether a leg is proven. A substitute can be, and closes nothing by it."""
    return _proof(path, find.leg(view.policy, path), view, None, in_force=False).truth


def _proof(path: str, declared: Leg, view: View, scope: str | None, *, in_force: bool) -> Judged:
    if declared.requires is None:
        return leaf(leaves.evidence(path, declared, view, declared.at, scope))
    return _required_leg(path, declared.at, declared.requires, view, scope, in_force=in_force)


def blocker_state(name: str, view: View) -> str | None:
    """Return the first declared state of a blocker that holds, from its legs; None where that is unknown."""

    def judged() -> str | None:
        state, _by_which = _first_state(_conditions(view, _counted(name, view, None, in_force=False)))
        return state.state if state else None

    return view.memo.once(("state", name), None, judged)


def _counted(blocker: str, view: View, scope: str | None, *, in_force: bool) -> list[tuple[str, Leg, Judged]]:
    """Return the legs that count towards a state, as judged: all but substitutes."""
    legs = ((f"{blocker}/{name}", leg) for name, leg in view.policy.blockers[blocker].legs.items() if not leg.stands_in_for)
    return [(path, leg, _proof(path, leg, view, scope, in_force=in_force)) for path, leg in legs]


def _conditions(view: View, counted: list[tuple[str, Leg, Judged]]) -> Iterator[tuple[BlockerState, Judged | None]]:
    """Yield each state of blockers with its condition over these legs; the last has none."""
    for state in view.policy.blocker_states:
        when = state.when
        if when is None:
            yield state, None
            continue
        legs = tuple(judged for _path, leg, judged in counted if find.is_by(view.policy, leg, when.by))
        yield state, combined(len(legs) if when.legs == "all" else 1, legs)


def _first_state(conditions: Iterable[tuple[BlockerState, Judged | None]]) -> tuple[BlockerState | None, Judged | None]:
    """Return the first state that holds, none where that is unknown, and the condition by which it does."""
    for state, condition in conditions:
        if condition is None or condition.truth:
            return state, condition
        if condition.truth is None:
            return None, None
    raise AssertionError("the last blocker state has no condition")


def is_closed(blocker: str, view: View) -> bool:
    """Whether a blocker is in a state that closes it. Unknown is open."""
    state = blocker_state(blocker, view)
    return any(each.closes for each in view.policy.blocker_states if each.state == state)


def _blocker(fact: BlockerFact, view: View, scope: str | None, *, in_force: bool) -> Judged:
    counted = _counted(fact.blocker, view, scope, in_force=in_force)
    conditions = list(_conditions(view, counted))
    state, condition = _first_state(conditions)
    truth = None if state is None else state.state == fact.is_
    still_open = [(path, leg) for path, leg, judged in counted if judged.truth is not True]
    by = tuple(dict.fromkeys(actor for _path, leg in still_open for actor in find.members(view.policy, leg.by)))
    why = f"blocker {fact.blocker} is {state.state if state else 'unknown'}" + ("" if truth else f", wanted {fact.is_}")
    if not truth and still_open:
        why += f"; open legs: {', '.join(path.split('/')[1] for path, _leg in still_open)}"
    cause = None if truth else Cause.UNKNOWN if truth is None else _doubt_of_state(fact.is_, conditions) or Cause.MISSING
    requirement = Requirement(fact_id(fact), "blocker", truth, why, fact.at, cause, by, f"govern why-blocked {fact.blocker}")
    return Resting(truth, requirement=requirement, on=condition) if truth and condition else leaf(requirement)


def _doubt_of_state(wanted: str, conditions: list[tuple[BlockerState, Judged | None]]) -> Cause | None:
    """Return the cause for which a blocker that is not in a state could yet be in it, or None where it could not."""
    for state, condition in conditions:
        if condition is None or condition.truth:
            return None
        if state.state == wanted:
            return leaves.doubt(condition)
    raise AssertionError("the last blocker state has no condition")


def _selected(fact: SelectedFact, view: View, scope: str | None) -> Requirement:
    packet, option = find.option(view.policy, fact.selected)
    standing = view.packet(packet)
    name = f"{packet}/{option.id}"
    deciders = find.everyone(view.policy, view.policy.packets[packet].decided_by)
    if standing.selected != option.id:
        why, how = f"{name} is not selected", f"govern decide {name}"
        return Requirement(f"selected:{name}", "selected", truth=False, why=why, at=fact.at, cause=Cause.MISSING, by=deciders, how=how)
    truth, cause, against = _against_selected(packet, option, view, scope)
    records = (standing.decision,) if truth and standing.decision is not None else ()
    how = "" if truth else f"govern why-blocked {name}"
    by = () if truth else deciders
    return Requirement(f"selected:{name}", "selected", truth, f"{name} is selected{against}", fact.at, cause, by, how, standing.decision, records)


def _against_selected(packet: str, option: Option, view: View, scope: str | None) -> tuple[bool | None, Cause | None, str]:
    if view.packet(packet).reported and (view.protects(scope) or view.protects(option.scope)):
        return False, Cause.UNSIGNED, ", as imported from a document, which is never enough in a protected scope"
    if not (view.pinned or view.packet(packet).reported or option.hold):
        return False, Cause.UNSIGNED, f", {leaves.UNPINNED}"
    truth = in_force(packet, option, view)
    if truth:
        return True, None, ""
    if truth is None:
        return None, Cause.UNKNOWN, ", and whether it is in force is unknown"
    doubt = leaves.doubt(judge_standing(packet, option, view)) if view.is_current(packet) else None
    return False, doubt or Cause.REVOKED, " and not in force: a requirement no longer holds"


def in_force(packet: str, option: Option, view: View) -> bool | None:
    """Whether a selected option stands: its packet is current, its lane open, each requirement still honoured."""
    if option.hold:
        return True
    reported = view.packet(packet).reported
    if not view.is_current(packet) or (reported and view.protects(option.scope)) or not (view.pinned or reported):
        return False
    return judge_standing(packet, option, view).truth


def judge_standing(packet: str, option: Option, view: View) -> Judged:
    """Judge what a selected option rests on: its lane, and each requirement, honoured."""
    circle = _circle(f"selected:{packet}/{option.id}", "selected", option.at)
    return view.memo.once(("in-force", packet, option.id), circle, lambda: _stands(packet, option, view))


def _stands(packet: str, option: Option, view: View) -> Judged:
    lane = find.lane_of(view.policy, packet, option)
    assert lane is not None, "`govern check` refuses an option that no lane can reach"
    parts = [judge_lane(lane, view, option.at)]
    if option.requires:
        parts.append(judge(option.requires, view, scope=option.scope, in_force=True))
    return separate(combined(len(parts), tuple(parts)))
