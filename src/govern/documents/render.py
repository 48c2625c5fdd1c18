"""Rendering: a declared document as bytes, with the front matter that it takes to render it again.

Pure. The head, the moment and the digests stand in the front matter alone; the digest of a packet is of the rest.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govern.canonical import text_digest
from govern.documents.adoption_page import adoption_page
from govern.documents.blocker_map import blocker_map
from govern.documents.checkpoint_page import checkpoint_page
from govern.documents.claims import page_faults
from govern.documents.escape import escape_json, unmarked
from govern.documents.gap_page import gap_page
from govern.documents.handoff_page import handoff_page
from govern.documents.lineage_page import lineage_page
from govern.documents.packet_page import packet_page
from govern.documents.registry_pages import addendum_page, registry_page
from govern.documents.report_page import report_page
from govern.documents.spans import NOTHING, Sources
from govern.documents.state_page import state_page
from govern.documents.templates import render
from govern.engine.settled import settled_at
from govern.engine.view import EvidenceFact, View
from govern.ledger.moments import spell_time
from govern.policy.promises import Document
from govern.problems import Exit, GovernError, Problem, fault

DEFAULT_PACKET_TEMPLATE = "decision-packet.md.j2"
_FRONT = re.compile(r"---\n(.*?)\n---\n\n", re.DOTALL)
_FIELDS = ("document", "head", "head_sha256", "as_of", "evidence", "policy_version", "policy_sha256", "template", "template_sha256")
AS_RECORDED = "as recorded"
_ODD = re.compile(r"#([0-9]{1,9}) (changed|missing)", re.ASCII)


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


def page(document: Document, view: View, sources: Sources = NOTHING) -> Mapping[str, Any]:
    """Return what a document's template is given, and its JSON twin shows; `govern.documents.schemas` has the shape of each."""
    match document.shows:
        case "packet":
            assert document.packet is not None
            return packet_page(document.packet, view)
        case "blocker-map":
            return blocker_map(view)
        case "current-state":
            return state_page(view, sources, document.path)
        case "gap-closure":
            assert sources.span is not None, "whoever renders a gap-closure map brings the span"
            return gap_page(view, sources.span)
        case "report":
            return report_page(view, sources)
        case "checkpoint":
            return checkpoint_page(view, sources)
        case "adoption":
            assert document.blocker is not None
            return adoption_page(document.blocker, view)
        case "lineage":
            return lineage_page(view)
        case "hand-off":
            return handoff_page(view)
        case "addendum":
            return addendum_page(document.path.rpartition("/")[2].removesuffix(".md"), view)
        case "registry" | "registry-index":
            return registry_page(view, document.path)


def render_document(name: str, document: Document, view: View, head: Head, templates: Mapping[str, str], *, sources: Sources = NOTHING) -> Rendered:
    """Return a document rendered from a view; `templates` maps the adopted templates' names to their text.

    Raises:
        GovernError: the template is not adopted or not allowed (status 3), or the page would use a claim that nothing supports (status 1).
    """
    source = _template(document.template, templates)
    context = page(document, view, sources)
    marked = _tidied(render(document.template, source, context))
    faults = page_faults(name, marked, context, (document.template, source), view)
    if faults:
        raise GovernError(Exit.NO, faults)
    front = {
        "document": name,
        "head": str(head.size),
        "head_sha256": head.last,
        "as_of": spell_time(settled_at(view)),
        "evidence": _spell_evidence(view),
        "policy_version": str(view.state.version),
        "policy_sha256": view.state.policy_digest,
        "template": document.template,
        "template_sha256": text_digest(source),
    }
    twin = {"schema": f"govern.{document.shows}/1", **front, "head": head.size, "policy_version": view.state.version, "shows": context}
    return Rendered(name, unmarked(marked), front, escape_json(json.dumps(twin, indent=2, ensure_ascii=False)) + "\n")


def shown_digest(document: Document, view: View, templates: Mapping[str, str]) -> str:
    """Return the digest of what a reader would be shown, whatever it claims: going back to HOLD hangs on nobody's words."""
    return text_digest(unmarked(_tidied(render(document.template, _template(document.template, templates), page(document, view)))))


def claim_faults(name: str, document: Document, view: View, templates: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return the claims that a document would use unsupported."""
    source, context = _template(document.template, templates), page(document, view)
    return page_faults(name, _tidied(render(document.template, source, context)), context, (document.template, source), view)


def _spell_evidence(view: View) -> str:
    """Return what became of the evidence files, where it is told of any that they are not as recorded."""
    odd = [f"#{seq} {fact.value}" for seq, fact in sorted((view.evidence or {}).items()) if fact is not EvidenceFact.SAME]
    return ", ".join(odd) or AS_RECORDED


def read_evidence(text: str) -> dict[int, EvidenceFact]:
    """Return what the front matter says of evidence files that were not as recorded.

    Raises:
        ValueError: it is of another form.
    """
    if text == AS_RECORDED:
        return {}
    odd = [_ODD.fullmatch(each) for each in text.split(", ")]
    if None in odd:
        raise ValueError(f"`{text[:40]}` does not say what became of evidence")
    return {int(each[1]): EvidenceFact(each[2]) for each in odd if each}


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
