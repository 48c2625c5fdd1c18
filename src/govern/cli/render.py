"""`render [--check]`: write the declared documents, or find what differs from the state; `render DOCUMENT` prints one of any moment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from govern.cli.completion import documents as complete_documents
from govern.cli.drift import check_documents
from govern.cli.files import read_below, replace_below
from govern.cli.output import counted
from govern.cli.render_at import rendered_at, rendered_now, visit_moments, waiting, waiting_documents
from govern.cli.session import Session, session_of
from govern.documents.escape import Markdown
from govern.documents.files import documents_of
from govern.problems import Exit, fault, unknown_id


def render(
    context: typer.Context,
    document: Annotated[
        str | None, typer.Argument(metavar="DOCUMENT", help="Print this one instead, as it is or was at --as-of.", autocompletion=complete_documents)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 on drift.")] = False,
) -> None:
    """Write the declared documents, or check them for drift; or print one, of any moment."""
    session = session_of(context)
    if document is not None:
        if check:
            raise fault(Exit.USAGE, "USAGE", "--check is for all documents", help="leave out the name, or --check")
        _print(session, document)
    if session.options.as_of is not None:
        done = "checked" if check else "written"
        raise fault(Exit.USAGE, "AS_OF", f"documents are {done} at the head", help="`govern render DOCUMENT --as-of WHEN` prints one of another moment")
    if check:
        _check(session)
    written, waits = write_documents(session), waiting_documents(session)
    lines = [*([f"wrote {path}" for path in written] or ["every document is up to date"]), *_tell(session, waits)]
    session.answer("render", {"written": written, "waits": waits}, "\n".join(lines), Exit.UNJUDGED if waits else Exit.YES)


def _check(session: Session) -> NoReturn:
    """Say what differs from the state, and what waits for its moment."""
    problems, waits = check_documents(session), waiting_documents(session)
    session.diagnostics += problems
    edited = [problem for problem in problems if problem.severity == "error"]
    if edited:
        text = f"{len(edited)} of the rendered files {'differs' if len(edited) == 1 else 'differ'} from the state"
    else:
        count = len(documents_of(session.view)) - len(waits)
        text = f"{counted(count, 'document')} {'is' if count == 1 else 'are'} what the state says"
    result = {"drift": [problem.code for problem in problems], "waits": waits}
    status = Exit.NO if edited else Exit.UNJUDGED if waits else Exit.YES
    session.answer("render", result, "\n".join([text, *_tell(session, waits)]), status)


def _tell(session: Session, waits: Mapping[str, str]) -> list[str]:
    """Tell of each document that waits for its moment; return the lines that say so."""
    session.diagnostics += [waiting(session, name, moment) for name, moment in waits.items()]
    return [f"{name} waits for {moment}" for name, moment in waits.items()]


def _print(session: Session, name: str) -> NoReturn:
    """Print one document, as it is or as it was; nothing is written."""
    as_of = session.options.as_of
    head = session if as_of is None else session.at(f"#{len(session.contents.lines) - 1}")
    known = documents_of(head.view)
    if name not in known:
        raise unknown_id("document", name, known)
    rendered = rendered_now(head, name) if as_of is None else rendered_at(head, name, as_of)
    result = {"document": name, "sha256": rendered.body_sha256, "markdown": rendered.markdown, "twin": json.loads(rendered.json_text)}
    session.answer("render", result, Markdown(rendered.markdown))


def write_documents(session: Session) -> list[str]:
    """Write every declared document where it differs from the state; return the paths of those that did. All are rendered before one is written.

    What waits for its moment is left as it is.
    """
    texts: dict[str, str] = {}
    visit_moments(session)
    waits = waiting_documents(session)
    for name, document in documents_of(session.view).items():
        if name in waits:
            continue
        rendered = rendered_now(session, name)
        texts[document.path] = rendered.markdown
        if document.json_path:
            texts[document.json_path] = rendered.json_text
    return put(session.project.root, texts)


def put(root: Path, texts: Mapping[str, str]) -> list[str]:
    """Write files where they differ; return the paths of those that did."""
    written = [path for path, text in texts.items() if not _is_there(root, path, text.encode())]
    for path in written:
        replace_below(root, path, texts[path].encode())
    return written


def _is_there(root: Path, path: str, content: bytes) -> bool:
    try:
        return read_below(root, path) == content
    except OSError:
        return False
