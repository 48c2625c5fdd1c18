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
    if intakes_awaited(of, declared, view):
        yield "source", f"was made with a source that no intake of {of} on record has taken in"


def intakes_awaited(of: str, declared: Leg, view: View) -> tuple[str, ...]:
    """Return the legs of which one must be proven before a rehearsal counts: what the programme has taken in is rehearsed on, nothing else."""
    return view.policy.intakes.get(of, ()) if _is_rehearsal(declared) and _source(of, view) is None else ()


def wanted_bindings(of: str, declared: Leg, view: View) -> Iterator[tuple[str, str]]:
    """Yield what evidence of a leg must have been made with, by name, with the digest in force."""
    if not _is_rehearsal(declared):
        return
    rests_on = view.policy.rehearsal
    if declared.change is not None and rests_on is not None:
        yield "change", change_digest(rests_on.changes[declared.change])
    if (source := _source(of, view)) is not None:
        yield "source", source
    if rests_on is not None and rests_on.validator is not None:
        yield "validator", rests_on.validator


def _is_rehearsal(declared: Leg) -> bool:
    return declared.evidence is not None and declared.evidence.kind == "rehearsal"


def _source(of: str, view: View) -> str | None:
    """Return the source of a provenance: as declared, or what was taken in last. A document that reports an intake has no source here."""
    pinned = view.policy.rehearsal.sources.get(of) if view.policy.rehearsal else None
    if pinned is not None:
        return pinned.sha256
    states = view.policy.lifecycles.leg.states
    taken = [proofs[-1] for path in view.policy.intakes.get(of, ()) if (proofs := view.state.proofs.get(path))]
    standing = [proof for proof in taken if proof.state in states and states[proof.state].counts and not proof.imported]
    accepted = [proof for proof in standing if (proof.kind, proof.of) == ("intake", of) and "source" in proof.binds]
    return max(accepted, key=lambda proof: proof.seq).binds["source"] if accepted else None
