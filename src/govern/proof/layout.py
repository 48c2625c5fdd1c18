"""Situations as single whole numbers: a bit for each local state of each component, so that many can be looked at quickly.

Pure. Components that can be swapped lie side by side, and a lumped situation has their local states in ascending order.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations_with_replacement, pairwise, product
from typing import TypeAlias

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or
from govern.proof.system import Situation, System

Test: TypeAlias = Callable[[int], bool]


class Layout:
    """Where the bits of each component lie, and which components can be swapped."""

    def __init__(self, system: System, classes: Sequence[Sequence[str]]) -> None:
        self.system = system
        self.segments: list[Segment] = []
        self.bits: dict[str, dict[str, int]] = {}
        shift = 0
        for names in classes:
            states = sorted(system.components[names[0]].states)
            segment = Segment(tuple(names), shift, len(states))
            for place, name in enumerate(names):
                self.bits[name] = {state: 1 << shift + place * segment.stride + index for index, state in enumerate(states)}
            self.segments.append(segment)
            shift += segment.stride * len(names)
        self.fields = {name: sum(bits.values()) for name, bits in self.bits.items()}
        self.field_of = {bit: self.fields[name] for name, bits in self.bits.items() for bit in bits.values()}
        self.full = sum(self.fields.values())

    @cached_property
    def backs(self) -> Mapping[str, tuple[int, str]]:
        """Return of each component that can be swapped with the one before it how far before it that one lies, and its name."""
        return {name: (segment.stride, before) for segment in self.segments for before, name in pairwise(segment.names)}

    @cached_property
    def several(self) -> Sequence["Segment"]:
        """Return the segments of more than one component."""
        return [segment for segment in self.segments if len(segment.names) > 1]

    @cached_property
    def segment_of(self) -> Mapping[str, "Segment"]:
        """Return the segment in which each component lies."""
        return {name: segment for segment in self.segments for name in segment.names}

    def mask(self, name: str, states: Iterable[str]) -> int:
        """Return the bits of some local states of a component; of those that it does not have, none."""
        return sum(bit for state, bit in self.bits[name].items() if state in states)

    def bits_of(self, number: int) -> Iterator[int]:
        """Yield the single bits of a number, the lowest first."""
        while number:
            yield number & -number
            number &= number - 1

    def situation(self, number: int) -> Situation:
        """Spell a situation out."""
        return {name: next(state for state, bit in self.bits[name].items() if number & bit) for name in self.system.components}

    def starts(self) -> Iterator[int]:
        """Yield the lumped situations in which a history can begin."""
        each = (segment.begun(sorted(self.bits[name][state] for state in self.system.components[name].starts))
                for segment in self.segments for name in segment.names[:1])  # fmt: skip
        for parts in product(*each):
            yield sum(parts)

    def lumped(self, number: int) -> int:
        """Return the one situation that stands for all that differ from this one by swaps."""
        for segment in self.several:
            number = segment.lumped(number)
        return number

    def test(self, formula: Formula) -> Test:
        """Make a formula quick to ask of situations."""
        return self._test(formula, wanted=True)

    def _test(self, formula: Formula, *, wanted: bool) -> Test:
        match formula:
            case In():
                allowed = self._allowed(formula, wanted=wanted)
                return lambda number: number & allowed != 0
            case Not(part=part):
                return self._test(part, wanted=not wanted)
            case AtLeast(wanted=least, parts=parts):
                several = self._several(least, parts)
                return several if wanted else lambda number: not several(number)
            case And(parts=parts) | Or(parts=parts):  # pragma: no branch - the forms are these
                join = self._every if isinstance(formula, And) is wanted else self._some
                return join(parts, wanted=wanted)

    def _allowed(self, literal: Formula, *, wanted: bool) -> int:
        assert isinstance(literal, In)
        inside = self.mask(literal.component, literal.states)
        return inside if wanted else self.fields[literal.component] & ~inside

    def _every(self, parts: Sequence[Formula], *, wanted: bool) -> Test:
        forbidden = 0
        for part in parts:
            if isinstance(part, In):
                forbidden |= self.fields[part.component] & ~self._allowed(part, wanted=wanted)
        rest = [self._test(part, wanted=wanted) for part in parts if not isinstance(part, In)]
        if not rest:
            return lambda number: not number & forbidden
        return lambda number: not number & forbidden and all(one(number) for one in rest)

    def _some(self, parts: Sequence[Formula], *, wanted: bool) -> Test:
        allowed = 0
        for part in parts:
            if isinstance(part, In):
                allowed |= self._allowed(part, wanted=wanted)
        rest = [self._test(part, wanted=wanted) for part in parts if not isinstance(part, In)]
        if not rest:
            return lambda number: number & allowed != 0
        return lambda number: number & allowed != 0 or any(one(number) for one in rest)

    def _several(self, least: int, parts: Sequence[Formula]) -> Test:
        tests = [self._test(part, wanted=True) for part in parts]
        return lambda number: sum(one(number) for one in tests) >= least


class Segment:
    """The bits of components of which any two can be swapped; each component has whole bytes."""

    def __init__(self, names: tuple[str, ...], shift: int, width: int) -> None:
        self.names = names
        self.shift = shift
        self.field = (1 << width) - 1
        self._bytes = (width + 7) // 8
        self.stride = 8 * self._bytes
        self.mask = self.joined([self.field] * len(names))
        self._sorted: dict[int, int] = {}

    def begun(self, bits: Sequence[int]) -> list[int]:
        """Return the lumped starts, from those of the first component."""
        choices = combinations_with_replacement(bits, len(self.names))
        return [sum(bit << place * self.stride for place, bit in enumerate(chosen)) for chosen in choices]

    def split(self, number: int) -> list[int]:
        """Return the bits of each component, all moved to the place of the first bit."""
        size = self._bytes
        part = ((number & self.mask) >> self.shift).to_bytes(size * len(self.names), "little")
        return list(part) if size == 1 else [int.from_bytes(part[place : place + size], "little") for place in range(0, len(part), size)]

    def joined(self, parts: Iterable[int]) -> int:
        """Put the bits of each component in its place."""
        return int.from_bytes(b"".join(part.to_bytes(self._bytes, "little") for part in parts), "little") << self.shift

    def lumped(self, number: int) -> int:
        """Bring the local states of these components into ascending order."""
        part = number & self.mask
        known = self._sorted.get(part)
        if known is None:
            known = self._sorted[part] = self.joined(sorted(self.split(part)))
        return number ^ part ^ known
