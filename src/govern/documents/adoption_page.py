"""The adoption packet: what was prepared off production, who puts it into force, with which act, and what that does not do.

Pure. The prepared part is the legs of those who prepare; adopting it is the legs of the others.
"""

from govern.documents.blocker_map import blocker_row, spell_evidence
from govern.documents.escape import Mention
from govern.documents.shapes import LegRow
from govern.documents.span_shapes import AdoptionPage, PreparedLeg
from govern.documents.state_rows import finding_row, labels_of, source_rows
from govern.engine import commands
from govern.engine.view import View
from govern.policy import find
from govern.policy.guards import BlockerFact, LegFact, facts


def adoption_page(blocker: str, view: View) -> AdoptionPage:
    """Return what an adoption packet prints."""
    policy, declared, labels = view.policy, view.policy.blockers[blocker], labels_of(view)
    row = blocker_row(blocker, view)
    mine = {leg["id"] for leg in row["legs"] if find.is_preparation(policy, declared.legs[leg["id"]])}
    prepared = [_leg(blocker, leg, view) for leg in row["legs"] if leg["id"] in mine]
    adopting = [_leg(blocker, leg, view) for leg in row["legs"] if leg["id"] not in mine]
    waiting = [leg for leg in adopting if leg["status"] != "proven"]
    return {
        "id": blocker,
        "title": row["title"],
        "state": row["state"],
        "preparer": policy.preparation.by if policy.preparation else "preparation",
        "ready": bool(prepared) and all(leg["status"] == "proven" for leg in prepared),
        "adopted": bool(adopting) and not waiting,
        "deciders": " and ".join(dict.fromkeys(leg["by"] for leg in waiting or adopting)) or "nobody",
        "prepared": prepared,
        "adopting": adopting,
        "findings": [finding_row(name, labels, view) for name, each in policy.findings.items() if each.carried_by == blocker],
        "guards": _guarded(blocker, view),
        "guards_nothing": declared.guards_nothing or "",
        "packets": view.current_packets(),
        "sources": source_rows(view),
    }


def _leg(blocker: str, leg: LegRow, view: View) -> PreparedLeg:
    path = f"{blocker}/{leg['id']}"
    declared, proofs = find.leg(view.policy, path), view.state.proofs.get(path, [])
    proof = proofs[-1] if proofs and leg["status"] == "proven" else None
    by = find.members(view.policy, declared.by)
    asked = declared.evidence
    return {
        "id": path,
        "by": leg["by"],
        "status": leg["status"],
        "evidence": spell_evidence(asked.kind, asked.of) if asked else "what it requires",
        "says": (proof.says or "") if proof else "",
        "sha256": (proof.sha256 or "") if proof else "",
        "path": (proof.path or "") if proof else "",
        "records": leg["records"],
        "needs": leg["needs"],
        "command": commands.discharge(path, declared, by) if asked else "",
        "back": f'govern blocker reopen {path} --reason "…" --as {by[0]}' if asked else "",
    }


def _guarded(blocker: str, view: View) -> list[str]:
    """Return what rests on the blocker or on a leg of it, as the policy's guards name it: a status or a claim is named, not made."""
    return list(
        dict.fromkeys(
            Mention(where.replace("`", ""))
            for where, guard in find.guards(view.policy)
            for fact, _negated in facts(guard)
            if (isinstance(fact, BlockerFact) and fact.blocker == blocker) or (isinstance(fact, LegFact) and fact.leg.split("/")[0] == blocker)
        )
    )
