"""The sets of acts that unlock, against trying every set: where facts are shared, oppose each other, and when they are really done."""

from collections.abc import Iterator
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.causes import Cause, Judged, Requirement, combined, leaf, requirements
from govern.engine.unlocking import MAX_SETS, Unlock, unlock
from govern.problems import Place
from support.policies import one_option
from support.world import World, evidence

HERE = Place("states.yaml", 1, 1)
EVERY = 10_000


def _fact(id: str, *, truth: bool | None, how: str = "do it") -> Judged:
    return leaf(Requirement(id, id.partition(":")[0], truth, f"{id} is {truth}", HERE, None if truth else Cause.MISSING, ("owner",), how))


def _missing(*numbers: int) -> list[Judged]:
    return [_fact(f"grant:G{number}", truth=False) for number in numbers]


def _every(parts: list[Judged]) -> Judged:
    return combined(len(parts), tuple(parts))


def _either(parts: list[Judged]) -> Judged:
    return combined(1, tuple(parts))


def _guards(facts: list[Judged]) -> st.SearchStrategy[Judged]:
    def joined(inner: st.SearchStrategy[Judged]) -> st.SearchStrategy[Judged]:
        return st.lists(inner, min_size=1, max_size=4).flatmap(lambda parts: st.integers(1, len(parts)).map(lambda wanted: combined(wanted, tuple(parts))))

    one = st.sampled_from(facts)
    return joined(st.one_of(one, joined(st.one_of(one, joined(one)))))


def _subsets(names: list[str]) -> Iterator[frozenset[str]]:
    return map(frozenset, chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)))


def _minimal(sets: list[frozenset[str]]) -> set[frozenset[str]]:
    return {each for each in sets if not any(other < each for other in sets)}


def _holds(judged: Judged, held: frozenset[str]) -> bool:
    if judged.requirement:
        return judged.requirement.id in held
    return sum(_holds(part, held) for part in judged.parts) >= judged.wanted


def _found(answer: Unlock) -> set[frozenset[str]]:
    assert len(set(answer.sets)) == len(answer.sets)
    return set(map(frozenset, answer.sets))


SHARED = [
    _fact(f"grant:G{number}", truth=truth, how=how)
    for number, (truth, how) in enumerate([(False, "do"), (None, "do"), (False, "do"), (True, "do"), (False, ""), (False, "do"), (False, "do")])
]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(judged=_guards(SHARED))
def test_where_facts_are_shared_the_sets_are_the_minimal_ones_the_smallest_first(judged: Judged) -> None:
    facts = {each.id: each for each in requirements(judged)}
    held = frozenset(name for name, each in facts.items() if each.satisfied)
    clearable = [name for name, each in facts.items() if not each.satisfied and each.how]
    wanted = _minimal([acts for acts in _subsets(clearable) if _holds(judged, held | acts)])

    found = unlock(judged, most=EVERY)

    assert (_found(found), found.count, found.exact) == (wanted, len(wanted), True)
    assert [len(each) for each in found.sets] == sorted(map(len, found.sets))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(judged=_guards(SHARED), most=st.integers(1, 3), work=st.integers(0, 40))
def test_with_little_work_the_answer_is_minimal_all_the_same_and_says_that_it_is_not_shown_smallest(judged: Judged, most: int, work: int) -> None:
    _little_work(judged, most, work)


def test_what_was_cut_short_is_left_without_what_it_does_not_need() -> None:
    inner = _either([combined(3, tuple(_missing(2, 0, 2, 2))), *_missing(3, 4, 0)])
    last = _either([combined(2, tuple(_missing(1, 3, 2))), _every(_missing(0, 3, 2, 4))])

    _little_work(combined(2, (inner, *_missing(0), last)), 1, 27)


def _little_work(judged: Judged, most: int, work: int) -> None:
    best = unlock(judged, most=EVERY)

    found = unlock(judged, most=most, work=work)

    assert _found(found) <= _found(best)
    assert bool(found.sets) is bool(best.sets)
    if found.exact:
        assert ([len(each) for each in found.sets], found.count) == ([len(each) for each in best.sets][:most], best.count)
    else:
        assert (found.says, found.count >= len(found.sets)) == ("minimal, not shown smallest", True)


