"""The gate: what a word stands for, what keeps it shut, and what its answer binds."""

import pytest

from govern.engine.gate import actions_of, expiry_of, gate, options_of, token_of
from govern.engine.settled import settled_at, settled_until
from govern.engine.state import PacketState
from govern.ledger.moments import spell_time
from govern.policy.load import load_policy
from support.policies import one_option
from support.world import World

TEXT = one_option(
    "{grant: X}",
    grants="{X: {scope: work, issuer: owner}}",
    surfaces="{line: {title: The line, named: [Wire]}, depot: {title: The depot}}",
    actions="{use: {touches: [line], needs: {any: [{selected: GO}, {selected: ask/GO}]}, consumes: X}, look: {touches: [line, depot], needs: {selected: GO}}, never: {ungranted: true}}",
)
TOKEN = "gate-1.400." + "0" * 64


def test_a_word_is_an_action_or_else_what_touches_a_surface_of_that_name_in_any_case() -> None:
    policy = load_policy(TEXT.encode())
    assert actions_of("use", policy) == ("use",)
    assert actions_of("WIRE", policy) == actions_of("Line", policy) == ("use", "look")
    assert actions_of("depot", policy) == ("look",)
    assert actions_of("USE", policy) == actions_of("The line", policy) == actions_of("", policy) == ()


def test_the_options_that_an_action_needs_are_named_in_full_and_once() -> None:
    policy = load_policy(TEXT.encode())
    assert options_of("use", policy) == ("ask/GO",)
    assert options_of("look", policy)
    assert options_of("never", policy) == ()


def test_what_keeps_an_option_shut_keeps_its_action_shut_until_the_option_is_selected() -> None:
    world = World(TEXT)
    [shut] = gate("use", world.view())
    assert (shut.truth, [each.id for each in shut.causes]) == (False, ["selected:ask/GO", "grant:X", "packet:ask"])
    world.record("issue", "agent", packet="ask")
    world.record("grant", "owner", grant="X", scope="work")
    [ready] = gate("use", world.view())
    assert [each.id for each in ready.causes] == ["selected:ask/GO"]
    world.record("decide", "owner", packet="ask", option="GO")
    [found] = gate("use", world.view())
    assert (found.truth, found.causes, found.behind) == (True, (), ())
    assert {each.id for each in found.requirements} >= {"selected:ask/GO", "grant:X"}


def test_a_lane_that_an_action_does_not_belong_to_shuts_it_there() -> None:
    world = World(TEXT)
    lanes = list(world.view().policy.lanes)
    own, other = (gate("use", world.view(), lane)[0].requirements[-1] for lane in lanes[:2])
    assert (own.satisfied, own.why) == (True, f"use belongs to lane {lanes[0]}")
    assert (other.satisfied, other.why) == (False, f"use belongs to lane {lanes[0]}, not to {lanes[1]}")
    none = gate("never", world.view(), lanes[0])[0].requirements[-1]
    assert (none.satisfied, none.why) == (False, f"never belongs to no lane, not to {lanes[0]}")


def test_a_token_is_another_for_another_action_head_or_moment() -> None:
    world = World(TEXT)
    token = token_of(("use",), world.view(), "0" * 64, 400)
    assert token == token_of(("use",), world.view(), "0" * 64, 400)
    assert token not in {
        token_of(("look",), world.view(), "0" * 64, 400),
        token_of(("use",), world.view(), "1" * 64, 400),
        token_of(("use",), world.view(), "0" * 64, 401),
    }
    assert expiry_of(token) == 400


@pytest.mark.parametrize(
    "word", ["", "gate-2.400." + "0" * 64, "gate-1.400", "gate-1.-4." + "0" * 64, "gate-1.٤." + "0" * 64, TOKEN + "0", TOKEN.replace("400", "9" * 13)]
)
def test_what_is_no_token_says_nothing(word: str) -> None:
    assert expiry_of(TOKEN) == 400
    assert expiry_of(word) is None


def test_the_answers_are_the_same_until_a_window_opens_or_closes_evidence_goes_stale_or_an_answer_is_overdue() -> None:
    world = World(
        one_option(
            "{grant: X}",
            grants="{X: {scope: work, issuer: owner}}",
            blockers="{B: {guards_nothing: It is only looked at., legs: {tried: {by: agent, evidence: {attest: trial}, fresh_for: 10m}, said: {by: agent, evidence: {attest: word}}}}}",
            packet="\n    respond_within: 1h",
        ),
        now=1_000,
    )
    assert (settled_at(world.view()), settled_until(world.view())) == (1_000, 2**53)
    world.record("issue", "agent", packet="ask")
    assert settled_until(world.view()) == 1_000 + 3_600
    world.record("discharge", "agent", leg="B/tried", evidence={"kind": "attest", "of": "trial"})
    world.record("discharge", "agent", leg="B/said", evidence={"kind": "attest", "of": "word"})
    assert settled_until(world.view()) == 1_000 + 600
    world.record("grant", "owner", grant="X", scope="work", not_before=spell_time(1_100), expires=spell_time(1_200))
    found = []
    for now in (1_000, 1_100, 1_200, 1_600, 4_600):
        world.now = now
        found.append((settled_at(world.view()), settled_until(world.view())))
    assert found == [(1_000, 1_100), (1_100, 1_200), (1_200, 1_600), (1_600, 4_600), (4_600, 2**53)]


def test_what_a_policy_no_longer_declares_ends_nothing() -> None:
    world = World(one_option("{grant: X}", grants="{X: {scope: work, issuer: owner}}"))
    view = world.view()
    view.state.proofs["GONE/leg"] = []
    view.state.packets["gone"] = PacketState("issued", issued=1, issued_at=0)
    assert settled_until(view) == 2**53
