"""Option 5 of FIX7's last packet is unreachable until each of its ten prerequisites is on record and its lane is open."""

from collections.abc import Iterator
from itertools import combinations

import pytest

from govern.engine.causes import Cause
from govern.engine.explain import blocking, next_acts
from govern.engine.state import LaneState, State
from govern.engine.unlocking import unlock
from govern.engine.verdicts import Target, verdict
from govern.engine.view import View
from support.policies import line_of
from support.rehearsed import bound_to
from support.world import FIX7, World, evidence

ADDRESS = "final-real-data/AUTHORIZE_PRODUCTION_EXECUTION"
LANE = "lane:production-execution"
LEGS = ("FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump", "FIX7-P0-PROD-BIRTH-SURFACE-1/scoped")
# No prerequisite of its own: a rehearsal on a real dump is of the one that was taken in.
HANDED_OVER = "FIX7-P0-OPERATOR-INPUT-1/real-dump"
GRANTS = ("PRODUCTION_OPT4", "PRODUCTION_ROLLBACK", "REAL_RUN", "QT001", "PERMIT", "ACTIVATION", "REPOINT", "CUTOVER")
TEN = (*(f"leg:{path}" for path in LEGS), *(f"grant:{name}" for name in GRANTS))


def _record(world: World, requirement: str) -> int:
    kind, _, name = requirement.partition(":")
    if kind == "lane":
        return world.record("open", "owner", lane=name)
    if kind == "grant":
        return world.record("grant", "owner", grant=name, scope="production")
    proof = evidence("rehearsal", "real-dump") if name.endswith("real-dump") else evidence("dry-run", "birth-surface")
    return world.record("discharge", "operator", leg=name, evidence=proof | bound_to(world.view().policy, name))


def _issued() -> World:
    world = World(FIX7)
    world.record("issue", "engineering", packet="final-real-data")
    world.record("discharge", "operator", leg=HANDED_OVER, evidence=evidence("intake", "real-dump") | bound_to(world.view().policy, HANDED_OVER))
    return world


@pytest.fixture(scope="module")
def complete() -> World:
    """A programme in which everything that option 5 asks for is on record."""
    world = _issued()
    for requirement in (*TEN, LANE):
        _record(world, requirement)
    return world


def _subsets() -> Iterator[tuple[str, ...]]:
    for size in range(len(TEN) + 1):
        yield from combinations(TEN, size)


def _with_only(full: State, kept: tuple[str, ...], lane: str) -> State:
    """Return the complete state without the records of the prerequisites that are not kept."""
    state = State()
    state.packets = full.packets
    state.lanes = {"production-execution": LaneState(lane, full.lanes["production-execution"].changed)}
    state.grants = {name: each for name, each in full.grants.items() if f"grant:{name}" in kept}
    state.instances = {instance.seq: instance for each in state.grants.values() for instance in each}
    state.proofs = {path: proofs for path, proofs in full.proofs.items() if path == HANDED_OVER or f"leg:{path}" in kept}
    return state


def _allowed(world: World, kept: tuple[str, ...], lane: str) -> bool:
    view = View(world.view().policy, _with_only(world.state, kept, lane), 0)
    judged = verdict(Target("option", ADDRESS), view)
    missing = [*([LANE] if lane == "closed" else []), *(each for each in TEN if each not in kept)]
    assert [each.id for each in blocking(judged)] == missing
    assert unlock(judged.judged).sets == (tuple(missing),)
    return judged.allowed


def test_of_all_1024_sets_of_prerequisites_only_the_whole_one_allows_it_in_an_open_lane(complete: World) -> None:
    allowed = [kept for kept in _subsets() if _allowed(complete, kept, "open")]
    assert allowed == [TEN]


def test_of_all_1024_sets_of_prerequisites_none_allows_it_in_a_closed_lane(complete: World) -> None:
    answers = [_allowed(complete, kept, "closed") for kept in _subsets()]
    assert len(answers) == 1024
    assert not any(answers)


def test_the_complete_state_is_one_that_records_make(complete: World) -> None:
    assert complete.allowed(ADDRESS)
    assert not complete.propose("decide", "owner", {"packet": "final-real-data", "option": "AUTHORIZE_PRODUCTION_EXECUTION"})


@pytest.mark.parametrize("left_out", [*TEN, LANE])
def test_each_prerequisite_alone_keeps_it_unreachable_and_is_the_one_cause_told(left_out: str) -> None:
    world = _issued()
    for requirement in (*TEN, LANE):
        if requirement != left_out:
            _record(world, requirement)

    refusals = world.refusals("decide", "owner", packet="final-real-data", option="AUTHORIZE_PRODUCTION_EXECUTION")

    assert list(refusals) == [left_out]
    assert list(world.blocking("5")) == [left_out]
    _record(world, left_out)
    world.record("decide", "owner", packet="final-real-data", option="AUTHORIZE_PRODUCTION_EXECUTION")


def test_why_blocked_names_exactly_the_ten_and_the_lane_with_who_how_and_the_line_of_policy() -> None:
    asked = {each.id: each for each in _issued().verdict("5").requirements}

    assert list(asked) == [LANE, *TEN]
    assert [each.cause for each in asked.values()] == [Cause.LANE, *[Cause.MISSING] * 10]
    assert asked[LANE].by == ("owner",)
    assert asked[LANE].how == "govern lane open production-execution --as owner"
    assert asked["grant:QT001"].why == "no QT001 grant on record"
    assert asked["grant:PRODUCTION_ROLLBACK"].why == "no distinct production-rollback grant on record"
    assert asked["grant:QT001"].how == "govern grant record QT001 --as owner"
    assert asked[TEN[0]].by == ("operator",)
    assert asked[TEN[0]].how == f"govern blocker discharge {LEGS[0]} --evidence FILE --as operator"
    assert asked[TEN[1]].why == "not on record: production surface scoped"
    first = line_of(FIX7, 'number: "5"')
    assert [each.at.line - first for each in asked.values()] == [3, *range(6, 16)]
    assert all(each.record is None and not each.satisfied for each in asked.values())


def test_one_set_of_eleven_unlocks_it_and_each_is_an_act_of_somebody() -> None:
    judged = _issued().verdict("5")

    found = unlock(judged.judged)

    assert (found.sets, found.count, found.exact) == (((LANE, *TEN),), 1, True)
    assert [act.clears for act in next_acts(judged)] == [(each,) for each in (LANE, *TEN)]
    assert {actor for act in next_acts(judged) for actor in act.actors} == {"owner", "operator"}


def test_without_an_issued_packet_its_number_means_nothing_and_its_address_says_so() -> None:
    assert list(World(FIX7).blocking(ADDRESS)) == ["packet:final-real-data", LANE, *TEN]
