"""Guards: scopes that do not extend, and requirements that contradict themselves."""

import pytest

from govern.policy import find
from govern.policy.check_guards import resting_on, shared_grants
from govern.policy.guards import COMBINATORS, FACTS, fact_id, facts, parts
from govern.policy.load import load_policy
from support.faults import SMALL, assert_faults, assert_right, changed

NO_EXTENSION = "scopes do not extend; name a grant of the same scope"
NOBODY = "nobody can ever satisfy it"
# Where every scope is the same, a guard may name any grant.
ONE_SCOPE = changed(("LEAVE: {scope: live", "LEAVE: {scope: work"), ("CHANGE, scope: live", "CHANGE, scope: work"))


def trying(guard: str, text: str = SMALL) -> str:
    return changed(("{grant: TRIAL}", guard), text=text)


@pytest.mark.parametrize("fact", ["grant:LEAVE", "honoured:LEAVE"])
def test_a_grant_counts_only_for_the_scope_it_names(fact: str) -> None:
    kind, name = fact.split(":")

    assert_faults(trying(f"§{{{kind}: {name}}}"), f"POLICY_SCOPE option `first/TRY` is of scope `work`, and {fact} is of scope `live`; {NO_EXTENSION}")


@pytest.mark.parametrize(("fact", "via"), [("{leg: READY/agreed}", "leg:READY/agreed"), ("{blocker: READY, is: closed}", "blocker:READY=closed")])
def test_a_grant_that_is_reached_through_a_leg_counts_for_no_other_scope(fact: str, via: str) -> None:
    through = f"POLICY_SCOPE option `first/TRY` is of scope `work`, and honoured:LEAVE (through {via}) is of scope `live`; {NO_EXTENSION}"

    assert_faults(trying(f"§{fact}"), through)
    assert_faults(trying(f"{{any: [{{lane: bench}}, §{fact}]}}"), through)


def test_a_grant_that_is_reached_through_legs_of_legs_counts_for_no_other_scope() -> None:
    legs = "      agreed: {by: owner, requires: {honoured: LEAVE}}\n"
    far = changed((legs, f"{legs}      far: {{by: owner, requires: {{leg: READY/agreed}}}}\n      farther: {{by: owner, requires: {{leg: READY/far}}}}\n"))
    fault = f"POLICY_SCOPE option `first/TRY` is of scope `work`, and honoured:LEAVE (through leg:READY/farther) is of scope `live`; {NO_EXTENSION}"

    assert_faults(trying("§{leg: READY/farther}", far), fault)


def test_a_grant_that_is_reached_in_two_ways_is_told_once() -> None:
    legs = "      agreed: {by: owner, requires: {honoured: LEAVE}}\n"
    twice = changed((legs, f"{legs}      also: {{by: owner, requires: {{honoured: LEAVE}}}}\n"))
    fault = f"POLICY_SCOPE option `first/TRY` is of scope `work`, and honoured:LEAVE (through blocker:READY=closed) is of scope `live`; {NO_EXTENSION}"

    assert_faults(trying("§{blocker: READY, is: closed}", twice), fault)


def test_a_denied_grant_is_of_the_same_scope_too() -> None:
    assert_faults(trying("{not: §{grant: LEAVE}}"), f"POLICY_SCOPE option `first/TRY` is of scope `work`, and grant:LEAVE is of scope `live`; {NO_EXTENSION}")


def test_a_selected_option_counts_only_for_its_own_scope() -> None:
    fault = f"POLICY_SCOPE option `first/TRY` is of scope `work`, and selected:CHANGE is of scope `live`; {NO_EXTENSION}"

    assert_faults(trying("§{selected: CHANGE}"), fault)
    assert_right(trying("{selected: second/STAY}"))


def test_a_guarded_lane_opens_by_grants_of_its_own_scope() -> None:
    lane = "opened_by: owner}"
    fault = f"POLICY_SCOPE lane `gate` is of scope `live`, and grant:TRIAL is of scope `work`; {NO_EXTENSION}"

    assert_faults(changed((lane, "opens_when: §{grant: TRIAL}}")), fault)
    assert_right(changed((lane, "opens_when: {honoured: LEAVE}}")))


@pytest.mark.parametrize(
    "guard",
    [
        "{all: [{grant: TRIAL}, {not: §{grant: TRIAL}}]}",
        "{all: [{not: §{grant: TRIAL}}, {grant: TRIAL}]}",
        "{all: [{all: [{grant: TRIAL}]}, {all: [{not: §{grant: TRIAL}}]}]}",
        "{any: [{lane: bench}, {all: [{grant: TRIAL}, {not: §{grant: TRIAL}}]}]}",
        "{at_least: 1, of: [{lane: bench}, {all: [{grant: TRIAL}, {not: §{grant: TRIAL}}]}]}",
        "{all: [{lane: bench}, {any: [{all: [{grant: TRIAL}, {not: §{grant: TRIAL}}]}, {lane: bench}]}]}",
    ],
)
def test_a_fact_and_its_opposite_together_are_refused_once(guard: str) -> None:
    assert_faults(trying(guard), f"POLICY_UNSATISFIABLE option `first/TRY` wants grant:TRIAL and its opposite; {NOBODY}")


