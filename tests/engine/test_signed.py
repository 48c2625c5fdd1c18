"""Whose key stands behind a record: every person's must, and only their own counts."""

from base64 import b64encode

import pytest

from govern.engine.acts import Act
from govern.engine.causes import Cause
from govern.engine.machine import propose
from govern.engine.replay import Replay
from govern.ledger.keys import PublicKey
from govern.ledger.lines import Chain, encode_line
from govern.ledger.sshsig import Signer
from govern.ledger.statements import Basis, Statement
from govern.problems import Exit, GovernError
from support.holders import AGENT, ANN, OWNER, codes, founded, key_named, made_by
from support.policies import one_option, programme
from support.world import World, armor_of, signer


def test_nothing_is_recorded_before_the_keys_of_who_may_change_the_policy() -> None:
    world = World(one_option(), keyless=True)

    [told] = world.sign(None, "note", "agent", text="hello")

    assert (told.cause, told.by, told.how) == (Cause.AWAITING, ("owner",), "govern key enroll FILE --as owner")
    assert world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=OWNER.line()) == ()
    assert world.state.keys[OWNER.fingerprint].bootstrap
    assert world.sign(None, "note", "agent", text="hello") == ()


def test_of_several_who_may_change_the_policy_as_many_come_first_as_it_takes() -> None:
    world = World(programme(policy="{adopted_by: {all: [{of: board, at_least: 2}]}}"), keyless=True)
    bob = key_named("bob")
    assert world.sign(made_by(ANN), "enroll", "ann", actor="ann", key=ANN.line()) == ()
    assert codes(world.sign(None, "note", "agent", text="hello")) == {"signature:founding": "SIG_MISSING"}
    assert world.sign(made_by(bob), "enroll", "bob", actor="bob", key=bob.line()) == ()
    assert world.sign(None, "note", "agent", text="hello") == ()


def test_a_waiver_spares_the_keys_and_is_the_programmes_own_word() -> None:
    world = World(programme(policy="{adopted_by: owner, signature_waiver: Nobody has a key yet.}"), keyless=True)

    assert world.sign(None, "note", "owner", text="hello") == ()


def test_a_key_that_an_actor_enrolled_is_asked_for_in_spite_of_a_waiver() -> None:
    world = founded(programme(policy="{adopted_by: owner, signature_waiver: Nobody has a key yet.}"))

    assert codes(world.sign(None, "note", "owner", text="hello")) == {"signature:owner": "SIG_MISSING"}


@pytest.mark.parametrize(("by", "actor", "whose"), [(AGENT, "agent", "agent"), (ANN, "ann", "ann"), (ANN, "ann", "owner"), (ANN, "owner", "owner")])
def test_nobody_else_enrolls_a_key_on_its_own_word(by: PublicKey, actor: str, whose: str) -> None:
    world = World(one_option(), keyless=True)

    assert world.sign(made_by(by), "enroll", actor, actor=whose, key=OWNER.line())
    assert world.state.keys == {}


def test_the_first_key_alone_vouches_for_itself() -> None:
    world = founded()
    other = key_named("second")

    assert codes(world.sign(made_by(other), "enroll", "owner", actor="owner", key=other.line())) == {"signature:owner": "KEY_NOT_IN_ROLE"}
    assert world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=other.line()) == ()
    assert not world.state.keys[other.fingerprint].bootstrap


def test_after_any_other_record_no_key_vouches_for_itself() -> None:
    world = World(programme(policy="{adopted_by: owner, signature_waiver: Nobody has a key yet.}"), keyless=True)
    assert world.sign(None, "note", "agent", text="hello") == ()

    assert codes(world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=OWNER.line())) == {"signature:owner": "KEY_NOT_IN_ROLE"}


def test_a_persons_record_counts_with_their_own_key_only() -> None:
    world = founded()
    world.sign(made_by(OWNER), "enroll", "owner", actor="agent", key=AGENT.line())

    assert codes(world.sign(None, "note", "owner", text="x")) == {"signature:owner": "SIG_MISSING"}
    assert codes(world.sign(made_by(AGENT), "note", "owner", text="x")) == {"signature:owner": "KEY_NOT_IN_ROLE"}
    assert codes(world.sign(made_by(ANN), "note", "owner", text="x")) == {"signature:owner": "KEY_NOT_IN_ROLE"}
    assert codes(world.sign(None, "note", "agent", text="x")) == {"signature:agent": "SIG_MISSING"}
    assert codes(world.sign(made_by(OWNER), "note", "robot", text="x")) == {"signature:robot": "KEY_NOT_IN_ROLE"}
    assert world.sign(None, "note", "robot", text="x") == ()
    told = world.sign(None, "note", "ann", text="x")[0]
    assert (told.cause, told.how) == (Cause.UNSIGNED, "govern key enroll FILE --for ann --as owner")


