"""Programmes so small that every situation of their model can be looked at, at random: with planted edges, and promises kept and broken.

Sizes are drawn, so that failures shrink; what fills them comes from a seed, so that thousands take seconds.
"""

import json
from collections.abc import Iterable
from itertools import count
from random import Random
from typing import Any

from hypothesis import strategies as st

from govern.policy.load import examine_policy
from govern.policy.model import Policy

Spec = dict[str, Any]

_FRAME: Spec = {
    "govern": 1,
    "programme": {"id": "TINY", "version": 1, "title": "Tiny"},
    "policy": {"adopted_by": "own", "signature_waiver": "Nobody signs."},
    "actors": {"own": {"kind": "person"}, "bot": {"kind": "agent"}},
    "blocker_states": [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
}
_STOP: Spec = {"number": "1", "id": "STOP", "hold": True, "says": "Stop."}
_PAIR: Spec = {"all": [{"of": "own"}, {"of": "ann"}]}


class Drawing:
    """The drawing of one programme: so many grants, legs and options."""

    def __init__(self, grants: int, legs: int, options: int, seed: int) -> None:
        self.chance = Random(f"{grants} {legs} {options} {seed}")
        # One thing at a time has many local states: it is their product that is looked at.
        self.wide = self.chance.choice(("", "lane", "lane", "words", "legs", "window"))
        crowded = self.wide in ("words", "window")
        self.grants, self.legs, self.options = "GK"[: 1 if crowded else grants], "xy"[:legs], ("GO", "ON")[: 1 if crowded else options - 1]
        self.scope = self.chance.choice(("work", "work", "live"))
        self.facts: list[Spec] = [{"grant": name} for name in self.grants] + [{"honoured": name} for name in self.grants]
        self.facts += [{"leg": f"B/{leg}"} for leg in self.legs] + [{"blocker": "B", "is": "closed"}, {"lane": "gate"}]

    def spec(self) -> Spec:
        """Return a programme, which the check may still refuse."""
        chance = self.chance
        options = [
            {"number": str(number), "id": name, "scope": self.scope, "says": f"{name}.", **({} if chance.random() < 0.1 else {"requires": self.guard(2)})}
            for number, name in enumerate(self.options, 2)
        ]
        lane = (
            {"opened_by": "own"}
            if self.wide == "lane"
            else {"standing": True}
            if self.scope == "work" and chance.random() < 0.5
            else {"opens_when": {"grant": "G"}}
        )
        packet = {"lane": "gate", "decided_by": _PAIR if self.wide == "words" else "own", "lineage_gap": "First.", "options": [_STOP, *options]}
        spec = _FRAME | {
            "scopes": {self.scope: {"says": "It.", **({"protected": True} if self.scope == "live" else {})}},
            "lifecycles": {"use": "standard-1"} | {kind: life for kind, life in self.lifecycles() if chance.random() < 0.4},
            "grants": {name: {"scope": self.scope, "issuer": "own", **({"expires_after": "1m"} if self.wide == "window" else {})} for name in self.grants},
            "lanes": {"gate": {"scope": self.scope} | lane},
            "blockers": {"B": {"legs": {leg: self.leg(leg) for leg in self.legs}}},
            "packets": {"P": packet | chance.choice(({}, {"separation_waiver": "Nobody else."}))},
        }
        if self.wide == "words":
            spec["actors"] = _FRAME["actors"] | {"ann": {"kind": "person"}}
        if chance.random() < 0.6:
            spec["actions"] = {"do": {"needs": {"selected": "P/GO"}, **chance.choice(({}, {"consumes": "G"}, {"consumes": "G"}))}}
        spec["invariants"] = dict(self.invariants(options))
        return spec

    def guard(self, depth: int) -> Spec:
        """Return a guard: nested, or one fact, seldom denied."""
        chance = self.chance
        if not depth or chance.random() < 0.2:
            fact = chance.choice(self.facts)
            return {"not": fact} if chance.random() < 0.1 and self.scope == "work" else fact
        parts = [self.guard(depth - 1) for _ in range(chance.randint(1, 2))]
        match chance.choice(("all", "all", "any", "at_least")):
            case "at_least":
                return {"at_least": chance.randint(1, len(parts)), "of": parts}
            case key:
                return {key: parts}

    def leg(self, name: str) -> Spec:
        """Return a leg with evidence, or, beside one, a leg that rests on it."""
        chance = self.chance
        if name == "y" and self.wide != "legs":
            return {"by": "own", "requires": chance.choice(({"grant": "G"}, {"leg": "B/x"}))}
        return {
            "by": chance.choice(("bot", "own")),
            "evidence": chance.choice(({"rehearsal": "copy"}, {"attest": "word"})),
            **({"fresh_for": "1m"} if self.wide in ("", "window") else {}),
        }

    def lifecycles(self) -> Iterable[tuple[str, Spec]]:
        """Yield lifecycles in the place of standard ones, with edges and worths that should not be."""
        yield "grant", self._grant()
        yield "leg", self._leg()

    def _grant(self) -> Spec:
        chance = self.chance
        worth: tuple[Spec, ...] = ({}, {"honoured": True}, {"counts": True, "honoured": True})
        revoked = chance.choice(("revoked", "revoked", "recorded"))
        states = {
            "absent": {},
            "requested": {},
            "recorded": {"counts": True, "honoured": True},
            "consumed": chance.choice(worth),
            "revoked": chance.choice(({}, {}, *worth)),
        }
        sources = ["absent", "requested", *chance.choice(([], ["revoked"]))]
        ways: list[Spec] = [
            {"trigger": "request", "from": "absent", "to": "requested", "by": "anyone"},
            {"trigger": "record", "from": sources, "to": "recorded", "by": "authority"},
            {"trigger": "consume", "from": "recorded", "to": "consumed", "by": "member"},
            {"trigger": "complete", "from": "consumed", "to": chance.choice(("consumed", "recorded")), "by": "member"},
            {"trigger": "revoke", "from": ["recorded", "consumed"], "to": revoked, "by": "member"},
            {"trigger": "revoke", "from": "requested", "to": "revoked", "by": "member"},
        ]
        return {"initial": "absent", "states": states, "transitions": ways}

    def _leg(self) -> Spec:
        back = self.chance.choice(("open", "proven"))
        ways: list[Spec] = [
            {"trigger": "discharge", "from": ["open", "proven"], "to": "proven", "by": "authority"},
            {"trigger": "reopen", "from": "proven", "to": back, "by": "authority"},
        ]
        return {"initial": "open", "states": {"open": {}, "proven": {"counts": True}}, "transitions": ways}

    def invariants(self, options: list[Spec]) -> Iterable[tuple[str, Spec]]:
        """Yield a few promises, of every form: some repeat a guard, some ask for less or more."""
        chance = self.chance
        name = f"P/{chance.choice(self.options)}"
        own = chance.choice(options).get("requires") or self.guard(1)
        free = [f"P/{option['id']}" for option in options if "requires" not in option]
        every: list[tuple[str, Spec]] = [
            ("careful", {"never": {"selecting": name}, "unless": chance.choice((own, self.guard(1))), **chance.choice(({}, {"first_hand": True}))}),
            ("apart", {"never": {"selecting": name}, "by": "preparer"}),
            ("back", {"always_possible": {"decide": chance.choice(("P/STOP", *free))}}),
            ("there", {"reachable": [name]}),
            (
                "only",
                {
                    "only_by": chance.choice(("own", "own", "bot")),
                    "acts": chance.choice(({"decide": [name]}, {"grant": ["G"]}, {"decide": [name]}, {"grant": ["G"]}, {"adopt": True})),
                },
            ),
            ("each", {"distinct": {"selecting": name}}),
        ]
        yield from chance.sample(every, 2)


def tiny_programmes() -> st.SearchStrategy[tuple[str, Policy]]:
    """Return texts of programmes that pass the check, with what they declare."""
    return st.builds(tiny_programme, st.integers(1, 2), st.integers(1, 2), st.integers(2, 3), st.integers(0, 2**48))


def tiny_programme(grants: int, legs: int, options: int, seed: int) -> tuple[str, Policy]:
    """Return the text of a programme of such sizes that passes the check, with what it declares."""
    found = (_examined(Drawing(grants, legs, options, seed + number)) for number in count())
    return next(each for each in found if each is not None)


def _examined(drawing: Drawing) -> tuple[str, Policy] | None:
    spec = drawing.spec()
    # Of a grant that is asked for at many places as many instances are told apart: too many situations.
    asked = json.dumps([spec["packets"], spec["blockers"]])
    if max(asked.count(f'": "{name}"}}') for name in spec["grants"]) > (1 if drawing.wide else 2):
        return None
    text = json.dumps(spec)
    examined = examine_policy(text.encode())
    return (text, examined.policy) if examined.policy and examined.passed else None
