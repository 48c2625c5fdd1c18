"""The smallest situation in which two formulas hold at once: best first, each step one pass over the formulas.

Pure. A pass takes of every `all`, `any` and `at_least` the cheapest parts, by itself. What it takes together may
contradict itself in a variable that stands in several places; then the two cases are looked at apart. The cost that a
pass finds is never above the true one, so the first situation that reaches it is a smallest.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from govern.policy.diff.formulas import Is, Table, Variable

Values = Mapping[Variable, frozenset[str]]
Costs = Mapping[Variable, Mapping[str, int]]
_ROUNDING = 1e-9


class ExhaustedError(Exception):
    """The allowance of steps is used up."""


@dataclass(slots=True)
class Allowance:
    """How many parts of formulas may still be looked at."""

    left: int

    def spend(self, steps: int) -> None:
        """Take steps off.

        Raises:
            ExhaustedError: there are not so many.
        """
        self.left -= steps
        if self.left < 0:
            raise ExhaustedError


@dataclass(frozen=True, slots=True)
class Situation:
    """What each variable that matters is, what it costs, and whether none is smaller."""

    values: Mapping[Variable, str]
    cost: int
    smallest: bool = True


def together(situations: Iterable[Situation]) -> Situation:
    """Return situations that rest on nothing in common as one."""
    given = tuple(situations)
    values: dict[Variable, str] = {}
    for each in given:
        values |= each.values
    return Situation(values, sum(each.cost for each in given), all(each.smallest for each in given))


@dataclass(frozen=True, slots=True, order=True)
class _Case:
    least: float
    number: int
    domains: Values = field(compare=False)
    found: Situation | None = field(default=None, compare=False)


def smallest(table: Table, roots: tuple[int, int], costs: Costs, allowance: Allowance) -> Situation | None:
    """Return a smallest situation in which both formulas hold, or None where there is none.

    Raises:
        ExhaustedError: neither was found within the allowance.
    """
    search = _Search(table, roots, costs, allowance)
    best: Situation | None = None
    try:
        for situation in search.run():
            if situation.smallest:
                return situation
            best = situation if best is None or situation.cost < best.cost else best
    except ExhaustedError:
        if best is None:
            raise
        return best
    return None


class _Search:
    def __init__(self, table: Table, roots: tuple[int, int], costs: Costs, allowance: Allowance) -> None:
        self.table, self.roots, self.costs, self.allowance = table, roots, costs, allowance
        self.sides = tuple(_Side(table, root) for root in roots)
        self.shares: Counter[Variable] = Counter()
        for side in self.sides:
            for number, node in side.leaves:
                if min(costs[node.variable][value] for value in node.values):
                    self.shares[node.variable] += side.times[number]
        self.prices = [{number: self._price(node, None) for number, node in side.leaves} for side in self.sides]
        against: dict[Variable, list[frozenset[str]]] = {}
        for _number, node in self.sides[1].leaves:
            against.setdefault(node.variable, []).append(node.values)
        self.clashes = {number: sum(not node.values & other for other in against.get(node.variable, ())) for number, node in self.sides[0].leaves}

    def run(self) -> Iterator[Situation]:
        """Yield situations as they are found; one that is `smallest` is the last that matters."""
        numbers = count()
        heap = [_Case(0, next(numbers), {})]
        while heap:
            case = heapq.heappop(heap)
            if case.found is None:
                for least, domains, found in self._step(case.domains):
                    if found is not None:
                        yield Situation(found.values, found.cost, smallest=False)
                    heapq.heappush(heap, _Case(least, next(numbers), domains, found))
            else:
                yield Situation(case.found.values, case.found.cost)

    def _step(self, domains: Values) -> Iterator[tuple[float, Values, Situation | None]]:
        """Yield what a case leaves to look at: a situation, and the cases apart in which there could be smaller ones."""
        first = self._pass(0, domains, self.clashes)
        if first is None:
            return
        taken: dict[Variable, frozenset[str]] = {}
        for node in first[1]:
            taken[node.variable] = taken.get(node.variable, node.values) & node.values
        clashing = {number: int(not node.values & taken[node.variable]) for number, node in self.sides[1].leaves if node.variable in taken}
        second = self._pass(1, domains, clashing)
        if second is None:
            return
        chosen = [*first[1], *second[1]]
        least = first[0] + second[0] + sum(min(self.costs[variable][value] for value in left) for variable, left in domains.items())
        together = self._together(chosen, domains)
        split = self._clash(chosen, together, domains)
        if split is None:
            found = self._situation(together, domains)
            yield found.cost, domains, found
            if found.cost <= least + _ROUNDING:
                return
            split = self._dearest(chosen, together, domains)
        variable, values = split
        domain = domains.get(variable, self.table.domains[variable])
        for part in (domain & values, domain - values):
            yield least, {**domains, variable: part}, None

    def _pass(self, which: int, domains: Values, clashes: Mapping[int, int]) -> tuple[float, list[Is]] | None:
        """Return the least that a formula costs by itself, and the literals it then takes; None where it cannot hold."""
        side = self.sides[which]
        self.allowance.spend(side.size)
        worth = {number: (price, clashes.get(number, 0)) for number, price in self.prices[which].items() if price is not None}
        for variable, domain in domains.items():
            for number, node in side.places.get(variable, ()):
                price = self._price(node, domain)
                worth.pop(number, None)
                if price is not None:
                    worth[number] = price, clashes.get(number, 0)
        chosen: dict[int, list[int]] = {}
        for number, wanted, parts in side.joints:
            possible = [part for part in parts if part in worth]
            if len(possible) < wanted:
                continue
            taken = possible if len(possible) == wanted else sorted(possible, key=worth.__getitem__)[:wanted]
            chosen[number] = taken
            worth[number] = (sum([worth[part][0] for part in taken]), sum([worth[part][1] for part in taken]))
        root = self.roots[which]
        return (worth[root][0], self._literals(root, chosen)) if root in worth else None

    def _literals(self, root: int, chosen: Mapping[int, list[int]]) -> list[Is]:
        found: list[Is] = []
        ahead, seen = [root], {root}
        for number in ahead:
            node = self.table.nodes[number]
            if isinstance(node, Is):
                found.append(node)
            else:
                more = [part for part in dict.fromkeys(chosen.get(number, ())) if part not in seen]
                seen.update(more)
                ahead += more
        return found

    def _price(self, node: Is, domain: frozenset[str] | None) -> float | None:
        """Return the share of a literal in what its variable costs above the least it must; None where it cannot hold."""
        allowed = node.values if domain is None else node.values & domain
        if not allowed:
            return None
        costs = self.costs[node.variable]
        least = 0 if domain is None else min(costs[value] for value in domain)
        above = min(costs[value] for value in allowed) - least
        return above / self.shares[node.variable] if above else 0.0

    def _together(self, chosen: list[Is], domains: Values) -> dict[Variable, frozenset[str]]:
        found: dict[Variable, frozenset[str]] = {}
        for node in chosen:
            before = found.get(node.variable, domains.get(node.variable, self.table.domains[node.variable]))
            found[node.variable] = before & node.values
        return found

    def _clash(self, chosen: list[Is], together: Values, domains: Values) -> tuple[Variable, frozenset[str]] | None:
        """Return a variable that would have to be two things at once, and one of them."""
        for node in chosen:
            if not together[node.variable] and domains.get(node.variable, self.table.domains[node.variable]) - node.values:
                return node.variable, node.values
        return None

    def _situation(self, together: Values, domains: Values) -> Situation:
        values = {}
        for variable, allowed in {**domains, **together}.items():
            costs = self.costs[variable]
            values[variable] = min(sorted(allowed), key=costs.__getitem__)
        return Situation(values, sum(self.costs[variable][value] for variable, value in values.items()))

    def _dearest(self, chosen: list[Is], together: Values, domains: Values) -> tuple[Variable, frozenset[str]]:
        """Return the variable whose price a pass understated most, and what it must be here."""
        paid: dict[Variable, float] = {}
        for node in chosen:
            paid[node.variable] = paid.get(node.variable, 0.0) + (self._price(node, domains.get(node.variable)) or 0.0)

        def understated(variable: Variable) -> float:
            costs, domain = self.costs[variable], domains.get(variable)
            least = 0 if domain is None else min(costs[value] for value in domain)
            return min(costs[value] for value in together[variable]) - least - paid[variable]

        variable = max(paid, key=understated)
        return variable, together[variable]


class _Side:
    """One of the two formulas, laid out for passes: its literals, and what joins them, parts first."""

    def __init__(self, table: Table, root: int) -> None:
        order = sorted(_under(table, root))
        self.size = len(order)
        self.times = _times(table, root, order)
        self.leaves: list[tuple[int, Is]] = []
        self.joints: list[tuple[int, int, tuple[int, ...]]] = []
        self.places: dict[Variable, list[tuple[int, Is]]] = {}
        for number in order:
            node = table.nodes[number]
            if isinstance(node, Is):
                self.leaves.append((number, node))
                self.places.setdefault(node.variable, []).append((number, node))
            else:
                self.joints.append((number, *node))


def _under(table: Table, root: int) -> set[int]:
    """Return the numbers of a formula and of all its parts."""
    found, ahead = {root}, [root]
    while ahead:
        node = table.nodes[ahead.pop()]
        more = () if isinstance(node, Is) else [part for part in node[1] if part not in found]
        found.update(more)
        ahead += more
    return found


def _times(table: Table, root: int, order: list[int]) -> Counter[int]:
    """Return how often each part stands in a formula, were it written out."""
    found: Counter[int] = Counter({root: 1})
    for number in reversed(order):
        node = table.nodes[number]
        if not isinstance(node, Is):
            for part in node[1]:
                found[part] += found[number]
    return found
