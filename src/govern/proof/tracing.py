"""From rules back to records: a history that was found is played through the ordinary evaluator before it is told.

Pure: lines in memory. Each rule becomes the record that it stands for, judged and applied as any other; where one is
refused, the history was no history.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from govern.canonical import digest
from govern.engine.acts import Act
from govern.engine.bindings import wanted_bindings
from govern.engine.machine import motions, propose
from govern.engine.replay import Replay
from govern.engine.state import GrantInstance
from govern.ledger.lines import encode_line
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Imported, Statement
from govern.policy import find
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.policy.reach import can_fill
from govern.policy.retelling import next_version
from govern.proof.automata import LATER
from govern.proof.happened import Happened, Labels
from govern.proof.system import Deed, Rule

_BEGAN = 1_767_225_600  # 2026-01-01T00:00:00Z; a trace needs some clock, and this one says nothing
_STEP = 1
_DAY = 86_400
_LATER = 2 * _DAY
_REASON = "a step of this trace"
_DOCUMENT = Imported("a-document-of-this-trace.md", digest(b"a document of this trace"))


@dataclass(frozen=True, slots=True)
class Told:
    """One record of a trace: who, what, and what it moved from which state to which."""

    seq: int
    actor: str
    act: str
    moved: tuple[tuple[str, str], ...]
    reported: bool


@dataclass(slots=True)
class Trace:
    """A history as records that the evaluator accepts: the lines of a ledger, the files that it binds, and what each says.

    `before` and `after` are what had happened when the last record was made, and what has by it.
    """

    lines: list[bytes] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    before: Labels = field(default_factory=dict)
    after: Labels = field(default_factory=dict)


class _RefusedError(Exception):
    """The evaluator refuses a record, or nothing on record fits the rule."""


def play(policy: Policy, source: bytes, rules: Sequence[Rule]) -> Trace | None:
    """Return the records of a history under a policy, or nothing where the evaluator refuses one of them."""
    declared = {*policy.packets, *policy.grants, *policy.legs, *policy.lanes, *policy.findings, *policy.actions, ""}
    declared |= {f"{name}/{option.id}" for name, packet in policy.packets.items() for option in packet.options}
    if any(rule.deed.of not in declared for rule in rules):
        return None
    # Documents report right after genesis, whenever the rule was found.
    ordered = sorted(rules, key=lambda rule: not rule.deed.kind.startswith("report "))
    playing = _Playing(policy, source, ordered)
    try:
        for at, rule in enumerate(ordered):
            if at == len(ordered) - 1:
                playing.trace.before = playing.happened.labels(playing.replay.view(playing.now + _STEP))
            playing.take(at, rule)
    except _RefusedError:
        return None
    playing.trace.after = playing.happened.labels(playing.replay.view(playing.now))
    return playing.trace


class _Playing:
    """A ledger in memory that grows rule by rule."""

    def __init__(self, policy: Policy, source: bytes, rules: Sequence[Rule]) -> None:
        self.policy, self.rules, self.now = policy, rules, _BEGAN
        self.source = source
        self.policies = {digest(source): policy}
        self.trace, self.happened = Trace(), Happened(policy)
        self.replay = Replay(self.policies.__getitem__)
        body = {
            "programme": str(policy.programme.id),
            "version": policy.programme.version,
            "templates": {},
            "nonce": digest(" ".join(rule.name for rule in rules).encode()),
        }
        self._append(Act("genesis", find.everyone(policy, policy.policy.adopted_by)[0], body))

    def take(self, at: int, rule: Rule) -> None:
        """Take a rule: let time pass, or record what it stands for by the first of its actors who may."""
        kind, reported = rule.deed.kind.removeprefix("report "), rule.deed.kind.startswith("report ")
        if kind == "time":
            self.now += self._patience(rule.deed)
        # What documents report of one instance is several records, one on another.
        first, *rest = kind.split() if reported and kind.startswith(("grant", "request")) else _REPORTED_RUNS.get(kind, (kind,)) if reported else (kind,)
        if first != "time":
            self._record(first, rule, at, _DOCUMENT if reported else None)
        for _ in range(len(rule.actors) if first in ("grant", "open") and not reported else 0):
            # In the system a last word completes an authority, whose words before it may have been fewer than it takes.
            waiting = self._waiting(first, rule.deed.of)
            if waiting is None:
                break
            self._record(first, replace(rule, deed=replace(rule.deed, source=waiting)), at, None)
        for step in rest:
            newest = self.replay.state.grants.get(rule.deed.of, [])[-1:]
            self._record(step, replace(rule, deed=replace(rule.deed, source=newest[0].state if newest else "")), at, _DOCUMENT)

    def _patience(self, deed: Deed) -> int:
        """Return how long it takes until a window opens or closes, or evidence is too old."""
        if deed.of in self.policy.legs:
            return find.leg(self.policy, deed.of).fresh_for or _DAY
        return _LATER

    def _record(self, kind: str, rule: Rule, at: int, imported: Imported | None) -> None:
        for actor in self._willing(kind, rule):
            for body in self._bodies(kind, rule.deed, actor, at):
                act = Act(_KINDS.get(kind, kind), actor, body, imported, None, self.policies.get(body.get("policy", "")))
                view = self.replay.view(self.now + _STEP)
                if not propose(act, view):
                    self.now += _STEP
                    moved = tuple((motion.source, motion.dest) for motion in motions(act, view)) if not imported else ()
                    seq = self._append(act)
                    self.happened.tell(act, seq, self.now)
                    self.trace.told.append(Told(seq, actor, _spell(act), moved, imported is not None))
                    return
        raise _RefusedError

    def _willing(self, kind: str, rule: Rule) -> tuple[str, ...]:
        """Return who takes a rule, in the order in which they are asked: who asks for a grant cannot give it; words are to fill places."""
        of = rule.deed.of
        if kind == "request":
            givers = find.everyone(self.policy, self.policy.grants[of].issuer)
            return tuple(sorted(rule.actors, key=givers.__contains__))
        if kind not in ("grant", "approve", "open", "approve open"):
            return rule.actors
        who = self.policy.grants[of].issuer if of in self.policy.grants else self.policy.lanes[of].opened_by
        assert who is not None, "a lane without an opener has no such rule"
        places, said = find.places(self.policy, who), self._said(of)
        return tuple(sorted(rule.actors, key=lambda actor: -_filled(places, {*said, actor})))

    def _said(self, of: str) -> tuple[str, ...]:
        """Return the words that wait for others: for the newest instance of a grant, or for a lane."""
        if of in self.policy.lanes:
            return self.replay.view(self.now).lane(of).approvals
        waiting = [each.approvals for each in self.replay.state.grants.get(of, []) if each.approvals and each.recorded_at is None]
        return waiting[-1] if waiting else ()

    def _waiting(self, kind: str, of: str) -> str | None:
        """Return the state of what the last record left waiting for another word, or nothing where it was the last."""
        seq = self.replay.chain.size - 1
        if kind == "open":
            lane = self.replay.view(self.now).lane(of)
            return lane.state if lane.approvals else None
        touched = [each for each in self.replay.state.grants.get(of, []) if each.changed == seq]
        return next((each.state for each in touched if each.recorded_at is None), None)

    def _append(self, act: Act) -> int:
        chain, in_force = self.replay.chain, self.replay.state.policy_digest or digest(self.source)
        statement = Statement(chain.ledger, act.kind, act.actor, act.body, Basis(chain.size, chain.last), in_force, imported=act.imported)
        line = encode_line(chain, statement, self.now)
        self.replay.take_all([line[:-1]])
        self.trace.lines.append(line)
        return chain.size - 1

    def _bodies(self, kind: str, deed: Deed, actor: str, at: int) -> Iterator[Mapping[str, Any]]:
        """Yield what a record of a rule may say; of several instances, those in the state that the rule names first."""
        match kind:
            case "decide" | "refuse" | "delegate":
                yield from self._decisions(kind, deed, actor)
            case "grant" | "approve":
                yield from self._grants(deed, at)
            case "revoke":
                yield from ({"record": each.seq, "reason": _REASON} for each in self._instances(deed.of, deed.source))
            case "begin" | "end" | "fail" | "lose" | "resolve" | "consume" | "complete":
                yield from self._runs(kind, deed)
            case _:
                yield self._plain(kind, deed)

    def _plain(self, kind: str, deed: Deed) -> Mapping[str, Any]:
        match kind:
            case "discharge":
                return {"leg": deed.of, "evidence": self._evidence(deed.of)}
            case "finding":
                return {"finding": deed.of, "result": deed.target.partition(",")[0], "why": _REASON}
            case "request" | "reopen":
                return {"grant" if kind == "request" else "leg": deed.of, "reason": _REASON}
            case "prepare" | "prepare by" | "issue":
                return {"packet": deed.of}
            case "adopt":
                return self._successor()
            case _:
                return {"lane": deed.of}

    def _successor(self) -> Mapping[str, Any]:
        """Return the adoption of the same policy as the next version."""
        text, state = next_version(self.source), self.replay.state
        self.policies[digest(text)] = load_policy(text)
        self.trace.files[f"governance/policy/{digest(text)}.yaml"] = text
        return {"version": state.version + 1, "policy": digest(text), "previous": state.policy_digest, "templates": {}, "reason": _REASON}

    def _runs(self, kind: str, deed: Deed) -> Iterator[Mapping[str, Any]]:
        """Yield the records of carrying out an action; a document may report that of any action that uses up a grant."""
        actions = [name for name, action in self.policy.actions.items() if deed.of in (name, action.consumes)]
        if kind in ("begin", "consume"):
            for name in actions:
                consumes = self.policy.actions[name].consumes
                yield from ({"action": name, "grant": each.seq} for each in (self._instances(consumes, deed.source) if consumes else ()))
                # Without the grant that it used up, which only a document may leave out.
                yield {"action": name}
            return
        rest: dict[str, Any] = {"reason": _REASON} if kind in ("lose", "resolve") else {"status": int(kind == "fail")}
        yield from ({"begin": run.seq} | rest for run in self.replay.state.runs.values() if run.action in actions)

    def _decisions(self, kind: str, deed: Deed, actor: str) -> Iterator[Mapping[str, Any]]:
        packet, option = find.option(self.policy, deed.of)
        standing = self.replay.view(self.now).packet(packet)
        body: dict[str, Any] = {"packet": packet, "option": str(option.id)}
        if kind == "refuse":
            yield body | {"reason": _REASON}
        elif kind == "delegate":
            yield {"to": deed.source, "options": [str(option.id)], "packet": packet, "scope": str(option.scope), "uses": 1}
        else:
            superseded = standing.refused.get(option.id, standing.decision)
            body |= {"packet_sha256": digest(deed.of.encode())} | ({} if superseded is None else {"supersedes": superseded})
            if deed.source == deed.target:
                yield body
            else:
                held = (each.seq for each in self.replay.state.delegations.values() if each.to == actor and each.giver == deed.target)
                yield from (body | {"delegation": seq} for seq in held)

    def _grants(self, deed: Deed, at: int) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a grant. One that is to run out, or to begin later, says so."""
        body: dict[str, Any] = {"grant": deed.of, "scope": str(self.policy.grants[deed.of].scope)}
        later = [rule.deed for rule in self.rules[at + 1 :] if rule.deed.kind == "time" and rule.deed.of == deed.of]
        if LATER in deed.target:
            body["not_before"] = spell_time(self.now + _DAY)
        elif later and (self.policy.grants[deed.of].expires_after or _LATER) >= _LATER:
            body["expires"] = spell_time(self.now + _DAY)
        if not deed.source:
            yield body
        yield from (body | {"instance": each.seq} for each in self._instances(deed.of, deed.source))

    def _instances(self, grant: str, source: str) -> list[GrantInstance]:
        name = source.partition(",")[0]
        return sorted(self.replay.state.grants.get(grant, []), key=lambda instance: instance.state != name)

    def _evidence(self, path: str) -> Mapping[str, Any]:
        declared = find.leg(self.policy, path)
        assert declared.evidence is not None
        found: dict[str, Any] = {"kind": declared.evidence.kind, "of": declared.evidence.of}
        if declared.evidence.kind == "attest":
            return found | {"says": _REASON}
        file = f"governance/evidence/trace-{len(self.trace.lines)}.txt"
        self.trace.files[file] = f"In the place of evidence for {path}: a trace needs something to bind.\n".encode()
        found |= {"path": file, "sha256": digest(self.trace.files[file])}
        if declared.evidence.kind == "intake":
            return found | {"source": digest(declared.evidence.of.encode())}
        if declared.evidence.kind == "dry-run":
            return found | {"data": "handed-over"}
        return found | dict(wanted_bindings(declared.evidence.of, declared, self.replay.view(self.now)))


