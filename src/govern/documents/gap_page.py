"""The gap-closure map: what was open at one moment, what closed it by another, what reopened, and what remains.

Pure: two views and the records between them. Each moment is judged under the policy that was in force then.
"""

from govern.documents.blocker_map import blocker_map, production_status, spell_evidence
from govern.documents.escape import Mention
from govern.documents.record_words import event_row
from govern.documents.shapes import BlockerMap, LegRow
from govern.documents.span_shapes import BlockerChange, ClosedRow, GapPage, MomentOf, ReopenedRow
from govern.documents.spans import Span
from govern.documents.state_rows import labels_of, source_rows
from govern.documents.times import spell_local
from govern.engine.standing import status_token
from govern.engine.view import View
from govern.ledger.lines import Record

# The kinds of records that can close a leg, or open it again.
_MOVING = frozenset({"discharge", "reopen", "grant", "revoke", "begin", "end", "lose", "resolve", "decide", "open", "close", "finding", "adopt"})
_ABSENT = "not declared"


def gap_page(view: View, span: Span) -> GapPage:
    """Return what a gap-closure map prints."""
    maps = blocker_map(span.start), blocker_map(view)
    before, after = map(_legs, maps)
    opened = [path for path, leg in before.items() if leg["status"] != "proven"]
    return {
        "from": moment_of(span.start),
        "to": moment_of(view),
        "blockers": _changes(*maps),
        "open_before": opened,
        "closed": [_closed(path, leg, view, span) for path, leg in after.items() if _turned(before.get(path), leg)],
        "reopened": [_reopened(path, leg, view, span) for path, leg in after.items() if path in before and _turned(leg, before[path])],
        "remains": [
            {"leg": path, "by": leg["by"], "needs": leg["needs"], "new": path not in before}
            for path, leg in after.items()
            if leg["status"] != "proven" and not leg["substitute_for"]
        ],
        "already": [path for path, leg in after.items() if path in before and before[path]["status"] == leg["status"] == "proven"],
        "gone": [path for path in before if path not in after],
        "events": [event_row(record, labels_of(view)) for record in span.records if record.statement.kind in _MOVING],
        "sources": source_rows(view),
    }


def moment_of(view: View) -> MomentOf:
    """Return a head in words: where the programme stood then."""
    return {
        "head": view.state.size,
        "at": spell_local(view.state.at, view.policy),
        "policy_version": view.state.version,
        "status": Mention(status_token(view)),
        "count": production_status(view),
    }


def _legs(shown: BlockerMap) -> dict[str, LegRow]:
    return {f"{row['id']}/{leg['id']}": leg for row in shown["blockers"] for leg in row["legs"]}


def _turned(before: LegRow | None, after: LegRow) -> bool:
    """Whether a leg is proven, and was not."""
    return after["status"] == "proven" and (before is None or before["status"] != "proven")


def _changes(before: BlockerMap, after: BlockerMap) -> list[BlockerChange]:
    """Return every blocker of either moment with its state at both."""
    was = {row["id"]: row["state"] for row in before["blockers"]}
    found: list[BlockerChange] = [
        {"id": row["id"], "before": was.get(row["id"], _ABSENT), "after": row["state"], "closed": row["closed"], "remaining": row["remaining"]}
        for row in after["blockers"]
    ]
    now = {row["id"] for row in after["blockers"]}
    for name, state in was.items():
        if name not in now:
            found.append({"id": name, "before": state, "after": _ABSENT, "closed": False, "remaining": ""})
    return found


def _closed(path: str, leg: LegRow, view: View, span: Span) -> ClosedRow:
    proofs = view.state.proofs.get(path, [])
    proof = proofs[-1] if proofs and leg["records"] and leg["records"][0]["record"] == f"#{proofs[-1].seq}" else None
    authors = {f"#{record.seq}": record.statement.actor for record in span.records}
    by = [authors.get(each["record"]) or _earlier(each["record"], view) for each in leg["records"]]
    return {
        "leg": path,
        "closed_by": " and ".join(dict.fromkeys(filter(None, by))) or "no record of its own",
        "by": leg["by"],
        "evidence": spell_evidence(proof.kind, proof.of) if proof else "what it requires holds",
        "sha256": (proof.sha256 or "") if proof else "",
        "records": leg["records"],
    }


def _earlier(record: str, view: View) -> str:
    """Return who made a record from before the span: a grant whose window has opened since, say."""
    instance = view.state.instances.get(int(record[1:]))
    return " and ".join(instance.approvals) if instance else ""


def _reopened(path: str, leg: LegRow, view: View, span: Span) -> ReopenedRow:
    record = _reopening(path, span)
    if record is None:
        return {"leg": path, "by": leg["by"], "why": "; ".join(leg["needs"]) or leg["status"], "record": ""}
    row = event_row(record, labels_of(view))
    told = f"{row['record']} of {row['by']} ({row['standing']})"
    return {"leg": path, "by": leg["by"], "why": str(record.statement.body["reason"]), "record": told}


def _reopening(path: str, span: Span) -> Record | None:
    return next((each for each in reversed(span.records) if each.statement.kind == "reopen" and each.statement.body["leg"] == path), None)
