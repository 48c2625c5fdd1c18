"""What a policy declares about rehearsals: what may be left behind, which tables a name means, which legs name a change."""

import pytest

from govern.policy.load import examine_policy, load_policy
from govern.policy.rehearsal import Rehearsal, finds
from support.policies import one_option

CHANGES = "{changes: {it: {apply: {file: a.sql, sha256: " + "a" * 64 + "}}}}"


def _rehearsal(text: str) -> Rehearsal:
    found = load_policy(one_option(rehearsal=text).encode()).rehearsal
    assert found is not None
    return found


def test_a_rollback_may_leave_sequences_behind_unless_the_policy_says_otherwise() -> None:
    assert _rehearsal("{label: MADE_UP}").leftovers == ("sequences",)
    assert _rehearsal("{residue: [sequences]}").leftovers == ("sequences",)


@pytest.mark.parametrize(
    ("pattern", "name", "found"),
    [
        ("public.people", "public.people", True),
        ("public.people", "public.people_2", False),
        ("public.log_*", "public.log_a", True),
        ("public.log_*", "public.lo", False),
    ],
)
def test_a_declared_table_is_one_by_its_name_or_all_of_a_beginning(pattern: str, name: str, found: object) -> None:
    assert finds(pattern, name) is found


def _problems(leg: str, rehearsal: str = CHANGES) -> list[str]:
    text = one_option("{leg: B/l}", blockers=f"{{B: {{legs: {{l: {{by: agent, {leg}}}}}}}}}", rehearsal=rehearsal)
    return [f"{each.code} {each.message}" for each in examine_policy(text.encode()).problems]


def test_a_leg_names_a_change_that_is_declared_and_asks_for_its_rehearsal() -> None:
    assert _problems("evidence: {rehearsal: toy}, change: it") == []
    assert _problems("evidence: {rehearsal: toy}, change: other") == ["POLICY_DANGLING unknown change `other`"]
    assert "POLICY_LEG leg `B/l` names a change and asks for no rehearsal" in _problems("evidence: {intake: toy}, change: it")


@pytest.mark.parametrize("digest", ["a" * 63, "A" * 64, "g" * 64])
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    [problem] = _problems("evidence: {rehearsal: toy}", f'{{validator: "{digest}"}}')
    assert "wanted a SHA-256 of 64 lower-case hex digits" in problem
