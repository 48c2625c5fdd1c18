"""The current-state page: where the programme stands, every flag and count derived or quoted as imported.

Pure. A NO that nothing supports is UNKNOWN; what a document said about it stands beside it, as that document's word.
Names of an earlier policy that the one in force no longer declares are left out of what it judges.
"""

from govern.documents.anchors import link_from
from govern.documents.blocker_map import blocker_map
from govern.documents.files import documents_of
from govern.documents.lineage_page import step_rows
from govern.documents.packet_page import packet_page
from govern.documents.registry_pages import registry_line
from govern.documents.shapes import BlockerMap, BoundaryRow, PacketPage
from govern.documents.spans import NOTHING, Sources, awaited
from govern.documents.standing import decision_standing, spell_standing
from govern.documents.state_rows import Labels, counting_proofs, finding_row, labels_of, next_rows, proof_row, quote_rows, source_rows
from govern.documents.state_shapes import ActionRow, AuthorityRow, DelegationRow, DocumentRow, OpenPacket, ProtectedRow, StatePage, WaitingFor
from govern.documents.surface_rows import surface_rows
from govern.engine.judge import in_force
from govern.engine.standing import status_token
from govern.engine.state import Delegation, Quote, Run
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy import find
from govern.policy.model import Option
from govern.policy.promises import Document

# What a quote can be about, beside an action, that the page has a section for.
EVIDENCE, SURFACES, GOVERNANCE = "evidence", "surfaces", "registry"


def state_page(view: View, sources: Sources = NOTHING, path: str = "") -> StatePage:
    """Return what the current-state page prints; `path` is where it stands, so that its links lead somewhere."""
    policy = view.policy
    current = view.current_packets()
    labels, shown = labels_of(view), blocker_map(view)
    pages = [packet_page(name, view) for name in current]
    proofs = [proof_row(proof, labels, view) for proof in counting_proofs(view)]
    apart = {EVIDENCE, SURFACES, GOVERNANCE, *policy.actions}

    def about(wanted: str) -> list[Quote]:
        return [each for each in view.state.quotes if each.about == wanted]

    return {
        "title": policy.programme.title,
        "programme": policy.programme.id,
        "host": policy.programme.host or "",
        "status": status_token(view),
        "signature_waiver": policy.policy.signature_waiver or "",
        "authority": _authority(view),
        "protected": protected_rows(view),
        "delegations": [_delegation(each, view) for each in view.state.delegations.values()],
        "actions": [_action(name, labels, view) for name in policy.actions],
        "packets": [_packet_line(page, view) for page in pages],
        "defaults": list(dict.fromkeys(find.hold_of(policy.packets[name]).id for name in current)),
        "map": shown,
        "partly": [row for row in shown["blockers"] if row["proven"] and row["waiting"]],
        "proofs": proofs,
        "unfiled": [proof["record"] for proof in proofs if not proof["sha256"]],
        "findings": [finding_row(name, labels, view) for name in policy.findings],
        "surfaces": surface_rows(view, sources),
        "evidence_quotes": quote_rows(about(EVIDENCE), labels),
        "surface_quotes": quote_rows(about(SURFACES), labels),
        "governance_quotes": quote_rows(about(GOVERNANCE), labels),
        "quotes": quote_rows((each for each in view.state.quotes if each.about not in apart), labels),
        "sources": source_rows(view),
        "documents": [_document(name, each, path, view) for name, each in documents_of(view).items() if path and each.path != path],
        "registry": registry_line(view, labels),
        "lineage": [step for step in step_rows(view) if step["standing"]],
        "boundaries": _boundaries(pages),
        "next": next_rows(view),
        "waiting": _waiting(shown),
    }


def _document(name: str, document: Document, page: str, view: View) -> DocumentRow:
    return {
        "name": name,
        "shows": document.shows,
        "of": document.packet or document.blocker or "",
        "link": link_from(page, document.path),
        "as_of": document.as_of or "",
        "waits": awaited(document, view),
    }


def _waiting(shown: BlockerMap) -> list[WaitingFor]:
    """Return who has yet to bring what before the blockers close, in the order of the blockers."""
    found: dict[str, list[str]] = {}
    for row in shown["blockers"]:
        for leg in row["waiting"]:
            found.setdefault(leg["by"], []).append(f"{row['id']}/{leg['id']}")
    return [{"by": by, "legs": legs} for by, legs in found.items()]


