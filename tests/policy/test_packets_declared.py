"""Packets, options, lanes, actions, documents and invariants, as they may be declared."""

import pytest

from govern.policy.load import load_policy
from support.faults import assert_faults, assert_right, changed

STAY = '{number: "1", id: STAY, hold: true, says: Nothing is done.}\n      - {number: "2", id: TRY'
AT_TRY = ('- {number: "2", id: TRY', '- §{number: "2", id: TRY')
NEVER = "which nobody can ever satisfy; what it needs can never come about, or needs this first"
NO_PLACE = "is no place for a rendered document; governance/…/NAME"


def third(consumes: str) -> str:
    lines = f'  third:\n    decided_by: board\n    {consumes}\n    continues: PREPARING\n    options:\n      - {{number: "1", id: REST, hold: true, says: Nothing is done.}}\n'
    return changed(("surfaces:\n", f"{lines}surfaces:\n"))


def test_a_packet_has_exactly_one_hold() -> None:
    wanted = "wanted exactly one; mark one `hold: true`"

    none = changed((STAY, STAY.replace("hold: true", "scope: work")), ("decide: first/STAY", "decide: second/STAY"))
    assert_faults(
        changed(("It is the first.\n    options", "It is the first.\n    §options"), text=none), f"POLICY_HOLD packet `first` has 0 HOLD options, {wanted}"
    )
    two = changed(
        ("It is the first.\n    options", "It is the first.\n    §options"),
        ("says: It is tried.}\n", 'says: It is tried.}\n      - {number: "3", id: WAIT, hold: true, says: Nothing is done.}\n'),
    )
    assert_faults(two, f"POLICY_HOLD packet `first` has 2 HOLD options, {wanted}")


@pytest.mark.parametrize("key", ["requires: {grant: TRIAL}", "lane: bench", "scope: work", "leads_to: [READY/tried]"])
def test_a_hold_is_never_guarded(key: str) -> None:
    text = changed((STAY, STAY.replace("hold: true", f"hold: true, {key}").replace('{number: "1"', '§{number: "1"')))

    assert_faults(text, "POLICY_HOLD `STAY` is a HOLD and must always be open; remove requires, lane, scope and leads_to")


def test_every_option_but_hold_has_a_scope() -> None:
    assert_faults(changed(AT_TRY, ("id: TRY, scope: work,", "id: TRY,")), "POLICY_SCOPE option `TRY` has no scope; add `scope:`")


def test_a_decision_in_a_protected_scope_is_never_delegable() -> None:
    fault = "POLICY_DELEGATION option `CHANGE` is in the protected scope `live` and cannot be delegable; remove `delegable`"

    assert_faults(changed(("id: CHANGE,", "id: CHANGE, §delegable: true,")), fault)
    assert_right(changed(("id: TRY,", "id: TRY, delegable: true,")))


def test_an_option_in_a_protected_scope_is_taken_in_a_lane_of_that_scope() -> None:
    fault = "POLICY_SCOPE option `CHANGE` is in the protected scope `live` and its lane is not; give it a lane of that scope"
    option = ('- {number: "2", id: CHANGE,', '- §{number: "2", id: CHANGE,')

    assert_faults(changed(("lane: gate\n", "lane: bench\n"), option), fault)
    assert_faults(changed((option[0], f"{option[1]} lane: bench,")), fault)
    assert_right(changed(("lane: gate\n", "lane: bench\n"), (option[0], f"{option[0]} lane: gate,")))


def test_an_option_without_a_lane_can_never_be_decided() -> None:
    assert_faults(changed(("    lane: bench\n", ""), AT_TRY), "POLICY_UNREACHABLE option `first/TRY` can never be decided; it has no lane")


def test_a_lane_named_like_nothing_is_no_lane() -> None:
    text = changed(("    lane: bench\n", ""), AT_TRY, ("bench: {scope", "None: {scope: work, standing: true}\n  bench: {scope"))

    assert_faults(text, "POLICY_UNREACHABLE option `first/TRY` can never be decided; it has no lane")


def test_a_packet_says_what_it_consumes_or_why_that_is_not_known() -> None:
    silent = changed(("    lineage_gap: It is the first.\n", ""), ("  first:\n    lane", "  first:\n    §lane"))

    assert_faults(
        silent,
        "POLICY_LINEAGE packet `first` names no decision that it consumes; say which decision it uses up (`consumes`), or why that is not known (`lineage_gap`)",
    )


