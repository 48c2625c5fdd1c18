"""The policy guards itself: a successor is adopted by record, judged under the version in force, with all words that it asks for."""

from typing import Any

import pytest

from govern.engine.causes import Cause
from govern.problems import Exit, GovernError
from support.policies import line_of, one_option
from support.world import SHA, World, evidence

GRANTS = "{X: {scope: work, issuer: board}}"
BLOCKERS = "{B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}}}}"
AIDE = '}\n      - {number: "3", id: AIDE, scope: work, says: It is begun.'
ACTIONS = "{use: {needs: {selected: AIDE}, consumes: X}}"
TEXT = one_option("{all: [{grant: X}, {leg: B/tried}]}", grants=GRANTS, blockers=BLOCKERS, actions=ACTIONS, option=AIDE)
BARE = one_option()


def _world(text: str = TEXT) -> World:
    world = World(text)
    world.record("issue", "agent", packet="ask")
    return world


def _adopt(world: World, text: str) -> int:
    return world.record("adopt", "owner", **world.successor(text))


def test_an_adopted_policy_judges_from_the_next_record_on() -> None:
    world = _world()
    assert list(world.blocking("GO")) == ["grant:X", "leg:B/tried"]

    seq = _adopt(world, BARE)

    assert world.allowed("GO")
    assert (world.state.version, world.state.policy_seq, world.view().policy.programme.version) == (2, seq, 2)


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"version": 1}, ("policy:version", Cause.REFUSED, "version 1 follows version 1; wanted 2")),
        ({"version": 3}, ("policy:version", Cause.REFUSED, "version 3 follows version 1; wanted 2")),
        ({"previous": SHA}, ("policy:previous", Cause.STALE, "it replaces 555555555555, and ")),
    ],
)
def test_a_successor_has_exactly_one_more_and_names_what_it_replaces(changed: dict[str, Any], refused: tuple[str, Cause, str]) -> None:
    world = _world()
    name, cause, why = refused

    refusal = world.refusals("adopt", "owner", **{**world.successor(BARE), **changed})[name]

    assert refusal.cause is cause
    assert refusal.why.startswith(why)


def test_only_who_the_policy_in_force_names_adopts_the_next() -> None:
    world = _world()

    refusal = world.refusals("adopt", "ann", **world.successor(BARE))["authority:adopt"]

    assert (refusal.cause, refusal.by) == (Cause.UNAUTHORISED, ("owner",))
    assert refusal.why == "ann may not adopt a policy; that is for owner"
    assert refusal.at.line == line_of(TEXT, "policy: {")


def test_a_policy_with_other_adopters_takes_the_words_of_both() -> None:
    world = _world()
    mine = world.successor(BARE.replace("adopted_by: owner", "adopted_by: ann"))
    told = world.refusals("adopt", "bob", **mine)["authority:adopt"]
    assert (told.why, told.by) == ("bob may not adopt a policy; that is for owner and, as it would be, ann", ("owner", "ann"))

    world.record("adopt", "ann", **mine)
    assert world.state.version == 1
    world.record("adopt", "owner", **mine)
    assert world.state.version == 2

    back = world.successor(BARE)
    world.record("adopt", "owner", **back)
    assert world.state.version == 2
    world.record("adopt", "ann", **back)
    assert world.state.version == 3


def test_who_proposed_a_policy_cannot_adopt_it() -> None:
    world = _world(BOTH)
    body = world.successor(BOTH_BARE)
    seq = world.record("propose", "ann", policy=body["policy"], version=2, reason="it must change")

    told = world.refusals("adopt", "ann", **body)["separation:ann"]

    assert (told.cause, told.record, told.by) == (Cause.SEPARATION, seq, ("bob", "cyn", "eve"))
    world.record("adopt", "bob", **body)


