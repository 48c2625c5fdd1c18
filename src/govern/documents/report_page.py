"""The report: what was done in a period, by which records, what it proved, what was found, and what was not touched.

Pure. That no run of an action is on record does not show that there was none; the page says UNKNOWN, and so does this one.
"""

from govern.documents.blocker_map import blocker_map
from govern.documents.gap_page import gap_page, moment_of
from govern.documents.record_words import event_row
from govern.documents.span_shapes import ProvenRow, ReportPage
from govern.documents.spans import Sources, previous_issue
from govern.documents.state_page import SURFACES, protected_rows
from govern.documents.state_rows import Labels, counting_proofs, finding_row, labels_of, proof_row, quote_rows, source_rows
from govern.documents.surface_rows import surface_rows
from govern.engine.view import View

# What is no act: a name for a moment, and words of documents, which stand in a part of their own.
_LEFT_OUT = frozenset({"mark", "quote"})


def report_page(view: View, sources: Sources) -> ReportPage:
    """Return what a report prints."""
    span, labels = sources.span, labels_of(view)
    assert span is not None, "whoever renders a report brings the period"
    first = span.start.state.size
    began, packet = previous_issue(view)
    quotes = [each for each in view.state.quotes if each.seq >= first]
    runs = {run.action for run in view.state.runs.values() if run.seq >= first}
    return {
        "title": view.policy.programme.title,
        "from": moment_of(span.start),
        "to": moment_of(view),
        "since_packet": packet if began == first else "",
        "done": [event_row(record, labels) for record in span.records if record.statement.kind not in _LEFT_OUT],
        "proven": _proven(first, labels, view),
        "findings": [finding_row(name, labels, view) for name in view.policy.findings],
        "quotes": quote_rows((each for each in quotes if each.about != SURFACES), labels),
        "sources": source_rows(view),
        "surfaces": surface_rows(view, sources),
        "surface_quotes": quote_rows((each for each in quotes if each.about == SURFACES), labels),
        "idle_actions": [name for name in view.policy.actions if name not in runs],
        "idle_scopes": [row["scope"] for row in protected_rows(view) if not row["authorised"]],
        "gaps": gap_page(view, span),
        "map": blocker_map(view),
    }


def _proven(first: int, labels: Labels, view: View) -> list[ProvenRow]:
    """Return the evidence recorded since, oldest first, and whether it still counts."""
    counting = {proof.seq for proof in counting_proofs(view)}
    made = sorted((proof for proofs in view.state.proofs.values() for proof in proofs if proof.seq >= first), key=lambda proof: proof.seq)
    return [{**proof_row(proof, labels, view), "counts": proof.seq in counting} for proof in made]
