from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or, holds
from govern.proof.search import search
from govern.proof.slicing import sliced
from govern.proof.system import Component, Reached, Rule, System
from support.random_systems import distance, random_formulas, random_systems, replayed, starts


def _one(name: str, *states: str, starts: tuple[str, ...] = ()) -> Component:
    return Component(name, states, starts or states[:1])


def _in(name: str, *states: str) -> In:
    return In(name, frozenset(states))


def _rule(name: str, guard: Formula, **moves: tuple[str, str]) -> Rule:
    return Rule(name, guard, {component: {source: frozenset(target.split())} for component, (source, target) in moves.items()})


def _system(components: tuple[Component, ...], *rules: Rule) -> System:
    return System({one.name: one for one in components}, {rule.name: rule for rule in rules})


def test_a_slice_holds_what_can_influence_the_formula_and_nothing_else() -> None:
    system = _system(
        (_one("seen", "no", "yes"), _one("asked", "no", "yes"), _one("moved", "no", "yes"), _one("far", "no", "yes"), _one("idle", "no", "yes")),
        _rule("show", _in("asked", "yes"), seen=("no", "yes"), moved=("yes", "no")),
        _rule("ask", TRUE, asked=("no", "yes"), idle=("no", "yes")),
        _rule("stir", TRUE, moved=("no", "yes")),
        _rule("wander", _in("seen", "yes"), far=("no", "yes")),
    )
    found = sliced(system, _in("seen", "yes"), free=False)
    assert list(found.system.components) == ["seen", "asked", "moved", "idle"]
    assert list(found.system.rules) == ["show", "ask", "stir"]
    assert found.formula == _in("seen", "yes")


def test_a_free_slice_grants_whatever_is_asked_of_what_the_formula_does_not_observe() -> None:
    guard = And((_in("seen", "no"), Or((_in("other", "yes"), FALSE)), Not(AtLeast(1, (_in("other", "yes"), _in("third", "yes"))))))
    system = _system(
        (_one("seen", "no", "yes"), _one("other", "no", "yes"), _one("third", "no", "yes")),
        _rule("show", guard, seen=("no", "yes"), other=("yes", "no")),
        _rule("stir", TRUE, other=("no", "yes")),
    )
    found = sliced(system, _in("seen", "yes"), free=True)
    assert list(found.system.components) == ["seen"]
    assert found.system.rules == {"show": Rule("show", _in("seen", "no"), {"seen": {"no": frozenset({"yes"})}})}


def test_local_states_that_nothing_tells_apart_become_one_under_the_name_of_the_first() -> None:
    grant = _one("grant", "never", "given", "expired", "revoked")
    system = _system(
        (grant,),
        Rule("give", TRUE, {"grant": {source: frozenset({"given"}) for source in ("never", "expired", "revoked")}}),
        _rule("expire", TRUE, grant=("given", "expired")),
        _rule("revoke", TRUE, grant=("given", "revoked")),
        _rule("forget", TRUE, grant=("revoked", "never expired")),
    )
    found = sliced(system, Not(_in("grant", "never", "expired", "revoked")), free=False)
    assert found.system.components == {"grant": _one("grant", "never", "given")}
    assert found.formula == Not(_in("grant", "never"))
    give, expire = Rule("give", TRUE, {"grant": {"never": frozenset({"given"})}}), Rule("expire", TRUE, {"grant": {"given": frozenset({"never"})}})
    assert found.system.rules == {"give": give, "expire": expire}


def test_local_states_from_which_different_rules_lead_stay_two() -> None:
    system = _system(
        (_one("grant", "never", "given", "spent"),),
        _rule("give", TRUE, grant=("never", "given")),
        _rule("spend", TRUE, grant=("given", "spent")),
    )
    assert sliced(system, _in("grant", "given"), free=False).system == system


def test_local_states_that_no_rule_can_lead_to_are_dropped_with_what_starts_there() -> None:
    system = _system(
        (_one("gate", "shut", "open", "ajar"), _one("lane", "closed", "used")),
        _rule("swing", TRUE, gate=("ajar", "open")),
        _rule("use", _in("gate", "open", "ajar"), lane=("closed", "used")),
    )
    found = sliced(system, _in("lane", "used"), free=False)
    assert found.formula == FALSE
    assert found.system == System({}, {})


def test_a_step_that_moves_two_components_is_no_step_only_where_neither_moves() -> None:
    system = _system(
        (_one("seen", "no", "yes"), _one("token", "blue", "red", starts=("blue", "red"))),
        _rule("show", TRUE, seen=("no", "yes"), token=("blue", "red")),
    )
    found = sliced(system, _in("seen", "yes"), free=False)
    assert found.system.components["token"] == _one("token", "blue", "red", starts=("blue", "red"))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_slice_is_as_far_from_the_formula_as_the_system_and_its_histories_are_real(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    goal = data.draw(random_formulas(system))
    found = sliced(system, goal, free=False)
    assert distance(found.system, found.formula) == distance(system, goal)
    reached = search(found.system, found.formula, limit=1000)
    if isinstance(reached, Reached):
        start = {name: reached.start.get(name, component.starts[0]) for name, component in system.components.items()}
        assert start in list(starts(system))
        assert any(holds(goal, end) for end in replayed(system, start, reached.rules)), reached


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_free_slice_never_loses_what_can_be_reached(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    goal = data.draw(random_formulas(system))
    found = sliced(system, goal, free=True)
    if (far := distance(system, goal)) is not None:
        near = distance(found.system, found.formula)
        assert near is not None
        assert near <= far


def test_a_thousand_components_are_cut_down_in_well_under_a_second() -> None:
    states = ("none", "recorded", "consumed", "completed", "revoked", "expired")
    grants = tuple(_one(f"g{index}", *states) for index in range(1000))
    edges = (
        ("none", "recorded"),
        ("recorded", "consumed"),
        ("consumed", "completed"),
        ("recorded", "revoked"),
        ("recorded", "expired"),
        ("expired", "recorded"),
    )
    rules = [_rule(f"{edge} {one.name}", TRUE, **{one.name: edge}) for one in grants for edge in edges]
    packet = _one("packet", "HOLD", "GO")
    select = _rule("select", And(tuple(_in(one.name, "recorded") for one in grants)), packet=("HOLD", "GO"))
    system = _system((*grants, packet), *rules, select)
    found = sliced(system, _in("packet", "GO"), free=False)
    assert len(found.system.components) == 1001
    assert {one.states for name, one in found.system.components.items() if name != "packet"} == {("none", "recorded", "consumed", "expired")}
