"""JSON Schemas of the JSON twins: one for each kind of document, made from the shapes that its page is typed with.

Pure. Every object is closed and wants all of its keys, so that a twin that says more or less than its schema is a fault.
"""

from typing import Any

from govern.documents.registry_shapes import AddendumPage, RegistryPage
from govern.documents.shapes import BlockerMap, PacketPage
from govern.documents.span_shapes import AdoptionPage, CheckpointPage, GapPage, HandoffPage, LineagePage, ReportPage
from govern.documents.state_shapes import StatePage

SHAPES: dict[str, Any] = {
    "packet": PacketPage,
    "blocker-map": BlockerMap,
    "gap-closure": GapPage,
    "current-state": StatePage,
    "report": ReportPage,
    "checkpoint": CheckpointPage,
    "hand-off": HandoffPage,
    "adoption": AdoptionPage,
    "lineage": LineagePage,
    "addendum": AddendumPage,
    "registry": RegistryPage,
    "registry-index": RegistryPage,
}
_DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_COUNT = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}
_FRONT = {
    "document": _TEXT,
    "head": _COUNT,
    "head_sha256": _DIGEST,
    "as_of": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "evidence": _TEXT,
    "policy_version": _COUNT,
    "policy_sha256": _DIGEST,
    "template": _TEXT,
    "template_sha256": _DIGEST,
}


def document_schema(shows: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the JSON twin of a kind of document."""
    from pydantic import TypeAdapter

    shape = TypeAdapter(SHAPES[shows]).json_schema(ref_template="#/$defs/{model}")
    parts = {name: _closed(part) for name, part in shape.pop("$defs", {}).items()}
    properties = {"schema": {"const": f"govern.{shows}/1"}, **_FRONT, "shows": {"$ref": "#/$defs/Shown"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:govern:document:{shows}:1",
        "title": f"The JSON twin of a document that shows: {shows}",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        "$defs": {"Shown": _closed(shape), **parts},
    }


def _closed(part: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a part without the titles that repeat its keys, closed."""
    properties = {name: {key: value for key, value in each.items() if key != "title"} for name, each in part["properties"].items()}
    described = {"description": part["description"]} if "description" in part else {}
    return {**described, "type": "object", "properties": properties, "required": part["required"], "additionalProperties": False}
