"""The current-state page: where the programme stands, every flag and count derived or quoted as imported.

Pure. A NO that nothing supports is UNKNOWN; what a document said about it stands beside it, as that document's word.
Names of an earlier policy that the one in force no longer declares are left out of what it judges.
"""

from typing import Any

from govern.documents.blocker_map import blocker_map, spell_evidence
from govern.documents.packet_page import packet_page
from govern.documents.registry_pages import registry_line
from govern.documents.standing import decision_standing, documents, spell_standing
from govern.engine.judge import in_force, leg_proven
from govern.engine.lineage import lineage
from govern.engine.standing import status_token
from govern.engine.state import Delegation, Run
from govern.engine.upcoming import upcoming
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.ledger.statements import Imported
from govern.policy import find
from govern.policy.model import Option


def state_page(view: View) -> dict[str, Any]:
    """Return what the current-state page prints."""
    policy = view.policy
    current = view.current_packets()
    labels = _labels(view)
    packets = [_packet_line(name, view) for name in current]
    return {
        "title": policy.programme.title,
        "programme": policy.programme.id,
        "host": policy.programme.host or "",
        "status": status_token(view),
        "signature_waiver": policy.policy.signature_waiver or "",
        "authority": _authority(view),
        "protected": _protected(view),
        "delegations": [_delegation(each, view) for each in view.state.delegations.values()],
        "actions": [_action(name, labels, view) for name in policy.actions],
        "packets": packets,
        "defaults": list(dict.fromkeys(find.hold_of(policy.packets[name]).id for name in current)),
        "map": blocker_map(view),
        "proofs": _proofs(labels, view),
        "findings": [_finding(name, labels, view) for name in policy.findings],
        "quotes": [
            {"about": each.about, "text": each.text, "document": labels[each.document]} for each in view.state.quotes if each.about not in policy.actions
        ],
        "documents": [{"label": labels[name], "name": name, "sha256": digests} for name, digests in documents(view).items()],
        "registry": registry_line(view, labels),
        "lineage": [step for step in lineage(view) if step["standing"]],
        "boundaries": _boundaries(current, view),
        "next": [{"who": " or ".join(step.actors), "does": step.words, "command": step.command} for step in upcoming(view)],
    }


def _labels(view: View) -> dict[str, str]:
    """Return a short name for each imported document: the tables say it, the list of documents resolves it."""
    return {name: f"D{number}" for number, name in enumerate(documents(view), 1)}


def _standing(seq: int, imported: Imported | None, labels: dict[str, str], view: View) -> str:
    return f"imported from {labels[imported.document]}" if imported else spell_standing(seq, view, imported=False)


def _selected(name: str, view: View) -> Option | None:
    """Return the option that a packet has selected, where the policy in force still has it."""
    selected = view.packet(name).selected
    return next((option for option in view.policy.packets[name].options if option.id == selected), None)


def _authority(view: View) -> list[dict[str, str]]:
    """Return the decisions made, each with its scope and whether it is still in force."""
    found: list[dict[str, str]] = []
    for name in view.policy.packets:
        packet, option = view.packet(name), _selected(name, view)
        if packet.selected is not None:
            scope = (option.scope or "none") if option else "unknown"
            row = {"scope": scope, "option": packet.selected, "packet": name, "how": _authority_of(name, option, view)}
            found.append({**row, "record": f"#{packet.decision}", "standing": decision_standing(packet, view)})
    return found


def _authority_of(packet: str, option: Option | None, view: View) -> str:
    consumed_by = view.packet(packet).consumed_by
    if consumed_by:
        return f"consumed by {consumed_by}"
    if option is None:
        return "none: the policy in force has no such option"
    return "in force" if in_force(packet, option, view) is True else "not in force"


def _protected(view: View) -> list[dict[str, Any]]:
    """Return each protected scope, with whether any decision in it is in force."""
    selected = [(name, option) for name in view.policy.packets if (option := _selected(name, view)) is not None]
    authorised = {option.scope for name, option in selected if in_force(name, option, view) is True}
    return [{"scope": scope, "authorised": scope in authorised} for scope, declared in view.policy.scopes.items() if declared.protected]


def _delegation(delegation: Delegation, view: View) -> dict[str, Any]:
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
    if delegation.not_before is not None and view.now < delegation.not_before:
        return f"valid from {spell_time(delegation.not_before)}"
    return "open" if view.is_current(delegation.packet) else "over with its packet"


def _action(name: str, labels: dict[str, str], view: View) -> dict[str, Any]:
    runs = [run for run in view.state.runs.values() if run.action == name]
    quotes = [each for each in view.state.quotes if each.about == name]
    reported = [{"text": each.text, "document": labels[each.document]} for each in quotes]
    return {"action": name, "on_record": _on_record(runs, view), "reported": reported}


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


def _packet_line(name: str, view: View) -> dict[str, Any]:
    page = packet_page(name, view)
    waiting = view.packet(name).approvals
    return {
        "id": name,
        "title": page["title"],
        "default": page["default"],
        "state": page["state"],
        "selected": page["selected"],
        "decided_by": page["decided_by"],
        "standing": page["standing"],
        "waiting": [{"option": option, "words": [each.actor for each in words]} for option, words in waiting.items()],
    }


def _proofs(labels: dict[str, str], view: View) -> list[dict[str, str]]:
    """Return the evidence that proves a leg now; what was reopened, is stale or is gone proves nothing."""
    declared = [path for path, leg in find.leg_paths(view.policy) if leg.evidence is not None]
    newest = [view.state.proofs[path][-1] for path in declared if leg_proven(path, view) is True]
    return [
        {
            "leg": proof.leg,
            "evidence": spell_evidence(proof.kind, proof.of),
            "by": proof.actor,
            "record": f"#{proof.seq}",
            "says": proof.says or "",
            "sha256": proof.sha256 or "",
            "standing": _standing(proof.seq, proof.imported, labels, view),
            "substitute_for": find.leg(view.policy, proof.leg).stands_in_for or "",
        }
        for proof in newest
    ]


def _finding(name: str, labels: dict[str, str], view: View) -> dict[str, Any]:
    declared, recorded = view.policy.findings[name], view.state.findings.get(name)
    return {
        "id": name,
        "result": (recorded.result if recorded else declared.result).upper(),
        "why": recorded.why if recorded else declared.why,
        "standing": _standing(recorded.seq, recorded.imported, labels, view) if recorded else "declared in the policy",
        "carried_by": declared.carried_by or "",
        "does_not_affect": list(declared.does_not_affect),
    }


def _boundaries(packets: list[str], view: View) -> list[dict[str, Any]]:
    """Return the lines that the current packets draw, each once."""
    found: list[dict[str, Any]] = []
    for name in packets:
        found += [boundary for boundary in packet_page(name, view)["boundaries"] if boundary not in found]
    return found
