"""Who can clear a requirement: of a quorum all of it is named, so that one of many is not taken to be enough."""

import pytest

from govern.documents.hands import spell_hands
from govern.engine.causes import Requirement
from govern.policy.load import load_policy
from support.faults import HOSPITAL

POLICY = load_policy(HOSPITAL)
DECIDERS = ("huber", "novak", "leitner", "head-nurse", "night-nurse")


def spelled(id: str, *by: str, most: int | None = None) -> str:
    """Return who can clear a requirement of an id."""
    return spell_hands(Requirement(id, id.partition(":")[0], truth=False, why="", at=POLICY.at, by=by), POLICY, most)


@pytest.mark.parametrize(
    ("id", "by", "told"),
    [
        ("grant:MOVE", DECIDERS, "2 of board and ward"),
        ("honoured:MOVE", DECIDERS, "2 of board and ward"),
        ("lane:house", DECIDERS, "2 of board and ward"),
        ("lane:cellar", DECIDERS[:3], "board"),
        ("grant:MOVE", DECIDERS[1:], "novak or leitner or head-nurse or night-nurse"),
        ("lane:bench", ("vendor", "vendor-agent"), "vendors"),
        ("leg:MAPPING/mapped", ("vendor", "vendor-agent"), "vendors"),
        ("leg:MAPPING/read", ("head-nurse",), "head-nurse"),
        ("packet:pilot", tuple(POLICY.actors), "anyone"),
        ("done:pilot-move", (), ""),
        ("grant:of-an-earlier-policy", ("huber", "vendor"), "huber or vendor"),
    ],
)
def test_who_can_clear_a_requirement_is_said_as_short_as_it_can_be(id: str, by: tuple[str, ...], told: str) -> None:
    assert spelled(id, *by) == told


def test_of_many_names_as_many_are_told_as_there_is_room_for() -> None:
    assert spelled("grant:MOVE", *DECIDERS[1:], most=3) == "novak or leitner or head-nurse or 1 more"
    assert spelled("grant:MOVE", "huber", "head-nurse", "vendor", most=3) == "huber or head-nurse or vendor"
