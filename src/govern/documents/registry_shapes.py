"""The shapes of the registry's pages, and of the registry as other pages print it.

Pure types, like `govern.documents.shapes`. A figure that is not known is the word for it.
"""

from typing_extensions import TypedDict

Figure = int | str


class Revisions(TypedDict):
    """The revision of each form of the canonical registry."""

    json: Figure
    markdown: Figure
    index: Figure


class CanonicalFigures(TypedDict):
    """What a reservation leaves untouched."""

    body_max: Figure
    revisions: Revisions


class FoldRow(TypedDict):
    """The record that folded a range, by whom and when; empty where it is not folded."""

    record: str
    by: str
    at: str
    standing: str


# A key of it is a word of Python.
ReservationRow = TypedDict(
    "ReservationRow",
    {
        "ids": str,
        "first": int,
        "last": int,
        "count": int,
        "above": Figure,
        "for": str,
        "by": str,
        "at": str,
        "record": str,
        "standing": str,
        "state": str,
        "apply_now": str,
        "untouched": CanonicalFigures,
        "words": list[str],
        "folded": FoldRow,
        "withdrawn": str,
        "withdrawn_by": str,
        "why": str,
    },
)


ReservationRow.__doc__ = "A reservation in full: its ids, for what, by whom, and what became of it."


class FoldedRow(ReservationRow):
    """A reservation that is folded, with a link to its addendum where one is declared."""

    link: str


class AddendumPage(ReservationRow):
    """The standalone addendum of a reservation."""

    title: str


class ReportRow(TypedDict):
    """What an imported document says of the registry."""

    record: str
    document: str
    sha256: str
    says: list[str]


class ReportLine(TypedDict):
    """A report, as other pages name it."""

    record: str
    standing: str


class RegistryPage(TypedDict):
    """The canonical registry, and its index."""

    title: str
    prefix: str
    body_max: Figure
    revisions: Revisions
    folds: list[FoldedRow]
    unrecorded: list[str]
    reports: list[ReportRow]


class RegistryLine(TypedDict):
    """The registry as other pages print it; without a prefix where none is declared."""

    prefix: str
    body_max: Figure
    revisions: Revisions
    ceiling: Figure
    next_free: str
    waiting: list[ReservationRow]
    reports: list[ReportLine]
