"""What a decision or an act would unlock, who waits for the same evidence, and how long a HOLD has lasted."""

import copy
from functools import cache

import pytest

from govern.engine.acts import Act, judge_act
from govern.engine.apply import apply
from govern.engine.commands import discharge, record_grant
from govern.engine.hands import act_of
from govern.engine.holds import Held, held
from govern.engine.judge import judge_lane, leg_proven
from govern.engine.leverage import Leverage, Opening
from govern.engine.supposed import after
from govern.engine.upcoming import choices
from govern.engine.verdicts import judge_action, judge_option
from govern.engine.view import EvidenceFact, View
from govern.engine.waiting import Together, together
from govern.ledger.lines import Record
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Statement
from govern.policy import find
from govern.policy.load import load_policy
from support.policies import programme
from support.random_programmes import programmes, text_of
from support.walks import Walk
from support.world import World, evidence, snapshot

SECTIONS = {
    "lanes": "{main: {scope: work, standing: true}, far: {scope: work, opens_when: {selected: ask/TRY}}, gate: {scope: live, opened_by: owner}, bay: {scope: work, opened_by: owner}}",
    "grants": '{X: {scope: work, issuer: owner}, "Y": {scope: work, issuer: {all: [{of: board, at_least: 2}]}}, Z: {scope: live, issuer: owner}}',
    "findings": "{F: {result: unknown, by: ann, why: It is so.}}",
    "blockers": """
  A: {legs: {tried: {by: robot, evidence: {rehearsal: copy}}, told: {by: owner, requires: {honoured: X}}}}
  B: {legs: {tried: {by: agent, evidence: {rehearsal: copy}}, made: {by: robot, evidence: {attest: it}, stands_in_for: tried}}}
  C: {legs: {then: {by: agent, evidence: {dry-run: far}}}}""",
    "packets": """
  ask:
    lane: main
    decided_by: {all: [{of: board, at_least: 2}]}
    lineage_gap: It starts the story.
    respond_within: 1h
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: TRY, scope: work, leads_to: [C/then], says: It is tried.}
      - {number: "3", id: GO, scope: work, lane: far, requires: {all: [{leg: A/tried}, {grant: "Y"}]}, says: It is done.}
      - {number: "4", id: END, scope: work, requires: {all: [{blocker: B, is: closed}, {grant: X}]}, says: It ends.}
      - {number: "5", id: NEVER, scope: work, requires: {all: [{finding: F, is: pass}]}, says: Who knows.}
      - {number: "6", id: BAY, scope: work, lane: bay, requires: {all: [{selected: side/ON}]}, says: In the bay.}
      - {number: "7", id: ALL, scope: work, requires: {blocker: A, is: closed}, says: All of it.}
  idle:
    decided_by: owner
    lineage_gap: It waits.
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]
  side:
    lane: main
    decided_by: owner
    lineage_gap: Another story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: "ON", scope: work, requires: {any: [{grant: X}, {lane: far}]}, says: It is on.}""",
    "actions": """
  use: {needs: {selected: ask/GO}, consumes: X}
  look: {needs: {selected: TRY}}
  ring: {needs: {all: [{selected: END}, {honoured: X}]}}
  after: {needs: {all: [{selected: END}, {done: ring}]}}""",
    "invariants": "{safe: {never: {selecting: ask/END}, unless: {honoured: X}}, sound: {always_possible: {decide: ask/STOP}}}",
}
TEXT = programme(**SECTIONS)


def _world(text: str = TEXT) -> World:
    world = World(text, now=100)
    world.record("issue", "agent", packet="ask")
    world.record("issue", "agent", packet="side")
    return world


def _unlocks(world: World, address: str) -> Opening | None:
    return Leverage(world.view()).of_option(*address.split("/"))


def test_an_option_unlocks_the_lanes_actions_and_options_that_rest_on_it_and_the_legs_it_leads_to() -> None:
    assert _unlocks(_world(), "ask/TRY") == Opening(options=("side/ON",), lanes=("far",), actions=("look",), legs=("C/then",))


def test_a_locked_option_is_weighed_as_if_all_that_it_waits_for_were_there() -> None:
    assert _unlocks(_world(), "ask/END") == Opening(actions=("ring",))
    # Its lane is open only while another option of the packet is selected: to decide it ends that.
    assert _unlocks(_world(), "ask/GO") == Opening()


def test_an_option_that_rests_on_another_packets_decision_is_weighed_with_it() -> None:
    assert _unlocks(_world(), "ask/BAY") == Opening()
    world = _world(TEXT.replace("{needs: {selected: TRY}}", "{needs: {selected: BAY}}"))
    assert _unlocks(world, "ask/BAY") == Opening(actions=("look",))


def test_what_no_act_that_can_be_supposed_brings_about_is_not_weighed() -> None:
    assert _unlocks(_world(), "ask/NEVER") is None


def test_a_hold_unlocks_nothing() -> None:
    assert _unlocks(_world(), "ask/STOP") == Opening()


