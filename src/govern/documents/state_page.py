"""The current-state page: where the programme stands, every flag and count derived or quoted as imported.

Pure. A NO that nothing supports is UNKNOWN; what a document said about it stands beside it, as that document's word.
"""

from typing import Any

from govern.documents.blocker_map import blocker_map
from govern.documents.packet_page import packet_page
from govern.documents.times import spell_local
from govern.engine.judge import in_force
from govern.engine.lineage import lineage
from govern.engine.standing import status_token
from govern.engine.upcoming import upcoming
from govern.engine.view import View
from govern.policy import find


def state_page(view: View) -> dict[str, Any]:
    """Return what the current-state page prints."""
    policy, state = view.policy, view.state
    current = view.current_packets()
    return {
        "title": policy.programme.title,
        "programme": policy.programme.id,
        "host": policy.programme.host or "",
        "moment": spell_local(state.at, policy),
        "status": status_token(view),
        "authority": _authority(view),
        "protected": _protected(view),
        "delegations": _delegations(view),
        "actions": [_action(name, view) for name in policy.actions],
        "packets": [_packet_line(name, view) for name in current],
        "defaults": [find.hold_of(policy.packets[name]).id for name in current],
        "map": blocker_map(view),
        "proofs": _proofs(view),
        "findings": _findings(view),
        "quotes": [{"about": each.about, "text": each.text, "document": each.document} for each in state.quotes],
        "lineage": lineage(view),
        "boundaries": [boundary for name in current for boundary in packet_page(name, view)["boundaries"]],
        "next": [{"who": " or ".join(step.actors), "does": step.words, "command": step.command} for step in upcoming(view)],
    }


def _authority(view: View) -> list[dict[str, str]]:
    """Return the scopes in which a decision was made, with whether it is still in force."""
    found: list[dict[str, str]] = []
    for name in view.policy.packets:
        standing = view.packet(name)
        if standing.selected is None:
            continue
        option = find.option(view.policy, f"{name}/{standing.selected}")[1]
        used = standing.consumed_by is not None
        how = "consumed" if used else "in force" if in_force(name, option, view) else "not in force"
        found.append({"scope": option.scope or "none", "option": option.id, "packet": name, "how": how, "record": f"#{standing.decision}"})
    return found


def _protected(view: View) -> list[dict[str, Any]]:
    """Return each protected scope, with whether any decision in it is in force."""
    found = []
    for scope, declared in view.policy.scopes.items():
        if declared.protected:
            authorised = any(
                option.scope == scope and view.packet(name).selected == option.id and in_force(name, option, view) is True
                for name, packet in view.policy.packets.items()
                for option in packet.options
            )
            found.append({"scope": scope, "authorised": authorised})
    return found


def _delegations(view: View) -> list[dict[str, Any]]:
    return [
        {
            "options": list(each.options),
            "giver": each.giver,
            "to": view.policy.actors[each.to].title or each.to,
            "scope": each.scope,
            "used": len(each.used),
            "uses": each.uses,
            "status": "revoked" if each.revoked is not None else "consumed" if len(each.used) >= each.uses else "open",
            "standing": "imported" if each.imported else "unauthenticated",
        }
        for each in view.state.delegations.values()
    ]


def _action(name: str, view: View) -> dict[str, Any]:
    runs = [run for run in view.state.runs.values() if run.action == name]
    quotes = [each for each in view.state.quotes if each.about == name]
    if any(run.state == "ended" for run in runs):
        found = "YES"
    elif runs:
        found = "UNKNOWN: begun, and its end is not on record"
    else:
        found = "UNKNOWN: no run on record, and nothing here shows that there was none"
    return {"action": name, "on_record": found, "reported": [{"text": each.text, "document": each.document} for each in quotes]}


def _packet_line(name: str, view: View) -> dict[str, Any]:
    page = packet_page(name, view)
    return {
        "id": name,
        "title": page["title"],
        "default": page["default"],
        "state": page["state"],
        "selected": page["selected"],
        "decided_by": page["decided_by"],
    }


def _proofs(view: View) -> list[dict[str, str]]:
    return [
        {
            "leg": path,
            "kind": proofs[-1].kind,
            "of": proofs[-1].of,
            "by": proofs[-1].actor,
            "record": f"#{proofs[-1].seq}",
            "says": proofs[-1].says or "",
            "sha256": proofs[-1].sha256 or "",
            "standing": f"imported from {imported.document}" if (imported := proofs[-1].imported) else "unauthenticated",
        }
        for path, proofs in view.state.proofs.items()
    ]


def _findings(view: View) -> list[dict[str, Any]]:
    found = []
    for name, declared in view.policy.findings.items():
        recorded = view.state.findings.get(name)
        found.append(
            {
                "id": name,
                "result": (recorded.result if recorded else declared.result).upper(),
                "why": recorded.why if recorded else declared.why,
                "carried_by": declared.carried_by or "",
                "does_not_affect": list(declared.does_not_affect),
            }
        )
    return found
