"""Options: decided when their guard holds, in force while each requirement is honoured, ended by HOLD, another option or revocation."""

import pytest

from govern.engine.causes import Cause
from govern.engine.judge import in_force
from govern.engine.machine import propose
from govern.ledger.moments import spell_time
from govern.policy import find
from support.policies import line_of, one_option, programme
from support.world import World, evidence

GRANTS = "{X: {scope: work, issuer: owner}, LIVE: {scope: live, issuer: owner}}"
PACKETS = """
  ask:
    lane: main
    decided_by: board
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: work, says: It is done., requires: {all: [{grant: X}, {leg: B/tried}]}, leads_to: [B/later]}
      - {number: "3", id: WAIT, scope: work, says: It is watched.}
      - {number: "4", id: RUN, scope: live, lane: gate, says: It is run., requires: {grant: LIVE}}
  next:
    lane: main
    decided_by: board
    consumes: ask/GO
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: AFTER, scope: work, says: It goes on.}"""
BLOCKERS = """
  B:
    legs:
      tried: {by: robot, evidence: {rehearsal: real}, fresh_for: 10m}
      later: {by: robot, evidence: {rehearsal: later}}"""
ACTIONS = "{use: {needs: {selected: GO}, consumes: X}, look: {needs: {selected: WAIT}}, run: {needs: {selected: RUN}, consumes: LIVE}}"
POLICY = programme(grants=GRANTS, packets=PACKETS, blockers=BLOCKERS, actions=ACTIONS)


def _world() -> World:
    world = World(POLICY, now=100)
    world.record("issue", "agent", packet="ask")
    return world


def _open(world: World, **window: str) -> int:
    seq = world.record("grant", "owner", grant="X", scope="work", **window)
    world.record("discharge", "robot", leg="B/tried", evidence=evidence("rehearsal", "real"))
    return seq


def _stands(world: World, address: str = "ask/GO", now: int | None = None) -> bool | None:
    view = world.view(now)
    return in_force(*find.option(view.policy, address), view)


def test_an_option_of_a_packet_that_is_not_issued_awaits_its_issue() -> None:
    refusal = World(POLICY).refusals("decide", "ann", packet="ask", option="WAIT")["packet:ask"]

    assert (refusal.kind, refusal.cause, refusal.why, refusal.record) == ("packet", Cause.AWAITING, "packet ask is draft", None)
    assert refusal.how == "govern packet issue ask --as owner"
    assert refusal.at.line == line_of(POLICY, "  ask:") + 1


def test_a_decision_is_refused_with_all_causes_at_once_and_recorded_when_its_guard_holds() -> None:
    world = _world()
    assert list(world.refusals("decide", "eve", packet="ask", option="GO")) == ["authority:decide", "grant:X", "leg:B/tried"]
    _open(world)

    seq = world.record("decide", "ann", packet="ask", option="GO")

    standing = world.state.packets["ask"]
    assert (standing.selected, standing.decision, standing.decided_at) == ("GO", seq, 100)
    assert [(each.actor, each.seq) for each in standing.decided_by] == [("ann", seq)]
    assert standing.history == [(seq, "GO")]


def test_deciding_consumes_nothing_and_proves_nothing() -> None:
    world = _world()
    seq = _open(world)
    world.record("decide", "ann", packet="ask", option="GO")

    assert world.state.instances[seq].state == "recorded"
    assert world.blocking("B/later")["leg:B/later"].cause is Cause.MISSING


def test_a_selected_option_stays_in_force_when_its_grant_is_rightly_used() -> None:
    world = _world()
    seq = _open(world)
    world.record("decide", "ann", packet="ask", option="GO")

    world.record("begin", "robot", action="use", grant=seq)

    assert _stands(world) is True
    assert not world.allowed("ask/GO")


def test_a_selected_option_ends_with_its_grants_window() -> None:
    world = _world()
    _open(world, expires=spell_time(200))
    world.record("decide", "ann", packet="ask", option="GO")

    assert _stands(world, now=199) is True
    assert _stands(world, now=200) is False


