"""Two formulas beside each other: what is said to differ differs, in a smallest situation, and what is not does not."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.diff import comparing
from govern.policy.diff.comparing import differences
from govern.policy.diff.formulas import FALSE, TRUE, VALUES, Formula, Is, Need, Variable, conjunction, disjunction, variables

GRANT, OTHER, THIRD = (Variable("grant", name) for name in "XYZ")
LEG, LANE, FINDING = Variable("leg", "B/l"), Variable("lane", "gate"), Variable("finding", "F")
KNOWN = {variable: VALUES[variable.kind] for variable in (GRANT, OTHER, THIRD, LEG, LANE, FINDING)}
USABLE = frozenset(["usable"])
HONOURED = frozenset(["usable", "honoured"])


def plain(name: str) -> Is:
    return Is(Variable("grant", name), USABLE)


def known(*formulas: Formula) -> dict[Variable, tuple[str, ...]]:
    return {variable: VALUES[variable.kind] for variable in variables(formulas)}


LEAVES = [
    Is(GRANT, USABLE), Is(GRANT, HONOURED), Is(GRANT, frozenset(["none", "honoured"])), Is(OTHER, USABLE), Is(OTHER, HONOURED), Is(OTHER, frozenset(["none"])),
    Is(THIRD, USABLE), Is(LEG, frozenset(["proven"])), Is(LEG, frozenset(["none", "doubtful"])), Is(LANE, frozenset(["open"])),
    Is(FINDING, frozenset(["pass"])), Is(FINDING, frozenset(["fail", "doubtful"])), Is(FINDING, frozenset(["unknown"])), TRUE, FALSE,
]  # fmt: skip


def joined(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    return st.lists(inner, min_size=1, max_size=4).flatmap(lambda parts: st.integers(0, len(parts) + 1).map(lambda wanted: Need(wanted, tuple(parts))))


FORMULAS: st.SearchStrategy[Formula] = st.recursive(st.sampled_from(LEAVES), joined, max_leaves=8)


def holds(formula: Formula, values: dict[Variable, str]) -> bool:
    if isinstance(formula, Is):
        return values[formula.variable] in formula.values
    return sum(holds(part, values) for part in formula.parts) >= formula.wanted


def least(one: Formula, two: Formula) -> int | None:
    """Return the fewest facts with which one formula holds and the other does not, by trying every situation."""
    used = list(variables([one, two]))
    found = None
    for chosen in product(*(KNOWN[variable] for variable in used)):
        values = dict(zip(used, chosen, strict=True))
        if holds(one, values) and not holds(two, values):
            cost = sum(value != KNOWN[variable][0] for variable, value in values.items())
            found = cost if found is None else min(found, cost)
    return found


def checked(one: Formula, two: Formula) -> None:
    for found, (holding, failing) in zip(differences(one, two, KNOWN), ((two, one), (one, two)), strict=True):
        wanted = least(holding, failing)
        assert not found.undecided
        assert (found.situation is None) == (wanted is None)
        assert bool(found) == (wanted is not None)
        if found.situation is not None:
            values = {variable: each[0] for variable, each in KNOWN.items()} | dict(found.situation.values)
            assert holds(holding, values)
            assert not holds(failing, values)
            assert (found.situation.cost, found.situation.smallest) == (wanted, True)
            assert sum(value != KNOWN[variable][0] for variable, value in values.items()) == wanted


@settings(max_examples=150, deadline=None)
@given(FORMULAS, FORMULAS)
def test_two_formulas_differ_as_trying_every_situation_finds(one: Formula, two: Formula) -> None:
    checked(one, two)


@settings(max_examples=40, deadline=None)
@given(FORMULAS, FORMULAS, st.integers(1, 3))
def test_formulas_with_much_in_common_differ_as_trying_every_situation_finds(shared: Formula, edited: Formula, wanted: int) -> None:
    mine = plain("Z")
    checked(Need(wanted, (shared, edited, mine)), Need(wanted, (mine, shared)))
    checked(conjunction([shared, disjunction([edited, mine])]), conjunction([shared, mine]))


@settings(max_examples=100, deadline=None)
@given(FORMULAS, st.randoms(use_true_random=False))
def test_another_order_nesting_or_repetition_is_no_difference(formula: Formula, chance: random.Random) -> None:
    def rewritten(each: Formula) -> Formula:
        if isinstance(each, Is):
            return each
        parts = [rewritten(part) for part in each.parts]
        chance.shuffle(parts)
        if each.wanted == len(parts) and parts:
            parts = [*parts, chance.choice(parts)]
            cut = chance.randrange(len(parts))
            return conjunction([conjunction(parts[:cut]), *parts[cut:]])
        if each.wanted == 1 and parts:
            return disjunction([disjunction(parts), chance.choice(parts)])
        return Need(each.wanted, tuple(parts))

    one, two = differences(formula, rewritten(formula), KNOWN)
    assert not one
    assert not two


def test_a_guard_of_a_thousand_facts_is_told_apart_in_both_directions_with_the_fewest_facts() -> None:
    facts = [plain(f"G{number}") for number in range(1001)]
    groups = [conjunction(facts[start : start + 20]) for start in range(0, 1000, 20)]
    old = Need(10, tuple(groups))
    new = Need(10, (conjunction([*facts[:19], facts[1000]]), *reversed(groups[1:])))

    opens, closes = differences(old, new, known(old, new))

    assert opens.situation is not None
    assert closes.situation is not None
    assert (opens.situation.cost, opens.situation.smallest) == (200, True)
    assert (closes.situation.cost, closes.situation.smallest) == (200, True)
    assert opens.situation.values[facts[1000].variable] == "usable"
    assert closes.situation.values[facts[19].variable] == "usable"


def test_what_cannot_be_found_out_within_the_allowance_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "STEPS", 3)
    old, new = conjunction([plain("A"), disjunction([plain("B"), plain("A")])]), disjunction([plain("A"), conjunction([plain("B"), plain("A")]), plain("C")])

    opens, closes = differences(old, new, known(old, new))

    assert opens.undecided
    assert bool(opens)
    assert not closes, "one plainly follows from the other"


def test_a_situation_that_was_found_when_the_allowance_ended_is_told_as_perhaps_not_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    names = [f"G{number}" for number in range(14)]
    old, new = (Need(1, tuple(Need(3, tuple(plain(name) for name in chance.sample(names, 3))) for _ in range(12))) for _ in range(2))
    seen = set()
    for steps in (*range(10, 200, 10), *range(200, 4000, 300)):
        monkeypatch.setattr(comparing, "STEPS", steps)
        opens, _closes = differences(old, new, known(old, new))
        assert opens
        seen.add(opens.situation.smallest if opens.situation else None)
        if opens.situation:
            values = dict.fromkeys(known(old, new), "none") | dict(opens.situation.values)
            assert holds(new, values)
            assert not holds(old, values)

    assert seen == {None, False, True}


def test_a_second_use_of_a_grant_asks_for_a_second_record_and_a_first_one_alone_for_none() -> None:
    first, second = (Is(Variable("grant", "X", f"#{number}"), USABLE) for number in (1, 2))
    elsewhere = Is(Variable("grant", "X", "leg B/l#1"), USABLE)
    values = {Variable("grant", "X", use): VALUES["grant"] for use in ("", "#1", "#2", "leg B/l#1")}

    assert differences(first, elsewhere, values) == differences(first, first, values), "where one record is enough, any is"
    opens, closes = differences(conjunction([first, second]), first, values)
    assert opens.situation is not None
    assert dict(opens.situation.values) == {first.variable: "usable", second.variable: "none"}
    assert not closes


A, B, C = (plain(name) for name in "ABC")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Need(2, (A, conjunction([A, B]), C)), Need(2, (disjunction([A, B]), conjunction([A, B]), C))),
        (Need(2, (A, A, B)), Need(2, (A, B, B))),
        (Need(2, (A, conjunction([A, B]), C)), Need(3, (A, conjunction([A, B]), C, B))),
        (disjunction([conjunction([A, B]), conjunction([B, C]), conjunction([A, C])]), disjunction([A, conjunction([B, C])])),
        (conjunction([disjunction([A, B]), disjunction([B, C]), disjunction([A, C])]), Need(2, (A, B, C))),
        (Need(2, (A, B, C)), conjunction([disjunction([A, B]), disjunction([B, C])])),
    ],
)
def test_formulas_whose_parts_rest_on_the_same_facts_are_told_apart_exactly(one: Formula, two: Formula) -> None:
    values = known(one, two)
    for found, (holding, failing) in zip(differences(one, two, values), ((two, one), (one, two)), strict=True):
        situations = [dict(zip(values, chosen, strict=True)) for chosen in product(("none", "usable"), repeat=len(values))]
        costs = [sum(value == "usable" for value in each.values()) for each in situations if holds(holding, each) and not holds(failing, each)]
        assert (found.situation.cost if found.situation else None) == min(costs, default=None)
