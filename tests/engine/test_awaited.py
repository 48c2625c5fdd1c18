"""Who is waited for, and since when: for decisions, acts that open something, and what has some of the words that it takes."""

from govern.engine.awaited import Awaited, also_awaited, awaited
from govern.engine.upcoming import upcoming
from govern.engine.view import EvidenceFact
from support.policies import programme
from support.world import World, evidence

PACKETS = """
  ask:
    lane: main
    decided_by: {all: [{of: board, at_least: 2}]}
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: TRY, scope: work, delegable: true, requires: {any: [{leg: B/tried}, {grant: X}]}, says: It is tried.}
      - {number: "3", id: GO, scope: work, requires: {all: [{leg: B/tried}, {grant: X}]}, says: It is done.}
      - {number: "4", id: LIVE, scope: live, lane: gate, says: It goes live.}
      - {number: "5", id: SHUT, scope: work, requires: {all: [{blocker: B, is: closed}, {finding: F, is: pass}]}, says: It ends.}
  hold:
    lane: main
    decided_by: owner
    lineage_gap: Only its default is known.
    known_options_only: true
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]"""
TEXT = programme(
    actors="""
  owner: {kind: person}
  ann: {kind: person}
  bob: {kind: person}
  cyn: {kind: person}
  agent: {kind: agent, may_receive_from: ann}
  robot: {kind: service}""",
    roles="{board: {members: [ann, bob, cyn]}}",
    policy="{adopted_by: {all: [{of: board, at_least: 2}]}, loosened_by: {all: [{of: board, at_least: 2}, {of: owner}]}}",
    packets=PACKETS,
    lanes="{main: {scope: work, standing: true}, gate: {scope: live, opened_by: {all: [{of: board, at_least: 2}]}}, bay: {scope: work, opened_by: {all: [{of: board, at_least: 2}]}}}",
    grants='{X: {scope: work, issuer: owner, says: leave to go}, "Y": {scope: work, issuer: {all: [{of: board, at_least: 2}]}}, Z: {scope: work, issuer: owner}}',
    blockers="{B: {legs: {tried: {by: board, evidence: {rehearsal: real}, says: rehearsed, fresh_for: 1d}}}}",
    findings="{F: {result: unknown, by: ann, why: It is so.}}",
    actions="{act: {needs: {selected: ask/TRY}, consumes: Z}, idle: {needs: {selected: ask/TRY}}}",
)
DAY = 86_400


def _world(*issued: str) -> World:
    world = World(TEXT, now=100)
    for packet in issued or ("ask",):
        world.record("issue", "robot", packet=packet)
    return world


def _steps(world: World, now: int | None = None, facts: dict[int, EvidenceFact] | None = None) -> dict[str, Awaited]:
    """Return what comes next, by the command up to who gives it."""
    view = world.view(now, facts)
    found = [awaited(step, view, lambda seq: 100 + seq) for step in upcoming(view)]
    return {each.command.removeprefix("govern ").partition(" --as ")[0]: each for each in found}


def _also(world: World, *told: str) -> list[Awaited]:
    return list(also_awaited(world.view(), lambda seq: 100 + seq, told))


def _able(found: Awaited) -> list[str]:
    return [hand.actor for hand in found.by]


def test_a_decision_waits_for_each_who_decides_since_the_packet_was_issued() -> None:
    decision = _steps(_world())["decide ask/…"]

    assert (decision.kind, _able(decision), decision.kept_out, decision.given, decision.since) == ("decision", ["ann", "bob", "cyn"], (), (), 100)


def test_a_packet_of_which_only_the_hold_is_known_waits_for_its_decider() -> None:
    decision = _steps(_world("hold"))["decide hold/…"]

    assert (decision.kind, _able(decision)) == ("decision", ["owner"])


def test_who_gave_a_word_for_an_option_is_waited_for_no_more() -> None:
    world = _world()
    world.record("grant", "owner", grant="X", scope="work")
    world.record("decide", "ann", packet="ask", option="TRY")
    decision = _steps(world)["decide ask/…"]

    assert (_able(decision), decision.given) == (["bob", "cyn"], ("ann",))


