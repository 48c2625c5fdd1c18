"""Statements: what a record says, in the exact text that is signed.

Pure. The shape is that of an in-toto Statement v1: subjects with digests, a predicate type and a predicate.
The schema is closed: an unknown kind, field or form is refused, never passed over.
"""

import re
from collections.abc import Callable, Mapping
from sys import intern
from typing import Any, NamedTuple

from govern.canonical import Json, decode, decode_at, encode, quote, unquote
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


def _quoted(pattern: str) -> str:
    """Return the pattern of a text as it stands in a JSON string. There is but one parser: that of what stands in a line."""
    return pattern.replace('"', r'\\"')


_START = f'{{"_type":"{STATEMENT_TYPE}","predicate":{{"actor":"'
_QUOTED_START = _START.replace('"', '\\"')
_ACTOR_AT = len(_QUOTED_START)
# What stands before the body, and what behind the body and the imported document.
_HEAD = re.compile(
    _quoted(
        r'\{"_type":"https://in-toto\.io/Statement/v1","predicate":\{"actor":"([A-Za-z0-9][A-Za-z0-9._-]{0,127})",'
        r'"basis":\{"last":"((?:[0-9a-f]{64})?)","size":(0|[1-9][0-9]{0,8})\},"body":(?=\{)'
    ),
    re.ASCII,
)
_TAIL = re.compile(
    r',"kind":"([a-z]+)","ledger":(?:null|"([0-9a-f]{64})")\},"predicateType":"urn:govern:record:1",'
    r'"subject":\[\{"digest":\{"sha256":"([0-9a-f]{64})"\},"name":"states\.yaml"\}(,.*)?\]\}',
    re.ASCII | re.DOTALL,
)
_TAIL_START = ',\\"kind\\":\\"'
_IMPORTED = ',"imported":'
# A named tuple's own constructor takes twice as long.
_new = tuple.__new__

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


_NO_HEAD = Basis(0, "")


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


class Tail(NamedTuple):
    """What follows the body of a statement, in a line and as a text: the same in most records of one kind."""

    quoted: str
    text: str
    kind: str
    ledger: str | None
    policy: str
    subjects: tuple[tuple[str, str], ...]


class Nearby:
    """What the statements before had around their bodies, and the next most likely has: it saves time and decides nothing."""

    __slots__ = ("actors", "tails")

    def __init__(self) -> None:
        # Names that were read, each as one object; and the last tail of each kind.
        self.actors: dict[str, str] = {}
        self.tails: dict[str, Tail] = {}


def parse_statement(text: str) -> Statement:
    """Return the statement of a canonical text.

    Raises:
        NotCanonicalError: not the one spelling.
        SchemaUnknownError: not of the closed schema.
    """
    return parse_quoted(quote(text), "", _NO_HEAD, Nearby())[0]


def parse_quoted(quoted: str, kind: str, likely: Basis, nearby: Nearby) -> tuple[Statement, str]:
    """Return a statement and its text, from between the quotes of a JSON string.

    The kind and the basis that it most likely has, and what was nearby, save the time to parse them again.

    Raises:
        NotCanonicalError: the statement or the string is not in its one spelling.
        SchemaUnknownError: not of the closed schema.
    """
    actor = nearby.actors.get(quoted[_ACTOR_AT : quoted.find("\\", _ACTOR_AT)], "")
    head = f'{_QUOTED_START}{actor}\\",\\"basis\\":{{\\"last\\":\\"{likely.last}\\",\\"size\\":{likely.size}}},\\"body\\":{{'
    basis, start = likely, len(head) - 1
    if not actor or not quoted.startswith(head):
        actor, basis, start = _parse_head(quoted, nearby)
    tail = nearby.tails.get(kind)
    if tail is None or not quoted.endswith(tail.quoted):
        tail = _find_tail(quoted)
    if not start or tail is None:
        decode(unquote(quoted))
        raise SchemaUnknownError("not a statement of this version")
    nearby.tails[kind] = tail
    middle = unquote(quoted[start : -len(tail.quoted)])
    body, end = decode_at(middle, 0)
    check_body(tail.kind, body)
    imported = _parse_imported(middle[end:]) if end != len(middle) else None
    text = f'{_START}{actor}","basis":{{"last":"{basis.last}","size":{basis.size}}},"body":{middle}{tail.text}'
    return _new(Statement, (tail.ledger, tail.kind, actor, body, basis, tail.policy, tail.subjects, imported)), text


def _parse_head(quoted: str, nearby: Nearby) -> tuple[str, Basis, int]:
    """Return the actor and the basis of a statement, and where its body starts: at 0 if it is no statement."""
    match = _HEAD.match(quoted)
    if match is None:
        return "", _NO_HEAD, 0
    actor, last, size = match.groups()
    actor = nearby.actors.setdefault(actor, intern(actor))
    return actor, _new(Basis, (int(size), last)), match.end()


def _find_tail(quoted: str) -> Tail | None:
    quoted = quoted[max(quoted.rfind(_TAIL_START), 0) :]
    text = unquote(quoted)
    match = _TAIL.fullmatch(text)
    if match is None:
        return None
    kind, ledger, policy, subjects = match.groups()
    return Tail(quoted, text, kind, ledger, policy, _parse_subjects(subjects) if subjects else ())


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
    if not required <= body.keys():
        raise SchemaUnknownError(f"`{min(required - body.keys())}` is missing in a record of kind `{kind}`")


def _parse_subjects(text: str) -> tuple[tuple[str, str], ...]:
    subjects = decode(f"[{text[1:]}]")
    for subject in subjects:
        fits = isinstance(subject, dict) and subject.keys() == {"digest", "name"} and is_text(subject["name"])
        digests = subject["digest"] if fits else None
        if not isinstance(digests, dict) or digests.keys() != {"sha256"} or not is_digest(digests["sha256"]):
            raise SchemaUnknownError("a subject is malformed")
    return tuple((subject["name"], subject["digest"]["sha256"]) for subject in subjects)


def _parse_imported(text: str) -> Imported:
    value: Any = decode(text.removeprefix(_IMPORTED)) if text.startswith(_IMPORTED) else None
    fits = isinstance(value, dict) and value.keys() == {"document", "sha256"} and is_text(value["document"]) and is_digest(value["sha256"])
    if not fits:
        raise SchemaUnknownError("the imported document is malformed")
    return Imported(value["document"], value["sha256"])


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


def _is_digests(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_path(key) and is_digest(each) for key, each in value.items())


_EVIDENCE: Mapping[str, Check] = {"kind": is_name, "of": is_name, "sha256": is_digest, "path": _is_path, "says": is_text}


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
}  # fmt: skip

_FIELDS: Mapping[str, tuple[Mapping[str, Check], frozenset[str]]] = {
    kind: ({key.rstrip("?"): check for key, check in fields.items()}, frozenset(key for key in fields if not key.endswith("?")))
    for kind, fields in BODIES.items()
}
