"""Blockers, their states and their legs, as they may be declared."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.policy.check_states import possible_states
from support.faults import SMALL, assert_faults, assert_right, assert_warning, changed, examined_text

STATES = SMALL[SMALL.index("  - {state: closed") : SMALL.index("lanes:")]
LEGS = SMALL[SMALL.index("      tried: {") : SMALL.index("packets:")]
CLOSED = "{state: closed, when: {legs: all}, closes: true}"
BEFORE_ALL = "closes a blocker before all its legs are proven; use `when: {legs: all}`"
CIRCLE = "rests on itself, or on a chain of more than 16 legs; let it rest on grants, or on legs with evidence"
NEVER = "which nobody can ever satisfy; what it needs can never come about, or needs this first"
IDLE = changed(("{blocker: READY, is: closed}", "{lane: gate}"), ("      agreed: {by: owner, requires: {honoured: LEAVE}}\n", ""))
GUARDED_LEG = (
    "{initial: a, states: {a: {}, b: {counts: true}}, "
    "transitions: [{trigger: discharge, from: a, to: b, by: authority, when: {not: {blocker: READY, is: closed}}}]}"
)
PROOF = "{by: maker, evidence: {rehearsal: copy}}"


GIVES_NEVER = "which nobody can ever satisfy; the legs of `READY` never give that state"
# What hangs on READY being closed, in the order of the file, with a mark at each.
HANGING = (
    ("{blocker: READY, is: closed}", "§{blocker: READY, is: closed}"),
    ("{selected: CHANGE}", "§{selected: CHANGE}"),
    ("{done: change}", "§{done: change}"),
)
HANGS = (
    f"POLICY_UNSATISFIABLE option `second/CHANGE` wants blocker:READY=closed, {GIVES_NEVER}",
    f"POLICY_UNSATISFIABLE action `change` wants selected:CHANGE, {NEVER}",
    f"POLICY_UNSATISFIABLE claim `DONE` wants done:change, {NEVER}",
)


def states(*declared: str) -> str:
    return changed((STATES, "".join(f"  - {state}\n" for state in declared)))


def legs(*declared: str) -> str:
    return changed((LEGS, "".join(f"      {leg}\n" for leg in declared)), ("{leg: READY/tried}", "{lane: bench}"))


def test_the_last_state_holds_otherwise() -> None:
    assert_faults(
        states(CLOSED, "§{state: open, when: {legs: any}}"),
        "POLICY_BLOCKER_STATES `open` is last and has a condition; let the last state have no `when`",
    )


def test_a_state_after_one_that_always_holds_cannot_be_reached() -> None:
    assert_faults(
        states(CLOSED, "§{state: open}", "{state: shut}"),
        "POLICY_UNREACHABLE `open` always holds, so what follows cannot be reached; put it last",
    )


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("{legs: any}", "{legs: any, by: maker}"),
        ("{legs: any}", "{legs: all, by: maker}"),
        ("{legs: any}", "{legs: any}"),
        ("{legs: any, by: second}", "{legs: any, by: second}"),
        ("{legs: any, by: second}", "{legs: all, by: second}"),
        ("{legs: all, by: second}", "{legs: all, by: second}"),
    ],
)
def test_a_state_that_an_earlier_one_covers_cannot_be_reached(early: str, late: str) -> None:
    fault = "POLICY_UNREACHABLE `late` cannot be reached: wherever it holds, `early` holds before it; put it first"

    assert_faults(states(CLOSED, f"{{state: early, when: {early}}}", f"§{{state: late, when: {late}}}", "{state: open}"), fault)


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("{legs: any, by: maker}", "{legs: any}"),
        ("{legs: any, by: maker}", "{legs: any, by: second}"),
        ("{legs: all, by: maker}", "{legs: any, by: maker}"),
        ("{legs: all, by: maker}", "{legs: all, by: second}"),
    ],
)
def test_a_state_that_an_earlier_one_leaves_room_for_is_fine(early: str, late: str) -> None:
    assert_right(states(CLOSED, f"{{state: early, when: {early}}}", f"{{state: late, when: {late}}}", "{state: open}"))


def test_a_state_stands_once() -> None:
    assert_faults(states(CLOSED, "{state: §open, when: {legs: any}}", "{state: open}"), "POLICY_COLLISION the blocker state `open` stands twice")


def test_one_state_closes() -> None:
    text = states("{state: closed, when: {legs: all}}", "{state: open}").replace("blocker_states:", "§blocker_states:")

    assert_faults(text, "POLICY_BLOCKER_STATES no blocker state closes a blocker; mark one `closes: true`")


@pytest.mark.parametrize("when", [", when: {legs: any}", ", when: {legs: all, by: maker}"])
def test_only_all_the_legs_close_a_blocker(when: str) -> None:
    assert_faults(states(f"§{{state: closed{when}, closes: true}}", "{state: open}"), f"POLICY_BLOCKER_STATES `closed` {BEFORE_ALL}")


def test_a_state_that_always_holds_does_not_close_a_blocker() -> None:
    assert_faults(states("§{state: closed, closes: true}"), f"POLICY_BLOCKER_STATES `closed` {BEFORE_ALL}")


@pytest.mark.parametrize("when", ["{legs: any, by: maker}", "{legs: all, by: maker}", "{legs: any, by: board}"])
def test_a_blocker_that_never_gets_to_the_state_that_closes_is_refused(when: str) -> None:
    text = changed(*HANGING, text=states(f"{{state: half, when: {when}}}", CLOSED, "{state: open}").replace("  READY:", "  §READY:"))

    assert_faults(text, "POLICY_BLOCKER_STATES blocker `READY` never closes: with every leg proven it is `half`; put the state that closes first", *HANGS)


def test_a_state_of_others_before_the_one_that_closes_is_fine() -> None:
    assert_right(states("{state: half, when: {legs: any, by: second}}", CLOSED, "{state: open}"))


def test_states_that_do_not_cover_a_blocker_are_told_with_all_that_is_wrong() -> None:
    text = states("§{state: closed, when: {legs: all, by: second}, closes: true}", "§{state: open, when: {legs: any, by: second}}")

    assert_faults(
        changed(*HANGING, text=text.replace("  READY:", "  §READY:")),
        f"POLICY_BLOCKER_STATES `closed` {BEFORE_ALL}",
        "POLICY_BLOCKER_STATES `open` is last and has a condition; let the last state have no `when`",
        "POLICY_BLOCKER_STATES blocker `READY` never closes: with every leg proven it is `open`; put the state that closes first",
        *HANGS,
    )


@pytest.mark.parametrize(
    ("blocker_states", "wanted"),
    [
        (("{state: half, when: {legs: any}}",), "half"),
        (("{state: half, when: {legs: all, by: maker}}",), "half"),
        (("{state: half, when: {legs: any, by: maker}}",), "half"),
        (("{state: shut, when: {legs: any, by: board}}", "{state: half, when: {legs: any, by: maker}}"), "half"),
        (("{state: shut, when: {legs: all, by: board}}", "{state: half, when: {legs: any, by: maker}}"), "half"),
    ],
)
def test_a_state_that_some_legs_give_may_be_wanted(blocker_states: tuple[str, ...], wanted: str) -> None:
    text = states(CLOSED, *blocker_states, "{state: open}").replace("unless: {lane: gate}", f"unless: {{blocker: READY, is: {wanted}}}")

    assert_right(text)


@pytest.mark.parametrize(
    ("blocker_states", "only_leg"),
    [
        (("{state: half, when: {legs: any}}",), True),
        (("{state: half, when: {legs: all, by: board}}",), True),
        (("{state: half, when: {legs: all, by: vendor}}",), False),
        (("{state: half, when: {legs: any, by: vendor}}",), False),
        (("{state: shut, when: {legs: any, by: board}}", "{state: half, when: {legs: all, by: owner}}"), False),
        (("{state: shut, when: {legs: any, by: board}}", "{state: half, when: {legs: any, by: owner}}"), False),
        (("{state: shut, when: {legs: all, by: maker}}", "{state: half, when: {legs: any, by: agents}}"), False),
    ],
)
def test_a_state_that_the_legs_of_a_blocker_never_give_is_not_wanted(blocker_states: tuple[str, ...], *, only_leg: bool) -> None:
    text = changed(
        ("preparation:", "  agents: {members: [maker]}\npreparation:"),
        ("  maker: {kind", "  vendor: {kind: service}\n  maker: {kind"),
        ("unless: {lane: gate}", "unless: §{blocker: READY, is: half}"),
        text=states(CLOSED, *blocker_states, "{state: open}"),
    )
    alone = changed(("      tried: {by: maker, evidence: {rehearsal: copy}}\n", ""), ("{leg: READY/tried}", "{lane: bench}"), text=text) if only_leg else text

    assert_faults(alone, f"POLICY_UNSATISFIABLE invariant `guarded` wants blocker:READY=half, {GIVES_NEVER}")


@settings(deadline=None, derandomize=True, max_examples=300)
@given(
    by=st.lists(st.sampled_from(["owner", "second", "maker", "board"]), min_size=1, max_size=4),
    declared=st.lists(st.tuples(st.sampled_from(["all", "any"]), st.sampled_from([None, "owner", "maker", "board"])), max_size=4),
    data=st.data(),
)
def test_the_states_that_a_blocker_can_be_in_are_those_that_some_set_of_proven_legs_gives(
    by: list[str], declared: list[tuple[str, str | None]], data: st.DataObject
) -> None:
    legs_ = "".join(f"      leg-{number}: {{by: {who}, evidence: {{rehearsal: copy}}}}\n" for number, who in enumerate(by))
    whens = [f", when: {{legs: {legs}{f', by: {who}' if who else ''}}}" for legs, who in declared]
    lines = "".join(f"  - {{state: s{number}{when}}}\n" for number, when in enumerate([*whens, ""]))
    policy = examined_text(changed((STATES, lines), (LEGS, legs_), ("{leg: READY/tried}", "{lane: bench}"), ("is: closed", "is: s0"))).policy
    assert policy is not None
    members = {"owner": {"owner"}, "second": {"second"}, "maker": {"maker"}, "board": {"owner", "second"}, None: {"owner", "second", "maker"}}
    provable = data.draw(st.sets(st.integers(0, len(by) - 1)))

    def state(proven: set[int]) -> str:
        for number, (legs, who) in enumerate(declared):
            counted = [each in proven for each, whose in enumerate(by) if members[whose] <= members[who]]
            if counted and (all(counted) if legs == "all" else any(counted)):
                return f"s{number}"
        return f"s{len(declared)}"

    sets = [set(each) for size in range(len(provable) + 1) for each in combinations(sorted(provable), size)]
    assert set(possible_states(policy, "READY", [f"READY/leg-{number}" for number in provable])) == {state(proven) for proven in sets}


def test_a_substitute_does_not_count_when_a_blocker_closes() -> None:
    toy = "toy: {by: second, evidence: {rehearsal: toy}, stands_in_for: tried}"
    text = states("{state: half, when: {legs: any, by: second}}", CLOSED, "{state: open}")

    assert_right(changed((LEGS, f"{LEGS}      {toy}\n"), text=text))


@pytest.mark.parametrize("leg", ["{by: maker}", "{by: maker, evidence: {rehearsal: copy}, requires: {honoured: LEAVE}}"])
def test_a_leg_is_proven_by_evidence_or_by_what_it_requires(leg: str) -> None:
    assert_faults(legs(f"a: §{leg}"), "POLICY_LEG leg `READY/a` needs either `evidence` or `requires`; one of the two")


def test_only_evidence_goes_stale() -> None:
    assert_faults(legs("a: {by: maker, requires: {honoured: LEAVE}, §fresh_for: 1d}"), "POLICY_LEG leg `READY/a` has no evidence that could go stale")
    assert_right(legs("a: {by: maker, evidence: {rehearsal: copy}, fresh_for: 1d}"))


def test_a_substitute_has_evidence_and_stands_in_for_a_leg_that_closes() -> None:
    assert_right(legs("a: {by: maker, evidence: {rehearsal: toy}, stands_in_for: b}", f"b: {PROOF}"))
    assert_faults(
        legs("a: {by: maker, requires: {honoured: LEAVE}, §stands_in_for: b}", f"b: {PROOF}"),
        "POLICY_LEG leg `READY/a` stands in for another and has no evidence",
    )
    substitute = "stands in for a leg that is a substitute itself; name a leg that closes"
    itself = legs("a: {by: maker, evidence: {rehearsal: toy}, §stands_in_for: a}")
    assert_faults(changed(*HANGING, text=itself), f"POLICY_LEG leg `READY/a` {substitute}", *HANGS)
    each_other = legs("a: {by: maker, evidence: {rehearsal: toy}, §stands_in_for: b}", "b: {by: maker, evidence: {rehearsal: toy}, §stands_in_for: a}")
    assert_faults(changed(*HANGING, text=each_other), f"POLICY_LEG leg `READY/a` {substitute}", f"POLICY_LEG leg `READY/b` {substitute}", *HANGS)


def test_a_leg_that_rests_on_itself_alone_is_told_with_all_that_hangs_on_it() -> None:
    text = changed(
        ("{blocker: READY, is: closed}", "§{blocker: READY, is: closed}"), ("{selected: CHANGE}", "§{selected: CHANGE}"), ("{done: change}", "§{done: change}")
    )

    assert_faults(
        changed((LEGS, "      a: {by: maker, §requires: §{leg: READY/a}}\n"), ("{leg: READY/tried}", "{lane: bench}"), text=text),
        f"POLICY_UNSATISFIABLE leg `READY/a` {CIRCLE}",
        f"POLICY_UNSATISFIABLE leg `READY/a` wants leg:READY/a, {NEVER}",
        f"POLICY_UNSATISFIABLE option `second/CHANGE` wants blocker:READY=closed, {NEVER}",
        f"POLICY_UNSATISFIABLE action `change` wants selected:CHANGE, {NEVER}",
        f"POLICY_UNSATISFIABLE claim `DONE` wants done:change, {NEVER}",
    )


@pytest.mark.parametrize("itself", ["{leg: READY/a}", "{blocker: READY, is: closed}", "{not: {blocker: READY, is: closed}}", "{leg: READY/b}"])
def test_a_leg_that_rests_on_itself_is_refused_even_where_there_is_another_way(itself: str) -> None:
    both = [f"a: {{by: maker, §requires: {{any: [{itself}, {{honoured: LEAVE}}]}}}}", "b: {by: maker, §requires: {any: [{leg: READY/a}, {honoured: LEAVE}]}}"]

    assert_faults(legs(*both), f"POLICY_UNSATISFIABLE leg `READY/a` {CIRCLE}", f"POLICY_UNSATISFIABLE leg `READY/b` {CIRCLE}")


def test_legs_rest_on_each_other_to_the_limit_and_no_further() -> None:
    chain = [f"a0: {PROOF}", *(f"a{number}: {{by: maker, §requires: {{leg: READY/a{number - 1}}}}}" for number in range(1, 17))]

    assert_right(legs(*chain[:16]).replace("§", ""))
    assert_faults(legs(*(leg.replace("§", "") for leg in chain[:16]), chain[16]), f"POLICY_UNSATISFIABLE leg `READY/a16` {CIRCLE}")


def test_many_legs_that_rest_on_each_other_are_judged_once_each() -> None:
    layers = 12
    chain = [f"a0: {PROOF}", f"b0: {PROOF}"]
    for number in range(1, layers):
        rests = f"{{all: [{{leg: READY/a{number - 1}}}, {{leg: READY/b{number - 1}}}]}}"
        chain += [f"{side}{number}: {{by: maker, requires: {rests}}}" for side in "ab"]

    assert_right(legs(*chain))


def test_a_blocker_that_no_guard_rests_on_is_worth_a_warning() -> None:
    warning = "POLICY_IDLE_BLOCKER blocker `READY` guards nothing; name it in a guard, or say why in `guards_nothing`"

    assert_warning(IDLE.replace("  READY:", "  §READY:"), warning)
    assert_right(changed(("{rehearsal: copy}}\n", "{rehearsal: copy}}\n    guards_nothing: It is a reminder.\n"), text=IDLE))


@pytest.mark.parametrize(
    ("right", "resting"),
    [
        ("requires: {lane: gate}", "requires: {leg: READY/tried}"),
        ("unless: {lane: gate}", "unless: {leg: READY/tried}"),
        ("{selected: CHANGE}", "{all: [{selected: CHANGE}, {not: {blocker: READY, is: open}}]}"),
        ("opened_by: owner}", "opens_when: {leg: READY/tried}}"),
        ("{use: standard-1}", f"{{use: standard-1, leg: {GUARDED_LEG}}}"),
    ],
)
def test_a_blocker_is_not_idle_where_something_that_opens_rests_on_it(right: str, resting: str) -> None:
    assert_right(changed((right, resting), text=IDLE))


def test_a_blocker_is_not_idle_where_it_shares_a_grant_with_a_guard() -> None:
    assert_right(changed(("{blocker: READY, is: closed}", "{grant: LEAVE}")))


def test_a_blocker_that_guards_something_does_not_say_that_it_guards_nothing() -> None:
    fault = "POLICY_IDLE_BLOCKER blocker `READY` says that it guards nothing, and a guard rests on it; remove `guards_nothing`"

    assert_faults(changed(("honoured: LEAVE}}\n", "honoured: LEAVE}}\n    §guards_nothing: It is a reminder.\n")), fault)