@pytest.mark.parametrize("what", ["grant", "evidence"])
def test_a_selected_option_ends_with_a_revocation_and_so_do_its_actions(what: str) -> None:
    world = _world()
    seq = _open(world)
    decided = world.record("decide", "ann", packet="ask", option="GO")
    assert world.allowed("use")

    if what == "grant":
        world.record("revoke", "owner", record=seq, reason="no more")
    else:
        world.record("reopen", "eve", leg="B/tried", reason="doubt")

    told = world.blocking("use")["selected:ask/GO"]
    assert (told.cause, told.record, told.how) == (Cause.REVOKED, decided, "govern why-blocked ask/GO")
    assert told.why == "ask/GO is selected and not in force: a requirement no longer holds"
    assert world.causes("begin", "robot", action="use", grant=seq)["selected:ask/GO"] is Cause.REVOKED


def test_a_selected_option_whose_grant_was_lost_from_sight_is_unknown_and_opens_nothing() -> None:
    world = _world()
    seq = _open(world)
    decided = world.record("decide", "ann", packet="ask", option="GO")
    begun = world.record("begin", "robot", action="use", grant=seq)
    world.record("lose", "robot", begin=begun, reason="the host is gone")

    told = world.blocking("use")["selected:ask/GO"]
    assert (told.truth, told.cause, told.record) == (None, Cause.UNKNOWN, decided)
    assert told.why == "ask/GO is selected, and whether it is in force is unknown"
    world.record("resolve", "owner", begin=begun, reason="it was used")
    assert _stands(world) is True


def test_a_selected_option_ends_when_its_lane_closes() -> None:
    world = _world()
    world.record("open", "owner", lane="gate")
    seq = world.record("grant", "owner", grant="LIVE", scope="live")
    world.record("decide", "ann", packet="ask", option="RUN")
    assert world.allowed("run")

    world.record("close", "eve", lane="gate")

    assert world.causes("begin", "robot", action="run", grant=seq) == {"selected:ask/RUN": Cause.REVOKED}


def test_hold_ends_the_authority_at_once_and_leaves_grants_and_proofs_on_record() -> None:
    world = _world()
    seq = _open(world)
    decided = world.record("decide", "ann", packet="ask", option="GO")

    world.record("decide", "bob", packet="ask", option="STOP", supersedes=decided)

    assert world.causes("begin", "robot", action="use", grant=seq) == {"selected:ask/GO": Cause.MISSING}
    assert world.blocking("use")["selected:ask/GO"].why == "ask/GO is not selected"
    assert world.blocking("use")["selected:ask/GO"].how == "govern decide ask/GO"
    assert world.allowed("X")
    assert world.allowed("B/tried")


def test_another_option_ends_the_one_before() -> None:
    world = _world()
    _open(world)
    decided = world.record("decide", "ann", packet="ask", option="GO")

    world.record("decide", "bob", packet="ask", option="WAIT", supersedes=decided)

    assert world.allowed("look")
    assert not world.allowed("use")


@pytest.mark.parametrize("option", ["WAIT", "STOP"])
def test_a_decision_names_the_record_it_supersedes_or_is_stale(option: str) -> None:
    world = _world()
    _open(world)
    decided = world.record("decide", "ann", packet="ask", option="GO")

    for named in ({}, {"supersedes": decided - 1}):
        refusal = world.refusals("decide", "bob", packet="ask", option=option, **named)["supersedes:ask"]
        assert (refusal.cause, refusal.record) == (Cause.STALE, decided)
        assert refusal.why == f"the decision must name record #{decided} as superseded"
    world.record("decide", "bob", packet="ask", option=option, supersedes=decided)


def test_a_first_decision_supersedes_nothing() -> None:
    refusal = _world().refusals("decide", "ann", packet="ask", option="WAIT", supersedes=1)["supersedes:ask"]

    assert (refusal.cause, refusal.why, refusal.record) == (Cause.STALE, "the decision names no record that it supersedes", None)


def test_a_packet_is_issued_once_and_prepared_only_before() -> None:
    world = World(POLICY)
    world.record("prepare", "agent", packet="ask")
    world.record("issue", "robot", packet="ask")

    for kind in ("issue", "prepare"):
        refusal = world.refusals(kind, "robot", packet="ask")["packet:ask"]
        assert (refusal.cause, refusal.why) == (Cause.REFUSED, f"packet ask is issued, and no way leads from there by `{kind}`")


