"""What stands by words that those who gave them could not give any more is told; it stands all the same."""

import pytest

from govern.engine.outdated import outdated
from support.policies import one_option
from support.world import World

GRANTS = "{G: {scope: work, issuer: ann}, S: {scope: work, issuer: {all: [{of: board, at_least: 2}]}}}"
LANES = "{main: {scope: work, standing: true}, gate: {scope: live, opened_by: ann}}"


def _text(grants: str = GRANTS, lanes: str = LANES, **sections: str) -> str:
    return one_option("{grant: G}", grants=grants, lanes=lanes, **sections)


def _world() -> World:
    world = World(_text())
    world.record("issue", "robot", packet="ask")
    world.record("grant", "ann", grant="G", scope="work")
    for actor in ("ann", "bob"):
        given = {"instance": 3} if actor == "bob" else {}
        world.record("grant", actor, grant="S", scope="work", **given)
    world.record("open", "ann", lane="gate")
    world.record("decide", "owner", packet="ask", option="GO")
    assert list(outdated(world.view())) == []
    return world


def _adopted(world: World, text: str) -> list[tuple[str, int, tuple[str, ...]]]:
    world.record("adopt", "owner", **world.successor(text))
    return [(each.what, each.record, each.actors) for each in outdated(world.view())]


def test_a_selected_option_of_who_no_longer_decides_stays_in_force_and_is_told() -> None:
    world = _world()
    told = _adopted(world, _text().replace("decided_by: owner", "decided_by: cyn"))
    assert told == [("ask/GO is selected", 6, ("owner",))]
    assert world.view().packet("ask").selected == "GO"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_text(grants=GRANTS.replace("issuer: ann", "issuer: bob")), [("G#2 is on record", 2, ("ann",))]),
        (_text(grants=GRANTS.replace("at_least: 2", "at_least: 3")), [("S#3 is on record", 4, ("ann", "bob"))]),
        (_text(lanes=LANES.replace("opened_by: ann", "opened_by: bob")), [("lane gate is open", 5, ("ann",))]),
        (_text(roles="{board: {members: [bob, cyn]}, ward: {members: [cyn, eve]}}"), [("S#3 is on record", 4, ("ann", "bob"))]),
        (_text(grants=GRANTS.replace("issuer: ann", "issuer: {all: [{of: board, at_least: 1}]}")), []),
    ],
)
def test_a_grant_and_a_lane_are_told_where_the_words_no_longer_fill_what_is_wanted(text: str, told: list[tuple[str, int, tuple[str, ...]]]) -> None:
    assert _adopted(_world(), text) == told


def test_what_was_taken_back_used_up_or_merely_reported_is_nobodys_standing_word() -> None:
    world = World(_text())
    world.report("issue", "robot", packet="ask")
    world.report("grant", "ann", grant="G", scope="work")
    world.report("open", "ann", lane="gate")
    world.report("decide", "owner", packet="ask", option="GO")
    seq = world.record("grant", "ann", grant="G", scope="work")
    world.record("revoke", "ann", record=seq, reason="Not that one.")
    text = _text(grants=GRANTS.replace("issuer: ann", "issuer: bob"), lanes=LANES.replace("opened_by: ann", "opened_by: bob"))
    assert _adopted(world, text.replace("decided_by: owner", "decided_by: cyn")) == []


def test_a_hold_and_what_the_policy_no_longer_declares_rest_on_nobodys_word() -> None:
    world = _world()
    world.record("decide", "owner", packet="ask", option="STOP", supersedes=6)
    renamed = _text(grants=GRANTS.replace("G:", "H:"), lanes=LANES.replace("gate: {scope: live, opened_by: ann}", "other: {scope: live, opened_by: ann}"))
    assert _adopted(world, renamed.replace("{grant: G}", "{grant: H}").replace("decided_by: owner", "decided_by: cyn")) == []