STATES = ("grant:A", "grant:B", "lane:L")
OPPOSED = [_fact(name, truth=False) for name in STATES] + [_fact(f"not:{name}", truth=True) for name in STATES] + _missing(7, 8)
HELD = [_fact("grant:A", truth=True), _fact("not:grant:A", truth=False), *OPPOSED[1:3], *OPPOSED[4:]]


def _after(judged: Judged, acts: frozenset[str], *, held: bool) -> bool:
    """Return whether a guard holds after acts: each brings a state about, or ends it."""
    state = {"grant:A": held} | {act.removeprefix("not:"): not act.startswith("not:") for act in acts}

    def value(part: Judged) -> bool:
        if part.requirement:
            name = part.requirement.id
            return state.get(name.removeprefix("not:"), False) is not name.startswith("not:")
        return sum(map(value, part.parts)) >= part.wanted

    return value(judged)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(judged=_guards(OPPOSED), other=_guards(HELD))
def test_no_set_brings_about_what_must_not_hold_and_what_must_end_is_ended(judged: Judged, other: Judged) -> None:
    for guard, held in ((judged, False), (other, True)):
        acts = [each.id for each in requirements(guard) if not each.satisfied]
        enough = [each for each in _subsets(acts) if not any(f"not:{act}" in each for act in each) and _after(guard, each, held=held)]

        found = unlock(guard, most=EVERY)

        assert (_found(found), found.exact) == (_minimal(enough), True)


def test_a_grant_that_must_not_be_recorded_is_in_no_set_with_what_would_record_it() -> None:
    needs_it = _every([_fact("grant:A", truth=False), _fact("grant:B", truth=False)])
    forbids_it = _every([_fact("not:grant:A", truth=True), *_missing(1, 2, 3)])

    assert unlock(_either([needs_it, forbids_it])).sets == (("grant:A", "grant:B"), ("grant:G1", "grant:G2", "grant:G3"))
    assert unlock(_every([needs_it, forbids_it])).sets == ()


def test_where_opposed_facts_are_too_many_to_look_at_nothing_is_claimed() -> None:
    pairs = [_either([_every([_fact(f"grant:A{n}", truth=False), _fact("grant:X", truth=False)]), _every(_missing(n, n + 1, n + 2))]) for n in range(12)]
    guard = _every([*pairs, _either([_fact("not:grant:X", truth=True), *_missing(40)])])

    found = unlock(guard, most=3, work=50)

    assert not found.exact
    assert all(_after(guard, frozenset(each), held=False) for each in found.sets)
    assert all(not _after(guard, frozenset(each) - {act}, held=False) for each in found.sets for act in each)


@pytest.mark.parametrize(("size", "wanted"), [(20, 10), (1_000, 500)])
def test_the_count_is_exact_however_many_there_are(size: int, wanted: int) -> None:
    found = unlock(combined(wanted, tuple(_missing(*range(size)))))

    assert (len(found.sets), found.exact) == (MAX_SETS, True)
    assert found.count == len(list(combinations(range(size), wanted))) if size == 20 else found.count.bit_length() == 995
    assert found.sets[0] == tuple(f"grant:G{number}" for number in range(wanted))


def test_parts_with_different_numbers_of_ways_are_counted_each_with_its_own() -> None:
    parts = [_either(_missing(*range(10 * size, 11 * size))) for size in (1, 2, 3, 4)]

    # Two of four parts with 1, 2, 3 and 4 ways: the sum over all pairs.
    assert unlock(combined(2, tuple(parts))).count == 1 * 2 + 1 * 3 + 1 * 4 + 2 * 3 + 2 * 4 + 3 * 4


