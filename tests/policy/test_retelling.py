"""The text under which a trace is told: the same policy without its promises, and its next version."""

from govern.policy.load import load_policy
from govern.policy.retelling import WAIVER, next_version, without_promises
from support.policies import one_option

TEXT = one_option("{grant: X}", grants="{X: {scope: work, issuer: owner}}", invariants="{there: {reachable: [GO]}}").encode()


def test_a_policy_without_its_promises_is_otherwise_the_same_and_asks_for_no_signatures() -> None:
    told, declared = load_policy(without_promises(TEXT)), load_policy(TEXT)

    assert (dict(told.invariants), list(declared.invariants)) == ({}, ["there"])
    assert told.policy.signature_waiver == WAIVER
    assert told.packets.keys() == declared.packets.keys()
    assert told.grants["X"].issuer == declared.grants["X"].issuer


def test_a_policy_that_promises_nothing_can_be_told_too() -> None:
    assert dict(load_policy(without_promises(one_option().encode())).invariants) == {}


def test_the_next_version_differs_in_its_number_alone() -> None:
    source = without_promises(TEXT)
    after = next_version(source)

    assert load_policy(after).programme.version == load_policy(source).programme.version + 1
    assert after.replace(b"version: 2", b"version: 1") == source


def test_words_that_would_be_read_as_something_else_stay_words() -> None:
    source = one_option(grants='{"Y": {scope: work, issuer: owner}, "1e3": {scope: work, issuer: owner}}').encode()

    assert set(load_policy(without_promises(source)).grants) == {"Y", "1e3"}
