"""The hand-off page: what whoever hands over real data is asked for, how to make it, and how to see beforehand that it will be taken.

Pure. Derived from the declared surface and the legs that wait for it; the words of the guidance are the template's.
"""

from collections.abc import Iterator

from govern.documents.blocker_map import leg_status, spell_evidence
from govern.documents.span_shapes import HandoffLeg, HandoffPage, TableRow
from govern.engine.view import View
from govern.policy.blockers import Leg
from govern.policy.rehearsal import MADE_UP, DataTable, Rehearsal

_KINDS = ("intake", "rehearsal")
_CLASSES = ("masked", "empty", "absent", "plain")
_SCHEMAS = {"sqlite": "main", "postgresql": "public"}


def handoff_page(view: View) -> HandoffPage:
    """Return what the hand-off page prints."""
    rests_on = view.policy.rehearsal or Rehearsal()
    surface = rests_on.surface
    tables = [_table_row(name, table) for name, table in surface.tables.items()] if surface else []
    legs = [_leg_row(path, leg, view) for path, leg in _waiting(view)]
    return {
        "programme": view.policy.programme.title,
        "declared": surface is not None,
        "engine": (surface.engine or "") if surface else "",
        "schema": _SCHEMAS.get(surface.engine or "", "") if surface else "",
        "tables": tables,
        "legs": legs,
        "intakes": [leg for leg in legs if leg["kind"] == "intake"],
        "rehearsals": [leg for leg in legs if leg["kind"] == "rehearsal"],
        "provenances": sorted({leg["of"] for leg in legs}),
        "label": rests_on.label or "",
    }


def _waiting(view: View) -> Iterator[tuple[str, Leg]]:
    """Yield the legs that are proven by an intake of real data, or by a rehearsal on it."""
    for path, leg in view.policy.legs.items():
        if leg.evidence and leg.evidence.kind in _KINDS and leg.evidence.of not in MADE_UP:
            yield path, leg


def _leg_row(path: str, leg: Leg, view: View) -> HandoffLeg:
    assert leg.evidence is not None
    words = spell_evidence(leg.evidence.kind, leg.evidence.of)
    return {
        "id": path,
        "by": leg.by,
        "kind": leg.evidence.kind,
        "of": leg.evidence.of,
        "evidence": words,
        "status": leg_status(path, view),
        "change": leg.change or "",
    }


def _table_row(name: str, table: DataTable) -> TableRow:
    masked, empty, absent, plain = ([column for column, wanted in table.columns.items() if wanted == each] for each in _CLASSES)
    return {
        "name": name,
        "pattern": name.endswith("*"),
        "others": table.all or "",
        "masked": masked,
        "empty": empty,
        "absent": absent,
        "plain": plain,
    }
