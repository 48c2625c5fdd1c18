"""The register of ticket ids: which ranges were reserved, what was folded into the canonical registry, and its revisions.

Pure. Ids are whole numbers from 1; a range, once reserved, is never given again, also where it was withdrawn. Written by
`govern.engine.apply_tickets` alone; everyone else reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from govern.canonical import MAX_INTEGER
from govern.ledger.statements import Imported

MOST_IDS = 10_000
MAX_ID = MAX_INTEGER


@dataclass(frozen=True, slots=True)
class Figures:
    """The canonical registry in figures: its highest id, and a revision for each of its forms. None is unknown, not nothing."""

    body_max: int | None = 0
    json: int | None = 0
    markdown: int | None = 0
    index: int | None = 0

    def after_fold(self, last: int) -> "Figures":
        """Return the figures once a range is folded: every form moves by one; what is unknown stays so.

        A range stands above all that was allotted before it, and is folded after it: its last id is the highest.
        """
        json, markdown, index = (None if each is None else each + 1 for each in (self.json, self.markdown, self.index))
        return Figures(last, json, markdown, index)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A range of ids, by whom, when and for what; `above` and `untouched` are the ceiling and the figures that it left as they were.

    `words` are those given for its fold while others are wanted. `seq` is the record that made it; of several ranges that
    one document reports, it is the same.
    """

    seq: int
    first: int
    last: int
    prefix: str
    actor: str
    at: int
    above: int
    untouched: Figures
    purpose: str = ""
    imported: Imported | None = None
    words: tuple[str, ...] = ()
    folded: int | None = None
    folded_at: int | None = None
    folded_by: tuple[str, ...] = ()
    withdrawn: int | None = None
    withdrawn_by: str = ""
    why: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is neither folded nor withdrawn."""
        return self.folded is None and self.withdrawn is None

    @property
    def count(self) -> int:
        """How many ids it holds."""
        return self.last - self.first + 1

    @property
    def span(self) -> str:
        """The numbers alone, as in the name of its addendum."""
        return spell_span(self.first, self.last)

    @property
    def ids(self) -> str:
        """The range with its prefix, as it was declared then."""
        return f"{self.prefix}-{self.span}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a document says of the registry's state; a figure that it does not give is not in `says`."""

    seq: int
    says: Mapping[str, Any]
    imported: Imported


def spell_span(first: int, last: int) -> str:
    """Return a range of numbers, or the one that it is."""
    return str(first) if first == last else f"{first}..{last}"


@dataclass(slots=True)
class Register:
    """All reservations by their first id, lowest first, and what the canonical registry holds."""

    reservations: dict[int, Reservation] = field(default_factory=dict)
    # The first ids of those that are neither folded nor withdrawn, lowest first.
    waiting: dict[int, None] = field(default_factory=dict)
    allotted: int = 0
    figures: Figures = field(default_factory=Figures)
    reports: tuple[Report, ...] = ()

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Copy what changes; what does not is shared."""
        return replace(self, reservations=dict(self.reservations), waiting=dict(self.waiting))

    @property
    def next_free(self) -> int:
        """The lowest id that was never allotted."""
        return self.allotted + 1

    @property
    def lowest(self) -> Reservation | None:
        """The lowest of the reservations that wait: the one that is folded next."""
        return next((self.reservations[first] for first in self.waiting), None)

    @property
    def ceiling(self) -> int:
        """The highest id below every reservation that waits; where none does, the highest that was ever allotted."""
        return self.lowest.first - 1 if self.lowest else self.allotted

    def holding(self, number: int) -> Reservation | None:
        """Return the reservation that holds an id."""
        return next((each for each in self.reservations.values() if each.first <= number <= each.last), None)

    def spanning(self, span: str) -> Reservation | None:
        """Return the reservation whose numbers are spelled so, as in the name of its addendum."""
        first = span.partition("..")[0]
        held = self.reservations.get(int(first)) if first.isascii() and first.isdecimal() and len(first) <= len(str(MAX_ID)) else None
        return held if held and held.span == span else None

    def unrecorded(self) -> list[tuple[int, int]]:
        """Return the ranges that were allotted, and of which no record says by whom or for what."""
        gaps, below = [], 0
        for each in self.reservations.values():
            gaps.append((below + 1, each.first - 1))
            below = each.last
        gaps.append((below + 1, self.allotted))
        return [gap for gap in gaps if gap[0] <= gap[1]]

    def put(self, reservation: Reservation) -> None:
        """Put a reservation, new or changed, in its place."""
        self.reservations[reservation.first] = reservation
        self.allotted = max(self.allotted, reservation.last)
        if reservation.waits:
            self.waiting[reservation.first] = None
        else:
            self.waiting.pop(reservation.first, None)

    def forget_words(self) -> None:
        """Forget the words given for folds that wait for others."""
        for first in self.waiting:
            self.reservations[first] = replace(self.reservations[first], words=())

    def against(self, says: Mapping[str, Any]) -> str:
        """Return why a document's report does not fit what is on record before it, or nothing."""
        through, body_max, ceiling, known = says.get("folded_through", 0), says.get("body_max", 0), says.get("ceiling"), self.figures.body_max or 0
        if not says:
            return "it says nothing"
        for name in ("folded_through", "body_max"):
            if says.get(name, known) < known:
                return f"its {name} is {says[name]}, and ids up to {known} were in the body before"
        # What stands in the body was allotted, and folded where a record reserved it.
        reached = max(through, body_max)
        left = [each for first in self.waiting if (each := self.reservations[first]).last > through]
        if left and reached >= left[0].first:
            return f"ids up to {reached} would be in the body, and {left[0].ids} is not folded"
        below = max(self.allotted, reached, ceiling or 0)
        for first, last in says.get("reserved", ()):
            if not below < first <= last:
                return f"the range {first}..{last} is to stand above {below}, which was allotted before"
            below = last
        lowest = next((first for first in (*(each.first for each in left), *(first for first, _last in says.get("reserved", ())))), None)
        wanted = max(self.allotted, reached) if lowest is None else lowest - 1
        if ceiling is not None and (ceiling < wanted or (ceiling > wanted and lowest is not None)):
            return f"its ceiling is {ceiling}, and by what is on record it is {wanted}"
        return ""
