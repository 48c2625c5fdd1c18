"""The evidence that legs rest on, examined once more: the file as bound, and the verdict computed anew from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from govern.canonical import digest
from govern.cli.files import read_below
from govern.cli.proofs import judge_evidence
from govern.cli.session import Session
from govern.engine.state import Proof
from govern.evidence.other_kinds import OTHER_KINDS


@dataclass(frozen=True, slots=True)
class EvidenceNow:
    """A piece of evidence: whether it still shows what it showed; None where that cannot be told."""

    leg: str
    record: int
    passed: bool | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"leg": self.leg, "record": self.record, "passed": self.passed, "why": self.why}


def examine_bound(session: Session, legs: Iterable[str]) -> list[EvidenceNow]:
    """Return the newest evidence of each leg that has any with a file, examined now. What is only supposed has none."""
    proofs = session.view.state.proofs
    return [
        _examine(session, leg, proofs[leg][-1])
        for leg in dict.fromkeys(legs)
        if proofs.get(leg) and proofs[leg][-1].path and proofs[leg][-1].seq < session.size
    ]


def _examine(session: Session, leg: str, proof: Proof) -> EvidenceNow:
    assert proof.path is not None
    try:
        content = read_below(session.project.root, proof.path)
    except OSError as error:
        return EvidenceNow(leg, proof.seq, None, f"{proof.path} cannot be read: {error.strerror or error}")
    if digest(content) != proof.sha256:
        return EvidenceNow(leg, proof.seq, False, f"{proof.path} has other bytes than record #{proof.seq} binds")
    if proof.kind not in {"rehearsal", *OTHER_KINDS}:
        return EvidenceNow(leg, proof.seq, True, f"{proof.path} is as record #{proof.seq} binds it")
    failures = judge_evidence(session, content)
    if failures:
        return EvidenceNow(leg, proof.seq, False, f"{proof.path}: {failures[0][1]}")
    return EvidenceNow(leg, proof.seq, True, f"{proof.path} is as record #{proof.seq} binds it, and its verdict is PASS")
