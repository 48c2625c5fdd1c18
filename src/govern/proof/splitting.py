"""Whether formulas can all hold at once: by propagation over the local states that are left, and by splitting them where it ends.

Pure, and on its own: it shares nothing with what searches and proves, so that it can check them. No clauses, no solver.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or


class UnfinishedError(Exception):
    """The steps that were allowed ran out before there was an answer."""


class Term(Protocol):
    """A formula without negations: what is not said of a local state is said of the others."""

    slots: frozenset[int]

    def value(self, domains: Sequence[int]) -> bool | None:
        """Whether it holds whatever is chosen from what is left; nothing where that depends."""


class Atom:
    """A variable has one of these values; both are numbered, and values are bits."""

    __slots__ = ("inside", "slot", "slots")

    def __init__(self, slot: int, inside: int) -> None:
        self.slot = slot
        self.inside = inside
        self.slots = frozenset((slot,))

    def value(self, domains: Sequence[int]) -> bool | None:
        """See `Term`."""
        domain = domains[self.slot]
        if not domain & self.inside:
            return False
        return None if domain & ~self.inside else True


class Several:
    """So many of the parts hold."""

    __slots__ = ("parts", "slots", "wanted")

    def __init__(self, wanted: int, parts: Iterable[Term]) -> None:
        self.wanted = wanted
        self.parts = tuple(parts)
        self.slots = frozenset[int]().union(*(part.slots for part in self.parts))

    def value(self, domains: Sequence[int]) -> bool | None:
        """See `Term`."""
        wanted, spare = self.wanted, len(self.parts) - self.wanted
        for part in self.parts:
            if wanted <= 0 or spare < 0:
                break
            known = part.value(domains)
            wanted -= known is True
            spare -= known is False
        if wanted <= 0:
            return True
        return False if spare < 0 else None


class Variables:
    """The variables that components are: a slot for each, a bit for each of its local states."""

    def __init__(self, states: Mapping[str, Sequence[str]]) -> None:
        self.slots = {name: slot for slot, name in enumerate(states)}
        self.domains = [(1 << len(each)) - 1 for each in states.values()]
        self._bits = [{state: 1 << index for index, state in enumerate(each)} for each in states.values()]

    def inside(self, name: str, states: Iterable[str]) -> int:
        """Return the bits of local states; of those that the component does not have, none."""
        bits = self._bits[self.slots[name]]
        return sum(bits.get(state, 0) for state in states)

    def term(self, formula: Formula, *, wanted: bool = True) -> Term:
        """Return a formula, or its negation, as a term."""
        match formula:
            case In(component=name, states=states):
                slot, inside = self.slots[name], self.inside(name, states)
                return Atom(slot, inside if wanted else self.domains[slot] & ~inside)
            case Not(part=part):
                return self.term(part, wanted=not wanted)
            case AtLeast(wanted=least, parts=parts):
                return Several(least if wanted else len(parts) - least + 1, (self.term(part, wanted=wanted) for part in parts))
            case And(parts=parts) | Or(parts=parts):  # pragma: no branch - the forms are these
                least = len(parts) if isinstance(formula, And) is wanted else 1
                return Several(least, (self.term(part, wanted=wanted) for part in parts))


def moved(term: Term, slots: Mapping[int, int]) -> Term:
    """Return a term that speaks of other slots; what does not change is shared."""
    if term.slots.isdisjoint(slots):
        return term
    if isinstance(term, Atom):
        return Atom(slots[term.slot], term.inside)
    assert isinstance(term, Several)
    return Several(term.wanted, (moved(part, slots) for part in term.parts))


def each(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield the terms that must hold where all of these must: those of which one joins several, one by one."""
    for term in terms:
        if isinstance(term, Several) and term.wanted == len(term.parts):
            yield from each(term.parts)
        else:
            yield term


def _width(choice: Several) -> int:
    return len(choice.parts)


