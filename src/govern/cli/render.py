"""`render [--check]`: write the declared documents, or find what differs from the state."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from govern.cli.drift import check_documents
from govern.cli.files import read_below, replace_below
from govern.cli.render_at import rendered_now
from govern.cli.session import Session, session_of
from govern.documents.render import documents_of
from govern.problems import Exit, fault


def render(context: typer.Context, check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 on drift.")] = False) -> None:
    """Write the declared documents, or check them for drift."""
    session = session_of(context)
    if check:
        problems = check_documents(session)
        session.diagnostics += problems
        edited = [problem for problem in problems if problem.severity == "error"]
        count = len(documents_of(session.view))
        text = f"{len(edited)} of the rendered files differ from the state" if edited else f"{count} documents are what the state says"
        session.answer("render", {"drift": [problem.code for problem in problems]}, text, Exit.NO if edited else Exit.YES)
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "documents are written at the head", help="declare `as_of` on the document, or use `govern packet --as-of`")
    written = write_documents(session)
    text = "\n".join(f"wrote {path}" for path in written) or "every document is up to date"
    session.answer("render", {"written": written}, text)


def write_documents(session: Session) -> list[str]:
    """Write every declared document where it differs from the state; return the paths of those that did. All are rendered before one is written."""
    texts: dict[str, str] = {}
    for name, document in documents_of(session.view).items():
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
