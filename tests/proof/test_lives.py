"""The lives of grants, legs, lanes and findings: what was done stands beside the state that it gave."""

from functools import cache

import pytest

from govern.policy.lifecycles import Transition
from govern.policy.load import examine_policy, load_policy
from govern.policy.model import Policy
from govern.proof.automata import Life
from govern.proof.evidence_lives import Aging, leg_life
from govern.proof.formulas import TRUE, Formula
from govern.proof.lane_lives import finding_life, lane_life, packet_ways
from govern.proof.lives import entitled, grant_life, persons_of, run_life
from support.planted import text_of
from support.policies import one_option

LIFECYCLE = """{use: standard-1, %s: {initial: absent, states: {absent: {}, there: {counts: true, honoured: true}}, transitions: [%s]}}"""


@cache
def _policy() -> Policy:
    return load_policy(text_of("transfer"))


def _guarded(_way: Transition) -> Formula:
    return TRUE


def _grant(name: str, *, used: bool = False) -> Life:
    policy = _policy()
    declared = policy.grants[name]
    return grant_life(policy, declared.issuer, protected=policy.scopes[declared.scope].protected, used=used, guarded=_guarded)


def _step(life: Life, kind: str, source: str | None) -> set[str | None]:
    return {edge.target for edge in life.edges if (edge.deed.kind, edge.source) == (kind, source)}


def test_the_first_of_two_words_waits_and_the_second_gives() -> None:
    life = _grant("MOVE")

    assert _step(life, "grant", None) == set()
    assert _step(life, "approve", None) == {"requested, some words"}
    assert _step(life, "grant", "requested, some words") == {"recorded", "recorded, too early"}
    assert {"counts", "given, first-hand"} <= life.labels["recorded"]
    assert not life.labels["requested, some words"]
    assert not life.labels["recorded, too early"]


def test_what_was_revoked_once_is_given_no_more() -> None:
    life = _grant("COPYING")

    assert _step(life, "revoke", "recorded") == {"revoked, revoked once, by word"}
    assert not life.labels["revoked, revoked once, by word"]


def test_what_was_used_up_is_kept_and_not_given() -> None:
    life = _grant("COPYING", used=True)
    [spent] = _step(life, "consume", "recorded")
    assert spent is not None

    assert {"honoured", "kept"} <= life.labels[spent]
    assert not life.labels[spent] & {"counts", "given"}
    assert _step(_grant("COPYING"), "consume", "recorded") == set()


def test_a_grant_expires_as_time_passes_and_says_nothing_then() -> None:
    life = _grant("COPYING")

    assert _step(life, "time", "recorded") == {"recorded, expired"}
    assert _step(life, "time", "recorded, too early") == {"recorded"}
    assert not life.labels["recorded, expired"]


@pytest.mark.parametrize(("name", "counts"), [("COPYING", True), ("LEAVE", False)])
def test_what_a_document_reports_counts_where_nothing_is_protected_and_is_never_first_hand(name: str, counts: bool) -> None:  # noqa: FBT001
    life = _grant(name)
    [reported] = {each for each in _step(life, "report grant", None) if each and "early" not in each}

    assert reported == "recorded, reported"
    assert ("counts" in life.labels[reported]) is counts
    assert "counts, first-hand" not in life.labels[reported]


def test_a_use_lost_from_sight_is_told_as_lost() -> None:
    life = _grant("COPYING", used=True)

    lost = {state for state, labels in life.labels.items() if "lost" in labels}

    assert lost
    assert all(state.startswith("used-unknown") for state in lost)


def test_the_only_person_who_gives_a_word_gives_it_once() -> None:
    life = _grant("COPYING")
    policy = load_policy(text_of("transfer", ("{trigger: record, from: [absent, requested], to", "{trigger: record, from: [absent, requested, revoked], to")))
    again = grant_life(policy, "head", protected=False, used=False, guarded=_guarded)

    assert _step(life, "grant", "revoked, revoked once, by word") == set()
    assert _step(again, "grant", "revoked, revoked once, by word") == set()
    assert _step(again, "grant", "revoked, revoked once") == {"recorded, revoked once, by word", "recorded, revoked once, by word, too early"}


def test_who_may_take_a_way_depends_on_what_it_asks() -> None:
    policy = _policy()
    ways = {way.trigger: way for way in policy.lifecycles.grant.transitions}
    two = policy.grants["MOVE"].issuer

    assert entitled(policy, ways["request"], two, "grant") == tuple(policy.actors)
    assert set(entitled(policy, ways["revoke"], two, "grant")) == {"ann", "bob", "cyn"}
    assert entitled(policy, policy.lifecycles.leg.transitions[0], "clerk", "leg") == ("clerk",)
    assert persons_of(policy, "clerk") == ()


def test_a_run_ends_well_or_not_or_is_lost_and_resolved() -> None:
    life = run_life(("ann", "bob"))

    assert (_step(life, "end", "begun"), _step(life, "fail", "begun"), _step(life, "lose", "begun")) == ({"done"}, {"failed"}, {"lost"})
    assert _step(life, "resolve", "lost") == {"done"}
    assert life.labels["done"] == {"done", "done, first-hand"}
    assert life.labels["done, reported"] == {"done"}
    assert not life.labels["failed"]


