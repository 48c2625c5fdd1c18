"""The blocker map: for each blocker, what preparation has closed and whose turn it is. Computed from the legs.

Pure. The words (`extent`, notes, names of legs) are the programme's; which of them are printed follows from the state.
"""

from govern.documents.shapes import BlockerMap, BlockerRow, LegRow, RecordOf
from govern.documents.standing import record_standing
from govern.engine.causes import Cause, Requirement
from govern.engine.judge import blocker_state, is_closed, leg_proven
from govern.engine.leaves import evidence
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find
from govern.policy.blockers import Leg


def blocker_map(view: View) -> BlockerMap:
    """Return what the blocker map prints."""
    policy = view.policy
    rows = [blocker_row(name, view) for name in policy.blockers]
    return {
        "preparer": policy.preparation.by if policy.preparation else "preparation",
        "prepares": bool(_preparation_legs(view)),
        "blockers": rows,
        "total": len(rows),
        "open": open_count(view),
        "status": production_status(view),
        "preparation_closed": preparation_closed(view),
    }


def open_count(view: View) -> int:
    """Return how many blockers are not closed."""
    return sum(not is_closed(name, view) for name in view.policy.blockers)


def production_status(view: View) -> str:
    """Return whether the programme is blocked, with the count, in one phrase."""
    count = open_count(view)
    return f"BLOCKED — {count} OPEN" if count else "CLEAR — 0 OPEN"


def preparation_closed(view: View) -> bool:
    """Whether everything that preparation can do is done: there is some, and every leg of it is proven."""
    legs = _preparation_legs(view)
    return bool(legs) and all(leg_proven(path, view) is True for path in legs)


def _preparation_legs(view: View) -> list[str]:
    return [path for path, leg in find.leg_paths(view.policy) if find.is_preparation(view.policy, leg)]


def blocker_row(name: str, view: View) -> BlockerRow:
    """Return one blocker with its legs and the two computed columns."""
    declared = view.policy.blockers[name]
    legs = [_leg_row(name, leg_name, leg, view) for leg_name, leg in declared.legs.items()]
    counted = [leg for leg in legs if not leg["substitute_for"]]
    return {
        "id": name,
        "title": declared.title or name,
        "state": blocker_state(name, view) or "unknown",
        "closed": is_closed(name, view),
        "preparation": _preparation(name, view),
        "remaining": remaining_actors(name, view),
        "legs": legs,
        "proven": [leg["id"] for leg in counted if leg["status"] == "proven"],
        "waiting": [{"id": leg["id"], "by": leg["by"]} for leg in counted if leg["status"] != "proven"],
        "needs": list(dict.fromkeys(need for leg in counted for need in leg["needs"])),
    }


def _leg_row(blocker: str, name: str, leg: Leg, view: View) -> LegRow:
    path = f"{blocker}/{name}"
    proven = leg_proven(path, view)
    asked = (evidence(path, leg, view, leg.at, None),) if leg.evidence else verdict(Target("leg", path), view).requirements
    return {
        "id": name,
        "by": leg.by,
        "status": leg_status(path, view),
        "substitute_for": leg.stands_in_for or "",
        "needs": [_need(each, leg, view) for each in asked if not each.satisfied and proven is not True],
        "records": [_record(each.record, view) for each in asked if each.satisfied and each.record is not None and proven is True],
    }


def _record(seq: int, view: View) -> RecordOf:
    return {"record": f"#{seq}", "standing": record_standing(seq, view)}


def _need(requirement: Requirement, leg: Leg, view: View) -> str:
    """Return what a leg waits for; where there was something that no longer counts, with the reason."""
    unnamed = leg.evidence if leg.says is None else None
    words = spell_evidence(unnamed.kind, unnamed.of) if unnamed else spell_requirement(requirement, view.policy)
    return words if requirement.cause is Cause.MISSING else f"{words} ({requirement.why})"


def leg_status(path: str, view: View) -> str:
    """Return in a word whether a leg is proven."""
    return {True: "proven", False: "open", None: "unknown"}[leg_proven(path, view)]


def spell_evidence(kind: str, of: str) -> str:
    """Return evidence in words, such as `rehearsal of copy`."""
    return f"{'attestation' if kind == 'attest' else kind} of {of}"


def _preparation(blocker: str, view: View) -> str:
    """Return the column of preparation: `n/a`, what is closed and how far, or what is open."""
    declared = view.policy.blockers[blocker]
    legs = {name: leg for name, leg in declared.legs.items() if find.is_preparation(view.policy, leg)}
    if not legs:
        return f"n/a ({declared.no_preparation})" if declared.no_preparation else "n/a"
    substitutes = [name for name, leg in legs.items() if leg.stands_in_for]
    real = [name for name in legs if name not in substitutes]
    parts = []
    if real:
        parts.append(_real_legs(blocker, {name: legs[name] for name in real}, view))
    if substitutes:
        proven = all(leg_proven(f"{blocker}/{name}", view) is True for name in substitutes)
        parts.append(f"{' + '.join(substitutes)} substitute {'proven' if proven else 'open'}")
    return "; ".join(parts)


def _real_legs(blocker: str, legs: dict[str, Leg], view: View) -> str:
    proven = {name: leg for name, leg in legs.items() if leg_proven(f"{blocker}/{name}", view) is True}
    waiting = [name for name in legs if name not in proven]
    if not proven:
        return f"OPEN: {', '.join(waiting)}"
    extents = [leg.extent for leg in proven.values() if leg.extent]
    notes = [leg.proven_note for leg in proven.values() if leg.proven_note]
    how_far = " + ".join(dict.fromkeys(extents)) if extents else f"for {' + '.join(proven)} {'leg' if len(proven) == 1 else 'legs'}"
    closed = f"CLOSED {how_far}" + (f" ({', '.join(notes)})" if notes else "")
    return f"{closed}; OPEN: {', '.join(waiting)}" if waiting else closed


def remaining_actors(blocker: str, view: View) -> str:
    """Return who must still act, in the order of the legs, each once with what is asked of them."""
    notes: dict[str, list[str]] = {}
    for name, leg in view.policy.blockers[blocker].legs.items():
        if not leg.stands_in_for and leg_proven(f"{blocker}/{name}", view) is not True:
            asked = notes.setdefault(leg.by, [])
            if leg.open_note:
                asked.append(leg.open_note)
    return " + ".join(f"{who} ({', '.join(asked)})" if asked else who for who, asked in notes.items()) or "nobody"
