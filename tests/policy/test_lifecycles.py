"""Lifecycles that a policy puts in place of the standard ones."""

import pytest

from govern.policy.lifecycles import KINDS, TRIGGERS, Kind
from support.faults import SMALL, assert_faults, assert_right, changed

LEG = "[{trigger: discharge, from: a, to: b, by: authority}]"


def own(kind: str, ways: str, states: str = "{a: {}, b: {counts: true}}", initial: str = "a") -> str:
    text = f"lifecycles:\n  use: standard-1\n  {kind}:\n    initial: {initial}\n    states: {states}\n    transitions: {ways}"
    return changed(("lifecycles: {use: standard-1}", text))


def test_the_standard_lifecycles_are_there_unless_replaced() -> None:
    standard = assert_right(SMALL).lifecycles
    replaced = assert_right(own("leg", LEG)).lifecycles

    assert set(standard.leg.states) == {"open", "proven"}
    assert set(replaced.leg.states) == {"a", "b"}
    assert all(replaced.of(kind) == standard.of(kind) for kind in KINDS if kind != "leg")


def test_each_act_that_the_standard_knows_is_taken_in_it() -> None:
    standard = assert_right(SMALL).lifecycles

    assert {kind: {way.trigger for way in standard.of(kind).transitions} for kind in KINDS} == {kind: set(acts) for kind, acts in TRIGGERS.items()}


def test_a_way_is_found_by_its_act_and_the_state_it_starts_in() -> None:
    ways = assert_right(SMALL).lifecycles.grant.ways

    assert ways["record", "requested"] is ways["record", "absent"]
    assert ways["revoke", "consumed"].to == "revoked"
    assert ways["revoke", "completed"].to == "revoked"
    assert ("consume", "revoked") not in ways


def test_a_set_that_does_not_exist_is_refused_and_nothing_else_with_it() -> None:
    fault = "POLICY_VALUE found `standard-2`, wanted `standard-1` in `lifecycles.use`; did you mean `standard-1`?"

    assert_faults(changed(("use: standard-1", "use: §standard-2")), fault)
    assert_faults(changed(("{use: standard-1}", "§standard-1")), "POLICY_VALUE found `standard-1`, wanted a mapping in `lifecycles`")
    assert_faults(changed(("{use: standard-1}", "§{}")), "POLICY_MISSING_KEY `use` is missing in `lifecycles`; add `use:`; see `govern explain use`")


def test_a_source_may_be_one_state_or_a_list() -> None:
    one, listed = (assert_right(own("leg", LEG.replace("from: a", source))).lifecycles.leg.transitions[0].from_ for source in ("from: a", "from: [a]"))

    assert one == listed == ("a",)


def test_a_source_is_not_nothing_and_no_number() -> None:
    where = "in `lifecycles.leg.transitions.1.from`"

    assert_faults(own("leg", LEG.replace("from: a", "from: §[]")), f"POLICY_EMPTY empty {where}; nothing to check is never a pass; name at least one")
    assert_faults(own("leg", LEG.replace("from: a", "from: §5")), f"POLICY_VALUE found `5`, wanted a list {where}")


def test_a_lifecycle_has_states_and_ways() -> None:
    empty = "nothing to check is never a pass; name at least one"

    assert_faults(own("leg", LEG, "§{}"), f"POLICY_EMPTY empty in `lifecycles.leg.states`; {empty}")
    assert_faults(own("leg", "§[]"), f"POLICY_EMPTY empty in `lifecycles.leg.transitions`; {empty}")


def test_a_state_that_is_not_declared_is_told_wherever_it_is_named() -> None:
    assert_faults(
        own("leg", "[{trigger: discharge, from: [a, §aa], to: §bb, by: authority}]", "{a: {}, a-long-name: {}, b: {counts: true}}", "§a-long-nam"),
        "POLICY_DANGLING unknown state of the leg lifecycle `a-long-nam`; did you mean `a-long-name`?",
        "POLICY_DANGLING unknown state of the leg lifecycle `aa`; did you mean `a`?",
        "POLICY_DANGLING unknown state of the leg lifecycle `bb`; did you mean `b`?",
    )


def test_a_state_that_no_way_leads_to_is_refused() -> None:
    assert_faults(
        own("leg", LEG, "{a: {}, b: {counts: true}, §c: {}, §d: {}}").replace(LEG, f"{LEG[:-1]}, {{trigger: reopen, from: c, to: d, by: anyone}}]"),
        "POLICY_UNREACHABLE state `c` of the leg lifecycle cannot be reached; no way leads from `a` to it",
        "POLICY_UNREACHABLE state `d` of the leg lifecycle cannot be reached; no way leads from `a` to it",
    )


