"""Ways to fill the places of an authority with distinct persons, one after the other as they are asked for.

Pure. Of persons between whom nothing tells, one choice stands for all; so there are few ways where a board is large.
"""

from collections.abc import Hashable, Iterator, Mapping

from govern.policy.reach import can_fill

Place = tuple[str, ...]


def fillings(places: list[Place], kinds: Mapping[str, Hashable]) -> Iterator[Place]:
    """Yield ways to fill each place with a person of its own; those of one kind who can fill the same places are alike.

    In each place, whoever is written first in it comes first.
    """
    alike = {actor: (kinds[actor], tuple(actor in place for place in places)) for place in places for actor in place}
    ordered = [tuple(actor for kind in dict.fromkeys(alike[each] for each in place) for actor in place if alike[actor] == kind) for place in places]
    yield from _filled(ordered, alike, ())


def _filled(places: list[Place], alike: Mapping[str, Hashable], team: Place) -> Iterator[Place]:
    if not places:
        yield team
        return
    tried: set[Hashable] = set()
    for number, actor in enumerate(places[0]):
        if alike[actor] in tried:
            continue
        tried.add(alike[actor])
        # Equal places are filled in the order in which their persons are written: another order is the same team.
        behind = [place[number + 1 :] if place == places[0] else tuple(each for each in place if each != actor) for place in places[1:]]
        if can_fill(behind):
            yield from _filled(behind, alike, (*team, actor))
