"""No record leaves a programme that nobody could change any more."""

from support.holders import AGENT, ANN, OWNER, codes, founded, key_named, made_by
from support.policies import one_option
from support.world import World

WAIVER = "policy: {adopted_by: owner, signature_waiver: Nobody has a key yet.}"


def _waived(text: str) -> str:
    return text.replace("policy: {adopted_by: owner}", WAIVER)


def test_a_waiver_is_not_dropped_before_there_are_keys() -> None:
    world = World(_waived(one_option()), keyless=True)
    world.record("note", "owner", text="x")
    body = world.successor(one_option())

    assert codes(world.sign(None, "adopt", "owner", **body)) == {"policy:keys": "POLICY_THRESHOLD"}
    assert world.sign(None, "enroll", "owner", actor="owner", key=OWNER.line()) == ()
    assert world.sign(made_by(OWNER), "adopt", "owner", **body) == ()


def test_hardware_is_not_asked_for_before_there_is_some() -> None:
    world = founded()
    wanted = one_option().replace("owner: {kind: person}", "owner: {kind: person, signs_with: hardware}")
    body, hard = world.successor(wanted), key_named("hard", hardware=True)

    assert codes(world.sign(made_by(OWNER), "adopt", "owner", **body)) == {"policy:keys": "POLICY_THRESHOLD"}
    assert world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=hard.line()) == ()
    assert world.sign(made_by(OWNER), "adopt", "owner", **body) == ()
    assert codes(world.sign(made_by(hard), "retire", "owner", key=hard.fingerprint, reason="no")) == {"key:last": "REFUSED"}


def test_a_policy_is_not_given_to_people_without_keys() -> None:
    world = founded()
    body = world.successor(one_option().replace("policy: {adopted_by: owner}", "policy: {adopted_by: {all: [{of: owner}, {of: ann}]}}"))

    assert codes(world.sign(made_by(OWNER), "adopt", "owner", **body)) == {"policy:keys": "POLICY_THRESHOLD"}
    world.sign(made_by(OWNER), "enroll", "owner", actor="ann", key=ANN.line())
    assert world.sign(made_by(OWNER), "adopt", "owner", **body) == ()
    assert world.state.version == 1
    assert world.sign(made_by(ANN), "adopt", "ann", **body) == ()
    assert world.state.version == 2


def test_a_key_that_could_never_sign_is_not_enrolled() -> None:
    text = one_option().replace("owner: {kind: person}", "owner: {kind: person, signs_with: hardware}")
    world, hard = World(text, keyless=True), key_named("hard", hardware=True)

    assert codes(world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=OWNER.line())) == {"key:level": "SIG_MIN_AUTH"}
    assert world.sign(made_by(hard), "enroll", "owner", actor="owner", key=hard.line()) == ()
    assert world.sign(made_by(hard), "enroll", "owner", actor="agent", key=AGENT.line()) == ()
