from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.checking import Check, check
from govern.proof.cubes import Cubes, TooManyError
from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or, holds
from govern.proof.heading import headed
from govern.proof.layout import Layout
from govern.proof.lumping import interchangeable
from govern.proof.regression import certificate
from govern.proof.search import search
from govern.proof.stepping import step_of
from govern.proof.system import Component, Reached, Rule, System, Undecided, Unreached
from support.random_systems import distance, explicit, random_formulas, random_systems, replayed, situations, starts, taken
from support.symmetry import symmetric_questions


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_search_finds_a_shortest_history_exactly_where_there_is_one(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    _judge(system, data.draw(random_formulas(system)))


@settings(max_examples=200, deadline=None)
@given(symmetric_questions())
def test_looking_at_situations_that_differ_by_a_swap_once_changes_no_answer(question: tuple[System, Formula]) -> None:
    _judge(*question)


def _judge(system: System, goal: Formula) -> None:
    far = distance(system, goal)
    match search(system, goal, limit=10_000):
        case Reached(by="search", start=start, rules=rules):
            assert len(rules) == far
            assert start in list(starts(system))
            assert any(holds(goal, end) for end in replayed(system, start, rules))
        case Unreached(by="search") as found:
            assert far is None
            assert found.system == system
            _assert_inductive(found, goal)
        case other:
            raise AssertionError(other)


def _assert_inductive(found: Unreached, goal: Formula) -> None:
    invariant = And(found.certificate)
    inside = [situation for situation in situations(found.system) if holds(invariant, situation)]
    assert all(holds(invariant, start) for start in starts(found.system))
    assert not any(holds(goal, situation) for situation in inside)
    assert all(holds(invariant, after) for before in inside for rule in found.system.rules.values() for after in taken(rule, before))
    assert check(found, goal) is Check.CONFIRMED


@settings(max_examples=200, deadline=None)
@given(symmetric_questions())
def test_what_was_reached_yields_a_certificate_that_excludes_the_goal(question: tuple[System, Formula]) -> None:
    _assert_certified(*question, most=20_000)


@settings(max_examples=100, deadline=None)
@given(symmetric_questions())
def test_where_a_goal_comes_apart_into_too_much_the_certificate_is_what_was_reached(question: tuple[System, Formula]) -> None:
    _assert_certified(*question, most=0)


def _assert_certified(system: System, goal: Formula, most: int) -> None:
    if distance(system, goal) is None:
        layout = Layout(system, interchangeable(system, goal))
        _assert_inductive(Unreached("search", system, certificate(layout, goal, _reached(layout), most=most)), goal)


def _reached(layout: Layout) -> list[int]:
    found = list(starts(layout.system))
    for situation in found:
        nexts = (after for rule in layout.system.rules.values() for after in taken(rule, situation))
        found += [after for index, after in enumerate(nexts) if after not in found]
    numbers = (sum(layout.bits[name][state] for name, state in situation.items()) for situation in found)
    return sorted({layout.lumped(number) for number in numbers})


def test_a_goal_that_contradicts_itself_needs_no_invariant() -> None:
    system = System({"lane": Component("lane", ("shut", "open"), ("shut",))}, {})
    here = In("lane", frozenset({"open"}))
    assert search(system, And((here, Not(here))), limit=10) == Unreached("search", system, ())
    assert search(system, FALSE, limit=10) == Unreached("search", system, ())
    assert search(system, TRUE, limit=10) == Reached("search", {"lane": "shut"}, ())


def _chain(length: int) -> tuple[System, Formula]:
    chain = [f"s{index}" for index in range(length)]
    rules = [Rule(f"on {one}", TRUE, {"counter": {one: frozenset({other})}}) for one, other in pairwise(chain)]
    return System({"counter": Component("counter", tuple(chain), ("s0",))}, {rule.name: rule for rule in rules}), In("counter", frozenset(chain[-1:]))


def test_at_its_limit_a_search_still_tells_that_there_is_no_shorter_history() -> None:
    system, goal = _chain(20)
    assert search(system, goal, limit=20) == Reached("search", {"counter": "s0"}, tuple(system.rules))


def test_beyond_its_limit_a_search_heads_for_the_goal_or_says_that_it_is_undecided() -> None:
    system, goal = _chain(20)
    assert search(system, goal, limit=19) == Reached("search", {"counter": "s0"}, tuple(system.rules))
    longer, far = _chain(402)
    assert search(longer, far, limit=401) == Undecided("there are more than 401 situations to look at")


@settings(max_examples=150, deadline=None)
@given(st.one_of(symmetric_questions(), random_systems().flatmap(lambda system: st.tuples(st.just(system), random_formulas(system)))))
def test_a_history_that_an_estimate_finds_is_real_and_in_a_small_system_it_finds_one_where_there_is_one(question: tuple[System, Formula]) -> None:
    system, goal = question
    layout = Layout(system, interchangeable(system, goal))
    found = headed(layout, [step_of(rule, layout) for rule in system.rules.values()], goal)
    begun = {name: one.starts[0] for name, one in system.components.items()}
    one_start = System({name: Component(name, one.states, (begun[name],)) for name, one in system.components.items()}, system.rules)
    if found is None:
        assert not explicit(one_start, goal)
    else:
        assert found.start in list(starts(system))
        assert any(holds(goal, end) for end in replayed(system, found.start, found.rules))


def test_what_only_looking_at_every_situation_tells_is_certified_too() -> None:
    # Two counters go round in step. Going back from the goal, step by step, is a long way.
    around = [f"s{index}" for index in range(110)]
    ways = {one: frozenset({other}) for one, other in pairwise([*around, "s0"])}
    counters = {name: Component(name, tuple(around), ("s0",)) for name in "ab"}
    system = System(counters, {"tick": Rule("tick", TRUE, {"a": ways, "b": ways})})
    apart = And((In("a", frozenset({"s10"})), In("b", frozenset({"s80"}))))
    found = search(system, apart, limit=200)
    assert isinstance(found, Unreached)
    assert len(found.certificate) == 110
    assert check(found, apart) is Check.CONFIRMED


def test_a_goal_of_too_many_ways_is_given_up() -> None:
    grants = {name: Component(name, ("none", "recorded"), ("none",)) for name in "abcde"}
    layout = Layout(System(grants, {}), [(name,) for name in grants])
    goal = AtLeast(2, tuple(In(name, frozenset({"recorded"})) for name in grants))
    assert len(Cubes(layout, 10).of(goal)) == 10
    with pytest.raises(TooManyError):
        Cubes(layout, 9).of(goal)
    with pytest.raises(TooManyError):
        Cubes(layout, 9).of(And((goal, goal)))


def _programme(grants: int) -> tuple[System, Mapping[str, Formula]]:
    """Grants of which four must be recorded, two legs, a lane and a packet; what is carried out uses one up."""
    states = ("none", "recorded", "consumed", "revoked")
    names = [f"G{index}" for index in range(grants)]
    parts = [
        *(Component(name, states, ("none",)) for name in names),
        *(Component(name, ("open", "proven", "stale"), ("open",)) for name in ("leg", "other leg")),
        Component("lane", ("shut", "open"), ("shut",)),
        Component("packet", ("issued", "consumed"), ("issued",)),
        Component("selected", ("HOLD", "two", "three", "four", "five"), ("HOLD",)),
    ]
    recorded = tuple(In(name, frozenset({"recorded"})) for name in names)
    proven = And((In("leg", frozenset({"proven"})), In("other leg", frozenset({"proven"}))))
    ready = And((proven, AtLeast(4, recorded), In("lane", frozenset({"open"}))))
    rules = [
        *(_edge(f"record {name}", TRUE, name, "none recorded") for name in names),
        *(_edge(f"renew {name}", TRUE, name, "revoked recorded") for name in names),
        *(_edge(f"revoke {name}", TRUE, name, "recorded revoked") for name in names),
        *(_edge(f"consume {name}", In("selected", frozenset({"five"})), name, "recorded consumed") for name in names),
        *(_edge(f"{act} {leg}", TRUE, leg, edge) for leg in ("leg", "other leg") for act, edge in (("prove", "open proven"), ("age", "proven stale"))),
        *(_edge(f"prove {leg} again", TRUE, leg, "stale proven") for leg in ("leg", "other leg")),
        _edge("open", proven, "lane", "shut open"),
        _edge("shut", In("selected", frozenset({"HOLD"})), "lane", "open shut"),
        *(_edge(f"select {option}", guard, "selected", f"HOLD {option}") for option, guard in (("two", TRUE), ("three", proven), ("four", Or(recorded)))),
        _edge("select five", ready, "selected", "HOLD five"),
        *(_edge(f"hold {option}", TRUE, "selected", f"{option} HOLD") for option in ("two", "three", "four", "five")),
        _edge("consume", In("selected", frozenset({"three"})), "packet", "issued consumed"),
    ]
    system = System({one.name: one for one in parts}, {rule.name: rule for rule in rules})
    entry = system.rules["select five"].enabled
    return system, {
        "early": And((entry, Not(AtLeast(4, recorded)))),
        "shut": And((In("selected", frozenset({"five"})), In("lane", frozenset({"shut"})))),
        "used": And((In("selected", frozenset({"five"})), AtLeast(4, tuple(In(name, frozenset({"consumed"})) for name in names)))),
    }


def _edge(name: str, guard: Formula, component: str, edge: str) -> Rule:
    source, target = edge.split()
    return Rule(name, guard, {component: {source: frozenset({target})}})


def test_eight_grants_that_can_be_swapped_are_searched_as_one() -> None:
    system, goals = _programme(8)
    for name, goal in goals.items():
        found = search(system, goal, limit=20_000)
        assert isinstance(found, Reached if name == "used" else Unreached), name
        if isinstance(found, Unreached):
            assert check(found, goal) is Check.CONFIRMED
            assert len(found.certificate) < 10
        else:
            assert len(found.rules) == 12, found.rules


def test_one_of_several_ways_is_enough() -> None:
    grants = [Component(name, ("none", "recorded"), ("none",)) for name in "ab"]
    system = System({one.name: one for one in grants}, {f"record {name}": _edge(f"record {name}", TRUE, name, "none recorded") for name in "ab"})
    either = Or(tuple(In(name, frozenset({"recorded"})) for name in "ab"))
    found = search(system, either, limit=100)
    assert isinstance(found, Reached)
    assert found.rules in {("record a",), ("record b",)}


def test_a_search_that_tries_too_many_rules_in_vain_ends_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    system, goals = _programme(3)
    monkeypatch.setattr("govern.proof.search._TRIES", 0)
    monkeypatch.setattr("govern.proof.search.foreseen", lambda _layout, _goal: None)
    monkeypatch.setattr("govern.proof.search._WAYS", 0)

    assert search(system, goals["used"], limit=50) == Undecided("there are more than 50 situations to look at")