def test_a_packet_says_what_it_continues_or_why_that_is_not_known() -> None:
    silent = ("    continues: READY-TO-GO\n", "")

    assert_faults(
        changed(silent, ("  second:\n    lane", "  second:\n    §lane")),
        "POLICY_LINEAGE packet `second` names no status that it continues; say where it goes on from (`continues`), or why that is not known (`lineage_gap`)",
    )
    assert_right(changed(("    continues: READY-TO-GO\n", "    lineage_gap: Nobody wrote down where it stood.\n")))
    assert_right(changed(silent, ("statuses:\n  - {id: READY-TO-GO, when: {leg: READY/tried}}\n  - {id: PREPARING}\n", "")))


def test_a_gap_that_is_none_is_not_declared() -> None:
    gap = ("    continues: READY-TO-GO\n", "    continues: READY-TO-GO\n    §lineage_gap: Who knows.\n")
    fault = "POLICY_LINEAGE packet `second` declares a gap, and has none; remove `lineage_gap`: nothing is left that is not known"

    assert_faults(changed(gap), fault)
    without = ("statuses:\n  - {id: READY-TO-GO, when: {leg: READY/tried}}\n  - {id: PREPARING}\n", "")
    assert_faults(changed(without, ("    continues: READY-TO-GO\n", "    §lineage_gap: Who knows.\n")), fault)


def test_a_decision_is_consumed_once() -> None:
    text = third("§consumes: TRY")

    assert_faults(text, "POLICY_LINEAGE packets `second` and `third` both consume `first/TRY`; a decision is used up once")
    assert_right(third("consumes: CHANGE"))


def test_a_hold_is_not_consumed() -> None:
    text = changed(("    consumes: first/TRY", "    §consumes: first/STAY"))

    assert_faults(text, "POLICY_LINEAGE packet `second` consumes a HOLD, which decides nothing; name another option, or a `lineage_gap`")


def test_no_packet_descends_from_itself() -> None:
    assert_faults(
        changed(("    consumes: first/TRY", "    §consumes: second/CHANGE")),
        "POLICY_LINEAGE packet `second` descends from itself; break the circle",
    )
    assert_faults(
        changed(("lineage_gap: It is the first.", "§consumes: second/CHANGE\n    continues: PREPARING"), ("consumes: first/TRY", "§consumes: first/TRY")),
        "POLICY_LINEAGE packet `first` descends from itself; break the circle",
        "POLICY_LINEAGE packet `second` descends from itself; break the circle",
    )


def test_a_packet_behind_a_circle_is_not_called_one() -> None:
    circle = changed(("lineage_gap: It is the first.", "consumes: second/CHANGE\n    continues: PREPARING"), text=third("consumes: first/3"))
    text = changed(("says: It is tried.}\n", 'says: It is tried.}\n      - {number: "3", id: MORE, scope: work, says: More.}\n'), text=circle)

    assert_faults(
        changed(("    consumes: second/CHANGE", "    §consumes: second/CHANGE"), ("    consumes: first/TRY", "    §consumes: first/TRY"), text=text),
        "POLICY_LINEAGE packet `first` descends from itself; break the circle",
        "POLICY_LINEAGE packet `second` descends from itself; break the circle",
    )


def test_a_boundary_between_a_scope_and_itself_says_nothing() -> None:
    text = changed(("continues:", "boundaries: [§{scope: work, does_not_authorize: work}]\n    continues:"))

    assert_faults(text, "POLICY_BOUNDARY a scope cannot fail to authorize itself")


def test_only_a_hold_is_always_possible() -> None:
    text = changed(("free: {always_possible: {decide: first/STAY}}", "free: {§always_possible: {decide: first/TRY}}"))

    assert_faults(text, "POLICY_INVARIANT invariant `free`: `TRY` is guarded; only a HOLD can be decided from every state")


def test_no_invariant_forbids_a_hold() -> None:
    assert_faults(changed(("never: {selecting: CHANGE}", "§never: {selecting: second/STAY}")), "POLICY_INVARIANT invariant `guarded` would forbid a HOLD")


def test_a_lane_has_a_way_to_open() -> None:
    assert_faults(
        changed(("bench: {scope: work, standing: true}", "bench: §{scope: work, standing: false}"), AT_TRY),
        "POLICY_LANE lane `bench` can never open; give it `standing`, `opens_when` or `opened_by`",
        "POLICY_UNREACHABLE option `first/TRY` can never be decided; its lane `bench` can never be open before it",
    )


