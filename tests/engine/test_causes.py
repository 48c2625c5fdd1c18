"""Each cause, once, as it is told: what, why, who can clear it, with which command, the line of policy and the record."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from govern.engine.causes import Cause, Requirement
from govern.ledger.moments import spell_time
from support.policies import line_of, programme
from support.world import DOCUMENT, World, evidence

PACKETS = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done.}
      - number: "3"
        id: GUARDED
        scope: work
        says: It is done.
        requires:
          any:
            - {grant: X}
            - {leg: B/tried}
            - {finding: quiet, is: pass}
            - {all: [{honoured: X}, {grant: X}]}
            - {lane: round}
      - number: "4"
        id: FOR-GOOD
        scope: live
        says: It is done for good.
        lane: gate
        requires: {grant: LIVE}"""
LANES = """
  main: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
  round: {scope: work, opens_when: {any: [{lane: round}, {grant: X}]}}"""
GRANTS = """
  X: {scope: work, issuer: {all: [{of: ann}, {of: bob}]}}
  LIVE: {scope: live, issuer: owner}
  Z: {scope: work, issuer: owner}"""
TEXT = programme(
    lanes=LANES,
    packets=PACKETS,
    grants=GRANTS,
    blockers="\n  B:\n    legs:\n      tried: {by: agent, evidence: {rehearsal: real}, fresh_for: 1m, says: rehearsed}",
    findings="{quiet: {result: unknown, by: eve, why: Nobody has looked.}}",
    actions="{use: {needs: {selected: GO}, consumes: X}}",
)
X = {"grant": "X", "scope": "work"}


class Told(NamedTuple):
    """What a requirement that does not hold says."""

    id: str
    truth: bool | None
    why: str
    by: tuple[str, ...]
    how: str
    line: int
    record: int | None


def _told(requirement: Requirement) -> Told:
    each = requirement
    return Told(each.id, each.truth, each.why, each.by, each.how, each.at.line, each.record)


def _world() -> World:
    world = World(TEXT, now=100)
    world.record("issue", "robot", packet="ask")
    return world


def _granted(**window: str) -> World:
    world = _world()
    world.record("grant", "ann", **X, **window)
    world.record("grant", "bob", **X, instance=2)
    return world


def _proven() -> World:
    world = _world()
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    return world


def _missing() -> Requirement:
    return _world().blocking("GUARDED")["leg:B/tried"]


def _stale() -> Requirement:
    return _proven().blocking("GUARDED", 160)["leg:B/tried"]


def _expired() -> Requirement:
    return _granted(expires=spell_time(200)).blocking("GUARDED", 200)["grant:X"]


def _not_yet() -> Requirement:
    return _granted(not_before=spell_time(200)).blocking("GUARDED")["grant:X"]


def _revoked() -> Requirement:
    world = _proven()
    world.record("reopen", "eve", leg="B/tried", reason="doubt")
    return world.blocking("GUARDED")["leg:B/tried"]


def _consumed() -> Requirement:
    world = _granted()
    world.record("decide", "owner", packet="ask", option="GO")
    world.record("begin", "robot", action="use", grant=2)
    return world.blocking("GUARDED")["grant:X"]


def _refused() -> Requirement:
    world = _world()
    world.record("refuse", "owner", packet="ask", option="GO", reason="too early")
    return world.blocking("GO")["refusal:ask/GO"]


def _unauthorised() -> Requirement:
    return _world().refusals("decide", "eve", packet="ask", option="GO")["authority:decide"]


def _quorum() -> Requirement:
    world = _world()
    world.record("grant", "ann", **X)
    return world.blocking("GUARDED")["grant:X"]


def _separation() -> Requirement:
    world = World(TEXT.replace("            - {grant: X}\n", "").replace("{lane: round}\n", "{leg: B/tried}\n"))
    world.record("issue", "robot", packet="ask")
    world.record("grant", "ann", **X)
    world.record("grant", "bob", **X, instance=2)
    return world.blocking("GUARDED")["grant:X~2"]


def _scope() -> Requirement:
    return _world().refusals("grant", "owner", grant="Z", scope="live")["scope:live"]


def _lane() -> Requirement:
    return _world().blocking("FOR-GOOD")["lane:gate"]


def _unsigned() -> Requirement:
    world = World(TEXT)
    world.force("grant", "owner", {"grant": "LIVE", "scope": "live"}, DOCUMENT)
    world.record("issue", "robot", packet="ask")
    return world.blocking("FOR-GOOD")["grant:LIVE"]


def _unknown() -> Requirement:
    return _world().blocking("GUARDED")["finding:quiet=pass"]