# What a document reports of a run, as the records that it takes.
_REPORTED_RUNS = {"begun": ("begin",), "done": ("begin", "end"), "failed": ("begin", "fail"), "lost": ("begin", "lose")}
# What the records of rules are called, where they have another name.
_KINDS = {"fail": "end", "approve": "grant", "approve open": "open", "prepare by": "prepare", "consume": "begin", "complete": "end"}


def _spell(act: Act) -> str:
    """Return what a record does, in words."""
    body = act.body
    what = next((body[key] for key in ("grant", "leg", "lane", "finding", "action", "packet") if isinstance(body.get(key), str)), "")
    of = f"{body['packet']}/{body['option']}" if "option" in body else what or f"#{body.get('record', body.get('begin', ''))}"
    if "version" in body:
        of = f"policy version {body['version']}"
    window = f" until {body['expires']}" if "expires" in body else f" from {body['not_before']}" if "not_before" in body else ""
    result = f" as {body['result']}" if "result" in body else ""
    return f"{act.kind} {of}{result}{window}"


def _filled(places: list[tuple[str, ...]], words: set[str]) -> int:
    """Return how many places of an authority these words can fill, nobody two of them."""
    given = [tuple(member for member in place if member in words) for place in places]
    return max(number for number in range(len(places) + 1) if any(can_fill(list(chosen)) for chosen in combinations(given, number)))
