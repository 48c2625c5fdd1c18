from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.formulas import TRUE, And, AtLeast, Formula, Not, Or, conjunction, holds
from govern.proof.histories import Taken, shortened
from govern.proof.system import Reached, Rule, System, Undecided
from govern.proof.unrolling import find
from support.random_systems import distance, random_formulas, random_systems, replayed, starts
from support.small_systems import component, inside, rule, system


def leads(drawn: System, goal: Formula, found: Reached) -> bool:
    return any(holds(goal, situation) for situation in replayed(drawn, found.start, found.rules))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_history_is_found_exactly_where_one_exists_and_no_rule_can_be_left_out_of_it(data: st.DataObject) -> None:
    drawn = data.draw(random_systems())
    goal = data.draw(random_formulas(drawn))
    steps = distance(drawn, goal)

    found = find(drawn, goal, steps=6 if steps is None else steps)

    if steps is None:
        assert found == Undecided("no history of 6 steps or fewer leads there")
        return
    assert isinstance(found, Reached)
    assert found.start in list(starts(drawn))
    assert leads(drawn, goal, found)
    assert len(found.rules) >= steps
    for left_out in range(len(found.rules)):
        fewer = found.rules[:left_out] + found.rules[left_out + 1 :]
        assert not leads(drawn, goal, Reached(found.by, found.start, fewer)), found.rules[left_out]


def test_a_situation_of_the_start_takes_no_rule() -> None:
    found = find(system(component("a", "p", "q")), inside("a", "p"), steps=0)

    assert found == Reached("bounded search", {"a": "p"}, ())


def test_the_limit_counts_steps_and_a_history_of_exactly_so_many_is_found() -> None:
    chain = system(component("a", "p", "q", "r"), rule("one", "a", p="q"), rule("two", "a", q="r"))

    assert find(chain, inside("a", "r"), steps=2) == Reached("bounded search", {"a": "p"}, ("one", "two"))
    assert find(chain, inside("a", "r"), steps=1) == Undecided("no history of 1 steps or fewer leads there")


def test_rules_that_do_not_meddle_are_taken_in_one_step() -> None:
    many = system(*(component(f"c{index}", "p", "q") for index in range(30)), *(rule(f"r{index}", f"c{index}", p="q") for index in range(30)))

    found = find(many, conjunction(inside(f"c{index}", "q") for index in range(30)), steps=1)

    assert isinstance(found, Reached)
    assert sorted(found.rules) == sorted(many.rules)


def test_a_rule_is_never_taken_together_with_one_that_moves_what_its_guard_reads() -> None:
    # Each may be taken where the other has not been: in one step they would both be, in no order.
    swapped = system(
        component("a", "p", "q"), component("b", "p", "q"), rule("first", "a", inside("b", "p"), p="q"), rule("second", "b", inside("a", "p"), p="q")
    )

    assert isinstance(find(swapped, And((inside("a", "q"), inside("b", "q"))), steps=6), Undecided)


def test_a_component_moves_once_in_a_step_even_where_two_rules_lead_to_the_same_state() -> None:
    both = system(
        component("a", "p", "q"),
        component("b", "p", "q"),
        component("c", "p", "q"),
        Rule("left", TRUE, {"a": {"p": frozenset("q")}, "b": {"p": frozenset("q")}}),
        Rule("right", TRUE, {"a": {"p": frozenset("q")}, "c": {"p": frozenset("q")}}),
    )

    assert isinstance(find(both, And((inside("b", "q"), inside("c", "q"))), steps=6), Undecided)


def test_a_guard_may_read_what_its_own_rule_moves() -> None:
    own = system(component("a", "p", "q", "r"), rule("on", "a", inside("a", "p"), p="q", q="r"))

    assert find(own, inside("a", "q"), steps=1) == Reached("bounded search", {"a": "p"}, ("on",))
    assert isinstance(find(own, inside("a", "r"), steps=5), Undecided)


