"""Two formulas beside each other: where one holds and the other does not, with a smallest such situation.

Pure. Guards are edited in few places, so the two are taken apart side by side as long as their parts rest on nothing in
common: what they share is chosen once, what differs is asked about by itself. Where that ends, a look at the structure
answers most of the rest, and `govern.policy.diff.search` the remainder.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govern.policy.diff.counting import Choices, fewest
from govern.policy.diff.following import Follows
from govern.policy.diff.formulas import Formula, Is, Table, Variable, variables
from govern.policy.diff.search import Allowance, ExhaustedError, Situation, smallest, together

# So many parts of formulas are looked at for one answer; beyond that, it is not found.
STEPS = 400_000
Node = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Where a formula holds and another does not: a situation, none, or (undecided) not known."""

    situation: Situation | None = None
    undecided: bool = False

    def __bool__(self) -> bool:
        return self.undecided or self.situation is not None


def differences(old: Formula, new: Formula, values: Mapping[Variable, tuple[str, ...]]) -> tuple[Beyond, Beyond]:
    """Return where the new formula holds and the old one does not, and the other way round.

    `values` are those of each variable, first the one that holds where nothing is on record.
    """
    domains = {variable: frozenset(each) for variable, each in values.items()}
    table = Table(domains, _aliases(old, new))
    numbers: dict[int, int] = {}
    one, two = table.add(old, numbers), table.add(new, numbers)
    if one == two:
        return Beyond(), Beyond()
    costs = {variable: {value: int(value != each[0]) for value in each} for variable, each in values.items()}
    pairs = _Pairs(table, costs)
    return pairs.beyond(two, one), pairs.beyond(one, two)


def _aliases(old: Formula, new: Formula) -> Mapping[Variable, Variable]:
    """Return the uses of a grant that are just the grant: neither formula asks for two records of it."""
    uses: dict[str, list[set[Variable]]] = {}
    for index, formula in enumerate((old, new)):
        for variable in variables([formula]):
            if variable.use:
                uses.setdefault(variable.name, [set(), set()])[index].add(variable)
    single = [found for found in uses.values() if max(map(len, found)) == 1]
    return {use: Variable(use.kind, use.name) for one, two in single for use in one | two}


