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


class QuoteRow(TypedDict):
    """What an imported document says, and who brought it in. `without` are the declared claims that it says are not made."""

    about: str
    text: str
    document: str
    record: str
    without: list[str]


class AuthorityRow(TypedDict):
    """A decision that was made, and whether it is still in force."""

    option: str
    packet: str
    scope: str
    how: str
    record: str
    standing: str


class ProtectedRow(TypedDict):
    """A protected scope, and whether a decision in it is in force."""

    scope: str
    authorised: bool


class DelegationRow(TypedDict):
    """A delegation and what became of it."""

    record: str
    packet: str
    options: list[str]
    giver: str
    to: str
    scope: str
    used: int
    uses: int
    status: str
    standing: str


class ActionRow(TypedDict):
    """An action: whether a run is on record, and what documents say of it."""

    action: str
    on_record: str
    reported: list[QuoteRow]


class WordsFor(TypedDict):
    """The words given for an option that waits for more."""

    option: str
    words: list[str]


class OpenPacket(TypedDict):
    """A packet that can be decided now."""

    id: str
    title: str
    default: str
    state: str
    selected: str
    decided_by: str
    standing: str
    waiting: list[WordsFor]


class ProofRow(TypedDict):
    """Evidence that proves a leg now."""

    leg: str
    evidence: str
    by: str
    record: str
    says: str
    sha256: str
    path: str
    standing: str
    substitute_for: str


class FindingRow(TypedDict):
    """A finding and its result."""

    id: str
    result: str
    why: str
    standing: str
    carried_by: str
    does_not_affect: list[str]


class SurfaceRow(TypedDict):
    """A surface that must not be touched: its status and what shows it."""

    surface: str
    title: str
    status: str
    shown_by: str


class Surfaces(TypedDict):
    """The surfaces, and how many of them are shown to be untouched or not requested."""

    count: str
    shown: int
    total: int
    unsupported: list[str]
    rows: list[SurfaceRow]


class SourceRow(TypedDict):
    """An imported document, by the short name that the tables print."""

    label: str
    name: str
    sha256: list[str]


class NextRow(TypedDict):
    """Something that somebody can do next."""

    who: str
    does: str
    command: str


class WaitingFor(TypedDict):
    """What somebody has yet to bring before the blockers close."""

    by: str
    legs: list[str]


class DocumentRow(TypedDict):
    """A declared document, and the way to it from the page."""

    name: str
    shows: str
    of: str
    link: str
    as_of: str


class StatePage(TypedDict):
    """The current state."""

    title: str
    programme: str
    host: str
    status: str
    signature_waiver: str
    authority: list[AuthorityRow]
    protected: list[ProtectedRow]
    delegations: list[DelegationRow]
    actions: list[ActionRow]
    packets: list[OpenPacket]
    defaults: list[str]
    map: BlockerMap
    partly: list[BlockerRow]
    proofs: list[ProofRow]
    unfiled: list[str]
    findings: list[FindingRow]
    surfaces: Surfaces
    evidence_quotes: list[QuoteRow]
    surface_quotes: list[QuoteRow]
    governance_quotes: list[QuoteRow]
    quotes: list[QuoteRow]
    sources: list[SourceRow]
    documents: list[DocumentRow]
    lineage: list[StepRow]
    boundaries: list[BoundaryRow]
    next: list[NextRow]
    waiting: list[WaitingFor]