def test_what_has_nothing_to_do_with_it_and_a_way_round_are_left_out() -> None:
    round_about = system(
        component("slow", *"abcdef"),
        *(rule(f"slow {one}", "slow", **{one: other}) for one, other in zip("abcde", "bcdef", strict=True)),
        component("grant", "none", "recorded", "revoked"),
        rule("record", "grant", none="recorded"),
        rule("revoke", "grant", recorded="revoked"),
        rule("again", "grant", revoked="none"),
        component("other", "p", "q"),
        rule("noise", "other", p="q"),
    )

    found = find(round_about, And((inside("slow", "f"), inside("grant", "recorded"))), steps=9)

    assert isinstance(found, Reached)
    assert sorted(found.rules) == ["record", "slow a", "slow b", "slow c", "slow d", "slow e"]


def test_a_component_begins_as_it_does_first_wherever_that_serves() -> None:
    begun = system(component("a", "p", "q", starts=("p", "q")), component("b", "p", "q", "r", starts=("p", "q")), rule("on", "b", inside("b", "q"), q="r"))

    assert find(begun, inside("b", "r"), steps=3) == Reached("bounded search", {"a": "p", "b": "q"}, ("on",))


def test_each_component_that_a_rule_moves_goes_its_own_way() -> None:
    either = {"p": frozenset(["p", "q"])}
    free = system(component("a", "p", "q"), component("b", "p", "q"), Rule("both", TRUE, {"a": either, "b": either}))

    for one in "pq":
        for other in "pq":
            assert isinstance(find(free, And((inside("a", one), inside("b", other))), steps=1), Reached)


def test_a_rule_that_leads_nowhere_is_not_taken() -> None:
    dead = system(component("a", "p", "q"), component("b", "p", "q"), Rule("no", TRUE, {"a": {"p": frozenset()}, "b": {"p": frozenset("q")}}))

    assert isinstance(find(dead, inside("b", "q"), steps=3), Undecided)


def test_a_choice_is_made_anew_where_that_lets_a_rule_be_left_out() -> None:
    # `mend` is needed after `cast` went to `b` only: had it gone to `c`, it can be left out.
    chosen = system(
        component("x", "a", "b", "c"), component("y", "p", "q"), rule("cast", "x", a="b c"), rule("mend", "x", b="c"), rule("use", "y", inside("x", "c"), p="q")
    )
    start = {"x": "a", "y": "p"}
    long = [Taken(chosen.rules["cast"], {"x": "b"}), Taken(chosen.rules["mend"], {"x": "c"}), Taken(chosen.rules["use"], {"y": "q"})]

    _, left = shortened(chosen, start, long, inside("y", "q"))

    assert left == (Taken(chosen.rules["cast"], {"x": "c"}), Taken(chosen.rules["use"], {"y": "q"}))


def test_a_round_that_brings_a_component_back_is_left_out_whole() -> None:
    round_ = system(component("x", "a", "b", "c", "d"), *(rule(one + other, "x", **{one: other}) for one, other in ("ab", "bc", "ca", "ad")))
    long = [Taken(round_.rules[name], {"x": name[1]}) for name in ("ab", "bc", "ca", "ad")]

    _, left = shortened(round_, {"x": "a"}, long, inside("x", "d"))

    assert [one.rule.name for one in left] == ["ad"]


def test_what_a_count_a_negation_or_an_alternative_rests_on_is_kept() -> None:
    many = system(*(component(f"c{index}", "p", "q") for index in range(4)), *(rule(f"r{index}", f"c{index}", p="q") for index in range(4)))
    taken = [Taken(one, dict.fromkeys(one.moves, "q")) for one in many.rules.values()]
    moved = tuple(inside(f"c{index}", "q") for index in range(4))
    start = dict.fromkeys(many.components, "p")

    def left(goal: Formula) -> int:
        return len(shortened(many, start, taken, goal)[1])

    assert left(AtLeast(3, moved)) == 3
    assert left(Or(moved)) == 1
    assert left(And(moved)) == 4
    assert left(Not(AtLeast(3, tuple(map(Not, moved))))) == 2
    assert left(Not(Or(tuple(map(Not, moved))))) == 4
    assert left(Not(And(tuple(map(Not, moved))))) == 1
    assert left(AtLeast(0, moved)) == 0
