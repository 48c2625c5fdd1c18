"""Evidence that must prove something: its verdict is computed anew, by the validator that the policy pins."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govern.canonical import digest
from govern.cli.files import read_below
from govern.cli.session import Session
from govern.cli.validating import Failure, against_record
from govern.evidence.executed import Validator, own_validator
from govern.evidence.manifest import MANIFEST
from govern.evidence.other_kinds import OTHER_KINDS, judge_other
from govern.evidence.seals import examine_seal
from govern.policy.rehearsal import Rehearsal
from govern.problems import Exit, GovernError, Place, fault


def demand_proof(session: Session, path: Path, content: bytes) -> None:
    """See that a rehearsal, an intake or a dry run proves what it is brought for.

    Raises:
        GovernError: another validator than the pinned one (VALIDATOR_OTHER), or a check that fails (EVIDENCE_FAILS); status 3.
    """
    failures = judge_evidence(session, content) or [*against_record(session, json.loads(content)), *_replayed(session, content)]
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
    validator = pinned_validator(session.rehearsal)
    kind = json.loads(content).get("kind")
    if kind in OTHER_KINDS:
        return judge_other(kind, content)
    nonces = nonces_on_record(session, digest(content))
    return validator.judge(content, now=max(session.now, int(time.time())), nonces=nonces, residue=session.rehearsal.leftovers, validator=validator.sha256)


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


def _replayed(session: Session, content: bytes) -> Iterator[Failure]:
    """One run is one piece of evidence, whatever was changed in it afterwards."""
    own = json.loads(content).get("rehearsal", {}).get("run")
    if own is None:
        return
    for run in _runs_on_record(session, digest(content)):
        if run["id"] == own["id"] or (run["started"], run["milliseconds"]) == (own["started"], own["milliseconds"]):
            yield "run-replayed", "it is of a run that other evidence on record is of"


def nonces_on_record(session: Session, sha256: str) -> list[str]:
    """Return the nonce of each rehearsal on record, but for the one of this digest: it may prove several legs."""
    return [str(run["nonce"]) for run in _runs_on_record(session, sha256)]


def _runs_on_record(session: Session, sha256: str) -> Iterator[Mapping[str, Any]]:
    """Yield the run of each rehearsal on record, but for that of this digest. What became of a file is told where its leg is judged."""
    proofs = [proof for proofs in session.view.state.proofs.values() for proof in proofs if proof.kind == "rehearsal" and proof.sha256 != sha256]
    for path, bound in sorted({(proof.path, proof.sha256) for proof in proofs if proof.path and proof.sha256}):
        try:
            content = read_below(session.project.root, path)
            run = json.loads(content)["rehearsal"]["run"] if digest(content) == bound else None
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(run, Mapping) and run.keys() >= {"id", "milliseconds", "nonce", "started"}:
            yield run


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