def test_behind_more_acts_than_are_supposed_nothing_is_told() -> None:
    grants = ", ".join(f"G{number}: {{scope: work, issuer: owner}}" for number in range(40))
    asked = ", ".join(f"{{grant: G{number}}}" for number in range(40))
    text = TEXT.replace("grants: {", f"grants: {{{grants}, ").replace("{all: [{finding: F, is: pass}]}", f"{{all: [{asked}]}}")

    assert _unlocks(_world(text), "ask/NEVER") is None


def test_an_act_opens_what_it_allows_and_not_itself() -> None:
    leverage = Leverage(_world().view())

    assert leverage.of_act("govern grant record X --as owner") == Opening(options=("side/ON",), legs=("A/told",))
    assert leverage.of_act("govern blocker discharge B/tried --evidence FILE --as agent") == Opening()
    assert leverage.of_act("govern lane open bay --as owner") == Opening()
    assert leverage.of_act("govern decide ask/TRY --as ann") == Opening(options=("side/ON",), lanes=("far",), actions=("look",))


def test_evidence_on_what_must_be_taken_in_first_is_supposed_behind_its_intake() -> None:
    taken = "\n  D: {legs: {taken: {by: agent, evidence: {intake: copy}}}}"
    text = TEXT.replace("\n  C: {legs:", f"{taken}\n  C: {{legs:").replace("{any: [{grant: X}, {lane: far}]}", "{leg: B/tried}")
    leverage = Leverage(_world(text).view())

    assert leverage.of_act("govern blocker discharge B/tried --evidence FILE --as agent") == Opening(options=("side/ON",))
    assert leverage.of_act("govern blocker discharge D/taken --evidence FILE --as agent") == Opening()


def test_a_word_of_a_quorum_opens_what_it_completes() -> None:
    world = _world(TEXT.replace("{any: [{grant: X}, {lane: far}]}", '{grant: "Y"}'))
    assert Leverage(world.view()).of_act("govern grant record Y --as ann") == Opening()
    seq = world.record("grant", "ann", grant="Y", scope="work")

    assert Leverage(world.view()).of_act(f"govern grant record Y#{seq} --as bob") == Opening(options=("side/ON",))


@pytest.mark.parametrize(
    "command", ["govern why-blocked B", "govern finding F pass --as ann", "govern decide ask/END --as ann", "govern lane open main --as owner"]
)
def test_what_would_not_be_recorded_opens_nothing_that_could_be_told(command: str) -> None:
    assert Leverage(_world().view()).of_act(command) is None


def test_both_openings_hold_each_thing_once() -> None:
    both = Opening(("a",), ("l",)) | Opening(("b", "a"), ("l",), ("x",), ("y",))

    assert both == Opening(("a", "b"), ("l",), ("x",), ("y",))
    assert both.count == 5


def test_decisions_that_wait_for_the_same_evidence_are_one_group_also_through_a_blocker() -> None:
    assert together(_world().view()) == [Together(("ask/GO", "ask/END", "ask/ALL"), ("rehearsal of copy",), ("A/tried", "B/tried"), ("robot", "agent"))]


def test_a_decision_that_waits_alone_is_no_group() -> None:
    world = _world()
    world.record("discharge", "robot", leg="A/tried", evidence=evidence("rehearsal", "copy"))

    assert together(world.view()) == []


def test_decisions_that_wait_for_what_takes_the_place_of_one_record_are_a_group() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")
    gone = world.record("revoke", "owner", record=seq, reason="no")
    world.record("discharge", "robot", leg="A/tried", evidence=evidence("rehearsal", "copy"))
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "copy"))

    assert together(world.view()) == [Together(("ask/END", "side/ON"), (f"what takes the place of record #{gone}",), (), ("owner",))]


def test_a_hold_lasts_from_its_issue_until_somebody_answers() -> None:
    world = _world()
    assert held("ask", world.view(now=400)) == Held(100, 300, "none", None)
    assert held("ask", world.view(now=3_699)).answer == "none"
    assert held("ask", world.view(now=3_700)) == Held(100, 3_600, "no-response", None)

    refused = world.record("refuse", "ann", packet="ask", option="TRY", reason="not now")
    assert held("ask", world.view(now=3_700)) == Held(100, 3_600, "refused", refused)


def test_a_hold_that_was_decided_lasts_from_then() -> None:
    world = _world()
    world.now = 500
    decided = world.record("decide", "ann", packet="ask", option="STOP")

    assert held("ask", world.view(now=700)) == Held(500, 200, "hold", decided)


def test_a_packet_whose_option_is_selected_is_answered() -> None:
    world = _world()
    world.record("grant", "owner", grant="X", scope="work")
    decided = world.record("decide", "owner", packet="side", option="ON")

    assert held("side", world.view()) == Held(100, 0, "selected", decided)
    assert held("ask", World(TEXT).view()) == Held(None, 0, "none", None)


def test_a_file_that_is_only_supposed_is_there_as_wanted() -> None:
    view = _world().view(evidence={})
    asked = act_of("govern blocker discharge A/tried --evidence FILE --as robot", view)
    assert asked is not None

    then = after(Act(asked[0], "robot", asked[1]), view)

    assert leg_proven("A/tried", then) is True
    assert then.evidence == {view.state.size: EvidenceFact.SAME}
    assert view.evidence == {}