@pytest.mark.parametrize("way", ["opened_by: owner", "opens_when: {grant: TRIAL}"])
def test_a_lane_that_stands_open_is_opened_by_nothing_else(way: str) -> None:
    text = changed(("bench: {scope: work, standing: true}", f"bench: §{{scope: work, standing: true, {way}}}"))

    assert_faults(text, "POLICY_LANE lane `bench` stands open, so nothing else opens it; remove `standing` or the rest")


def test_a_lane_may_open_by_a_record_or_by_a_guard() -> None:
    assert_right(changed(("bench: {scope: work, standing: true}", "bench: {scope: work, opened_by: owner, opens_when: {grant: TRIAL}}")))


def test_no_lane_stands_open_in_a_protected_scope() -> None:
    text = changed(("gate: {scope: live, opened_by: owner}", "gate: {scope: live, §standing: true}"))

    assert_faults(text, "POLICY_LANE lane `gate` stands open in the protected scope `live`; let it be opened")


@pytest.mark.parametrize("action", ["{touches: [machine]}", "{touches: [machine], needs: {selected: CHANGE}, ungranted: true}"])
def test_an_action_needs_something_or_is_ungranted(action: str) -> None:
    help = "`needs` says what it takes; `ungranted: true` says that no grant for it exists"
    text = changed(("erase: {touches: [machine], ungranted: true}", f"erase: §{action}"))

    assert_faults(text, f"POLICY_ACTION action `erase` must have either `needs` or `ungranted: true`; {help}")


def test_an_action_that_is_never_allowed_consumes_nothing() -> None:
    text = changed(("erase: {touches: [machine], ungranted: true}", "erase: {ungranted: true, §consumes: LEAVE}"))

    assert_faults(text, "POLICY_ACTION action `erase` consumes a grant and is never allowed")


NO_OPTION = "could be done with no option selected; name the option that permits it, in every alternative: `{selected: PACKET/OPTION}`; a HOLD permits nothing"


@pytest.mark.parametrize(
    "needs",
    [
        "{grant: LEAVE}",
        "{lane: gate}",
        "{not: {grant: LEAVE}}",
        "{selected: first/STAY}",
        "{any: [{selected: CHANGE}, {grant: LEAVE}]}",
        "{all: [{grant: LEAVE}, {any: [{selected: CHANGE}, {lane: gate}]}]}",
        "{at_least: 1, of: [{selected: CHANGE}, {grant: LEAVE}]}",
        "{at_least: 2, of: [{selected: CHANGE}, {grant: LEAVE}, {lane: gate}]}",
        "{any: [{selected: CHANGE}, {selected: second/STAY}]}",
    ],
)
def test_an_action_is_never_permitted_without_a_selected_option(needs: str) -> None:
    text = changed(("needs: {selected: CHANGE}, consumes: LEAVE", f"§needs: {needs}"))

    assert_faults(text, f"POLICY_ACTION action `change` {NO_OPTION}")


@pytest.mark.parametrize(
    "needs",
    [
        "{all: [{grant: LEAVE}, {selected: CHANGE}]}",
        "{any: [{selected: CHANGE}, {all: [{selected: second/2}, {grant: LEAVE}]}]}",
        "{at_least: 2, of: [{selected: CHANGE}, {grant: LEAVE}]}",
        "{at_least: 2, of: [{selected: CHANGE}, {selected: second/2}, {grant: LEAVE}]}",
        "{all: [{selected: CHANGE}, {any: [{grant: LEAVE}, {selected: first/STAY}]}]}",
    ],
)
def test_an_action_that_wants_a_selected_option_in_every_way_is_fine(needs: str) -> None:
    assert_right(changed(("{selected: CHANGE}", needs)))


def test_an_action_is_judged_in_one_scope() -> None:
    other = "scopes do not extend; make it an action for each scope"
    grant = "scopes do not extend; name a grant of the same scope"

    assert_faults(
        changed(("needs: {selected: CHANGE}", "needs: {any: [{selected: CHANGE}, §{selected: TRY}]}")),
        f"POLICY_SCOPE action `change` is of scope `live`, and selected:TRY is of scope `work`; {other}",
    )
    assert_faults(
        changed(("needs: {selected: CHANGE}", "needs: {all: [{selected: CHANGE}, §{honoured: TRIAL}]}")),
        f"POLICY_SCOPE action `change` is of scope `live`, and honoured:TRIAL is of scope `work`; {grant}",
    )
    assert_faults(
        changed(("consumes: LEAVE", "§consumes: TRIAL")),
        "POLICY_SCOPE action `change` is of scope `live`, and grant:TRIAL is of scope `work`; scopes do not extend; use up a grant of the same scope",
    )


