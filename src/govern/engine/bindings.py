"""What evidence was made with, held against what is in force: the change, the source, the validator.

Pure. Digests stand on both sides; what moved is named. What is merely imported was made with nothing that is known here,
and is not asked: it is shown as imported, and is never enough in a protected scope.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from govern.canonical import digest, encode
from govern.engine.view import View
from govern.policy.blockers import Leg
from govern.policy.rehearsal import Change


def change_digest(change: Change) -> str:
    """Return the digest of a change: of the digests of its two scripts."""
    return change_sha256(change.apply.sha256, change.revert.sha256 if change.revert else None)


def change_sha256(apply: str, revert: str | None) -> str:
    """Return the digest of a change from the digests of its scripts."""
    return digest(encode({"apply": apply, "revert": revert}).encode())


def bindings_of(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a rehearsal was made with, by digest, from the body of its evidence; the validator has passed it."""
    change, programme = body["change"], body["programme"]
    revert = change["revert"]["sha256"] if change["revert"] else None
    found = {"change": change_sha256(change["apply"]["sha256"], revert), "source": body["source"]["sha256"], "validator": programme["validator"]}
    return found | ({"policy": programme["policy"]} if programme["policy"] else {})


def moved(binds: Mapping[str, str], of: str, declared: Leg, view: View) -> Iterator[tuple[str, str]]:
    """Yield the name of each thing that evidence was made with and that is another one now, or that it does not name; and that in words."""
    for name, wanted in wanted_bindings(of, declared, view):
        found = binds.get(name)
        if found is None:
            yield name, f"names no {name}; {wanted[:12]} is wanted"
        elif found != wanted:
            yield name, f"was made with another {name} ({found[:12]}, now {wanted[:12]})"


def wanted_bindings(of: str, declared: Leg, view: View) -> Iterator[tuple[str, str]]:
    """Yield what evidence of a leg must have been made with, by name, with the digest in force."""
    rests_on = view.policy.rehearsal
    if declared.evidence is None or declared.evidence.kind != "rehearsal" or rests_on is None:
        return
    if declared.change is not None:
        yield "change", change_digest(rests_on.changes[declared.change])
    if (source := _source(of, view)) is not None:
        yield "source", source
    if rests_on.validator is not None:
        yield "validator", rests_on.validator


def _source(of: str, view: View) -> str | None:
    """Return the source of a provenance: as declared, or what was taken in last."""
    assert view.policy.rehearsal is not None
    pinned = view.policy.rehearsal.sources.get(of)
    if pinned is not None:
        return pinned.sha256
    taken = [proofs[-1] for proofs in view.state.proofs.values() if proofs and (proofs[-1].kind, proofs[-1].of) == ("intake", of)]
    states = view.policy.lifecycles.leg.states
    standing = [proof for proof in taken if proof.state in states and states[proof.state].counts and "source" in proof.binds]
    return max(standing, key=lambda proof: proof.seq).binds["source"] if standing else None
