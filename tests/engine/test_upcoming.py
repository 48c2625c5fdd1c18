"""What pages say beside the verdicts: what comes next, in the programme's words, the lineage, the status, and since when."""

import pytest

from govern.engine.authority import Standing, standing_of
from govern.engine.causes import requirements
from govern.engine.explain import holding, next_acts
from govern.engine.lineage import lineage
from govern.engine.settled import settled_at
from govern.engine.standing import status_token
from govern.engine.upcoming import choices, upcoming, why_closed
from govern.engine.words import spell_requirement
from govern.ledger.lines import Record
from govern.ledger.moments import spell_time
from govern.ledger.statements import Basis, Statement
from support.policies import one_option, programme
from support.world import DOCUMENT, FIX7, SHA, World, evidence, signer

PACKETS = """
  ask:
    lane: main
    decided_by: board
    file: ask.md
    lineage_gap: It starts the story.
    continues: GRANTED
    respond_within: 1h
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: FAR, scope: work, says: It is done., requires: {all: [{grant: X}, {honoured: X}, {leg: B/tried}]}}
      - {number: "3", id: NEAR, scope: work, says: It is done., requires: {any: [{leg: B/tried}, {grant: "Y"}]}}
      - {number: "4", id: GO, scope: work, delegable: true, says: It is done.}
  next:
    lane: main
    decided_by: owner
    consumes: ask/GO
    continues: TWICE
    options: [{number: "1", id: STOP, hold: true, says: Nothing is done.}]"""
GRANTS = '{X: {scope: work, issuer: owner, says: leave to go}, "Y": {scope: work, issuer: owner}}'
BLOCKERS = """
  A: {legs: {one: {by: robot, evidence: {rehearsal: one}}, two: {by: robot, evidence: {rehearsal: two}}}}
  B: {legs: {tried: {by: agent, evidence: {rehearsal: real}, says: rehearsed, fresh_for: 1d}}}
  C: {legs: {either: {by: owner, requires: {any: [{grant: X}, {grant: "Y"}, {leg: A/one}]}}}}"""
TEXT = programme(
    packets=PACKETS, grants=GRANTS, blockers=BLOCKERS, statuses='[{id: GRANTED, when: {grant: "Y"}}, {id: TWICE, when: {all: [{grant: X}, {honoured: X}]}}]'
)


def _world() -> World:
    world = World(TEXT, now=100)
    world.record("issue", "agent", packet="ask")
    return world


def test_what_waits_for_a_decision_comes_first_then_the_acts_that_open_the_nearest_options() -> None:
    steps = upcoming(_world().view())

    assert [(step.actors, step.words, step.command) for step in steps] == [
        (("ann", "bob", "cyn"), "decide ask; until then HOLD (default), STOP", "govern decide ask/… --as ann"),
        (("agent",), "rehearsed (towards option 3)", "govern blocker discharge B/tried --evidence FILE --as agent"),
        (("owner",), "leave to go, leave to go (towards option 2)", "govern grant record X --as owner"),
    ]


def test_options_are_ordered_by_what_is_missing_and_hold_is_none_of_them() -> None:
    world = _world()
    world.record("grant", "owner", grant="Y", scope="work")

    assert [(each.address, each.number, each.missing) for each in choices(world.view())] == [("ask/NEAR", "3", 0), ("ask/GO", "4", 0), ("ask/FAR", "2", 3)]


def test_a_decided_packet_waits_for_nobody() -> None:
    world = _world()
    world.record("decide", "ann", packet="ask", option="STOP")

    assert not any(step.words.startswith("decide") for step in upcoming(world.view()))


def test_blockers_are_ordered_by_what_keeps_them_open() -> None:
    world = _world()
    world.record("grant", "owner", grant="X", scope="work")

    assert [each.target.name for each in why_closed(world.view())] == ["C", "B", "A"]


def test_acts_of_one_command_are_one_and_clear_several() -> None:
    verdict = _world().verdict("ask/FAR")

    [grant, leg] = next_acts(verdict)

    assert (grant.actors, grant.command, grant.clears) == (("owner",), "govern grant record X --as owner", ("grant:X", "honoured:X"))
    assert leg.clears == ("leg:B/tried",)


def test_only_the_acts_of_the_smallest_set_come_next() -> None:
    assert [act.clears for act in next_acts(_world().verdict("ask/NEAR"))] == [("leg:B/tried",)]


