"""The files that evidence binds, where they are not the same any more."""

from govern.cli.session import Session
from govern.engine.state import State
from govern.engine.view import EvidenceFact
from govern.problems import Place, Problem


def changed_evidence(session: Session, state: State) -> list[Problem]:
    """Return what became of the files that the newest evidence binds, where it is not the same."""
    proofs = {proof.seq: proof for newest in state.proofs.values() for proof in newest[-1:]}
    told = {EvidenceFact.CHANGED: "has other bytes than record #{seq} binds", EvidenceFact.MISSING: "is not there, and record #{seq} binds it"}
    return [
        Problem("EVIDENCE_DIGEST", told[fact].format(seq=seq), Place(str(proofs[seq].path), 1, 1), "warning", "what rests on it does not hold")
        for seq, fact in session.project.evidence_facts(state).items()
        if fact is not EvidenceFact.SAME
    ]
