"""Trees of thresholds over elements, and where every element stands once: their smallest sets, and how many there are.

Pure. What an element is, an act or a record, says whoever builds the tree. Where elements are shared between places,
`govern.engine.shared_elements` answers.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Tree:
    """So many of the parts, or one element. Of no parts, none can be had: only `DONE` needs nothing."""

    wanted: int = 1
    parts: tuple["Tree", ...] = ()
    element: int | None = None


DONE = Tree(0)
NEVER = Tree(1)

# A set under way: nothing, an element, or two of them joined. Nothing is copied until a set is answered with.
Joined: TypeAlias = "int | tuple[Joined, Joined] | None"
Way: TypeAlias = tuple[int, Joined]


def element(number: int) -> Tree:
    """Return the tree of one element."""
    return Tree(element=number)


def some(wanted: int, parts: list[Tree]) -> Tree:
    """Return so many of the parts: what is done counts, what can never be had is left out, equal combinators are one."""
    open_parts = [part for part in parts if part not in (DONE, NEVER)]
    wanted -= sum(part == DONE for part in parts)
    if wanted <= 0:
        return DONE if parts else NEVER
    if wanted > len(open_parts):
        return NEVER
    if len(open_parts) == 1:
        return open_parts[0]
    if wanted in (1, len(open_parts)):
        open_parts = list(_flat(open_parts, every=wanted > 1))
        wanted = 1 if wanted == 1 else len(open_parts)
    return open_parts[0] if len(open_parts) == 1 else Tree(wanted, tuple(open_parts))


def _flat(parts: list[Tree], *, every: bool) -> Iterator[Tree]:
    """Yield the parts with those of the same combinator opened, each element once."""
    seen: set[int] = set()
    for part in parts:
        same = bool(part.parts) and part.wanted == (len(part.parts) if every else 1)
        for inner in part.parts if same else (part,):
            if inner.element is None or inner.element not in seen:
                yield inner
            if inner.element is not None:
                seen.add(inner.element)


def elements(tree: Tree) -> Iterator[int]:
    """Yield the elements of a tree, one as often as it stands there."""
    if tree.element is not None:
        yield tree.element
    for part in tree.parts:
        yield from elements(part)


def ways(tree: Tree, most: int) -> list[Way]:
    """Return the smallest minimal sets of a tree in which no element stands twice, the smallest first, so many at most."""
    if tree.element is not None:
        return [(1, tree.element)]
    if not tree.parts:
        return [] if tree.wanted else [(0, None)]
    found = sorted((ways(part, most) for part in tree.parts), key=lambda each: each[0][0])
    return choose(tree.wanted, found, most)


def choose(wanted: int, parts: list[list[Way]], most: int) -> list[Way]:
    """Return the smallest ways to take so many of the parts, given the smallest of each; parts with smaller ones come first."""
    # A choice with a later part has `most` others before it, in each of which an earlier one stands for it.
    parts = parts[: wanted + most - 1]
    spare = len(parts) - wanted
    # By how many parts were left out so far.
    rows: list[list[Way]] = [[(0, None)]]
    for part in parts:
        taken = [_joined(row, part, most) for row in rows]
        rows = [_first(rows[out - 1] if out else [], taken[out] if out < len(taken) else [], most) for out in range(min(len(taken), spare) + 1)]
    return rows[spare]


def _joined(row: list[Way], part: list[Way], most: int) -> list[Way]:
    pairs: list[Way] = [
        (before + size, (joined, more))
        for index, (before, joined) in enumerate(row)
        # Of the pairs with a smaller or equal one on both sides there are too many already.
        for size, more in part[: most // (index + 1)]
    ]
    return sorted(pairs, key=_size)[:most] if len(part) > 1 else pairs


def _first(left_out: list[Way], taken: list[Way], most: int) -> list[Way]:
    # Of ways of one size, those of the parts that come first are told first.
    return sorted(left_out + taken, key=_size)[:most] if left_out and taken else left_out or taken


def _size(way: Way) -> int:
    return way[0]


def members(joined: Joined) -> tuple[int, ...]:
    """Return the elements of a set, in their order."""
    found: list[int] = []
    ahead = [joined]
    while ahead:
        each = ahead.pop()
        if isinstance(each, tuple):
            ahead += each
        elif each is not None:
            found.append(each)
    return tuple(sorted(found))


def count(tree: Tree) -> int:
    """Return how many minimal sets a tree has in which no element stands twice."""
    if tree.element is not None:
        return 1
    if not tree.parts:
        return 0 if tree.wanted else 1
    counts = [count(part) for part in tree.parts]
    if tree.wanted == 1:
        return sum(counts)
    return math.prod(counts) if tree.wanted == len(counts) else _choices(tree.wanted, Counter(counts))


def _choices(wanted: int, counts: Counter[int]) -> int:
    """Return in how many ways so many parts and one set of each can be chosen; parts with as many sets are told together."""
    found = [1]
    for sets, parts in counts.items():
        more = [math.comb(parts, taken) * sets**taken for taken in range(min(parts, wanted) + 1)]
        found = [
            sum(found[total - taken] * more[taken] for taken in range(max(0, total - len(found) + 1), min(total, len(more) - 1) + 1))
            for total in range(min(len(found) + len(more) - 1, wanted + 1))
        ]
    return found[wanted]
