"""The pages of the registry: what is folded, its index, and the addendum of each reservation. Computed from the records.

Pure. The canonical pages print nothing that a reservation moves: until its fold, all of it stands in its addendum.
"""

from collections.abc import Iterator, Mapping

from govern.documents.anchors import link_from
from govern.documents.record_words import spell_report
from govern.documents.registry_shapes import AddendumPage, CanonicalFigures, FoldRow, RegistryLine, RegistryPage, ReservationRow, Revisions
from govern.documents.standing import row_standing
from govern.engine.register import Figures, Reservation, spell_span
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy.promises import Document, Registry

UNKNOWN = "unknown"


def registry_page(view: View, path: str = "") -> RegistryPage:
    """Return what the canonical registry and its index print; links lead from the page at `path`."""
    declared, register = _declared(view), view.state.register
    body_max = register.figures.body_max
    folded = [each for each in register.reservations.values() if each.folded is not None]
    return {
        "title": view.policy.programme.title,
        "prefix": declared.prefix,
        **_figures(register.figures),
        "folds": [{**reservation_facts(each, view), "link": _link(each, view, path)} for each in folded],
        "unrecorded": [
            f"{declared.prefix}-{spell_span(first, min(last, body_max))}" for first, last in register.unrecorded() if body_max is not None and first <= body_max
        ],
        "reports": [
            {"record": f"#{each.seq}", "document": each.imported.document, "sha256": each.imported.sha256, "says": list(spell_report(each.says))}
            for each in register.reports
        ],
    }


def addendum_page(span: str, view: View) -> AddendumPage:
    """Return what the addendum of a reservation prints, by its range."""
    reservation = view.state.register.spanning(span)
    assert reservation is not None, "an addendum is of a reservation"
    return {"title": view.policy.programme.title, **reservation_facts(reservation, view)}


def registry_line(view: View, labels: Mapping[str, str] | None = None) -> RegistryLine:
    """Return the registry as other pages print it: its figures, and what waits to be folded; without a registry, no prefix.

    `labels` are the short names that a page has for the documents it imports from.
    """
    register = view.state.register
    prefix = view.policy.registry.prefix if view.policy.registry else ""
    return {
        "prefix": prefix,
        **_figures(register.figures),
        "ceiling": register.ceiling,
        "next_free": f"{prefix}-{register.next_free}",
        "waiting": [reservation_facts(register.reservations[first], view, labels) for first in register.waiting],
        "reports": [{"record": f"#{each.seq}", "standing": row_standing(each.seq, each.imported, view, labels)} for each in register.reports],
    }


def addenda(name: str, document: Document, view: View) -> Iterator[tuple[str, Document]]:
    """Yield a document for each reservation, as one that is declared as a folder stands for."""
    for each in view.state.register.reservations.values():
        yield f"{name}/{each.span}", addendum(document, each)


def addendum(document: Document, reservation: Reservation) -> Document:
    """Return the document of one reservation, as one that is declared as a folder stands for."""
    twin = f"{document.json_path}/{reservation.span}.json" if document.json_path else None
    return document.model_copy(update={"path": f"{document.path}/{reservation.span}.md", "json_path": twin})


def spell_figure(value: int | None) -> int | str:
    """Return a figure, or that it is unknown."""
    return UNKNOWN if value is None else value


def _declared(view: View) -> Registry:
    assert view.policy.registry is not None, "a policy that shows a registry declares it"
    return view.policy.registry


def _figures(figures: Figures) -> CanonicalFigures:
    revisions: Revisions = {"json": spell_figure(figures.json), "markdown": spell_figure(figures.markdown), "index": spell_figure(figures.index)}
    return {"body_max": spell_figure(figures.body_max), "revisions": revisions}


def reservation_facts(reservation: Reservation, view: View, labels: Mapping[str, str] | None = None) -> ReservationRow:
    """Return a reservation in full, as pages and the command line tell it. Who made one that a document reports is not known: its record names who imported it."""
    imported = reservation.imported
    return {
        "ids": reservation.ids,
        "first": reservation.first,
        "last": reservation.last,
        "count": reservation.count,
        "above": reservation.above,
        "for": reservation.purpose or UNKNOWN,
        "by": UNKNOWN if imported else reservation.actor,
        "at": UNKNOWN if imported else spell_time(reservation.at),
        "record": f"#{reservation.seq}",
        "standing": row_standing(reservation.seq, imported, view, labels),
        "state": "folded" if reservation.folded is not None else "withdrawn" if reservation.withdrawn is not None else "reserved",
        "apply_now": "NO" if reservation.folded is None else "",
        "untouched": _figures(reservation.untouched),
        "words": list(reservation.words),
        "folded": _fold(reservation, view),
        "withdrawn": f"#{reservation.withdrawn}" if reservation.withdrawn is not None else "",
        "withdrawn_by": reservation.withdrawn_by,
        "why": reservation.why,
    }


def _fold(reservation: Reservation, view: View) -> FoldRow:
    """Return the record that folded a range, by whom, or no record; of a fold that a document reports, who is not known."""
    if reservation.folded is None:
        return {"record": "", "by": "", "at": "", "standing": ""}
    reported = next((each.imported for each in view.state.register.reports if each.seq == reservation.folded), None)
    by = " and ".join(reservation.folded_by) or UNKNOWN
    at = UNKNOWN if reported or reservation.folded_at is None else spell_time(reservation.folded_at)
    return {"record": f"#{reservation.folded}", "by": by, "at": at, "standing": row_standing(reservation.folded, reported, view)}


def _link(reservation: Reservation, view: View, path: str) -> str:
    """Return where the addendum of a reservation is, from a page; nothing where none is declared."""
    folders = [document for document in view.policy.documents.values() if document.shows == "addendum"]
    return link_from(path, addendum(folders[0], reservation).path) if folders and path else ""
