"""What a new version loosens is told by its place; words and what is plainly tighter are not."""

import pytest

from govern.policy.load import load_policy
from govern.policy.loosening import loosened

TEXT = """\
govern: 1
programme: {id: SMALL, version: 1, title: A small programme}
policy: {adopted_by: owner}
actors:
  owner: {kind: person, signs_with: hardware}
  ann: {kind: person}
  agent: {kind: agent}
roles: {board: {members: [owner, ann]}}
preparation: {by: agent}
scopes:
  work: {says: Work.}
  live: {says: The live system., protected: true}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: open}
lanes: {main: {scope: work, standing: true}, gate: {scope: live, opened_by: owner}}
grants: {X: {scope: live, issuer: owner, expires_after: 14d}, W: {scope: live, issuer: owner}}
blockers:
  B:
    legs:
      tried: {by: agent, evidence: {rehearsal: real}, fresh_for: 7d}
      told: {by: owner, requires: {honoured: X}}
packets:
  ask:
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: live, lane: gate, says: It is done., requires: {all: [{grant: X}, {blocker: B, is: closed}]}}
actions: {use: {needs: {selected: GO}, consumes: X}, other: {ungranted: true}}
invariants: {safe: {never: {selecting: GO}, unless: {honoured: X}}}
"""


def _told(old: str, new: str) -> list[str]:
    before, after = (load_policy(text.encode()) for text in (old, new))
    problems = loosened(before, after)
    assert all(each.code == "POLICY_WEAKENING" and each.place is not None and each.place.line > 0 for each in problems)
    return [each.message for each in problems]


def _changed(was: str, is_: str) -> str:
    assert TEXT.count(was) == 1, was
    return TEXT.replace(was, is_)


