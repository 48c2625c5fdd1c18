"""Bodies of every kind of record: right ones, and values that no field of their type takes."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from govern.ledger.moments import spell_time
from govern.ledger.statements import BODIES

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}"
HEX = "0123456789abcdef" * 4

# The type of a field, by its name. One name is used for two things: a `begin` names the record of a grant.
TYPES = {
    **dict.fromkeys(("programme", "name", "about", "packet", "option", "to", "actor", "scope", "grant", "action", "lane", "finding"), "name"),
    **dict.fromkeys(("version", "supersedes", "delegation", "uses", "instance", "record", "begin", "status", "bytes", "reservation"), "count"),
    **dict.fromkeys(("first", "last", "body_max", "ceiling", "folded_through", "json", "markdown", "index"), "count"),
    **dict.fromkeys(("nonce", "policy", "previous", "packet_sha256", "sha256"), "digest"),
    **dict.fromkeys(("text", "reason", "why", "for"), "text"),
    **dict.fromkeys(("not_before", "expires"), "time"),
    "templates": "digests",
    "key": "key",
    "options": "names",
    "leg": "leg",
    "evidence": "evidence",
    "result": "result",
    "reserved": "ranges",
}


def type_of(kind: str, field: str) -> str:
    """Return the type of a field of a kind of record."""
    if (kind, field) == ("retire", "key"):
        return "fingerprint"
    return "count" if (kind, field) == ("begin", "grant") else TYPES[field]


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAqHBOW9FRp8VDSR8hWEW5PMb2SVEcI44LNKvC6hlHyt"
FINGERPRINT = "SHA256:uIl8HyCE1EDpuFmWVSn9hEFBUzxTKXJvRT+7mUqnkPo"
RIGHT: Mapping[str, Any] = {
    "key": KEY,
    "fingerprint": FINGERPRINT,
    "name": "FIX-1.b_c",
    "count": 3,
    "digest": HEX,
    "text": "because",
    "time": "2026-06-12T07:30:00Z",
    "digests": {"packet.md.j2": HEX},
    "names": ["TRY", "GO"],
    "leg": "READY/tried",
    "evidence": {"kind": "rehearsal", "of": "copy", "sha256": HEX, "path": "governance/evidence/run.json", "says": "it went well"},
    "result": "unknown",
    "ranges": [[485, 494], [495, 495]],
}

_NO_TEXT = [None, True, 0, ["a"], {"a": "b"}, "", " \n\t"]
_NO_NAME = ["-a", ".a", "a b", "a/b", "ä", "a\n", "x" * 129]
WRONG: Mapping[str, list[Any]] = {
    "key": [*_NO_TEXT, KEY + "\n", KEY + " a comment", "AAAA", "ssh-ed25519", "ssh-ed25519  AAAA", "-x AAAA AAAA", f"ssh-rsa {'A' * 4000}"],
    "fingerprint": [*_NO_TEXT, "SHA256:", "uIl8HyCE1EDpuFmWVSn9hEFBUzxTKXJvRT+7mUqnkPo", "SHA256:uIl8HyCE1EDpuFmWVSn9hEFBUzxTKXJvRT+7mUqnkPo=", "MD5:00:11"],
    "name": [*_NO_TEXT, *_NO_NAME],
    "count": [None, True, False, -1, "1", [1]],
    "digest": [*_NO_TEXT, HEX[1:], HEX + "0", HEX.upper(), "g" + HEX[1:], HEX[:63] + "٣"],
    "text": [*_NO_TEXT, "x" * 4001],
    "time": [*_NO_TEXT, "2026-06-12", "2026-06-12T07:30:00", "2026-06-12T09:30:00+02:00", "2026-06-31T00:00:00Z", 1_780_000_000],
    "digests": [
        None,
        [],
        "a",
        {"a": 1},
        {"a": "b"},
        {"/etc/passwd": HEX},
        {"a/../b": HEX},
        {"a/./b": HEX},
        {"a/...": HEX},
        {"./a": HEX},
        {".a": HEX},
        {"a//b": HEX},
        {"a/": HEX},
        {"": HEX},
        {"a b": HEX},
    ],
    "names": [None, [], "TRY", ["TRY", 1], ["TRY", ""], [["TRY"]], {"TRY": "GO"}, *([name] for name in _NO_NAME)],
    "leg": [*_NO_TEXT, "READY", "READY/", "/tried", "READY/tried/again", "READY/-", "READY /tried", "x" * 129 + "/tried"],
    "evidence": [
        *_NO_TEXT,
        {},
        {"kind": "rehearsal"},
        {"of": "copy"},
        {"kind": "rehearsal", "of": 1},
        {"kind": "rehearsal", "of": "copy", "more": "x"},
        {"kind": "rehearsal", "of": "copy", "says?": "x"},
        {"kind": "rehearsal", "of": "copy", "says": ""},
        {"kind": "rehearsal", "of": "copy", "sha256": HEX},
        {"kind": "rehearsal", "of": "copy", "path": "a"},
        {"kind": "rehearsal", "of": "copy", "path": "a", "sha256": "0"},
        {"kind": "rehearsal", "of": "copy", "path": "/a", "sha256": HEX},
        {"kind": "rehearsal", "of": "copy", "path": "a/../../b", "sha256": HEX},
    ],
    "result": [*_NO_TEXT, "PASS", "passed", 1],
    "ranges": [None, [], {}, "a", [485, 494], [[485]], [[1, 2, 3]], [[1, "2"]], [[True, 2]], [[-1, 2]], [(1, 2), "x"], [{"first": 1}]],
}

FIELDS = [(kind, field.rstrip("?")) for kind, fields in BODIES.items() for field in fields]
REQUIRED = [(kind, field) for kind, fields in BODIES.items() for field in fields if not field.endswith("?")]
OPTIONAL = [(kind, field.rstrip("?")) for kind, fields in BODIES.items() for field in fields if field.endswith("?")]


def body_of(kind: str) -> dict[str, Any]:
    """Return a right body with every field of its kind."""
    return {field: RIGHT[type_of(kind, field)] for each, field in FIELDS if each == kind}


names = st.from_regex(NAME_PATTERN, fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(lambda text: not text.isspace())
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
counts = st.integers(min_value=0, max_value=2**53 - 1)
times = st.integers(min_value=-(2**35), max_value=2**37).map(spell_time)
_STRATEGIES: Mapping[str, st.SearchStrategy[Any]] = {
    "name": names,
    "count": counts,
    "digest": digests,
    "text": texts,
    "time": times,
    "digests": st.dictionaries(names, digests, max_size=3),
    "names": st.lists(names, min_size=1, max_size=3),
    "leg": st.tuples(names, names).map("/".join),
    "evidence": st.one_of(
        st.fixed_dictionaries({"kind": names, "of": names}, optional={"says": texts}),
        st.fixed_dictionaries({"kind": names, "of": names, "sha256": digests, "path": names}, optional={"says": texts}),
    ),
    "key": st.sampled_from([KEY, "ssh-ed25519 AAAA"]),
    "fingerprint": st.just(FINGERPRINT),
    "result": st.sampled_from(["pass", "fail", "unknown"]),
}


def bodies(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return any right body of a kind."""
    required = {field: _STRATEGIES[type_of(kind, field)] for each, field in REQUIRED if each == kind}
    optional = {field: _STRATEGIES[type_of(kind, field)] for each, field in OPTIONAL if each == kind}
    return st.fixed_dictionaries(required, optional=optional)
