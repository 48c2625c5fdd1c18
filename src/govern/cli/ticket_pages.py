"""The pages that follow from a record about tickets, written right after it, so that they are in step with the ledger."""

from collections.abc import Iterable
from dataclasses import replace

from govern.cli.drift import document_drift
from govern.cli.files import remove_below
from govern.cli.render import put
from govern.cli.session import Session
from govern.documents.render import Head, documents_of, render_document
from govern.engine.register import Reservation
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.policy.promises import Document
from govern.problems import GovernError, Problem

_CANONICAL = frozenset(("registry", "registry-index"))


def write_pages(session: Session, replay: Replay, reservation: Reservation, *, canonical: bool) -> list[str]:
    """Write the addendum of a reservation, and the canonical registry where it has moved; return the paths that changed.

    The record stands whatever happens here: a page that cannot be written is a warning.
    """
    try:
        # Under the lock: of two who record at once, the last to write has the newer state.
        with session.project.store.exclusive() as store:
            moved = len(store.read().lines) != replay.chain.size
            head = Session(session.options).replay if moved else replay
            return _written(session, head, reservation, canonical=canonical)
    except GovernError as error:
        session.diagnostics += [replace(problem, severity="warning") for problem in error.problems]
    return []


def _written(session: Session, replay: Replay, reservation: Reservation, *, canonical: bool) -> list[str]:
    view = replay.view(max(session.now, replay.state.at))
    found = [each for each in documents_of(view).items() if _concerns(*each, reservation, canonical=canonical)]
    try:
        return put_pages(session, replay, view, found)
    except OSError as error:
        message = f"the record stands, and its page could not be written: {error.strerror}"
        session.diagnostics.append(Problem("FILE_IO", message, severity="warning", help="`govern render` writes it"))
        return []


def addenda_of_mine(session: Session, common: int) -> list[str]:
    """Return the files that are the addenda of what was reserved from a record on, as the ledger gives them; edited ones are not among them."""
    found = []
    for name, document in documents_of(session.view).items():
        if document.shows == "addendum" and _reservation(session.view, document).seq >= common:
            edited = any(problem.severity == "error" for problem in document_drift(session, name, document))
            found += [] if edited else [path for path in (document.path, document.json_path) if path]
    return found


def rewrite_pages(session: Session, common: int, gone: Iterable[str]) -> list[str]:
    """Write what tells of tickets after another history took its place from a record on, and remove those files that tell of nothing any more."""
    replay, view = session.replay, session.view
    documents = documents_of(view)
    folds = any(each.folded is not None and each.folded >= common for each in view.state.register.reservations.values())
    moved = [(name, each) for name, each in documents.items() if _moved(each, view, common, folds=folds)]
    written = put_pages(session, replay, view, moved)
    there = {path for each in documents.values() for path in (each.path, each.json_path) if path}
    for path in set(gone) - there:
        remove_below(session.project.root, path)
    return written


def _moved(document: Document, view: View, common: int, *, folds: bool) -> bool:
    if document.shows in _CANONICAL:
        return folds and document.as_of is None
    if document.shows != "addendum":
        return False
    reservation = _reservation(view, document)
    return any(seq is not None and seq >= common for seq in (reservation.seq, reservation.folded, reservation.withdrawn))


def _reservation(view: View, document: Document) -> Reservation:
    found = view.state.register.spanning(document.path.rpartition("/")[2].removesuffix(".md"))
    assert found is not None, "an addendum is of a reservation"
    return found


def put_pages(session: Session, replay: Replay, view: View, found: Iterable[tuple[str, Document]]) -> list[str]:
    """Write documents as a view at the head shows them, where they differ; return the paths of those that did."""
    texts: dict[str, str] = {}
    head, templates = Head(replay.chain.size, replay.chain.last), session.project.adopted_templates(view.state)
    for name, document in found:
        rendered = render_document(name, document, view, head, templates)
        texts[document.path] = rendered.markdown
        if document.json_path:
            texts[document.json_path] = rendered.json_text
    return put(session.project.root, texts)


def _concerns(name: str, document: Document, reservation: Reservation, *, canonical: bool) -> bool:
    """Whether a page tells of a reservation: its own addendum, or the registry at the head."""
    if document.shows == "addendum":
        return name.endswith(f"/{reservation.span}")
    return canonical and document.shows in _CANONICAL and document.as_of is None
