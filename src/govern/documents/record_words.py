"""Records in words: what each says, for the pages and the lists that print them.

Pure. What is free text in a record stays its author's word: who it is and how well that is known stands beside it.
"""

from collections.abc import Mapping
from typing import Any

from govern.documents.span_shapes import EventRow
from govern.engine.authority import standing_of
from govern.ledger.lines import Record

_FIRST = ("leg", "packet", "option", "options")
_LEFT_OUT = frozenset({"templates", "nonce", "packet_sha256", "previous"})
# Keys whose values speak for themselves.
_BARE = frozenset({"packet", "option", "leg", "text", "name"})


def spell_record(record: Record) -> str:
    """Return what a record says, in one line."""
    body = record.statement.body
    shown = {key: body[key] for key in dict.fromkeys((*_FIRST, *body)) if key in body and key not in _LEFT_OUT}
    return " ".join(_spelled(key, value) for key, value in shown.items())


def _spelled(key: str, value: Any) -> str:
    if key == "evidence":
        return f"{value['kind']} of {value['of']}" + (f": {value['says']}" if "says" in value else "")
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
