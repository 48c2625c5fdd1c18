"""Records in words: what each says, for the pages and the lists that print them.

Pure. What is free text in a record stays its author's word: who it is and how well that is known stands beside it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from govern.documents.blocker_map import spell_evidence
from govern.documents.span_shapes import EventRow
from govern.engine.authority import standing_of
from govern.engine.register import spell_span
from govern.ledger.lines import Record

_FIRST = ("leg", "packet", "option", "options")
_LEFT_OUT = frozenset({"templates", "nonce", "packet_sha256", "previous", "first", "last", "without"})
# Keys whose values speak for themselves.
_BARE = frozenset({"packet", "option", "leg", "text", "name"})
# Keys whose numbers are those of records.
_RECORDS = frozenset({"record", "instance", "grant", "begin", "supersedes", "delegation", "reservation"})
_FIGURES = {"body_max": "body maximum", "ceiling": "ceiling", "folded_through": "folded through", "json": "JSON revision", "markdown": "Markdown revision"}


def spell_record(record: Record) -> str:
    """Return what a record says, in one line."""
    body = record.statement.body
    if record.statement.kind == "register":
        return ", ".join(spell_report(body))
    span = [spell_span(body["first"], body["last"])] if "first" in body else []
    shown = {key: body[key] for key in dict.fromkeys((*_FIRST, *body)) if key in body and key not in _LEFT_OUT}
    # A claim that is named as not made must not read as one that is.
    without = f"; none of {', '.join(body['without'])} is claimed" if "without" in body else ""
    return " ".join([*span, *(_spelled(key, value) for key, value in shown.items())]) + without


def spell_report(says: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a document says of the registry, figure by figure."""
    yield from (f"{_FIGURES.get(key, 'index revision')} {says[key]}" for key in (*_FIGURES, "index") if key in says)
    yield from (f"{spell_span(first, last)} reserved" for first, last in says.get("reserved", ()))


def _spelled(key: str, value: Any) -> str:
    if key == "evidence":
        return spell_evidence(value["kind"], value["of"]) + (f": {value['says']}" if "says" in value else "")
    if key in _RECORDS and isinstance(value, int):
        return f"{key} #{value}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) if key in _BARE else f"{key} {value}"


def event_row(record: Record, labels: Mapping[str, str]) -> EventRow:
    """Return a record as a row; `labels` are the short names of the documents whose word was imported."""
    imported = record.statement.imported
    standing = f"imported from {labels.get(imported.document, imported.document)}" if imported else standing_of(record).value
    return {
        "record": f"#{record.seq}",
        "at": record.at,
        "kind": record.statement.kind,
        "by": record.statement.actor,
        "what": spell_record(record),
        "standing": standing,
    }
