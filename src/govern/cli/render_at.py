"""Rendering a declared document now, at the moment it declares, or again as its front matter says."""

from govern.cli.session import Session
from govern.documents.render import Head, Rendered, document_named, render_document
from govern.problems import Exit, fault


def rendered_now(session: Session, name: str) -> Rendered:
    """Return a document at the head, or at the moment that it declares."""
    document = document_named(name, session.view)
    as_of = document.as_of if document else None
    return _rendered(session.at(as_of) if as_of else session, name)


def rendered_again(session: Session, name: str, head: int, as_of: str) -> Rendered:
    """Return a document at a head of so many records and a time, as an earlier rendering named them."""
    return _rendered(session.at(f"#{head - 1}", as_of), name)


def _rendered(session: Session, name: str) -> Rendered:
    view = session.view
    document = document_named(name, view)
    if document is None:
        raise fault(Exit.UNJUDGED, "UNKNOWN_ID", f"no document is called `{name}` after {session.size} records")
    return render_document(name, document, view, Head(session.size, session.replay.chain.last), session.project.adopted_templates(view.state))
