"""Why a goal is never reached, found from the goal backwards: sets of situations that no history enters, each wider than it had to be.

Pure. What lies one rule before such a set is such a set, too; all of them together are what an inductive invariant excludes.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_

from govern.proof.cubes import MOST, Cubes, TooManyError, demands
from govern.proof.formulas import Formula, In, at_least, conjunction, disjunction
from govern.proof.layout import Layout, Segment

_FORESEEN = 100
_EXCLUDED = 2_000


def foreseen(layout: Layout, goal: Formula) -> tuple[Formula, ...] | None:
    """Return an inductive invariant that excludes a goal where a few steps back from it show one; nothing where they do not."""
    begun = sum(layout.mask(name, component.starts) for name, component in layout.system.components.items())
    cubes = Cubes(layout)

    def beside_the_start(cube: int) -> int:
        if all(cube & begun & field for field in layout.fields.values()):
            raise TooManyError
        return cube

    return _certificate(cubes, goal, beside_the_start, _FORESEEN)


def certificate(layout: Layout, goal: Formula, reached: Sequence[int], *, most: int = MOST) -> tuple[Formula, ...]:
    """Return an inductive invariant that excludes a goal, given all lumped situations that histories lead to."""
    cubes = Cubes(layout, most)
    found = _certificate(cubes, goal, _Reached(layout, reached, cubes).widened, _EXCLUDED)
    # What is reached is an inductive invariant itself; it only takes longer to read.
    return (disjunction(_spelt(layout, number) for number in reached),) if found is None else found


def _certificate(cubes: Cubes, goal: Formula, widened: Callable[[int], int], most: int) -> tuple[Formula, ...] | None:
    try:
        return tuple(cubes.excluded(cube) for cube in _excluded(cubes, goal, widened, most))
    except TooManyError:
        return None


def _excluded(cubes: Cubes, goal: Formula, widened: Callable[[int], int], most: int) -> list[int]:
    """Gather what lies in the goal and before it, until nothing lies before that is not gathered."""
    found: list[int] = []
    waiting = dict.fromkeys(cubes.lumped(cube) for cube in cubes.of(goal))
    looked = set[int]()
    while waiting:
        cube = next(iter(waiting))
        del waiting[cube]
        looked.add(cube)
        if any(cubes.inside(cube, other) for other in found):
            continue
        if len(found) == most:
            raise TooManyError
        wide = widened(cube)
        found = [*(other for other in found if not cubes.inside(other, wide)), wide]
        waiting |= dict.fromkeys(before for one in cubes.before(wide) if (before := cubes.lumped(one)) not in looked)
    return found


class _Reached:
    """All lumped situations that histories lead to, bit by bit: a whole number says in which of them a component is in a local state."""

    def __init__(self, layout: Layout, reached: Sequence[int], cubes: Cubes) -> None:
        self._layout = layout
        self._cubes = cubes
        self._all = (1 << len(reached)) - 1
        self._reached = reached
        self._rows: dict[int, int] = {}
        self._known: dict[tuple[int, int, int], int] = {}

    def widened(self, cube: int) -> int:
        """Allow components more, as long as nothing that is reached lies inside: first all of a component, then state by state."""
        for field in self._layout.fields.values():
            if cube & field != field and not self._meets(cube | field):
                cube |= field
        for bit in self._layout.bits_of(~cube & self._layout.full):
            if not self._meets(cube | bit):
                cube |= bit
        return cube

    def _meets(self, cube: int) -> bool:
        """Whether something that is reached lies in a cube, or is brought there by swaps."""
        rows = self._all
        for segment in self._layout.segments:
            for union, wanted in demands(self._cubes.constrained(segment, cube)):
                rows &= self._where(segment, union, wanted)
                if not rows:
                    return False
        return True

    def _where(self, segment: Segment, union: int, wanted: int) -> int:
        """Return in which of the situations so many components of a segment are in some local states."""
        key = (segment.shift, union, wanted)
        if key not in self._known:
            counted = [self._all, *(0 for _ in range(wanted))]
            for place in range(len(segment.names)):
                row = self._row(segment.joined([0] * place + [union]))
                for count in range(wanted, 0, -1):
                    counted[count] |= counted[count - 1] & row
            self._known[key] = counted[wanted]
        return self._known[key]

    def _row(self, bits: int) -> int:
        """Return in which of the situations a component is in one of some local states."""
        return reduce(or_, (self._column(bit) for bit in self._layout.bits_of(bits)))

    def _column(self, bit: int) -> int:
        if bit not in self._rows:
            self._rows[bit] = int("".join("1" if number & bit else "0" for number in self._reached), 2)
        return self._rows[bit]


def _spelt(layout: Layout, number: int) -> Formula:
    """Spell out that a situation is this one, or differs from it by swaps."""
    return conjunction(part for segment in layout.segments for part in _counted(layout, segment, number))


def _counted(layout: Layout, segment: Segment, number: int) -> Iterator[Formula]:
    states = sorted(layout.system.components[segment.names[0]].states)
    parts = segment.split(number)
    for part in dict.fromkeys(parts):
        here = frozenset([states[part.bit_length() - 1]])
        yield at_least(parts.count(part), (In(name, here) for name in segment.names))
