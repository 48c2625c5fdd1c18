import sys
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.problems import Exit, GovernError
from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, Not, Or, holds
from govern.proof.normal import Atom, Node, Normal, demands, leaves
from govern.proof.sat import Encoding, Frame, available
from govern.proof.system import Component, Situation, System
from support.random_systems import random_formulas, random_systems, situations, starts, taken
from support.small_systems import component, inside, rule, system


def true(node: Node, here: Situation) -> bool:
    if isinstance(node, Atom):
        return here[node.component] in node.states
    return (all if node.every else any)(true(part, here) for part in node.parts)


def at(frame: Frame, here: Situation) -> list[int]:
    return [frame.of(name)[state] for name, state in here.items()]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_node_holds_exactly_where_its_formula_does_and_what_is_demanded_follows(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    formula = data.draw(random_formulas(drawn))
    normal = Normal(drawn.components)
    node, turned = normal.node(formula), normal.node(formula, wanted=False)

    for here in situations(drawn):
        assert true(node, here) == holds(formula, here)
        assert true(turned, here) != holds(formula, here)
        if true(node, here):
            assert all(here[name] in states for name, states in demands(node).items())
    assert {name for name, bit in normal.bits.items() if bit & node.observed} == set(leaves(node))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_situation_is_possible_beside_a_formula_exactly_where_it_holds(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    formula = data.draw(random_formulas(drawn))
    with Encoding(drawn) as clauses:
        frame = clauses.frame(drawn.components)
        literal = clauses.holds(clauses.normal.node(formula), frame)
        turned = clauses.holds(clauses.normal.node(formula, wanted=False), frame)
        mark = clauses.new()
        clauses.demand(clauses.normal.node(formula), frame, where=[mark])
        begins = clauses.begins(frame)
        for here in situations(drawn):
            assert clauses.possible(at(frame, here))
            assert clauses.situation(frame) == here
            assert clauses.possible([*at(frame, here), literal]) == holds(formula, here)
            assert clauses.possible([*at(frame, here), mark]) == holds(formula, here)
            assert clauses.possible([*at(frame, here), turned]) != holds(formula, here)
            assert clauses.possible([*at(frame, here), begins]) == (here in list(starts(drawn)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_rule_leads_from_one_frame_to_another_exactly_as_it_does(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    goal = data.draw(random_formulas(drawn))
    with Encoding(drawn) as clauses:
        before = clauses.frame(drawn.components)
        for one in drawn.rules.values():
            after = clauses.frame(one.moves, before)
            literal = clauses.taken(one, before, after)
            reached = clauses.holds(clauses.normal.node(goal), after)
            for here in situations(drawn):
                expected = list(taken(one, here))
                moved = [dict(zip(one.moves, states, strict=True)) for states in product(*(drawn.components[name].states for name in one.moves))]
                found = [there for there in moved if clauses.possible([literal, *at(before, here), *at(after, there)])]
                assert sorted(str({**here, **there}) for there in found) == sorted(map(str, expected))
                assert clauses.possible([literal, reached, *at(before, here)]) == any(holds(goal, there) for there in expected)


@pytest.mark.parametrize("count", range(1, 10))
def test_a_component_is_in_exactly_one_local_state_however_many_it_has(count: int) -> None:
    one = system(component("a", *map(str, range(count))))
    with Encoding(one) as clauses:
        frame = clauses.frame(["a"])
        literals = list(frame.of("a").values())
        assert all(clauses.possible([literal]) for literal in literals)
        assert not any(clauses.possible(pair) for pair in combinations(literals, 2))
        assert not clauses.possible([-literal for literal in literals])
        assert clauses.possible()
        assert len(clauses.found(literals)) == 1


@pytest.mark.parametrize("count", range(1, 10))
def test_at_most_one_literal_holds_and_each_alone_or_none_can(count: int) -> None:
    with Encoding(System({}, {})) as clauses:
        literals = [clauses.new() for _ in range(count)]
        clauses.at_most_one(literals)
        for values in product([1, -1], repeat=count):
            assert clauses.possible([value * literal for value, literal in zip(values, literals, strict=True)]) == (values.count(1) <= 1)


@pytest.mark.parametrize("count", range(7))
def test_a_count_is_exact_at_every_threshold(count: int) -> None:
    many = system(*(component(f"c{index}", "p", "q") for index in range(count)))
    parts = tuple(inside(name, "q") for name in many.components)
    normal = Normal(many.components)
    for wanted in range(-1, count + 3):
        node, turned = normal.node(AtLeast(wanted, parts)), normal.node(AtLeast(wanted, parts), wanted=False)
        for here in situations(many):
            enough = list(here.values()).count("q") >= wanted
            assert true(node, here) == enough
            assert true(turned, here) != enough


def test_a_part_that_is_written_twice_counts_twice() -> None:
    normal = Normal(system(component("a", "p", "q")).components)

    assert normal.node(AtLeast(2, (inside("a", "q"), inside("a", "q")))) is normal.node(inside("a", "q"))


@pytest.mark.parametrize(
    ("formula", "constant"),
    [
        (inside("a"), False),
        (inside("a", "p", "q"), True),
        (inside("a", "elsewhere"), False),
        (And((inside("a", "p"), FALSE)), False),
        (Or((inside("a", "p"), TRUE)), True),
        (AtLeast(0, ()), True),
        (AtLeast(1, ()), False),
        (Not(TRUE), False),
    ],
)
def test_what_is_always_so_is_a_constant(formula: Formula, *, constant: bool) -> None:
    normal = Normal(system(component("a", "p", "q")).components)

    assert normal.node(formula) is normal.node(TRUE if constant else FALSE)
    assert normal.node(formula, wanted=False) is normal.node(FALSE if constant else TRUE)


def test_what_an_impossibility_rests_on_is_named() -> None:
    two = system(component("a", "p", "q", "r"), component("b", "p", "q"))
    with Encoding(two) as clauses:
        frame = clauses.frame(two.components)
        one, other, apart = frame.of("a")["p"], frame.of("a")["q"], frame.of("b")["q"]
        assert not clauses.possible([apart, one, other])
        assert clauses.core() == {one, other}


def test_a_thousand_components_of_eight_local_states_and_a_guard_over_all_take_few_clauses() -> None:
    many = system(*(component(f"c{index}", *"abcdefgh") for index in range(1000)), rule("on", "c0", a="b"))
    guard = And(tuple(Or((inside(name, "b", "c"), inside("c7", "h"))) for name in many.components))
    with Encoding(many) as clauses:
        frame = clauses.frame(many.components)
        structure = clauses.new()
        clauses.holds(clauses.normal.node(guard), frame)
        written = clauses.new()
        clauses.holds(clauses.normal.node(guard), clauses.frame(["c500"], frame))

        assert structure < 16_000
        assert written - structure < 4_000
        # Where one component moves, what does not observe it is not written again.
        assert clauses.new() - written < 40


def test_where_python_sat_is_missing_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert available()
    monkeypatch.setitem(sys.modules, "pysat", None)
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)

    assert not available()
    with pytest.raises(GovernError, match=r"^a proof by induction needs python-sat, which is not installed; pip install 'govern\[proof\]'$") as caught:
        Encoding(System({"a": Component("a", ("p",), ("p",))}, {}))
    assert caught.value.status is Exit.UNJUDGED
    assert caught.value.problems[0].code == "PROOF_EXTRA"
