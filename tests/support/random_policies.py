"""Small policies at random, as plain dicts that are their own YAML: valid by construction, or filtered by the check."""

import json
from typing import Any

from hypothesis import strategies as st

from govern.policy.load import examine_policy

Spec = dict[str, Any]

_PAIR = {"of": "pair", "at_least": 2}
_WHO: list[Any] = [
    "owner", "owner", "pair",
    {"all": [_PAIR]}, {"all": [{"of": "owner"}, {"of": "pair"}]}, {"all": [{"of": "trio", "at_least": 2}, {"of": "pair"}]},
]  # fmt: skip
_FRAME: Spec = {
    "govern": 1,
    "programme": {"id": "RANDOM", "version": 1, "title": "Random"},
    "policy": {"adopted_by": "owner"},
    "actors": {
        "owner": {"kind": "person"},
        "ann": {"kind": "person"},
        "bob": {"kind": "person"},
        "bot": {"kind": "agent", "may_receive_from": "owner"},
    },
    "roles": {"pair": {"members": ["ann", "bob"]}, "trio": {"members": ["owner", "ann", "bob"]}},
    "scopes": {"work": {"says": "Work."}, "live": {"says": "Live.", "protected": True}},
    "lifecycles": {"use": "standard-1"},
}
_STATES: Spec = {
    "plain": [{"state": "closed", "when": {"legs": "all"}, "closes": True}, {"state": "open"}],
    "fine": [
        {"state": "closed", "when": {"legs": "all"}, "closes": True},
        {"state": "bot-done", "when": {"legs": "all", "by": "bot"}},
        {"state": "begun", "when": {"legs": "any"}},
        {"state": "open"},
    ],
}
_GRANTS = {"work": ["G0", "G1"], "live": ["H0", "H1"]}
_FACTS: dict[str, list[Spec]] = {
    "work": [
        {"grant": "G0"}, {"grant": "G1"}, {"honoured": "G0"}, {"leg": "B/x"}, {"leg": "B/y"}, {"leg": "C/said"}, {"blocker": "B", "is": "closed"},
        {"blocker": "C", "is": "open"}, {"finding": "F", "is": "pass"}, {"finding": "F", "is": "unknown"}, {"not": {"grant": "G1"}},
        {"not": {"blocker": "C", "is": "closed"}}, {"not": {"blocker": "B", "is": "closed"}}, {"not": {"lane": "gate"}}, {"lane": "side"},
    ],
    "live": [
        {"grant": "H0"}, {"grant": "H1"}, {"honoured": "H0"}, {"leg": "B/x"}, {"leg": "C/said"}, {"leg": "D/paid"}, {"blocker": "D", "is": "closed"},
        {"finding": "F", "is": "pass"}, {"not": {"honoured": "H1"}}, {"lane": "side"},
    ],
}  # fmt: skip


def _guards(facts: list[Spec]) -> st.SearchStrategy[Spec]:
    one = st.sampled_from(facts)

    def joined(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
        several = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: {"all": parts}),
            several.map(lambda parts: {"any": parts}),
            several.flatmap(lambda parts: st.integers(1, len(parts)).map(lambda wanted: {"at_least": wanted, "of": parts})),
        )

    return st.one_of(one, joined(one), joined(st.one_of(one, joined(one))))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Return a policy that passes the check, as the dict that its text spells."""
    spec = dict(_FRAME)
    spec["blocker_states"] = _STATES[draw(st.sampled_from(sorted(_STATES)))]
    who = st.sampled_from(_WHO)
    life = st.sampled_from([{}, {}, {"expires_after": "1m"}])
    spec["grants"] = {name: {"scope": scope, "issuer": draw(who), **draw(life)} for scope, names in _GRANTS.items() for name in names}
    spec["lanes"] = {
        "main": {"scope": "work", "standing": True},
        "side": draw(
            st.sampled_from([{"scope": "work", "opens_when": {"selected": "P/A"}}, {"scope": "work", "opens_when": {"grant": "G1"}, "opened_by": "bob"}])
        ),
        "gate": {"scope": "live", "opened_by": draw(who)},
    }
    spec["blockers"] = _blockers(draw)
    spec["findings"] = {"F": {"result": draw(st.sampled_from(["pass", "fail", "unknown"])), "by": "ann", "why": "It is so."}}
    spec["packets"] = _packets(draw)
    spec["actions"] = {
        "do": {"needs": {"selected": "P/A"}, **draw(st.sampled_from([{}, {"consumes": "G0"}]))},
        "go": {"needs": {"selected": "P/L"}, "consumes": "H0"},
        "look": {"needs": {"all": [{"selected": "P/A"}, draw(_guards([{"grant": "G1"}, {"honoured": "G0"}, {"leg": "B/x"}, {"done": "do"}]))]}},
        "never": {"ungranted": True},
    }
    if draw(st.booleans()):
        spec["invariants"] = {"careful": {"never": {"selecting": "P/A"}, "unless": draw(_guards(_FACTS["work"][:6]))}}
    return spec


def _blockers(draw: st.DrawFn) -> Spec:
    fresh = st.sampled_from([{}, {"fresh_for": "1m"}])
    required = st.sampled_from([{"grant": "G0"}, {"honoured": "G0"}, {"all": [{"leg": "B/x"}, {"grant": "G1"}]}])
    return {
        "B": {
            "legs": {
                "x": {"by": draw(st.sampled_from(["bot", "ann"])), "evidence": {"rehearsal": "copy"}, **draw(fresh)},
                "y": {"by": "owner", "requires": draw(required)},
                "like-x": {"by": "bot", "evidence": {"rehearsal": "toy"}, "stands_in_for": "x"},
            }
        },
        "C": {"legs": {"said": {"by": "owner", "evidence": {"attest": "word"}}}},
        "D": {"legs": {"paid": {"by": "owner", "requires": {"honoured": "H1"}}, "run": {"by": "bot", "evidence": {"dry-run": "copy"}, **draw(fresh)}}},
    }


def _packets(draw: st.DrawFn) -> Spec:
    stop = {"number": "1", "id": "STOP", "hold": True, "says": "Nothing."}
    work, live = _guards(_FACTS["work"]), _guards(_FACTS["live"])
    nothing: Spec = {}
    free = st.one_of(st.just(nothing), work.map(lambda guard: {"requires": guard}))
    who = st.sampled_from(_WHO)
    waiver = st.sampled_from([{}, {}, {"separation_waiver": "There is nobody else."}])
    return {
        "P": {
            "lane": "main",
            "decided_by": draw(who),
            "lineage_gap": "First.",
            **draw(waiver),
            "options": [
                stop,
                {"number": "2", "id": "A", "scope": "work", "says": "A.", "delegable": draw(st.booleans()), **draw(free)},
                {"number": "3", "id": "S", "scope": "work", "lane": "side", "says": "S.", **draw(free)},
                {"number": "4", "id": "L", "scope": "live", "lane": "gate", "says": "L.", "requires": draw(live)},
            ],
        },
        "Q": {
            "lane": "main",
            "decided_by": draw(who),
            "consumes": "P/A",
            "options": [stop, {"number": "2", "id": "Z", "scope": "work", "says": "Z.", "delegable": True, **draw(free)}],
        },
    }


def text_of(spec: Spec) -> str:
    """Return the text of a policy: JSON is YAML."""
    return json.dumps(spec, indent=1)


def policies() -> st.SearchStrategy[Spec]:
    """Return policies that pass the check."""
    return specs().filter(lambda spec: examine_policy(text_of(spec).encode()).passed)
