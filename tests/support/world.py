"""A programme in memory: acts are proposed as on the command line, recorded where they are allowed, and judged at any moment."""

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from govern.canonical import digest
from govern.engine.acts import Act
from govern.engine.causes import Cause, Requirement
from govern.engine.explain import blocking
from govern.engine.machine import propose
from govern.engine.replay import Replay
from govern.engine.state import Key, State
from govern.engine.verdicts import Verdict, find_target, verdict
from govern.engine.view import EvidenceFact, View
from govern.ledger.lines import Chain, encode_line
from govern.ledger.sshsig import Signer
from govern.ledger.statements import Basis, Imported, Statement, check_body
from govern.policy.load import load_policy
from govern.policy.model import Policy

FIX7 = (Path(__file__).parents[2] / "states.yaml").read_text()
DOCUMENT = Imported("minutes.md", "d" * 64)
SHA = "5" * 64

_load = cache(load_policy)


class World:
    """A ledger in memory under a policy, with a clock that only moves when it is set."""

    def __init__(self, policy: str, now: int = 0, genesis: Mapping[str, Any] | None = None, *, keyless: bool = False) -> None:
        self.keyless = keyless
        self._start(policy, now)
        declared = self._policy(self.policy_digest)
        body = {"programme": declared.programme.id, "version": declared.programme.version, "templates": {}, "nonce": "0" * 64}
        self.force("genesis", next(iter(declared.actors)), {**body, **(genesis or {})})

    @classmethod
    def without_genesis(cls, policy: str) -> "World":
        """Return a world whose ledger is empty."""
        world = cls.__new__(cls)
        world.keyless = False
        world._start(policy, 0)
        return world

    def _start(self, policy: str, now: int) -> None:
        self.now = now
        self.lines: list[bytes] = []
        self.sources: dict[str, bytes] = {}
        self.policy_digest = self.keep(policy)
        self.replay = self.fresh()

    def fresh(self) -> Replay:
        """Return a replay of nothing, in which every person of the first policy has a key that needs no record."""
        replay = Replay(self._policy, Chain(verify=_believe))
        first = next(iter(self.sources))
        if not self.keyless:
            replay.state.keys = {signer(name).key: Key(signer(name).key, name, f"ssh-test {name}", 0) for name in _persons(self._policy(first))}
        return replay

    @property
    def state(self) -> State:
        """What the records so far amount to."""
        return self.replay.state

    def keep(self, policy: str) -> str:
        """Keep the text of a policy, so that it can be adopted; return its digest."""
        source = policy.encode()
        self.sources[digest(source)] = source
        return digest(source)

    def view(self, now: int | None = None, evidence: Mapping[int, EvidenceFact] | None = None) -> View:
        """Return the state as it stands, judged at a moment."""
        return self.replay.view(self.now if now is None else now, evidence)

    def propose(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None = None) -> tuple[Requirement, ...]:
        """Return why an act is refused, or nothing."""
        check_body(kind, body)
        body = bound(kind, body)
        return propose(self.act(kind, actor, body, imported), self.view())

    def act(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None = None) -> Act:
        """Return an act as its actor would make it: a person signs."""
        adopts = self._policy(body["policy"]) if kind == "adopt" and body["policy"] in self.sources else None
        return Act(kind, actor, body, imported, self._signer(actor, imported), adopts)

    def _signer(self, actor: str, imported: Imported | None) -> Signer | None:
        known = any(key.actor == actor for key in self.state.keys.values())
        return signer(actor) if known and imported is None else None

    def record(self, kind: str, actor: str, /, **body: Any) -> int:
        """Record an act that must be allowed; return its number."""
        return self._record(kind, actor, body, None)

    def sign(self, by: Signer | None, kind: str, actor: str, /, **body: Any) -> tuple[Requirement, ...]:
        """Record an act that a key has signed, or none, where it is allowed; return why it is refused."""
        check_body(kind, body)
        body = dict(bound(kind, body))
        adopts = self._policy(body["policy"]) if kind == "adopt" and body["policy"] in self.sources else None
        refusals = propose(Act(kind, actor, body, None, by, adopts), self.view())
        if not refusals:
            self._put(kind, actor, body, None, armor_of(by))
        return refusals

    def report(self, kind: str, actor: str, /, **body: Any) -> int:
        """Record an act as a document reports it, which must be allowed; return its number."""
        return self._record(kind, actor, body, DOCUMENT)

    def refusals(self, kind: str, actor: str, /, **body: Any) -> dict[str, Requirement]:
        """Return the refusals of an act that must be refused, by id; nothing is recorded and nothing has changed."""
        return self._refusals(kind, actor, body, None)

    def report_refusals(self, kind: str, actor: str, /, **body: Any) -> dict[str, Requirement]:
        """Return the refusals of a report that must be refused, by id."""
        return self._refusals(kind, actor, body, DOCUMENT)

    def causes(self, kind: str, actor: str, /, **body: Any) -> dict[str, Cause | None]:
        """Return the causes for which an act is refused, by the id of the requirement."""
        return {name: each.cause for name, each in self._refusals(kind, actor, body, None).items()}

    def verdict(self, address: str, now: int | None = None, evidence: Mapping[int, EvidenceFact] | None = None) -> Verdict:
        """Return the verdict on an address, at a moment."""
        view = self.view(now, evidence)
        return verdict(find_target(address, view), view)

    def allowed(self, address: str, now: int | None = None) -> bool:
        """Whether what an address names is allowed, at a moment."""
        return self.verdict(address, now).allowed

    def blocking(self, address: str, now: int | None = None, evidence: Mapping[int, EvidenceFact] | None = None) -> dict[str, Requirement]:
        """Return the requirements for want of which an address is not allowed, by id."""
        return {each.id: each for each in blocking(self.verdict(address, now, evidence))}

    def force(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None = None) -> int:
        """Put a line into the ledger that nobody judged before, as an editor could; return its number."""
        return self._put(kind, actor, body, imported, armor_of(None if kind == "genesis" else self._signer(actor, imported)))

    def _put(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None, armor: str | None) -> int:
        chain = self.replay.chain
        statement = Statement(chain.ledger, kind, actor, bound(kind, body), Basis(chain.size, chain.last), self.policy_digest, imported=imported)
        line = encode_line(chain, statement, self.now, armor).removesuffix(b"\n")
        self.replay.take_all([line])
        self.lines.append(line)
        self.policy_digest = self.state.policy_digest
        return len(self.lines) - 1

    def successor(self, policy: str) -> dict[str, Any]:
        """Return the body that adopts a policy as the next version."""
        version = self.state.version + 1
        text = re.sub(r"version: [0-9]+", f"version: {version}", policy, count=1)
        return {"version": version, "policy": self.keep(text), "previous": self.state.policy_digest, "templates": {}, "reason": "it must change"}

    def replayed(self, size: int | None = None) -> State:
        """Return the state of the first `size` lines, replayed from nothing."""
        return self.replay_of(size).state

    def replay_of(self, size: int | None = None) -> Replay:
        """Return a replay of the first `size` lines, from nothing."""
        replay = self.fresh()
        replay.take_all(self.lines[:size])
        return replay

    def _record(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None) -> int:
        refusals = self.propose(kind, actor, body, imported)
        assert not refusals, [(each.id, each.cause, each.why) for each in refusals]
        return self.force(kind, actor, body, imported)

    def _refusals(self, kind: str, actor: str, body: Mapping[str, Any], imported: Imported | None) -> dict[str, Requirement]:
        before = snapshot(self.state)
        refusals = self.propose(kind, actor, body, imported)
        assert refusals, f"{kind} by {actor} is allowed"
        assert all(each.truth is not True and each.cause is not None and each.why for each in refusals)
        assert snapshot(self.state) == before
        return {each.id: each for each in refusals}

    def _policy(self, sha256: str) -> Policy:
        return _load(self.sources[sha256])


