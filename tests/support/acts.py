"""Acts of every kind that pass the statement schema, sensible and hostile, for hypothesis."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from govern.ledger.statements import BODIES, Imported
from govern.policy import find
from govern.policy.model import Policy
from support.bodies import FINGERPRINT, KEY
from support.world import DOCUMENT, SHA, signer

TIMES = ("1970-01-01T00:00:00Z", "1970-01-01T00:00:05Z", "1970-01-01T00:01:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z")


class Attempt(NamedTuple):
    """An act that somebody tries at a moment, so many seconds after the one before."""

    kind: str
    actor: str
    body: dict[str, Any]
    imported: Imported | None
    later: int


_COUNTS = frozenset(
    [
        "supersedes",
        "delegation",
        "bytes",
        "grant",
        "instance",
        "record",
        "begin",
        "status",
        "uses",
        "version",
        "reservation",
        "first",
        "last",
        "body_max",
        "ceiling",
        "folded_through",
        "json",
        "markdown",
        "index",
    ]
)
_FEW: dict[str, list[Any]] = {
    "result": ["pass", "fail", "unknown"],
    "templates": [{}, {"a.md.j2": SHA}],
    "reserved": [[[1, 2]], [[5, 9], [10, 10]], [[3, 1]], [[0, 0]]],
}


def attempts(policy: Policy, *, policies: Sequence[str] = (), kinds: Sequence[str] = tuple(BODIES)) -> st.SearchStrategy[Attempt]:
    """Return acts on a policy: names that it declares and names that it does not, record numbers near and far."""
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.builds(
            Attempt,
            st.just(kind),
            _names(policy.actors),
            _body(kind, policy, policies),
            st.sampled_from([None, None, None, DOCUMENT]),
            st.sampled_from([0, 0, 1, 30, 86_400]),
        )
    )


def _names(declared: Sequence[str] | dict[str, Any]) -> st.SearchStrategy[str]:
    return st.sampled_from([*map(str, declared), *map(str, declared), "nobody"])


def _body(kind: str, policy: Policy, policies: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    needed = {key: _value(kind, key, policy, policies) for key in BODIES[kind] if not key.endswith("?")}
    optional = {key.rstrip("?"): _value(kind, key.rstrip("?"), policy, policies) for key in BODIES[kind] if key.endswith("?")}
    return st.fixed_dictionaries(needed, optional=optional)


def _value(kind: str, key: str, policy: Policy, policies: Sequence[str]) -> st.SearchStrategy[Any]:
    options = [option for packet in policy.packets.values() for option in packet.options]
    sections: dict[str, Sequence[str] | dict[str, Any]] = {
        "packet": policy.packets, "lane": policy.lanes, "finding": policy.findings, "action": policy.actions, "to": policy.actors, "actor": policy.actors,
        "scope": policy.scopes, "leg": [path for path, _leg in find.leg_paths(policy)], "programme": [policy.programme.id],
        "option": [word for option in options for word in (option.id, option.id, option.number)], "name": ["S0", "S1"], "about": ["S0"],
    }  # fmt: skip
    if key == "leg":
        return st.sampled_from([*sections["leg"], "nobody/nothing"])
    if key == "grant" and kind in ("grant", "request"):
        return _names(policy.grants)
    if key in sections:
        return _names(sections[key])
    if key in _FEW:
        return st.sampled_from(_FEW[key])
    match key:
        case "options":
            return st.lists(_names([option.id for option in options]), min_size=1, max_size=3)
        case _ if key in _COUNTS:
            return st.sampled_from([*range(14), 2**53 - 1])
        case "not_before" | "expires":
            return st.sampled_from(TIMES)
        case "evidence":
            return _evidence(policy)
        case "key" if kind == "retire":
            return st.sampled_from([*(signer(str(name)).key for name in policy.actors), FINGERPRINT])
        case "key":
            return st.sampled_from([KEY, "ssh-ed25519 AAAA"])
        case "policy" | "previous" | "packet_sha256" | "sha256" | "nonce":
            return st.sampled_from([*policies, SHA])
    return st.just("a reason")


def _evidence(policy: Policy) -> st.SearchStrategy[dict[str, str]]:
    wanted = [(leg.evidence.kind, leg.evidence.of) for _path, leg in find.leg_paths(policy) if leg.evidence]
    file = st.sampled_from([{}, {"sha256": SHA, "path": "governance/evidence/run.json"}])
    return st.builds(lambda pair, bound: {"kind": pair[0], "of": pair[1], **bound}, st.sampled_from([*wanted, ("attest", "nothing")]), file)
