"""Sets of situations that allow each component some of its local states, whatever the others are in: what formulas come apart into.

Pure. A cube is the bits that it allows; an empty one, that allows some component nothing, is never kept.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or, at_least, conjunction, enough, negation
from govern.proof.layout import Layout, Segment
from govern.proof.system import Rule

MOST = 20_000
"""So many cubes may one formula come apart into."""


class TooManyError(Exception):
    """A formula comes apart into more cubes than are worth looking at."""


class Cubes:
    """Formulas and rules over a layout, as cubes."""

    def __init__(self, layout: Layout, most: int = MOST) -> None:
        self._layout = layout
        self._most = most
        self._alone = sum(segment.mask for segment in layout.segments if len(segment.names) == 1)
        self._guards: dict[str, list[int]] = {}
        self._known: dict[int, list[tuple[Segment, Counter[int]]]] = {}

    def of(self, formula: Formula, *, wanted: bool = True) -> list[int]:
        """Take a formula, or its negation, apart.

        Raises:
            TooManyError: it has too many parts.
        """
        match formula:
            case In(component=name, states=states):
                field, inside = self._layout.fields[name], self._layout.mask(name, states)
                allowed = inside if wanted else field & ~inside
                return [self._layout.full & ~field | allowed] if allowed else []
            case Not(part=part):
                return self.of(part, wanted=not wanted)
            case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):  # pragma: no branch - the forms are these
                return self._several(enough(formula, wanted=wanted), parts, wanted=wanted)

    def _several(self, least: int, parts: Sequence[Formula], *, wanted: bool) -> list[int]:
        """Take apart that so many parts hold: for each number of them, what is left of the parts looked at so far."""
        found: list[dict[int, None]] = [{self._layout.full: None}, *({} for _ in range(least))]
        # Those of few cubes first: what they leave over cuts the others down.
        each = sorted((self.of(part, wanted=wanted) for part in parts), key=len)
        for place, cubes in enumerate(each):
            for count in range(min(least, place + 1), max(0, least - len(each) + place), -1):
                found[count] |= dict.fromkeys(self.both(found[count - 1], cubes))
                if len(found[count]) > self._most:
                    raise TooManyError
        return list(found[least])

    def both(self, some: Collection[int], others: Collection[int]) -> list[int]:
        """Return what lies in one of some cubes and in one of others."""
        if len(some) * len(others) > self._most:
            raise TooManyError
        found = []
        for other in others:
            fields = tuple(self._narrowed(other))
            found += [one & other for one in some if all(one & other & field for field in fields)]
        return found

    def _narrowed(self, cube: int) -> Iterator[int]:
        """Yield the fields of the components that a cube does not allow everything."""
        missing = self._layout.full & ~cube
        while missing:
            field = self._layout.field_of[missing & -missing]
            yield field
            missing &= ~field

    def lumped(self, cube: int) -> int:
        """Return the one cube that stands for all that differ from this one by swaps."""
        return self._layout.lumped(cube)

    def before(self, cube: int) -> Iterator[int]:
        """Yield what lies one rule before a cube; not what the rule only keeps inside it."""
        for rule in self._layout.system.rules.values():
            sources = self._sources(rule, cube)
            if sources:
                yield from self.both([sources], self._guard(rule))

    def _sources(self, rule: Rule, cube: int) -> int:
        """Return from where a rule leads into a cube, whatever its guard asks; 0 where from nowhere, or where another rule stands for it."""
        bits, fields, backs = self._layout.bits, self._layout.fields, self._layout.backs
        sources, narrowed = cube, False
        for name, ways in rule.moves.items():
            field = fields[name]
            allowed = cube & field
            back, neighbour = backs.get(name, (0, ""))
            # What can be done with a neighbour that is allowed the same leads to what this one is brought to by a swap.
            if back and allowed >> back == cube & field >> back and neighbour not in rule.moves:
                return 0
            able = sum(bits[name][source] for source, targets in ways.items() if any(allowed & bits[name][target] for target in targets))
            if not able:
                return 0
            sources = sources & ~field | able
            narrowed |= allowed != field
        return sources if narrowed else 0

    def _guard(self, rule: Rule) -> list[int]:
        if rule.name not in self._guards:
            self._guards[rule.name] = self.of(rule.guard)
        return self._guards[rule.name]

    def constrained(self, segment: Segment, cube: int) -> Counter[int]:
        """Count what a cube allows the components of a segment, where it does not allow them everything."""
        return Counter(part for part in segment.split(cube) if part != segment.field)

    def inside(self, cube: int, other: int) -> bool:
        """Whether every situation of a cube lies in another one, or is brought there by swaps."""
        if cube & ~other & self._alone:
            return False
        return all(_fits(segment.split(cube), asked) for segment, asked in self._asked(other))

    def _asked(self, cube: int) -> list[tuple[Segment, Counter[int]]]:
        if cube not in self._known:
            narrowed = (segment for segment in self._layout.segments if ~cube & segment.mask)
            self._known[cube] = [(segment, self.constrained(segment, cube)) for segment in narrowed]
        return self._known[cube]

    def excluded(self, cube: int) -> Formula:
        """Spell out that a situation lies neither in a cube nor in what it is brought to by swaps."""
        asked = []
        for segment, narrowed in self._asked(cube):
            states = sorted(self._layout.system.components[segment.names[0]].states)
            for union, wanted in demands(narrowed):
                allowed = frozenset(state for place, state in enumerate(states) if union >> place & 1)
                asked.append(at_least(wanted, (In(name, allowed) for name in segment.names)))
        return negation(conjunction(asked))


def _fits(parts: Sequence[int], asked: Mapping[int, int]) -> bool:
    """Whether each of what is asked can be given a part of its own that lies inside it (Hall's theorem)."""
    return all(sum(any(not part & ~one for one in some) for part in parts) >= sum(asked[one] for one in some) for some in _subsets(asked))


def demands(asked: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield local states and how many components must be in them so that each of what is asked has a component of its own (Hall's theorem)."""
    for some in _subsets(asked):
        union = 0
        for one in some:
            union |= one
        yield union, sum(asked[one] for one in some)


def _subsets(asked: Mapping[int, int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(asked) + 1):
        yield from combinations(asked, size)
