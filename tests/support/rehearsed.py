"""Evidence of rehearsals that were never made: well-formed, passing, and fabricated, as only a repetition would find out."""

import secrets
from collections.abc import Mapping
from typing import Any

from govern.canonical import encode
from govern.engine.bindings import change_digest
from govern.evidence.executed import own_validator
from govern.evidence.validator import good
from govern.policy.model import Policy

# What was taken in, by its digest, where no file of it is needed.
HANDED_OVER = "9" * 64


def rehearsal_evidence(policy: Policy, programme: Mapping[str, str], of: str, *legs: str, **more: Any) -> dict[str, Any]:
    """Return evidence of a rehearsal on data of a provenance that passes, and fits what the policy declares.

    `programme` names the ledger and the policy in force; `more` goes into its body.
    """
    content = good("sqlite")
    content |= {"of": of, "legs": list(legs)}
    rests_on = policy.rehearsal
    label = rests_on.label if rests_on else None
    if of == "surrogate":
        content["label"] = label or "GENERATED"
    body = content["rehearsal"]
    body["run"] |= {"nonce": secrets.token_hex(32), "started": "2026-06-30T08:00:00Z", "ended": "2026-06-30T08:00:03Z"}
    body["programme"] = dict(programme) | {"validator": own_validator().sha256}
    body["surfaces"] = [{"surface": name, "status": "untouched", "because": "fabricated"} for name in policy.surfaces]
    changes = rests_on.changes if rests_on else {}
    for name, change in changes.items():
        body["change"] |= {"name": name}
        body["change"]["apply"]["sha256"] = change.apply.sha256
        if change.revert:
            body["change"]["revert"]["sha256"] = change.revert.sha256
    if rests_on and of in rests_on.sources:
        body["source"] |= {"sha256": rests_on.sources[of].sha256, "sha256_after": rests_on.sources[of].sha256}
    body |= more
    return content


def rehearsal_bytes(policy: Policy, programme: Mapping[str, str], of: str, *legs: str, **more: Any) -> bytes:
    """Return the bytes of such evidence."""
    return (encode(rehearsal_evidence(policy, programme, of, *legs, **more)) + "\n").encode()


def other_bytes(programme: Mapping[str, str], kind: str, of: str, *legs: str, **more: Any) -> bytes:
    """Return the bytes of evidence of an intake or of a dry run that passes; `more` goes into its head."""
    body = good("sqlite")["rehearsal"]
    shared = {name: body[name] for name in ("version", "tool", "source", "isolation", "connections", "engine", "gate")}
    run = {"started": "2026-06-30T08:00:00Z", "milliseconds": {"load": 9}}
    probes = [{"name": name, "expected": code, "got": code} for name, code in (("create-table", "WRITE_REFUSED"), ("control", "allowed"))]
    state = body["paths"][0]["before"]
    found: dict[str, Any] = {"programme": dict(programme), "shape": {}, "statement": "It is what it says."}
    if kind == "dry-run":
        found = {"programme": {**programme, "validator": own_validator().sha256}, "data": "real-dump", "run": run, "probes": probes}
        found |= {"script": {"sha256": "5" * 64, "bytes": 9, "statements": 1}, "before": state, "after": state}
    head = {"schema": "govern.evidence/1", "kind": kind, "of": of, "legs": list(legs), **more}
    return (encode({**head, kind.replace("-", "_"): {**shared, **found}}) + "\n").encode()


def bound_to(policy: Policy, leg: str) -> dict[str, str]:
    """Return what the evidence of a leg must be bound to: the change that it names, its source and the validator, where they are pinned."""
    declared, rests_on = policy.legs[leg], policy.rehearsal
    if declared.evidence is not None and declared.evidence.kind == "intake":
        return {"source": HANDED_OVER}
    if rests_on is None or declared.evidence is None or declared.evidence.kind != "rehearsal":
        return {}
    found = {} if declared.change is None else {"change": change_digest(rests_on.changes[declared.change])}
    pinned = rests_on.sources.get(declared.evidence.of)
    found |= {"source": pinned.sha256 if pinned else HANDED_OVER}
    return found | ({} if rests_on.validator is None else {"validator": rests_on.validator})