def bound(kind: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a body; a decision is made on a packet, here always the same where none is named."""
    return {"packet_sha256": SHA, **body} if kind == "decide" else body


def signer(actor: str) -> Signer:
    """Return whose key an actor signs with here: a software key of theirs."""
    return Signer(f"SHA256:{actor:A<43}"[:50].replace("-", "+").replace("_", "/").replace(".", "/"), hardware=False, verified=False)


def armor_of(by: Signer | None) -> str | None:
    """Return a signature that says who made it."""
    return f"{by.key} {by.hardware:d} {by.verified:d}" if by else None


def _believe(armor: str, message: bytes, namespace: str) -> Signer:
    """Believe a signature that says who made it; real ones are verified in tests/ledger and tests/cli."""
    del message, namespace
    key, hardware, verified = armor.split(" ")
    return Signer(key, hardware=hardware == "1", verified=verified == "1")


def _persons(policy: Policy) -> list[str]:
    return [name for name, actor in policy.actors.items() if actor.kind == "person"]


def snapshot(state: State) -> dict[str, Any]:
    """Return everything that a state holds, to be compared."""
    return {name: deepcopy(getattr(state, name)) for name in State.__slots__}


def evidence(kind: str, of: str, **more: str) -> dict[str, str]:
    """Return the evidence of a discharge: a file that it binds, or the actor's own word."""
    bound = {} if kind == "attest" else {"sha256": SHA, "path": f"governance/evidence/{of}.json"}
    on = {"data": "real-dump"} if kind == "dry-run" else {}
    return {"kind": kind, "of": of, **bound, **on, **more}
