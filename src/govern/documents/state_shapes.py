"""The shapes of the current state, and of the rows that other pages share with it.

Pure types, like `govern.documents.shapes`.
"""

from typing_extensions import TypedDict

from govern.documents.registry_shapes import RegistryLine
from govern.documents.shapes import BlockerMap, BlockerRow, BoundaryRow, StepRow


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
    waits: str


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
    registry: RegistryLine
    lineage: list[StepRow]
    boundaries: list[BoundaryRow]
    next: list[NextRow]
    waiting: list[WaitingFor]
