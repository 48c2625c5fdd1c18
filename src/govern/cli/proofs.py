"""Evidence that must prove something: its verdict is computed anew, by the validator that the policy pins."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from govern.canonical import digest
from govern.cli.files import read_below
from govern.cli.session import Session
from govern.cli.validating import Failure, against_record
from govern.evidence.executed import Validator, own_validator
from govern.evidence.manifest import MANIFEST
from govern.evidence.seals import examine_seal
from govern.policy.rehearsal import Rehearsal
from govern.problems import Exit, GovernError, Place, fault


def demand_proof(session: Session, path: Path, content: bytes) -> None:
    """See that a rehearsal proves what it is brought for.

    Raises:
        GovernError: another validator than the pinned one (VALIDATOR_OTHER), or a check that fails (EVIDENCE_FAILS); status 3.
    """
    failures = judge_evidence(session, content) or against_record(session, json.loads(content))
    if failures:
        (name, message), rest = failures[0], len(failures) - 1
        more = f", and {rest} more" if rest else ""
        help = f"`govern validate {path}` shows the whole verdict; rehearse again"
        raise fault(Exit.UNJUDGED, "EVIDENCE_FAILS", f"{name}: {message}{more}", place=Place(str(path), 1, 1), help=help)


def judge_evidence(session: Session, content: bytes) -> list[Failure]:
    """Return every failure that the pinned validator finds.

    Raises:
        GovernError: the validator is not the pinned one (VALIDATOR_OTHER, status 3).
    """
    rests_on = session.view.policy.rehearsal or Rehearsal()
    validator = pinned_validator(rests_on)
    nonces = list(nonces_on_record(session, digest(content)))
    return validator.judge(content, now=max(session.now, int(time.time())), nonces=nonces, residue=rests_on.leftovers, validator=validator.sha256)


def pinned_validator(rests_on: Rehearsal) -> Validator:
    """Return the validator that is shipped with this program, run from the bytes that were compared with what the policy pins.

    Raises:
        GovernError: it has other bytes (VALIDATOR_OTHER, status 3).
    """
    own = own_validator()
    if rests_on.validator not in (None, own.sha256):
        message = f"the validator here is {own.sha256}, and the policy pins {rests_on.validator}"
        help = "restore the pinned bytes, or read what changed and adopt a policy that pins these"
        raise fault(Exit.UNJUDGED, "VALIDATOR_OTHER", message, help=help)
    return own


def nonces_on_record(session: Session, sha256: str) -> Iterator[str]:
    """Yield the nonce of each rehearsal on record, but for the one of this digest: it may prove several legs."""
    kept = {proof.path for proofs in session.view.state.proofs.values() for proof in proofs if proof.kind == "rehearsal" and proof.sha256 != sha256}
    for path in sorted(each for each in kept if each):
        try:
            yield json.loads(read_below(session.project.root, path))["rehearsal"]["run"]["nonce"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # what became of the file is told where the leg is judged


def demand_sealed(path: Path) -> None:
    """See that the bytes of a sealed packet are as its manifest seals them.

    Raises:
        GovernError: what is not (status 3).
    """
    if path.name != MANIFEST:
        raise fault(Exit.UNJUDGED, "NO_SEAL", f"{path} is no manifest of a sealed folder", help="`govern seal DIR` writes it; name DIR/MANIFEST.json")
    found = examine_seal(path.parent)
    if found:
        raise GovernError(Exit.UNJUDGED, found)
