"""What holds an allowed thing up: the smallest sets of records that, taken away together, close it.

Pure. A requirement with several records holds as long as one of them does. What no record holds up, a lane that stands
open, a packet that was issued, an action that was done, a state that must not hold, is not taken away. Where requirements
share records, of which none may fill two, each set is found by taking records away and judging again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from govern.engine.acts import Act
from govern.engine.causes import Cause, Judged, Requirement, combined, leaf
from govern.engine.hands import act_of
from govern.engine.minimal_sets import NEVER, Tree, element, some
from govern.engine.moves import way
from govern.engine.separate import Resting, Use, parts_of, separate, use_of
from govern.engine.shared_elements import WORK, Found, smallest
from govern.engine.supposed import after
from govern.engine.unlocking import MAX_SETS
from govern.engine.verdicts import Target, Verdict
from govern.engine.verdicts import verdict as judge_target
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Kind, Trigger
from govern.policy.who import Who


@dataclass(frozen=True, slots=True)
class Support:
    """A record that holds something up: the command that takes it away, and who can."""

    record: int
    command: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """The smallest sets of records without which a guard does not hold, and how many minimal sets there are."""

    sets: tuple[tuple[Support, ...], ...]
    count: int
    exact: bool


def closing(verdict: Verdict, view: View, most: int = MAX_SETS, work: int = WORK) -> Closing:
    """Return the smallest sets of records that hold an allowed thing up; none where nothing takes it away."""
    if not verdict.allowed:
        return Closing((), 0, exact=True)
    found = _closing(verdict.judged, view, most, work)
    if not any(each.kind in ("not", "blocker") and not each.satisfied for each in _leaves(verdict.judged)):
        return found
    # The loss of a record may open what does not hold yet: each set is tried, and what it opens taken away, too.
    tried = dict.fromkeys(each for sets in found.sets if (each := _tried(sets, verdict.target, view)))
    return Closing(tuple(sorted(tried, key=len)), len(tried), exact=False)


def _tried(supports: tuple[Support, ...], target: Target, view: View) -> tuple[Support, ...] | None:
    """Return a set without which a thing is really closed, each record of it needed; None where more would be needed without end."""
    then = _withdrawn(supports, view)
    while (again := judge_target(target, then)).allowed:
        more = _closing(again.judged, then, 1, WORK).sets
        if not more:
            return None
        supports = (*supports, *more[0])
        then = _withdrawn(supports, view)
    for each in supports:
        fewer = tuple(other for other in supports if other is not each)
        if not judge_target(target, _withdrawn(fewer, view)).allowed:
            supports = fewer
    return tuple(sorted(supports, key=lambda support: support.record))


def _withdrawn(supports: tuple[Support, ...], view: View) -> View:
    """Return the view after the acts that take records away."""
    for support in supports:
        asked = act_of(support.command, view)
        assert asked is not None, "what takes a record away is an act"
        view = after(Act(asked[0], support.by[0], asked[1]), view)
    return view


def _closing(judged: Judged, view: View, most: int, work: int) -> Closing:
    supports = {support.record: support for requirement in _leaves(judged) for support in _supports(requirement, view)}
    found = _by_trying(judged, tuple(sorted(supports)), most, work) if _shares(judged) else smallest(_falling(judged, supports), most, work=work)
    return Closing(tuple(tuple(supports[each] for each in each_set) for each_set in found.sets), found.count, found.exact)


def _leaves(judged: Judged) -> Iterator[Requirement]:
    if judged.requirement and not isinstance(judged, Resting):
        yield judged.requirement
    for part in parts_of(judged):
        yield from _leaves(part)


def _falling(judged: Judged, supports: Mapping[int, Support]) -> Tree:
    """Return which records must go for what holds to hold no longer."""
    if isinstance(judged, Resting):
        return _falling(judged.on, supports)
    if judged.requirement:
        records = [each for each in _records(judged.requirement) if each in supports]
        whole = bool(records) and len(records) == len(_records(judged.requirement))
        return some(len(records), [element(each) for each in records]) if whole else NEVER
    held = [part for part in judged.parts if part.truth is True]
    return some(len(held) - judged.wanted + 1, [_falling(part, supports) for part in held])


def _records(requirement: Requirement) -> tuple[int, ...]:
    """Return the records any one of which is enough."""
    return requirement.records or (() if requirement.record is None else (requirement.record,))


def _supports(requirement: Requirement, view: View) -> Iterator[Support]:
    """Yield each record of a requirement that an act takes away, with the act."""
    policy, name = view.policy, requirement.name
    match requirement.kind:
        case "grant":
            issuer = policy.grants[name].issuer
            for seq in requirement.records:
                by = _may(view, "grant", "revoke", view.state.instances[seq].state, issuer)
                yield from _support(seq, f'govern grant revoke {name}#{seq} --reason "…"', by)
        case "leg":
            for seq in requirement.records:
                by = _may(view, "leg", "reopen", view.state.proofs[name][-1].state, find.leg(policy, name).by)
                yield from _support(seq, f'govern blocker reopen {name} --reason "…"', by)
        case "lane":
            for seq in requirement.records:
                by = _may(view, "lane", "close", view.lane(name).state, policy.lanes[name].opened_by)
                yield from _support(seq, f"govern lane close {name}", by)
        case "selected":
            packet = find.option(policy, name)[0]
            declared = policy.packets[packet]
            for seq in requirement.records:
                yield from _support(seq, f"govern decide {packet}/{find.hold_of(declared).id}", find.everyone(policy, declared.decided_by))
        case "finding" if requirement.record is not None:
            finding, _, result = name.partition("=")
            other = "unknown" if result == "fail" else "fail"
            yield from _support(requirement.record, f'govern finding {finding} {other} --why "…"', find.members(policy, policy.findings[finding].by))


def _may(view: View, kind: Kind, trigger: Trigger, source: str, who: Who | None) -> tuple[str, ...]:
    """Return who may take a step back, the authority itself first; nobody where no way leads there."""
    taken = way(view.policy, kind, trigger, source)
    authority = find.everyone(view.policy, who) if who else ()
    if taken is None:
        return ()
    return tuple(dict.fromkeys((*authority, *view.policy.actors))) if taken.by == "anyone" else authority


def _support(record: int, command: str, by: tuple[str, ...]) -> Iterator[Support]:
    if by:
        yield Support(record, f"{command} --as {by[0]}", by)


def _shares(judged: Judged) -> bool:
    """Whether some record could fill two requirements, of which it may fill one."""
    places: dict[int, set[Use]] = defaultdict(set)
    for each in _leaves(judged):
        if each.kind == "grant":
            for record in each.records:
                places[record].add(use_of(each))
    return any(len(asked) > 1 for asked in places.values())


def _by_trying(judged: Judged, records: tuple[int, ...], most: int, work: int) -> Found:
    """Return the smallest sets by search: each set of records that is enough must lose one of its own."""
    found: list[frozenset[int]] = []
    seen = ahead = {frozenset[int]()}
    left = work
    while ahead:
        deeper: set[frozenset[int]] = set()
        for gone in sorted(ahead, key=sorted):
            if any(smaller <= gone for smaller in found):
                continue
            left -= len(records) * len(records)
            if left < 0:
                return Found(tuple(tuple(sorted(each)) for each in found[:most]), len(found), exact=False)
            enough = _enough(judged, records, gone)
            if enough is None:
                found.append(gone)
            else:
                deeper |= {gone | {each} for each in enough}
        ahead = deeper - seen
        seen = seen | ahead
    return Found(tuple(tuple(sorted(each)) for each in found[:most]), len(found), exact=True)


def _enough(judged: Judged, records: tuple[int, ...], gone: frozenset[int]) -> frozenset[int] | None:
    """Return records that are enough, none of them gone, each of them needed; None where without these nothing is."""
    if not _holds(judged, gone):
        return None
    for each in records:
        if each not in gone and _holds(judged, gone | {each}):
            gone |= {each}
    return frozenset(records) - gone


def _holds(judged: Judged, gone: frozenset[int]) -> bool:
    return separate(_without(judged, gone)).truth is True


def _without(judged: Judged, gone: frozenset[int]) -> Judged:
    if isinstance(judged, Resting):
        on = _without(judged.on, gone)
        return replace(judged, on=on, truth=on.truth)
    if judged.requirement is None:
        return combined(judged.wanted, tuple(_without(part, gone) for part in judged.parts))
    requirement, before = judged.requirement, _records(judged.requirement)
    # What was refused for its record alone may be filled again where another lets go of it.
    held = requirement.satisfied or requirement.cause is Cause.SEPARATION
    records = tuple(each for each in before if each not in gone)
    truth = held and (bool(records) or not before)
    return leaf(replace(requirement, truth=truth, records=records if requirement.records else ()))
