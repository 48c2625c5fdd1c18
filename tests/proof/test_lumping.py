from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or, holds
from govern.proof.lumping import interchangeable
from govern.proof.system import Component, Rule, Situation, System
from support.random_systems import situations, taken
from support.symmetry import renamed, symmetric_questions


def _grant(name: str) -> Component:
    return Component(name, ("none", "recorded"), ("none",))


def _in(name: str, *states: str) -> In:
    return In(name, frozenset(states))


def _record(name: str, guard: Formula = TRUE) -> Rule:
    return Rule(f"record {name}", guard, {name: {"none": frozenset({"recorded"})}})


def _system(names: str, *rules: Rule) -> System:
    return System({name: _grant(name) for name in names}, {rule.name: rule for rule in rules})


def test_components_of_which_the_same_is_asked_can_be_swapped() -> None:
    system = _system("abcd", *(_record(name) for name in "abcd"))
    nested = And((And((_in("a", "recorded"), _in("c", "recorded"))), AtLeast(2, (_in("d", "recorded"), _in("b", "recorded"), FALSE))))
    assert interchangeable(system, Or((nested,))) == (("a", "c"), ("b", "d"))


def test_the_order_of_parts_tells_nothing_apart() -> None:
    system = _system("ab", *(_record(name) for name in "ab"))
    goal = Not(Or((And((_in("a", "none"), _in("b", "recorded"))), And((_in("a", "recorded"), _in("b", "none"))))))
    assert interchangeable(system, goal) == (("a", "b"),)


def test_components_that_only_look_alike_are_not_swapped() -> None:
    # Each grant waits for the next one, round a ring of four: all look alike, and no two can be swapped alone.
    system = _system("abcd", *(_record(one, _in(other, "recorded")) for one, other in ("ab", "bc", "cd", "da")))
    assert interchangeable(system, TRUE) == (("a",), ("b",), ("c",), ("d",))


def test_components_that_only_look_alike_to_the_goal_are_not_swapped() -> None:
    ring = Or(tuple(And((_in(one, "none"), _in(other, "recorded"))) for one, other in ("ab", "bc", "cd", "da")))
    assert interchangeable(_system("abcd", *(_record(name) for name in "abcd")), ring) == (("a",), ("b",), ("c",), ("d",))


def test_components_that_begin_elsewhere_or_move_elsewhere_are_told_apart() -> None:
    begun = Component("b", ("none", "recorded"), ("recorded",))
    assert interchangeable(System({"a": _grant("a"), "b": begun}, {}), TRUE) == (("a",), ("b",))
    assert interchangeable(_system("ab", _record("a")), TRUE) == (("a",), ("b",))


@settings(max_examples=80, deadline=None)
@given(symmetric_questions())
def test_swapping_inside_a_class_never_changes_what_holds_or_where_rules_lead(question: tuple[System, Formula]) -> None:
    system, goal = question
    classes = interchangeable(system, goal)
    assert sorted(name for names in classes for name in names) == sorted(system.components)
    for names in classes:
        for order in permutations(names):
            swap = dict(zip(names, order, strict=True))
            for situation in situations(system):
                other = renamed(situation, swap)
                assert holds(goal, other) == holds(goal, situation)
                assert _nexts(system, other) == {tuple(sorted(renamed(dict(after), swap).items())) for after in _nexts(system, situation)}


def _nexts(system: System, situation: Situation) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(after.items())) for rule in system.rules.values() for after in taken(rule, situation)}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_components_made_alike_are_found(data: st.DataObject) -> None:
    system, goal = data.draw(symmetric_questions())
    assert any({"c0", "twin"} <= set(names) for names in interchangeable(system, goal))
