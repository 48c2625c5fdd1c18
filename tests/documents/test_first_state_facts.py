"""The current state of FIX7 P0 at @S0, one fact changed at a time: exactly the lines that rest on it change, and no other."""

import importlib.util
from functools import cache
from typing import Any

import pytest

from govern.cli.project import Project
from govern.engine.acts import Act, judge_act
from govern.engine.replay import Replay
from govern.ledger.lines import encode_line
from govern.ledger.statements import Basis, Statement
from support.pages import ROOT, new_lines, recorded_view, rendered

Fact = tuple[str, str, dict[str, Any]]

_spec = importlib.util.spec_from_file_location("make_ledger", ROOT / "governance" / "make_ledger.py")
assert _spec is not None
assert _spec.loader is not None
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)

FIRST: list[Fact] = made.FIRST
PAGE = recorded_view().policy.documents["current-state-s0"]
# A record that says nothing, in the place of one that is left out: the others keep their numbers.
NOTHING: Fact = ("note", "engineering", {"text": "nothing"})
ROLLBACK = "FIX7-P0-DRYRUN-PROD-ROLLBACK-1"
SELECTED = "| `AUTHORIZE_PRODUCTION_REHEARSAL_ONLY` | production | rehearsal-only |"
DELEGATED = "`AUTHORIZE_PRODUCTION_REHEARSAL_ONLY` of production, given by owner to GPT in scope `rehearsal-only`"
CI = "- `ci-seal-vs-bytes`: **"
GAP = "| production (imported) | unknown; the policy says: The source names the status it continues, and no decision that it consumes. |"
NO_RUN = "UNKNOWN: no run on record"
# What waits for the mark, where it is not on record.
OF_S0 = ("gap-closure-map", "rehearsal-report", "rehearsal-checkpoint", "packet-after-rehearsal", "registry-s0")


def name_of(fact: Fact) -> str:
    """Return what a fact is about, by its kind and the first thing that it names."""
    kind, _actor, body = fact
    return f"{kind} {next(str(body[key]) for key in ('leg', 'about', 'finding', 'to', 'packet', 'name') if key in body)}" if kind != "register" else kind


def body_of(facts: list[Fact]) -> str:
    """Return the page of these facts; one that is refused, because it rests on one that was left out, is left out, too."""
    project = Project(ROOT)
    replay = Replay(project.policy_source(fresh=True))
    replay.take_all(project.store.read().lines[:1])
    for fact in facts:
        allowed = not judge_act(Act(*fact, made.S0), replay.view(made.DATE))
        kind, actor, body = fact if allowed else (NOTHING[0], NOTHING[1], {"text": f"nothing {replay.chain.size}"})
        basis = Basis(replay.chain.size, replay.chain.last)
        statement = Statement(replay.chain.ledger, kind, actor, body, basis, replay.state.policy_digest, (), made.S0)
        replay.take_all([encode_line(replay.chain, statement, made.DATE)[:-1]])
    return rendered(PAGE, replay.view(made.DATE)).body


@cache
def whole() -> str:
    """Return the page of all facts."""
    return body_of(FIRST)


def changed_lines(name: str, instead: Fact) -> list[str]:
    """Return the lines that change where another fact stands in the place of one."""
    assert [name_of(fact) for fact in FIRST].count(name) == 1
    return new_lines(whole(), body_of([instead if name_of(fact) == name else fact for fact in FIRST]))


def flag(action: str) -> list[str]:
    """Return what changes where a document says nothing of an action."""
    return [f'- | `{action}` | {NO_RUN} | "', f"+ | `{action}` | {NO_RUN} |  |"]