def test_who_prepared_a_packet_is_kept_out_of_its_decision_and_told_why() -> None:
    world = World(TEXT, now=100)
    world.record("prepare", "ann", packet="ask")
    world.record("issue", "robot", packet="ask")
    decision = _steps(world)["decide ask/…"]

    assert _able(decision) == ["bob", "cyn"]
    [out] = decision.kept_out
    assert (out.actor, out.excluded) == ("ann", True)
    assert out.against == "ann prepared what is decided (record #1) and cannot decide it"


def test_who_is_kept_out_of_one_option_alone_can_decide_the_others() -> None:
    world = _world()
    world.record("discharge", "cyn", leg="B/tried", evidence=evidence("rehearsal", "real"))

    assert _able(_steps(world)["decide ask/…"]) == ["ann", "bob", "cyn"]


def test_to_whom_a_decision_was_delegated_is_waited_for_until_that_is_revoked() -> None:
    world = _world()
    seq = world.record("delegate", "ann", to="agent", options=["TRY"], packet="ask", scope="work", uses=1)
    assert _able(_steps(world)["decide ask/…"]) == ["ann", "bob", "cyn", "agent"]

    world.record("revoke", "ann", record=seq, reason="no more")
    assert _able(_steps(world)["decide ask/…"]) == ["ann", "bob", "cyn"]


def test_who_has_no_key_is_waited_for_and_cannot_act_today() -> None:
    world = World(TEXT, now=100, keyless=True)
    world.report("issue", "robot", packet="ask")
    [ann, *_others] = _steps(world)["decide ask/…"].by

    assert (ann.actor, ann.able, ann.excluded) == ("ann", False, False)
    assert ann.against.startswith("the keys of ")


def test_an_act_is_of_the_kind_that_it_records_and_waits_since_the_packet_was_issued() -> None:
    steps = _steps(_world())

    assert [(each.kind, _able(each), each.since) for name, each in steps.items() if name != "decide ask/…"] == [
        ("lane", ["ann", "bob", "cyn"], 100),
        ("evidence", ["ann", "bob", "cyn"], 100),
        ("grant", ["owner"], 100),
        ("act", ["ann", "bob", "cyn"], 100),
        ("act", ["ann"], 100),
    ]


def test_what_was_taken_back_waits_since_the_record_that_took_it_back() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")
    taken = world.record("revoke", "owner", record=seq, reason="no more")

    assert _steps(world)["grant record X"].since == 100 + taken


def test_what_ran_out_waits_since_the_moment_at_which_it_did() -> None:
    world = _world()
    world.record("grant", "owner", grant="X", scope="work", expires="1970-01-01T01:00:00Z")
    world.record("discharge", "cyn", leg="B/tried", evidence=evidence("rehearsal", "real"))
    facts = {world.state.proofs["B/tried"][-1].seq: EvidenceFact.SAME}

    later = _steps(world, 3 * DAY, facts)
    assert later["grant record X"].since == 3_600
    assert later["blocker discharge B/tried --evidence FILE"].since == 100 + DAY


def test_evidence_whose_file_was_changed_waits_since_its_record() -> None:
    world = _world()
    seq = world.record("discharge", "cyn", leg="B/tried", evidence=evidence("rehearsal", "real"))

    steps = _steps(world, facts={seq: EvidenceFact.CHANGED})
    assert steps["blocker discharge B/tried --evidence FILE"].since == 100 + seq


