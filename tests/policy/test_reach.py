"""What nobody can ever satisfy, found before anybody tries."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.load import load_policy
from govern.policy.reach import can_act, can_fill, reachable
from govern.policy.who import Quorum, Slot
from support.faults import HOSPITAL, SMALL, assert_faults, assert_right, changed, examined_text

NEVER = "which nobody can ever satisfy"
LATER = "what it needs can never come about, or needs this first"
AT_TRY = ('- {number: "2", id: TRY', '- §{number: "2", id: TRY')
TOO_FEW = "and there are not so many distinct persons; lower the number, or add members"


def test_each_authority_has_as_many_distinct_persons_as_it_wants() -> None:
    three = "{all: [{of: board, at_least: 3}]}"

    assert_faults(
        changed(
            ("adopted_by: owner", f"§adopted_by: {three}"),
            ("folded_by: owner", f"§folded_by: {three}"),
            ("decided_by: owner", f"§decided_by: {three}"),
            ("TRIAL: {scope: work, issuer: owner}", f"TRIAL: {{scope: work, §issuer: {three}}}"),
            ("gate: {scope: live, opened_by: owner}", f"gate: {{scope: live, §opened_by: {three}, opens_when: {{not: {{grant: LEAVE}}}}}}"),
            ("{grant: TRIAL}", "§{grant: TRIAL}"),
        ),
        f"POLICY_UNSATISFIABLE policy wants 3 of board, {TOO_FEW}",
        f"POLICY_UNSATISFIABLE lane `gate` wants 3 of board, {TOO_FEW}",
        f"POLICY_UNSATISFIABLE grant `TRIAL` wants 3 of board, {TOO_FEW}",
        f"POLICY_UNSATISFIABLE packet `first` wants 3 of board, {TOO_FEW}",
        f"POLICY_UNSATISFIABLE option `first/TRY` wants grant:TRIAL, {NEVER}; its issuer cannot be filled",
        f"POLICY_UNSATISFIABLE registry wants 3 of board, {TOO_FEW}",
    )


def test_all_the_members_of_a_role_are_enough_and_one_more_is_not() -> None:
    grant = ("TRIAL: {scope: work, issuer: owner}", "TRIAL: {scope: work, §issuer: {all: [{of: board, at_least: %s}]}}")

    assert_right(changed((grant[0], grant[1].replace("§", "") % 2)))
    with_reason = changed((grant[0], grant[1] % 3), ("{grant: TRIAL}", "§{grant: TRIAL}"))
    assert_faults(
        with_reason,
        f"POLICY_UNSATISFIABLE grant `TRIAL` wants 3 of board, {TOO_FEW}",
        f"POLICY_UNSATISFIABLE option `first/TRY` wants grant:TRIAL, {NEVER}; its issuer cannot be filled",
    )


@pytest.mark.parametrize("quorum", ["[{of: owner}, {of: owner}]", "[{of: board, at_least: 2}, {of: owner}]", "[{of: board}, {of: board}, {of: board}]"])
def test_one_person_is_never_two_of_a_quorum(quorum: str) -> None:
    text = changed(("folded_by: owner", f"§folded_by: {{all: {quorum}}}"))
    spelled = {"[{of: o": "owner and owner", "[{of: board, a": "2 of board and owner", "[{of: board}": "board and board and board"}
    words = next(words for start, words in spelled.items() if quorum.startswith(start))

    assert_faults(text, f"POLICY_UNSATISFIABLE registry wants {words}, {TOO_FEW}")


@pytest.mark.parametrize("quorum", ["[{of: board}, {of: owner}]", "[{of: owner}, {of: board}]", "[{of: board, at_least: 2}]", "[{of: board}, {of: board}]"])
def test_persons_in_two_groups_fill_the_place_where_they_are_needed(quorum: str) -> None:
    assert_right(changed(("folded_by: owner", f"folded_by: {{all: {quorum}}}")))


def test_one_person_named_twice_in_a_role_is_one_person() -> None:
    text = changed(("[owner, second]", "[owner, owner]"), ("folded_by: owner", "§folded_by: {all: [{of: board, at_least: 2}]}"))

    assert_faults(text, f"POLICY_UNSATISFIABLE registry wants 2 of board, {TOO_FEW}")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=4).map(tuple), max_size=5))
def test_places_can_be_filled_exactly_where_some_assignment_of_distinct_persons_fills_them(places: list[tuple[str, ...]]) -> None:
    some = any(all(person in place for person, place in zip(chosen, places, strict=True)) for chosen in permutations("abcde", len(places)))

    assert can_fill(places) == some


def test_two_thousand_places_that_each_must_move_are_filled() -> None:
    chain = [*((f"p{number}", f"p{number + 1}") for number in range(2_000)), ("p0",)]

    assert can_fill(chain)
    assert not can_fill([*chain, ("p0",)])


def test_a_quorum_is_asked_of_the_actors_who_are_declared() -> None:
    hospital = load_policy(HOSPITAL)

    assert can_act(hospital, hospital.policy.adopted_by)
    assert can_act(hospital, Quorum(all=(Slot(of="board", at_least=3), Slot(of="ward", at_least=2))))
    assert not can_act(hospital, Quorum(all=(Slot(of="board", at_least=3), Slot(of="ward", at_least=3))))
    assert not can_act(hospital, Quorum(all=(Slot(of="board"), Slot(of="huber"), Slot(of="novak"), Slot(of="leitner"))))


def test_an_action_without_a_grant_is_never_done() -> None:
    help = "the action has no grant yet"

    assert_faults(changed(("{grant: TRIAL}", "§{done: erase}")), f"POLICY_UNSATISFIABLE option `first/TRY` wants done:erase, {NEVER}; {help}")
    assert_faults(
        changed(("{grant: TRIAL}", "{any: [{grant: TRIAL}, §{done: erase}]}")),
        f"POLICY_UNSATISFIABLE option `first/TRY` wants done:erase, {NEVER}; {help}",
    )
    assert_right(changed(("{grant: TRIAL}", "{done: change}")))


def test_a_substitute_never_satisfies_a_guard() -> None:
    toy = "{rehearsal: copy}}\n      toy: {by: maker, evidence: {rehearsal: toy}, stands_in_for: tried}\n"
    text = changed(("{rehearsal: copy}}\n", toy), ("{grant: TRIAL}", "§{leg: READY/toy}"))

    assert_faults(text, f"POLICY_UNSATISFIABLE option `first/TRY` wants leg:READY/toy, {NEVER}; a substitute never closes; name the leg that it stands in for")
    assert_right(text.replace("§{leg: READY/toy}", "{leg: READY/tried}"))


def test_a_lane_that_waits_for_itself_never_opens() -> None:
    text = changed(("bench: {scope: work, standing: true}", "bench: {scope: work, opens_when: §{selected: TRY}}"), AT_TRY)

    assert_faults(
        text,
        f"POLICY_UNSATISFIABLE lane `bench` wants selected:TRY, {NEVER}; {LATER}",
        "POLICY_UNREACHABLE option `first/TRY` can never be decided; its lane `bench` can never be open before it",
    )


def test_a_lane_that_another_way_opens_does_not_wait_for_itself() -> None:
    assert_right(changed(("bench: {scope: work, standing: true}", "bench: {scope: work, opened_by: owner, opens_when: {selected: TRY}}")))


@pytest.mark.parametrize(
    ("guard", "fact"),
    [
        ("{selected: TRY}", "selected:TRY"),
        ("{selected: first/TRY}", "selected:first/TRY"),
        ("{all: [{lane: bench}, §{selected: first/2}]}", "selected:first/2"),
    ],
)
def test_an_option_that_waits_for_itself_is_never_decided(guard: str, fact: str) -> None:
    marked = guard if "§" in guard else f"§{guard}"

    assert_faults(changed(("{grant: TRIAL}", marked)), f"POLICY_UNSATISFIABLE option `first/TRY` wants {fact}, {NEVER}; {LATER}")


def test_two_actions_that_wait_for_each_other_are_never_done() -> None:
    text = changed(
        ("needs: {selected: CHANGE}", "needs: {all: [{selected: CHANGE}, §{done: erase}]}"),
        ("erase: {touches: [machine], ungranted: true}", "erase: {touches: [machine], needs: {all: [{selected: CHANGE}, §{done: change}]}}"),
        ("needs: {done: change}}\nfindings", "needs: §{done: change}}\nfindings"),
    )

    assert_faults(
        text,
        f"POLICY_UNSATISFIABLE action `change` wants done:erase, {NEVER}; {LATER}",
        f"POLICY_UNSATISFIABLE action `erase` wants done:change, {NEVER}; {LATER}",
        f"POLICY_UNSATISFIABLE claim `DONE` wants done:change, {NEVER}; {LATER}",
    )


@pytest.mark.parametrize(
    "guard",
    [
        "{at_least: 2, of: [{selected: second/STAY}, {lane: bench}]}",
        "{not: {lane: side}}",
        "{at_least: 2, of: [{lane: bench}, {grant: TRIAL}, {finding: sound, is: fail}]}",
        "{any: [{leg: READY/tried}, {blocker: READY, is: begun}]}",
    ],
)
def test_what_can_come_about_in_one_way_is_reached(guard: str) -> None:
    one_scope = changed(
        ("LEAVE: {scope: live", "LEAVE: {scope: work"),
        ("CHANGE, scope: live", "CHANGE, scope: work"),
        ("lanes:\n", "lanes:\n  side: {scope: work, opened_by: owner}\n"),
    )

    assert_right(changed(("{grant: TRIAL}", guard), ("needs: {done: change}}\nfindings", "needs: {selected: TRY}}\nfindings"), text=one_scope))


def test_the_facts_that_some_history_reaches_are_known() -> None:
    reached = reachable(load_policy(SMALL.encode()))

    assert reached == {
        "grant:TRIAL", "honoured:TRIAL", "grant:LEAVE", "honoured:LEAVE", "leg:READY/tried", "leg:READY/agreed", "lane:bench", "lane:gate",
        "blocker:READY=closed", "blocker:READY=begun", "blocker:READY=open", "finding:sound=pass", "finding:sound=fail", "finding:sound=unknown",
        "selected:STAY", "selected:TRY", "selected:CHANGE", "selected:1", "selected:2", "selected:first/1", "selected:first/STAY", "selected:first/2",
        "selected:first/TRY", "selected:second/1", "selected:second/STAY", "selected:second/2", "selected:second/CHANGE", "done:change",
    }  # fmt: skip


def test_more_parts_than_can_come_about_are_not_reached() -> None:
    two_of_two = "{at_least: 2, of: [{lane: bench}, §{done: erase}]}"
    text = changed(("{grant: TRIAL}", two_of_two))
    examined = examined_text(text.replace("§", ""))

    assert_faults(text, f"POLICY_UNSATISFIABLE option `first/TRY` wants done:erase, {NEVER}; the action has no grant yet")
    assert examined.policy is not None
    assert "selected:first/TRY" not in reachable(examined.policy)


@pytest.mark.parametrize("guard", ["{not: §{lane: bench}}", "{any: [{grant: TRIAL}, {not: §{lane: bench}}]}", "{all: [{grant: TRIAL}, {not: §{lane: bench}}]}"])
def test_a_lane_that_stands_open_is_never_not_open(guard: str) -> None:
    fault = "POLICY_UNSATISFIABLE option `first/TRY` wants lane:bench not to be open, which nobody can ever satisfy"

    assert_faults(changed(("{grant: TRIAL}", guard)), f"{fault}; the lane stands open; name one that is opened, or remove it")


def test_what_hangs_on_a_lane_that_stands_open_not_being_open_is_never_reached() -> None:
    examined = examined_text(changed(("{grant: TRIAL}", "{not: {lane: bench}}")))

    assert examined.policy is not None
    assert "selected:first/TRY" not in reachable(examined.policy)