def _awaiting() -> Requirement:
    world = _world()
    world.record("request", "agent", grant="X", reason="it is needed")
    return world.blocking("GUARDED")["grant:X"]


def _not_evaluated() -> Requirement:
    return _world().blocking("GUARDED")["lane:round"]


GRANT_X = line_of(TEXT, "            - {grant: X}")
LEG_B = line_of(TEXT, "            - {leg: B/tried}")
NEW_X = "govern grant record X --as ann"
CASES: dict[Cause, tuple[Callable[[], Requirement], Told]] = {
    Cause.MISSING: (
        _missing,
        Told("leg:B/tried", False, "not on record: rehearsed", ("agent",), "govern blocker discharge B/tried --evidence FILE --as agent", LEG_B, None),
    ),
    Cause.STALE: (
        _stale,
        Told(
            "leg:B/tried",
            False,
            "the evidence of record #2 is older than 1m",
            ("agent",),
            "govern blocker discharge B/tried --evidence FILE --as agent",
            LEG_B,
            2,
        ),
    ),
    Cause.EXPIRED: (_expired, Told("grant:X", False, "X#2 expired at 1970-01-01T00:03:20Z", ("ann", "bob"), NEW_X, GRANT_X, 3)),
    Cause.NOT_YET: (_not_yet, Told("grant:X", False, "X#2 is valid from 1970-01-01T00:03:20Z", ("ann", "bob"), NEW_X, GRANT_X, 3)),
    Cause.REVOKED: (
        _revoked,
        Told(
            "leg:B/tried",
            False,
            "the evidence of record #2 was reopened by record #3",
            ("agent",),
            "govern blocker discharge B/tried --evidence FILE --as agent",
            LEG_B,
            3,
        ),
    ),
    Cause.CONSUMED: (_consumed, Told("grant:X", False, "X#2 is consumed (record #5)", ("ann", "bob"), NEW_X, GRANT_X, 5)),
    Cause.REFUSED: (
        _refused,
        Told(
            "refusal:ask/GO",
            False,
            "GO was refused by record #2",
            ("owner",),
            "govern decide ask/GO --supersedes 2 --as owner",
            line_of(TEXT, "id: GO,"),
            2,
        ),
    ),
    Cause.UNAUTHORISED: (
        _unauthorised,
        Told("authority:decide", False, "GO cannot be delegated; eve is not owner", ("owner",), "", line_of(TEXT, "decided_by: owner"), None),
    ),
    Cause.QUORUM: (
        _quorum,
        Told("grant:X", False, "X#2 has the word of ann; wanted ann and bob", ("ann", "bob"), "govern grant record X#2 --as bob", GRANT_X, 2),
    ),
    Cause.SEPARATION: (
        _separation,
        Told("grant:X~2", False, "X#2 is recorded, and record #2 already fills another requirement of this guard", ("ann", "bob"), NEW_X, LEG_B + 1, 2),
    ),
    Cause.SCOPE: (_scope, Told("scope:live", False, "Z is of scope work, not live", (), "", line_of(TEXT, "  Z: {"), None)),
    Cause.LANE: (
        _lane,
        Told("lane:gate", False, "lane gate is closed", ("owner",), "govern lane open gate --as owner", line_of(TEXT, "        lane: gate"), None),
    ),
    Cause.UNSIGNED: (
        _unsigned,
        Told(
            "grant:LIVE",
            False,
            "LIVE#1 is imported from a document, which is never enough in a protected scope",
            ("owner",),
            "govern grant record LIVE --as owner",
            line_of(TEXT, "requires: {grant: LIVE}"),
            1,
        ),
    ),
    Cause.UNKNOWN: (
        _unknown,
        Told(
            "finding:quiet=pass",
            None,
            "finding quiet is unknown, wanted pass: Nobody has looked.",
            ("eve",),
            "govern finding quiet pass --why … --as eve",
            line_of(TEXT, "{finding: quiet"),
            None,
        ),
    ),
    Cause.AWAITING: (_awaiting, Told("grant:X", False, "X#2 is requested (record #2)", ("ann", "bob"), NEW_X, GRANT_X, 2)),
    Cause.NOT_EVALUATED: (_not_evaluated, Told("lane:round", None, "lane round waits for itself", (), "", line_of(TEXT, "  round: {"), None)),
}


@pytest.mark.parametrize("cause", list(Cause))
def test_a_cause_is_told_with_why_who_how_where_and_the_record(cause: Cause) -> None:
    produce, wanted = CASES[cause]

    requirement = produce()

    assert requirement.cause is cause
    assert _told(requirement) == wanted