def test_what_is_in_force_is_not_proposed() -> None:
    world = _world()

    assert world.causes("propose", "agent", policy=world.state.policy_digest, version=1, reason="again") == {"policy:known": Cause.REFUSED}


SEVERAL = ("adopted_by: owner", "adopted_by: {all: [{of: board, at_least: 2}, {of: ward}]}")
BOTH, BOTH_BARE = TEXT.replace(*SEVERAL), BARE.replace(*SEVERAL)


def test_a_policy_of_several_owners_is_adopted_with_the_last_word_and_not_before() -> None:
    world = _world(BOTH)
    body = world.successor(BOTH_BARE)
    world.record("adopt", "ann", **body)
    told = world.refusals("adopt", "ann", **body)["authority:adopt"]
    assert (told.cause, told.by) == (Cause.QUORUM, ("bob", "cyn", "eve"))
    assert told.why == "the word of ann for this policy is already on record; another's is wanted"
    world.record("adopt", "eve", **body)
    assert (world.state.version, list(world.blocking("GO"))) == (1, ["grant:X", "leg:B/tried"])

    seq = world.record("adopt", "bob", **body)

    assert (world.state.version, world.state.policy_seq, world.state.adopting) == (2, seq, {})
    assert world.allowed("GO")


def test_words_for_another_text_or_other_templates_do_not_add_up() -> None:
    world = _world(BOTH)
    world.record("adopt", "ann", **world.successor(BOTH_BARE))
    world.record("adopt", "bob", **world.successor(BOTH))
    world.record("adopt", "cyn", **{**world.successor(BOTH_BARE), "templates": {"packet.md.j2": SHA}})
    world.record("adopt", "bob", **world.successor(BOTH_BARE))
    assert world.state.version == 1

    world.record("adopt", "cyn", **world.successor(BOTH_BARE))

    assert world.state.version == 2


def test_a_policy_that_lowers_its_own_threshold_is_judged_under_the_higher_one() -> None:
    world = _world(BOTH)
    world.record("adopt", "ann", **world.successor(TEXT.replace("adopted_by: owner", "adopted_by: ann")))

    assert world.state.version == 1


def test_words_for_a_decision_under_an_old_policy_do_not_count_under_the_new_one() -> None:
    text = one_option().replace("decided_by: owner", "decided_by: {all: [{of: board, at_least: 2}]}")
    world = _world(text)
    world.record("decide", "ann", packet="ask", option="GO")
    _adopt(world, text)

    world.record("decide", "bob", packet="ask", option="GO")

    assert world.state.packets["ask"].selected is None


def test_the_record_of_an_adoption_keeps_the_digests_of_its_templates() -> None:
    world = _world()
    world.record("adopt", "owner", **{**world.successor(BARE), "templates": {"packet.md.j2": SHA}})

    assert world.state.templates == {"packet.md.j2": SHA}


def test_a_grant_of_a_changed_scope_no_longer_counts() -> None:
    world = _world()
    seq = world.record("grant", "ann", grant="X", scope="work")
    _adopt(
        world,
        TEXT.replace("X: {scope: work", "X: {scope: other").replace("GO, scope: work", "GO, scope: other").replace("AIDE, scope: work", "AIDE, scope: other"),
    )

    told = world.blocking("GO")["grant:X"]

    assert (told.cause, told.why) == (Cause.SCOPE, f"X#{seq} is of scope work, wanted other")


@pytest.mark.parametrize(
    ("wanted", "by", "cause", "why"),
    [
        ("{rehearsal: copy}", "agent", Cause.STALE, "is rehearsal of real; the policy now wants rehearsal of copy"),
        ("{intake: real}", "agent", Cause.STALE, "is rehearsal of real; the policy now wants intake of real"),
        ("{rehearsal: real}", "robot", Cause.UNAUTHORISED, "is by agent; the policy now wants robot"),
    ],
)
def test_evidence_that_a_new_policy_would_not_take_no_longer_counts(wanted: str, by: str, cause: Cause, why: str) -> None:
    world = _world()
    seq = world.record("discharge", "agent", leg="B/tried", evidence=evidence("rehearsal", "real"))
    _adopt(world, TEXT.replace("by: agent, evidence: {rehearsal: real}", f"by: {by}, evidence: {wanted}"))

    told = world.blocking("GO")["leg:B/tried"]

    assert (told.cause, told.why, told.record) == (cause, f"the evidence of record #{seq} {why}", seq)


