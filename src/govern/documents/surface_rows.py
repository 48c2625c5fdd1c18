"""The surfaces that must not be touched: what is shown of each, and by which evidence on record.

Pure. A surface is untouched, or not requested, where the evidence file of a rehearsal that counts says so and no other
says otherwise; a report without a file shows nothing. What nothing shows is UNKNOWN.
"""

from govern.documents.spans import Sources
from govern.documents.standing import record_standing
from govern.documents.state_rows import counting_proofs
from govern.documents.state_shapes import SurfaceRow, Surfaces
from govern.engine.state import Proof
from govern.engine.view import View

_SHOWN = ("untouched", "not-requested")


def surface_rows(view: View, sources: Sources) -> Surfaces:
    """Return each declared surface with its status, and the count of those that are shown."""
    rehearsals = _rehearsals(view)
    rows = [_row(name, rehearsals, view, sources) for name in view.policy.surfaces]
    shown = sum(row["status"] in _SHOWN for row in rows)
    unsupported = [f"#{proof.seq} ({record_standing(proof.seq, view)})" for proof in rehearsals if proof.seq not in sources.surfaces]
    whole = shown == len(rows) and not unsupported
    count = f"{shown}/{len(rows)} untouched or not requested" if whole else f"UNKNOWN: {shown} of {len(rows)} shown by evidence on record"
    return {"count": count, "shown": shown, "total": len(rows), "unsupported": unsupported, "rows": rows}


def rehearsal_files(view: View) -> dict[int, str]:
    """Return the evidence files of the rehearsals that count, by record: what a page about surfaces reads."""
    return {proof.seq: proof.path for proof in _rehearsals(view) if proof.path}


def _rehearsals(view: View) -> list[Proof]:
    return sorted((proof for proof in counting_proofs(view) if proof.kind == "rehearsal"), key=lambda proof: proof.seq)


def _row(name: str, rehearsals: list[Proof], view: View, sources: Sources) -> SurfaceRow:
    status, shown_by = _judge(name, rehearsals, view, sources)
    return {"surface": name, "title": view.policy.surfaces[name].title, "status": status, "shown_by": shown_by}


def _judge(name: str, rehearsals: list[Proof], view: View, sources: Sources) -> tuple[str, str]:
    reaching = [action for action, declared in view.policy.actions.items() if name in declared.touches]
    for run in view.state.runs.values():
        if run.action in reaching:
            return "UNKNOWN", f"record #{run.seq} began {run.action}, which reaches it"
    said = [(proof.seq, *sources.surfaces[proof.seq][name]) for proof in rehearsals if name in sources.surfaces.get(proof.seq, {})]
    if not said:
        return "UNKNOWN", "nothing on record shows it"
    seq, status, because = next((each for each in said if each[1] not in _SHOWN), said[-1])
    return (status if status in _SHOWN else "UNKNOWN"), f"#{seq} ({record_standing(seq, view)}): {because}"
