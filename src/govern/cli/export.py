"""`export html`: the programme as one page that asks nothing of the network."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from govern.canonical import text_digest
from govern.cli.outputs import write_pieces
from govern.cli.render_at import rendered_now, visit_moments, waiting, waiting_documents
from govern.cli.session import Session, session_of
from govern.documents.escape import Markdown
from govern.documents.files import documents_of
from govern.documents.html.needed import demand_libraries
from govern.documents.html.sections import MOST_RECORDS, Record, Told
from govern.documents.record_words import spell_record
from govern.documents.render import Head
from govern.engine.authority import standing_of

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, help="Export the programme as one page that asks nothing of the network.")


@app.callback()
def export() -> None:
    """Export the programme as one page that asks nothing of the network."""


@app.command("html")
def export_html(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The file to write; the page is printed if left out.")] = None,
) -> None:
    """Write one self-contained page: state, decisions, blockers, grants, lineage, records, documents."""
    session = session_of(context)
    demand_libraries()
    from govern.documents.html.page import BEGINS, programme_html

    text = programme_html(told(session), Head(session.size, session.replay.chain.last))
    size, sha256 = len(text.encode()), text_digest(text)
    result = {"sha256": sha256, "bytes": size}
    if out is None:
        session.answer("export", {**result, "html": text}, Markdown(text))
    write_pieces(session, out, BEGINS.encode(), [text])
    session.answer("export", {**result, "written": str(out)}, f"wrote {out}: {size} bytes, sha256 {sha256[:12]}")


def told(session: Session) -> Told:
    """Return what the page is made of."""
    view = session.view
    records = [
        Record(f"#{each.seq}", each.at, each.statement.kind, each.statement.actor, spell_record(each), standing_of(each).value)
        for each in session.records[-MOST_RECORDS:]
    ]
    visit_moments(session)
    waits = waiting_documents(session)
    session.diagnostics += [replace(waiting(session, name, moment), severity="warning") for name, moment in waits.items()]
    documents = {name: rendered_now(session, name).body for name in documents_of(view) if name not in waits}
    return Told(view, records, session.size, documents)