class Problem:
    """Terms that must all hold: those that are always asked, and those of one question."""

    def __init__(self, domains: Sequence[int], always: Sequence[Term], steps: int) -> None:
        self.left = steps
        self._domains = list(domains)
        self._always = tuple(each(always))
        # What fails whatever is chosen is never met on the way: nothing narrows what it speaks of.
        self._hopeless = any(term.value(self._domains) is False for term in self._always)
        self._watched: dict[int, list[Term]] = {}
        for term in self._always:
            for slot in term.slots:
                self._watched.setdefault(slot, []).append(term)
        # Of each variable, the decisions (as bits) on which what is left of it depends.
        self._because = [0] * len(domains)
        self._trail: list[tuple[int, int, int]] = []
        self._own: dict[int, list[Term]] = {}
        self._waiting: deque[Term] = deque()
        self._queued: set[Term] = set()
        self._met: dict[Term, None] = {}

    def possible(self, terms: Iterable[Term], domains: Sequence[int] = (), *, alone: bool = False) -> bool:
        """Whether these terms, with new variables of these domains, and, unless `alone`, what is always asked, can hold at once.

        Raises:
            UnfinishedError: the steps ran out.
        """
        if self._hopeless and not alone:
            return False
        asked = tuple(each(terms))
        always, watched = self._always, self._watched
        known = len(self._domains)
        self._domains += domains
        self._because += [0] * len(domains)
        if alone:
            self._always, self._watched = (), {}
        try:
            return self._settled(asked)
        finally:
            self._undo(0)
            self._always, self._watched = always, watched
            del self._domains[known:], self._because[known:]

    def _settled(self, asked: Sequence[Term]) -> bool:
        self._own, self._met = {}, {}
        return self._beside(asked)

    def _beside(self, terms: Sequence[Term]) -> bool:
        """Whether these terms can hold, too: where one of them is a choice, case by case, so that what one case fails at is done with."""
        begun, met = len(self._trail), self._met
        self._met = dict.fromkeys((*terms, *met))
        for term in terms:
            for slot in term.slots:
                self._own.setdefault(slot, []).append(term)
        self._waiting, self._queued = deque(terms), set(terms)
        found = self._propagated() is None and self._by_cases(terms)
        self._undo(begun)
        for term in terms:
            for slot in term.slots:
                self._own[slot].remove(term)
        self._met = met
        return found

    def _by_cases(self, terms: Sequence[Term]) -> bool:
        choices = [term for term in terms if isinstance(term, Several) and term.wanted == 1 and term.value(self._domains) is None]
        if not choices:
            return self._split()
        parts = max(choices, key=_width).parts
        return any(self._beside(tuple(each([part]))) for part in parts if part.value(self._domains) is not False)

    def _split(self) -> bool:
        """Split, the newest decision last; give up those decisions on which what went wrong does not depend."""
        begun = len(self._trail)
        decisions: list[tuple[int, Atom]] = []
        wrong = None
        while True:
            if wrong is None:
                atom = self._open()
                if atom is None:
                    return True
                decisions.append((len(self._trail), atom))
                self._narrow(atom.slot, atom.inside, 1 << len(decisions) - 1)
            else:
                while decisions and not wrong >> len(decisions) - 1 & 1:
                    self._undo(decisions.pop()[0])
                if not decisions:
                    self._undo(begun)
                    return False
                length, atom = decisions.pop()
                self._undo(length)
                self._narrow(atom.slot, ~atom.inside, wrong & ~(1 << len(decisions)))
            wrong = self._propagated()

    def _undo(self, length: int) -> None:
        while len(self._trail) > length:
            slot, self._domains[slot], self._because[slot] = self._trail.pop()
        self._waiting.clear()
        self._queued.clear()

    def _narrow(self, slot: int, inside: int, because: int) -> None:
        self._trail.append((slot, self._domains[slot], self._because[slot]))
        self._domains[slot] &= inside
        self._because[slot] |= because
        for watched in (self._own, self._watched):
            for term in watched.get(slot, ()):
                if term not in self._queued:
                    self._queued.add(term)
                    self._waiting.append(term)

    def _propagated(self) -> int | None:
        """Draw conclusions until there are no more; where terms exclude each other, return the decisions that it depends on."""
        while self._waiting:
            term = self._waiting.popleft()
            self._queued.discard(term)
            self._met[term] = None
            self.left -= len(term.slots) + 1
            if self.left < 0:
                raise UnfinishedError
            narrowed = self._concluded(term)
            because = 0
            if narrowed is None or narrowed:
                for slot in term.slots:
                    because |= self._because[slot]
            if narrowed is None:
                return because
            for slot, inside in narrowed:
                if not self._domains[slot] & inside:
                    return because
                if self._domains[slot] & ~inside:
                    self._narrow(slot, inside, because)
        return None

    def _concluded(self, term: Term) -> list[tuple[int, int]] | None:
        """Return to what variables are narrowed where a term must hold; nothing where it cannot."""
        if isinstance(term, Atom):
            return [(term.slot, term.inside)] if self._domains[term.slot] & term.inside else None
        assert isinstance(term, Several)
        wanted, open_parts = term.wanted, []
        for part in term.parts:
            if wanted <= 0:
                break
            known = part.value(self._domains)
            wanted -= known is True
            if known is None:
                open_parts.append(part)
        if wanted <= 0:
            return []
        if len(open_parts) < wanted:
            return None
        if len(open_parts) > wanted:
            return []
        found = [self._concluded(part) for part in open_parts]
        return None if None in found else [one for some in found if some for one in some]

    def _open(self) -> Atom | None:
        """Choose where to split: in what was asked, then in what it touched, then in the rest."""
        for terms in (tuple(self._met), self._always):
            for term in terms:
                found = term
                if found.value(self._domains) is None:
                    while isinstance(found, Several):
                        found = next(part for part in found.parts if part.value(self._domains) is None)
                    assert isinstance(found, Atom)
                    return found
        return None