def test_a_key_is_one_actors_for_good() -> None:
    world = founded()

    assert codes(world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=OWNER.line())) == {"key:known": "REFUSED"}
    world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=ANN.line())
    assert world.sign(made_by(ANN), "retire", "ann", key=ANN.fingerprint, reason="it was lost") == ()
    assert codes(world.sign(made_by(ANN), "note", "ann", text="x")) == {"signature:ann": "KEY_NOT_IN_POLICY_AT_SEQ"}
    [told] = world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=ANN.line())
    assert told.why.endswith("; a key is enrolled once")
    assert codes(world.sign(made_by(OWNER), "retire", "owner", key=ANN.fingerprint, reason="again")) == {"key:unknown": "REFUSED"}
    assert codes(world.sign(made_by(OWNER), "retire", "owner", key=AGENT.fingerprint, reason="never there")) == {"key:unknown": "REFUSED"}


def test_a_key_is_enrolled_by_as_many_as_change_the_policy() -> None:
    world = World(programme(policy="{adopted_by: {all: [{of: board, at_least: 2}]}}"), keyless=True)
    keys = {name: key_named(name) for name in ("ann", "bob", "cyn")}
    for name in ("ann", "bob"):
        assert world.sign(made_by(keys[name]), "enroll", name, actor=name, key=keys[name].line()) == ()

    words = {"actor": "agent", "key": AGENT.line()}
    assert world.sign(made_by(keys["ann"]), "enroll", "ann", **words) == ()
    assert AGENT.fingerprint not in world.state.keys
    assert codes(world.sign(made_by(keys["ann"]), "enroll", "ann", **words)) == {"authority:enroll": "THRESHOLD"}
    assert world.sign(made_by(keys["bob"]), "enroll", "bob", **words) == ()
    assert world.state.keys[AGENT.fingerprint].actor == "agent"
    assert world.state.enrolling == {}


def test_the_last_key_that_can_change_the_policy_is_not_retired() -> None:
    world = founded()

    assert codes(world.sign(made_by(OWNER), "retire", "owner", key=OWNER.fingerprint, reason="it was lost")) == {"key:last": "REFUSED"}
    second = key_named("second")
    world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=second.line())
    assert world.sign(made_by(second), "retire", "owner", key=OWNER.fingerprint, reason="it was lost") == ()


def test_a_key_is_retired_by_its_actor_or_by_who_changes_the_policy() -> None:
    world = founded()
    world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=ANN.line())
    world.sign(made_by(OWNER), "enroll", "owner", actor="agent", key=AGENT.line())

    assert codes(world.sign(made_by(ANN), "retire", "ann", key=AGENT.fingerprint, reason="no")) == {"authority:retire": "UNAUTHORISED"}
    assert world.sign(made_by(OWNER), "retire", "owner", key=AGENT.fingerprint, reason="no") == ()
    assert codes(world.sign(None, "note", "agent", text="who had a key needs one")) == {"signature:agent": "SIG_MISSING"}


@pytest.mark.parametrize("key", ["ssh-ed25519 AAAA", "ssh-dss AAAAB3NzaC1kc3M=", f"ssh-ed25519 {b64encode(b'x' * 51).decode()}"])
def test_what_is_no_key_is_not_enrolled(key: str) -> None:
    world = founded()

    assert codes(world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=key)) == {"key:type": "KEY_TYPE"}


def test_what_is_no_key_does_not_vouch_for_itself() -> None:
    world = World(one_option(), keyless=True)

    told = world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key="ssh-ed25519 AAAA")

    assert codes(told) == {"signature:owner": "KEY_NOT_IN_ROLE", "key:type": "KEY_TYPE"}


def test_a_key_is_enrolled_in_its_one_spelling() -> None:
    world = founded()

    told = propose(Act("enroll", "owner", {"actor": "ann", "key": f"{ANN.line()} of ann"}, signer=made_by(OWNER)), world.view())

    assert [(each.id, each.why) for each in told] == [("key:type", "the key is not in its one spelling")]


