"""Drift: rendered files against the state. Edited is a failure; outdated a warning, unless the document is `current`."""

from pathlib import Path

from govern.canonical import digest
from govern.cli.files import read_below, read_plain
from govern.cli.render_at import rendered_again, rendered_now, visit_moments
from govern.cli.sealed import recorded_files
from govern.cli.session import Session
from govern.documents.files import documents_of
from govern.documents.render import Rendered, read_front
from govern.documents.spans import awaited
from govern.policy.promises import Document
from govern.problems import GovernError, Place, Problem, Severity


def check_documents(session: Session) -> list[Problem]:
    """Return every rendered file that is missing, edited or outdated, and every stray Markdown file."""
    found: list[Problem] = []
    visit_moments(session)
    for name, document in documents_of(session.view).items():
        found += document_drift(session, name, document)
    return found + _strays(session)


def document_drift(session: Session, name: str, document: Document) -> list[Problem]:
    """Return what is wrong with the files of one document. One that waits for its moment is compared with what it was, if it is there."""
    place, waits = Place(document.path, 1, 1), bool(awaited(document, session.view))
    try:
        text = read_below(session.project.root, document.path).decode()
    except (OSError, UnicodeDecodeError):
        return [] if waits else [Problem("DRIFT_MISSING", "is declared and cannot be read", place, help="`govern render` writes it")]
    # Line ends that were converted are told of as such, below; nothing else of the file is read in another way.
    front = read_front(text.replace("\r\n", "\n"))
    if front is None or front["document"] != name:
        return [Problem("DRIFT_EDITED", "its front matter is not what `govern render` writes", place, help="`govern render` writes it again")]
    try:
        again = rendered_again(session, name, front)
    except (GovernError, ValueError) as error:
        return [Problem("DRIFT_EDITED", f"cannot be rendered at the head that it names: {error}", place, help="`govern render` writes it again")]
    problems = _twin_drift(session, document, again)
    if again.markdown != text:
        return [_edited(again.markdown, text, place), *problems]
    if waits:
        return problems
    now = rendered_now(session, name)
    if now.body != again.body:
        severity: Severity = "error" if document.current else "warning"
        problems.append(
            Problem("DRIFT_OUTDATED", f"shows the state after {front['head']} records, and it has moved", place, severity, "`govern render` writes it again")
        )
    return problems


def _twin_drift(session: Session, document: Document, again: Rendered) -> list[Problem]:
    if document.json_path is None:
        return []
    place = Place(document.json_path, 1, 1)
    try:
        twin = read_below(session.project.root, document.json_path).decode()
    except (OSError, UnicodeDecodeError):
        return [Problem("DRIFT_MISSING", "is declared and cannot be read", place, help="`govern render` writes it")]
    return [] if twin == again.json_text else [_edited(again.json_text, twin, place)]


def _edited(wanted: str, found: str, place: Place) -> Problem:
    pairs = zip(wanted.split("\n"), found.split("\n"), strict=False)
    line = next((number for number, (left, right) in enumerate(pairs, 1) if left != right), min(wanted.count("\n"), found.count("\n")) + 1)
    hint = "; with LF line ends it would match, and is not accepted" if found.replace("\r\n", "\n") == wanted else ""
    return Problem(
        "DRIFT_EDITED",
        f"differs from what its head gives, first on line {line}{hint}",
        Place(place.file, line, 1),
        help="edit the state, not the page; `govern render` writes it again",
    )


def _strays(session: Session) -> list[Problem]:
    """Every Markdown file under governance/ is rendered, or bound by an evidence record, itself or in a sealed folder."""
    root = session.project.root
    declared = {document.path for document in documents_of(session.view).values()}
    bound = {proof.path: proof.sha256 for proofs in session.view.state.proofs.values() for proof in proofs if proof.path}
    bound |= recorded_files(root, session.view.state)
    found = []
    for path in sorted((root / "governance").rglob("*.md")):
        name = path.relative_to(root).as_posix()
        if name in declared or (name in bound and _same(path, bound[name])):
            continue
        found.append(
            Problem(
                "DRIFT_STRAY", "is neither rendered nor bound by a record", Place(name, 1, 1), help="declare it in `documents`, or move it out of governance/"
            )
        )
    return found


def _same(path: Path, sha256: str | None) -> bool:
    try:
        return digest(read_plain(path)) == sha256
    except OSError:
        return False
