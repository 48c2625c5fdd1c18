"""What kept an owner from deciding under one version and not under the next is called loosening: held against the evaluator."""

import pytest

from govern.policy.diff.policies import loosens
from govern.policy.load import load_policy
from support.policies import one_option
from support.world import World, evidence

ROLES = "{board: {members: [ann, bob, cyn]}, everyone: {members: [owner, agent, robot]}}"
LEGS = "{B: {legs: {l: {by: everyone, evidence: {packet: one}}, m: {by: everyone, evidence: {packet: two}}}}}"
GRANTS = "{G: {scope: work, issuer: owner}}"
GO = ("decide", "owner", {"packet": "ask", "option": "GO"})
BOTH = one_option("{all: [{leg: B/l}, {any: [{leg: B/m}, {leg: B/l}]}]}", blockers=LEGS, roles=ROLES)
MADE = [
    ("discharge", "agent", {"leg": "B/l", "evidence": evidence("packet", "one")}),
    ("discharge", "owner", {"leg": "B/m", "evidence": evidence("packet", "two")}),
]


@pytest.mark.parametrize(
    ("old", "new", "steps", "kept"),
    [
        (BOTH, one_option("{leg: B/l}", blockers=LEGS, roles=ROLES), MADE, "separation:owner"),
        (BOTH, BOTH.replace("m: {by", "h: {renamed_from: m, by").replace("B/m", "B/h"), MADE, "separation:owner"),
        (
            one_option("{not: {grant: G}}", grants=GRANTS),
            one_option("{not: {grant: K}}", grants=GRANTS.replace("G: {", "K: {renamed_from: G, ")),
            [("grant", "owner", {"grant": "G", "scope": "work"})],
            "not:grant:G",
        ),
        (
            one_option("{not: {lane: gate}}"),
            one_option("{not: {lane: door}}", lanes="{main: {scope: work, standing: true}, door: {scope: live, opened_by: owner, renamed_from: gate}}"),
            [("open", "owner", {"lane": "gate"})],
            "not:lane:gate",
        ),
        (
            one_option("{not: {blocker: B, is: closed}}", blockers="{B: {legs: {k: {by: agent, evidence: {packet: one}}}}}"),
            one_option("{not: {blocker: C, is: closed}}", blockers="{C: {renamed_from: B, legs: {k: {by: agent, evidence: {packet: one}}}}}"),
            [("discharge", "agent", {"leg": "B/k", "evidence": evidence("packet", "one")})],
            "not:blocker:B=closed",
        ),
    ],
    ids=("guard", "leg", "grant", "lane", "blocker"),
)
def test_an_edit_after_which_an_owner_can_decide_where_they_could_not_is_loosening(
    old: str, new: str, steps: list[tuple[str, str, dict[str, object]]], kept: str
) -> None:
    new = new.replace("version: 1", "version: 2")
    world = World(old)
    world.record("issue", "robot", packet="ask")
    for kind, actor, body in steps:
        world.record(kind, actor, **body)

    assert [each.id for each in world.propose(*GO)] == [kept]
    world.record("adopt", "owner", version=2, policy=world.keep(new), previous=world.state.policy_digest, templates={}, reason="It is shorter.")
    assert not list(world.propose(*GO))
    assert loosens(load_policy(old.encode()), load_policy(new.encode()))
