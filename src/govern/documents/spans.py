"""Spans: the stretch of history that a document is about, and what else it shows beside the state.

Pure. The command line finds the state at the beginning of a span; which record that is, is said here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from govern.engine.view import View
from govern.ledger.checkpoints import Checkpoint
from govern.ledger.lines import Record
from govern.policy.promises import Document
from govern.problems import Exit, did_you_mean, fault

SPANNING = frozenset({"gap-closure", "report"})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of history: the state before it, and the records since, up to the head."""

    start: View
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """What pages show beside the state, each only where a page asks for it.

    `surfaces` maps a record of a rehearsal to what its evidence file says of each surface; a file that was not read
    shows nothing.
    """

    span: Span | None = None
    checkpoint: Checkpoint | None = None
    surfaces: Mapping[int, Mapping[str, tuple[str, str]]] = field(default_factory=dict)


NOTHING = Sources()


def awaited(document: Document, view: View) -> str:
    """Return the moment that a document names and that is not on record yet; nothing where it waits for none."""
    return next((each for each in (document.as_of, document.since) if each is not None and record_of(each, view) is None), "")


def record_of(moment: str, view: View) -> int | None:
    """Return the record that a moment, `@MARK` or `#SEQ`, names; none where it is not on record yet."""
    word, name = moment[:1], moment[1:]
    seq = view.state.marks.get(name) if word == "@" else int(name)
    return seq if seq is not None and seq < view.state.size else None


def begins_at(document: Document, view: View) -> int:
    """Return how many records there were before the span of a document.

    Raises:
        GovernError: it begins with a moment that was not yet then (status 3).
    """
    if document.since is None:
        return previous_issue(view)[0]
    seq = record_of(document.since, view)
    if seq is None:
        hint = did_you_mean(document.since[1:], view.state.marks) if document.since.startswith("@") else ""
        message = f"after {view.state.size} record{'s' if view.state.size != 1 else ''} there was no `{document.since}` to begin with"
        raise fault(Exit.UNJUDGED, "AS_OF", message, help=hint or "`govern log` lists the records; `govern mark` names a moment")
    return seq + 1


def previous_issue(view: View) -> tuple[int, str]:
    """Return how many records there were when the packet before the newest was issued, and which it is; else the first record alone."""
    issued = sorted((packet.issued, name) for name, packet in view.state.packets.items() if packet.issued is not None)
    return (issued[-2][0] + 1, issued[-2][1]) if len(issued) > 1 else (1, "")
