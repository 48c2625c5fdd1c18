"""Look-ups in a policy that is right."""

import pytest

from govern.policy import find
from govern.policy.load import load_policy
from support.faults import FIX7, HOSPITAL, SMALL, assert_right, changed

POLICY = load_policy(SMALL.encode())
WARDS = load_policy(HOSPITAL)


def test_an_authority_is_a_list_of_places_each_with_those_who_can_fill_it() -> None:
    move = WARDS.grants["MOVE"].issuer
    board, ward = ("huber", "novak", "leitner"), ("head-nurse", "night-nurse", "leitner")

    assert find.places(WARDS, move) == [board, board, ward]
    assert find.places(WARDS, "board") == [board]
    assert find.places(WARDS, "huber") == [("huber",)]
    assert [(slot.of, slot.at_least) for slot in find.slots(move)] == [("board", 2), ("ward", 1)]
    assert [(slot.of, slot.at_least) for slot in find.slots("board")] == [("board", 1)]


def test_everyone_in_an_authority_is_named_once_in_the_order_written() -> None:
    assert find.everyone(WARDS, WARDS.grants["MOVE"].issuer) == ("huber", "novak", "leitner", "head-nurse", "night-nurse")


def test_an_authority_is_spelled_in_words() -> None:
    assert find.spell_who(WARDS.grants["MOVE"].issuer) == "2 of board and ward"
    assert find.spell_who("owner") == "owner"


def test_a_leg_is_found_by_its_path() -> None:
    assert find.leg(POLICY, "READY/tried").by == "maker"
    assert [path for path, _leg in find.leg_paths(POLICY)] == ["READY/tried", "READY/agreed"]


@pytest.mark.parametrize(
    ("path", "there"), [("READY/tried", True), ("READY/", False), ("READY", False), ("READY/other", False), ("OTHER/tried", False), ("", False)]
)
def test_whether_a_leg_is_declared_is_known(path: str, there: bool) -> None:  # noqa: FBT001 - a parameter
    assert (path in POLICY.legs) is there


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("second/CHANGE", ["second/CHANGE"]),
        ("second/2", ["second/CHANGE"]),
        ("CHANGE", ["second/CHANGE"]),
        ("2", ["first/TRY", "second/CHANGE"]),
        ("STAY", ["first/STAY", "second/STAY"]),
        ("third/STAY", []),
        ("first/CHANGE", []),
        ("change", []),
    ],
)
def test_an_address_means_each_option_that_has_it(address: str, meant: list[str]) -> None:
    assert [f"{packet}/{option.id}" for packet, option in find.options_at(POLICY, address)] == meant


def test_the_one_option_of_an_address_is_found_with_its_packet() -> None:
    packet, option = find.option(POLICY, "CHANGE")

    assert (packet, option.id) == ("second", "CHANGE")


def test_the_hold_and_the_lane_of_an_option_are_known() -> None:
    fix7 = load_policy(FIX7)
    packet = fix7.packets["final-real-data"]

    assert find.hold_of(packet).id == "HOLD_REAL_DATA"
    assert [find.lane_of(fix7, "final-real-data", option) for option in packet.options] == ["final-pre-real-data"] * 4 + ["production-execution"]


def test_a_grant_is_called_what_it_says_or_by_its_id() -> None:
    fix7 = load_policy(FIX7)

    assert find.grant_says("REAL_RUN", fix7.grants["REAL_RUN"]) == "REAL_RUN grant"
    assert find.grant_says("PRODUCTION_OPT4", fix7.grants["PRODUCTION_OPT4"]) == "production OPT-4"


def test_a_leg_is_preparation_where_only_those_who_prepare_can_prove_it() -> None:
    mixed = assert_right(changed(("{by: maker, evidence", "{by: both, evidence"), ("board: {", "both: {members: [maker, second]}\n  board: {")))
    none = assert_right(changed(("preparation: {by: maker}\n", "")))

    assert [find.is_preparation(POLICY, leg) for _path, leg in find.leg_paths(POLICY)] == [True, False]
    assert [find.is_preparation(mixed, leg) for _path, leg in find.leg_paths(mixed)] == [False, False]
    assert [find.is_preparation(none, leg) for _path, leg in find.leg_paths(none)] == [False, False]


def test_every_guard_is_found_with_what_it_guards() -> None:
    ways = "[{trigger: discharge, from: a, to: b, by: authority, when: {lane: bench}}]"
    leg = f"leg: {{initial: a, states: {{a: {{}}, b: {{counts: true}}}}, transitions: {ways}}}"
    policy = assert_right(changed(("{use: standard-1}", f"{{use: standard-1, {leg}}}"), ("opened_by: owner}", "opens_when: {honoured: LEAVE}}")))

    assert [where for where, _guard in find.guards(policy)] == [
        "lane `gate`",
        "leg `READY/agreed`",
        "option `first/TRY`",
        "option `second/CHANGE`",
        "action `change`",
        "claim `DONE`",
        "status `READY-TO-GO`",
        "invariant `guarded`",
        "leg transition `discharge`",
    ]
