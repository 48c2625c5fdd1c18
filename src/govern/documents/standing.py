"""How well each fact is known: imported from a document, signed, unauthenticated, delegated. Printed beside the fact.

Pure.
"""

from collections.abc import Mapping

from govern.engine.authority import Standing
from govern.engine.state import PacketState
from govern.engine.view import View
from govern.ledger.statements import Imported


def spell_standing(seq: int | None, view: View, *, imported: bool) -> str:
    """Return the one word for how well it is known who made a record."""
    if imported:
        return Standing.IMPORTED.value
    instance = view.state.instances.get(seq) if seq is not None else None
    made = instance.changed if instance else seq
    return (Standing.SIGNED if made in view.state.signed else Standing.UNAUTHENTICATED).value


def row_standing(seq: int, imported: Imported | None, view: View, labels: Mapping[str, str] | None = None) -> str:
    """Return how well it is known whose word a record is, with the document where one reports it: by its short name where a page has `labels`."""
    if imported is None:
        return spell_standing(seq, view, imported=False)
    return f"imported from {labels[imported.document] if labels else imported.document}"


def record_standing(seq: int, view: View) -> str:
    """Return how well it is known who made a record that a requirement rests on."""
    return spell_standing(seq, view, imported=seq in view.memo.once("imported-records", frozenset[int](), lambda: _imported_records(view)))


def _imported_records(view: View) -> frozenset[int]:
    state = view.state
    seqs = {proof.seq for proofs in state.proofs.values() for proof in proofs if proof.imported}
    seqs |= {instance.seq for instance in state.instances.values() if instance.imported}
    seqs |= {lane.changed for lane in state.lanes.values() if lane.imported and lane.changed is not None}
    seqs |= {finding.seq for finding in state.findings.values() if finding.imported}
    seqs |= {run.seq for run in state.runs.values() if run.imported}
    seqs |= {packet.decision for packet in state.packets.values() if packet.reported and packet.decision is not None}
    return frozenset(seqs)


def decision_standing(packet: PacketState, view: View) -> str:
    """Return how a packet came to its decision."""
    delegated = any(approval.delegation is not None for approval in packet.decided_by)
    return spell_standing(packet.decision, view, imported=packet.reported) + (", delegated" if delegated else "")


def documents(view: View) -> dict[str, list[str]]:
    """Return the documents whose word was imported, by name in the order met, with the digests on record."""
    found: dict[str, list[str]] = {}
    for imported in _sources(view):
        digests = found.setdefault(imported.document, [])
        if imported.sha256 and imported.sha256 not in digests:
            digests.append(imported.sha256)
    return found


def _sources(view: View) -> list[Imported]:
    state = view.state
    met = [(packet.issued or 0, packet.imported) for packet in state.packets.values()]
    met += [(proof.seq, proof.imported) for proofs in state.proofs.values() for proof in proofs]
    met += [(finding.seq, finding.imported) for finding in state.findings.values()]
    met += [(each.seq, each.imported) for each in state.register.reservations.values()]
    met += [(each.seq, each.imported) for each in state.register.reports]
    met += [(quote.seq, Imported(quote.document, "")) for quote in state.quotes]
    return [imported for _seq, imported in sorted((each for each in met if each[1]), key=lambda each: each[0]) if imported]
