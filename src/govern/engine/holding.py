"""What a set of elements holds up in a tree of thresholds, kept up to date as elements come and go.

Pure. An element that goes is followed upwards only as far as something falls with it.
"""

from collections import defaultdict
from collections.abc import Iterable

from govern.engine.minimal_sets import Tree


class Holding:
    """A tree and the elements that hold in it."""

    def __init__(self, tree: Tree) -> None:
        self._above: list[int] = []
        self._missing: list[int] = []
        self._places: dict[int, list[int]] = defaultdict(list)
        ahead = [(tree, -1)]
        while ahead:
            part, above = ahead.pop()
            if part.element is not None:
                self._places[part.element].append(len(self._above))
            ahead += [(inner, len(self._above)) for inner in part.parts]
            self._above.append(above)
            self._missing.append(part.wanted)

    @property
    def holds(self) -> bool:
        """Whether the tree holds."""
        return self._missing[0] <= 0

    def add(self, elements: Iterable[int]) -> None:
        """Let elements hold that did not."""
        for each in elements:
            for place in self._places[each]:
                self._move(place, gained=1)

    def drop(self, elements: Iterable[int]) -> None:
        """Let elements hold no longer."""
        for each in elements:
            for place in self._places[each]:
                self._move(place, gained=-1)

    def _move(self, place: int, *, gained: int) -> None:
        while place >= 0:
            held = self._missing[place] <= 0
            self._missing[place] -= gained
            if held == (self._missing[place] <= 0):
                return
            place = self._above[place]
