"""Two authorities beside each other: a team that fills one and not the other is found where there is one, and a smallest."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.diff import authorities
from govern.policy.diff.authorities import Places, team_beyond
from govern.policy.reach import can_fill

PERSONS = ("ann", "bob", "cyn", "dan", "eve")
PLACES = st.lists(st.lists(st.sampled_from(PERSONS), min_size=1, max_size=4, unique=True).map(tuple), min_size=1, max_size=3)


def fills(team: tuple[str, ...], places: Places) -> bool:
    return can_fill([tuple(actor for actor in place if actor in team) for place in places])


@settings(max_examples=300, deadline=None)
@given(PLACES, PLACES)
def test_a_team_is_found_as_trying_every_team_finds_it(places: Places, others: Places) -> None:
    teams = [team for size in range(len(PERSONS) + 1) for team in combinations(PERSONS, size)]
    smallest = next((len(team) for team in teams if fills(team, places) and not fills(team, others)), None)

    found = team_beyond(places, others)

    assert (found and len(found.persons)) == smallest
    if found:
        assert fills(found.persons, places)
        assert not fills(found.persons, others)


def test_where_there_are_too_many_ways_to_try_it_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    places: Places = [("ann", "bob", "cyn")] * 2
    others: Places = [("ann", "bob")] * 2
    assert team_beyond(places, others) is not None
    monkeypatch.setattr(authorities, "MAX_STEPS", 1)

    found = team_beyond(places, others)

    assert found is not None
    assert found.unknown


def test_a_large_board_is_compared_at_once() -> None:
    board: tuple[str, ...] = tuple(f"p{number}" for number in range(99))

    assert team_beyond([board] * 50, [board] * 49) is None
    found = team_beyond([board] * 49, [board] * 50)
    assert found is not None
    assert len(found.persons) == 49
