from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.proof.checking import Check, check
from govern.proof.formulas import FALSE, TRUE, And, AtLeast, Formula, In, Not, Or, holds
from govern.proof.search import search
from govern.proof.splitting import Problem, Variables
from govern.proof.system import Component, Rule, System, Unreached
from support.random_systems import random_formulas, random_systems, situations, starts, taken


def _proves(found: Unreached, goal: Formula) -> bool:
    """Whether a certificate shows that a goal is never reached, by looking at every situation."""
    invariant = And(found.certificate)
    inside = [situation for situation in situations(found.system) if holds(invariant, situation)]
    return (
        all(holds(invariant, start) for start in starts(found.system))
        and not any(holds(goal, situation) for situation in inside)
        and all(holds(invariant, after) for before in inside for rule in found.system.rules.values() for after in taken(rule, before))
    )


def _verdict(found: Unreached, goal: Formula) -> Check:
    return Check.CONFIRMED if _proves(found, goal) else Check.REFUTED


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_certificate_is_confirmed_exactly_where_it_is_an_inductive_invariant_that_excludes_the_goal(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    goal = data.draw(random_formulas(system))
    certificate = data.draw(st.one_of(st.just((Not(goal),)), st.lists(random_formulas(system), max_size=4).map(tuple)))
    found = Unreached("somebody", system, certificate)
    assert check(found, goal) is _verdict(found, goal)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_certificate_that_was_tampered_with_is_judged_by_what_it_says_now(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    goal = data.draw(random_formulas(system))
    found = search(system, goal, limit=1000)
    if isinstance(found, Unreached):
        assert check(found, goal) is Check.CONFIRMED
        for certificate in _tampered(found.certificate, data.draw(random_formulas(system))):
            mutant = Unreached(found.by, system, certificate)
            assert check(mutant, goal) is _verdict(mutant, goal), certificate


def _tampered(certificate: tuple[Formula, ...], other: Formula) -> Iterator[tuple[Formula, ...]]:
    """Yield the certificate with each formula dropped, weakened, strengthened, turned round."""
    for place, formula in enumerate(certificate):
        rest = (*certificate[:place], *certificate[place + 1 :])
        yield rest
        for changed in (Or((formula, other)), And((formula, other)), Not(formula)):
            yield (*rest, changed)
    yield (*certificate, other)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_possible_at_once_is_found_with_and_without_what_is_always_asked(data: st.DataObject) -> None:
    system = data.draw(random_systems())
    always = data.draw(st.lists(random_formulas(system), max_size=3))
    variables = Variables({name: component.states for name, component in system.components.items()})
    problem = Problem(variables.domains, [variables.term(formula) for formula in always], 10**9)
    for asked in data.draw(st.lists(st.lists(random_formulas(system), max_size=3), max_size=4)):
        terms = [variables.term(formula) for formula in asked]
        assert problem.possible(terms) is any(holds(And((*always, *asked)), situation) for situation in situations(system))
        assert problem.possible(terms, alone=True) is any(holds(And(tuple(asked)), situation) for situation in situations(system))


def _component(name: str) -> Component:
    return Component(name, ("none", "recorded", "revoked"), ("none",))


def _in(name: str, *states: str) -> In:
    return In(name, frozenset(states))


def _rule(name: str, guard: Formula, component: str, source: str, target: str) -> Rule:
    return Rule(name, guard, {component: {source: frozenset({target})}})


def _system(components: list[Component], rules: list[Rule]) -> System:
    return System({one.name: one for one in components}, {rule.name: rule for rule in rules})


def test_a_formula_that_does_not_hold_at_the_start_is_refuted() -> None:
    system = _system([_component("grant")], [])
    found = Unreached("somebody", system, (_in("grant", "recorded"),))
    assert check(found, _in("grant", "revoked")) is Check.REFUTED


def test_a_formula_that_no_history_breaks_but_a_rule_does_is_refuted() -> None:
    # Nothing is ever recorded; but that is not what the certificate says.
    system = _system([_component("grant")], [_rule("revoke", TRUE, "grant", "recorded", "revoked")])
    goal = _in("grant", "revoked")
    assert check(Unreached("somebody", system, (Not(goal),)), goal) is Check.REFUTED
    assert check(Unreached("somebody", system, (_in("grant", "none"),)), goal) is Check.CONFIRMED


def test_a_certificate_that_leaves_room_for_the_goal_is_refuted() -> None:
    system = _system([_component("grant")], [])
    assert check(Unreached("somebody", system, ()), _in("grant", "revoked")) is Check.REFUTED
    assert check(Unreached("somebody", system, ()), FALSE) is Check.CONFIRMED


def test_a_check_that_runs_out_of_steps_says_so() -> None:
    names = [f"g{index}" for index in range(9)]
    # Nine holes, ten pigeons, put so that only trying tells.
    holes = [Component(f"p{index}", tuple(names), ("g0",)) for index in range(10)]
    apart = tuple(Not(And((_in(one.name, name), _in(other.name, name)))) for name in names for place, one in enumerate(holes) for other in holes[:place])
    found = Unreached("somebody", _system(holes, []), ())
    assert check(found, And(apart), steps=20_000) is Check.UNFINISHED


def _thousand(size: int) -> tuple[System, Formula, Formula]:
    grants = [_component(f"g{index}") for index in range(size)]
    honoured = And(tuple(And(tuple(_in(one.name, "recorded") for one in grants[start : start + 10])) for start in range(0, size, 10)))
    rules = [_rule(f"record {one.name}", TRUE, one.name, "none", "recorded") for one in grants]
    rules += [_rule(f"revoke {one.name}", _in("packet", "HOLD"), one.name, "recorded", "revoked") for one in grants]
    rules += [_rule("select", honoured, "packet", "HOLD", "GO"), _rule("hold", TRUE, "packet", "GO", "HOLD")]
    packet = Component("packet", ("HOLD", "GO"), ("HOLD",))
    missing = Or(tuple(Not(_in(one.name, "recorded")) for one in grants))
    return _system([*grants, packet], rules), honoured, missing


def test_a_guard_of_a_thousand_parts_is_checked_to_the_end() -> None:
    system, honoured, missing = _thousand(1000)
    entry = And((system.rules["select"].enabled, missing))
    assert check(Unreached("somebody", system, ()), entry) is Check.CONFIRMED
    assert check(Unreached("somebody", system, ()), And((entry, AtLeast(999, (honoured,))))) is Check.CONFIRMED
    assert check(Unreached("somebody", system, ()), And((missing, _in("packet", "GO")))) is Check.REFUTED
    goal = And((_in("packet", "GO"), missing))
    assert check(Unreached("somebody", system, (Not(goal),)), goal) is Check.CONFIRMED


def test_one_rule_in_a_thousand_that_breaks_a_certificate_is_found() -> None:
    system, _, missing = _thousand(1000)
    loose = _rule("revoke g500", TRUE, "g500", "recorded", "revoked")
    broken = System(system.components, {**system.rules, loose.name: loose})
    goal = And((_in("packet", "GO"), missing))
    assert check(Unreached("somebody", broken, (Not(goal),)), goal) is Check.REFUTED
