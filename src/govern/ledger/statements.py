"""Statements: what a record says, in the exact text that is signed.

Pure. The shape is that of an in-toto Statement v1: subjects with digests, a predicate type and a predicate.
The schema is closed: an unknown kind, field or form is refused, never passed over.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from govern.canonical import Json, encode
from govern.ledger.moments import parse_stored

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:govern:record:1"

_fits_hex = re.compile(r"[0-9a-f]{64}", re.ASCII).fullmatch
_fits_name = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII).fullmatch
# No part of a path is empty or made of dots alone: it has one spelling, and stays where it is.
_fits_path = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/\.*[A-Za-z0-9_-][A-Za-z0-9._-]*)*", re.ASCII).fullmatch
_fits_leg = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}/[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII).fullmatch
_fits_key = re.compile(r"[a-z0-9@.-]{1,64} [A-Za-z0-9+/]+={0,2}", re.ASCII).fullmatch
_fits_fingerprint = re.compile(r"SHA256:[A-Za-z0-9+/]{43}", re.ASCII).fullmatch
MAX_TEXT = 4000
MAX_PATH = 512


Check = Callable[[Any], bool]


class SchemaUnknownError(ValueError):
    """The statement has a kind, a field or a form that this version does not know."""


class Imported(NamedTuple):
    """The document whose word an imported record is: its name and the digest of its bytes."""

    document: str
    sha256: str


class Basis(NamedTuple):
    """The head that the author saw: how many records, and the digest of the last line, which commits to all."""

    size: int
    last: str


class Statement(NamedTuple):
    """One record's meaning: who says what, on which basis, under which policy."""

    ledger: str | None
    kind: str
    actor: str
    body: Mapping[str, Any]
    basis: Basis
    policy: str
    subjects: tuple[tuple[str, str], ...] = ()
    imported: Imported | None = None

    def text(self) -> str:
        """Return the canonical text, the bytes of which are signed."""
        predicate: dict[str, Json] = {
            "actor": self.actor,
            "basis": {"last": self.basis.last, "size": self.basis.size},
            "body": dict(self.body),
            "kind": self.kind,
            "ledger": self.ledger,
        }
        if self.imported:
            predicate["imported"] = {"document": self.imported.document, "sha256": self.imported.sha256}
        subjects = [("states.yaml", self.policy), *self.subjects]
        return encode(
            {
                "_type": STATEMENT_TYPE,
                "predicate": predicate,
                "predicateType": PREDICATE_TYPE,
                "subject": [{"digest": {"sha256": sha256}, "name": name} for name, sha256 in subjects],
            }
        )


def check_body(kind: str, body: Mapping[str, Any]) -> None:
    """Check the fields of a body against the closed schema of its kind.

    Raises:
        SchemaUnknownError: the kind or the field that does not fit, by name.
    """
    known = _FIELDS.get(kind)
    if known is None:
        raise SchemaUnknownError(f"unknown kind `{kind}`")
    checks, required = known
    for key, value in body.items():
        check = checks.get(key)
        if check is None:
            raise SchemaUnknownError(f"unknown field `{key}` in a record of kind `{kind}`")
        if not check(value):
            raise SchemaUnknownError(f"`{key}` is malformed in a record of kind `{kind}`")
    # No field is unknown here, so that as many as there can be are all of them.
    if len(body) != len(checks) and not required <= body.keys():
        raise SchemaUnknownError(f"`{min(required - body.keys())}` is missing in a record of kind `{kind}`")


def is_name(value: Any) -> bool:
    """Whether it is an id: ASCII, no leading punctuation, at most 128 characters."""
    return isinstance(value, str) and _fits_name(value) is not None


def is_digest(value: Any) -> bool:
    """Whether it is a SHA-256 in lower-case hex."""
    return isinstance(value, str) and _fits_hex(value) is not None


def is_text(value: Any) -> bool:
    """Whether it is a text of a bearable length."""
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and not value.isspace()


def is_seq(value: Any) -> bool:
    """Whether it is a record number or a count; a boolean is neither."""
    return type(value) is int and value >= 0


def is_time(value: Any) -> bool:
    """Whether it is a moment in the stored spelling."""
    try:
        parse_stored(value)
    except (ValueError, TypeError):
        return False
    return True


def _is_key(value: Any) -> bool:
    """Whether it has the form of a public key; `govern.ledger.keys` reads it."""
    return isinstance(value, str) and len(value) <= MAX_TEXT and _fits_key(value) is not None


