"""An answer of the gate as an attestation: an in-toto Statement v1 with the summary of a verification that SLSA defines.

https://slsa.dev/verification_summary/v1, https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from govern import __version__
from govern.canonical import Json, encode
from govern.cli.outputs import demand_out, write_out
from govern.engine.gate import Gated
from govern.engine.state import Proof
from govern.engine.view import EvidenceFact
from govern.ledger.moments import spell_time
from govern.problems import Exit, fault

if TYPE_CHECKING:
    from govern.cli.session import Session

STATEMENT = "https://in-toto.io/Statement/v1"
SUMMARY = "https://slsa.dev/verification_summary/v1"
# Of no record's kind: a signature of an attestation is never one of a record, nor the other way round.
NAMESPACE = "govern-attestation"
VERIFIER = "urn:govern:gate"
LEVEL = "GOVERN_GATE"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def demand_place(session: "Session", file: Path, commit: str | None) -> None:
    """Go on only where an attestation can be written, before anything is judged: an earlier one is never left to pass for this one.

    Raises:
        GovernError: it cannot be made of this question, or of such a commit (status 2); a file is there already (status 4).
    """
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "USAGE", "an attestation is of what is on record, now", help="leave out --as-of")
    if commit is not None and _COMMIT.fullmatch(commit) is None:
        raise fault(Exit.USAGE, "USAGE", f"`{commit}` is no commit", help="--commit takes the whole digest: git rev-parse HEAD")
    demand_out(session, file.parent, [file.name, f"{file.name}.sig"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What is attested: the words that were asked about, in which lane and of which commit, what was judged, and whether all of it may happen."""

    asked: tuple[str, ...]
    lane: str | None
    commit: str | None
    gated: tuple[Gated, ...]
    passed: bool


def write_attestation(session: "Session", file: Path, told: Answer) -> None:
    """Write the attestation, and its signature where `--key` names a key.

    Raises:
        GovernError: the key did not sign, or a file is in the way (status 4).
    """
    text = encode(statement(session, told))
    files = {file.name: text.encode()}
    if session.options.key is not None:
        from govern.cli.signing import read_key, sign

        [signature] = sign(read_key(session.options.key), [text], NAMESPACE)
        files[f"{file.name}.sig"] = signature.encode()
    write_out(session, file.parent, files)


def statement(session: "Session", told: Answer) -> Mapping[str, Json]:
    """Return the statement: of the policy, the head and the commit that the answer is about, and of all that it was computed from."""
    chain, view = session.replay.chain, session.view
    programme = f"urn:govern:{chain.ledger}"
    policy: dict[str, Json] = {"sha256": view.state.policy_digest}
    head: dict[str, Json] = {"sha256": chain.last}
    subjects: list[Json] = [{"name": "states.yaml", "digest": policy}, {"name": "governance/ledger", "digest": head}]
    if told.commit is not None:
        subjects.append({"name": "commit", "digest": {"gitCommit": told.commit}})
    return {
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": SUMMARY,
        "predicate": {
            "verifier": {"id": VERIFIER, "version": {"govern": __version__}},
            "timeVerified": spell_time(view.now),
            "resourceUri": f"{programme}:gate:{'+'.join(quote(word, safe='') for word in told.asked)}",
            "policy": {"uri": f"{programme}:policy:{view.state.version}", "digest": policy},
            "inputAttestations": [{"uri": f"{programme}:head:{chain.size}", "digest": head}, *_evidence(session, programme)],
            "verificationResult": "PASSED" if told.passed else "FAILED",
            "verifiedLevels": [LEVEL if told.passed else "FAILED"],
            "slsaVersion": "1.1",
            # A field of our own is named by a URI.
            VERIFIER: {"answers": [_answer(each) for each in told.gated], "asked": list(told.asked), "lane": told.lane},
        },
    }


def _answer(each: Gated) -> Json:
    causes: list[Json] = [{"requirement": one.id, "cause": one.cause.value if one.cause else None} for one in each.causes]
    return {"asked": each.asked, "action": each.action, "allowed": each.truth, "causes": causes}


def _evidence(session: "Session", programme: str) -> list[Json]:
    """Return the newest evidence of each leg, by the digest that its record binds, and what was found in its place."""
    facts = session.view.evidence or {}
    newest = [proofs[-1] for proofs in session.view.state.proofs.values() if proofs]
    return [_bound(programme, proof, facts.get(proof.seq)) for proof in sorted(newest, key=lambda proof: (proof.seq, proof.leg)) if proof.sha256]


def _bound(programme: str, proof: Proof, fact: EvidenceFact | None) -> Json:
    name = {"name": proof.path} if proof.path else {}
    found: Mapping[str, Json] = {"leg": proof.leg, "found": fact.value if fact else None}
    return {"uri": f"{programme}:record:{proof.seq}", **name, "digest": {"sha256": proof.sha256}, "annotations": found}
