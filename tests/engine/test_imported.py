"""Imported history: what documents report is taken right after genesis, shown as imported, and never enough in a protected scope."""

from typing import Any

import pytest

from govern.engine.causes import Cause
from govern.engine.judge import in_force
from govern.ledger.statements import Imported
from govern.policy import find
from govern.problems import GovernError
from support.policies import one_option, programme
from support.world import DOCUMENT, SHA, World, evidence, signer

GRANTS = "{X: {scope: work, issuer: owner}, LIVE: {scope: live, issuer: owner}}"
BLOCKERS = "{B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}, paid: {by: owner, requires: {honoured: LIVE}}}}, C: {legs: {said: {by: owner, evidence: {attest: it}}}}}"
AIDE = '}\n      - {number: "3", id: AIDE, scope: work, says: It is begun.'
ACTIONS = "{use: {needs: {selected: AIDE}, consumes: X}, run: {needs: {selected: GO}}}"
FINDINGS = "{quiet: {result: unknown, by: owner, why: Nobody has looked.}}"
PROVED: dict[str, Any] = {"leg": "B/tried", "evidence": evidence("rehearsal", "real")}


def _world(guard: str = "", scope: str = "live") -> World:
    return World(one_option(guard, scope=scope, grants=GRANTS, blockers=BLOCKERS, actions=ACTIONS, findings=FINDINGS, option=AIDE))


def _opened(world: World) -> World:
    world.record("issue", "robot", packet="ask")
    world.record("open", "owner", lane="gate")
    return world


def test_a_report_is_taken_right_after_genesis_and_no_more_once_somebody_has_acted() -> None:
    world = _world()
    world.report("quote", "robot", about="use", text="10/10")
    world.report("mark", "robot", name="S0")
    world.record("note", "robot", text="from here on we act")

    refusal = world.report_refusals("quote", "robot", about="use", text="10/10")["import"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "imported history is taken right after genesis only")
    assert [(each.about, each.text, each.document) for each in world.state.quotes] == [("use", "10/10", DOCUMENT.document)]
    assert world.state.marks == {"S0": 2}


def test_a_refused_act_and_any_other_record_end_the_time_of_reports() -> None:
    for kind, body in (("request", {"grant": "X", "reason": "it is needed"}), ("mark", {"name": "S1"})):
        world = _world()
        world.record(kind, "owner", **body)
        assert world.report_refusals("note", "robot", text="late")["import"].cause is Cause.REFUSED


def test_a_quote_is_taken_from_a_document_only() -> None:
    refusal = _world().refusals("quote", "owner", about="use", text="10/10")["quote:use"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "a quote is taken from a document, right after genesis")


@pytest.mark.parametrize("kind", ["genesis", "adopt"])
def test_no_document_founds_a_ledger_or_adopts_a_policy(kind: str) -> None:
    world = _world()
    body = world.successor(one_option())
    if kind == "genesis":
        body = {"programme": "SMALL", "version": 1, "templates": {}, "nonce": SHA}

    refusal = world.report_refusals(kind, "owner", **body)[f"import:{kind}"]

    assert refusal.why == f"a document cannot report a record of kind {kind}"


def test_an_imported_grant_counts_where_nothing_is_protected_and_never_where_something_is() -> None:
    for scope, name in (("work", "X"), ("live", "LIVE")):
        world = _world(f"{{grant: {name}}}", scope=scope)
        seq = world.report("grant", "owner", grant=name, scope=scope)
        _opened(world)
        if scope == "work":
            assert world.allowed("GO")
            continue
        told = world.blocking("GO")[f"grant:{name}"]
        assert (told.truth, told.cause, told.record) == (False, Cause.UNSIGNED, seq)
        assert told.why == f"{name}#{seq} is imported from a document, which is never enough in a protected scope"
        world.record("grant", "owner", grant=name, scope=scope)
        assert world.allowed("GO")


@pytest.mark.parametrize("guard", ["{leg: B/tried}", "{leg: C/said}", "{blocker: C, is: closed}", "{finding: quiet, is: pass}", "{done: use}"])
def test_whatever_is_imported_opens_a_lower_scope_and_never_a_protected_one(guard: str) -> None:
    for scope in ("work", "live"):
        world = _world(guard, scope=scope)
        world.report("discharge", "agent", **PROVED)
        world.report("discharge", "owner", leg="C/said", evidence=evidence("attest", "it"))
        world.report("finding", "owner", finding="quiet", result="pass", why="It was quiet.")
        begun = world.report("begin", "robot", action="use")
        world.report("end", "robot", begin=begun, status=0)
        _opened(world)

        assert world.allowed("GO") is (scope == "work")
        if scope == "live":
            [told] = world.blocking("GO").values()
            assert told.cause is Cause.UNSIGNED


