"""Who can act today, and what keeps the others out: the evaluator's own reasons, for each actor."""

import pytest

from govern.engine.causes import Requirement
from govern.engine.hands import Hand, act_of, hands
from govern.engine.view import View
from support.policies import one_option
from support.world import World, evidence, signer

GRANTS = "{X: {scope: work, issuer: {all: [{of: ann}, {of: bob}]}}, Y: {scope: work, issuer: board}}".replace("Y:", '"Y":')
BLOCKERS = "\n  B: {legs: {tried: {by: agent, evidence: {rehearsal: real}}, said: {by: owner, evidence: {attest: word}}}}"
LANES = "{main: {scope: work, standing: true}, side: {scope: work, opened_by: {all: [{of: ann}, {of: bob}]}}, gate: {scope: live, opened_by: owner}}"
FINDINGS = "{quiet: {result: unknown, by: eve, why: Nobody has looked.}}"
TEXT = one_option("{all: [{grant: X}, {leg: B/tried}]}", grants=GRANTS, blockers=BLOCKERS, lanes=LANES, findings=FINDINGS).replace(
    "decided_by: owner", "decided_by: board"
)


def _hands_for(requirement: Requirement, view: View) -> tuple[Hand, ...]:
    return hands(requirement.how, requirement.by, view)


def _world(*, keyless: bool = False, text: str = TEXT) -> World:
    world = World(text, keyless=keyless)
    if not keyless:
        world.record("issue", "robot", packet="ask")
    return world


def test_whoever_can_clear_a_requirement_is_able() -> None:
    world = _world()
    asked = world.blocking("GO")

    assert _hands_for(asked["grant:X"], world.view()) == (Hand("ann"), Hand("bob"))
    assert _hands_for(asked["leg:B/tried"], world.view()) == (Hand("agent"),)
    assert all(hand.able for hand in _hands_for(asked["grant:X"], world.view()))


def test_whose_word_is_given_already_is_kept_out_and_the_other_is_not() -> None:
    world = _world()
    world.record("grant", "ann", grant="X", scope="work")
    world.record("open", "bob", lane="side")

    assert [hand.against for hand in _hands_for(world.blocking("GO")["grant:X"], world.view())] == [
        "the word of ann for X is already on record; another's is wanted",
        "",
    ]
    assert [hand.against for hand in hands("govern lane open side --as ann", ("ann", "bob"), world.view())] == [
        "",
        "the word of bob for lane side is already on record; another's is wanted",
    ]


def test_who_asked_for_a_grant_is_kept_out_of_granting_it() -> None:
    world = _world()
    seq = world.record("request", "ann", grant="Y", reason="it is needed")

    found = hands(f"govern grant record Y#{seq} --as ann", ("ann", "bob", "cyn"), world.view())

    assert [(hand.actor, hand.against) for hand in found] == [("ann", f"ann asked for Y#{seq} and cannot grant it"), ("bob", ""), ("cyn", "")]


def test_who_prepared_what_is_decided_is_kept_out_of_deciding_it() -> None:
    text = TEXT.replace("tried: {by: agent", "tried: {by: board")
    world = _world(text=text)
    seq = world.record("discharge", "bob", leg="B/tried", evidence=evidence("rehearsal", "real"))

    found = hands("govern decide ask/GO", ("ann", "bob", "agent"), world.view())

    assert [hand.against for hand in found] == [
        "",
        f"bob prepared what is decided (record #{seq}) and cannot decide it",
        "no delegation of GO to agent is on record" if "delegable: true" in text else "GO cannot be delegated; agent is not board",
    ]


def test_an_agent_is_no_hand_where_a_person_is_wanted() -> None:
    [found] = hands("govern lane open gate --as owner", ("agent",), _world().view())
    assert (found.able, found.against) == (False, "agent may not open lane gate; that is for owner")


def test_who_has_no_key_where_one_is_wanted_cannot_act_today() -> None:
    world = _world(keyless=True)
    first = "the keys of owner, who may change the policy, come first; nothing is recorded before them"
    assert hands("govern note", ("owner", "agent"), world.view()) == (Hand("owner", first), Hand("agent", first))

    world = _world()
    del world.state.keys[signer("ann").key]
    [ann, bob] = _hands_for(world.blocking("GO")["grant:X"], world.view())
    assert (ann.against, bob.able) == ("ann has no key on record, and a record of theirs counts only with their signature", True)


def test_a_key_that_is_not_of_the_kind_that_is_asked_for_does_not_help() -> None:
    text = TEXT.replace("  ann: {kind: person}", "  ann: {kind: person, signs_with: hardware}")
    world = _world(text=text)
    assert [hand.against for hand in _hands_for(world.blocking("GO")["grant:X"], world.view())] == ["ann must sign with a hardware key", ""]

    key = world.state.keys[signer("ann").key]
    key.key = "sk-ssh-ed25519@openssh.com AAAA"
    assert _hands_for(world.blocking("GO")["grant:X"], world.view())[0].able


def test_an_actor_whom_the_policy_no_longer_declares_cannot_act() -> None:
    assert hands("govern lane open gate --as zoe", ("zoe",), _world().view()) == (Hand("zoe", "zoe is no actor under the policy in force", excluded=True),)


@pytest.mark.parametrize(
    ("command", "kind", "body"),
    [
        ("govern grant record X#3 --as ann", "grant", {"grant": "X", "scope": "work", "instance": 3}),
        ('govern grant revoke X#3 --reason "…" --as ann', "revoke", {"record": 3, "reason": "…"}),
        ('govern blocker discharge B/said --attest "…" --as owner', "discharge", {"leg": "B/said", "evidence": {"kind": "attest", "of": "word", "says": "…"}}),
        ('govern blocker reopen B/said --reason "…" --as owner', "reopen", {"leg": "B/said", "reason": "…"}),
        ("govern lane close side --as ann", "close", {"lane": "side"}),
        ("govern packet issue ask --as robot", "issue", {"packet": "ask"}),
        ("govern finding quiet pass --why … --as eve", "finding", {"finding": "quiet", "result": "pass", "why": "…"}),
        ("govern decide ask/GO --supersedes 7 --as ann", "decide", {"packet": "ask", "option": "GO", "packet_sha256": "0" * 64, "supersedes": 7}),
        ("govern decide ask/GO", "decide", {"packet": "ask", "option": "GO", "packet_sha256": "0" * 64}),
    ],
)
def test_a_printed_command_is_read_as_the_act_that_it_records(command: str, kind: str, body: dict[str, object]) -> None:
    assert act_of(command, _world().view()) == (kind, body)


@pytest.mark.parametrize("command", ["", "govern why-blocked B", 'govern grant revoke X --reason "…" --as ann', "govern ledger pin"])
def test_a_question_is_no_act(command: str) -> None:
    assert act_of(command, _world().view()) is None


def test_a_decision_that_stands_is_named_as_superseded() -> None:
    world = _world()
    seq = world.record("decide", "ann", packet="ask", option="STOP")
    found = act_of("govern decide ask/GO", world.view())
    assert found is not None
    assert found[1]["supersedes"] == seq
