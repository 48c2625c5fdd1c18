"""Whether one formula plainly follows from another, by their structure.

Pure. What is not plain is not said to follow; `govern.policy.diff.search` then looks for where it does not.
"""

from collections import Counter

from govern.policy.diff.formulas import Is, Table, Variable
from govern.policy.diff.search import Allowance


class Follows:
    """The question, asked once of each two parts."""

    def __init__(self, table: Table, variables: list[frozenset[Variable]], allowance: Allowance) -> None:
        self._table, self._variables, self._allowance = table, variables, allowance
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, from_: int, number: int) -> bool:
        """Whether what has a number follows from what has another."""
        if from_ in {number, 0} or number == 1:
            return True
        if not self._variables[from_] & self._variables[number]:
            return False
        key = from_, number
        if key not in self._known:
            self._allowance.spend(1)
            self._known[key] = self._judge(from_, number)
        return self._known[key]

    def _judge(self, from_: int, number: int) -> bool:
        one, other = self._table.nodes[from_], self._table.nodes[number]
        if isinstance(one, Is) and isinstance(other, Is):
            return one.values <= other.values
        if not isinstance(other, Is) and other[0] == len(other[1]):
            return all(self._from_part(from_, part) for part in other[1])
        if not isinstance(one, Is) and one[0] == 1:
            return all(self(part, number) for part in one[1])
        if not isinstance(one, Is) and one[0] == len(one[1]) and self._from_part(from_, number):
            return True
        if not isinstance(other, Is) and other[0] == 1 and any(self(from_, part) for part in other[1]):
            return True
        return not isinstance(one, Is) and not isinstance(other, Is) and self._by_number(one, other)

    def _from_part(self, from_: int, number: int) -> bool:
        """Whether something follows from what must hold at least: all of it, or, of an `all`, one part."""
        one = self._table.nodes[from_]
        if isinstance(one, Is) or one[0] != len(one[1]):
            return self(from_, number)
        return number in one[1] or any(self(part, number) for part in one[1])

    def _by_number(self, one: tuple[int, tuple[int, ...]], other: tuple[int, tuple[int, ...]]) -> bool:
        """Whether so many of these give so many of those: each that has its like there gives one."""
        left = Counter(other[1])
        unmatched = []
        for part in one[1]:
            if left[part]:
                left[part] -= 1
            else:
                unmatched.append(part)
        for part in unmatched:
            like = next((each for each in left if left[each] and self(part, each)), None)
            if like is not None:
                left[like] -= 1
        matched = len(other[1]) - sum(left.values())
        return one[0] - (len(one[1]) - matched) >= other[0]