def test_a_delegation_that_is_only_supposed_to_be_used_stays_unused() -> None:
    world = World(TEXT.replace('id: "ON", scope: work,', 'id: "ON", scope: work, delegable: true,'), now=100)
    world.record("issue", "robot", packet="side")
    world.record("grant", "owner", grant="X", scope="work")
    seq = world.record("delegate", "owner", to="agent", packet="side", options=["ON"], scope="work", uses=1)
    view = world.view()

    then = after(Act("decide", "agent", {"packet": "side", "option": "ON", "packet_sha256": "", "delegation": seq}), view)

    assert then.packet("side").selected == "ON"
    assert (then.state.delegations[seq].used, view.state.delegations[seq].used) == ([view.state.size], [])


def test_an_act_that_is_seldom_supposed_changes_nothing_either() -> None:
    view = _world().view()

    assert after(Act("note", "owner", {"text": "a word"}), view).state.size == view.state.size + 1


@cache
def _worlds() -> tuple[World, ...]:
    """Return worlds at random in which some things were done, each under a policy that the check accepts."""
    found = []
    for seed in range(10):
        text = text_of(next(programmes(seed)))
        world = World(text)
        list(Walk(world, load_policy(text.encode()), seed).steps(4, 10))
        found.append(world)
    return tuple(found)


def _everything(view: View) -> set[tuple[str, str]]:
    """Return all that is possible in a view, looked up one by one."""
    policy = view.policy
    found = {
        ("option", f"{name}/{option.id}")
        for name in view.current_packets()
        for option in policy.packets[name].options
        if not option.hold and judge_option(name, option, view).truth is True
    }
    found |= {("lane", name) for name, lane in policy.lanes.items() if judge_lane(name, view, lane.at).truth is True}
    found |= {("action", name) for name in policy.actions if judge_action(name, view).truth is True}
    return found | {("leg", path) for path, _leg in find.leg_paths(policy) if leg_proven(path, view) is True}


def _commands(view: View) -> list[str]:
    """Return a command for each grant, each leg that evidence proves and each lane that a record opens."""
    policy = view.policy
    found = [record_grant(name, find.everyone(policy, grant.issuer), view) for name, grant in policy.grants.items()]
    found += [discharge(path, leg, find.members(policy, leg.by)) for path, leg in find.leg_paths(policy) if leg.evidence]
    return found + [f"govern lane open {name} --as {find.everyone(policy, lane.opened_by)[0]}" for name, lane in policy.lanes.items() if lane.opened_by]


def _actor(command: str) -> str:
    return command.partition(" --as ")[2] or "owner"


def _things(opening: Opening) -> set[tuple[str, str]]:
    kinds = {"option": opening.options, "lane": opening.lanes, "action": opening.actions, "leg": opening.legs}
    return {(kind, name) for kind, names in kinds.items() for name in names}


def test_an_act_opens_exactly_what_looking_everything_up_before_and_after_finds() -> None:
    asked = opened = 0
    for world in _worlds():
        view = world.view()
        leverage = Leverage(view)
        for command in _commands(view):
            found = leverage.of_act(command)
            kind_body = act_of(command, view)
            if found is None or kind_body is None or kind_body[0] == "decide":
                continue
            kind, body = kind_body
            then = after(Act(kind, _actor(command), body), view)
            about = ({"grant": "grant", "discharge": "leg", "open": "lane"}[kind], body.get("grant") or body.get("leg") or body.get("lane"))
            assert _things(found) == _everything(then) - _everything(view) - {about}, command
            asked, opened = asked + 1, opened + bool(found.count)
    assert asked > 60
    assert opened > 5


def test_a_view_with_an_act_is_the_one_that_a_whole_copy_gives_and_the_first_stays_as_it_was() -> None:
    tried: set[str] = set()
    for world in _worlds():
        view = world.view()
        before = snapshot(view.state)
        deciders = {name: find.everyone(view.policy, packet.decided_by)[0] for name, packet in view.policy.packets.items()}
        commands = _commands(view)
        commands += [f"govern decide {each.address} --as {deciders[each.address.split('/')[0]]}" for each in choices(view) if each.missing == 0]
        for command in commands:
            asked = act_of(command, view)
            if asked is None:
                continue
            kind, body = asked
            act = Act(kind, _actor(command), body)
            if [each for each in judge_act(act, view) if not each.id.startswith(("signature:", "authority:", "separation:"))]:
                continue
            state = copy.deepcopy(view.state)
            statement = Statement(None, kind, act.actor, body, Basis(state.size, ""), state.policy_digest)
            apply(act, Record(state.size, spell_time(view.now), view.now, statement, ""), View(view.policy, state, view.now))
            assert snapshot(after(act, view).state) == snapshot(state), command
            assert snapshot(view.state) == before, command
            tried.add(kind)
    assert tried >= {"grant", "discharge", "open", "decide"}
