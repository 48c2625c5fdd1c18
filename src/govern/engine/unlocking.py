"""The smallest sets of requirements that unlock a judged guard, and how many there are.

Pure. A requirement that nobody can clear is in no set; over nothing nothing holds, and no act changes that. What must
not hold is cleared by the act that ends it: no set has both an act that brings a state about and one that ends it. A
blocker's state is one requirement; that proving a leg for one state may end another is seen when it is judged again.
A grant that a guard asks for in several places is recorded once for each: no record fills two.
"""

from collections import defaultdict
from dataclasses import dataclass

from govern.engine.causes import Judged, Requirement, leaves
from govern.engine.minimal_sets import DONE, NEVER, Tree, element, elements, some
from govern.engine.shared_elements import WORK, Clashes, smallest

MAX_SETS = 10


@dataclass(frozen=True, slots=True)
class Unlock:
    """The smallest sets of requirement ids that unlock, and how many minimal sets there are.

    `exact` is false where facts are shared and there were too many sets to look at: then those told are minimal, not
    shown to be the smallest, and the count is of those that were found.
    """

    sets: tuple[tuple[str, ...], ...]
    count: int
    exact: bool

    @property
    def says(self) -> str:
        """What the sets are, in words."""
        return "smallest" if self.exact else "minimal, not shown smallest"


def unlock(judged: Judged, most: int = MAX_SETS, work: int = WORK) -> Unlock:
    """Return the smallest sets of unsatisfied requirements that, cleared together, would unlock a guard."""
    asked = _Asked(judged)
    tree = asked.tree(judged)
    found = smallest(tree, most, asked.clashes(tree), work)
    names = list(asked.numbers)
    return Unlock(tuple(tuple(names[each] for each in each_set) for each_set in found.sets), found.count, found.exact)


class _Asked:
    """A judged guard as a tree of acts, and which of its acts end what another needs."""

    def __init__(self, judged: Judged) -> None:
        # In the order in which requirements were met: sets are told in it.
        self.numbers: dict[str, int] = {}
        self.free: set[int] = set()
        self.sides: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for requirement in leaves(judged):
            if requirement.satisfied or requirement.how:
                self.sides[_state(requirement)][requirement.kind == "not"].add(requirement.id)
        self.opposed = {name for sides in self.sides.values() if all(sides) for side in sides for name in side}

    def tree(self, judged: Judged) -> Tree:
        """Return what must be done; what holds needs nothing, as long as no act of the set can end it."""
        if judged.requirement:
            return self._leaf(judged.requirement)
        if judged.truth is True and not self.opposed:
            return DONE
        return some(judged.wanted, [self.tree(part) for part in judged.parts])

    def _leaf(self, requirement: Requirement) -> Tree:
        if requirement.satisfied and requirement.id not in self.opposed:
            return DONE
        if not requirement.satisfied and not requirement.how:
            return NEVER
        number = self.numbers.setdefault(requirement.id, len(self.numbers))
        if requirement.satisfied:
            self.free.add(number)
        return element(number)

    def clashes(self, tree: Tree) -> Clashes:
        """Return which acts of a tree end what another of its places needs."""
        there, free = set(elements(tree)), frozenset(self.free)
        pairs = [
            (self.numbers[one], self.numbers[other])
            for wanted, ended in self.sides.values()
            for one in wanted
            for other in ended
            if there.issuperset({self.numbers.get(one, -1), self.numbers.get(other, -1)}) and not free.issuperset({self.numbers[one], self.numbers[other]})
        ]
        return Clashes(tuple(sorted(pairs)), free & there)


def _state(requirement: Requirement) -> str:
    """Return the state that a requirement is about: an act that brings about a grant is told by its name, used or not."""
    kind, _, name = requirement.id.removeprefix("not:").partition(":")
    return f"{'grant' if kind == 'honoured' else kind}:{name.partition('~')[0]}"
