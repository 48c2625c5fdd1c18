"""Every name that a policy uses is declared in it."""

import pytest

from support.faults import SMALL, assert_faults, assert_right, changed

DANGLING = [
    ("adopted_by: owner", "adopted_by: §ownr", "actor or role `ownr`; did you mean `owner`?"),
    ("[owner, second]", "[owner, §secnd]", "actor `secnd`; did you mean `second`?"),
    ("may_receive_from: owner", "may_receive_from: §board", "actor `board`; declared: owner, second, maker"),
    ("preparation: {by: maker}", "preparation: {by: §mkr}", "actor or role `mkr`; did you mean `maker`?"),
    ("any, by: maker", "any, by: §mkr", "actor or role `mkr`; did you mean `maker`?"),
    ("bench: {scope: work", "bench: {scope: §wrok", "scope `wrok`; did you mean `work`?"),
    ("opened_by: owner", "opened_by: §ownr", "actor or role `ownr`; did you mean `owner`?"),
    ("TRIAL: {scope: work", "TRIAL: {scope: §wrok", "scope `wrok`; did you mean `work`?"),
    ("issuer: board", "issuer: {all: [{of: owner}, {of: §bord}]}", "actor or role `bord`; did you mean `board`?"),
    ("tried: {by: maker", "tried: {by: §mkr", "actor or role `mkr`; did you mean `maker`?"),
    ("evidence: {rehearsal: copy}", "evidence: {rehearsal: copy}, stands_in_for: §agred", "leg of this blocker `agred`; did you mean `agreed`?"),
    ("lane: bench", "lane: §bnch", "lane `bnch`; did you mean `bench`?"),
    ("decided_by: board", "decided_by: §bord", "actor or role `bord`; did you mean `board`?"),
    ("consumes: first/TRY", "consumes: §first/TRYY", "option `first/TRYY`; did you mean `first/TRY`?"),
    ("consumes: first/TRY", "consumes: §frst/TRY", "option `frst/TRY`; did you mean `first/TRY`?"),
    ("continues: READY-TO-GO", "continues: §READY-TO", "status `READY-TO`; did you mean `READY-TO-GO`?"),
    ("continues:", "boundaries: [{scope: §wrok, does_not_authorize: live}]\n    continues:", "scope `wrok`; did you mean `work`?"),
    ("continues:", "boundaries: [{scope: work, does_not_authorize: §liv}]\n    continues:", "scope `liv`; did you mean `live`?"),
    ("continues:", "boundaries: [{forbidden_until_own_grant: [erase, §eras]}]\n    continues:", "action `eras`; did you mean `erase`?"),
    ("id: TRY, scope: work", "id: TRY, scope: §wrok", "scope `wrok`; did you mean `work`?"),
    ("id: TRY,", "id: TRY, lane: §bnch,", "lane `bnch`; did you mean `bench`?"),
    ("id: TRY,", "id: TRY, leads_to: [READY/tried, §READY/agred],", "leg `READY/agred`; did you mean `READY/agreed`?"),
    ("change: {touches: [machine]", "change: {touches: [machine, §machin]", "surface `machin`; did you mean `machine`?"),
    ("consumes: LEAVE", "consumes: §LEEVE", "grant `LEEVE`; did you mean `LEAVE`?"),
    ("looked., by: maker", "looked., by: §mkr", "actor or role `mkr`; did you mean `maker`?"),
    ("carried_by: READY", "carried_by: §REDY", "blocker `REDY`; did you mean `READY`?"),
    ("does_not_affect: [work]", "does_not_affect: [live, §wrok]", "scope `wrok`; did you mean `work`?"),
    ("folded_by: owner", "folded_by: §ownr", "actor or role `ownr`; did you mean `owner`?"),
    ("packet: second", "packet: §secnd", "packet `secnd`; did you mean `second`?"),
    ("selecting: CHANGE", "selecting: §CHANG", "option `CHANG`; did you mean `CHANGE`?"),
    ("decide: first/STAY", "decide: §first/STY", "option `first/STY`; did you mean `first/STAY`?"),
]

