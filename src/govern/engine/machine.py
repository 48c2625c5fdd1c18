"""Lifecycles and packets as machines of the `transitions` package. The only importer of it.

A machine is made from a validated policy with a condition of our own, which asks the evaluator's answer and changes
nothing. What `transitions` 0.9.3 would otherwise allow is closed here: `auto_transitions` (an unguarded `to_x` for
every state), string conditions (imported and run), callbacks (an exception in one leaves the state changed), and
several transitions with one trigger and source (a blocked one falls through), which `govern check` refuses.
"""

from collections.abc import Callable
from typing import Any, cast

from transitions import EventData, Machine

from govern.engine.act_decisions import completes
from govern.engine.act_grants import END_TRIGGERS, grant_instance, grant_trigger
from govern.engine.acts import Act, judge_act
from govern.engine.causes import Requirement
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Lifecycle
from govern.policy.model import Packet


class Thing:
    """The light object that a machine moves: its state, and the evaluator's answer for the act at hand."""

    __slots__ = ("allowed", "state")

    def __init__(self, state: str, allowed: Callable[[], bool]) -> None:
        self.state = state
        self.allowed = allowed


def _allowed(event: EventData) -> bool:
    return cast("Thing", event.model).allowed()


def _machine(states: list[str], initial: str, ways: list[dict[str, Any]]) -> Machine:
    return Machine(model=None, states=states, initial=initial, transitions=ways, auto_transitions=False, send_event=True)


def lifecycle_machine(lifecycle: Lifecycle) -> Machine:
    """Return the machine of a lifecycle: its states, and its transitions under our condition."""
    ways = [
        {"trigger": way.trigger, "source": str(source), "dest": str(way.to), "conditions": [_allowed]} for way in lifecycle.transitions for source in way.from_
    ]
    return _machine([str(name) for name in lifecycle.states], str(lifecycle.initial), ways)


def packet_machine(packet: Packet) -> Machine:
    """Return the machine of a packet: its options are its states, HOLD its first, each a trigger from everywhere."""
    names = [str(option.id) for option in packet.options]
    ways = [{"trigger": name, "source": names, "dest": name, "conditions": [_allowed]} for name in names]
    return _machine(names, str(find.hold_of(packet).id), ways)


def fire(machine: Machine, trigger: str, source: str, allowed: Callable[[], bool]) -> str | None:
    """Fire a trigger on a thing in a state; return where it moved, or None where it stayed for want of leave or way."""
    thing = Thing(source, allowed)
    event = machine.events.get(trigger)
    if event is None or not event.transitions.get(source):
        return None
    return thing.state if event.trigger(thing) else None


def propose(act: Act, view: View) -> tuple[Requirement, ...]:
    """Return why an act is refused, or nothing where it may be recorded; asked of the evaluator and of the machine.

    Raises:
        AssertionError: the two differ, which is a fault of govern: nothing is recorded.
    """
    refusals = judge_act(act, view)
    motion = None if act.imported or any(each.id.startswith("authority:actor") for each in refusals) else _motion(act, view)
    if motion is not None:
        machine, trigger, source = motion
        moved = fire(machine, trigger, source, lambda: not refusals)
        if (moved is not None) != (not refusals):
            raise AssertionError(f"machine and evaluator differ on {act.kind}: {moved}, {refusals}")
    return refusals


def _motion(act: Act, view: View) -> tuple[Machine, str, str] | None:
    """Return the machine that an act moves, with the trigger and the state it starts from."""
    policy, body = view.policy, act.body
    lifecycles = policy.lifecycles
    match act.kind:
        case "prepare" | "issue" if body["packet"] in policy.packets:
            return lifecycle_machine(lifecycles.packet), act.kind, view.packet(body["packet"]).state
        case "decide" if find.options_at(policy, f"{body['packet']}/{body['option']}"):
            if judge_act(act, view) or completes(act, view):
                packet = policy.packets[body["packet"]]
                source = view.packet(body["packet"]).selected or find.hold_of(packet).id
                return packet_machine(packet), body["option"], source
        case "grant" if body["grant"] in policy.grants:
            instance = grant_instance(act, view)
            source = instance.state if instance else lifecycles.grant.initial
            return lifecycle_machine(lifecycles.grant), grant_trigger(act, view), source
        case "revoke" if body["record"] in view.state.instances:
            return lifecycle_machine(lifecycles.grant), "revoke", view.state.instances[body["record"]].state
        case "begin" if body.get("grant") in view.state.instances:
            return lifecycle_machine(lifecycles.grant), "consume", view.state.instances[body["grant"]].state
        case "end" | "lose" | "resolve" if body["begin"] in view.state.runs:
            grant = view.state.runs[body["begin"]].grant
            if grant is not None:
                return lifecycle_machine(lifecycles.grant), END_TRIGGERS[act.kind], view.state.instances[grant].state
        case "discharge" | "reopen" if body["leg"] in {path for path, _leg in find.leg_paths(policy)}:
            proofs = view.state.proofs.get(body["leg"], [])
            return lifecycle_machine(lifecycles.leg), act.kind, proofs[-1].state if proofs else lifecycles.leg.initial
    return None
