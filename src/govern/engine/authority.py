"""The one place where authority is asked: whose word counts for what, and how well it is known to be theirs.

Pure. A record without a signature is of whom it says, and shown as *unauthenticated*; one that a document reports is
*imported*. Whether an actor must sign, and with what, is asked in `govern.engine.signed`.
"""

from enum import StrEnum

from govern.engine.state import Delegation
from govern.engine.view import View
from govern.ledger.lines import Record
from govern.policy import find
from govern.policy.model import Option
from govern.policy.preparing import legs_under
from govern.policy.reach import filled_by
from govern.policy.who import Who


class Standing(StrEnum):
    """How well it is known who made a record."""

    SIGNED = "signed"
    UNAUTHENTICATED = "unauthenticated"
    IMPORTED = "imported"


class Word(StrEnum):
    """What an actor's word adds to an authority: all that was wanting, a part, or nothing."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NOTHING = "nothing"


def standing_of(record: Record) -> Standing:
    """Return how well the author of a record is known."""
    if record.statement.imported:
        return Standing.IMPORTED
    return Standing.SIGNED if record.signer else Standing.UNAUTHENTICATED


def word(view: View, who: Who, actor: str, approvals: tuple[str, ...] = ()) -> Word:
    """Return what an actor's word adds to those already given. Distinct persons only; nobody fills two places."""
    if actor in approvals or view.policy.actors[actor].kind != "person" or not is_member(view, who, actor):
        return Word.NOTHING
    return Word.COMPLETE if filled_by(view.policy, who, {*approvals, actor}) else Word.PARTIAL


def issuer_of(view: View, grant: str) -> Who:
    """Return who grants it; for a grant that the policy in force no longer declares, who may change the policy."""
    declared = view.policy.grants.get(grant)
    return declared.issuer if declared else view.policy.policy.adopted_by


def is_member(view: View, who: Who, actor: str) -> bool:
    """Whether an actor is part of an authority."""
    return any(actor in place for place in find.places(view.policy, who))


def delegations_for(view: View, actor: str, packet: str, option: Option) -> list[tuple[Delegation, str]]:
    """Return each delegation to an actor that names the option, with why it does not count, or nothing."""
    return [
        (delegation, _against(delegation, view, option))
        for delegation in view.state.delegations.values()
        if delegation.to == actor and delegation.packet == packet and option.id in delegation.options
    ]


def _against(delegation: Delegation, view: View, option: Option) -> str:
    if delegation.imported:
        return "is reported by a document, and was not given here"
    if delegation.revoked is not None:
        return f"was revoked by record #{delegation.revoked}"
    if len(delegation.used) >= delegation.uses:
        return f"is used up (record #{delegation.used[-1]})"
    if delegation.expires is not None and view.now >= delegation.expires:
        return "has expired"
    if delegation.not_before is not None and view.earliest < delegation.not_before:
        return "is not valid yet"
    if not option.delegable or delegation.scope != option.scope or view.policy.scopes[delegation.scope].protected:
        return "does not reach this option under the policy in force"
    if view.policy.actors[delegation.to].may_receive_from != delegation.giver:
        return f"was given by {delegation.giver}, from whom {delegation.to} may not receive one"
    if not is_member(view, view.policy.packets[delegation.packet].decided_by, delegation.giver):
        return f"was given by {delegation.giver}, who no longer decides this packet"
    return ""


def preparers(view: View, packet: str, option: Option) -> dict[str, int]:
    """Return who prepared what an owner decides on: the packet, and the evidence its guard and its lane rest on; with the record.

    An attestation is its actor's own decision, not preparation.
    """
    found = dict(view.packet(packet).preparers)
    for path in legs_under(view.policy, packet, option):
        for proof in view.state.proofs.get(path, [])[-1:]:
            if proof.kind != "attest":
                found.setdefault(proof.actor, proof.seq)
    return found
