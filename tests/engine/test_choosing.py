"""Ways to fill places with distinct persons, against trying every one."""

from itertools import islice, product

from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.choosing import fillings

PERSONS = ("ann", "bob", "cyn", "dan", "eve")
PLACES = st.lists(st.lists(st.sampled_from(PERSONS), min_size=1, max_size=5, unique=True).map(tuple), min_size=1, max_size=4)
KINDS = st.fixed_dictionaries({person: st.sampled_from(["one", "two"]) for person in PERSONS})


@settings(max_examples=200, deadline=None)
@given(places=PLACES, kinds=KINDS)
def test_every_team_that_fills_the_places_is_yielded_or_one_that_nothing_tells_from_it(places: list[tuple[str, ...]], kinds: dict[str, str]) -> None:
    def told(team: tuple[str, ...]) -> list[tuple[str, tuple[bool, ...]]]:
        return sorted((kinds[actor], tuple(actor in place for place in places)) for actor in team)

    every = [team for team in product(*places) if len(set(team)) == len(team)]
    found = list(fillings(places, kinds))

    assert {tuple(told(team)) for team in found} == {tuple(told(team)) for team in every}
    assert {frozenset(team) for team in found} <= {frozenset(team) for team in every}
    distinct = {person: person for person in PERSONS}
    assert {frozenset(team) for team in fillings(places, distinct)} == {frozenset(team) for team in every}


def test_of_a_large_board_of_which_nothing_tells_one_member_from_another_there_is_one_team() -> None:
    board = tuple(f"p{number}" for number in range(60))

    assert list(fillings([board] * 30, dict.fromkeys(board, "alike"))) == [board[:30]]
    assert len(list(islice(fillings([board] * 30, {actor: actor for actor in board}), 20))) == 20
    assert list(fillings([board[:2]] * 3, dict.fromkeys(board, "alike"))) == []
