"""The shapes of the documents about a stretch of history, about a head, and about a part that is to be adopted.

Pure types, like `govern.documents.shapes`.
"""

from typing_extensions import TypedDict

from govern.documents.shapes import BlockerMap, RecordOf, StepRow
from govern.documents.state_shapes import FindingRow, NextRow, ProofRow, QuoteRow, SourceRow, Surfaces


class MomentOf(TypedDict):
    """A head of the ledger: how many records, of when, under which version of the policy."""

    head: int
    at: str
    policy_version: int
    status: str
    count: str


class EventRow(TypedDict):
    """A record: when, by whom, what it says, and how well it is known whose it is."""

    record: str
    at: str
    kind: str
    by: str
    what: str
    standing: str


class ClosedRow(TypedDict):
    """A leg that was open before and is proven now."""

    leg: str
    closed_by: str
    by: str
    evidence: str
    sha256: str
    records: list[RecordOf]


class ReopenedRow(TypedDict):
    """A leg that was proven before and is not now."""

    leg: str
    by: str
    why: str
    record: str


class RemainsRow(TypedDict):
    """A leg that is open now."""

    leg: str
    by: str
    needs: list[str]
    new: bool


class BlockerChange(TypedDict):
    """A blocker at both moments."""

    id: str
    before: str
    after: str
    closed: bool
    remaining: str


# `from` is a word of Python, so that this one is written as a call.
GapPage = TypedDict(
    "GapPage",
    {
        "from": MomentOf,
        "to": MomentOf,
        "blockers": list[BlockerChange],
        "open_before": list[str],
        "closed": list[ClosedRow],
        "reopened": list[ReopenedRow],
        "remains": list[RemainsRow],
        "already": list[str],
        "gone": list[str],
        "events": list[EventRow],
        "sources": list[SourceRow],
    },
)
GapPage.__doc__ = "What was open at one moment, what closed it by another, what reopened, and what remains."


class ProvenRow(ProofRow):
    """Evidence that was recorded in a period, and whether it still counts."""

    counts: bool


ReportPage = TypedDict(
    "ReportPage",
    {
        "title": str,
        "from": MomentOf,
        "to": MomentOf,
        "since_packet": str,
        "done": list[EventRow],
        "proven": list[ProvenRow],
        "findings": list[FindingRow],
        "quotes": list[QuoteRow],
        "sources": list[SourceRow],
        "surfaces": Surfaces,
        "surface_quotes": list[QuoteRow],
        "idle_actions": list[str],
        "idle_scopes": list[str],
        "gaps": GapPage,
        "map": BlockerMap,
    },
)
ReportPage.__doc__ = "What was done in a period, what it proved, and what it did not touch."


class CheckpointPage(TypedDict):
    """A head of the ledger, to be kept elsewhere and compared later."""

    title: str
    origin: str
    size: int
    root: str
    last: str
    note: str
    policy_version: int
    policy_sha256: str
    status: str
    map: BlockerMap
    open: list[str]


class PreparedLeg(TypedDict):
    """A leg of the blocker whose prepared part is to be adopted."""

    id: str
    by: str
    status: str
    evidence: str
    says: str
    sha256: str
    path: str
    records: list[RecordOf]
    needs: list[str]
    command: str
    back: str


class AdoptionPage(TypedDict):
    """What was prepared off production, who adopts it, with which act, and what that does not do."""

    id: str
    title: str
    state: str
    preparer: str
    ready: bool
    adopted: bool
    deciders: str
    prepared: list[PreparedLeg]
    adopting: list[PreparedLeg]
    findings: list[FindingRow]
    guards: list[str]
    guards_nothing: str
    packets: list[str]
    sources: list[SourceRow]


class LineagePage(TypedDict):
    """The chain of packets."""

    title: str
    steps: list[StepRow]
    gaps: list[StepRow]
    diagram: str
    status: str
    next: list[NextRow]


class HandoffLeg(TypedDict):
    """A leg that waits for real data."""

    id: str
    by: str
    kind: str
    of: str
    evidence: str
    status: str
    change: str


class TableRow(TypedDict):
    """A table of what is handed over, and the class of its columns."""

    name: str
    pattern: bool
    others: str
    masked: list[str]
    empty: list[str]
    absent: list[str]
    plain: list[str]


class HandoffPage(TypedDict):
    """What whoever hands over real data is asked for."""

    programme: str
    declared: bool
    engine: str
    schema: str
    tables: list[TableRow]
    legs: list[HandoffLeg]
    intakes: list[HandoffLeg]
    rehearsals: list[HandoffLeg]
    provenances: list[str]
    label: str