@pytest.mark.parametrize(
    "guard",
    [
        "{any: [{grant: TRIAL}, {not: {grant: TRIAL}}]}",
        "{all: [{any: [{grant: TRIAL}, {lane: bench}]}, {not: {grant: TRIAL}}]}",
        "{all: [{all: [{any: [{grant: TRIAL}, {lane: bench}]}]}, {not: {grant: TRIAL}}]}",
        "{all: [{at_least: 1, of: [{grant: TRIAL}, {lane: bench}]}, {not: {grant: TRIAL}}]}",
        "{all: [{honoured: TRIAL}, {not: {grant: TRIAL}}]}",
        "{all: [{not: {grant: TRIAL}}, {not: {grant: TRIAL}}]}",
    ],
)
def test_a_fact_and_its_opposite_as_alternatives_are_fine(guard: str) -> None:
    assert_right(trying(guard))


def test_one_thing_in_two_states_together_is_refused() -> None:
    assert_faults(
        trying(
            "{all: [{finding: sound, is: pass}, §{finding: sound, is: fail}, {blocker: READY, is: open}, {all: [§{blocker: READY, is: begun}]}]}", ONE_SCOPE
        ),
        f"POLICY_UNSATISFIABLE option `first/TRY` wants finding:sound=pass and finding:sound=fail at once; {NOBODY}",
        f"POLICY_UNSATISFIABLE option `first/TRY` wants blocker:READY=open and blocker:READY=begun at once; {NOBODY}",
    )


@pytest.mark.parametrize(
    "guard",
    [
        "{any: [{finding: sound, is: pass}, {finding: sound, is: fail}]}",
        "{all: [{blocker: READY, is: begun}, {not: {blocker: READY, is: open}}]}",
        "{all: [{blocker: READY, is: begun}, {blocker: READY, is: begun}]}",
    ],
)
def test_one_state_of_a_thing_or_either_of_two_is_fine(guard: str) -> None:
    assert_right(trying(guard, ONE_SCOPE))


def test_no_more_parts_are_wanted_than_there_are() -> None:
    parts_of = "of: [{grant: TRIAL}, {lane: bench}]"

    assert_right(trying(f"{{at_least: 2, {parts_of}}}"))
    assert_faults(trying(f"{{§at_least: 3, {parts_of}}}"), f"POLICY_UNSATISFIABLE option `first/TRY` wants 3 of 2 parts; {NOBODY}")
    inner = f"{{all: [{{any: [{{§at_least: 3, {parts_of}}}, {{lane: bench}}]}}]}}"
    assert_faults(trying(inner), f"POLICY_UNSATISFIABLE option `first/TRY` wants 3 of 2 parts; {NOBODY}")


def test_the_grants_that_several_guards_rest_on_are_known() -> None:
    policy = assert_right(changed(("{blocker: READY, is: closed}", "{all: [{blocker: READY, is: closed}, {grant: LEAVE}, {lane: gate}]}")))

    assert shared_grants(policy) == {"LEAVE": ["leg `READY/agreed`", "option `second/CHANGE`"]}


def test_a_guard_rests_on_each_thing_that_its_legs_rest_on() -> None:
    policy = load_policy(SMALL.encode())
    guard = dict(find.guards(policy))["option `second/CHANGE`"]

    assert [(fact_id(fact), fact_id(via), negated) for fact, via, negated in resting_on(guard, policy)] == [
        ("blocker:READY=closed", "blocker:READY=closed", False),
        ("honoured:LEAVE", "blocker:READY=closed", False),
    ]


def test_what_is_reached_through_a_denial_is_denied() -> None:
    policy = assert_right(trying("{not: {blocker: READY, is: open}}", ONE_SCOPE))
    guard = dict(find.guards(policy))["option `first/TRY`"]

    assert [(fact_id(fact), negated) for fact, _via, negated in resting_on(guard, policy)] == [("blocker:READY=open", True), ("honoured:LEAVE", True)]


def test_the_facts_and_parts_of_a_guard_come_in_the_order_written() -> None:
    text = "{all: [{leg: READY/tried}, {any: [{done: change}, {not: {lane: gate}}]}, {at_least: 1, of: [{finding: sound, is: fail}, {selected: second/STAY}]}]}"
    guard = dict(find.guards(assert_right(trying(text))))["option `first/TRY`"]

    assert [(fact_id(fact), negated) for fact, negated in facts(guard)] == [
        ("leg:READY/tried", False),
        ("done:change", False),
        ("lane:gate", True),
        ("finding:sound=fail", False),
        ("selected:second/STAY", False),
    ]
    assert [type(part).__name__ for part in parts(guard)] == ["All", "LegFact", "AnyOf", "DoneFact", "Not", "AtLeast", "FindingFact", "SelectedFact"]


def test_every_form_of_guard_is_told_by_a_key_of_its_own() -> None:
    assert len({*FACTS, *COMBINATORS}) == len(FACTS) + len(COMBINATORS)
    assert all(next(iter(form.key_names())) == key for key, form in FACTS.items())
