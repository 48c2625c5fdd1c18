"""The smallest sets of a tree in which elements are shared between places: an answer at any time.

Pure. Parts that share nothing are counted whole, as one element of many sets; over the rest, sets are joined bottom up
and what contains another is dropped. The work is bounded in steps, never by a clock: past the bound each part keeps its
smallest few sets, and what is found is minimal, and not shown to be the smallest.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from govern.engine.holding import Holding
from govern.engine.minimal_sets import DONE, NEVER, Tree, Way, choose, count, elements, members, some, ways
from govern.engine.minimal_sets import element as single

# Joining two sets, or comparing two, is a step: about a tenth of a microsecond.
WORK = 500_000
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """Minimal sets of elements, the smallest first, and how many there are.

    Where it is not exact, the sets are minimal and not shown to be the smallest, and the count is of those found.
    """

    sets: tuple[tuple[int, ...], ...]
    count: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Clashes:
    """Pairs of elements that no set holds both of, and the elements that are free: they hold as long as no clash ends them."""

    pairs: tuple[tuple[int, int], ...] = ()
    free: frozenset[int] = frozenset()


NO_CLASHES = Clashes()


def smallest(tree: Tree, most: int, clashes: Clashes = NO_CLASHES, work: int = WORK) -> Found:
    """Return the smallest minimal sets of a tree, so many at most, and how many minimal sets there are."""
    if tree in (DONE, NEVER) or (not clashes.free and not clashes.pairs and all(times == 1 for times in Counter(elements(tree)).values())):
        return Found(tuple(members(joined) for _size, joined in ways(tree, most)), count(tree), exact=True)
    return _Core(tree, most, clashes, work).found()


class _Core:
    """One computation: the tree with all that shares nothing replaced by one bit each."""

    def __init__(self, tree: Tree, most: int, clashes: Clashes, work: int) -> None:
        self.most, self.left, self.cut = most, work, False
        self.modules: list[tuple[Tree, list[Way]]] = []
        self.bits: dict[int, int] = {}
        clashing = {each for pair in clashes.pairs for each in pair} | clashes.free
        self.alone = {each for each, often in Counter(elements(tree)).items() if often == 1} - clashing
        self.core, _alone = self._reduced(tree)
        self.free = sum(1 << self.bits[each] for each in clashes.free)
        self.pairs = [(1 << self.bits[one], 1 << self.bits[other]) for one, other in clashes.pairs]
        # A bit weighs as its smallest set does; most weigh one, and are counted together.
        self.heavy = [(bit, found[0][0] - 1) for bit, (_tree, found) in enumerate(self.modules) if found[0][0] > 1]

    def found(self) -> Found:
        # What is free is no act: sets are told, and compared, without it.
        sets = self._minimal([each & ~self.free for each in self._sets(self.core)])
        if self.cut:
            sets = self._minimal([self._shrunk(each) for each in sets])
        return self._answer(sets)

    def _reduced(self, tree: Tree) -> tuple[Tree, bool]:
        """Return the tree over bits, or where it shares nothing the tree as it is; and whether it does."""
        if tree.element is not None:
            return (tree, True) if tree.element in self.alone else (single(self._shared_bit(tree.element)), False)
        reduced = [self._reduced(part) for part in tree.parts]
        apart = [part for part, alone in reduced if alone]
        if len(apart) == len(reduced):
            return tree, True
        if tree.wanted not in (1, len(reduced)):
            return Tree(tree.wanted, tuple(single(self._bit(part)) if alone else part for part, alone in reduced)), False
        # Of what is joined by `all` or `any`, the parts that share nothing are one together.
        every = tree.wanted > 1
        joined = [single(self._bit(some(len(apart) if every else 1, apart)))] if apart else []
        parts = (*joined, *(part for part, alone in reduced if not alone))
        return Tree(len(parts) if every else 1, parts), False

    def _bit(self, tree: Tree) -> int:
        self.modules.append((tree, ways(tree, self.most)))
        return len(self.modules) - 1

    def _shared_bit(self, number: int) -> int:
        if number not in self.bits:
            self.bits[number] = self._bit(single(number))
        return self.bits[number]

    def _sets(self, tree: Tree) -> list[int]:
        if tree.element is not None:
            return [1 << tree.element]
        parts = sorted(map(self._sets, tree.parts), key=lambda sets: self._weight(sets[0]) if sets else 0)
        rows: list[list[int]] = [[0], *([] for _ in range(tree.wanted))]
        for index, part in enumerate(parts):
            least = max(1, tree.wanted - len(parts) + index + 1)
            for taken in range(min(index + 1, tree.wanted), least - 1, -1):
                rows[taken] = self._minimal([*rows[taken], *self._pairs(rows[taken - 1], part)])
        return rows[tree.wanted]

    def _pairs(self, row: list[int], part: list[int]) -> Iterator[int]:
        """Yield each set of one joined with each of the other, where they do not clash; past the bound of work, of the first few."""
        if self.left < 0:
            self.cut |= len(row) > self.most or len(part) > self.most
            row, part = row[: self.most], part[: self.most]
        self.left -= len(row) * len(part)
        yield from (joined for left in row for right in part if not self._clash(joined := left | right))

    def _clash(self, joined: int) -> bool:
        return any(joined & one and joined & other for one, other in self.pairs)

    def _minimal(self, sets: list[int]) -> list[int]:
        """Return the sets that contain no other, the smallest first; past the bound of work, the first few."""
        kept: list[int] = []
        for each in sorted(dict.fromkeys(sets), key=self._weight):
            if len(kept) >= self.most and (self.left < 0 or len(kept) >= _KEPT):
                self.cut = True
                break
            self.left -= len(kept)
            if not any(smaller & ~each == 0 for smaller in kept):
                kept.append(each)
        return kept

    def _weight(self, joined: int) -> int:
        return (joined & ~self.free).bit_count() + sum(more for bit, more in self.heavy if joined >> bit & 1)

    def _shrunk(self, joined: int) -> int:
        """Return a set without what it does not need."""
        holding = Holding(self.core)
        holding.add([*_bits(joined), *_bits(self._free_beside(joined))])
        for bit in list(_bits(joined)):
            less = joined & ~(1 << bit)
            freed = list(_bits(self._free_beside(less) & ~self._free_beside(joined)))
            holding.drop([bit])
            holding.add(freed)
            if holding.holds:
                joined = less
            else:
                holding.drop(freed)
                holding.add([bit])
        return joined

    def _free_beside(self, joined: int) -> int:
        """Return what holds by itself where these acts are done."""
        ended = sum({other for one, other in self.pairs if joined & one} | {one for one, other in self.pairs if joined & other})
        return self.free & ~ended

    def _answer(self, sets: list[int]) -> Found:
        total = sum(math.prod(count(self.modules[bit][0]) for bit in _bits(each)) for each in sets)
        best: list[Way] = []
        for each in sets:
            if len(best) == self.most and best[-1][0] <= self._weight(each):
                break
            parts = sorted((self.modules[bit][1] for bit in _bits(each)), key=lambda part: part[0][0])
            best = sorted([*best, *choose(len(parts), parts, self.most)], key=lambda way: way[0])[: self.most]
        return Found(tuple(members(joined) for _size, joined in best), total, exact=not self.cut)


def _bits(joined: int) -> Iterator[int]:
    while joined:
        lowest = joined & -joined
        yield lowest.bit_length() - 1
        joined ^= lowest
