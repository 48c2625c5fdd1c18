"""Two authorities beside each other, by the persons who can fill them.

Pure. A team that fills one and not the other is the witness; a smallest one has a person for each place.
"""

from collections.abc import Iterator
from itertools import islice

from govern.policy.diff.edits import Witness
from govern.policy.reach import can_fill

Places = list[tuple[str, ...]]
# So many persons are put in places; where there are more ways and none was found, there could be one.
MAX_STEPS = 20_000


def team_beyond(places: Places, others: Places) -> Witness | None:
    """Return a smallest team that fills the first places and not the others; None where there is none."""
    if _covers(places, others) or not can_fill(places):
        return None
    known = {actor for place in others for actor in place}
    # Who has no part in the other authority is tried first, and where there is the least choice, before the rest.
    ordered = [tuple(sorted(place, key=known.__contains__)) for place in sorted(places, key=len)]
    steps = 0
    for team in islice(_teams(ordered), MAX_STEPS):
        steps += 1
        if len(team) == len(places) and not can_fill([tuple(actor for actor in place if actor in team) for place in others]):
            return Witness(persons=team)
    return Witness(unknown=True) if steps == MAX_STEPS else None


def _covers(places: Places, others: Places) -> bool:
    """Whether each of the other places has one of its own among these whose candidates are all its own, too."""
    sets = [frozenset(place) for place in places]
    return can_fill([tuple(str(index) for index, place in enumerate(sets) if place.issubset(other)) for other in others])


def _teams(places: Places, team: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every way to fill the first places, one person more at a time, nobody twice."""
    for actor in places[len(team)]:
        if actor not in team:
            yield (*team, actor)
            if len(team) + 1 < len(places):
                yield from _teams(places, (*team, actor))
