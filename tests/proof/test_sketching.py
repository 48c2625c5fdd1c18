from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.formulas import And, AtLeast, Not, Or, holds
from govern.proof.sketching import Sketches
from govern.proof.system import Rule
from support.random_systems import distance, random_formulas, random_systems, replayed
from support.small_systems import component, inside, rule, system


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_guessed_is_a_history_that_leads_there(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    goal = data.draw(random_formulas(drawn))

    found = Sketches(drawn).history(goal)

    if found is not None:
        assert distance(drawn, goal) is not None
        assert any(holds(goal, situation) for situation in replayed(drawn, found.start, found.rules))


def test_what_is_asked_is_brought_about_with_what_that_asks_in_turn_and_nothing_else() -> None:
    chained = system(
        component("key", "out", "in"),
        component("door", "shut", "open"),
        component("lamp", "off", "on"),
        rule("noise", "lamp", off="on"),
        rule("enter", "door", inside("key", "in"), shut="open"),
        rule("turn", "key", out="in"),
    )

    found = Sketches(chained).history(inside("door", "open"))

    assert found is not None
    assert (found.by, found.rules) == ("a guess", ("turn", "enter"))
    assert found.start == {"key": "out", "door": "shut", "lamp": "off"}


def test_many_goals_are_guessed_at_once_and_each_join_is_met_as_it_asks() -> None:
    many = system(*(component(f"c{index}", "p", "q") for index in range(4)), *(rule(f"r{index}", f"c{index}", p="q") for index in range(4)))
    moved = tuple(inside(f"c{index}", "q") for index in range(4))
    sketches = Sketches(many)

    def taken(goal: object) -> int:
        found = sketches.history(goal)  # type: ignore[arg-type]
        assert found is not None
        return len(found.rules)

    assert taken(And(moved)) == 4
    assert taken(Or(moved)) == 1
    assert taken(AtLeast(3, moved)) == 3
    assert taken(AtLeast(0, moved)) == 0
    assert taken(Not(AtLeast(3, tuple(map(Not, moved))))) == 2
    assert taken(Not(And(moved))) == 0


def test_what_nothing_brings_about_and_what_undoes_itself_is_not_guessed() -> None:
    undone = system(component("a", "p", "q"), component("b", "p", "q"), rule("use", "b", inside("a", "p"), p="q"), rule("on", "a", p="q"))
    spent = system(component("a", "p", "q", "r"), rule("on", "a", p="q"), rule("off", "a", p="r"))

    assert Sketches(undone).history(inside("b", "r")) is None
    assert Sketches(undone).history(Or(())) is None
    assert Sketches(spent).history(And((inside("a", "p"), inside("a", "q")))) is None


def test_a_rule_that_cannot_be_taken_any_more_is_passed_over() -> None:
    either = system(
        component("a", "p", "q", "r"), component("b", "p", "q"), rule("on", "a", p="q"), rule("off", "a", p="r"), rule("use", "b", inside("a", "r"), p="q")
    )

    assert Sketches(either).history(And((inside("a", "q"), inside("b", "q")))) is None


def test_each_component_goes_where_the_rule_was_taken_for_or_stays() -> None:
    wide = system(
        component("a", "p", "q", "r"),
        component("b", "p", "q"),
        Rule("cast", And(()), {"a": {"p": frozenset(("p", "q", "r"))}, "b": {"p": frozenset("q"), "q": frozenset("q")}}),
        Rule("stay", inside("b", "q"), {"a": {"p": frozenset("q"), "q": frozenset(("q", "r")), "r": frozenset(("q", "r"))}, "b": {"q": frozenset("p")}}),
    )

    found = Sketches(wide).history(inside("b", "q"))

    assert found is not None
    assert found.rules == ("cast",)
