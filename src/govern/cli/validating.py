"""What only the programme knows about evidence: the ledger and the policy in force, its changes, sources, label, legs and surfaces."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govern.cli.claimed import evidence_uses
from govern.cli.session import Session
from govern.engine.bindings import bindings_of, moved
from govern.engine.claims import judge_claim

Failure = tuple[str, str]


def against_programme(session: Session, evidence: Mapping[str, Any]) -> list[Failure]:
    """Return what is wrong with evidence that is of the form, as the programme sees it: by name, and in a sentence."""
    return [
        *_made_here(session, evidence["rehearsal"], ("ledger", "policy")),
        *_label(session, evidence),
        *_pinned_elsewhere(session, evidence),
        *_legs(session, evidence),
        *_surfaces(session, evidence["rehearsal"]),
        *_claims(session, evidence),
    ]


def against_record(session: Session, evidence: Mapping[str, Any]) -> list[Failure]:
    """Return what is wrong beside that which is judged, with its cause, when a record binds the evidence to a leg."""
    body = evidence[evidence["kind"].replace("-", "_")]
    found = [*_of_this_ledger(session, body), *_label(session, evidence), *_pinned_elsewhere(session, evidence)]
    return [*found, *_surfaces(session, body)] if evidence["kind"] == "rehearsal" else found


def _of_this_ledger(session: Session, body: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what is missing for evidence to be of this ledger; that its policy is the one in force is judged with the record."""
    yield from _made_here(session, body, ("ledger",))
    if body["programme"]["policy"] is None:
        yield "policy-missing", "it was made outside a programme: it names no policy"


def _made_here(session: Session, body: Mapping[str, Any], names: Sequence[str]) -> Iterator[Failure]:
    in_force = {"ledger": str(session.replay.chain.ledger), "policy": session.view.state.policy_digest}
    for name in names:
        digest = in_force[name]
        made = body["programme"][name]
        if made is None:
            yield f"{name}-missing", f"it was made outside a programme: it names no {name}"
        elif made != digest:
            yield f"{name}-other", f"it was made under the {name} {made[:16]}, and in force is {digest[:16]}"


def _label(session: Session, evidence: Mapping[str, Any]) -> Iterator[Failure]:
    declared = session.rehearsal.label
    if _provenance(evidence) == "surrogate" and evidence.get("label") != declared:
        wanted = f"`{declared}`" if declared else "none, so that no surrogate counts"
        yield "label-other", f"its label is `{evidence.get('label')}`, and the programme declares {wanted}"


def _pinned_elsewhere(session: Session, evidence: Mapping[str, Any]) -> Iterator[Failure]:
    """What the policy pins as one provenance is never evidence of another."""
    source = evidence[evidence["kind"].replace("-", "_")]["source"]["sha256"]
    pinned = session.rehearsal.sources
    names = [name for name, file in pinned.items() if file.sha256 == source]
    of = _provenance(evidence)
    if names and of not in names:
        yield "source-other", f"its source is declared as {names[0]}, and it is given as {of}"


def _provenance(evidence: Mapping[str, Any]) -> str:
    """Return what the data is that evidence was made on; a dry run is of a surface, and says it beside that."""
    return str(evidence["dry_run"]["data"] if evidence["kind"] == "dry-run" else evidence["of"])


def _legs(session: Session, evidence: Mapping[str, Any]) -> Iterator[Failure]:
    """Each leg is declared, asks for evidence of this kind and provenance, and for the change, source and validator that it was made with."""
    legs = dict(session.view.policy.legs)
    binds = bindings_of(evidence["rehearsal"])
    for name in evidence["legs"]:
        if name not in legs:
            yield "leg-unknown", f"no leg is called {name}"
            continue
        asked = legs[name].evidence
        if asked is None or (asked.kind, asked.of) != (evidence["kind"], evidence["of"]):
            wanted = f"{asked.kind} of {asked.of}" if asked else "no evidence"
            yield "leg-other", f"{name} asks for {wanted}, and this is {evidence['kind']} of {evidence['of']}"
            continue
        yield from ((f"{what}-moved", f"for {name}, it {why}") for what, why in moved(binds, evidence["of"], legs[name], session.view))


def _claims(session: Session, evidence: Mapping[str, Any]) -> Iterator[Failure]:
    """Nothing in evidence claims what the state does not support."""
    view = session.view
    for token, letters in view.policy.tokens:
        if judge_claim(token, view).truth is not True and any(evidence_uses(evidence, ((token, letters),))):
            yield "claim-unsupported", f"it uses {token}, and nothing supports it now"


def _surfaces(session: Session, body: Mapping[str, Any]) -> Iterator[Failure]:
    found = {each["surface"] for each in body["surfaces"]}
    for name in session.view.policy.surfaces:
        if name not in found:
            yield "surface-missing", f"nothing is said of surface {name}"
