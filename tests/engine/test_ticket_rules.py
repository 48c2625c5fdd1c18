"""Ticket ids: reserved from the next free one, folded in order by others than who reserved them, never given twice."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.engine.causes import Cause, problem_of
from govern.engine.register import MOST_IDS, Figures, Register, Reservation
from govern.problems import Exit, GovernError
from support.policies import one_option, programme
from support.world import World

NONCE = "1" * 64
QUORUM = "{prefix: T, folded_by: {all: [{of: board, at_least: 2}]}}"


def world(registry: str = "{prefix: T, folded_by: owner}", **sections: str) -> World:
    """Return a programme with a registry."""
    return World(one_option(registry=registry, **sections))


def reserve(world: World, count: int = 1, actor: str = "agent") -> Reservation:
    """Reserve the next free ids."""
    first = world.state.register.next_free
    world.record("reserve", actor, **body(first, first + count - 1))
    return world.state.register.reservations[first]


def body(first: int, last: int) -> dict[str, Any]:
    """Return the body of a reservation."""
    return {"first": first, "last": last, "nonce": NONCE, "for": "tests"}


def named(reservation: Reservation) -> dict[str, int]:
    """Return how a record names a reservation."""
    return {"reservation": reservation.seq, "first": reservation.first, "last": reservation.last}


def fold(world: World, reservation: Reservation, actor: str = "owner", **more: str) -> int:
    """Fold a reservation."""
    return world.record("fold", actor, **named(reservation), **more)


def test_a_reservation_takes_the_next_free_ids_and_leaves_the_canonical_registry_as_it_is() -> None:
    known = world()
    first, second = reserve(known, 10), reserve(known)
    register = known.state.register
    assert (first.ids, first.count, first.above, second.ids, second.above) == ("T-1..10", 10, 0, "T-11", 10)
    assert (register.next_free, register.ceiling, register.figures) == (12, 0, Figures(0, 0, 0, 0))
    assert (first.actor, first.purpose, first.waits, first.untouched) == ("agent", "tests", True, Figures())


def test_a_fold_moves_every_form_of_the_registry_by_one_and_the_ceiling_behind_the_range() -> None:
    known = world()
    first, second = reserve(known, 10), reserve(known, 5, "ann")
    seq = fold(known, first, reason="agreed")
    register = known.state.register
    assert (register.figures, register.ceiling, register.next_free) == (Figures(10, 1, 1, 1), 10, 16)
    done = register.reservations[1]
    assert (done.folded, done.folded_by, done.why, done.waits) == (seq, ("owner",), "agreed", False)
    assert register.reservations[second.first].waits
    fold(known, second)
    assert known.state.register.figures == Figures(15, 2, 2, 2)


@pytest.mark.parametrize(("first", "last"), [(0, 5), (1, 4), (9, 12), (12, 12), (10, 11), (2**53 - 1, 2**53 - 1)])
def test_a_range_that_does_not_begin_at_the_next_free_id_is_refused(first: int, last: int) -> None:
    known = world()
    reserve(known, 10)
    refusal = known.refusals("reserve", "agent", **body(first, last))["reserve:first"]
    assert (refusal.cause, problem_of(refusal).code) == (Cause.STALE, "TICKET_RANGE")
    assert refusal.why.endswith("the next free id is T-11")
    assert refusal.why.startswith(f"T-{first} is part of T-1..10, and ") == (1 <= first <= 10)


@pytest.mark.parametrize("last", [0, MOST_IDS + 1, 2**53 - 1])
def test_a_reservation_of_no_id_or_of_too_many_is_refused(last: int) -> None:
    refusal = world().refusals("reserve", "agent", **body(1, last))["reserve:count"]
    assert refusal.why == f"it holds {last} ids, wanted 1 to {MOST_IDS}"


def test_as_many_ids_as_are_bearable_are_reserved_at_once() -> None:
    assert reserve(world(), MOST_IDS).count == MOST_IDS


def test_only_who_may_reserves_where_the_policy_says_who() -> None:
    known = world("{prefix: T, folded_by: owner, reserved_by: board}")
    refusal = known.refusals("reserve", "agent", **body(1, 1))["authority:reserve"]
    assert (refusal.cause, refusal.why, refusal.by) == (Cause.UNAUTHORISED, "agent may not reserve ids; that is for board", ("ann", "bob", "cyn"))
    assert reserve(known, actor="ann").actor == "ann"


@pytest.mark.parametrize("kind", ["reserve", "fold", "withdraw"])
def test_without_a_registry_nothing_is_reserved_folded_or_withdrawn(kind: str) -> None:
    bare = World(one_option())
    about = {"reservation": 0, "first": 1, "last": 1, "reason": "x"} if kind != "reserve" else body(1, 1)
    refusal = bare.refusals(kind, "owner", **about)["registry"]
    assert (refusal.why, problem_of(refusal).code) == ("the policy declares no registry", "NO_REGISTRY")


@pytest.mark.parametrize("actor", ["agent", "robot", "ann"])
def test_only_the_owner_folds(actor: str) -> None:
    known = world()
    made = reserve(known, actor="bob")
    refusal = known.refusals("fold", actor, **named(made))["authority:fold"]
    assert (refusal.cause, refusal.why, refusal.by) == (Cause.UNAUTHORISED, f"{actor} may not fold T-1; that is for owner", ("owner",))


def test_who_reserved_a_range_never_folds_it() -> None:
    known = world()
    refusal = known.refusals("fold", "owner", **named(reserve(known, actor="owner")))["separation:owner"]
    assert (refusal.cause, refusal.why) == (Cause.SEPARATION, "owner reserved T-1 and cannot fold it")


def test_a_range_is_folded_after_all_below_it() -> None:
    known = world()
    first, second = reserve(known), reserve(known, 3)
    refusal = known.refusals("fold", "owner", **named(second))["fold:order"]
    assert (refusal.cause, refusal.why, refusal.record) == (Cause.AWAITING, "T-1 stands below it, and is neither folded nor withdrawn", first.seq)
    assert refusal.how == "govern ticket fold T-1 --as owner"
    known.record("withdraw", "agent", **named(first), reason="not wanted")
    fold(known, second)
    assert known.state.register.figures.body_max == 4


def test_who_is_named_for_a_fold_is_neither_who_reserved_the_range_nor_who_gave_a_word() -> None:
    known = world(QUORUM)
    first, second = reserve(known, actor="bob"), reserve(known)
    refusal = known.refusals("fold", "ann", **named(second))["fold:order"]
    assert (refusal.by, refusal.how) == (("ann", "cyn"), "govern ticket fold T-1 --as ann")
    fold(known, first, "ann")
    refusal = known.refusals("fold", "cyn", **named(second))["fold:order"]
    assert (refusal.by, refusal.how) == (("cyn",), "govern ticket fold T-1 --as cyn")


def test_where_nobody_is_left_to_fold_what_stands_below_it_is_to_be_withdrawn() -> None:
    known = world()
    reserve(known, actor="owner")
    refusal = known.refusals("fold", "owner", **named(reserve(known)))["fold:order"]
    assert (refusal.by, refusal.how) == ((), 'govern ticket withdraw T-1 --reason "…" --as owner')


def test_a_reservation_is_folded_once() -> None:
    known = world()
    made = reserve(known)
    seq = fold(known, made)
    refusal = known.refusals("fold", "owner", **named(made))[f"reservation:{made.seq}"]
    assert (refusal.cause, refusal.why) == (Cause.CONSUMED, f"T-1 was folded by record #{seq}")
    assert known.causes("withdraw", "owner", **named(made), reason="x") == {f"reservation:{made.seq}": Cause.CONSUMED}


@pytest.mark.parametrize(("seq", "first", "last"), [(0, 1, 10), (1, 1, 9), (1, 2, 10), (1, 11, 11), (99, 1, 10), (2**53 - 1, 2**53 - 1, 0)])
@pytest.mark.parametrize("kind", ["fold", "withdraw"])
def test_what_names_no_reservation_by_record_and_range_is_refused(kind: str, seq: int, first: int, last: int) -> None:
    known = world()
    reserve(known, 10)
    found = known.refusals(kind, "owner", reservation=seq, first=first, last=last, reason="x")
    assert {name: each.cause for name, each in found.items()} == {f"reservation:{seq}": Cause.MISSING}


def test_withdrawn_ids_are_never_given_again_nor_folded() -> None:
    known = world()
    made = reserve(known, 3)
    seq = known.record("withdraw", "agent", **named(made), reason="not wanted")
    refusal = known.refusals("fold", "owner", **named(made))[f"reservation:{made.seq}"]
    assert (refusal.cause, refusal.why) == (Cause.REVOKED, f"T-1..3 was withdrawn by record #{seq}; its ids are never given again")
    assert known.causes("withdraw", "agent", **named(made), reason="again") == {f"reservation:{made.seq}": Cause.REVOKED}
    assert known.state.register.ceiling == 3
    assert reserve(known).ids == "T-4"
    assert known.causes("reserve", "agent", **body(1, 3)) == {"reserve:first": Cause.STALE}


def test_a_reservation_is_withdrawn_by_who_made_it_or_by_who_could_fold_it() -> None:
    known = world()
    made, other = reserve(known, actor="agent"), reserve(known, actor="bob")
    refusal = known.refusals("withdraw", "ann", **named(made), reason="x")["authority:withdraw"]
    assert (refusal.cause, refusal.why, refusal.by) == (Cause.UNAUTHORISED, "ann may not withdraw T-1; that is for agent or owner", ("agent", "owner"))
    known.record("withdraw", "owner", **named(made), reason="x")
    known.record("withdraw", "bob", **named(other), reason="x")
    assert [each.withdrawn_by for each in known.state.register.reservations.values()] == ["owner", "bob"]


def test_a_fold_by_a_quorum_waits_for_all_words_and_counts_nobody_twice() -> None:
    known = world(QUORUM)
    made = reserve(known, 2)
    fold(known, made, "ann")
    assert (known.state.register.reservations[1].words, known.state.register.figures) == (("ann",), Figures())
    refusal = known.refusals("fold", "ann", **named(made))["authority:fold"]
    assert (refusal.cause, refusal.by) == (Cause.QUORUM, ("bob", "cyn"))
    fold(known, made, "bob")
    assert known.state.register.reservations[1].folded_by == ("ann", "bob")


def test_words_that_wait_count_no_more_under_another_policy() -> None:
    known = world(QUORUM)
    made = reserve(known, 2)
    fold(known, made, "ann")
    known.record("adopt", "owner", **known.successor(one_option(registry=QUORUM)))
    assert known.state.register.reservations[1].words == ()
    fold(known, made, "ann")
    fold(known, made, "cyn")
    assert known.state.register.reservations[1].folded_by == ("ann", "cyn")


def test_another_prefix_goes_on_with_the_numbers_and_old_ids_keep_theirs() -> None:
    known = world()
    old = reserve(known, 3)
    known.record("adopt", "owner", **known.successor(one_option(registry="{prefix: t, folded_by: owner}")))
    assert (old.ids, reserve(known).ids) == ("T-1..3", "t-4")


def test_a_line_written_by_hand_that_overlaps_is_no_record_of_this_ledger() -> None:
    known = world()
    reserve(known, 10)
    with pytest.raises(GovernError, match=r"record 2 \(reserve\): T-5 is part of T-1..10, and the next free id is T-11") as caught:
        known.force("reserve", "agent", body(5, 14))
    assert caught.value.status == Exit.BROKEN


@pytest.mark.parametrize("kind", ["reserve", "fold", "withdraw"])
def test_a_document_reports_the_state_of_the_registry_and_no_act_on_it(kind: str) -> None:
    about: dict[str, Any] = {"reserve": body(1, 1)}.get(kind, {"reservation": 1, "first": 1, "last": 1, "reason": "x"})
    refusal = world().report_refusals(kind, "agent", **about)[f"import:{kind}"]
    assert refusal.why == f"a document cannot report a record of kind {kind}"


def test_the_figures_are_computed_and_recorded_by_nobody() -> None:
    refusal = world().refusals("register", "owner", body_max=9)["register"]
    assert refusal.why == "what a document says of the registry is taken right after genesis"


def test_a_report_gives_the_figures_and_what_it_does_not_give_is_unknown() -> None:
    known = world()
    known.report("register", "agent", body_max=461, ceiling=484, json=24, markdown=24, index=116, reserved=[[485, 494]])
    register = known.state.register
    assert (register.figures, register.ceiling, register.next_free) == (Figures(461, 24, 24, 116), 484, 495)
    [reserved] = register.reservations.values()
    assert (reserved.ids, reserved.above, reserved.untouched, reserved.purpose) == ("T-485..494", 484, Figures(461, 24, 24, 116), "")
    assert register.unrecorded() == [(1, 484)]
    seq = known.report("register", "agent", folded_through=507)
    register = known.state.register
    assert (register.figures, register.ceiling, register.next_free) == (Figures(507, None, None, None), 507, 508)
    assert (register.reservations[485].folded, register.reservations[485].folded_by) == (seq, ())
    assert register.unrecorded() == [(1, 484), (495, 507)]
    made = reserve(known)
    fold(known, made)
    assert known.state.register.figures == Figures(508, None, None, None)


def test_a_report_may_name_several_ranges_and_leave_everything_else_unknown() -> None:
    known = world()
    known.report("register", "agent", reserved=[[3, 4], [7, 7]])
    register = known.state.register
    assert (register.figures.body_max, register.ceiling, register.next_free, register.unrecorded()) == (None, 2, 8, [(1, 2), (5, 6)])
    known.record("withdraw", "owner", **named(register.reservations[3]), reason="unknown to us")
    assert known.causes("withdraw", "agent", **named(register.reservations[7]), reason="x") == {"authority:withdraw": Cause.UNAUTHORISED}
    fold(known, known.state.register.reservations[7])
    assert known.state.register.figures == Figures(7, None, None, None)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({}, "it says nothing"),
        ({"body_max": 9}, "its body_max is 9, and ids up to 10 were in the body before"),
        ({"folded_through": 9}, "its folded_through is 9, and ids up to 10 were in the body before"),
        ({"body_max": 21}, "ids up to 21 would be in the body, and T-21..30 is not folded"),
        ({"folded_through": 29}, "ids up to 29 would be in the body, and T-21..30 is not folded"),
        ({"reserved": [[30, 31]]}, "the range 30..31 is to stand above 30, which was allotted before"),
        ({"reserved": [[40, 39]]}, "the range 40..39 is to stand above 30, which was allotted before"),
        ({"reserved": [[31, 40], [40, 41]]}, "the range 40..41 is to stand above 40, which was allotted before"),
        ({"ceiling": 19}, "its ceiling is 19, and by what is on record it is 20"),
        ({"ceiling": 21}, "its ceiling is 21, and by what is on record it is 20"),
        ({"folded_through": 30, "ceiling": 29}, "its ceiling is 29, and by what is on record it is 30"),
        ({"folded_through": 30, "ceiling": 39, "reserved": [[41, 50]]}, "its ceiling is 39, and by what is on record it is 40"),
    ],
)
def test_a_report_that_does_not_fit_what_is_on_record_is_refused(says: dict[str, Any], why: str) -> None:
    known = world()
    known.report("register", "agent", body_max=10, ceiling=20, reserved=[[21, 30]])
    assert known.report_refusals("register", "agent", **says)["import:record"].why == why


@pytest.mark.parametrize(
    "says", [{"ceiling": 20}, {"body_max": 20}, {"folded_through": 30, "ceiling": 35}, {"folded_through": 30, "ceiling": 40, "reserved": [[41, 41]]}]
)
def test_a_report_that_fits_is_taken(says: dict[str, Any]) -> None:
    known = world()
    known.report("register", "agent", body_max=10, ceiling=20, reserved=[[21, 30]])
    known.report("register", "agent", **says)
    assert known.state.register.ceiling == says.get("ceiling", 20)


def test_a_report_of_a_registry_that_is_not_declared_is_refused() -> None:
    assert World(one_option()).report_refusals("register", "agent", body_max=1)["import:record"].why == "the policy declares no registry"


def test_nothing_about_tickets_changes_what_a_packet_shows_or_what_a_guard_rests_on() -> None:
    known = world()
    before = known.state.moved
    made = reserve(known, 2)
    fold(known, made)
    assert known.state.moved == before


@pytest.mark.parametrize("span", ["4", "1..2", "2..3", "1..3.", "01..3", "1...3", "..", "", "x", "١..3", "9" * 5000])
def test_a_range_is_found_by_its_one_spelling(span: str) -> None:
    register = Register()
    register.put(Reservation(1, 1, 3, "T", "agent", 0, 0, Figures()))
    assert register.spanning(span) is None
    assert register.spanning("1..3") is register.reservations[1]


def test_a_copy_of_the_register_moves_alone() -> None:
    register = Register()
    copy = deepcopy(register)
    copy.put(Reservation(1, 1, 5, "T", "agent", 0, 0, Figures()))
    assert (register.next_free, register.reservations, copy.next_free) == (1, {}, 6)


STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "fold", "withdraw"]), st.integers(0, 12), st.integers(-2, 6), st.sampled_from(["agent", "ann", "owner"])), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_is_tried_no_id_is_held_twice_and_every_figure_follows_from_the_records(steps: list[tuple[str, int, int, str]]) -> None:
    known = world()
    for kind, number, count, actor in steps:
        register = known.state.register
        wanted = [*register.reservations.values()][number % max(len(register.reservations), 1) :][:1]
        if kind == "reserve":
            about: dict[str, Any] = body(max(register.next_free + number % 2, 0), max(register.next_free + count, 0))
        else:
            about = {**(named(wanted[0]) if wanted else {"reservation": 1, "first": 1, "last": 1}), "reason": "x"}
        if not known.propose(kind, actor, about):
            known.force(kind, actor, about)
    register = known.state.register
    made = list(register.reservations.values())
    ids = [number for each in made for number in range(each.first, each.last + 1)]
    assert ids == list(range(1, register.next_free))
    folded = [each for each in made if each.folded is not None]
    waiting = [each.first for each in made if each.waits]
    assert register.figures == Figures(max((each.last for each in folded), default=0), *[len(folded)] * 3)
    assert register.ceiling == (waiting[0] - 1 if waiting else register.allotted)
    assert (register.figures.body_max or 0) <= register.ceiling < register.next_free
    assert all(each.actor not in each.folded_by for each in made)
    assert known.replayed().register == register


def test_a_programme_with_a_registry_alone_is_one() -> None:
    assert World(programme(registry="{prefix: T, folded_by: owner}")).state.register == Register()
