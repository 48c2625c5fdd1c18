"""What pages show beside the state: the span of history before them, the head as a checkpoint, what evidence says of surfaces."""

import json
from typing import Any

from govern.canonical import digest
from govern.cli.files import read_below
from govern.cli.session import Session
from govern.documents.spans import SPANNING, Sources, Span, begins_at
from govern.documents.surface_rows import rehearsal_files
from govern.engine.view import View
from govern.ledger.checkpoints import checkpoint_of
from govern.policy.promises import Document
from govern.problems import Exit, GovernError, Place, fault

_WITH_SURFACES = frozenset({"current-state", "report"})


def sources_of(session: Session, document: Document) -> Sources:
    """Return what a document shows beside the state of a session.

    Raises:
        GovernError: its span begins after the head, or evidence that counts cannot be read (status 3).
    """
    view, replay = session.view, session.replay
    span = span_of(session, begins_at(document, view)) if document.shows in SPANNING else None
    kept = checkpoint_of(str(replay.chain.ledger), session.contents.lines[: session.size]) if document.shows == "checkpoint" else None
    surfaces = _surfaces(session, view) if document.shows in _WITH_SURFACES else {}
    return Sources(span, kept, surfaces)


def span_of(session: Session, size: int) -> Span:
    """Return the span from so many records on, up to the head of a session."""
    start = session.at(f"#{size - 1}").as_recorded()
    return Span(start.view, session.records[size:])


def _surfaces(session: Session, view: View) -> dict[int, dict[str, tuple[str, str]]]:
    return {seq: _said(session, seq, path, view) for seq, path in rehearsal_files(view).items()}


def _said(session: Session, seq: int, path: str, view: View) -> dict[str, tuple[str, str]]:
    """Return what the evidence of a record says of each surface: the bytes that the record binds, and no others."""
    bound = next(proof.sha256 for proofs in view.state.proofs.values() for proof in proofs if proof.seq == seq)
    try:
        content = read_below(session.project.root, path)
    except OSError as error:
        raise _unread(seq, path, error.strerror or str(error)) from error
    if digest(content) != bound:
        raise _unread(seq, path, "it has other bytes than the record binds")
    body: Any = json.loads(content)
    found = body["rehearsal"]["surfaces"] if isinstance(body, dict) and isinstance(body.get("rehearsal"), dict) else []
    return {each["surface"]: (each["status"], each["because"]) for each in found}


def _unread(seq: int, path: str, why: str) -> GovernError:
    message = f"record #{seq} binds it, and a page rests on it: {why}"
    return fault(Exit.UNJUDGED, "EVIDENCE_DIGEST", message, place=Place(path, 1, 1), help="restore it from a clone")
