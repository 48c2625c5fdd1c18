"""Rendering a declared document: now, at the moment it declares, at any other, or again as its front matter says.

A moment has the declaration and the template that were in force then. A document that was declared later is shown by its
declaration of today, and by the template that was adopted with it: which one, its front matter says.
"""

from collections.abc import Mapping

from govern.cli.document_sources import sources_of
from govern.cli.session import Session
from govern.documents.files import document_named, documents_of
from govern.documents.render import Head, Rendered, read_evidence, render_document
from govern.documents.spans import awaited, record_of
from govern.policy.promises import Document
from govern.problems import Exit, GovernError, Problem, fault


def visit_moments(session: Session) -> None:
    """Replay the past up to each moment that the documents declare."""
    view = session.view
    declared = {each for document in view.policy.documents.values() for each in (document.as_of, document.since) if each is not None}
    session.visit(seq for seq in (record_of(each, view) for each in declared) if seq is not None)


def rendered_now(session: Session, name: str) -> Rendered:
    """Return a document at the head, or at the moment that it declares.

    Raises:
        GovernError: that moment is not on record yet (status 3).
    """
    document = _declared(session, name)
    moment = awaited(document, session.view)
    if moment:
        raise GovernError(Exit.UNJUDGED, [waiting(session, name, moment)])
    if document.as_of is not None:
        return rendered_at(session, name, document.as_of)
    return _rendered(session, name, document, session.project.adopted_templates(session.view.state))


def waiting_documents(session: Session) -> dict[str, str]:
    """Return the documents that name a moment which is not on record yet, each with the first such moment."""
    found = {name: awaited(each, session.view) for name, each in documents_of(session.view).items()}
    return {name: moment for name, moment in found.items() if moment}


def waiting(session: Session, name: str, moment: str) -> Problem:
    """Return what is told of a document that waits for a moment."""
    document = _declared(session, name)
    key = "as_of" if moment == document.as_of else "since"
    told = f"mark `{moment}`" if moment.startswith("@") else f"record `{moment}`"
    help = f"`govern mark {moment[1:]}` names the moment" if moment.startswith("@") else f"#0 to #{session.size - 1} are on record"
    return Problem("DOCUMENT_WAITS", f"`{name}` waits for {told}, which is not on record yet", document.at_key(key), help=help)


def rendered_at(session: Session, name: str, as_of: str) -> Rendered:
    """Return a document at another moment, with the evidence as it was recorded; the session is the one at the head."""
    past = session.at(as_of).as_recorded()
    declared = document_named(name, past.view)
    judge = past if declared else session
    return _rendered(past, name, declared or _declared(session, name), session.project.adopted_templates(judge.view.state))


def rendered_again(session: Session, name: str, front: Mapping[str, str]) -> Rendered:
    """Return a document as an earlier rendering says that it was made.

    Raises:
        GovernError: there was no such head, or the template was never adopted (status 2 and 3).
        ValueError: what it says is of another form.
    """
    past = session.at(f"#{int(front['head']) - 1}", front["as_of"]).as_recorded(read_evidence(front["evidence"]))
    declared = document_named(name, past.view)
    if declared is not None:
        return _rendered(past, name, declared, session.project.adopted_templates(past.view.state))
    document = _declared(session, name)
    return _rendered(past, name, document, {document.template: _adopted(session, document.template, front["template_sha256"])})


def _declared(session: Session, name: str) -> Document:
    document = document_named(name, session.view)
    if document is None:
        raise fault(Exit.UNJUDGED, "UNKNOWN_ID", f"no document is called `{name}` after {session.size} records")
    return document


def _rendered(session: Session, name: str, document: Document, templates: Mapping[str, str]) -> Rendered:
    if document.shows == "addendum" and session.view.state.register.spanning(name.rpartition("/")[2]) is None:
        raise fault(Exit.UNJUDGED, "UNKNOWN_ID", f"nothing of the range of `{name}` was reserved after {session.size} records")
    head = Head(session.size, session.replay.chain.last)
    return render_document(name, document, session.view, head, templates, sources=sources_of(session, document))


def _adopted(session: Session, name: str, sha256: str) -> str:
    """Return a template of any time by its digest, where a record adopts it."""
    kinds = ("genesis", "adopt")
    if not any(each.statement.kind in kinds and each.statement.body["templates"].get(name) == sha256 for each in session.records):
        raise fault(Exit.UNJUDGED, "TEMPLATE_MISSING", f"no record adopts a template `{name}` of the digest {sha256[:12]}")
    return session.project.kept_template(sha256)