def test_a_packet_is_issued_only_on_a_selected_decision_in_force_which_it_consumes() -> None:
    world = _world()
    seq = _open(world)
    refusal = world.refusals("issue", "robot", packet="next")["selected:ask/GO"]
    assert (refusal.cause, refusal.by, refusal.how) == (Cause.MISSING, ("ann", "bob", "cyn"), "govern decide ask/GO --as ann")
    assert refusal.why == "next consumes ask/GO, which is not selected and in force"
    assert refusal.at.line == line_of(POLICY, "consumes: ask/GO")
    decided = world.record("decide", "ann", packet="ask", option="GO")
    world.record("revoke", "owner", record=seq, reason="no more")
    assert world.causes("issue", "robot", packet="next") == {"selected:ask/GO": Cause.MISSING}
    world.record("grant", "owner", grant="X", scope="work")

    world.record("issue", "robot", packet="next")

    assert (world.state.packets["ask"].state, world.state.packets["ask"].consumed_by) == ("consumed", "next")
    assert _stands(world) is False
    told = world.refusals("decide", "ann", packet="ask", option="WAIT", supersedes=decided)["packet:ask"]
    assert (told.cause, told.why, told.by, told.how) == (Cause.CONSUMED, "packet ask is consumed by next", (), "")
    world.record("decide", "ann", packet="next", option="AFTER")


@pytest.mark.parametrize("moment", ["draft", "issued", "decided", "consumed"])
def test_going_back_to_hold_is_always_possible_in_one_act(moment: str) -> None:
    world = World(POLICY, now=100)
    decided: dict[str, int] = {}
    if moment != "draft":
        world.record("issue", "agent", packet="ask")
    if moment in ("decided", "consumed"):
        _open(world)
        decided = {"supersedes": world.record("decide", "ann", packet="ask", option="GO")}
    if moment == "consumed":
        world.record("issue", "agent", packet="next")

    world.record("decide", "cyn", packet="ask", option="STOP", **decided)

    assert world.state.packets["ask"].selected == "STOP"
    assert _stands(world, "ask/STOP") is True
    [held] = world.verdict("ask/STOP").requirements
    assert (held.id, held.truth, held.why) == ("hold:ask/STOP", True, "returning to HOLD is always possible")


@pytest.mark.parametrize("actor", ["eve", "agent", "robot"])
def test_only_who_decides_the_packet_returns_it_to_hold(actor: str) -> None:
    refusal = _world().refusals("decide", actor, packet="ask", option="STOP")["authority:decide"]

    assert (refusal.cause, refusal.by, refusal.how) == (Cause.UNAUTHORISED, ("ann", "bob", "cyn"), "")
    assert refusal.why == f"STOP cannot be delegated; {actor} is not board"


@pytest.mark.parametrize(
    ("kind", "body", "unknown"),
    [
        ("decide", {"packet": "ask", "option": "NOWHERE"}, "option:NOWHERE"),
        ("decide", {"packet": "ask", "option": "2"}, "option:2"),
        ("decide", {"packet": "nowhere", "option": "GO"}, "packet:nowhere"),
        ("issue", {"packet": "nowhere"}, "packet:nowhere"),
        ("grant", {"grant": "NOTHING", "scope": "work"}, "grant:NOTHING"),
        ("request", {"grant": "NOTHING", "reason": "why not"}, "grant:NOTHING"),
        ("open", {"lane": "nowhere"}, "lane:nowhere"),
        ("discharge", {"leg": "B/nothing", "evidence": evidence("rehearsal", "real")}, "leg:B/nothing"),
        ("finding", {"finding": "nothing", "result": "pass", "why": "it is so"}, "finding:nothing"),
        ("begin", {"action": "nothing"}, "action:nothing"),
    ],
)
def test_an_act_on_what_is_not_declared_is_not_evaluated(kind: str, body: dict[str, object], unknown: str) -> None:
    assert _world().causes(kind, "ann", **body) == {unknown: Cause.NOT_EVALUATED}


def test_an_act_of_nobody_declared_is_refused_and_told_who_is() -> None:
    refusal = _world().refusals("note", "mallory", text="hello")["authority:actor"]

    assert (refusal.cause, refusal.at.line) == (Cause.UNAUTHORISED, line_of(POLICY, "actors:"))
    assert refusal.why == "no actor is called mallory; declared: owner, ann, bob, cyn, eve, agent, robot"


def test_a_decision_says_on_which_packet_it_was_made() -> None:
    world = World(one_option())
    world.record("issue", "agent", packet="ask")
    act = world.act("decide", "owner", {"packet": "ask", "option": "GO"})

    [told] = propose(act, world.view())

    assert (told.id, told.cause, told.code) == ("packet:ask", Cause.MISSING, "PACKET_DIGEST")