GUARDS = [
    ("grant: §TRAIL", "grant `TRAIL`; did you mean `TRIAL`?"),
    ("honoured: §LEAV", "grant `LEAV`; did you mean `LEAVE`?"),
    ("leg: §READY/tride", "leg `READY/tride`; did you mean `READY/tried`?"),
    ("blocker: §REDY, is: closed", "blocker `REDY`; did you mean `READY`?"),
    ("blocker: READY, is: §clsed", "blocker state `clsed`; did you mean `closed`?"),
    ("lane: §bensh", "lane `bensh`; did you mean `bench`?"),
    ("selected: §CHANG", "option `CHANG`; did you mean `CHANGE`?"),
    ("done: §chang", "action `chang`; did you mean `change`?"),
    ("finding: §sond, is: pass", "finding `sond`; did you mean `sound`?"),
    ("not: {grant: §TRIA}", "grant `TRIA`; did you mean `TRIAL`?"),
]

PLACES_OF_GUARDS = [
    ("opened_by: owner}", "opens_when: {%s}}"),
    ("{honoured: LEAVE}", "{%s}"),
    ("{grant: TRIAL}", "{%s}"),
    ("{selected: CHANGE}", "{%s}"),
    ("{done: change}", "{%s}"),
    ("{leg: READY/tried}", "{%s}"),
    ("unless: {lane: gate}", "unless: {%s}"),
]


@pytest.mark.parametrize(("right", "wrong", "fault"), DANGLING)
def test_a_name_that_nothing_declares_is_told_where_it_stands(right: str, wrong: str, fault: str) -> None:
    assert_faults(changed((right, wrong)), f"POLICY_DANGLING unknown {fault}")


def test_every_dangling_name_is_told_in_one_run() -> None:
    apart = [case for case in DANGLING if case[0] in {"adopted_by: owner", "preparation: {by: maker}", "lane: bench", "folded_by: owner"}]

    assert_faults(changed(*((right, wrong) for right, wrong, _fault in apart)), *(f"POLICY_DANGLING unknown {fault}" for _right, _wrong, fault in apart))


@pytest.mark.parametrize(("fact", "fault"), GUARDS)
def test_a_fact_about_nothing_is_told_where_it_stands(fact: str, fault: str) -> None:
    assert_faults(changed(("{grant: TRIAL}", f"{{any: [{{lane: bench}}, {{{fact}}}]}}")), f"POLICY_DANGLING unknown {fault}")


@pytest.mark.parametrize(("right", "wrong"), PLACES_OF_GUARDS)
def test_a_fact_about_nothing_is_found_in_each_place_of_a_guard(right: str, wrong: str) -> None:
    assert_faults(changed((right, wrong % "lane: §bensh")), "POLICY_DANGLING unknown lane `bensh`; did you mean `bench`?")


def test_a_guard_of_a_lifecycle_is_looked_through_too() -> None:
    ways = "[{trigger: discharge, from: a, to: b, by: authority, when: {lane: §bensh}}]"
    leg = f"{{initial: a, states: {{a: {{}}, b: {{counts: true}}}}, transitions: {ways}}}"

    assert_faults(changed(("{use: standard-1}", f"{{use: standard-1, leg: {leg}}}")), "POLICY_DANGLING unknown lane `bensh`; did you mean `bench`?")


def test_a_name_with_nothing_near_is_told_with_what_is_declared() -> None:
    assert_faults(changed(("bench: {scope: work", "bench: {scope: §zzz")), "POLICY_DANGLING unknown scope `zzz`; declared: work, live")


