"""What is proved of small programmes, against a search of real records that knows nothing of proof."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.replay import Replay
from govern.ledger.lines import Chain
from govern.policy.guards import All, AnyOf, AtLeast, GrantFact, Guard, HonouredFact, LaneFact, LegFact
from govern.policy.load import examine_policy, load_policy
from govern.policy.model import Policy
from govern.policy.retelling import without_promises
from govern.proof.promising import build
from govern.proof.proving import Finding, Proof, Prover, Retold, solver_there
from govern.proof.tracing import Trace
from support.labels import Labels
from support.told import Told
from support.walks import Done, Walk
from support.world import World

pytestmark = pytest.mark.search

EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "6"))
WALKS = 12
SMALL: dict[str, Any] = {
    "govern": 1,
    "programme": {"id": "SMALL", "version": 1, "title": "Small"},
    "policy": {"adopted_by": "owner", "signature_waiver": "Nobody signs."},
    "actors": {"owner": {"kind": "person"}, "ann": {"kind": "person"}, "bot": {"kind": "agent"}},
    "scopes": {"work": {"says": "Work."}, "live": {"says": "Live.", "protected": True}},
    "blocker_states": [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
}


def _programme(seed: int) -> str:
    """Return a small programme with an invariant of every form."""
    chance = Random(seed)
    scope = chance.choice(("work", "live"))
    facts: tuple[dict[str, Any], ...] = ({"grant": "G"}, {"honoured": "G"}, {"leg": "B/x"}, {"lane": "gate"}, {"grant": "K"})
    parts = chance.sample(facts, chance.randint(1, 3))
    requires = chance.choice(({"all": parts}, {"any": parts}, parts[0], {"all": [{"grant": "G"}, {"honoured": "G"}]}))
    wanted = chance.choice((requires, {"any": parts}, chance.choice(facts), {"all": parts}))
    odd = {"trigger": "record", "from": ["absent", "requested", *chance.choice(([], ["revoked"]))], "to": "recorded", "by": "authority"}
    beside = {**chance.choice(({}, {"scope": scope})), **chance.choice(({}, {}, {"first_hand": True}))}
    spec = SMALL | {
        "lifecycles": {"use": "standard-1"} | ({"grant": _lifecycle(odd, chance.choice(({"honoured": True}, {"counts": True})))} if chance.random() < 0.5 else {}),
        "grants": {"G": {"scope": scope, "issuer": "owner", **chance.choice(({}, {"expires_after": "1m"}))}, "K": {"scope": scope, "issuer": chance.choice(("owner", "ann"))}},
        "lanes": {"gate": {"scope": scope, "opened_by": chance.choice(("owner", "ann"))}},
        "blockers": {"B": {"legs": {"x": {"by": chance.choice(("bot", "ann")), "evidence": {"rehearsal": "copy"}}}, "guards_nothing": "It may."}},
        "packets": {
            "P": {
                "lane": "gate", "decided_by": "owner", "lineage_gap": "First.", **chance.choice(({}, {"separation_waiver": "Nobody else."})),
                "options": [
                    {"number": "1", "id": "STOP", "hold": True, "says": "Stop."},
                    {"number": "2", "id": "GO", "scope": scope, "says": "Go.", "requires": requires},
                ],
            }
        },
        "actions": {"do": {"needs": {"selected": "P/GO"}, "consumes": "G"}},
        "invariants": {
            "careful": {"never": {"selecting": "P/GO"}, "unless": wanted, **beside},
            "apart": {"never": {"selecting": "P/GO"}, "by": "preparer"},
            "back": {"always_possible": {"decide": "P/STOP"}},
            "there": {"reachable": ["P/GO"]},
            "own": {"only_by": chance.choice(("owner", "ann")), "acts": {"decide": ["P/GO"], "grant": ["G", "K"], "open": ["gate"]}},
            "each": {"distinct": {"selecting": "P/GO"}},
        },
    }  # fmt: skip
    if "B/x" in json.dumps([requires, wanted]):
        spec["blockers"]["B"].pop("guards_nothing")
    return json.dumps(spec, indent=1)


def _lifecycle(record: dict[str, Any], used: dict[str, Any]) -> dict[str, Any]:
    return {
        "initial": "absent",
        "states": {"absent": {}, "requested": {}, "recorded": {"counts": True, "honoured": True}, "consumed": used, "revoked": {}},
        "transitions": [
            {"trigger": "request", "from": "absent", "to": "requested", "by": "anyone"},
            record,
            {"trigger": "consume", "from": "recorded", "to": "consumed", "by": "anyone"},
            {"trigger": "complete", "from": "consumed", "to": "consumed", "by": "anyone"},
            {"trigger": "revoke", "from": ["requested", "recorded", "consumed"], "to": "revoked", "by": "member"},
        ],
    }


def _kept(guard: Guard, labels: Labels, ending: str) -> bool:
    """Whether a guard of these programmes holds of what really happened."""
    match guard:
        case All(all=parts):
            return all(_kept(part, labels, ending) for part in parts)
        case AnyOf(any=parts):
            return any(_kept(part, labels, ending) for part in parts)
        case AtLeast(at_least=wanted, of=parts):
            return sum(_kept(part, labels, ending) for part in parts) >= wanted
        case GrantFact(grant=name):
            return f"given{ending}" in labels[f"grant:{name}"]
        case HonouredFact(honoured=name):
            return f"kept{ending}" in labels[f"grant:{name}"]
        case LegFact(leg=path):
            return f"shown{ending}" in labels.get(f"leg:{path}", frozenset())
        case LaneFact(lane=name):
            return f"opened{ending}" in labels.get(f"lane:{name}", frozenset())
    raise AssertionError(guard)


@dataclass
class Reader:
    """Reads records one by one, and notes each promise that one of them breaks, and what was reached."""

    policy: Policy
    told: Told
    broken: set[str]

    @classmethod
    def of(cls, policy: Policy) -> "Reader":
        return cls(policy, Told(policy), set())

    def read(self, done: Done, now: int, preparers: set[str]) -> None:
        """Read one more record; `preparers` prepared the packet or made the newest evidence before it."""
        body = done.body
        if done.kind == "decide" and not done.imported and body["option"] == "GO":
            self.broken |= set(self._broken(done, now, preparers)) | {"reached"}
        only = self.policy.invariants["own"].only_by
        if not done.imported and done.actor != only and self._brings(done):
            self.broken.add("own")
        self.told.tell(done, now)

    def _broken(self, done: Done, now: int, preparers: set[str]) -> Iterator[str]:
        invariant = self.policy.invariants["careful"]
        assert invariant.unless is not None
        protected = self.policy.scopes[self.policy.grants["G"].scope].protected
        if not _kept(invariant.unless, self.told.labels(now), ", first-hand" if invariant.first_hand or protected else ""):
            yield "careful"
        if done.actor in preparers:
            yield "apart"

    def _brings(self, done: Done) -> bool:
        return done.kind in ("grant", "open") or (done.kind == "decide" and done.body["option"] == "GO")


def _preparers(world: World, policy: Policy) -> set[str]:
    """Return who prepared the packet or made the newest evidence of the leg, where the option rests on it."""
    rests = "B/x" in str(policy.packets["P"].options[1].requires)
    made = {proof.actor for proof in world.state.proofs.get("B/x", [])[-1:]} if rests else set()
    return {*world.view().packet("P").preparers, *made}


def _seen(retold: str, text: str, seed: int) -> set[str]:
    """Return what walks through a programme break, and reach, where its promises are not judged on entry."""
    found: set[str] = set()
    policy = load_policy(text.encode())
    for number in range(WALKS):
        world, reader = World(retold, keyless=True), Reader.of(policy)
        before = _preparers(world, policy)
        for done in Walk(world, policy, seed + number).steps(number % 3, 25):
            if done is not None:
                reader.read(done, world.now, before)
                before = _preparers(world, policy)
        found |= reader.broken
    return found


@cache
def _proofs(text: str, *, solver: bool) -> tuple[Proof, ...]:
    source = text.encode()
    retold = without_promises(source)
    system, promised = build(load_policy(source))
    prover = Prover(system, Retold(load_policy(retold), retold), solver=solver)
    return tuple(prover.prove(each) for each in promised)


def _replayed(trace: Trace, policy: Policy) -> None:
    """Play the lines of a trace by a fresh evaluator, which refuses what is not allowed."""
    replay = Replay(lambda _sha256: policy, Chain())
    replay.take_all([line.removesuffix(b"\n") for line in trace.lines])
    assert replay.state.size == len(trace.told) + 1


def _found(text: str, *, solver: bool) -> dict[str, set[Finding]]:
    found: dict[str, set[Finding]] = {}
    for proof in _proofs(text, solver=solver):
        found.setdefault(proof.promised.invariant, set()).add(proof.finding)
    return found


@pytest.mark.parametrize("solver", [False, pytest.param(True, marks=pytest.mark.skipif(not solver_there(), reason="no solver is installed"))])
@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**48))
def test_what_is_proved_no_walk_breaks_and_what_is_broken_is_shown_by_records(*, seed: int, solver: bool) -> None:
    text = next(each for number in range(100) if _passes(each := _programme(seed + number)))
    seen = _seen(without_promises(text.encode()).decode(), text, seed)

    for name, findings in _found(text, solver=solver).items():
        if findings <= {Finding.PROVED, Finding.IDLE}:
            assert name not in seen, f"{name} is {findings}, and a history breaks it:\n{text}"
    for proof in _proofs(text, solver=solver):
        if proof.trace is not None:
            _replayed(proof.trace, load_policy(without_promises(text.encode())))
    if Finding.BROKEN in _found(text, solver=solver)["there"]:
        assert "reached" not in seen, "an option that cannot be reached was decided"


def _passes(text: str) -> bool:
    return examine_policy(text.encode()).passed


@pytest.mark.skipif(not solver_there(), reason="no solver is installed")
@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**48))
def test_the_solver_and_the_search_never_contradict_each_other(seed: int) -> None:
    text = next(each for number in range(100) if _passes(each := _programme(seed + number)))

    for one, other in zip(_proofs(text, solver=True), _proofs(text, solver=False), strict=True):
        assert {one.finding, other.finding} != {Finding.PROVED, Finding.BROKEN}, f"{one.promised.says}: {one} and {other}, of\n{text}"