@pytest.mark.parametrize(
    ("was", "is_", "told"),
    [
        ("says: It is done.", "says: Nothing happens.", ["packets.ask.options.GO.says: it was `It is done.`, and is `Nothing happens.`"]),
        ("says: The live system.", "says: A copy.", ["scopes.live.says: it was `The live system.`, and is `A copy.`"]),
        ("opened_by: owner}", "opened_by: owner, opens_when: {leg: B/tried}}", ["lanes.gate.opens_when: it opens in a new way"]),
        ("adopted_by: owner", "adopted_by: ann", ["policy.adopted_by: it was `owner`, and is `ann`"]),
        ("adopted_by: owner", "adopted_by: {all: [{of: board}]}", ["policy.adopted_by: it was `owner`, and is something else"]),
        ("{adopted_by: owner}", "{adopted_by: owner, signature_waiver: No keys.}", ["policy.signature_waiver: a rule is waived"]),
        ("signs_with: hardware", "signs_with: any", ["actors.owner.signs_with: hardware was asked for, and any is enough now"]),
        ("  agent: {kind: agent}", "  agent: {kind: agent}\n  eve: {kind: person}", ["actors.eve: it is new"]),
        ("members: [owner, ann]", "members: [owner, ann, agent]", ["roles.board.members: the list is another"]),
        ("members: [owner, ann]", "members: [owner]", ["roles.board.members: the list is another"]),
        ("      told: {by: owner", "      more: {by: agent, evidence: {rehearsal: real}}\n      told: {by: owner", ["blockers.B.legs.more: it is new"]),
        ("expires_after: 14d", "expires_after: 15d", ["grants.X.expires_after: it lasts longer"]),
        (", fresh_for: 7d", "", ["blockers.B.legs.tried.fresh_for: it lasts longer"]),
        ("gate: {scope: live, opened_by: owner}", "gate: {scope: live, opened_by: ann}", ["lanes.gate.opened_by: it was `owner`, and is `ann`"]),
        (
            "{all: [{grant: X}, {blocker: B, is: closed}]}",
            "{blocker: B, is: closed}",
            ["packets.ask.options.GO.requires: the guard is another"],
        ),
        (", requires: {all: [{grant: X}, {blocker: B, is: closed}]}", "", ["packets.ask.options.GO.requires: the guard is gone"]),
        ('      - {number: "2"', '      - {number: "3", id: MORE, scope: work, says: More.}\n      - {number: "2"', ["packets.ask.options.MORE: it is new"]),
        ("invariants: {safe: {never: {selecting: GO}, unless: {honoured: X}}}\n", "", ["invariants.safe: it is gone"]),
        ("      told: {by: owner, requires: {honoured: X}}\n", "", ["blockers.B.legs.told: it is gone"]),
        ("other: {ungranted: true}", "other: {needs: {selected: GO}}", ["actions.other.ungranted: it is false now"]),
        ("{state: closed, when: {legs: all}, closes: true}", "{state: done, when: {legs: all}, closes: true}", ["blocker_states[0].state: it was `closed`, and is `done`"]),
        (
            "  - {state: open}\n",
            "  - {state: partial, when: {legs: any}}\n  - {state: open}\n",
            ["blocker_states: the list is another"],
        ),
        ("never: {selecting: GO}, unless: {honoured: X}", "always_possible: {decide: STOP}", ["invariants.safe.never: it was something else, and is nothing", "invariants.safe.unless: the guard is gone", "invariants.safe.always_possible: it was nothing, and is something else"]),
        ("evidence: {rehearsal: real}", "evidence: {rehearsal: toy}", ["blockers.B.legs.tried.evidence.rehearsal: it was `real`, and is `toy`"]),
    ],
)  # fmt: skip
def test_what_may_permit_more_is_told(was: str, is_: str, told: list[str]) -> None:
    new = _changed(was, is_)
    if "done" in is_ and "state" in is_:
        new = new.replace("is: closed", "is: done")
        told = [*told, "packets.ask.options.GO.requires: the guard is another"]

    assert sorted(_told(TEXT, new)) == sorted(told)


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        ("version: 1", "version: 2"),
        ("{id: SMALL, version: 1, title: A small programme}", "{id: SMALL, version: 1, title: Another title}"),
        ("signs_with: hardware", "signs_with: verified"),
        ("expires_after: 14d", "expires_after: 13d"),
        ("W: {scope: live, issuer: owner}", "W: {scope: live, issuer: owner, expires_after: 1d}"),
        ("{grant: X}, {blocker: B, is: closed}", "{blocker: B, is: closed}, {grant: W}, {grant: X}"),
        ("needs: {selected: GO}", "needs: {all: [{selected: GO}, {honoured: W}]}"),
        ("says: It is done.", "leads_to: [B/tried], says: It is done."),
        (", W: {scope: live, issuer: owner}", ""),
        ("W: {scope: live, issuer: owner}", "W: {scope: live, issuer: owner}, Z: {scope: live, issuer: owner}"),
        ("{safe: {never", "{again: {always_possible: {decide: STOP}}, safe: {never"),
        ("main: {scope: work, standing: true}", "main: {scope: work, opened_by: owner}"),
        ("  work: {says: Work.}", "  work: {says: Work., protected: true}"),
    ],
)
def test_words_and_what_is_plainly_tighter_are_not_told(was: str, is_: str) -> None:
    new = _changed(was, is_)
    told = (
        _told(TEXT, new) if "protected" not in is_ else _told(TEXT, new.replace("main: {scope: work, standing: true}", "main: {scope: work, opened_by: owner}"))
    )

    assert [each for each in told if not each.startswith("lanes.main.opened_by")] == []


def test_a_policy_beside_itself_loosens_nothing_wherever_it_is_written() -> None:
    assert _told(TEXT, TEXT.replace("lanes:", "\n\n# moved\nlanes:")) == []


def test_a_way_in_that_goes_is_tighter_and_one_that_asks_for_less_is_not() -> None:
    opens = TEXT.replace("opened_by: owner}", "opened_by: owner, opens_when: {all: [{leg: B/tried}, {leg: B/told}]}}")

    assert _told(opens, TEXT) == []
    assert _told(opens, opens.replace("{all: [{leg: B/tried}, {leg: B/told}]}", "{leg: B/tried}")) == ["lanes.gate.opens_when: the guard is another"]


def test_a_waiver_that_goes_is_tighter() -> None:
    waived = _changed("{adopted_by: owner}", "{adopted_by: owner, signature_waiver: No keys.}")

    assert _told(waived, TEXT) == []


def test_a_scope_that_is_protected_no_more_and_an_option_that_can_be_delegated_are_told() -> None:
    delegable = '      - {number: "3", id: MORE, scope: work, says: More.}\n'
    old = TEXT.replace("    options:\n", f"    options:\n{delegable}")

    assert _told(old, old.replace("says: More.", "delegable: true, says: More.")) == ["packets.ask.options.MORE.delegable: it is true now"]
