"""The blocker map: for each blocker, what preparation has closed and whose turn it is. Computed from the legs.

Pure. The words (`extent`, notes, names of legs) are the programme's; which of them are printed follows from the state.
"""

from typing import Any

from govern.engine.judge import blocker_state, is_closed, leg_proven
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find
from govern.policy.blockers import Leg


def blocker_map(view: View) -> dict[str, Any]:
    """Return what the blocker map prints."""
    policy = view.policy
    rows = [blocker_row(name, view) for name in policy.blockers]
    return {
        "preparer": policy.preparation.by if policy.preparation else "preparation",
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
    legs = [path for path, leg in find.leg_paths(view.policy) if find.is_preparation(view.policy, leg)]
    return bool(legs) and all(leg_proven(path, view) is True for path in legs)


def blocker_row(name: str, view: View) -> dict[str, Any]:
    """Return one blocker with its legs and the two computed columns."""
    declared = view.policy.blockers[name]
    legs = [_leg_row(name, leg_name, leg, view) for leg_name, leg in declared.legs.items()]
    return {
        "id": name,
        "title": declared.title or name,
        "state": blocker_state(name, view) or "unknown",
        "closed": is_closed(name, view),
        "preparation": _preparation(name, view),
        "remaining": remaining_actors(name, view),
        "legs": legs,
    }


def _leg_row(blocker: str, name: str, leg: Leg, view: View) -> dict[str, Any]:
    path = f"{blocker}/{name}"
    proven = leg_proven(path, view)
    needs: list[str] = []
    record = None
    if proven is not True or leg.evidence is None:
        found = verdict(Target("leg", path), view).requirements
        needs = [spell_requirement(each, view.policy) for each in found if not each.satisfied] if not leg.stands_in_for else []
    if proven is True and leg.evidence is not None:
        record = view.state.proofs[path][-1].seq
    return {
        "id": name,
        "by": leg.by,
        "status": {True: "proven", False: "open", None: "unknown"}[proven],
        "substitute_for": leg.stands_in_for or "",
        "needs": needs,
        "record": f"#{record}" if record is not None else "",
        "standing": _standing(path, view) if record is not None else "",
    }


def _standing(path: str, view: View) -> str:
    proof = view.state.proofs[path][-1]
    return f"imported from {proof.imported.document}" if proof.imported else "unauthenticated"


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
