"""State: what the records so far amount to. It is replayed, never stored.

Pure. Objects here are written by `govern.engine.apply` and, of what each record moves, by `govern.engine.replay`; everyone else reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from govern.engine.register import Register
from govern.ledger.statements import Imported

# A policy and its templates, by their digests.
Version: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class GrantInstance:
    """One use of a grant, from request to end. `seq` is the record that made it."""

    grant: str
    seq: int
    state: str
    scope: str
    changed: int
    requested_by: str | None = None
    approvals: tuple[str, ...] = ()
    recorded_at: int | None = None
    not_before: int | None = None
    expires: int | None = None
    imported: bool = False


@dataclass(slots=True)
class Key:
    """A public key of an actor, by its fingerprint. One that was retired never comes back."""

    fingerprint: str
    actor: str
    key: str
    seq: int
    bootstrap: bool = False
    retired: int | None = None


@dataclass(slots=True)
class Proof:
    """Evidence on record for a leg."""

    leg: str
    seq: int
    state: str
    actor: str
    kind: str
    of: str
    at: int
    changed: int
    sha256: str | None = None
    path: str | None = None
    says: str | None = None
    imported: Imported | None = None
    binds: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LaneState:
    """Where the record of a lane stands. `approvals` wait for others' words; those of `opened_by` have opened it."""

    state: str
    changed: int | None = None
    approvals: tuple[str, ...] = ()
    imported: bool = False
    opened_by: tuple[str, ...] = ()


@dataclass(slots=True)
class Approval:
    """One owner's word for an option, on the packet as it then was."""

    actor: str
    seq: int
    packet_sha256: str | None
    delegation: int | None = None
    imported: bool = False


@dataclass(slots=True)
class PacketState:
    """Where a packet stands: its lifecycle, the option selected, what was refused, and who prepared it.

    `imported` is the document that reports its issue; `reported`, whether a document reports its decision.
    """

    state: str
    issued: int | None = None
    issued_at: int | None = None
    consumed_by: str | None = None
    selected: str | None = None
    decision: int | None = None
    decided_at: int | None = None
    decided_by: tuple[Approval, ...] = ()
    reported: bool = False
    approvals: dict[str, tuple[Approval, ...]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    preparers: dict[str, int] = field(default_factory=dict)
    history: list[tuple[int, str]] = field(default_factory=list)
    imported: Imported | None = None


@dataclass(slots=True)
class Delegation:
    """An owner's record that lets another decide: options, scope, window and uses."""

    seq: int
    giver: str
    to: str
    packet: str
    options: tuple[str, ...]
    scope: str
    uses: int
    used: list[int] = field(default_factory=list)
    not_before: int | None = None
    expires: int | None = None
    revoked: int | None = None
    imported: bool = False


@dataclass(slots=True)
class FindingState:
    """The result of a finding on record."""

    result: str
    seq: int
    why: str
    actor: str
    imported: Imported | None = None


@dataclass(slots=True)
class Run:
    """One carrying-out of an action: begun, ended, lost or resolved."""

    action: str
    seq: int
    state: str
    grant: int | None = None
    ended: int | None = None
    status: int | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What a document says and nothing here supports. `without` are the declared claims that it says are not made."""

    seq: int
    about: str
    text: str
    document: str
    without: tuple[str, ...] = ()


class State:
    """Everything on record that a guard or a page can ask for."""

    __slots__ = (
        "adopting",
        "at",
        "delegations",
        "enrolling",
        "findings",
        "founding",
        "genesis_at",
        "grants",
        "importing",
        "instances",
        "keys",
        "lanes",
        "marks",
        "moved",
        "packets",
        "policy_digest",
        "policy_seq",
        "proofs",
        "proposed",
        "quotes",
        "register",
        "runs",
        "signed",
        "size",
        "templates",
        "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.size = 0
        self.at = 0
        self.genesis_at = 0
        # Imported history is taken right after genesis only; keys without another's word, right after that.
        self.importing = True
        self.founding = True
        # The size behind the last record that can have changed what a packet shows.
        self.moved = 0
        self.version = 0
        self.policy_digest = ""
        self.policy_seq = 0
        self.templates: dict[str, str] = {}
        # The words given for a policy and its templates, while others are wanted.
        self.adopting: dict[Version, tuple[str, ...]] = {}
        # Who proposed a policy, by its digest, with the record.
        self.proposed: dict[str, dict[str, int]] = {}
        # The records that carry a signature.
        self.signed: set[int] = set()
        self.keys: dict[str, Key] = {}
        # The words given for a key, by actor and fingerprint, while others are wanted.
        self.enrolling: dict[tuple[str, str], tuple[str, ...]] = {}
        self.grants: dict[str, list[GrantInstance]] = {}
        self.instances: dict[int, GrantInstance] = {}
        self.proofs: dict[str, list[Proof]] = {}
        self.lanes: dict[str, LaneState] = {}
        self.packets: dict[str, PacketState] = {}
        self.delegations: dict[int, Delegation] = {}
        self.findings: dict[str, FindingState] = {}
        self.runs: dict[int, Run] = {}
        self.marks: dict[str, int] = {}
        self.quotes: list[Quote] = []
        self.register = Register()
