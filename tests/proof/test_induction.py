from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.formulas import TRUE, And, AtLeast, Formula, Not, Or, conjunction, disjunction, holds, negation
from govern.proof.induction import prove
from govern.proof.system import Component, Rule, System, Undecided, Unreached
from support.random_systems import explicit, random_formulas, random_systems, situations, starts, taken
from support.small_systems import component, inside, rule, system

_LIFECYCLE = ("none", "requested", "recorded", "consumed", "revoked")


def certified(drawn: System, goal: Formula, certificate: tuple[Formula, ...]) -> bool:
    """Whether formulas hold at every start, are kept by every rule, and exclude what was sought: by looking at every situation."""
    kept = And(certificate)
    return all(holds(kept, start) for start in starts(drawn)) and all(
        not holds(goal, here) and all(holds(kept, after) for rule in drawn.rules.values() for after in taken(rule, here))
        for here in situations(drawn)
        if holds(kept, here)
    )


def grant(name: str, guard: Formula = TRUE) -> tuple[Component | Rule, ...]:
    return component(name, *_LIFECYCLE), *(rule(f"{other} {name}", name, guard, **{one: other}) for one, other in pairwise(_LIFECYCLE))


def packet(guard: Formula) -> tuple[Component | Rule, ...]:
    return (
        component("packet", "hold", "opened", "done"),
        rule("select", "packet", guard, hold="opened"),
        rule("return", "packet", opened="hold"),
        rule("finish", "packet", opened="done"),
    )


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_what_is_proved_is_never_reached_and_its_certificate_is_inductive(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    goal = data.draw(random_formulas(drawn))

    found = prove(drawn, goal)

    if isinstance(found, Unreached):
        assert not explicit(drawn, goal)
        assert found.by == "induction"
        assert found.system is drawn
        assert certified(drawn, goal, found.certificate)


def test_what_the_local_states_exclude_needs_no_certificate() -> None:
    alone = system(*grant("a"))

    assert prove(alone, And((inside("a", "none"), inside("a", "recorded")))) == Unreached("induction", alone, ())
    assert prove(alone, inside("a")) == Unreached("induction", alone, ())
    assert prove(alone, AtLeast(2, (inside("a", "none"), inside("a", "recorded")))) == Unreached("induction", alone, ())


def test_what_no_rule_leads_into_is_its_own_certificate() -> None:
    selected = system(*grant("a"), *grant("b"), *packet(And((inside("a", "recorded"), inside("b", "recorded")))))
    early = And((inside("packet", "opened", "done"), disjunction([inside("a", "none"), inside("b", "none")])))

    assert prove(selected, early) == Unreached("induction", selected, (Not(early),))


def test_what_holds_at_a_start_is_not_proved() -> None:
    begun = system(component("a", "p", "q", "r", starts=("p", "q")), rule("on", "a", p="r"))

    assert prove(begun, inside("a", "q")) == Undecided("a history can begin there")
    assert isinstance(prove(system(component("a", "p", "q"), rule("on", "a", q="p")), inside("a", "q")), Unreached)


def test_a_pair_of_components_carries_a_proof_that_plain_induction_cannot_make_and_no_other_fact_is_kept() -> None:
    selected = system(*grant("a"), *grant("b"), *grant("c"), *packet(And((inside("a", "recorded"), inside("b", "recorded")))))
    early = And((inside("packet", "done"), inside("a", "none", "requested")))

    found = prove(selected, early)

    since = Or((inside("packet", "hold"), inside("a", "recorded", "consumed", "revoked")))
    assert found == Unreached("induction", selected, (since, Not(early)))
    assert certified(selected, early, (since, Not(early)))


def test_a_local_state_that_is_never_reached_carries_a_proof_with_what_bars_it() -> None:
    barred = system(
        component("key", "out", "in"),
        component("a", "p", "q"),
        component("b", "p", "q", "r"),
        rule("turn", "a", inside("key", "in"), p="q"),
        rule("on", "b", inside("a", "q"), p="q"),
        rule("off", "b", q="r"),
    )

    found = prove(barred, inside("b", "r"))

    assert isinstance(found, Unreached)
    assert set(found.certificate) == {inside("b", "p"), inside("a", "p"), inside("key", "out"), Not(inside("b", "r"))}
    assert certified(barred, inside("b", "r"), found.certificate)


@pytest.mark.parametrize(
    "guard",
    [
        Or((inside("a", "recorded"), inside("b", "recorded"))),
        AtLeast(1, (inside("a", "recorded"), inside("b", "recorded"))),
        And((inside("c", "none"), Or((inside("a", "recorded"), And((inside("b", "recorded"), inside("c", "none"))))))),
        Not(And((Not(inside("a", "recorded")), inside("b", "none", "requested", "consumed", "revoked")))),
        Not(AtLeast(2, (Not(inside("a", "recorded")), Not(inside("b", "recorded"))))),
    ],
)
def test_an_alternative_that_let_a_component_in_carries_a_proof(guard: Formula) -> None:
    selected = system(*grant("a"), *grant("b"), *grant("c"), *packet(guard))
    early = And((inside("packet", "done"), inside("a", "none"), inside("b", "none")))

    found = prove(selected, early)

    assert isinstance(found, Unreached), found
    assert certified(selected, early, found.certificate)
    assert len(found.certificate) == 2


def test_what_fails_is_named_with_the_rule_and_the_components_that_matter() -> None:
    selected = system(*grant("a"), *grant("b"), *packet(inside("a", "recorded")))

    assert prove(selected, And((inside("packet", "opened"), inside("a", "consumed")))) == Undecided(
        "`consumed a` leads there from where `a` is `recorded`, `packet` is `opened`; whether a history leads to that was not settled"
    )


def test_of_many_components_that_matter_six_are_named() -> None:
    many = system(*(part for index in range(9) for part in (component(f"c{index}", "p", "q"), rule(f"r{index}", f"c{index}", p="q"))))

    found = prove(many, conjunction(inside(f"c{index}", "q") for index in range(9)))

    assert isinstance(found, Undecided)
    assert found.why == (
        "`r0` leads there from where `c0` is `p`, `c1` is `q`, `c2` is `q`, `c3` is `q`, `c4` is `q`, `c5` is `q` and 3 more are as they are; "
        "whether a history leads to that was not settled"
    )


def test_a_rule_that_can_go_either_way_is_judged_by_both() -> None:
    either = Rule("go", TRUE, {"a": {"p": frozenset(["p", "q"])}, "b": {"p": frozenset(["p", "q"])}})
    free = system(component("a", "p", "q"), component("b", "p", "q"), either)

    for goal in (inside("a", "q"), And((inside("a", "q"), inside("b", "p"))), And((inside("a", "q"), inside("b", "q")))):
        assert isinstance(prove(free, goal), Undecided)


def test_a_proof_over_many_components_is_small_and_names_each_but_once() -> None:
    names = [f"g{index}" for index in range(60)]
    selected = system(*(part for name in names for part in grant(name)), *packet(conjunction(inside(name, "recorded") for name in names)))

    found = prove(selected, And((inside("packet", "done"), disjunction(negation(inside(name, "recorded", "consumed", "revoked")) for name in names))))

    assert isinstance(found, Unreached)
    assert len(found.certificate) == 61


def test_what_let_a_component_in_says_nothing_where_a_history_begins_inside() -> None:
    either = Or((inside("a", "recorded"), inside("b", "recorded")))
    _, *rules = packet(either)
    begun = system(*grant("a"), *grant("b"), component("packet", "hold", "opened", "done", starts=("hold", "opened")), *rules)

    assert isinstance(prove(begun, And((inside("packet", "done"), inside("a", "none"), inside("b", "none")))), Undecided)


def test_a_candidate_that_leans_on_a_lost_one_is_lost_with_it() -> None:
    # What let `x` in is kept as long as what let `y` in is: and that is lost with `b`.
    leaning = system(
        *(component(name, "p", "q") for name in "xybcefz"),
        rule("enter x", "x", Or((inside("e", "q"), inside("f", "q"))), p="q"),
        rule("enter y", "y", Or((inside("b", "q"), inside("c", "q"))), p="q"),
        rule("gain b", "b", p="q"),
        rule("lose b", "b", q="p"),
        rule("gain e", "e", p="q"),
        rule("lose e", "e", And((inside("y", "q"), inside("b", "p"), inside("c", "p"))), q="p"),
        rule("use", "z", And((inside("x", "q"), inside("e", "p"), inside("f", "p"))), p="q"),
    )

    found = prove(leaning, inside("z", "q"))

    assert explicit(leaning, inside("z", "q"))
    assert isinstance(found, Undecided), found