class _Pairs:
    """Two formulas taken apart side by side. `wanted` is what each is to be."""

    def __init__(self, table: Table, costs: Mapping[Variable, Mapping[str, int]]) -> None:
        self.table, self.costs, self.allowance = table, costs, Allowance(0)
        self.variables = contents(table)
        self.follows = Follows(table, self.variables, self.allowance)
        self._known: dict[tuple[int, int, tuple[bool, bool]], Situation | None] = {}
        self._single: dict[tuple[int, bool], Situation | None] = {}

    def beyond(self, one: int, two: int) -> Beyond:
        """Return where the first holds and the second does not."""
        self.allowance.left = STEPS
        try:
            return Beyond(self.solve(one, two, (True, False)))
        except ExhaustedError:
            return Beyond(undecided=True)

    def solve(self, one: int, two: int, wanted: tuple[bool, bool]) -> Situation | None:
        """Return a smallest situation in which each is as wanted, or None where there is none.

        Raises:
            ExhaustedError: neither was found.
        """
        key = one, two, wanted
        if key not in self._known:
            self.allowance.spend(1)
            self._known[key] = self._solved(one, two, wanted)
        return self._known[key]

    def _solved(self, one: int, two: int, wanted: tuple[bool, bool]) -> Situation | None:
        if not self.variables[one] & self.variables[two]:
            first, second = self._alone(one, wanted=wanted[0]), self._alone(two, wanted=wanted[1])
            return together((first, second)) if first is not None and second is not None else None
        for nodes in self._apart(one, two):
            choices = self._choices(nodes)
            if choices is not None:
                return fewest(choices, (nodes[0][0], nodes[1][0]), wanted)
        if wanted == (True, False) and self.follows(one, two):
            return None
        return smallest(self.table, (self._as(one, wanted=wanted[0]), self._as(two, wanted=wanted[1])), self.costs, self.allowance)

    def _as(self, number: int, *, wanted: bool) -> int:
        return number if wanted else self.table.opposite(number)

    def _alone(self, number: int, *, wanted: bool) -> Situation | None:
        """Return a smallest situation in which a formula is as wanted, whatever else is."""
        key = number, wanted
        if key not in self._single:
            self.allowance.spend(1)
            self._single[key] = self._found_alone(number, wanted=wanted)
        return self._single[key]

    def _found_alone(self, number: int, *, wanted: bool) -> Situation | None:
        node = self.table.nodes[number]
        if isinstance(node, Is):
            values = node.values if wanted else self.table.domains[node.variable] - node.values
            costs = self.costs[node.variable]
            value = min(sorted(values), key=costs.__getitem__)
            return Situation({node.variable: value}, costs[value])
        if sum(len(self.variables[part]) for part in node[1]) > len(self.variables[number]):
            return smallest(self.table, (self._as(number, wanted=wanted), 1), self.costs, self.allowance)
        # Its parts rest on nothing in common, so that each is chosen by itself.
        both = tuple((self._alone(part, wanted=True), self._alone(part, wanted=False)) for part in node[1])
        return fewest(Choices(both, ()), (node[0], node[0]), (wanted, wanted))

    def _apart(self, one: int, two: int) -> Iterator[tuple[Node, Node]]:
        """Yield the ways to take two formulas apart: both, or one of them beside the other as it is."""
        first, second = self.table.nodes[one], self.table.nodes[two]
        if not isinstance(first, Is) and not isinstance(second, Is):
            yield first, second
        if not isinstance(first, Is):
            yield first, (1, (two,))
        if not isinstance(second, Is):
            yield (1, (one,)), second

    def _choices(self, nodes: tuple[Node, Node]) -> Choices | None:
        """Return what can be chosen of the parts of two formulas, each by itself; None where they rest on each other."""
        shared, rest = _matched(nodes[0][1], nodes[1][1])
        groups = self._grouped(shared, rest)
        if groups is None:
            return None
        both = tuple((self._alone(part, wanted=True), self._alone(part, wanted=False)) for part in shared)
        single = [{wanted: self.solve(*pair, wanted) for wanted in ((True, True), (True, False), (False, True), (False, False))} for pair in groups]
        return Choices(both, tuple(single))

    def _grouped(self, shared: list[int], rest: tuple[list[int], list[int]]) -> list[tuple[int, int]] | None:
        """Return the parts that differ in pairs, with false where one has no fellow; None where more rest on each other."""
        owners = {variable: part for part in rest[1] for variable in self.variables[part]}
        pairs: list[tuple[int, int]] = []
        for part in rest[0]:
            fellows = {owners[variable] for variable in self.variables[part] if variable in owners}
            if len(fellows) > 1:
                return None
            pairs.append((part, next(iter(fellows), 0)))
        paired = {other for _part, other in pairs}
        pairs += [(0, other) for other in rest[1] if other not in paired]
        groups = [*(self.variables[part] for part in shared), *(self.variables[one] | self.variables[two] for one, two in pairs)]
        apart = len(set(rest[1])) == len(rest[1]) and sum(map(len, groups)) == len(frozenset().union(*groups))
        return pairs if apart else None


def _matched(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[list[int], tuple[list[int], list[int]]]:
    """Return the parts that two formulas share, and the rest of each."""
    shared = Counter(one) & Counter(two)
    return list(shared.elements()), (list((Counter(one) - shared).elements()), list((Counter(two) - shared).elements()))


def contents(table: Table) -> list[frozenset[Variable]]:
    """Return the variables of each part."""
    found: list[frozenset[Variable]] = []
    for node in table.nodes:
        found.append(frozenset([node.variable]) if isinstance(node, Is) else frozenset().union(*(found[part] for part in node[1])))
    return found
