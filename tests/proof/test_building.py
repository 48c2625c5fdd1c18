"""What guards mean over the labels of components, and the system that a policy becomes."""

import pytest

from govern.policy import find
from govern.policy.guards import Not
from govern.policy.load import examine_policy, load_policy
from govern.policy.model import Policy
from govern.proof.building import Building
from govern.proof.formulas import FALSE, TRUE, Formula, In, Or, atoms, holds, negation
from govern.proof.formulas import AtLeast as Most
from govern.proof.formulas import Not as Denied
from govern.proof.happened import evaluated
from govern.proof.meaning import Meaning, Reading, Where
from govern.proof.promising import build
from govern.proof.supports import distinct
from govern.proof.system import System
from support.planted import text_of
from support.policies import one_option

BLOCKERS = """
  B:
    legs:
      x: {by: ann, evidence: {attest: x}}
      "y": {by: bob, requires: {grant: X}}
      toy: {by: ann, evidence: {attest: toy}, stands_in_for: x}"""
STATES = """
  - {state: closed, when: {legs: all}, closes: true}
  - {state: anns, when: {legs: any, by: ann}}
  - {state: eves, when: {legs: all, by: eve}}
  - {state: open}"""
LANES = """
  main: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
  side: {scope: work, opens_when: %s}
  both: {scope: work, opened_by: owner, opens_when: {grant: Z}}"""
SECTIONS = {
    "grants": "{X: {scope: work, issuer: owner}, Z: {scope: work, issuer: owner}, L: {scope: live, issuer: owner}}",
    "blockers": BLOCKERS,
    "blocker_states": STATES,
    "findings": "{F: {result: unknown, by: eve, why: Nobody looked.}}",
    "actions": "{do: {needs: {selected: ask/GO}, consumes: Z}, look: {needs: {selected: ask/GO}}, idle: {ungranted: true}}",
}
Situation = dict[str, tuple[str, ...]]
NONE: Situation = {}
X: Situation = {"grant:X": ("counts", "honoured")}
TWO: Situation = {"grant:X": ("counts", "honoured", "counts*2", "honoured*2")}
LOST: Situation = {"grant:X": ("lost",)}
Z: Situation = {"grant:Z": ("counts", "honoured")}
LEG: Situation = {"leg:B/x": ("proven",)}
DONE: Situation = {"run:do": ("done",)}
PASS: Situation = {"finding:F": ("is pass",)}
FAIL: Situation = {"finding:F": ("is fail",)}
UNKNOWN: Situation = {"finding:F": ("is unknown",)}
GONE: Situation = {"packet:ask": ("current",), "selected:ask": ("GO",)} | X | LEG


def _policy(requires: str = "{all: [{grant: X}, {leg: B/x}]}", opens_when: str = "{grant: X}", **sections: str) -> Policy:
    """Return a policy, also where `govern check` finds that something in it can never come about."""
    policy = examine_policy(one_option(requires, **{**SECTIONS, "lanes": LANES % opens_when, **sections}).encode()).policy
    assert policy is not None
    return policy


def _in(formula: Formula, situation: Situation) -> bool:
    return evaluated(formula, {name: frozenset(own) for name, own in situation.items()})


HOLDING = [
    ("{all: [{grant: X}, {leg: B/x}]}", (X | LEG,), (X, LEG)),
    ("{any: [{grant: X}, {leg: B/x}]}", (X, LEG), (NONE,)),
    ("{at_least: 2, of: [{grant: X}, {leg: B/x}, {grant: Z}]}", (X | Z, LEG | Z), (X, NONE)),
    ("{all: [{grant: X}, {grant: X}]}", (TWO,), (X,)),
    ("{honoured: X}", ({"grant:X": ("honoured",)},), ({"grant:X": ("given",)},)),
    ("{grant: L}", (), ({"grant:L": ("counts", "counts, first-hand")},)),
    ("{leg: B/y}", (X,), (LEG,)),
    ("{leg: B/toy}", (), (X | LEG,)),
    ("{blocker: B, is: closed}", (X | LEG,), (X, LEG)),
    ("{blocker: B, is: anns}", (LEG,), (X | LEG, X)),
    ("{blocker: B, is: open}", (NONE, X), (LEG,)),
    ("{blocker: B, is: eves}", (), (NONE, X, LEG)),
    ("{finding: F, is: pass}", (PASS,), (FAIL, UNKNOWN)),
    ("{done: do}", (DONE,), ({"run:do": ("unended",)},)),
    ("{lane: both}", (Z, {"lane:both": ("open",)}), (X, {"lane:both": ("opened",)})),
    ("{lane: main}", (NONE,), ()),
]


