"""Separation and the smallest sets that unlock, against trying everything, on guards of up to eight facts."""

from collections.abc import Iterator
from itertools import combinations, product
from math import comb

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.causes import Cause, Judged, Requirement, combined, failing, leaf, requirements
from govern.engine.separate import MAX_SUPPORTS, Resting, separate
from govern.engine.unlocking import MAX_SETS, unlock
from govern.problems import Place

HERE = Place("states.yaml", 1, 1)
FACTS = 8


def _fact(name: str, *, truth: bool | None, records: tuple[int, ...] = (), kind: str = "grant", how: str = "do it", on: Judged | None = None) -> Judged:
    held = records if truth else ()
    record = held[0] if held else None
    requirement = Requirement(f"{kind}:{name}", kind, truth, f"{name} is {truth}", HERE, None if truth else Cause.MISSING, ("owner",), how, record, held)
    return Resting(truth, requirement=requirement, on=on) if on and truth else leaf(requirement)


@st.composite
def guards(draw: st.DrawFn, *, true_only: bool) -> Judged:
    """Return a judged guard of up to eight facts, two or three levels deep."""
    names = iter(f"fact-{number}" for number in range(FACTS))
    return _guard(draw, names, draw(st.integers(1, FACTS)), 2, true_only=true_only)


def _guard(draw: st.DrawFn, names: Iterator[str], size: int, depth: int, *, true_only: bool) -> Judged:
    if size == 1 or depth == 0:
        facts = tuple(_drawn(draw, next(names), true_only=true_only) for _ in range(size))
        return facts[0] if size == 1 else combined(draw(st.integers(1, size)), facts)
    first = draw(st.integers(1, size - 1))
    parts = (_guard(draw, names, first, depth - 1, true_only=true_only), _guard(draw, names, size - first, depth - 1, true_only=true_only))
    return combined(draw(st.integers(1, 2)), parts)


def _drawn(draw: st.DrawFn, name: str, *, true_only: bool) -> Judged:
    truth = draw(st.sampled_from([True, True, True, False, None] if true_only else [True, False, False, None]))
    records = tuple(draw(st.lists(st.integers(1, 4), unique=True, min_size=1, max_size=3)))
    kind, how = draw(st.sampled_from(["grant", "grant", "grant", "leg"])), draw(st.sampled_from(["do it", "do it", "do it", ""]))
    return _fact(name, truth=truth, records=records, kind=kind, how=how)


def _holds(judged: Judged, held: set[str]) -> bool:
    if judged.requirement:
        return judged.requirement.id in held
    return sum(_holds(part, held) for part in judged.parts) >= judged.wanted and bool(judged.parts)


def _subsets(names: list[str]) -> list[set[str]]:
    return [set(each) for size in range(len(names) + 1) for each in combinations(names, size)]


def _separable(facts: list[Requirement]) -> bool:
    grants = [each.records for each in facts if each.kind == "grant"]
    return any(len(set(picked)) == len(picked) for picked in product(*grants))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(judged=guards(true_only=True))
def test_a_guard_holds_exactly_when_some_set_of_facts_holds_it_with_a_record_for_each(judged: Judged) -> None:
    facts = {each.id: each for each in requirements(judged)}
    held = [name for name, each in facts.items() if each.truth is True]
    wanted = any(_holds(judged, kept) and _separable([facts[name] for name in kept]) for kept in _subsets(held))

    found = separate(judged)

    assert (found.truth is True) is wanted
    if found != judged:
        changed = [each for each in requirements(found) if each.id not in facts]
        assert changed
        assert all((each.truth, each.cause, each.id.endswith("~2")) == (False, Cause.SEPARATION, True) for each in changed)


@st.composite
def resting_guards(draw: st.DrawFn) -> Judged:
    """Return a guard of facts of which some are reached twice, and some rest on others, as a blocker does on its legs."""
    facts = [_drawn(draw, f"fact-{number}", true_only=True) for number in range(5)]
    inner = combined(draw(st.integers(1, 2)), tuple(draw(st.lists(st.sampled_from(facts), min_size=1, max_size=3))))
    blocker = _fact("blocker", truth=inner.truth, kind="blocker", on=inner)
    parts = tuple(draw(st.lists(st.sampled_from([*facts, blocker, blocker]), min_size=1, max_size=4)))
    return combined(draw(st.integers(1, len(parts))), parts)


