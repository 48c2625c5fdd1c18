"""What another version of the policy does to what is open: the same records judged under both, and what differs.

Pure. Nothing is supposed to be recorded: what was recorded under the one version is held against the other as it is.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from govern.engine.causes import Cause, Judged, Requirement, failing
from govern.engine.judge import in_force, is_closed, judge_standing, leg_proven
from govern.engine.outdated import Outdated, could_give, outdated, standing_words
from govern.engine.verdicts import Target, TargetKind, verdict
from govern.engine.view import View
from govern.policy import find
from govern.policy.diff.renames import find_renames
from govern.policy.model import Policy

Standing = Literal["holds", "fails", "unknown", "undeclared"]
Kind = Literal["option", "action", "blocker", "leg", "lane", "grant", "claim", "decision", "word"]
# What is judged, and its name.
Thing = tuple[Kind, str]
_DECLARED: tuple[Kind, ...] = ("action", "blocker", "leg", "lane", "grant", "claim")
_STANDINGS: Mapping[bool | None, Standing] = {True: "holds", False: "fails", None: "unknown"}
# How renames are kept, by the kind of thing; of what stands in another, also how that is.
_RENAMED: Mapping[Kind, tuple[str, str]] = {
    "option": ("options", "packets"),
    "decision": ("options", "packets"),
    "leg": ("legs", "blockers"),
    "action": ("actions", ""),
    "blocker": ("blockers", ""),
    "lane": ("lanes", ""),
    "grant": ("grants", ""),
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that the versions judge differently; `was` is the name it had before, where that is another.

    `causes` is what it fails for in the version in which it does not hold, with who can clear each.
    """

    kind: Kind
    name: str
    before: Standing
    after: Standing
    causes: tuple[Requirement, ...]
    was: str = ""

    @property
    def stricter(self) -> bool:
        """Whether it held before and does not any more."""
        return self.before == "holds"


def moved(before: View, after: View) -> tuple[Moved, ...]:
    """Return what holds under one version of the policy and not under the other, in the order of the later one; what is gone comes last."""
    old, new = dict.fromkeys(_things(before)), dict.fromkeys(_things(after))
    renames = find_renames(before.policy, after.policy).names
    now_called = {thing: _now_called(thing, renames) for thing in old}
    was = {later: earlier for earlier, later in now_called.items()}
    pairs = [(was.get(thing, thing), thing) for thing in new]
    pairs += [(thing, later) for thing, later in now_called.items() if later not in new]
    found = [_moved(earlier, later, before, after) for earlier, later in pairs]
    return tuple(each for each in found if "holds" in (each.before, each.after) and each.before != each.after)


def _now_called(thing: Thing, renames: Mapping[str, Mapping[str, str]]) -> Thing:
    """Return a thing under the name that the later version gives it."""
    kind, name = thing
    own, around = _RENAMED.get(kind, ("", ""))
    if name in renames.get(own, {}):
        return kind, renames[own][name]
    above, slash, below = name.partition("/")
    return kind, f"{renames.get(around, {}).get(above, above)}{slash}{below}"


def _moved(earlier: Thing, later: Thing, before: View, after: View) -> Moved:
    (then, judged_then), (now, judged_now) = _judged(earlier, before), _judged(later, after)
    failed = judged_now if then == "holds" else judged_then
    named = earlier[1] if earlier != later else ""
    return Moved(later[0], later[1], then, now, failed, named)


def _things(view: View) -> Iterator[Thing]:
    """Yield what is open under a policy: what could be decided, done or proven, and what stands."""
    policy, state = view.policy, view.state
    for name in view.current_packets():
        for option in policy.packets[name].options:
            if not option.hold:
                yield "option", f"{name}/{option.id}"
    for name, packet in state.packets.items():
        if _selected(name, packet.selected, view):
            yield "decision", f"{name}/{packet.selected}"
    for kind in _DECLARED:
        yield from ((kind, name) for name in _declared(kind, policy))
    yield from (("word", each.what) for each in outdated(view))


def _declared(kind: Kind | TargetKind, policy: Policy) -> Collection[str]:
    """Return the names of a kind of thing that a policy declares."""
    found: Collection[str] = getattr(policy, f"{kind}s")
    return found


def _judged(thing: Thing, view: View) -> tuple[Standing, tuple[Requirement, ...]]:
    """Return how a thing stands in a view, and for want of what it does not hold."""
    kind, name = thing
    policy = view.policy
    match kind:
        case "word":
            return _word(name, view)
        case "option" | "decision" if not any(f"{packet}/{option.id}" == name for packet, option in find.options_at(policy, name)):
            return "undeclared", ()
        case "decision":
            return _decision(name, view)
        case "option":
            return _stands(verdict(Target("option", name), view).judged)
        case _:
            return _of_declared(kind, name, view)


def _of_declared(kind: TargetKind, name: str, view: View) -> tuple[Standing, tuple[Requirement, ...]]:
    if name not in _declared(kind, view.policy):
        return "undeclared", ()
    standing, causes = _stands(verdict(Target(kind, name), view).judged)
    if kind == "blocker":
        return _STANDINGS[is_closed(name, view)], causes
    # A substitute can be proven, though it opens nothing.
    return (_STANDINGS[leg_proven(name, view)], causes) if kind == "leg" else (standing, causes)


def _stands(judged: Judged) -> tuple[Standing, tuple[Requirement, ...]]:
    return _STANDINGS[judged.truth], failing(judged)


def _selected(packet: str, option: str | None, view: View) -> bool:
    """Whether an option that is no HOLD is selected, as far as the policy of a view declares it."""
    declared = view.policy.packets.get(packet)
    return declared is not None and any(each.id == option and not each.hold for each in declared.options)


def _decision(name: str, view: View) -> tuple[Standing, tuple[Requirement, ...]]:
    packet, option = find.option(view.policy, name)
    if view.packet(packet).selected != option.id:
        by = find.everyone(view.policy, view.policy.packets[packet].decided_by)
        why, how = f"{name} is not selected: under its name nothing is on record", f"govern decide {name} --as {by[0]}"
        return "fails", (Requirement(f"selected:{name}", "selected", truth=False, why=why, at=option.at, cause=Cause.MISSING, by=by, how=how),)
    return _STANDINGS[in_force(packet, option, view)], failing(judge_standing(packet, option, view))


def _word(what: str, view: View) -> tuple[Standing, tuple[Requirement, ...]]:
    """Something stands by the words of persons: whether they could give them under the policy of this view."""
    for each in standing_words(view):
        if each.what == what:
            return ("holds", ()) if could_give(each, view) else ("fails", (_outdated(each, view),))
    return "undeclared", ()


def _outdated(each: Outdated, view: View) -> Requirement:
    by = find.everyone(view.policy, each.wanted)
    why = f"{each.what} by the word of {', '.join(each.actors)}; in this version that is for {find.spell_who(each.wanted)}"
    how, place = f"{each.command} --as {by[0]}", view.policy.policy.at
    return Requirement(f"word:{each.what}", "authority", truth=False, why=why, at=place, cause=Cause.UNAUTHORISED, by=by, how=how, record=each.record)