def _selected(name: str, view: View) -> Option | None:
    """Return the option that a packet has selected, where the policy in force still has it."""
    selected = view.packet(name).selected
    return next((option for option in view.policy.packets[name].options if option.id == selected), None)


def _authority(view: View) -> list[AuthorityRow]:
    """Return the decisions made, each with its scope and whether it is still in force."""
    found: list[AuthorityRow] = []
    for name in view.policy.packets:
        packet, option = view.packet(name), _selected(name, view)
        if packet.selected is None:
            continue
        found.append(
            {
                "option": packet.selected,
                "packet": name,
                "scope": (option.scope or "none") if option else "unknown",
                "how": _authority_of(name, option, view),
                "record": f"#{packet.decision}",
                "standing": decision_standing(packet, view),
            }
        )
    return found


def _authority_of(packet: str, option: Option | None, view: View) -> str:
    consumed_by = view.packet(packet).consumed_by
    if consumed_by:
        return f"consumed by {consumed_by}"
    if option is None:
        return "none: the policy in force has no such option"
    return "in force" if in_force(packet, option, view) is True else "not in force"


def protected_rows(view: View) -> list[ProtectedRow]:
    """Return each protected scope, with whether any decision in it is in force."""
    selected = [(name, option) for name in view.policy.packets if (option := _selected(name, view)) is not None]
    authorised = {option.scope for name, option in selected if in_force(name, option, view) is True}
    return [{"scope": scope, "authorised": scope in authorised} for scope, declared in view.policy.scopes.items() if declared.protected]


def _delegation(delegation: Delegation, view: View) -> DelegationRow:
    actor = view.policy.actors.get(delegation.to)
    return {
        "record": f"#{delegation.seq}",
        "packet": delegation.packet,
        "options": list(delegation.options),
        "giver": delegation.giver,
        "to": actor.title if actor and actor.title else delegation.to,
        "scope": delegation.scope,
        "used": len(delegation.used),
        "uses": delegation.uses,
        "status": _delegation_status(delegation, view),
        "standing": spell_standing(delegation.seq, view, imported=delegation.imported),
    }


def _delegation_status(delegation: Delegation, view: View) -> str:
    if delegation.revoked is not None:
        return f"revoked by record #{delegation.revoked}"
    if len(delegation.used) >= delegation.uses:
        return "consumed"
    if delegation.expires is not None and view.now >= delegation.expires:
        return f"expired at {spell_time(delegation.expires)}"
    if delegation.not_before is not None and view.earliest < delegation.not_before:
        return f"valid from {spell_time(delegation.not_before)}"
    return "open" if view.is_current(delegation.packet) else "over with its packet"


def _action(name: str, labels: Labels, view: View) -> ActionRow:
    runs = [run for run in view.state.runs.values() if run.action == name]
    quotes = [each for each in view.state.quotes if each.about == name]
    return {"action": name, "on_record": _on_record(runs, view), "reported": quote_rows(quotes, labels)}


def _on_record(runs: list[Run], view: View) -> str:
    """Return whether an action was carried out, from its runs: one that ended well, one of which nobody knows, the newest."""
    if not runs:
        return "UNKNOWN: no run on record"
    done = [run for run in runs if run.state == "ended" and not run.status]
    pending = [run for run in runs if run.state != "ended"]
    run = (done or pending or runs)[-1]
    told = f"record #{run.seq}, {spell_standing(run.seq, view, imported=run.imported)}"
    if done:
        return f"YES ({told})"
    return f"UNKNOWN: begun, and its end is not on record ({told})" if pending else f"BEGUN: it ended with status {run.status} ({told})"


def _packet_line(page: PacketPage, view: View) -> OpenPacket:
    waiting = view.packet(page["id"]).approvals
    return {
        "id": page["id"],
        "title": page["title"],
        "default": page["default"],
        "state": page["state"],
        "selected": page["selected"],
        "decided_by": page["decided_by"],
        "standing": page["standing"],
        "waiting": [{"option": option, "words": [each.actor for each in words]} for option, words in waiting.items()],
    }


def _boundaries(pages: list[PacketPage]) -> list[BoundaryRow]:
    """Return the lines that the current packets draw, each once."""
    found: list[BoundaryRow] = []
    for page in pages:
        found += [boundary for boundary in page["boundaries"] if boundary not in found]
    return found
