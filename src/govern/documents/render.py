"""Rendering: a declared document as bytes, with the front matter that it takes to render it again.

Pure. The head, the moment and the digests stand in the front matter alone; the digest of a packet is of the rest.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govern.canonical import text_digest
from govern.documents.blocker_map import blocker_map
from govern.documents.escape import escape_json
from govern.documents.handoff_page import handoff_page
from govern.documents.packet_page import packet_page
from govern.documents.registry_pages import addenda, addendum, addendum_page, registry_page
from govern.documents.state_page import state_page
from govern.documents.templates import render
from govern.engine.settled import settled_at
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy.promises import Document
from govern.problems import Exit, fault

DEFAULT_PACKET_TEMPLATE = "decision-packet.md.j2"
_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.DOTALL)
_FIELDS = ("document", "head", "head_sha256", "as_of", "policy_version", "policy_sha256", "template", "template_sha256")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stood: how many records, and the digest of the last line."""

    size: int
    last: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it is to be written: the Markdown with its front matter, and the JSON twin where one is declared."""

    name: str
    body: str
    front: Mapping[str, str]
    json_text: str

    @property
    def markdown(self) -> str:
        """The whole file."""
        lines = "\n".join(f"{key}: {value}" for key, value in self.front.items())
        return f"---\n{lines}\n---\n\n{self.body}"

    @property
    def body_sha256(self) -> str:
        """The digest of what a reader is shown, without front matter, head and moment."""
        return text_digest(self.body)


def page(document: Document, view: View) -> dict[str, Any]:
    """Return what a document's template is given."""
    match document.shows:
        case "packet":
            assert document.packet is not None
            return packet_page(document.packet, view)
        case "blocker-map":
            return blocker_map(view)
        case "current-state":
            return state_page(view)
        case "hand-off":
            return handoff_page(view)
        case "addendum":
            return addendum_page(document.path.rpartition("/")[2].removesuffix(".md"), view)
        case "registry" | "registry-index":
            return registry_page(view, document.path)


def documents_of(view: View) -> dict[str, Document]:
    """Return the declared documents as the files that they stand for: one that is declared as a folder is many."""
    found: dict[str, Document] = {}
    for name, document in view.policy.documents.items():
        found |= dict(addenda(name, document, view)) if document.shows == "addendum" else {name: document}
    return found


def document_named(name: str, view: View) -> Document | None:
    """Return one of the declared documents as the file that it stands for; None where there is none of that name."""
    declared, _, span = name.rpartition("/")
    document, reservation = view.policy.documents.get(declared or name), view.state.register.spanning(span)
    if document is None or (document.shows == "addendum") != bool(declared) or (declared and reservation is None):
        return None
    return addendum(document, reservation) if reservation and declared else document


def render_document(name: str, document: Document, view: View, head: Head, templates: Mapping[str, str]) -> Rendered:
    """Return a document rendered from a view; `templates` maps the adopted templates' names to their text."""
    source = _template(document.template, templates)
    context = page(document, view)
    front = {
        "document": name,
        "head": str(head.size),
        "head_sha256": head.last,
        "as_of": spell_time(settled_at(view)),
        "policy_version": str(view.state.version),
        "policy_sha256": view.state.policy_digest,
        "template": document.template,
        "template_sha256": text_digest(source),
    }
    body = _tidied(render(document.template, source, context))
    twin = {"schema": f"govern.{document.shows}/1", **front, "head": head.size, "policy_version": view.state.version, "shows": context}
    return Rendered(name, body, front, escape_json(json.dumps(twin, indent=2, ensure_ascii=False)) + "\n")


def packet_document(packet: str, view: View) -> tuple[str, Document]:
    """Return the document that shows a packet: the declared one, or one with the default template."""
    for name, document in view.policy.documents.items():
        if document.packet == packet and document.as_of is None:
            return name, document
    path = f"governance/packets/{packet}.md"
    return packet, Document(shows="packet", template=DEFAULT_PACKET_TEMPLATE, path=path, packet=packet)


def read_front(text: str) -> dict[str, str] | None:
    """Return the front matter of a rendered file, or None where it has none that is ours."""
    match = _FRONT.match(text)
    if match is None:
        return None
    pairs = [line.partition(": ")[::2] for line in match[1].split("\n")]
    if [key for key, _value in pairs] != list(_FIELDS):
        return None
    return dict(pairs)


def _template(name: str, templates: Mapping[str, str]) -> str:
    if name not in templates:
        known = ", ".join(sorted(templates)) or "none"
        raise fault(
            Exit.UNJUDGED,
            "TEMPLATE_MISSING",
            f"no adopted template is called `{name}`",
            help=f"adopted: {known}; `govern policy adopt` adopts what is in templates/",
        )
    return templates[name]


def _tidied(text: str) -> str:
    """Fold the blank lines that conditions leave, so that a page has one between blocks and none at the end."""
    lines = [line.rstrip() for line in text.split("\n")]
    folded = [line for index, line in enumerate(lines) if line or (index > 0 and lines[index - 1])]
    return "\n".join(folded).strip("\n") + "\n"
