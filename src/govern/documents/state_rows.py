"""Rows that several pages print of the state: proofs, findings, quotes, and the documents whose word was imported.

Pure. Each carries whose word it is: the record, and the document or how well its author is known.
"""

from collections.abc import Iterable

from govern.documents.blocker_map import spell_evidence
from govern.documents.escape import Mention
from govern.documents.standing import documents, row_standing
from govern.documents.state_shapes import FindingRow, NextRow, ProofRow, QuoteRow, SourceRow
from govern.engine.judge import leg_proven
from govern.engine.state import Proof, Quote
from govern.engine.upcoming import upcoming
from govern.engine.view import View
from govern.policy import find

Labels = dict[str, str]


def labels_of(view: View) -> Labels:
    """Return a short name for each imported document: the tables say it, the list of documents resolves it."""
    return {name: f"D{number}" for number, name in enumerate(documents(view), 1)}


def source_rows(view: View) -> list[SourceRow]:
    """Return the documents whose word was imported."""
    labels = labels_of(view)
    return [{"label": labels[name], "name": name, "sha256": digests} for name, digests in documents(view).items()]


def quote_rows(quotes: Iterable[Quote], labels: Labels) -> list[QuoteRow]:
    """Return quotes, each with its document and the record that brought it in."""
    return [
        {
            "about": each.about,
            "text": each.text,
            "document": labels[each.document],
            "record": f"#{each.seq}",
            "without": [Mention(claim) for claim in each.without],
        }
        for each in quotes
    ]


def next_rows(view: View) -> list[NextRow]:
    """Return what comes next, and who does it; a decision is of all whose words it takes."""
    packets = view.policy.packets
    return [
        {
            "who": find.spell_who(packets[step.packet].decided_by) if step.packet else " or ".join(step.actors),
            "does": step.words,
            "command": step.command,
        }
        for step in upcoming(view)
    ]


def counting_proofs(view: View) -> list[Proof]:
    """Return the evidence that proves a leg now; what was reopened, is stale or is gone proves nothing."""
    declared = [path for path, leg in find.leg_paths(view.policy) if leg.evidence is not None]
    return [view.state.proofs[path][-1] for path in declared if leg_proven(path, view) is True]


def proof_row(proof: Proof, labels: Labels, view: View) -> ProofRow:
    """Return a piece of evidence as a row."""
    declared = view.policy.legs.get(proof.leg)
    return {
        "leg": proof.leg,
        "evidence": spell_evidence(proof.kind, proof.of),
        "by": proof.actor,
        "record": f"#{proof.seq}",
        "says": proof.says or "",
        "sha256": proof.sha256 or "",
        "path": proof.path or "",
        "standing": row_standing(proof.seq, proof.imported, view, labels),
        "substitute_for": (declared.stands_in_for or "") if declared else "",
    }


def finding_row(name: str, labels: Labels, view: View) -> FindingRow:
    """Return a finding with its result, as recorded or as declared."""
    declared, recorded = view.policy.findings[name], view.state.findings.get(name)
    known = f"#{recorded.seq} of {recorded.actor}, {row_standing(recorded.seq, recorded.imported, view, labels)}" if recorded else "declared in the policy"
    return {
        "id": name,
        "result": (recorded.result if recorded else declared.result).upper(),
        "why": recorded.why if recorded else declared.why,
        "standing": known,
        "carried_by": declared.carried_by or "",
        "does_not_affect": list(declared.does_not_affect),
    }
