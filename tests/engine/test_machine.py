"""Machines of `transitions` move exactly when the evaluator allows, by the ways of the table, with none of that package's own."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transitions import Machine

from govern.engine.machine import fire, lifecycle_machine, packet_machine, propose
from govern.engine.moves import way
from govern.engine.view import View
from govern.policy.lifecycles import KINDS, TRIGGERS, Kind, Lifecycle, Lifecycles
from govern.policy.load import examine_policy, load_policy
from govern.policy.model import Policy
from support.policies import one_option, programme
from support.programmes import PROGRAMMES
from support.world import World, evidence

PLAIN = load_policy(programme().encode())
STATES = ("a", "b", "os.getcwd", "to_a")


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    """Return a lifecycle with one way at most for each trigger and state, as the check leaves them."""
    pairs = draw(st.lists(st.tuples(st.sampled_from(TRIGGERS["grant"]), st.sampled_from(STATES)), unique=True, min_size=1, max_size=20))
    ways = [{"trigger": trigger, "from": source, "to": draw(st.sampled_from(STATES)), "by": "anyone"} for trigger, source in pairs]
    return Lifecycle.model_validate({"initial": "a", "states": {name: {"counts": name == "b"} for name in STATES}, "transitions": ways})


def _edges(machine: Machine) -> set[tuple[str, str, str]]:
    names = {id(each): event.name for event in machine.events.values() for group in event.transitions.values() for each in group}
    return {(names[id(each)], each.source, str(each.dest)) for each in machine.get_transitions()}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(lifecycle=lifecycles())
def test_the_table_of_ways_and_the_machine_have_the_same_edges(lifecycle: Lifecycle) -> None:
    policy = _with_grants(lifecycle)

    table = {
        (trigger, source, str(found.to))
        for trigger, source in product(TRIGGERS["grant"], (*STATES, "nowhere"))
        if (found := way(policy, "grant", trigger, source)) is not None
    }

    assert table == _edges(lifecycle_machine(lifecycle))


def _with_grants(lifecycle: Lifecycle) -> Policy:
    standard = {kind: PLAIN.lifecycles.of(kind) for kind in KINDS}
    return PLAIN.model_copy(update={"lifecycles": Lifecycles.model_validate({"use": "standard-1", **standard, "grant": lifecycle})})


@settings(max_examples=60, deadline=None, derandomize=True)
@given(lifecycle=lifecycles())
def test_a_machine_moves_where_the_table_says_exactly_when_it_is_allowed(lifecycle: Lifecycle) -> None:
    policy, machine = _with_grants(lifecycle), lifecycle_machine(lifecycle)
    for trigger, source in product(TRIGGERS["grant"], (*STATES, "nowhere")):
        found = way(policy, "grant", trigger, source)
        assert fire(machine, trigger, source, lambda: True) == (str(found.to) if found else None)
        assert fire(machine, trigger, source, lambda: False) is None
    assert [fire(machine, trigger, source, lambda: True) for trigger in ("to_a", "to_b") for source in STATES] == [None] * 8


def _machines() -> Iterator[Machine]:
    for text in PROGRAMMES.values():
        policy = load_policy(text.encode())
        yield from (lifecycle_machine(policy.lifecycles.of(kind)) for kind in KINDS)
        yield from (packet_machine(packet) for packet in policy.packets.values())


def test_no_machine_has_a_trigger_that_nobody_declared() -> None:
    for text in PROGRAMMES.values():
        policy = load_policy(text.encode())
        for kind in KINDS:
            lifecycle = policy.lifecycles.of(kind)
            assert set(lifecycle_machine(lifecycle).events) == {way.trigger for way in lifecycle.transitions}
        for packet in policy.packets.values():
            assert set(packet_machine(packet).events) == {option.id for option in packet.options}


def test_every_condition_is_a_function_of_ours_and_there_is_no_callback() -> None:
    for machine in _machines():
        assert not machine.has_queue
        assert [*machine.prepare_event, *machine.before_state_change, *machine.after_state_change, *machine.finalize_event, *machine.on_exception] == []
        assert [each for state in machine.states.values() for each in (*state.on_enter, *state.on_exit)] == []
        for edge in machine.get_transitions():
            assert [condition.func.__module__ for condition in edge.conditions] == ["govern.engine.machine"]
            assert [*edge.prepare, *edge.before, *edge.after] == []


def test_every_edge_is_alone_with_its_trigger_and_source_so_that_none_falls_through() -> None:
    for machine in _machines():
        assert {len(group) for event in machine.events.values() for group in event.transitions.values()} == {1}


def test_each_option_is_one_act_away_from_every_other_and_hold_is_where_a_packet_starts() -> None:
    packet = load_policy(PROGRAMMES["fix7"].encode()).packets["final-real-data"]
    machine = packet_machine(packet)
    names = [str(option.id) for option in packet.options]

    assert machine.initial == "HOLD_REAL_DATA"
    assert _edges(machine) == {(dest, source, dest) for source in names for dest in names}


def test_a_condition_that_fails_to_answer_leaves_the_thing_where_it_was() -> None:
    machine = lifecycle_machine(load_policy(programme().encode()).lifecycles.lane)

    def broken() -> bool:
        raise ZeroDivisionError("no answer")

    with pytest.raises(ZeroDivisionError, match="no answer"):
        fire(machine, "open", "closed", broken)
    assert fire(machine, "open", "closed", lambda: True) == "open"


def test_a_name_that_could_be_imported_is_a_name() -> None:
    world = World(one_option().replace("id: GO", "id: os.abort").replace("id: STOP", "id: to_os.abort"))
    world.record("issue", "agent", packet="ask")

    decided = world.record("decide", "owner", packet="ask", option="os.abort")

    world.record("decide", "owner", packet="ask", option="to_os.abort", supersedes=decided)


_LANE = """
  use: standard-1
  lane:
    initial: {initial}
    states: {{closed: {{}}, open: {{counts: true}}{states}}}
    transitions:
      - {{trigger: open, from: {source}, to: {dest}, by: authority}}
      - {{trigger: close, from: open, to: closed, by: anyone}}{more}"""


def _lane(initial: str = "closed", states: str = "", source: str = "closed", dest: str = "open", more: str = "") -> str:
    return programme(lifecycles=_LANE.format(initial=initial, states=states, source=source, dest=dest, more=more))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_lane(initial="elsewhere"), "POLICY_DANGLING"),
        (_lane(source="elsewhere"), "POLICY_DANGLING"),
        (_lane(dest="elsewhere"), "POLICY_DANGLING"),
        (_lane(states=", open: {}"), "YAML_DUPLICATE_KEY"),
        (_lane(more="\n      - {trigger: open, from: closed, to: closed, by: authority}"), "POLICY_AMBIGUOUS"),
        (_lane(more="\n      - {trigger: to_open, from: closed, to: open, by: authority}"), "POLICY_VALUE"),
    ],
)
def test_what_the_package_would_take_silently_is_refused_before_a_machine_is_made(text: str, code: str) -> None:
    assert examine_policy(_lane().encode()).passed
    assert code in {problem.code for problem in examine_policy(text.encode()).problems}


def _history() -> World:
    """Return a world in which every kind of thing stands in a state that an act can leave."""
    world = World(HISTORY)
    world.record("issue", "agent", packet="one")
    world.record("decide", "owner", packet="one", option="GO")
    world.record("issue", "agent", packet="four")
    world.record("decide", "owner", packet="four", option="RUN")
    for _ in range(2):
        world.record("grant", "owner", grant="X", scope="work")
        world.record("begin", "agent", action="use", grant=len(world.lines) - 1)
    world.record("lose", "agent", begin=8, reason="the host is gone")
    world.record("grant", "owner", grant="X", scope="work")
    world.record("grant", "ann", grant="BOTH", scope="work")
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    world.record("open", "owner", lane="gate")
    return world


HISTORY = programme(
    grants="{X: {scope: work, issuer: owner}, BOTH: {scope: work, issuer: {all: [{of: ann}, {of: bob}]}}}",
    lanes="{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, side: {scope: live, opened_by: owner}}",
    blockers="{B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}, again: {by: agent, evidence: {rehearsal: real}}}}}",
    actions="{use: {needs: {selected: four/RUN}, consumes: X}}",
    packets="""
  one:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}, {number: "2", id: GO, scope: work, says: It is done.}]
  two:
    lane: main
    decided_by: owner
    consumes: one/GO
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}]
  three:
    lane: main
    decided_by: owner
    lineage_gap: It is a story of its own.
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}]
  four:
    lane: main
    decided_by: owner
    lineage_gap: It is a story of its own.
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}, {number: "2", id: RUN, scope: work, says: It runs.}]""",
)
_ACTS: list[tuple[Kind, str, str, dict[str, Any]]] = [
    ("packet", "prepare", "prepare", {"packet": "three"}),
    ("packet", "issue", "issue", {"packet": "three"}),
    ("packet", "consume", "issue", {"packet": "two"}),
    ("grant", "request", "request", {"grant": "X", "reason": "it is needed"}),
    ("grant", "record", "grant", {"grant": "X", "scope": "work"}),
    ("grant", "approve", "grant", {"grant": "BOTH", "scope": "work"}),
    ("grant", "record", "grant", {"grant": "BOTH", "scope": "work", "instance": 11}),
    ("grant", "consume", "begin", {"action": "use", "grant": 10}),
    ("grant", "complete", "end", {"begin": 6, "status": 0}),
    ("grant", "lose", "lose", {"begin": 6, "reason": "the host is gone"}),
    ("grant", "resolve", "resolve", {"begin": 8, "reason": "found"}),
    ("grant", "revoke", "revoke", {"record": 10, "reason": "no more"}),
    ("leg", "discharge", "discharge", {"leg": "B/again", "evidence": evidence("rehearsal", "real")}),
    ("leg", "reopen", "reopen", {"leg": "B/tried", "reason": "doubt"}),
    ("lane", "open", "open", {"lane": "side"}),
    ("lane", "close", "close", {"lane": "gate"}),
]


@pytest.mark.parametrize(("kind", "trigger", "act", "body"), _ACTS)
def test_a_machine_that_differs_from_the_evaluator_stops_the_act(kind: Kind, trigger: str, act: str, body: dict[str, Any]) -> None:
    # Only a policy that did not pass the check can bring it about: two ways with one trigger and source.
    world = _history()
    view = world.view()
    lifecycle = view.policy.lifecycles.of(kind)
    twins = tuple(way.model_copy(update={"to": "elsewhere"}) for way in lifecycle.transitions if way.trigger == trigger)
    states = {**lifecycle.states, "elsewhere": next(iter(lifecycle.states.values()))}
    two_ways = Lifecycle.model_validate({"initial": lifecycle.initial, "states": states, "transitions": (*lifecycle.transitions, *twins)})
    others = {each: view.policy.lifecycles.of(each) for each in KINDS}
    faulty = view.policy.model_copy(update={"lifecycles": Lifecycles.model_validate({"use": "standard-1", **others, kind: two_ways})})
    who = {"BOTH": "bob"}.get(body.get("grant", ""), "agent" if kind == "leg" else "owner")

    signed = world.act(act, who, body)
    assert propose(signed, view) == ()
    with pytest.raises(AssertionError, match=f"machine and evaluator differ on {act}: from .*, wanted elsewhere"):
        propose(signed, View(faulty, view.state, 0))
