"""Evidence files: JSON that says of what kind it is, of what, and for which legs.

    {"schema": "govern.evidence/1", "kind": "rehearsal", "of": "toy", "legs": ["BLOCKER/LEG"], "says": "…"}

`without` is a list of declared claims that it only mentions. Other keys are the evidence's own and are bound by the digest. A key twice, or one of these malformed, is refused.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from govern.cli.claimed import mention_fault, refuse_claims_below, refuse_claims_in
from govern.cli.files import read_plain
from govern.cli.leaks import refuse_secrets
from govern.cli.proofs import demand_proof, demand_sealed
from govern.cli.session import Session
from govern.engine.bindings import bindings_of
from govern.evidence.manifest import EVIDENCE_SCHEMA
from govern.ledger.statements import is_name, is_text
from govern.problems import Exit, GovernError, Place, fault


class EvidenceHead(NamedTuple):
    """What an evidence file says of itself, and by which digests it names what it was made with."""

    kind: str
    of: str
    says: str
    binds: Mapping[str, str]


def read_evidence(session: Session, path: Path, leg: str) -> tuple[bytes, EvidenceHead]:
    """Return the bytes of an evidence file, and what it says of itself.

    Raises:
        GovernError: not a plain file, not of the form, made for other legs, or what it shows is no proof (status 3 and 4).
    """
    try:
        content = read_plain(path)
    except OSError as error:
        raise _invalid(path, "EVIDENCE_TYPE", error.strerror or str(error), "a plain file is wanted, no link, pipe or device") from error
    refuse_secrets(str(path), content.decode(errors="replace"))
    try:
        found = json.loads(content.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _invalid(path, "EVIDENCE_FORMAT", f"not the JSON of an evidence file: {error}", "`govern explain evidence` shows the form") from error
    if not isinstance(found, dict) or found.get("schema") != EVIDENCE_SCHEMA:
        raise _invalid(path, "EVIDENCE_FORMAT", f"its `schema` is not {EVIDENCE_SCHEMA}", "`govern explain evidence` shows the form")
    wrong = [key for key in ("kind", "of") if not is_name(found.get(key))]
    says = found.get("says", "")
    legs = [each for each in found["legs"] if isinstance(each, str)] if isinstance(found.get("legs"), list) else []
    if not legs:
        wrong.append("legs")
    if says != "" and not is_text(says):
        wrong.append("says")
    if wrong:
        raise _invalid(path, "EVIDENCE_FORMAT", f"missing or malformed: {', '.join(wrong)}", "`govern explain evidence` shows the form")
    if leg not in legs:
        raise fault(Exit.REFUSED, "BINDING", f"{path}: it was made for {', '.join(legs)}, not for {leg}", help="evidence proves the legs that it names")
    if fault_of := mention_fault(found, session.view.policy):
        raise _invalid(path, "EVIDENCE_FORMAT", fault_of, "`govern explain claims` says what a mention is")
    refuse_claims_in(session, path, found)
    return content, EvidenceHead(found["kind"], found["of"], says, _examined(session, path, content, found))


def _examined(session: Session, path: Path, content: bytes, found: dict[str, Any]) -> Mapping[str, str]:
    """Return what evidence was made with, once it was seen to be a proof of its kind."""
    match found["kind"]:
        case "rehearsal":
            demand_proof(session, path, content)
            return bindings_of(found["rehearsal"])
        case "intake" | "dry-run" as kind:
            demand_proof(session, path, content)
            body = found[kind.replace("-", "_")]
            on = {"data": body["data"]} if kind == "dry-run" else {}
            return {"source": body["source"]["sha256"], "policy": body["programme"]["policy"], **on}
        case "packet":
            demand_sealed(path)
            refuse_claims_below(session, path.parent, "", f"{path.parent}/")
            return {}
        case _:
            return {}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _value in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _invalid(path: Path, code: str, message: str, help: str) -> GovernError:
    return fault(Exit.UNJUDGED, code, message, place=Place(str(path), 1, 1), help=help)
