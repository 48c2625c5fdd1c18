"""Lifecycles and packets as machines of the `transitions` package. The only importer of it.

A machine is made from a validated policy with a condition of our own, which asks the evaluator's answer and changes
nothing. What `transitions` 0.9.3 would otherwise allow is closed here: `auto_transitions` (an unguarded `to_x` for
every state), string conditions (imported and run), callbacks (an exception in one leaves the state changed), and
several transitions with one trigger and source (a blocked one falls through), which `govern check` refuses.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from transitions import EventData, Machine

from govern.engine.act_decisions import completes
from govern.engine.act_grants import END_TRIGGERS, grant_instance, grant_trigger
from govern.engine.acts import Act, judge_act, opens
from govern.engine.causes import Requirement
from govern.engine.moves import way
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Kind, Lifecycle, Trigger
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


class Motion(NamedTuple):
    """What an allowed act moves: a machine, by a trigger, from a state to another."""

    machine: Machine
    trigger: str
    source: str
    dest: str


def propose(act: Act, view: View) -> tuple[Requirement, ...]:
    """Return why an act is refused, or nothing where it may be recorded; what the evaluator allows, the machine must move.

    Raises:
        AssertionError: the two differ, which is a fault of govern: nothing is recorded.
    """
    refusals = judge_act(act, view)
    for motion in () if refusals or act.imported else motions(act, view):
        moved = fire(motion.machine, motion.trigger, motion.source, lambda: not refusals)
        if moved != motion.dest:
            raise AssertionError(f"machine and evaluator differ on {act.kind}: from {motion.source} to {moved}, wanted {motion.dest}")
    return refusals


def motions(act: Act, view: View) -> Iterator[Motion]:
    """Yield what an allowed act moves; a word that waits for others moves nothing yet."""
    policy, body = view.policy, act.body
    match act.kind:
        case "prepare" | "issue":
            yield _step(view, "packet", act.kind, view.packet(body["packet"]).state)
            consumes = policy.packets[body["packet"]].consumes
            if act.kind == "issue" and consumes:
                yield _step(view, "packet", "consume", view.packet(find.option(policy, consumes)[0]).state)
        case "decide" if completes(act, view):
            yield _decision(act, view)
        case "request":
            yield _step(view, "grant", "request", policy.lifecycles.grant.initial)
        case "grant":
            instance = grant_instance(act, view)
            yield _step(view, "grant", grant_trigger(act, view), instance.state if instance else policy.lifecycles.grant.initial)
        case "revoke" if body["record"] in view.state.instances:
            yield _step(view, "grant", "revoke", view.state.instances[body["record"]].state)
        case "begin" if "grant" in body:
            yield _step(view, "grant", "consume", view.state.instances[body["grant"]].state)
        case "end" | "lose" | "resolve":
            grant = view.state.runs[body["begin"]].grant
            if grant is not None:
                yield _step(view, "grant", END_TRIGGERS[act.kind], view.state.instances[grant].state)
        case "discharge" | "reopen":
            yield _step(view, "leg", act.kind, view.leg_state(body["leg"]))
        case "open" if opens(act, view):
            yield _step(view, "lane", "open", view.lane(body["lane"]).state)
        case "close":
            yield _step(view, "lane", "close", view.lane(body["lane"]).state)


def _step(view: View, kind: Kind, trigger: str, source: str) -> Motion:
    taken = way(view.policy, kind, cast("Trigger", trigger), source)
    return Motion(lifecycle_machine(view.policy.lifecycles.of(kind)), trigger, source, str(taken.to) if taken else "nowhere")


def _decision(act: Act, view: View) -> Motion:
    packet = view.policy.packets[act.body["packet"]]
    selected = view.packet(act.body["packet"]).selected
    # What was selected under an earlier policy may be an option no more; then the packet is in its HOLD.
    known = any(option.id == selected for option in packet.options)
    return Motion(packet_machine(packet), act.body["option"], selected if selected and known else find.hold_of(packet).id, act.body["option"])