def _is_fingerprint(value: Any) -> bool:
    return isinstance(value, str) and _fits_fingerprint(value) is not None


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PATH and _fits_path(value) is not None


def _is_leg(value: Any) -> bool:
    return isinstance(value, str) and _fits_leg(value) is not None


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(is_name, value))


def _is_result(value: Any) -> bool:
    return value in ("pass", "fail", "unknown")


def _is_ranges(value: Any) -> bool:
    """Whether it is a list of ranges, each a list of its first and its last number."""
    pairs = isinstance(value, list) and len(value) > 0 and all(isinstance(pair, list) and len(pair) == len(("first", "last")) for pair in value)
    return pairs and all(is_seq(number) for pair in value for number in pair)


def _is_digests(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_path(key) and is_digest(each) for key, each in value.items())


# What evidence was made with, by digest: the change tried, its source, the validator and the policy in force.
BINDINGS = ("change", "source", "validator", "policy")
_EVIDENCE: Mapping[str, Check] = {"kind": is_name, "of": is_name, "sha256": is_digest, "path": _is_path, "says": is_text} | dict.fromkeys(BINDINGS, is_digest)


def _is_evidence(value: Any) -> bool:
    if not isinstance(value, dict) or "kind" not in value or "of" not in value or ("sha256" in value) != ("path" in value):
        return False
    for key, each in value.items():
        check = _EVIDENCE.get(key)
        if check is None or not check(each):
            return False
    return True


# A key that ends in `?` may be left out.
BODIES: Mapping[str, Mapping[str, Check]] = {
    "genesis": {"programme": is_name, "version": is_seq, "templates": _is_digests, "nonce": is_digest},
    "adopt": {"version": is_seq, "policy": is_digest, "previous": is_digest, "templates": _is_digests, "reason": is_text},
    "propose": {"policy": is_digest, "version": is_seq, "reason": is_text},
    "enroll": {"actor": is_name, "key": _is_key, "reason?": is_text},
    "retire": {"key": _is_fingerprint, "reason": is_text},
    "repair": {"sha256": is_digest, "bytes": is_seq},
    "mark": {"name": is_name},
    "note": {"text": is_text},
    "quote": {"about": is_name, "text": is_text},
    "prepare": {"packet": is_name},
    "issue": {"packet": is_name, "packet_sha256?": is_digest},
    "decide": {"packet": is_name, "option": is_name, "packet_sha256?": is_digest, "supersedes?": is_seq, "delegation?": is_seq, "reason?": is_text},
    "refuse": {"packet": is_name, "option": is_name, "reason": is_text},
    "delegate": {"to": is_name, "options": _is_names, "packet": is_name, "scope": is_name, "uses": is_seq, "not_before?": is_time, "expires?": is_time},
    "request": {"grant": is_name, "reason": is_text},
    "grant": {"grant": is_name, "scope": is_name, "instance?": is_seq, "not_before?": is_time, "expires?": is_time, "reason?": is_text},
    "revoke": {"record": is_seq, "reason": is_text},
    "begin": {"action": is_name, "grant?": is_seq},
    "end": {"begin": is_seq, "status": is_seq},
    "lose": {"begin": is_seq, "reason": is_text},
    "resolve": {"begin": is_seq, "reason": is_text},
    "discharge": {"leg": _is_leg, "evidence": _is_evidence},
    "reopen": {"leg": _is_leg, "reason": is_text},
    "open": {"lane": is_name, "reason?": is_text},
    "close": {"lane": is_name, "reason?": is_text},
    "finding": {"finding": is_name, "result": _is_result, "why": is_text},
    "reserve": {"first": is_seq, "last": is_seq, "nonce": is_digest, "for": is_text},
    "fold": {"reservation": is_seq, "first": is_seq, "last": is_seq, "reason?": is_text},
    "withdraw": {"reservation": is_seq, "first": is_seq, "last": is_seq, "reason": is_text},
    "register": {**dict.fromkeys(("body_max?", "ceiling?", "folded_through?", "json?", "markdown?", "index?"), is_seq), "reserved?": _is_ranges},
}  # fmt: skip

_FIELDS: Mapping[str, tuple[Mapping[str, Check], frozenset[str]]] = {
    kind: ({key.rstrip("?"): check for key, check in fields.items()}, frozenset(key for key in fields if not key.endswith("?")))
    for kind, fields in BODIES.items()
}
