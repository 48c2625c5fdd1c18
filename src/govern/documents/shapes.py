"""The shapes of what documents show: what a template is given, and what stands in the JSON twin beside it.

Pure types; `govern.documents.schemas` publishes them. A record is spelled `#SEQ`; an empty text says that there is none.
"""

from typing_extensions import TypedDict


class NeedOf(TypedDict):
    """A leg that is not proven, and who proves it."""

    id: str
    by: str


class RecordOf(TypedDict):
    """A record that something rests on, and how well it is known whose it is."""

    record: str
    standing: str


class LegRow(TypedDict):
    """A leg of a blocker as it stands."""

    id: str
    by: str
    status: str
    substitute_for: str
    needs: list[str]
    records: list[RecordOf]


class BlockerRow(TypedDict):
    """A blocker as it stands, with the two computed columns."""

    id: str
    title: str
    state: str
    closed: bool
    preparation: str
    remaining: str
    legs: list[LegRow]
    proven: list[str]
    waiting: list[NeedOf]
    needs: list[str]


class BlockerMap(TypedDict):
    """The blocker map."""

    preparer: str
    prepares: bool
    blockers: list[BlockerRow]
    total: int
    open: int
    status: str
    preparation_closed: bool


class RequirementRow(TypedDict):
    """A prerequisite of an option as it stands."""

    id: str
    says: str
    satisfied: bool
    status: str
    record: str
    by: str
    why: str


class OptionRow(TypedDict):
    """An option as it stands. `anchor` is the fragment under which its heading is found."""

    number: str
    id: str
    anchor: str
    says: str
    hold: bool
    scope: str
    scope_says: str
    lane: str
    in_lane: bool
    selectable: bool
    selected: str
    delegable: bool
    refused: bool
    requires_all: bool
    leads_to: list[str]
    requires: list[RequirementRow]
    missing: int
    opens: list[str]


class ForbiddenRow(TypedDict):
    """An action that is forbidden until its own grant exists."""

    action: str
    ungranted: bool


class BoundaryRow(TypedDict):
    """A line that a packet draws, in one of its three forms."""

    scope: str
    does_not_authorize: str
    label: str
    never_presented_as: str
    forbidden: list[ForbiddenRow]


class StepRow(TypedDict):
    """A packet in the chain of packets."""

    packet: str
    file: str
    lifecycle: str
    consumes: str
    consumed_option: str
    consumes_file: str
    continues: str
    gap: str
    consumed_by: str
    decision: str
    standing: str


class PacketPage(TypedDict):
    """The decision packet."""

    id: str
    title: str
    lane: str
    decided_by: str
    default: str
    lifecycle: str
    state: str
    selected: str
    respond_by: str
    separation_waiver: str
    signature_waiver: str
    known_options_only: bool
    options: list[OptionRow]
    selectable: list[str]
    boundaries: list[BoundaryRow]
    lineage: StepRow
    diagram: str
    standing: str
    map: BlockerMap
