"""Options that nobody is left to decide, because who prepared does not decide."""

from itertools import product

import pytest

from support.faults import assert_faults, assert_right, changed
from support.policies import one_option

FAULT = "POLICY_UNSATISFIABLE option `{}` can never be decided: whoever decides it must have made evidence that it rests on"
HELP = "; let others decide it or prove it, or say in `separation_waiver` why the same may do both"
BOTH = "{all: [{of: owner}, {of: second}]}"
EITHER = "{any: [{leg: READY/tried}, {leg: READY/also}]}"
NEED = "{all: [{leg: READY/tried}, {leg: READY/also}]}"


def trying(guard: str, *, tried: str, decided: str = "owner", also: str = "{by: maker, evidence: {rehearsal: other}}", mark: str = "") -> str:
    return changed(
        ("{blocker: READY, is: closed}", "{lane: gate}"),
        ("{grant: TRIAL}", guard),
        ("tried: {by: maker,", f"tried: {{by: {tried},"),
        ("agreed: {by: owner, requires: {honoured: LEAVE}}", f"also: {also}"),
        ("lane: bench\n    decided_by: owner", f"lane: bench\n    decided_by: {decided}"),
        ('- {number: "2", id: TRY', f'- {mark}{{number: "2", id: TRY'),
    )


@pytest.mark.parametrize(
    ("guard", "tried", "decided", "also"),
    [
        ("{leg: READY/tried}", "owner", "owner", "maker"),
        ("{leg: READY/tried}", "owner", BOTH, "maker"),
        ("{blocker: READY, is: closed}", "owner", "owner", "maker"),
        ("{blocker: READY, is: closed}", "maker", "second", "second"),
        (NEED, "owner", "board", "second"),
        (EITHER, "owner", BOTH, "second"),
        ("{at_least: 2, of: [{leg: READY/tried}, {leg: READY/also}, {grant: TRIAL}, {grant: TRIAL}]}", "owner", "owner", "maker"),
    ],
)
def test_an_option_whose_deciders_must_all_have_prepared_is_never_decided(guard: str, tried: str, decided: str, also: str) -> None:
    text = trying(guard, tried=tried, decided=decided, also=f"{{by: {also}, evidence: {{rehearsal: other}}}}", mark="§")
    if "TRIAL" in guard:
        # Two of the four can hold without what the owner proves: somebody is left.
        assert_right(text.replace("§", ""))
        return

    assert_faults(text, FAULT.format("first/TRY") + HELP)
    assert_right(text.replace("§", "").replace("lineage_gap: It is the first.", "lineage_gap: It is the first.\n    separation_waiver: Nobody else."))


@pytest.mark.parametrize(
    ("guard", "tried", "decided", "also"),
    [
        ("{leg: READY/tried}", "board", "owner", "maker"),
        ("{leg: READY/tried}", "owner", "board", "maker"),
        ("{leg: READY/tried}", "maker", BOTH, "maker"),
        (EITHER, "owner", BOTH, "maker"),
        (EITHER, "owner", "board", "second"),
        ("{any: [{leg: READY/tried}, {grant: TRIAL}]}", "owner", "owner", "maker"),
        ("{not: {blocker: READY, is: closed}}", "owner", "owner", "maker"),
        ("{blocker: READY, is: open}", "owner", "owner", "maker"),
    ],
)
def test_an_option_is_fine_where_somebody_is_left_to_decide(guard: str, tried: str, decided: str, also: str) -> None:
    assert_right(trying(guard, tried=tried, decided=decided, also=f"{{by: {also}, evidence: {{rehearsal: other}}}}"))


def test_an_attestation_is_no_preparation() -> None:
    assert_right(trying("{leg: READY/also}", tried="maker", also="{by: owner, evidence: {attest: reading}}"))


@pytest.mark.parametrize("requires", ["{leg: READY/tried}", "{all: [{leg: READY/tried}, {honoured: TRIAL}]}"])
def test_evidence_that_is_reached_through_other_legs_is_prepared_all_the_same(requires: str) -> None:
    text = trying("{leg: READY/also}", tried="owner", also=f"{{by: owner, requires: {requires}}}", mark="§")

    assert_faults(text, FAULT.format("first/TRY") + HELP)


@pytest.mark.parametrize("maker", ["owner", "ann"])
@pytest.mark.parametrize(
    ("requires", "lanes"),
    [
        ("", "main: {scope: work, opens_when: {leg: B/one}}"),
        ("{lane: side}", "main: {scope: work, standing: true}, side: {scope: work, opens_when: {blocker: B, is: closed}}"),
        ("{leg: B/two}", "main: {scope: work, standing: true}, side: {scope: work, opens_when: {leg: B/one}}"),
    ],
)
def test_evidence_by_which_a_lane_opens_is_prepared_all_the_same(maker: str, requires: str, lanes: str) -> None:
    legs = f"{{one: {{by: {maker}, evidence: {{rehearsal: copy}}}}, two: {{by: owner, requires: {{lane: side}}}}}}"
    blockers = f"{{B: {{legs: {legs if 'two' in requires else legs.partition(', two')[0] + '}'}}}}}"
    text = one_option(requires, blockers=blockers, lanes=f"{{{lanes}, gate: {{scope: live, opened_by: owner}}}}")
    if maker != "owner":
        assert_right(text)
        return

    assert_faults(text.replace('- {number: "2"', '- §{number: "2"'), FAULT.format("ask/GO") + HELP)
    assert_right(text.replace("standing: true", "opened_by: ann").replace("opens_when", "opened_by: ann, opens_when"))


def test_many_persons_who_decide_together_are_not_all_tried() -> None:
    names = [f"p{number}" for number in range(13)]
    people = "".join(f"  {name}: {{kind: person}}\n" for name in names)
    roles = f"  crowd: {{members: [{', '.join(names)}]}}\n"
    text = trying("{leg: READY/tried}", tried="crowd", decided="{all: [{of: crowd, at_least: 3}]}")

    assert len(list(product(names, repeat=3))) > 2000
    assert_right(changed(("  second: {kind: person}\n", f"  second: {{kind: person}}\n{people}"), ("preparation:", f"{roles}preparation:"), text=text))
