"""Pages: declared documents rendered from a world in memory, and from the programme of this repository as it is recorded."""

from functools import cache
from pathlib import Path

from govern.cli.project import Project
from govern.documents.render import Head, Rendered, documents_of, render_document
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.policy.promises import Document
from support.markdown import body_of

ROOT = Path(__file__).parents[2]
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").glob("*.j2"))}
STATE = Document(shows="current-state", template="current-state.md.j2", path="governance/reports/state.md")
MAP = Document(shows="blocker-map", template="blocker-map.md.j2", path="governance/reports/map.md")


def packet_document(packet: str) -> Document:
    """Return a document that shows a packet."""
    return Document(shows="packet", template="decision-packet.md.j2", path="governance/packets/page.md", packet=packet)


def rendered(document: Document, view: View, head: Head = Head(0, "")) -> Rendered:  # noqa: B008 - a constant
    """Return a document rendered from a view by the templates of this repository."""
    return render_document("page", document, view, head, TEMPLATES)


def packet_body(packet: str, view: View) -> str:
    """Return the page of a packet, without front matter."""
    return rendered(packet_document(packet), view).body


def state_body(view: View) -> str:
    """Return the current-state page, without front matter."""
    return rendered(STATE, view).body


def map_body(view: View) -> str:
    """Return the blocker map, without front matter."""
    return rendered(MAP, view).body


def all_bodies(view: View) -> dict[str, str]:
    """Return every page of a programme: its packets, its map and its state."""
    pages = {f"packet {name}": packet_body(name, view) for name in view.policy.packets}
    return {**pages, "map": map_body(view), "state": state_body(view)}


def new_lines(before: str, after: str) -> list[str]:
    """Return the lines of a page that another has not, in order; `-` and `+` say which lost and which won them."""
    lost, won = before.split("\n"), after.split("\n")
    return [*(f"- {line}" for line in lost if line not in won), *(f"+ {line}" for line in won if line not in lost)]


@cache
def recorded(mark: str | None = None) -> Replay:
    """Return the programme of this repository as its ledger has it, at the head or at a mark."""
    project = Project(ROOT)
    contents = project.store.read()
    replay = project.replay(contents)
    if mark is None:
        return replay
    last = replay.state.marks[mark]
    return project.replay(contents, stop=lambda record: record.seq > last)


def recorded_view(mark: str | None = None) -> View:
    """Return a fresh view of the recorded programme."""
    replay = recorded(mark)
    return replay.view(replay.state.at)


def written(name: str) -> str:
    """Return the body of a committed document."""
    document = documents_of(recorded_view())[name]
    return body_of((ROOT / document.path).read_text(encoding="utf-8"))
