"""What a guard comes down to: so many of its parts, over what is on record about single things.

Pure values. A literal names the values of a variable that satisfy it, so that no formula needs a negation: the opposite
of one is another. Formulas are told apart by number in a `Table`, whatever order their parts were written in.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias


class Variable(NamedTuple):
    """Something about which there is one thing on record: a kind, a name, and for grants the place that asks for a record of its own."""

    kind: str
    name: str
    use: str = ""


class Is(NamedTuple):
    """A variable has one of these values."""

    variable: Variable
    values: frozenset[str]


class Need(NamedTuple):
    """So many of the parts hold."""

    wanted: int
    parts: tuple["Formula", ...]


Formula: TypeAlias = Is | Need
TRUE = Need(0, ())
FALSE = Need(1, ())

# The values of each kind of variable; the first is what holds where nothing is on record. A packet's are its options.
VALUES: Mapping[str, tuple[str, ...]] = {
    "grant": ("none", "doubtful", "unknown", "honoured", "usable"),
    "leg": ("none", "doubtful", "unknown", "proven"),
    "lane": ("none", "doubtful", "open"),
    "done": ("none", "doubtful", "unknown", "done"),
    "finding": ("unknown", "doubtful", "pass", "fail"),
    "packet": ("none", "doubtful", "unknown"),
}


def conjunction(parts: Iterable[Formula]) -> Formula:
    """Join parts that must all hold."""
    kept = tuple(parts)
    return Need(len(kept), kept)


def disjunction(parts: Iterable[Formula]) -> Formula:
    """Join parts of which one must hold."""
    return Need(1, tuple(parts))


class Table:
    """Formulas by number: the same number for what is the same but for its order, nesting and repetition.

    Parts have smaller numbers than what they are part of. Numbers 0 and 1 are false and true. `aliases` are variables that
    are taken for others.
    """

    def __init__(self, domains: Mapping[Variable, frozenset[str]], aliases: Mapping[Variable, Variable] | None = None) -> None:
        self.domains = domains
        self._aliases = aliases or {}
        self.nodes: list[Is | tuple[int, tuple[int, ...]]] = [(1, ()), (0, ())]
        self._numbers: dict[object, int] = {self.nodes[0]: 0, self.nodes[1]: 1}
        self._opposites: dict[int, int] = {0: 1, 1: 0}

    def add(self, formula: Formula, known: dict[int, int]) -> int:
        """Return the number of a formula. What several guards rest on is one object, and is looked at once: `known` keeps it."""
        if id(formula) not in known:
            known[id(formula)] = (
                self.literal(formula.variable, formula.values)
                if isinstance(formula, Is)
                else self.join(formula.wanted, [self.add(part, known) for part in formula.parts])
            )
        return known[id(formula)]

    def literal(self, variable: Variable, values: frozenset[str]) -> int:
        """Return the number of a literal; of one that nothing satisfies, false, and of one that everything does, true."""
        variable = self._aliases.get(variable, variable)
        found = values & self.domains[variable]
        if not found or found == self.domains[variable]:
            return int(bool(found))
        return self._number(Is(variable, found))

    def join(self, wanted: int, parts: list[int]) -> int:
        """Return the number of so many of these parts."""
        wanted -= parts.count(1)
        left = [part for part in parts if part > 1]
        if wanted <= 0:
            return 1
        if wanted > len(left):
            return 0
        if wanted in (1, len(left)):
            return self._flat(left, is_all=wanted == len(left) and len(left) > 1)
        return self._number((wanted, tuple(sorted(left))))

    def opposite(self, number: int) -> int:
        """Return the number of what holds exactly where this does not."""
        if number not in self._opposites:
            node = self.nodes[number]
            if isinstance(node, Is):
                found = self.literal(node.variable, self.domains[node.variable] - node.values)
            else:
                wanted, parts = node
                found = self.join(len(parts) - wanted + 1, [self.opposite(part) for part in parts])
            self._opposites[number] = found
        return self._opposites[number]

    def _flat(self, parts: list[int], *, is_all: bool) -> int:
        """Return the number of an `all` or an `any`, without those of the same form inside, and each part once."""
        kept: dict[int, None] = {}
        values: dict[Variable, frozenset[str]] = {}
        for part in self._inner(parts, is_all=is_all):
            node = self.nodes[part]
            if isinstance(node, Is):
                before = values.get(node.variable, node.values)
                values[node.variable] = before & node.values if is_all else before | node.values
            else:
                kept[part] = None
        left = [*kept, *(self.literal(variable, found) for variable, found in values.items())]
        if (0 if is_all else 1) in left:
            return 0 if is_all else 1
        if len(left) == 1:
            return left[0]
        return self._number((len(left) if is_all else 1, tuple(sorted(left))))

    def _inner(self, parts: list[int], *, is_all: bool) -> list[int]:
        found: list[int] = []
        for part in parts:
            node = self.nodes[part]
            same = not isinstance(node, Is) and node[0] == (len(node[1]) if is_all else 1)
            found += node[1] if same and not isinstance(node, Is) else (part,)
        return found

    def _number(self, node: Is | tuple[int, tuple[int, ...]]) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return self._numbers[node]


def variables(formulas: Iterable[Formula]) -> dict[Variable, None]:
    """Return the variables of formulas, each once, in the order written."""
    return dict.fromkeys(literal.variable for literal in literals(formulas))


def literals(formulas: Iterable[Formula]) -> Iterator[Is]:
    """Yield the literals of formulas; of what several rest on, once."""
    seen: set[int] = set()
    ahead = list(formulas)
    for formula in ahead:
        if isinstance(formula, Is):
            yield formula
        elif id(formula) not in seen:
            seen.add(id(formula))
            ahead += formula.parts