def test_an_imported_leg_says_which_document_reports_it() -> None:
    world = _world("{leg: B/tried}")
    seq = world.report("discharge", "agent", **PROVED)

    told = _opened(world).blocking("GO")["leg:B/tried"]

    assert told.why == f"the evidence of record #{seq} is imported from minutes.md, which is never enough in a protected scope"
    assert world.allowed("B/tried")
    world.record("discharge", "agent", **PROVED)
    assert world.allowed("GO")


def test_a_lane_that_a_document_opened_is_closed_in_a_protected_scope_until_it_is_opened_anew() -> None:
    world = _world()
    seq = world.report("open", "robot", lane="gate")

    told = world.blocking("gate")["lane:gate"]

    assert (told.cause, told.record, told.how) == (Cause.UNSIGNED, seq, "govern lane close gate --as owner")
    assert told.why == "lane gate was opened by imported history only; close it, then open it"
    world.record("close", "owner", lane="gate")
    world.record("open", "owner", lane="gate")
    assert world.allowed("gate")


def test_a_guarded_lane_of_a_protected_scope_takes_no_imported_evidence() -> None:
    lanes = "{main: {scope: work, standing: true}, side: {scope: live, opens_when: {leg: C/said}}}"
    world = World(programme(lanes=lanes, grants=GRANTS, blockers=BLOCKERS))
    world.report("discharge", "owner", leg="C/said", evidence=evidence("attest", "it"))

    assert world.blocking("side")["leg:C/said"].cause is Cause.UNSIGNED


@pytest.mark.parametrize(("scope", "stands"), [("work", True), ("live", False)])
def test_an_imported_decision_stands_in_a_lower_scope_and_never_in_a_protected_one(scope: str, stands: bool) -> None:  # noqa: FBT001
    world = _world(scope=scope)
    world.report("issue", "robot", packet="ask")
    decided = world.report("decide", "owner", packet="ask", option="GO")
    world.record("open", "owner", lane="gate")

    view = world.view()
    assert in_force(*find.option(view.policy, "ask/GO"), view) is stands
    assert world.allowed("run") is stands
    if not stands:
        told = world.blocking("run")["selected:ask/GO"]
        assert (told.cause, told.record) == (Cause.UNSIGNED, decided)
        assert told.why == "ask/GO is selected, as imported from a document, which is never enough in a protected scope"
    world.record("decide", "owner", packet="ask", option="GO", supersedes=decided)
    assert world.allowed("run")


def test_a_guard_of_a_protected_scope_takes_no_imported_decision_of_another_packet() -> None:
    packets = """
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: live, lane: gate, says: It is done., requires: {selected: other/STAY}}
  other:
    lane: main
    decided_by: owner
    lineage_gap: It is a story of its own.
    options:
      - {number: "1", id: STAY, hold: true, says: Nothing is done.}"""
    world = World(programme(packets=packets))
    world.report("decide", "owner", packet="other", option="STAY")
    _opened(world)

    assert world.blocking("GO")["selected:other/STAY"].cause is Cause.UNSIGNED


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("grant", {"grant": "X", "scope": "work", "instance": 7}, "no X#7 is on record"),
        ("grant", {"grant": "LIVE", "scope": "live", "instance": 1}, "no LIVE#1 is on record"),
        ("begin", {"action": "use", "grant": 7}, "record #7 is no grant that use uses up"),
        ("begin", {"action": "run", "grant": 1}, "record #1 is no grant that run uses up"),
        ("decide", {"packet": "ask", "option": "GO", "delegation": 1}, "record #1 is no delegation"),
        ("revoke", {"record": 2, "reason": "no"}, "record #2 is neither a grant nor a delegation"),
        ("end", {"begin": 7, "status": 0}, "record #7 began nothing that could end"),
        ("resolve", {"begin": 2, "reason": "no"}, "record #2 began nothing that could resolve"),
        ("reopen", {"leg": "B/tried", "reason": "no"}, "leg B/tried was not proven"),
        ("open", {"lane": "main"}, "lane main is not opened or closed by a record"),
        ("close", {"lane": "main"}, "lane main is not opened or closed by a record"),
        ("mark", {"name": "S0"}, "@S0 already marks record #3"),
    ],
)
def test_a_report_goes_on_only_with_what_is_on_record(kind: str, body: dict[str, Any], why: str) -> None:
    world = _world()
    world.report("grant", "owner", grant="X", scope="work")
    world.report("begin", "robot", action="use")
    world.report("mark", "robot", name="S0")

    refusal = world.report_refusals(kind, "owner", **body)["import:record"]

    assert (refusal.cause, refusal.why, refusal.how) == (Cause.MISSING, why, "govern log")