def test_a_long_list_of_what_is_declared_is_not_told() -> None:
    many = "".join(f"  s{number}: {{says: Some.}}\n" for number in range(5))

    assert_faults(
        changed(("scopes:\n", f"scopes:\n{many}"), ("bench: {scope: work", "bench: {scope: §zzz")),
        "POLICY_DANGLING unknown scope `zzz`; declare it, or name one that is declared",
    )


def test_a_list_of_nothing_declared_is_not_told() -> None:
    finding = "  sound: {result: unknown, why: Nobody looked., by: maker, carried_by: READY, does_not_affect: [work]}\n"

    assert_faults(
        changed((f"findings:\n{finding}", ""), ("{grant: TRIAL}", "{finding: §sound, is: pass}")),
        "POLICY_DANGLING unknown finding `sound`; declare it, or name one that is declared",
    )


@pytest.mark.parametrize("address", ["STAY", '"1"', '"2"'])
def test_an_option_that_two_packets_have_is_named_with_its_packet(address: str) -> None:
    ids = ("first/TRY", "second/CHANGE") if address == '"2"' else ("first/STAY", "second/STAY")
    fault = f"POLICY_AMBIGUOUS `{address.strip(chr(34))}` names several options; one of `{ids[0]}`, `{ids[1]}`"

    assert_faults(changed(("decide: first/STAY", f"decide: §{address}")), fault)


@pytest.mark.parametrize("address", ["second/STAY", "second/1", '"first/1"'])
def test_an_option_may_be_named_by_its_number(address: str) -> None:
    assert_right(changed(("decide: first/STAY", f"decide: {address}")))


def test_names_that_differ_in_case_only_are_refused() -> None:
    assert_faults(
        changed(
            ("maker: {kind", "§Owner: {kind: person}\n  maker: {kind"),
            ("board: {", "board: {members: [owner]}\n  §Board: {"),
            ("live: {says", "live: {says: One.}\n  §LIVE: {says"),
            ("agreed: {", "agreed: {by: owner, evidence: {attest: it}}\n      §Agreed: {"),
            ("erase: {", "erase: {ungranted: true}\n  §Erase: {"),
        ),
        "POLICY_COLLISION `Owner` and `owner` differ in case only",
        "POLICY_COLLISION `Board` and `board` differ in case only",
        "POLICY_COLLISION `LIVE` and `live` differ in case only",
        "POLICY_COLLISION `Agreed` and `agreed` differ in case only",
        "POLICY_COLLISION `Erase` and `erase` differ in case only",
    )


def test_a_role_has_no_name_of_an_actor() -> None:
    assert_faults(changed(("board: {", "board: {members: [owner]}\n  §maker: {")), "POLICY_COLLISION `maker` is a role and an actor; rename one")


def test_legs_of_two_blockers_may_have_one_name() -> None:
    other = "  OTHER:\n    guards_nothing: For the test.\n    legs:\n      tried: {by: maker, evidence: {rehearsal: copy}}\n"

    assert_right(changed(("packets:\n", f"{other}packets:\n")))


def test_a_word_names_one_option_of_a_packet() -> None:
    second = SMALL.index("  second:\n    lane")
    numbers = SMALL[:second] + changed(('"1", id', '§"1", id'), ('"2", id', '§"1", id'), text=SMALL[second:])
    ids = SMALL[:second] + changed(("id: STAY", "id: §STAY"), ("id: CHANGE", "id: §STAY"), ("selected: CHANGE", "selected: second/2"), text=SMALL[second:])
    ids = changed(("selecting: CHANGE", "selecting: second/2"), text=ids)

    assert_faults(numbers, *["POLICY_COLLISION `1` names two options of packet `second`; rename one"] * 2)
    assert_faults(ids, *["POLICY_COLLISION `STAY` names two options of packet `second`; rename one"] * 2)


def test_an_option_may_have_its_number_for_an_id() -> None:
    assert_right(changed(('{number: "2", id: TRY', "{number: TRY, id: TRY")))
