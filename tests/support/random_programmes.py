"""Programmes at random for proof: odd lifecycles, guards nested over every kind of fact, guarded lanes that rest on each other, shared grants.

Sizes come from a seed, so that thousands take seconds; what the check refuses is drawn again.
"""

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from govern.policy.load import examine_policy

Spec = dict[str, Any]

_ISSUERS: tuple[Any, ...] = (
    "owner", "owner", "pair", {"all": [{"of": "pair", "at_least": 2}]}, {"all": [{"of": "owner"}, {"of": "pair"}]}, {"all": [{"of": "trio", "at_least": 2}]},
)  # fmt: skip
_BLOCKER_STATES: tuple[list[Spec], ...] = (
    [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
    [
        {"state": "closed", "when": {"legs": "all"}, "closes": True},
        {"state": "bot-done", "when": {"legs": "all", "by": "bot"}},
        {"state": "begun", "when": {"legs": "any"}},
        {"state": "open"},
    ],
)
_GRANTS = {"work": ("G0", "G1"), "live": ("H0", "H1")}
_LANES = {"work": ("side", "other"), "live": ("gate", "sluice")}
_STATES_OF = ("closed", "open")
# What a protected scope may rest on is its own; an open one may ask for anything that is of no scope.
_FACTS: Mapping[str, tuple[Spec, ...]] = {
    "work": (
        {"grant": "G0"}, {"grant": "G0"}, {"grant": "G1"}, {"honoured": "G0"}, {"honoured": "G1"}, {"leg": "B/x"}, {"leg": "B/y"}, {"leg": "C/said"},
        {"blocker": "B", "is": "closed"}, {"blocker": "B", "is": "open"}, {"blocker": "C", "is": "open"}, {"finding": "F", "is": "pass"},
        {"finding": "F", "is": "unknown"}, {"not": {"grant": "G1"}}, {"not": {"honoured": "G0"}}, {"not": {"blocker": "C", "is": "closed"}},
        {"not": {"blocker": "B", "is": "closed"}}, {"not": {"lane": "side"}}, {"not": {"lane": "gate"}}, {"lane": "side"}, {"lane": "other"}, {"done": "do"},
        {"selected": "P/A"},
    ),
    "live": (
        {"grant": "H0"}, {"grant": "H0"}, {"grant": "H1"}, {"honoured": "H0"}, {"leg": "B/x"}, {"leg": "C/said"}, {"leg": "D/paid"}, {"leg": "D/run"},
        {"blocker": "D", "is": "closed"}, {"blocker": "D", "is": "open"}, {"finding": "F", "is": "pass"}, {"not": {"honoured": "H1"}}, {"not": {"lane": "side"}},
        {"not": {"blocker": "D", "is": "closed"}}, {"lane": "sluice"}, {"lane": "gate"}, {"done": "go"},
    ),
}  # fmt: skip


class Drawing:
    """The drawing of one programme."""

    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self.chance, self.plain = Random(seed), plain

    def spec(self) -> Spec:
        """Return a programme, which the check may still refuse."""
        chance = self.chance
        spec: Spec = {
            "govern": 1,
            "programme": {"id": "RANDOM", "version": 1, "title": "Random"},
            "policy": {"adopted_by": "owner"},
            "actors": {
                "owner": {"kind": "person"},
                "ann": {"kind": "person"},
                "bob": {"kind": "person"},
                "bot": {"kind": "agent", "may_receive_from": chance.choice(("owner", "ann"))},
            },
            "roles": {"pair": {"members": ["ann", "bob"]}, "trio": {"members": ["owner", "ann", "bob"]}, "makers": {"members": ["bot", "ann"]}},
            "scopes": {"work": {"says": "Work."}, "live": {"says": "Live.", "protected": True}},
            "lifecycles": {"use": "standard-1", **({} if self.plain else self.lifecycles())},
            "blocker_states": chance.choice(_BLOCKER_STATES),
        }
        spec["grants"] = {
            name: {"scope": scope, "issuer": chance.choice(_ISSUERS), **chance.choice(({}, {}, {"expires_after": "1m"}))}
            for scope, names in _GRANTS.items()
            for name in names
        }
        spec["lanes"] = {"main": {"scope": "work", "standing": True}} | {name: self.lane(scope) for scope, names in _LANES.items() for name in names}
        spec["blockers"] = self.blockers()
        spec["findings"] = {"F": {"result": chance.choice(("pass", "fail", "unknown")), "by": "ann", "why": "It is so."}}
        spec["packets"] = self.packets()
        spec["actions"] = {
            "do": {"needs": self.within({"selected": "P/A"}, "work"), **chance.choice(({}, {"consumes": "G0"}))},
            "go": {"needs": self.within({"selected": "P/L"}, "live"), "consumes": "H0"},
            "look": {"needs": {"all": [{"selected": "P/A"}, self.guard("work", 1)]}, **chance.choice(({}, {}, {"consumes": "G1"}))},
            "never": {"ungranted": True},
        }
        return spec

    def within(self, fact: Spec, scope: str) -> Spec:
        """Return a fact, alone or together with another."""
        return fact if self.chance.random() < 0.7 else {"all": [fact, self.guard(scope, 0)]}

    def guard(self, scope: str, depth: int) -> Spec:
        """Return a guard in a scope."""
        chance = self.chance
        if not depth or chance.random() < 0.15:
            return chance.choice(_FACTS[scope])
        parts = [self.guard(scope, depth - 1) for _ in range(chance.randint(1, 3))]
        match chance.choice(("all", "any", "at_least")):
            case "at_least":
                return {"at_least": chance.randint(1, len(parts)), "of": parts}
            case key:
                return {key: parts}

    def lane(self, scope: str) -> Spec:
        """Return a lane: opened by a record, by a guard, or by either."""
        chance = self.chance
        ways: Spec = {"opened_by": chance.choice(_ISSUERS)} if chance.random() < 0.6 else {}
        if not ways or chance.random() < 0.5:
            ways["opens_when"] = self.guard(scope, chance.randint(0, 2))
        return {"scope": scope, **ways}

    def blockers(self) -> Spec:
        """Return the blockers: legs with evidence, and legs that require grants or other legs."""
        chance = self.chance
        fresh: tuple[Spec, ...] = ({}, {}, {"fresh_for": "1m"})
        required: tuple[Spec, ...] = (
            {"grant": "G0"}, {"honoured": "G0"}, {"all": [{"leg": "B/x"}, {"grant": "G1"}]}, {"all": [{"grant": "G0"}, {"honoured": "G0"}]},
            {"any": [{"not": {"grant": "G1"}}, {"grant": "G0"}]},
        )  # fmt: skip
        return {
            "B": {
                "legs": {
                    "x": {"by": chance.choice(("bot", "ann", "makers")), "evidence": {"rehearsal": "copy"}, **chance.choice(fresh)},
                    "y": {"by": "owner", "requires": chance.choice(required)},
                    "like-x": {"by": "bot", "evidence": {"rehearsal": "toy"}, "stands_in_for": "x"},
                }
            },
            "C": {"legs": {"said": {"by": "owner", "evidence": {"attest": "word"}, **chance.choice(fresh)}}},
            "D": {
                "legs": {
                    "paid": {"by": "owner", "requires": chance.choice(({"honoured": "H1"}, {"grant": "H0"}, {"all": [{"grant": "H0"}, {"honoured": "H1"}]}))},
                    "run": {"by": chance.choice(("bot", "bob")), "evidence": {"dry-run": "copy"}, **chance.choice(fresh)},
                }
            },
        }

    def packets(self) -> Spec:
        """Return two packets, of which the second uses up a decision on the first."""
        chance = self.chance
        stop = {"number": "1", "id": "STOP", "hold": True, "says": "Nothing."}

        def free() -> Spec:
            return {} if chance.random() < 0.2 else {"requires": self.guard("work", chance.randint(0, 2))}

        waiver: tuple[Spec, ...] = ({}, {}, {"separation_waiver": "There is nobody else."})
        return {
            "P": {
                "lane": "main",
                "decided_by": chance.choice(_ISSUERS),
                "lineage_gap": "First.",
                **chance.choice(waiver),
                "options": [
                    stop,
                    {"number": "2", "id": "A", "scope": "work", "says": "A.", "delegable": chance.random() < 0.7, **free()},
                    {"number": "3", "id": "S", "scope": "work", "lane": chance.choice(("side", "other")), "says": "S.", **free()},
                    {"number": "4", "id": "L", "scope": "live", "lane": chance.choice(("gate", "sluice")), "says": "L.", "requires": self.guard("live", 2)},
                ],
            },
            "Q": {
                "lane": "main",
                "decided_by": chance.choice(_ISSUERS),
                "consumes": "P/A",
                **chance.choice(waiver),
                "options": [stop, {"number": "2", "id": "Z", "scope": "work", "says": "Z.", "delegable": True, **free()}],
            },
        }

    def lifecycles(self) -> Spec:
        """Return lifecycles put in the place of standard ones."""
        made = {"grant": self.grant_lifecycle, "leg": self.leg_lifecycle, "lane": self.lane_lifecycle, "packet": self.packet_lifecycle}
        return {kind: make() for kind, make in made.items() if self.chance.random() < 0.4}

    def grant_lifecycle(self) -> Spec:
        """Return a life of grants: the standard one with odd edges, other worths, and guards."""
        chance = self.chance
        used = chance.choice(({"honoured": True}, {"honoured": True}, {}, {"counts": True}))
        states = {
            "absent": {}, "requested": {}, "recorded": {"counts": True, "honoured": True}, "consumed": used, "completed": {"honoured": True},
            "used-unknown": chance.choice(({}, {}, {"honoured": True}, {"counts": True})), "revoked": {},
        }  # fmt: skip
        ways: list[Spec] = [
            {"trigger": "request", "from": "absent", "to": "requested", "by": "anyone"},
            {"trigger": "approve", "from": ["absent", "requested"], "to": "requested", "by": "member"},
            {"trigger": "record", "from": self._some(("absent", "requested"), ("revoked", "recorded", "completed")), "to": "recorded", "by": "authority"},
            {"trigger": "consume", "from": "recorded", "to": "consumed", "by": chance.choice(("anyone", "member"))},
            {"trigger": "complete", "from": "consumed", "to": "completed", "by": chance.choice(("anyone", "member"))},
            {"trigger": "lose", "from": "consumed", "to": "used-unknown", "by": "member"},
            {"trigger": "resolve", "from": "used-unknown", "to": chance.choice(("completed", "recorded")), "by": "member"},
            {
                "trigger": "revoke",
                "from": self._some(("recorded",), ("requested", "consumed", "completed", "used-unknown")),
                "to": chance.choice(("revoked", "revoked", "requested")),
                "by": chance.choice(("member", "member", "anyone")),
            },
        ]
        if ways[-1]["to"] != "revoked":
            ways.append({"trigger": "revoke", "from": "requested", "to": "revoked", "by": "member"})
            ways[-2]["from"] = [each for each in ways[-2]["from"] if each != "requested"]
        return {"initial": "absent", "states": states, "transitions": [self._guarded(way) for way in ways]}

    def leg_lifecycle(self) -> Spec:
        """Return a life of legs with a state between open and proven."""
        chance = self.chance
        ways: list[Spec] = [
            {"trigger": "discharge", "from": "open", "to": chance.choice(("half", "proven")), "by": "authority"},
            {"trigger": "discharge", "from": ["half", "proven"], "to": "proven", "by": chance.choice(("authority", "member"))},
            {"trigger": "reopen", "from": "proven", "to": "half", "by": "anyone"},
            {"trigger": "reopen", "from": "half", "to": "open", "by": chance.choice(("member", "anyone"))},
        ]
        states = {"open": {}, "half": chance.choice(({}, {"counts": True})), "proven": {"counts": True}}
        if "counts" in states["half"]:
            ways[0]["by"] = "member"
        return {"initial": "open", "states": states, "transitions": [self._guarded(way) for way in ways]}

    def lane_lifecycle(self) -> Spec:
        """Return a life of lanes with a state between closed and open."""
        chance = self.chance
        states = {"closed": {}, "open": {"counts": True}, "ajar": chance.choice(({}, {"counts": True}))}
        ways: list[Spec] = [
            {"trigger": "open", "from": ["closed", "ajar"], "to": "open", "by": "authority"},
            {"trigger": "close", "from": "open", "to": "ajar", "by": "anyone"},
            {"trigger": "close", "from": "ajar", "to": "closed", "by": chance.choice(("member", "anyone"))},
        ]
        return {"initial": "closed", "states": states, "transitions": [self._guarded(way) for way in ways]}

    def packet_lifecycle(self) -> Spec:
        """Return a life of packets that can be prepared again after their issue."""
        chance = self.chance
        states = {"draft": {}, "ready": {}, "issued": {"counts": True}, "consumed": chance.choice(({}, {"counts": True}))}
        ways: list[Spec] = [
            {"trigger": "prepare", "from": ["draft", "ready", *chance.choice(([], ["issued"]))], "to": "ready", "by": chance.choice(("anyone", "member"))},
            {"trigger": "issue", "from": "ready", "to": "issued", "by": chance.choice(("anyone", "member"))},
            {"trigger": "consume", "from": "issued", "to": "consumed", "by": "anyone"},
        ]
        return {"initial": "draft", "states": states, "transitions": [self._guarded(way) for way in ways]}

    def _some(self, always: tuple[str, ...], more: tuple[str, ...]) -> list[str]:
        return [*always, *(each for each in more if self.chance.random() < 0.3)]

    def _guarded(self, way: Spec) -> Spec:
        facts = ({"finding": "F", "is": "pass"}, {"grant": "G1"}, {"leg": "C/said"}, {"not": {"lane": "side"}}, {"any": [{"grant": "G0"}, {"leg": "B/x"}]})
        return way | ({"when": self.chance.choice(facts)} if self.chance.random() < 0.1 else {})


def programmes(seed: int, *, plain: bool = False) -> Iterator[Spec]:
    """Yield programmes that pass the check, one after another."""
    chance = Random(seed)
    while True:
        spec = Drawing(chance.getrandbits(48), plain=plain).spec()
        if examine_policy(text_of(spec).encode()).passed:
            yield spec


def text_of(spec: Spec) -> str:
    """Return the text of a policy: JSON is YAML."""
    return json.dumps(spec, indent=1)