def test_a_version_waits_for_those_who_have_given_no_word_and_did_not_propose_it() -> None:
    world = _world()
    body = world.successor(TEXT.replace("It is tried.", "It is tried out."))
    proposed = world.record("propose", "cyn", policy=body["policy"], version=2, reason="better")
    [waits] = _also(world)
    assert (waits.kind, waits.command, waits.given, waits.since) == ("policy", 'govern policy adopt --reason "…" --as ann', (), 100 + proposed)
    assert (waits.what, _able(waits)) == (f"adopt policy {body['policy'][:12]}", ["ann", "bob", "owner"])
    assert [(hand.actor, hand.against) for hand in waits.kept_out] == [("cyn", f"cyn proposed it (record #{proposed})")]

    world.record("adopt", "ann", **body)
    [waits] = _also(world)
    assert (_able(waits), waits.given) == (["bob", "owner"], ("ann",))

    world.record("adopt", "bob", **body)
    world.record("adopt", "owner", **body)
    assert world.state.version == 2
    assert _also(world) == []


def test_a_version_that_nobody_proposed_waits_from_its_first_word_on() -> None:
    world = _world()
    world.record("adopt", "ann", **world.successor(TEXT.replace("It is tried.", "It is tried out.")))
    [waits] = _also(world)

    assert (_able(waits), waits.given, waits.since) == (["bob", "cyn", "owner"], ("ann",), None)


def test_a_key_a_lane_and_a_grant_wait_for_the_words_that_they_lack() -> None:
    world = _world()
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    world.record("enroll", "ann", actor="agent", key=key)
    world.record("open", "bob", lane="bay")
    world.record("open", "bob", lane="gate")
    seq = world.record("grant", "cyn", grant="Y", scope="work")
    [enrolled, bay, gate, grant] = _also(world)

    assert (enrolled.kind, _able(enrolled), enrolled.given) == ("key", ["bob", "cyn"], ("ann",))
    assert enrolled.command == "govern key enroll FILE --for agent --as bob"
    assert (bay.kind, bay.command, _able(bay), bay.given, bay.since) == ("lane", "govern lane open bay --as ann", ["ann", "cyn"], ("bob",), None)
    assert gate.command == "govern lane open gate --as ann"
    assert (grant.kind, grant.command, _able(grant), grant.given) == ("grant", f"govern grant record Y#{seq} --as ann", ["ann", "bob"], ("cyn",))
    assert (grant.what, grant.since) == ("Y grant", 100 + seq)


def test_what_another_command_brings_about_already_is_not_told_twice() -> None:
    world = _world()
    world.record("open", "bob", lane="gate")
    world.record("grant", "cyn", grant="Y", scope="work")

    assert _also(world, "govern lane open gate --as ann", "govern grant record Y#3 --as ann") == []


def test_a_grant_that_was_asked_for_waits_for_its_issuers_but_who_asked() -> None:
    world = _world()
    seq = world.record("request", "owner", grant="Z", reason="it is time")
    world.record("request", "agent", grant="X", reason="it is time")
    [asked, own] = _also(world)

    assert (asked.what, _able(asked)) == ("leave to go, asked for by agent", ["owner"])
    assert (own.command, _able(own), [hand.actor for hand in own.kept_out]) == (f"govern grant record Z#{seq} --as owner", [], ["owner"])


def test_an_action_that_was_lost_from_sight_waits_for_an_owner_to_say_how_it_ended() -> None:
    world = _world()
    world.record("grant", "owner", grant="X", scope="work")
    grant = world.record("grant", "owner", grant="Z", scope="work")
    world.record("decide", "ann", packet="ask", option="TRY")
    world.record("decide", "bob", packet="ask", option="TRY")
    begun = world.record("begin", "robot", action="act", grant=grant)
    free = world.record("begin", "robot", action="idle")
    assert [each for each in _also(world) if each.kind == "run"] == []

    lost = world.record("lose", "agent", begin=begun, reason="the line is dead")
    world.record("lose", "agent", begin=free, reason="the line is dead")
    [first, second] = [each for each in _also(world) if each.kind == "run"]
    assert (first.what, first.command) == (f"say how act of record #{begun} ended", f"govern grant resolve '#{begun}' --reason \"…\" --as owner")
    assert (_able(first), first.since) == (["owner"], 100 + lost)
    assert _able(second) == ["ann", "bob", "cyn"]
