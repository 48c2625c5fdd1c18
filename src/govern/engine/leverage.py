"""Leverage: what a decision or an act would unlock, were it on record.

Pure. Everything is supposed and judged by the one evaluator; what an act opens is what it allows and what was not allowed before.
"""

from dataclasses import dataclass

from govern.engine.acts import Act, judge_act
from govern.engine.bindings import intakes_awaited
from govern.engine.choosing import fillings
from govern.engine.commands import discharge
from govern.engine.dependents import Dependents, Thing
from govern.engine.explain import NextAct, next_acts
from govern.engine.hands import AGAINST_ACTOR, act_of
from govern.engine.judge import in_force, judge_lane, leg_proven
from govern.engine.supposed import after
from govern.engine.verdicts import Target, judge_action, judge_option, verdict
from govern.engine.view import View
from govern.policy import find

# Acts that are supposed before an option is, the words of a quorum one after the other; behind so many nothing is told.
_MOST_ACTS = 32


@dataclass(frozen=True, slots=True)
class Opening:
    """What becomes possible: options that can be decided, lanes that open, actions that are allowed, legs that are or can be proven."""

    options: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    legs: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How much it is."""
        return len(self.options) + len(self.lanes) + len(self.actions) + len(self.legs)

    def __or__(self, other: "Opening") -> "Opening":
        """Return both, each thing once."""
        return Opening(*(tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in ("options", "lanes", "actions", "legs")))


class Leverage:
    """What could be done in a view, and what it would open."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._dependents = Dependents(view.policy)

    def of_option(self, packet: str, option_id: str) -> Opening | None:
        """Return what deciding an option would unlock, once all that it waits for is there; None where that cannot be supposed."""
        address = f"{packet}/{option_id}"
        before = self._ready(address)
        if before is None:
            return None
        _packet, option = find.option(self.view.policy, address)
        then = _decided(packet, option_id, before)
        if option.hold or in_force(packet, option, then) is not True:
            return Opening()
        opened = self._opened(_options_of(packet, self.view), before, then)
        led_to = tuple(path for path in option.leads_to if leg_proven(path, then) is not True)
        return opened | Opening(legs=led_to)

    def of_act(self, command: str) -> Opening | None:
        """Return what a command would open if it were recorded; None where it records nothing that can be supposed."""
        recorded = _recorded(command, self.view)
        if recorded is None:
            return None
        then, about = recorded
        return self._opened(about, self.view, then)

    def _ready(self, address: str) -> View | None:
        """Return the view in which an option can be decided: as it is, or with the acts of a smallest set on record."""
        view, acts = self.view, 0
        while True:
            judged = verdict(Target("option", address), view)
            if judged.allowed:
                return view
            wanted = [act for each in next_acts(judged) for act in _acts(each, view)]
            acts += len(wanted)
            if not wanted or acts > _MOST_ACTS:
                return None
            for act in wanted:
                recorded = _recorded(act.command, view)
                if recorded is None:
                    return None
                view = recorded[0]

    def _opened(self, about: list[Thing], before: View, then: View) -> Opening:
        """Return what is possible then and was not before, but what the act itself is about."""
        found: dict[str, list[str]] = {"option": [], "lane": [], "action": [], "leg": []}
        selected = {f"{name}/{packet.selected}" for view in (before, then) for name, packet in view.state.packets.items()}
        for thing in self._dependents.of(about, selected):
            kind, name = thing
            if kind in found and thing not in about and _possible(thing, then) and not _possible(thing, before):
                found[kind].append(name)
        return Opening(*(tuple(found[kind]) for kind in ("option", "lane", "action", "leg")))


def _acts(act: NextAct, view: View) -> tuple[NextAct, ...]:
    """Return what is to be done for an act: the act, or what closes the blocker, or opens the option, that it only points to."""
    _govern, command, *words = act.command.split(" ")
    if command == "why-blocked" and words[0] in view.policy.blockers:
        return next_acts(verdict(Target("blocker", words[0]), view))
    if command == "decide":
        return next_acts(verdict(Target("option", words[0]), view)) or (act,)
    return (act,)


def _possible(thing: Thing, view: View) -> bool:
    kind, name = thing
    match kind:
        case "option":
            packet, option = find.option(view.policy, name)
            return view.is_current(packet) and not option.hold and judge_option(packet, option, view).truth is True
        case "lane":
            return judge_lane(name, view, view.policy.lanes[name].at).truth is True
        case "action":
            return judge_action(name, view).truth is True
        case _:
            return leg_proven(name, view) is True


def _recorded(command: str, view: View) -> tuple[View, list[Thing]] | None:
    """Return the view with what a printed command records, and what that is about; None where it records nothing that could be supposed."""
    match act_of(command, view):
        case ("discharge", {"leg": path}) if awaited := _awaited_intake(str(path), view):
            taken = _recorded(awaited, view)
            # Where an intake on record still does not count, no more of them would.
            return _recorded(command, taken[0]) if taken and not _awaited_intake(str(path), taken[0]) else None
        case ("decide", body):
            packet, option = find.option(view.policy, f"{body['packet']}/{body['option']}")
            if judge_option(packet, option, view).truth is not True:
                return None
            return _decided(packet, option.id, view), _options_of(packet, view)
        case ("grant" | "discharge" | "open" as kind, body):
            act = Act(kind, command.rpartition(" --as ")[2], body)
            # Who signs is asked when it is recorded; here only whether it is an act at all.
            refused = [each for each in judge_act(act, view) if not each.id.startswith(AGAINST_ACTOR)]
            about = {"grant": "grant", "discharge": "leg", "open": "lane"}[kind]
            return None if refused else (after(act, view), [(about, str(body[about]))])
        case _:
            return None


def _awaited_intake(path: str, view: View) -> str:
    """Return the command that takes in what evidence for a leg must be on, where that comes first; nothing where it does not."""
    declared = find.leg(view.policy, path)
    legs = intakes_awaited(declared.evidence.of, declared, view) if declared.evidence else ()
    return discharge(legs[0], find.leg(view.policy, legs[0]), find.members(view.policy, find.leg(view.policy, legs[0]).by)) if legs else ""


def _options_of(packet: str, view: View) -> list[Thing]:
    return [("option", f"{packet}/{option.id}") for option in view.policy.packets[packet].options]


def _decided(packet: str, option: str, view: View) -> View:
    """Return the view with an option decided by as many as it takes."""
    places = find.places(view.policy, view.policy.packets[packet].decided_by)
    team = next(fillings(places, {actor: actor for place in places for actor in place}))
    for actor in team:
        view = after(Act("decide", actor, {"packet": packet, "option": option, "packet_sha256": ""}), view)
    return view
