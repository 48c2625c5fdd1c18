"""Only persons grant, decide, open a lane, fold a registry, adopt a policy or delegate."""

import pytest

from support.faults import HOSPITAL, assert_faults, assert_right, changed, examined_text

HELP = "delegate to an agent instead, with `delegable`"


@pytest.mark.parametrize(
    ("owner", "where", "key"),
    [
        ("adopted_by: owner", "policy", "adopted_by"),
        ("opened_by: owner", "lane `gate`", "opened_by"),
        ("issuer: board", "grant `LEAVE`", "issuer"),
        ("decided_by: board", "packet `second`", "decided_by"),
        ("folded_by: owner", "registry", "folded_by"),
    ],
)
@pytest.mark.parametrize("kind", ["agent", "service"])
def test_nobody_but_a_person_is_put_where_an_owner_stands(kind: str, owner: str, where: str, key: str) -> None:
    robot = ("  maker: {kind", f"  robot: {{kind: {kind}}}\n  maker: {{kind")
    fault = f"SCHEMA_ROLE_KIND {where}: `robot` is no person and cannot be part of `{key}`; {HELP}"

    assert_faults(changed(robot, (owner, f"§{key}: robot")), fault)
    assert_faults(changed(robot, (owner, f"§{key}: {{all: [{{of: owner}}, {{of: robot}}]}}")), fault)


def test_an_agent_in_a_role_is_told_at_each_authority_of_the_role() -> None:
    assert_faults(
        changed(("[owner, second]", "[owner, second, maker]"), ("issuer: board", "§issuer: board"), ("decided_by: board", "§decided_by: board")),
        f"SCHEMA_ROLE_KIND grant `LEAVE`: `maker` is no person and cannot be part of `issuer`; {HELP}",
        f"SCHEMA_ROLE_KIND packet `second`: `maker` is no person and cannot be part of `decided_by`; {HELP}",
    )


def test_an_agent_may_prepare_prove_and_be_delegated_to() -> None:
    policy = assert_right(changed(("{by: maker, evidence", "{by: makers, evidence"), ("board: {", "makers: {members: [maker]}\n  board: {")))

    assert policy.actors["maker"].may_receive_from == "owner"


def test_only_a_person_delegates() -> None:
    text = changed(("maker: {kind: agent, may", "robot: {kind: service, §may_receive_from: maker}\n  maker: {kind: agent, may"))

    assert_faults(text, "SCHEMA_ROLE_KIND `maker` is no person and cannot delegate to `robot`")


def test_a_vendor_that_prepares_is_never_put_on_the_board() -> None:
    text = HOSPITAL.decode().replace("members: [huber, novak, leitner]", "members: [huber, novak, vendor]")
    authorities = ["policy", "lane `ward-3`", "lane `house`", "lane `cellar`", "grant `PILOT`", "grant `MOVE`", "grant `WAY-BACK`", "grant `RETIRE`"]
    authorities += [f"packet `{packet}`" for packet in ("copying", "rehearsal", "pilot", "cut-over", "retirement")] + ["registry"]
    problems = examined_text(text).problems

    assert {problem.code for problem in problems} == {"SCHEMA_ROLE_KIND"}
    assert [problem.message.split(": `vendor` is no person")[0] for problem in problems] == authorities