def test_what_holds_is_told_with_its_record() -> None:
    world = _world()
    seq = world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))

    assert [(each.id, each.record) for each in holding(world.verdict("ask/NEAR"))] == [("lane:main", None), ("leg:B/tried", seq)]


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        ("{grant: X}", "leave to go"),
        ('{honoured: "Y"}', "Y grant"),
        ("{leg: B/tried}", "rehearsed"),
        ("{lane: gate}", "lane gate open"),
        ("{selected: other/GO}", "other/GO selected and in force"),
        ("{not: {grant: X}}", "grant:X must not hold, and it does"),
    ],
)
def test_a_requirement_is_spelled_in_the_programmes_own_words(guard: str, words: str) -> None:
    other = '\n  other:\n    lane: main\n    decided_by: owner\n    lineage_gap: Another.\n    options: [{number: "1", id: STOP, hold: true, says: No.}, {number: "2", id: GO, scope: work, says: Yes.}]'
    world = World(one_option(guard, grants=GRANTS, blockers=BLOCKERS) + other.removeprefix("\n") + "\n")
    world.record("grant", "owner", grant="X", scope="work")
    asked = requirements(world.verdict("ask/GO").judged)[-1]

    assert spell_requirement(asked, world.view().policy) == words


def test_a_second_use_of_a_grant_is_spelled_as_the_grant_and_a_refusal_as_its_reason() -> None:
    world = _world()
    seq = world.record("grant", "owner", grant="X", scope="work")
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    policy = world.view().policy
    refused = {
        **world.refusals("decide", "ann", packet="next", option="STOP"),
        **world.refusals("decide", "ann", packet="ask", option="FAR"),
        **world.refusals("revoke", "ann", record=seq, reason="no"),
        **world.refusals("grant", "owner", grant="X", scope="work", instance=seq),
        **world.refusals("grant", "owner", grant="X", scope="work", instance=99),
    }

    assert spell_requirement(refused["honoured:X~2"], policy) == "leave to go"
    assert spell_requirement(refused["grant:X#99"], policy) == "no X#99 is on record"
    assert spell_requirement(World(TEXT).blocking("next")["packet:next"], policy) == "packet next issued"


def test_the_lineage_names_what_each_packet_consumes_continues_and_became() -> None:
    world = _world()
    decided = world.record("decide", "ann", packet="ask", option="GO")
    world.record("issue", "agent", packet="next")

    ask, following = lineage(world.view())

    assert (ask["packet"], ask["lifecycle"], ask["consumes"], ask["gap"]) == ("ask", "consumed", "", "It starts the story.")
    assert (ask["continues"], ask["consumed_by"], ask["decision"], ask["standing"]) == ("GRANTED", "next", f"GO #{decided}", "unauthenticated")
    assert (following["consumes"], following["consumed_option"], following["consumes_file"]) == ("ask/GO", "option 4", "ask.md")
    assert (following["file"], following["decision"], following["gap"], following["consumed_by"]) == ("", "", "", "")
    assert following["continues"] == "TWICE"
    assert lineage(World(TEXT).view())[0]["standing"] == ""


def test_a_packet_that_a_document_reports_is_shown_as_imported() -> None:
    world = World(TEXT)
    world.report("issue", "agent", packet="ask")

    assert lineage(world.view())[0]["standing"] == "imported"


def test_how_well_an_author_is_known_is_said_of_every_record() -> None:
    record = Record(1, "1970-01-01T00:00:00Z", 0, Statement(None, "note", "owner", {"text": "hello"}, Basis(0, ""), SHA), SHA)

    assert standing_of(record) is Standing.UNAUTHENTICATED
    assert standing_of(record._replace(signer=signer("owner"))) is Standing.SIGNED
    assert standing_of(record._replace(statement=record.statement._replace(imported=DOCUMENT))) is Standing.IMPORTED


def test_the_status_is_the_first_that_holds_and_nothing_where_none_does() -> None:
    world = _world()
    assert status_token(world.view()) == ""
    world.record("grant", "owner", grant="X", scope="work")
    assert status_token(world.view()) == ""
    world.record("grant", "owner", grant="X", scope="work")
    assert status_token(world.view()) == "TWICE"
    world.record("grant", "owner", grant="Y", scope="work")
    assert status_token(world.view()) == "GRANTED"
    assert status_token(World(FIX7).view()) == "FIX7_P0_PRODUCTION_READINESS_SURFACE_SCOPING_READY"


def test_a_state_is_settled_since_the_last_record_or_the_last_window_that_opened_or_closed() -> None:
    world = _world()
    assert settled_at(world.view(150)) == 100
    assert settled_at(world.view(100 + 3599)) == 100
    assert settled_at(world.view(100 + 3600)) == 100 + 3600
    world.record("grant", "owner", grant="X", scope="work", not_before=spell_time(200), expires=spell_time(300))
    assert [settled_at(world.view(now)) for now in (199, 200, 299, 300)] == [100, 200, 200, 300]
    world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    assert settled_at(world.view(86_499)) == 3700
    assert settled_at(world.view(86_500)) == 86_500


def test_a_delegations_window_settles_a_state_too() -> None:
    world = World(TEXT.replace("may_receive_from: owner", "may_receive_from: ann"), now=100)
    world.record("delegate", "ann", to="agent", packet="ask", options=["GO"], scope="work", uses=1, expires=spell_time(400))

    assert [settled_at(world.view(now)) for now in (399, 400)] == [100, 400]