def test_a_state_is_reached_by_a_long_way_written_backwards() -> None:
    ways = [f"{{trigger: {act}, from: s{number}, to: s{number + 1}, by: member}}" for number, act in enumerate(("request", "approve", "record"))]
    states = "{s3: {counts: true}, s2: {}, s1: {}, s0: {}}"

    assert_right(own("grant", f"[{', '.join(reversed(ways))}]", states, "s0"))


def test_two_transitions_with_one_trigger_and_source_are_refused() -> None:
    ways = "[{trigger: discharge, from: [a, b], to: b, by: authority}, §{trigger: discharge, from: b, to: a, by: authority}]"
    fault = "two transitions of the leg lifecycle take `discharge` from `b`; a blocked one would fall through to the next; keep one"

    assert_faults(own("leg", ways), f"POLICY_AMBIGUOUS {fault}")


def test_a_source_named_twice_in_one_transition_is_refused() -> None:
    fault = "two transitions of the leg lifecycle take `discharge` from `a`; a blocked one would fall through to the next; keep one"

    assert_faults(own("leg", "[§{trigger: discharge, from: [a, a], to: b, by: authority}]"), f"POLICY_AMBIGUOUS {fault}")


def test_one_trigger_from_two_sources_and_two_triggers_from_one_are_fine() -> None:
    assert_right(own("leg", "[{trigger: discharge, from: [a, b], to: b, by: authority}, {trigger: reopen, from: b, to: a, by: anyone}]"))


@pytest.mark.parametrize(("kind", "foreign"), [("grant", "open"), ("leg", "record"), ("lane", "discharge"), ("packet", "revoke")])
def test_an_act_on_another_kind_of_thing_is_no_trigger(kind: Kind, foreign: str) -> None:
    ways = f"[{{§trigger: {foreign}, from: a, to: b, by: authority}}]"

    assert_faults(own(kind, ways), f"POLICY_TRIGGER `{foreign}` is no act on a {kind}; known: {', '.join(TRIGGERS[kind])}")


def test_an_unknown_act_and_an_unknown_entitlement_are_told_together() -> None:
    acts = "wanted `request`, `approve`, `record`, `consume`, `complete`, `lose`, `resolve`, `revoke`, `discharge`, `reopen`, `open`, `close`, `prepare` or `issue`"

    assert_faults(
        own("leg", "[{trigger: §discharg, from: a, to: b, by: §authorities}]"),
        f"POLICY_VALUE found `discharg`, {acts} in `lifecycles.leg.transitions.1.trigger`; did you mean `discharge`?",
        "POLICY_VALUE found `authorities`, wanted `anyone`, `authority` or `member` in `lifecycles.leg.transitions.1.by`; did you mean `authority`?",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_lifecycle_has_a_state_that_counts(kind: Kind) -> None:
    ways = f"[{{trigger: {TRIGGERS[kind][0]}, from: a, to: b, by: authority}}]"
    text = own(kind, ways, "{a: {}, b: {}}").replace("    initial: a", "    §initial: a")

    assert_faults(text, f"POLICY_LIFECYCLE no state of the {kind} lifecycle counts; mark one `counts: true`")


@pytest.mark.parametrize("kind", KINDS)
def test_what_counts_is_never_there_without_a_record(kind: Kind) -> None:
    ways = f"[{{trigger: {TRIGGERS[kind][0]}, from: a, to: b, by: authority}}]"
    text = own(kind, ways, "{a: {counts: true}, b: {}}").replace("    initial: a", "    §initial: a")

    assert_faults(text, f"POLICY_LIFECYCLE the {kind} lifecycle starts in `a`, which counts; nothing on record is never enough; start in another state")


@pytest.mark.parametrize("kind", ["grant", "leg", "lane"])
def test_only_an_authority_brings_a_thing_where_it_counts(kind: Kind) -> None:
    act = {"grant": "record", "leg": "discharge", "lane": "open"}[kind]
    way = f"[{{trigger: {act}, from: a, to: b, §by: anyone}}]"
    fault = f"POLICY_LIFECYCLE anyone could bring a {kind} into `b`, which counts; let it be by `authority`, or by `member`"

    assert_faults(own(kind, way), fault)
    for by in ("authority", "member"):
        assert_right(own(kind, way.replace("§by: anyone", f"by: {by}")))


def test_anyone_may_issue_a_packet_and_move_a_grant_from_what_counts_to_what_counts() -> None:
    assert_right(own("packet", "[{trigger: issue, from: a, to: b, by: anyone}]"))
    kept = "[{trigger: record, from: a, to: b, by: authority}, {trigger: consume, from: b, to: c, by: anyone}, {trigger: complete, from: c, to: d, by: anyone}]"
    assert_right(own("grant", kept, "{a: {}, b: {counts: true}, c: {counts: true}, d: {}}"))