@pytest.mark.parametrize(("requires", "there", "elsewhere"), HOLDING, ids=[row[0] for row in HOLDING])
def test_a_guard_holds_where_its_labels_say_so_and_nowhere_else(requires: str, there: tuple[Situation, ...], elsewhere: tuple[Situation, ...]) -> None:
    policy = _policy(requires)
    _packet, option = find.option(policy, "ask/GO")
    assert option.requires is not None
    formula = Meaning(policy, Reading.GUARD).judged(option.requires, option.scope)

    assert [_in(formula, each) for each in there] == [True] * len(there)
    assert [_in(formula, each) for each in elsewhere] == [False] * len(elsewhere)


FAILING = [
    ("{all: [{grant: X}, {grant: Z}]}", (X, NONE), (X | Z, LOST | Z)),
    ("{any: [{grant: X}, {grant: Z}]}", (NONE,), (Z, LOST)),
    ("{at_least: 2, of: [{grant: X}, {grant: Z}, {leg: B/x}]}", (X, NONE), (X | LEG, LOST | Z)),
    ("{all: [{grant: X}, {grant: X}]}", (NONE,), (TWO,)),
    ("{honoured: X}", (NONE,), (X, LOST)),
    ("{leg: B/x}", (NONE,), (LEG,)),
    ("{leg: B/y}", (NONE,), (X, LOST)),
    ("{leg: B/toy}", (X | LEG,), ()),
    ("{lane: both}", (NONE,), (Z, {"lane:both": ("open",)})),
    ("{lane: main}", (), (NONE,)),
    ("{lane: gate}", (NONE,), ({"lane:gate": ("open, first-hand",)},)),
    ("{blocker: B, is: closed}", (LEG, X), (X | LEG,)),
    ("{done: do}", (NONE,), (DONE, {"run:do": ("unended",)})),
    ("{finding: F, is: pass}", (FAIL,), (PASS, UNKNOWN)),
    ("{finding: F, is: unknown}", (FAIL,), (UNKNOWN,)),
    ("{not: {grant: X}}", (X,), (NONE, LOST)),
    ("{selected: ask/STOP}", ({"selected:ask": ("GO",)},), ({"selected:ask": ("STOP",)},)),
    ("{selected: ask/GO}", ({"selected:ask": ("STOP",)}, GONE | {"packet:ask": ()}, GONE | {"grant:X": ()}), (GONE,)),
]


@pytest.mark.parametrize(("guard", "there", "elsewhere"), FAILING, ids=[row[0] for row in FAILING])
def test_a_guard_plainly_fails_where_it_is_neither_met_nor_unknown(guard: str, there: tuple[Situation, ...], elsewhere: tuple[Situation, ...]) -> None:
    policy = _policy(opens_when=guard)
    declared = policy.lanes["side"].opens_when
    assert declared is not None
    formula = Meaning(policy, Reading.GUARD).fails(declared, Where("work"))

    assert [_in(formula, each) for each in there] == [True] * len(there)
    assert [_in(formula, each) for each in elsewhere] == [False] * len(elsewhere)


def test_two_uses_in_a_lane_that_is_to_be_shut_need_two_records() -> None:
    policy = _policy(opens_when="{all: [{grant: X}, {grant: X}]}")
    denied = Not.model_validate({"not": {"lane": "side"}})
    formula = Meaning(policy, Reading.GUARD).holds(denied, Where("work"))

    assert [_in(formula, each) for each in (NONE, X, TWO)] == [True, True, False]


