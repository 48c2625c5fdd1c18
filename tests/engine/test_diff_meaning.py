"""What a comparison of policies takes a guard to mean is what the evaluator judges, in every situation."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.judge import judge, judge_lane, judge_leg
from govern.engine.state import FindingState, GrantInstance, LaneState, PacketState, Proof, Run, State
from govern.engine.view import View
from govern.policy import find
from govern.policy.diff.formulas import VALUES, Formula, Is, Variable
from govern.policy.diff.gates import options_of
from govern.policy.diff.meaning import Meanings
from govern.policy.guards import Not
from govern.policy.load import load_policy
from govern.policy.model import Policy
from support.policies import one_option
from support.random_policies import policies, text_of

# As many as no guard of these policies uses, so that no record is wanted twice.
RECORDS = 40


def situations(policy: Policy) -> st.SearchStrategy[dict[Variable, str]]:
    """Return what can be on record about everything: in doubt is what is of another scope, actor or document."""
    live = {name for name, grant in policy.grants.items() if policy.scopes[grant.scope].protected}
    drawn: dict[Variable, st.SearchStrategy[str]] = {}
    for name in policy.grants:
        drawn[Variable("grant", name)] = st.sampled_from([value for value in VALUES["grant"] if value != "doubtful" or name in live])
    for path, leg in find.leg_paths(policy):
        if leg.requires is None:
            drawn[Variable("leg", path)] = st.sampled_from(["none", "doubtful", "proven"])
    for name, lane in policy.lanes.items():
        if lane.opened_by is not None:
            drawn[Variable("lane", name)] = st.sampled_from(["none", "open"])
    for name in policy.findings:
        drawn[Variable("finding", name)] = st.sampled_from(["unknown", "pass", "fail"])
    for name in policy.actions:
        drawn[Variable("done", name)] = st.sampled_from(["none", "unknown", "done"])
    return st.fixed_dictionaries(drawn)


STATES = {"usable": "recorded", "honoured": "consumed", "unknown": "used-unknown", "doubtful": "recorded"}


def recorded(policy: Policy, values: dict[Variable, str]) -> View:
    """Return a view of a state in which everything is as given."""
    state, numbers = State(), iter(range(1, 100_000))
    for variable, value in values.items():
        name = variable.name
        if value == "none":
            continue
        match variable.kind:
            case "grant":
                for _ in range(RECORDS):
                    seq = next(numbers)
                    made = GrantInstance(name, seq, STATES[value], policy.grants[name].scope, seq, imported=value == "doubtful")
                    state.instances[seq] = made
                    state.grants.setdefault(name, []).append(made)
            case "leg":
                evidence = policy.legs[name].evidence
                assert evidence is not None
                actor = find.members(policy, policy.legs[name].by)[0] if value == "proven" else "nobody"
                state.proofs[name] = [Proof(name, next(numbers), "proven", actor, evidence.kind, evidence.of, 0, 0)]
            case "lane":
                state.lanes[name] = LaneState("open", next(numbers))
            case "finding":
                state.findings[name] = FindingState(value, next(numbers), "It is so.", "ann")
            case _:
                state.runs[seq] = Run(name, (seq := next(numbers)), "ended" if value == "done" else "begun", status=0)
    return View(policy, state, 0)


def holds(formula: Formula, values: dict[Variable, str]) -> bool:
    if isinstance(formula, Is):
        return values.get(formula.variable._replace(use=""), "none") in formula.values
    return sum(holds(part, values) for part in formula.parts) >= formula.wanted


def agreed(policy: Policy, values: dict[Variable, str]) -> None:
    view = recorded(policy, values)
    options = options_of(policy)
    entry = Meanings(policy, options)
    standing = Meanings(policy, options, entry)
    for where, guard in find.guards(policy):
        for meanings, in_force in ((entry, False), (standing, True)):
            truth = judge(guard, view, in_force=in_force).truth
            meant = meanings.of(guard)
            assert holds(meant.holds, values) == (truth is True), (where, truth, values)
            assert holds(meant.fails, values) == (truth is False), (where, truth, values)
    for name, lane in policy.lanes.items():
        assert holds(entry.lane(name).holds, values) == (judge_lane(name, view, lane.at).truth is True), (name, values)
    for path, leg in find.leg_paths(policy):
        assert holds(entry.leg(path).holds, values) == (judge_leg(path, view, leg.at).truth is True), (path, values)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_guard_means_what_the_evaluator_judges(data: st.DataObject) -> None:
    policy = load_policy(text_of(data.draw(policies())).encode())
    for _ in range(5):
        agreed(policy, data.draw(situations(policy)))


BLOCKERS = """
  B: {legs: {x: {by: agent, evidence: {rehearsal: copy}}, w: {by: owner, requires: {any: [{honoured: X}, {finding: F, is: pass}]}}}}
  C: {legs: {z: {by: owner, requires: {not: {lane: side}}}}}"""
SECTIONS = {
    "grants": "{X: {scope: work, issuer: owner}, Z: {scope: work, issuer: owner}}",
    "blockers": BLOCKERS,
    "findings": "{F: {result: unknown, by: owner, why: It is so.}}",
    "lanes": """
  main: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
  side: {scope: work, opens_when: {any: [{grant: X}, {lane: back}]}}
  back: {scope: work, opens_when: {any: [{lane: side}, {honoured: Z}]}}""",
}
DENIALS = [
    "{not: {blocker: B, is: closed}}", "{not: {blocker: B, is: partial}}", "{not: {blocker: B, is: open}}", "{blocker: B, is: partial}", "{blocker: B, is: open}",
    "{not: {lane: side}}", "{not: {lane: back}}", "{not: {blocker: C, is: closed}}", "{blocker: C, is: open}", "{not: {grant: X}}", "{not: {honoured: X}}",
    "{at_least: 2, of: [{not: {lane: side}}, {leg: B/w}, {blocker: C, is: closed}]}", "{not: {lane: gate}}",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_what_must_not_hold_means_what_the_evaluator_judges_also_through_blockers_and_lanes_in_a_circle(data: st.DataObject) -> None:
    policy = load_policy(one_option(data.draw(st.sampled_from(DENIALS)), **SECTIONS).encode())

    agreed(policy, data.draw(situations(policy)))


def selected(policy: Policy, option: str) -> View:
    state = State()
    state.packets["ask"] = PacketState("issued", issued=1, selected=option, decision=2)
    return View(policy, state, 0)


def test_one_option_of_a_packet_is_selected_and_another_is_its_opposite() -> None:
    sections: dict[str, Any] = {
        "lanes": "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}, side: {scope: work, opens_when: {selected: GO}}}",
        "actions": "{a: {needs: {all: [{selected: GO}, {not: {lane: gate}}]}}}",
        "claims": "{CALM_SIDE: {needs: {not: {lane: side}}}, DONE_TWO: {needs: {selected: ask/2}}}",
    }
    policy = load_policy(one_option(**sections).encode())
    meanings = Meanings(policy, options_of(policy))
    for option in ("GO", "STOP"):
        view, values = selected(policy, option), {Variable("packet", "ask"): option}
        for _where, guard in find.guards(policy):
            truth = judge(guard, view).truth
            assert holds(meanings.of(guard).holds, values) == (truth is True)
            assert holds(meanings.of(guard).fails, values) == (truth is False)
    assert isinstance(policy.claims["CALM_SIDE"].needs, Not)