def test_evidence_is_told_by_who_made_it_where_that_keeps_them_from_deciding() -> None:
    life = leg_life(_policy(), "DRILL/tried", ("cyn",), Aging(ages=True, returns=False), _guarded)
    mine, theirs = "proven, by cyn, shown", "proven, shown"

    assert _step(life, "discharge", "open") == {mine, theirs}
    assert "by cyn" in life.labels[mine]
    assert {"proven", "shown, first-hand"} <= life.labels[theirs]
    assert _step(life, "time", theirs) == {"proven, stale, shown"}
    assert not life.labels["proven, stale, shown"]
    assert _step(life, "time", "proven, stale, shown") == set()
    assert _step(life, "reopen", mine) == {"open, by cyn, taken back"}
    assert "proven, by another, reported, shown" in life.labels


def test_evidence_whose_ground_returns_is_fresh_again() -> None:
    life = leg_life(_policy(), "DRILL/tried", (), Aging(ages=True, returns=True), _guarded)

    assert _step(life, "time", "proven, stale, shown") == {"proven, shown"}


def test_evidence_that_was_taken_back_into_a_state_that_counts_goes_stale_as_well() -> None:
    ways = "{trigger: discharge, from: absent, to: there, by: member}, {trigger: reopen, from: there, to: there, by: anyone}"
    text = one_option(lifecycles=LIFECYCLE % ("leg", ways), blockers="{B: {legs: {x: {by: ann, evidence: {attest: x}}}, guards_nothing: So.}}")

    life = leg_life(load_policy(text.encode()), "B/x", ("ann",), Aging(ages=True, returns=False), _guarded)

    assert _step(life, "reopen", "there, by ann, shown") == {"there, by ann, taken back"}
    assert life.labels["there, by ann, taken back"] >= {"proven", "by ann"}
    assert _step(life, "time", "there, by ann, taken back") == {"there, by ann, taken back, stale"}
    assert life.labels["there, by ann, taken back, stale"] == {"by ann"}


def test_evidence_that_a_document_takes_back_is_no_longer_shown() -> None:
    life = leg_life(_policy(), "DRILL/tried", (), Aging(ages=False, returns=False), _guarded)

    assert _step(life, "report reopen", "proven, reported, shown") == {"open, reported"}
    assert _step(life, "report reopen", "proven, shown") == set()


def test_a_lifecycle_without_a_way_has_no_such_step() -> None:
    way = "{trigger: %s, from: absent, to: there, by: authority}"
    blockers = "{B: {legs: {x: {by: ann, evidence: {attest: x}}}, guards_nothing: So.}}"
    no_reopen = one_option(lifecycles=LIFECYCLE % ("leg", way % "discharge"), blockers=blockers)
    no_open = one_option(lifecycles=LIFECYCLE % ("lane", way % "close"))
    no_close = one_option(lifecycles=LIFECYCLE % ("lane", way % "open"))

    leg = leg_life(load_policy(no_reopen.encode()), "B/x", (), Aging(ages=False, returns=False), _guarded)
    lane = lane_life(load_policy(no_open.encode()), "owner", _guarded)

    stays = lane_life(load_policy(no_close.encode()), "owner", _guarded)

    assert {edge.deed.kind for edge in stays.edges} == {"open", "report open"}
    assert {edge.deed.kind for edge in leg.edges} == {"discharge", "report discharge"}
    assert {edge.deed.kind for edge in lane.edges} == {"close", "report close"}


def test_a_leg_that_nobody_can_show_is_never_shown() -> None:
    way = "{trigger: reopen, from: absent, to: there, by: anyone}"
    text = one_option(lifecycles=LIFECYCLE % ("leg", way), blockers="{B: {legs: {x: {by: ann, evidence: {attest: x}}}, guards_nothing: So.}}")
    policy = examine_policy(text.encode()).policy
    assert policy is not None

    life = leg_life(policy, "B/x", (), Aging(ages=True, returns=True), _guarded)

    assert (dict(life.labels), life.edges) == ({"absent": frozenset()}, ())


def test_a_lane_of_two_words_waits_for_the_second_and_keeps_its_record_apart_from_its_state() -> None:
    policy = _policy()
    two = lane_life(policy, policy.lanes["gate"].opened_by or "", _guarded)
    one = lane_life(policy, "head", _guarded)

    assert _step(two, "open", "closed") == set()
    assert _step(two, "approve open", "closed") == {"closed, some words"}
    assert _step(two, "open", "closed, some words") == {"open, by its record"}
    assert _step(one, "open", "closed") == {"open, by its record"}
    assert two.labels["open, by its record"] == {"open", "opened", "open, first-hand", "opened, first-hand"}
    assert one.labels["open, by its record, reported"] == {"open", "opened"}
    assert _step(one, "close", "open, by its record") == {"closed"}


def test_a_finding_is_as_declared_until_it_is_recorded_or_reported() -> None:
    life = finding_life(_policy(), "complete")

    assert life.labels["declared"] == {"is unknown", "is unknown, first-hand"}
    assert life.labels["pass, reported"] == {"is pass"}
    assert {edge.actors for edge in life.edges if edge.deed.kind == "finding"} == {("eve",)}


def test_a_packet_goes_the_ways_of_its_lifecycle() -> None:
    assert [(source, to) for source, to, _actors, _guard in packet_ways(_policy(), "issue", "head", _guarded)] == [("draft", "issued")]