def test_a_guard_with_more_uses_than_are_tried_is_read_as_if_they_shared_no_record() -> None:
    many = ", ".join(["{grant: X}"] * 11)
    policy = _policy(f"{{all: [{many}]}}", f"{{all: [{many}]}}")
    packet, option = find.option(policy, "ask/GO")
    meaning = Meaning(policy, Reading.GUARD)

    assert option.requires is not None
    assert _in(meaning.judged(option.requires, "work"), X)
    assert _in(meaning.holds(Not.model_validate({"not": {"lane": "side"}}), Where("work")), X)
    assert distinct(policy, packet, option) == FALSE


def test_a_promise_asks_what_happened_and_not_what_counts() -> None:
    policy = _policy("{all: [{grant: X}, {leg: B/y}, {blocker: B, is: open}]}")
    _packet, option = find.option(policy, "ask/GO")
    assert option.requires is not None
    said: Situation = {"grant:X": ("given",)}
    formula = Meaning(policy, Reading.PROMISE).holds(option.requires, Where("work"))
    first_hand = Meaning(policy, Reading.PROMISE, first_hand=True).holds(option.requires, Where("work"))

    assert (_in(formula, said), _in(formula, X), _in(formula, said | {"leg:B/x": ("shown",)})) == (True, False, False)
    assert not _in(first_hand, said)
    assert Meaning(policy, Reading.PROMISE).fails(option.requires, Where("work")) == negation(formula)


def test_a_grant_of_another_scope_than_is_asked_for_is_never_there() -> None:
    policy = _policy()

    assert Meaning(policy, Reading.GUARD).judged(policy.lanes["side"].opens_when or policy, "other") == FALSE  # type: ignore[arg-type]


def test_what_waits_for_itself_opens_nothing() -> None:
    policy = _policy(opens_when="{selected: ask/GO}")

    assert Meaning(policy, Reading.GUARD).lane("main") == TRUE


def _system(text: str, **how: bool) -> System:
    return build(load_policy(text.encode()), **how)[0]


PLAIN = one_option("{grant: X}", **{**SECTIONS, "lanes": LANES % "{grant: X}"})
WAIVED = PLAIN.replace("decided_by: owner", "decided_by: {all: [{of: board, at_least: 2}]}\n    separation_waiver: They are few.")


def test_every_part_of_a_policy_that_can_change_is_a_component_that_starts_with_nothing() -> None:
    system = _system(PLAIN)

    assert {"grant:X", "run:do", "leg:B/x", "lane:gate", "finding:F", "packet:ask", "selected:ask"} <= set(system.components)
    assert not {"leg:B/y", "lane:main", "run:idle"} & set(system.components)
    assert all(len(component.starts) == 1 for component in system.components.values())
    assert system.components["grant:X"].starts == ("none",)


def test_an_action_takes_the_grant_that_it_uses_up_and_one_without_takes_none() -> None:
    rules = _system(PLAIN).rules

    assert {frozenset(rule.moves) for rule in rules.values() if rule.deed.kind == "begin" and rule.deed.of == "do"} == {frozenset(("run:do", "grant:Z"))}
    assert {frozenset(rule.moves) for rule in rules.values() if rule.deed.kind == "begin" and rule.deed.of == "look"} == {frozenset(("run:look",))}
    assert {rule.actors for rule in rules.values() if rule.deed.kind == "resolve" and rule.deed.of == "look"} == {("owner",)}


def test_words_of_several_wait_for_each_other_unless_separation_is_waived_whoever_prepared() -> None:
    apart, waived = (_system(text).rules["decide ask/GO by ann"] for text in (WAIVED.replace("\n    separation_waiver: They are few.", ""), WAIVED))

    assert {atom.component for atom in atoms(apart.guard)} - {atom.component for atom in atoms(waived.guard)} == {
        f"prepared:ask:{each}" for each in ("ann", "bob", "cyn")
    }
    assert {f"said:ask/GO:{each}" for each in ("ann", "bob", "cyn")} <= set(waived.moves)