def test_a_report_of_what_is_not_declared_is_not_evaluated() -> None:
    refusals = _world().report_refusals("grant", "owner", grant="NOTHING", scope="work")

    assert {name: each.cause for name, each in refusals.items()} == {"grant:NOTHING": Cause.NOT_EVALUATED}


def test_a_whole_story_can_be_reported_though_no_way_of_it_was_recorded() -> None:
    world = _world(scope="work")
    requested = world.report("request", "agent", grant="X", reason="it was needed")
    world.report("grant", "robot", grant="X", scope="work", instance=requested)
    begun = world.report("begin", "robot", action="use", grant=requested)
    world.report("lose", "robot", begin=begun, reason="the host was gone")
    world.report("resolve", "owner", begin=begun, reason="it was used")
    world.report("revoke", "owner", record=requested, reason="no more")
    world.report("discharge", "agent", **PROVED)
    world.report("reopen", "owner", leg="B/tried", reason="doubt")
    world.report("reopen", "owner", leg="B/tried", reason="more doubt")
    world.report("open", "owner", lane="gate")
    world.report("close", "owner", lane="gate")
    world.report("close", "owner", lane="gate")
    world.report("prepare", "agent", packet="ask")
    world.report("issue", "agent", packet="ask")
    world.report("issue", "agent", packet="ask")
    delegation = world.report("delegate", "owner", to="agent", packet="ask", options=["GO"], scope="work", uses=1)
    world.report("decide", "agent", packet="ask", option="GO", delegation=delegation)
    world.report("refuse", "owner", packet="ask", option="STOP", reason="never")
    world.report("revoke", "owner", record=delegation, reason="no more")

    state = world.state
    assert (state.instances[requested].state, state.runs[begun].state) == ("revoked", "ended")
    assert (state.proofs["B/tried"][0].state, state.lanes["gate"].state, state.packets["ask"].state) == ("open", "closed", "issued")
    assert state.packets["ask"].imported == DOCUMENT
    assert state.delegations[delegation].imported


def test_a_report_of_a_packet_consumes_the_one_before() -> None:
    packets = """
  one:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}, {number: "2", id: GO, scope: work, says: It is done.}]
  two:
    lane: main
    decided_by: owner
    consumes: one/GO
    options: [{number: "1", id: STOP, hold: true, says: Nothing.}]"""
    world = World(programme(packets=packets))
    world.report("issue", "robot", packet="two")

    assert (world.state.packets["one"].state, world.state.packets["one"].consumed_by) == ("consumed", "two")


LIFECYCLE = """
  use: standard-1
  leg:
    initial: open
    states: {open: {}, proven: {counts: true}}
    transitions: [{trigger: discharge, from: [open, proven], to: proven, by: authority}]"""


def test_a_report_of_a_step_that_the_lifecycle_does_not_know_is_refused() -> None:
    world = World(programme(lifecycles=LIFECYCLE, blockers=BLOCKERS, grants=GRANTS))
    world.report("discharge", "agent", **PROVED)

    refusal = world.report_refusals("reopen", "owner", leg="B/tried", reason="doubt")["leg:reopen"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "the leg lifecycle knows no `reopen`")


def test_a_report_typed_in_late_is_found_out_when_the_ledger_is_read() -> None:
    world = _world()
    world.record("note", "robot", text="we act")

    with pytest.raises(GovernError, match="imported history is taken right after genesis only"):
        world.force("grant", "owner", {"grant": "X", "scope": "work"}, Imported("minutes.md", SHA))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("enroll", {"actor": "owner", "key": "ssh-ed25519 AAAA"}),
        ("retire", {"key": signer("owner").key, "reason": "it was lost"}),
        ("repair", {"sha256": SHA, "bytes": 1}),
        ("propose", {"policy": SHA, "version": 2, "reason": "it must change"}),
    ],
)
def test_a_document_reports_nothing_that_authority_itself_rests_on(kind: str, body: dict[str, Any]) -> None:
    told = World(one_option()).report_refusals(kind, "owner", **body)

    assert told[f"import:{kind}"].why == f"a document cannot report a record of kind {kind}"


def test_a_document_does_not_report_a_revoked_grant_as_granted_again() -> None:
    world = _world(scope="work")
    requested = world.report("request", "agent", grant="X", reason="it was needed")
    world.report("revoke", "owner", record=requested, reason="no more")

    refusal = world.report_refusals("grant", "owner", grant="X", scope="work", instance=requested)["grant:record"]

    assert (refusal.cause, refusal.why) == (Cause.REFUSED, "it is reported to be revoked, and no way leads from there by `record`")
    assert not world.state.instances[requested].approvals