def test_a_guard_of_shared_facts_beyond_the_work_is_answered_with_minimal_sets() -> None:
    ring = _every([_either(_missing(number, (number + 1) % 300)) for number in range(300)])

    found = unlock(ring)

    assert (len(found.sets), found.exact, found.says) == (MAX_SETS, False, "minimal, not shown smallest")
    for each in found.sets:
        assert _holds(ring, frozenset(each))
        assert not any(_holds(ring, frozenset(each) - {act}) for act in each)


GRANTS = "{X0: {scope: work, issuer: owner}, X1: {scope: work, issuer: ann}, X2: {scope: work, issuer: owner}, X3: {scope: work, issuer: owner}}"
BLOCKERS = "\n  B:\n    legs:" + "".join(f"\n      l{n}: {{by: agent, evidence: {{rehearsal: real-{n}}}}}" for n in range(5))
LANES = "{main: {scope: work, standing: true}, side: {scope: work, opened_by: owner}, gate: {scope: live, opened_by: owner}}"
FINDINGS = "{quiet: {result: unknown, by: eve, why: Nobody has looked.}, calm: {result: fail, by: eve, why: It is not.}}"
FACTS = (
    [f"{{grant: X{n}}}" for n in range(4)]
    + [f"{{leg: B/l{n}}}" for n in range(5)]
    + ["{lane: side}", "{finding: quiet, is: pass}", "{finding: calm, is: pass}"]
)


def _done(world: World, name: str) -> None:
    """Do the act that clears a requirement; a grant as often as a guard of these tests asks for it, for no record fills two places."""
    kind, _, what = name.partition(":")
    match kind:
        case "grant":
            for _ in range(3):
                world.record("grant", "ann" if what == "X1" else "owner", grant=what, scope="work")
        case "leg":
            world.record("discharge", "agent", leg=what, evidence=evidence("rehearsal", f"real-{what[-1]}"))
        case "lane":
            world.record("open", "owner", lane=what)
        case "finding":
            world.record("finding", "eve", finding=what.partition("=")[0], result="pass", why="It was looked at.")


def _world(guard: str) -> World:
    world = World(one_option(guard, grants=GRANTS, blockers=BLOCKERS, lanes=LANES, findings=FINDINGS))
    world.record("issue", "robot", packet="ask")
    return world


def _opens(guard: str, acts: frozenset[str]) -> bool:
    world = _world(guard)
    for act in sorted(acts):
        _done(world, act)
    return world.allowed("GO")


@st.composite
def _texts(draw: st.DrawFn, facts: list[str]) -> str:
    parts = [draw(st.lists(st.sampled_from(facts), min_size=1, max_size=4, unique=True)) for _ in range(draw(st.integers(1, 3)))]
    inner = [f"{{at_least: {draw(st.integers(1, len(part)))}, of: [{', '.join(part)}]}}" for part in parts]
    return f"{{at_least: {draw(st.integers(1, len(inner)))}, of: [{', '.join(inner)}]}}"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(guard=_texts([*FACTS[:2], *FACTS[4:6], *FACTS[9:11]]))
def test_acts_that_are_really_done_open_an_option_exactly_where_they_contain_a_set_that_unlocks(guard: str) -> None:
    found = unlock(_world(guard).verdict("GO").judged, most=EVERY)
    acts = sorted({act for each in found.sets for act in each})

    opening = _minimal([each for each in _subsets(acts) if _opens(guard, each)])

    assert _found(found) == opening
    assert found.exact


def test_of_all_sets_of_twelve_acts_exactly_those_open_that_contain_a_set_that_unlocks() -> None:
    pairs = [f"{{any: [{one}, {other}]}}" for one, other in zip(FACTS[0::2], FACTS[1::2], strict=True)]
    guard = f"{{at_least: 5, of: [{', '.join(pairs)}]}}"
    world = _world(guard)

    found = unlock(world.verdict("GO").judged, most=EVERY)

    assert (found.count, {len(each) for each in found.sets}) == (6 * 2**5, {5})
    for each in found.sets[::16]:
        assert _opens(guard, frozenset(each))
        assert not any(_opens(guard, frozenset(each) - {act}) for act in each)