def test_where_no_document_reports_a_grant_its_component_has_no_such_step() -> None:
    reported = {
        first_hand: [name for name in _system(PLAIN, finely=True, first_hand=first_hand).rules if name.startswith("report grant")]
        for first_hand in (True, False)
    }

    assert reported[True] == []
    assert reported[False]


def test_only_delegable_options_of_unprotected_scopes_are_delegated() -> None:
    policy = load_policy(text_of("transfer"))

    with_them, without = (build(policy, delegations=delegations)[0] for delegations in (True, False))

    assert {rule.deed.of for rule in with_them.rules.values() if rule.deed.kind == "delegate"} == {"copying/COPY"}
    assert "decide copying/COPY by clerk for head" in with_them.rules
    assert not [name for name in without.components if name.startswith("delegated:")]


def test_packets_go_only_the_ways_that_their_lifecycle_has() -> None:
    lifecycle = """{use: standard-1, packet: {initial: draft, states: {draft: {}, ready: {}, issued: {counts: true}}, transitions: [
      {trigger: prepare, from: draft, to: ready, by: anyone}, {trigger: issue, from: ready, to: issued, by: anyone}]}}"""
    rules = _system(one_option(lifecycles=lifecycle)).rules

    assert rules["prepare ask (draft)"].moves == {"packet:ask": {"draft": {"ready"}}}
    assert "owner" not in rules["prepare ask (draft)"].actors
    assert "report consume ask" not in rules
    assert "report issue ask" in rules


def test_labels_that_no_component_has_are_in_no_state_and_those_of_all_states_are_everywhere() -> None:
    building = Building(_policy())
    states = building.parts["finding:F"].component.states
    passed = building.resolved(In("finding:F", frozenset(("is pass",))))

    assert building.resolved(In("lane:main", frozenset(("open",)))) == FALSE
    assert building.resolved(In("finding:F", frozenset(("is pass", "is fail", "is unknown")))) == TRUE
    assert isinstance(passed, In)
    assert passed.states < set(states)
    assert holds(building.resolved(Or((passed, Denied(passed)))), {"finding:F": "fail"})
    assert not holds(
        building.resolved(Most(2, (In("finding:F", frozenset(("is pass",))), In("finding:F", frozenset(("is fail",))), FALSE))), {"finding:F": "pass"}
    )


def test_enough_requirements_have_a_record_each() -> None:
    policy = _policy(
        "{any: [{all: [{grant: X}, {honoured: X}]}, {all: [{grant: Z}, {leg: B/y}, {lane: side}, {blocker: B, is: closed}, {finding: F, is: pass}]}]}"
    )
    packet, option = find.option(policy, "ask/GO")
    formula = distinct(policy, packet, option)

    assert [_in(formula, each) for each in (NONE, X, TWO)] == [False, False, True]


def test_any_choice_of_so_many_requirements_is_enough() -> None:
    policy = _policy("{at_least: 2, of: [{grant: X}, {lane: side}, {leg: B/x}]}")
    packet, option = find.option(policy, "ask/GO")
    formula = distinct(policy, packet, option)

    assert [_in(formula, each) for each in (NONE, X, TWO)] == [False, True, True]


def test_where_there_are_too_many_choices_to_look_at_nothing_is_taken_for_shown() -> None:
    many = ", ".join(["{grant: X}"] * 2 + ["{leg: B/x}"] * 12)
    policy = _policy(f"{{at_least: 7, of: [{many}]}}")
    packet, option = find.option(policy, "ask/GO")

    assert distinct(policy, packet, option) == FALSE


def test_what_rests_on_no_grant_twice_fills_nothing_twice() -> None:
    policy = _policy("{grant: Z}")
    packet, option = find.option(policy, "ask/GO")

    assert distinct(policy, packet, option) == TRUE
    assert distinct(policy, packet, find.hold_of(policy.packets[packet])) == TRUE