def test_what_a_policy_no_longer_declares_is_ended_by_who_may_change_the_policy() -> None:
    world = _world()
    first, second = (world.record("grant", "ann", grant="X", scope="work") for _ in range(2))
    world.record("decide", "owner", packet="ask", option="AIDE")
    begun = world.record("begin", "robot", action="use", grant=first)
    _adopt(world, BARE)

    assert world.causes("revoke", "ann", record=second, reason="no") == {"authority:revoke": Cause.UNAUTHORISED}
    assert world.causes("grant", "ann", grant="X", scope="work") == {"grant:X": Cause.NOT_EVALUATED}
    world.record("revoke", "owner", record=second, reason="no more")
    world.record("lose", "robot", begin=begun, reason="the host is gone")
    world.record("resolve", "owner", begin=begun, reason="it was used")
    assert [world.state.instances[seq].state for seq in (first, second)] == ["completed", "revoked"]


def test_a_selected_option_that_a_policy_no_longer_declares_is_left_for_hold_or_another() -> None:
    world = _world(BARE)
    decided = world.record("decide", "owner", packet="ask", option="GO")
    _adopt(world, BARE.replace("id: GO", "id: GO-ON"))

    assert world.causes("decide", "owner", packet="ask", option="GO-ON") == {"supersedes:ask": Cause.STALE}
    world.record("decide", "owner", packet="ask", option="GO-ON", supersedes=decided)


def test_a_delegation_of_a_packet_that_is_gone_is_still_its_givers_to_revoke() -> None:
    text = one_option(option=", delegable: true")
    world = _world(text)
    seq = world.record("delegate", "owner", to="agent", packet="ask", options=["GO"], scope="work", uses=1)
    _adopt(world, text.replace("  ask:", "  other:"))

    assert world.causes("revoke", "ann", record=seq, reason="no") == {"authority:revoke": Cause.UNAUTHORISED}
    world.record("revoke", "owner", record=seq, reason="no more")


LIFECYCLE = """
  use: standard-1
  grant:
    initial: absent
    states: {absent: {}, asked: {}, given: {counts: true, honoured: true}, used: {honoured: true}, gone: {}}
    transitions:
      - {trigger: request, from: absent, to: asked, by: anyone}
      - {trigger: record, from: [absent, asked], to: given, by: authority}
      - {trigger: consume, from: given, to: used, by: anyone}
      - {trigger: revoke, from: given, to: gone, by: member}"""


def test_a_state_that_a_new_lifecycle_does_not_know_counts_for_nothing_and_leads_nowhere() -> None:
    world = _world()
    seq = world.record("grant", "ann", grant="X", scope="work")
    _adopt(world, TEXT.replace("lifecycles: {use: standard-1}", f"lifecycles: {LIFECYCLE}"))

    told = world.blocking("GO")["grant:X"]

    assert (told.cause, told.why) == (Cause.AWAITING, f"X#{seq} is recorded (record #{seq})")
    assert world.causes("revoke", "ann", record=seq, reason="no") == {f"grant:X#{seq}": Cause.REFUSED}


def test_an_adoption_whose_text_says_another_version_is_found_out() -> None:
    world = _world()
    body = {**world.successor(BARE), "policy": world.keep(BARE)}

    with pytest.raises(GovernError, match="the adopted text says version 1, the record 2") as caught:
        world.force("adopt", "owner", body)
    assert caught.value.status is Exit.BROKEN