@pytest.mark.parametrize(
    "path", ["page.md", "governance/packets/page.txt", "governance/ledger/page.md", "governance/policy/page.md", "docs/governance/page.md"]
)
def test_a_document_is_rendered_under_governance_and_not_over_what_was_recorded(path: str) -> None:
    text = changed(("path: governance/packets/page.md", f"§path: {path}"))

    assert_faults(text, f"POLICY_DOCUMENT `{path}` {NO_PLACE}.md")


@pytest.mark.parametrize("path", ["state.json", "governance/reports/state.md", "governance/ledger/state.json"])
def test_the_twin_of_a_document_is_json_under_governance(path: str) -> None:
    assert_faults(changed(("json: governance/reports/state.json", f"§json: {path}")), f"POLICY_DOCUMENT `{path}` {NO_PLACE}.json")


@pytest.mark.parametrize("path", ["governance/reports/state.md", "governance/reports/State.md"])
def test_two_documents_do_not_write_one_file(path: str) -> None:
    text = changed(("governance/packets/page.md", path), ("path: governance/reports/state.md, json", "§path: governance/reports/state.md, json"))

    assert_faults(text, "POLICY_COLLISION documents `state` and `page` write the same file")


def test_a_document_shows_a_packet_exactly_where_it_names_one() -> None:
    fault = "`packet` goes with `shows: packet`; name the packet, or remove it"

    assert_faults(changed(("page: {", "page: §{"), (" packet: second,", "")), f"POLICY_DOCUMENT document `page`: {fault}")
    assert_faults(changed(("state: {shows: current-state,", "state: §{shows: current-state, packet: second,")), f"POLICY_DOCUMENT document `state`: {fault}")


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("shows: gap-closure", "POLICY_DOCUMENT document `odd`: `since` goes with `shows: gap-closure`; name the moment, or remove it"),
        ('shows: lineage, since: "#0"', "POLICY_DOCUMENT document `odd`: `since` goes with `shows: gap-closure`; name the moment, or remove it"),
        ("shows: adoption", "POLICY_DOCUMENT document `odd`: `blocker` goes with `shows: adoption`; name the blocker, or remove it"),
        ("shows: report, blocker: READY", "POLICY_DOCUMENT document `odd`: `blocker` goes with `shows: adoption`; name the blocker, or remove it"),
    ],
)
def test_what_a_document_is_about_is_named_where_it_must_be_and_nowhere_else(keys: str, fault: str) -> None:
    odd = f"documents:\n  odd: §{{{keys}, template: page.md.j2, path: governance/reports/odd.md}}\n"
    assert_faults(changed(("documents:\n", odd)), fault)


def test_an_adoption_packet_is_about_a_blocker_that_is_declared() -> None:
    odd = "documents:\n  odd: {shows: adoption, blocker: §REDY, template: page.md.j2, path: governance/reports/odd.md}\n"
    assert_faults(changed(("documents:\n", odd)), "POLICY_DANGLING unknown blocker `REDY`; did you mean `READY`?")


@pytest.mark.parametrize("keys", ["shows: report", 'shows: report, since: "#0"', 'shows: gap-closure, since: "@start"', "shows: adoption, blocker: READY"])
def test_a_report_may_begin_at_a_moment_and_a_gap_closure_map_does(keys: str) -> None:
    text = changed(("documents:\n", f"documents:\n  odd: {{{keys}, template: page.md.j2, path: governance/reports/odd.md}}\n"))
    assert load_policy(text.encode()).documents["odd"].template == "page.md.j2"


def test_a_promise_is_kept_by_grants_of_the_scope_of_its_option() -> None:
    fault = "POLICY_SCOPE invariant `guarded` is of scope `live`, and {} is of scope `work`; scopes do not extend; name a grant of the same scope"
    ready = ("{honoured: LEAVE}", "{honoured: TRIAL}")
    through = changed(ready, ("{blocker: READY, is: closed}", "{lane: gate}"), ("unless: {lane: gate}", "unless: §{leg: READY/agreed}"))

    assert_faults(changed(("unless: {lane: gate}", "unless: {any: [{lane: gate}, §{grant: TRIAL}]}")), fault.format("grant:TRIAL"))
    assert_faults(through, fault.format("honoured:TRIAL (through leg:READY/agreed)"))
    assert_right(changed(("unless: {lane: gate}", "unless: {all: [{lane: bench}, {honoured: LEAVE}]}")))
