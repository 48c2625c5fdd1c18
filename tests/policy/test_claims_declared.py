"""Claims as they are declared: no text or name of a policy uses one, each is long enough, and no two are spelled alike."""

import pytest

from govern.policy.load import examine_policy
from support.policies import line_of, one_option, programme

CLAIMS = "{SOUND_PASS: {needs: {finding: sound, is: pass}}}"
FINDINGS = "{sound: {result: unknown, by: owner, why: Nobody has looked.}}"


def faults(text: str) -> list[tuple[str, str]]:
    """Return the faults of a policy, by code and message."""
    return [(problem.code, problem.message) for problem in examine_policy(text.encode()).problems]


def test_a_policy_that_declares_a_claim_and_uses_it_nowhere_has_no_fault() -> None:
    assert faults(programme(claims=CLAIMS, findings=FINDINGS)) == []


@pytest.mark.parametrize("spelled", ["SOUND_PASS", "Sound pass", "S O U N D P A S S", "ЅОUΝD_РАЅЅ", "SOUND&#95;P&#65;SS"])
def test_a_text_of_the_policy_that_uses_a_claim_is_a_fault_at_its_place(spelled: str) -> None:
    text = programme(claims=CLAIMS, findings=FINDINGS.replace("Nobody has looked.", f"It is {spelled}"))
    [problem] = examine_policy(text.encode()).problems
    assert (problem.code, problem.message) == ("POLICY_CLAIM", f"`It is {spelled}` uses the claim SOUND_PASS, whatever the state is")
    assert problem.place is not None
    assert problem.place.line == line_of(text, "It is")


def test_a_name_that_spells_a_claim_is_a_fault_too() -> None:
    text = programme(claims=CLAIMS, findings=FINDINGS, grants="{sound-pass: {scope: work, issuer: owner}}")
    assert faults(text) == [("POLICY_CLAIM", "`sound-pass` uses the claim SOUND_PASS, whatever the state is")]


def test_a_status_with_a_condition_is_used_by_no_text_and_named_where_a_packet_continues_it() -> None:
    statuses = "[{id: SOUND_NOW, when: {finding: sound, is: pass}}, {id: WAITING_STILL}]"
    assert faults(one_option(statuses=statuses, findings=FINDINGS, packet="\n    continues: SOUND_NOW")) == []
    assert faults(one_option(statuses=statuses, findings=FINDINGS, packet="\n    title: SOUND_NOW")) == [
        ("POLICY_CLAIM", "`SOUND_NOW` uses the status SOUND_NOW, whatever the state is")
    ]
    assert faults(one_option(statuses=statuses, findings=FINDINGS, packet="\n    title: WAITING_STILL")) == []


def test_a_claim_of_three_letters_cannot_be_told_from_other_text() -> None:
    assert faults(programme(claims="{A-B-C: {needs: {finding: sound, is: pass}}}", findings=FINDINGS)) == [
        ("POLICY_CLAIM", "the claim `A-B-C` is too short to be told from other text")
    ]
    assert faults(programme(claims="{A-B-C-D: {needs: {finding: sound, is: pass}}}", findings=FINDINGS)) == []


@pytest.mark.parametrize("other", ["S0UND-PA-SS", "SOUND.PASS"])
def test_two_claims_that_can_be_spelled_alike_are_a_fault(other: str) -> None:
    both = f"{{SOUND_PASS: {{needs: {{finding: sound, is: pass}}}}, {other}: {{needs: {{finding: sound, is: fail}}}}}}"
    found = faults(programme(claims=both, findings=FINDINGS))
    assert ("POLICY_COLLISION", f"`{other}` and `SOUND_PASS` can be spelled alike, and one is no proof of the other") in found


def test_a_claim_and_a_status_of_one_name_are_a_fault() -> None:
    statuses = "[{id: SOUND_PASS, when: {finding: sound, is: fail}}, {id: WAITING_STILL}]"
    found = faults(programme(claims=CLAIMS, findings=FINDINGS, statuses=statuses))
    assert ("POLICY_COLLISION", "`SOUND_PASS` and `SOUND_PASS` can be spelled alike, and one is no proof of the other") in found