def _ways(judged: Judged) -> list[dict[str, Requirement]]:
    if judged.truth is not True:
        return []
    if isinstance(judged, Resting):
        return _ways(judged.on)
    if judged.requirement:
        return [{judged.requirement.id: judged.requirement}]
    chosen = (picked for parts in combinations(judged.parts, judged.wanted) for picked in product(*map(_ways, parts)))
    return [{name: each for way in picked for name, each in way.items()} for picked in chosen]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(judged=resting_guards())
def test_what_is_reached_twice_is_one_requirement_and_a_blocker_takes_the_records_of_its_legs(judged: Judged) -> None:
    found = separate(judged)

    assert (found.truth is True) is any(_separable(list(way.values())) for way in _ways(judged))
    assert (separate(found).truth is True) is (found.truth is True)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(judged=guards(true_only=False))
def test_the_sets_that_unlock_are_the_minimal_ones_and_the_smallest_come_first(judged: Judged) -> None:
    facts = {each.id: each for each in requirements(judged)}
    held = {name for name, each in facts.items() if each.truth is True}
    clearable = [name for name, each in facts.items() if each.truth is not True and each.how]
    enough = [kept for kept in _subsets(clearable) if _holds(judged, held | kept)]
    minimal = [kept for kept in enough if not any(other < kept for other in enough)]

    found = unlock(judged, most=len(minimal) + 1)

    assert {frozenset(each) for each in found.sets} == {frozenset(each) for each in minimal}
    assert (found.count, found.exact) == (len(minimal), True)
    assert [len(each) for each in found.sets] == sorted(map(len, found.sets))
    order = list(facts)
    assert all(list(each) == sorted(each, key=order.index) for each in found.sets)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(judged=guards(true_only=False))
def test_what_fails_is_told_exactly_where_something_does(judged: Judged) -> None:
    told = failing(judged)

    assert bool(told) is (judged.truth is not True)
    assert {name for each in unlock(judged).sets for name in each} <= {each.id for each in told}


def test_nothing_unlocks_what_is_made_of_nothing_and_what_holds_needs_nothing() -> None:
    assert unlock(combined(0, ())).sets == ()
    assert unlock(combined(1, ())).sets == ()
    assert unlock(_fact("a", truth=True)).sets == ((),)
    assert unlock(_fact("a", truth=False, how="")).sets == ()


def test_at_the_limit_of_sets_all_are_shown_and_one_past_it_the_rest_is_counted() -> None:
    at, past = (unlock(combined(1, tuple(_fact(f"f{number}", truth=False) for number in range(size)))) for size in (MAX_SETS, MAX_SETS + 1))

    assert (len(at.sets), at.count, at.exact) == (MAX_SETS, MAX_SETS, True)
    assert (len(past.sets), past.count, past.exact) == (MAX_SETS, MAX_SETS + 1, True)


def test_where_every_fact_stands_once_all_sets_are_counted_however_many() -> None:
    many = combined(10, tuple(_fact(f"f{number}", truth=False) for number in range(20)))
    pairs = combined(10, tuple(combined(1, (_fact(f"a{number}", truth=False), _fact(f"b{number}", truth=False))) for number in range(10)))
    found = unlock(combined(1, (many, pairs, _fact("short", truth=False))))

    assert (found.sets[0], found.count, found.exact) == (("grant:short",), comb(20, 10) + 2**10 + 1, True)
    assert [len(each) for each in found.sets] == [1, *[10] * 9]


def test_a_guard_with_too_many_ways_to_try_is_not_evaluated_and_does_not_hold() -> None:
    shared = tuple(_fact(f"f{number}", truth=True, records=tuple(range(1, 8))) for number in range(16))
    found = separate(combined(8, shared))

    assert found.truth is not True
    assert {each.cause for each in failing(found)} == {Cause.NOT_EVALUATED, Cause.SEPARATION}
    assert len(list(combinations(range(16), 8))) > MAX_SUPPORTS


def test_a_guard_that_shares_nothing_is_left_as_it_is() -> None:
    judged = combined(2, (_fact("a", truth=True, records=(1,)), _fact("b", truth=True, records=(2,)), _fact("c", truth=False)))

    assert separate(judged) is judged