# What changes where a fact is not on record: how each line begins, those that go first.
LEFT_OUT: dict[str, list[str]] = {
    "issue production": [f"- {GAP}"],
    "delegate gpt": [
        "- | option | packet | scope | authority | record |", f"- {SELECTED} consumed by production-after-rehearsal |", f"- - Delegation consumed: {DELEGATED}",
        f"- {GAP}", "+ No option was ever selected.", f"+ {GAP}",
    ],
    "decide production": [
        "- | option | packet | scope | authority | record |", f"- {SELECTED} consumed by production-after-rehearsal |", f"- - Delegation consumed: {DELEGATED}",
        f"- {GAP}", "+ No option was ever selected.", f"+ - Delegation over with its packet: {DELEGATED}, used 0 of 1", f"+ {GAP}",
    ],
    f"discharge {ROLLBACK}/toy": [
        "- Status: `FIX7_P0_PRODUCTION_REHEARSAL_ONLY_ROLLBACK_READY`.", "- | leg | evidence | by | record |", "- |---|---|---|---|",
        f"- | {ROLLBACK}/toy | rehearsal of toy | engineering |", "- - Record #4 says: PROVEN_ISOLATED_NOT_PRODUCTION and PROVEN_IN_STAGING", "- - Without a file, so that the record is all there is: #4",
        f"- - `{ROLLBACK}` is **partially-discharged**. Proven: toy.", f"- | {ROLLBACK} | partially-discharged | toy |", "- Without an evidence file that was read,",
        "- | engineering | FIX7-P0-PROD-CI-SCOPE-1/gate,", "+ Status: `FIX7_P0_PRODUCTION_READINESS_SURFACE_SCOPING_READY`.", "+ Nothing yet.",
        "+ None is on record.", f"+ | {ROLLBACK} | open |  | toy (engineering),", "+ | engineering | FIX7-P0-PROD-CI-SCOPE-1/gate,",
    ],
    "finding ci-seal-vs-bytes": [f"- {CI}UNKNOWN** (#5 of operator, imported from D1)", f"+ {CI}UNKNOWN** (declared in the policy)"],
    "quote production-mutation": flag("production-mutation"),
    "quote real-run": flag("real-run"),
    "quote qt001": flag("qt001"),
    "quote cutover": flag("cutover"),
    "quote ci-trigger": flag("ci-trigger"),
    "quote secrets-change": flag("secrets-change"),
    "quote surfaces": ['- - As imported: "Forbidden surfaces 13/13'],
    "quote validator": ["- | validator |"],
    "quote probes": ["- | probes |"],
    "quote evidence": ['- - As imported: "knowledge/dev/reports'],
    "register": [
        "- Canonical registry of `TKT-OBJ`: JSON revision 24, Markdown revision 24, index revision 116; body maximum 461, ceiling 484", "- - `TKT-OBJ-485..494` reserved",
        "- - [addenda/485..494]",
        "+ Canonical registry of `TKT-OBJ`: JSON revision", "+ No reservation waits to be folded.",
    ],
    "issue production-after-rehearsal": [
        "- Asked for: a decision of **owner** on `production-after-rehearsal`.", f"- {SELECTED} consumed by", "- - `production-after-rehearsal`: **HOLD (default)**",
        "- - `p7` does not authorize `production`.", "- - `rehearsal-only` does not authorize `production`.", f"- {GAP}",
        "- | production-after-rehearsal (imported) | option 2 of", "- 1. owner: decide production-after-rehearsal;", f"+ {SELECTED} in force |",
        "+ - `production`: **selected**, AUTHORIZE_PRODUCTION_REHEARSAL_ONLY by record #3", f"+ {GAP}", "+ Nothing is waited for.",
    ],
    "mark S0": [
        *(f"- - [{name}]" for name in OF_S0), *(f"+ - {name}: " for name in OF_S0),
    ],
}  # fmt: skip

# What changes where a fact says something else.
OTHERWISE: dict[str, tuple[Fact, list[str]]] = {
    "delegate gpt": (
        ("delegate", "owner", {**FIRST[1][2], "uses": 2}),
        [f"- - Delegation consumed: {DELEGATED}, used 1 of 1", f"+ - Delegation over with its packet: {DELEGATED}, used 1 of 2"],
    ),
    f"discharge {ROLLBACK}/toy": (
        ("discharge", "engineering", {"leg": f"{ROLLBACK}/toy", "evidence": {"kind": "rehearsal", "of": "toy", "says": "Seen by nobody."}}),
        ["- - Record #4 says: PROVEN_ISOLATED_NOT_PRODUCTION", "+ - Record #4 says: Seen by nobody."],
    ),
    "finding ci-seal-vs-bytes": (
        ("finding", "operator", {"finding": "ci-seal-vs-bytes", "result": "fail", "why": "Two bytes differ."}),
        [f"- {CI}UNKNOWN** (#5 of operator", f"+ {CI}FAIL** (#5 of operator, imported from D1)"],
    ),
    "quote real-run": (
        ("quote", "engineering", {"about": "real-run", "text": "REAL_RUN: YES"}),
        [*flag("real-run")[:1], f'+ | `real-run` | {NO_RUN} | "REAL_RUN: YES"'],
    ),
    "quote surfaces": (
        ("quote", "engineering", {"about": "surfaces", "text": "12/13 untouched"}),
        ['- - As imported: "Forbidden surfaces 13/13', '+ - As imported: "12/13 untouched"'],
    ),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_fact_that_is_left_out_changes_exactly_the_lines_that_rest_on_it(name: str) -> None:
    found = changed_lines(name, NOTHING)
    assert [line[: len(begin)] for line, begin in zip(found, LEFT_OUT[name], strict=True)] == LEFT_OUT[name]


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_fact_that_is_otherwise_changes_exactly_the_lines_that_rest_on_it(name: str) -> None:
    instead, wanted = OTHERWISE[name]
    found = changed_lines(name, instead)
    assert [line[: len(begin)] for line, begin in zip(found, wanted, strict=True)] == wanted


def test_every_fact_of_the_first_moment_is_left_out_once() -> None:
    assert list(LEFT_OUT) == [name_of(fact) for fact in FIRST]


def test_what_no_fact_supports_says_so_or_is_of_the_policy() -> None:
    bare = body_of([NOTHING] * len(FIRST))
    assert not [word for word in ("7a9364c5", "e6547e69", "13/13", "10/10", "TKT-OBJ-485", "D1") if word in bare]
    assert "**BLOCKED — 7 OPEN** of 7 blockers." in bare
    assert "Default: HOLD, with no packet issued." in bare
    assert "No option was ever selected." in bare
    assert bare.count(NO_RUN) == len(recorded_view().policy.actions)