@pytest.mark.parametrize(
    ("wanted", "software", "touched", "verified"),
    [("any", True, True, True), ("hardware", False, True, True), ("verified", False, False, True)],
)
@pytest.mark.parametrize("of", ["actor", "role"])
def test_a_role_may_ask_for_hardware_and_for_its_user(of: str, wanted: str, software: bool, touched: bool, verified: bool) -> None:  # noqa: FBT001 - the table
    actors = one_option().replace("ann: {kind: person}", f"ann: {{kind: person, signs_with: {wanted}}}")
    roles = one_option().replace("board: {members: [ann, bob, cyn]}", f"board: {{members: [ann, bob, cyn], signs_with: {wanted}}}")
    world, hard = founded(), key_named("hard", hardware=True)
    for key in (ANN, hard):
        world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=key.line())
    assert world.sign(made_by(OWNER), "adopt", "owner", **world.successor(actors if of == "actor" else roles)) == ()

    for by, fits in ((made_by(ANN), software), (made_by(hard), touched), (made_by(hard, verified=True), verified)):
        assert codes(world.sign(by, "note", "ann", text=f"{by}")) == ({} if fits else {"signature:ann": "SIG_MIN_AUTH"})


def test_a_record_that_nobody_signed_typed_into_the_ledger_is_found_out_with_its_code() -> None:
    world = founded()
    world.sign(None, "issue", "agent", packet="ask")

    with pytest.raises(GovernError) as caught:
        world.force("decide", "owner", {"packet": "ask", "option": "GO"})

    assert caught.value.status is Exit.BROKEN
    assert [each.code for each in caught.value.problems] == ["SIG_MISSING"] or caught.value.problems[0].code == "RECORD_NOT_ALLOWED"


def test_two_keys_of_one_person_are_one_word() -> None:
    text = one_option().replace("decided_by: owner", "decided_by: {all: [{of: board, at_least: 2}]}")
    world = founded(text)
    second = key_named("second of ann")
    for key in (ANN, second):
        world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=key.line())
    world.sign(None, "issue", "agent", packet="ask")
    assert world.sign(made_by(ANN), "decide", "ann", packet="ask", option="GO") == ()

    assert codes(world.sign(made_by(second), "decide", "ann", packet="ask", option="GO")) == {"authority:decide": "THRESHOLD"}


def test_what_was_signed_and_what_was_not_is_known_of_every_record() -> None:
    world = founded()
    world.sign(made_by(OWNER), "note", "owner", text="x")
    world.sign(None, "note", "agent", text="x")

    assert world.state.signed == {1, 2}


def test_replay_verifies_every_signature_that_was_not_verified_before() -> None:
    world = World(one_option())
    for number in range(3):
        world.record("mark", "owner", name=f"M{number}")
    asked: list[bytes] = []

    def verify(armor: str, message: bytes, namespace: str) -> Signer:
        del armor
        asked.append(message)
        assert namespace == "govern-mark"
        return signer("owner")

    replay = world.fresh()
    replay = Replay(replay.policies, Chain(verify=verify))
    replay.state.keys = dict(world.state.keys)
    replay.take_all(world.lines)

    assert len(asked) == 3


@pytest.mark.parametrize(("between", "counts"), [("note", True), ("request", False)])
def test_a_signed_decision_that_is_put_in_late_counts_only_where_nothing_that_is_shown_has_moved(between: str, counts: bool) -> None:  # noqa: FBT001 - the table
    world = founded(one_option(grants="{X: {scope: work, issuer: owner}}"))
    world.sign(None, "issue", "agent", packet="ask")
    chain = world.replay.chain
    body = {"packet": "ask", "option": "GO", "packet_sha256": "a" * 64}
    kept = Statement(chain.ledger, "decide", "owner", body, Basis(chain.size, chain.last), world.policy_digest)
    world.sign(None, between, "agent", **({"text": "x"} if between == "note" else {"grant": "X", "reason": "x"}))
    line = encode_line(chain, kept, 0, armor_of(made_by(OWNER)))[:-1]

    if counts:
        world.replay.take_all([line])
        assert world.state.packets["ask"].selected == "GO"
        return
    with pytest.raises(GovernError) as caught:
        world.replay.take_all([line])
    assert [each.code for each in caught.value.problems] == ["RECORD_NOT_ALLOWED", "PACKET_DIGEST"]
