"""Quorums: groups joined by AND, filled by distinct persons; nobody's word counts twice, nobody fills two places."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.authority import Word, word
from govern.engine.causes import Cause
from govern.ledger.moments import spell_time
from govern.policy.who import Quorum, Slot
from support.policies import line_of, one_option, programme
from support.world import World

BOTH = "{all: [{of: board, at_least: 2}, {of: ward}]}"
GRANTS = f"{{X: {{scope: work, issuer: {BOTH}, expires_after: 10m}}}}"
BODY: dict[str, Any] = {"grant": "X", "scope": "work"}
PEOPLE = ("owner", "ann", "bob", "cyn", "eve")


def _world() -> World:
    world = World(one_option("{grant: X}", grants=GRANTS), now=100)
    world.record("issue", "agent", packet="ask")
    return world


def test_a_grant_of_several_groups_counts_when_the_last_word_is_given() -> None:
    world = _world()
    seq = world.record("grant", "ann", **BODY)

    told = world.blocking("GO")["grant:X"]
    assert (told.cause, told.why, told.record) == (Cause.QUORUM, f"X#{seq} has the word of ann; wanted 2 of board and ward", seq)
    assert told.how == f"govern grant record X#{seq} --as bob"
    world.record("grant", "bob", **BODY, instance=seq)
    assert world.blocking("GO")["grant:X"].how == f"govern grant record X#{seq} --as cyn"
    world.record("grant", "eve", **BODY, instance=seq)
    assert world.allowed("GO")
    assert world.state.instances[seq].approvals == ("ann", "bob", "eve")


def test_a_member_of_both_groups_fills_one_place_only() -> None:
    world = _world()
    seq = world.record("grant", "cyn", **BODY)
    world.record("grant", "ann", **BODY, instance=seq)
    assert not world.allowed("GO")

    world.record("grant", "bob", **BODY, instance=seq)

    assert world.allowed("GO")


def test_three_of_one_group_are_not_two_of_it_and_one_of_the_other() -> None:
    grants = "{X: {scope: work, issuer: {all: [{of: board, at_least: 2}, {of: eve}]}}}"
    world = World(one_option("{grant: X}", grants=grants))
    world.record("issue", "agent", packet="ask")
    seq = world.record("grant", "ann", **BODY)
    world.record("grant", "bob", **BODY, instance=seq)
    world.record("grant", "cyn", **BODY, instance=seq)

    assert world.blocking("GO")["grant:X"].cause is Cause.QUORUM


def test_nobodys_word_counts_twice() -> None:
    world = _world()
    seq = world.record("grant", "ann", **BODY)

    refusal = world.refusals("grant", "ann", **BODY, instance=seq)["authority:grant"]

    assert (refusal.cause, refusal.by) == (Cause.QUORUM, ("bob", "cyn", "eve"))
    assert refusal.why == "the word of ann for X is already on record; another's is wanted"
    assert refusal.at.line == line_of(one_option("{grant: X}", grants=GRANTS), "grants:")


def test_words_for_different_instances_do_not_add_up() -> None:
    world = _world()
    for actor in ("ann", "bob", "eve"):
        world.record("grant", actor, **BODY)

    assert world.blocking("GO")["grant:X"].cause is Cause.QUORUM


def test_the_window_is_the_one_that_every_word_allows() -> None:
    world = _world()
    seq = world.record("grant", "ann", **BODY, not_before=spell_time(200), expires=spell_time(300))
    world.record("grant", "bob", **BODY, instance=seq, not_before=spell_time(150), expires=spell_time(250))
    world.record("grant", "eve", **BODY, instance=seq)

    assert [now for now in (199, 200, 249, 250) if world.allowed("GO", now)] == [200, 249]


def test_the_time_that_a_grant_lasts_runs_from_the_last_word() -> None:
    world = _world()
    seq = world.record("grant", "ann", **BODY)
    world.now = 500
    world.record("grant", "bob", **BODY, instance=seq)
    world.record("grant", "eve", **BODY, instance=seq)

    assert world.allowed("GO", 1099)
    assert not world.allowed("GO", 1100)


def test_a_grant_revoked_before_it_had_all_words_takes_no_more_and_a_new_one_is_asked_for() -> None:
    world = _world()
    seq = world.record("grant", "ann", **BODY)
    revoked = world.record("revoke", "bob", record=seq, reason="no")

    for actor in ("ann", "bob"):
        refusal = world.refusals("grant", actor, **BODY, instance=seq)["grant:X"]
        assert (refusal.cause, refusal.record) == (Cause.REVOKED, revoked)
    told = world.blocking("GO")["grant:X"]
    assert (told.cause, told.how) == (Cause.REVOKED, "govern grant record X --as ann")


DECIDED = one_option().replace("decided_by: owner", f"decided_by: {BOTH}")


def _decided() -> World:
    world = World(DECIDED)
    world.record("issue", "agent", packet="ask")
    return world


def test_a_decision_of_several_groups_selects_with_its_last_word_and_hold_needs_one() -> None:
    world = _decided()
    for actor in ("ann", "cyn"):
        world.record("decide", actor, packet="ask", option="GO")
        assert world.state.packets["ask"].selected is None

    last = world.record("decide", "bob", packet="ask", option="GO")

    standing = world.state.packets["ask"]
    assert (standing.selected, standing.decision, [each.actor for each in standing.decided_by]) == ("GO", last, ["ann", "cyn", "bob"])
    world.record("decide", "eve", packet="ask", option="STOP", supersedes=last)
    assert world.state.packets["ask"].selected == "STOP"


def test_a_word_for_an_option_counts_once_and_only_for_the_packet_that_was_seen() -> None:
    world = _decided()
    world.record("decide", "ann", packet="ask", option="GO", packet_sha256="a" * 64)

    refusal = world.refusals("decide", "ann", packet="ask", option="GO", packet_sha256="a" * 64)["authority:decide"]
    assert (refusal.cause, refusal.by) == (Cause.QUORUM, ("bob", "cyn", "eve"))
    assert refusal.why == "the word of ann for GO is already on record; another's is wanted"
    world.record("decide", "bob", packet="ask", option="GO", packet_sha256="b" * 64)
    world.record("decide", "eve", packet="ask", option="GO", packet_sha256="b" * 64)
    assert world.state.packets["ask"].selected is None
    world.record("decide", "ann", packet="ask", option="GO", packet_sha256="b" * 64)
    assert world.state.packets["ask"].selected == "GO"


@pytest.mark.parametrize("forgetting", ["decide", "refuse"])
def test_a_decision_or_a_refusal_forgets_the_words_given_before(forgetting: str) -> None:
    world = _decided()
    world.record("decide", "ann", packet="ask", option="GO")
    world.record("decide", "bob", packet="ask", option="GO")
    if forgetting == "decide":
        last = world.record("decide", "cyn", packet="ask", option="STOP")
    else:
        last = world.record("refuse", "cyn", packet="ask", option="GO", reason="too early")

    world.record("decide", "eve", packet="ask", option="GO", supersedes=last)

    assert world.state.packets["ask"].selected != "GO"


def test_a_delegated_word_is_its_givers_and_counts_once() -> None:
    world = World(DECIDED.replace("may_receive_from: owner", "may_receive_from: ann").replace("says: It is done.", "says: It is done., delegable: true"))
    world.record("issue", "robot", packet="ask")
    world.record("delegate", "ann", to="agent", packet="ask", options=["GO"], scope="work", uses=5)
    world.record("decide", "ann", packet="ask", option="GO")

    refusal = world.refusals("decide", "agent", packet="ask", option="GO", delegation=2)["authority:decide"]

    assert (refusal.cause, refusal.why) == (Cause.QUORUM, "the word of ann for GO is already on record; another's is wanted")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    slots=st.lists(st.tuples(st.sampled_from(["owner", "ann", "board", "ward"]), st.integers(1, 2)), min_size=1, max_size=3),
    given_words=st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4),
    actor=st.sampled_from((*PEOPLE, "agent")),
)
def test_words_complete_an_authority_exactly_when_distinct_persons_fill_every_place(slots: list[tuple[str, int]], given_words: list[str], actor: str) -> None:
    roles = {"board": {"ann", "bob", "cyn"}, "ward": {"cyn", "eve"}}
    places = [roles.get(name, {name}) for name, wanted in slots for _ in range(wanted)]
    spoken = [*given_words, actor]
    filled = any(all(person in place for person, place in zip(chosen, places, strict=True)) for chosen in permutations(spoken, len(places)))
    wanted = Word.NOTHING if actor in given_words or not any(actor in place for place in places) else Word.COMPLETE if filled else Word.PARTIAL
    who = Quorum(all=tuple(Slot(of=name, at_least=number) for name, number in slots))

    assert word(World(programme()).view(), who, actor, tuple(given_words)) is wanted


def test_the_word_of_who_makes_evidence_afterwards_counts_no_more() -> None:
    blockers = "{B: {legs: {shown: {by: board, evidence: {rehearsal: toy}}}}}"
    world = World(one_option("{leg: B/shown}", blockers=blockers).replace("decided_by: owner", "decided_by: {all: [{of: board, at_least: 2}]}"))
    evidence = {"kind": "rehearsal", "of": "toy", "sha256": "5" * 64, "path": "governance/evidence/toy.json"}
    world.record("issue", "agent", packet="ask")
    world.record("discharge", "cyn", leg="B/shown", evidence=evidence)
    world.record("decide", "ann", packet="ask", option="GO")
    world.record("discharge", "ann", leg="B/shown", evidence=evidence)

    world.record("decide", "bob", packet="ask", option="GO")

    assert world.state.packets["ask"].selected is None
    world.record("decide", "cyn", packet="ask", option="GO")
    assert [each.actor for each in world.state.packets["ask"].decided_by] == ["bob", "cyn"]
