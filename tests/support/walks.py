"""Walks: histories at random that the evaluator accepts, record by record, from what documents report to what people do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from govern.engine.state import State
from govern.ledger.moments import spell_time
from govern.ledger.statements import Imported
from govern.policy import find
from govern.policy.model import Policy
from support.world import DOCUMENT, SHA, World

_KINDS = (
    "grant", "grant", "grant", "grant", "decide", "decide", "decide", "discharge", "discharge", "issue", "issue", "prepare", "open", "open", "close",
    "begin", "begin", "end", "lose", "resolve", "revoke", "request", "reopen", "finding", "refuse", "delegate",
)  # fmt: skip
_LATER = (0, 0, 0, 0, 5, 30, 61, 86_400)


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was recorded, and its number."""

    kind: str
    actor: str
    body: Mapping[str, Any]
    seq: int
    imported: bool


class Walk:
    """A walk through the histories of a world. `act` is what was done last; nothing where only time passed."""

    def __init__(self, world: World, policy: Policy, seed: int) -> None:
        self.world, self.policy, self.chance = world, policy, Random(seed)

    @property
    def state(self) -> State:
        """What the records so far amount to."""
        return self.world.state

    def steps(self, reports: int, acts: int) -> Iterator[Done | None]:
        """Yield each record that was made, and nothing where the clock was set forward."""
        for _ in range(reports):
            done = self.some_act(DOCUMENT)
            if done:
                yield done
        for _ in range(acts):
            later = self.chance.choice(_LATER)
            if later:
                self.world.now += later
                yield None
            done = self.some_act(None)
            if done:
                yield done

    def some_act(self, imported: Imported | None, tries: int = 25) -> Done | None:
        """Try acts until one is allowed, and record it."""
        for _ in range(tries):
            kind = self.chance.choice(_KINDS)
            body = self.body(kind)
            actor = self.chance.choice(tuple(self.policy.actors))
            if body is not None and not self.world.propose(kind, actor, body, imported):
                return Done(kind, actor, body, self.world.force(kind, actor, body, imported), imported is not None)
        return None

    def body(self, kind: str) -> dict[str, Any] | None:
        """Return what an act of a kind could say, or nothing where there is nothing that it could be about."""
        chance, policy = self.chance, self.policy
        match kind:
            case "grant":
                return self._grant()
            case "request":
                return {"grant": chance.choice(tuple(policy.grants)), "reason": "I ask."}
            case "decide" | "refuse" | "delegate":
                return self._decision(kind)
            case "discharge" | "reopen":
                paths = [path for path, leg in find.leg_paths(policy) if leg.evidence]
                path = chance.choice(paths)
                return {"leg": path, "reason": "Again."} if kind == "reopen" else {"leg": path, "evidence": evidence_of(policy, path)}
            case "issue" | "prepare":
                return {"packet": chance.choice(tuple(policy.packets))}
            case "open" | "close":
                return {"lane": chance.choice([name for name, lane in policy.lanes.items() if lane.opened_by is not None] or [*policy.lanes])}
            case "begin":
                return self._begin()
            case "end" | "lose" | "resolve":
                runs = [run.seq for run in self.state.runs.values() if run.state != "ended"]
                rest: dict[str, Any] = {"status": chance.choice((0, 0, 1))} if kind == "end" else {"reason": "So."}
                return {"begin": chance.choice(runs)} | rest if runs else None
            case "revoke":
                records = [*self.state.instances, *self.state.delegations]
                return {"record": chance.choice(records), "reason": "No more."} if records else None
            case "finding" if policy.findings:
                return {"finding": chance.choice(tuple(policy.findings)), "result": chance.choice(("pass", "fail", "unknown")), "why": "So."}
        return None

    def _grant(self) -> dict[str, Any]:
        chance, name = self.chance, self.chance.choice(tuple(self.policy.grants))
        body: dict[str, Any] = {"grant": name, "scope": str(self.policy.grants[name].scope)}
        if chance.random() < 0.2:
            body["expires"] = spell_time(self.world.now + chance.choice((10, 40)))
        if chance.random() < 0.2:
            body["not_before"] = spell_time(self.world.now + chance.choice((5, 20)))
        known = [each.seq for each in self.state.grants.get(name, ())]
        if known and chance.random() < 0.5:
            body["instance"] = chance.choice(known)
        return body

    def _decision(self, kind: str) -> dict[str, Any] | None:
        chance, (packet, declared) = self.chance, self.chance.choice(tuple(self.policy.packets.items()))
        option = chance.choice(declared.options)
        if kind == "delegate":
            if not any(actor.may_receive_from for actor in self.policy.actors.values()):
                return None
            to = [(name, actor) for name, actor in self.policy.actors.items() if actor.may_receive_from]
            rest = {"to": chance.choice(to)[0], "options": [str(option.id)], "packet": packet, "uses": chance.choice((1, 2))}
            return (
                rest | {"scope": str(option.scope)} | ({"expires": spell_time(self.world.now + 40)} if chance.random() < 0.3 else {}) if option.scope else None
            )
        body: dict[str, Any] = {"packet": packet, "option": str(option.id)}
        if kind == "refuse":
            return body | {"reason": "No."}
        standing = self.world.view().packet(packet)
        superseded = standing.refused.get(option.id, standing.decision)
        body |= {"packet_sha256": SHA} | ({} if superseded is None else {"supersedes": superseded})
        if self.state.delegations and chance.random() < 0.3:
            body["delegation"] = chance.choice(tuple(self.state.delegations))
        return body

    def _begin(self) -> dict[str, Any] | None:
        named = [name for name, action in self.policy.actions.items() if action.needs is not None]
        name = self.chance.choice(named)
        consumes = self.policy.actions[name].consumes
        if consumes is None:
            return {"action": name}
        known = [each.seq for each in self.state.grants.get(consumes, ())]
        if not known or self.chance.random() < 0.1:
            return {"action": name}
        return {"action": name, "grant": self.chance.choice(known)}


def evidence_of(policy: Policy, path: str) -> dict[str, Any]:
    """Return the evidence that a leg wants."""
    wanted = find.leg(policy, path).evidence
    assert wanted is not None
    bound = {} if wanted.kind == "attest" else {"sha256": SHA, "path": f"governance/evidence/{wanted.of}.json"}
    on = {"data": "real-dump"} if wanted.kind == "dry-run" else {}
    return {"kind": wanted.kind, "of": wanted.of, **bound, **on}
