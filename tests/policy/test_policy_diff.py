"""Every kind of edit between two versions has its direction, by meaning; what cannot be told counts as loosening."""

import re

import pytest

from govern.policy.diff import comparing
from govern.policy.diff.edits import Direction, Edit, Effect, direction, joined
from govern.policy.diff.policies import compare, loosens
from govern.policy.load import load_policy
from govern.policy.model import Policy

TEXT = """\
govern: 1
programme: {id: SMALL, version: 1, title: A small programme}
policy: {adopted_by: owner}
actors:
  owner: {kind: person, signs_with: hardware}
  ann: {kind: person}
  bob: {kind: person}
  agent: {kind: agent, may_receive_from: owner}
roles: {board: {members: [owner, ann]}, keyed: {members: [bob], signs_with: hardware}}
preparation: {by: agent}
scopes:
  work: {says: Work.}
  live: {says: The live system., protected: true}
lifecycles: {use: standard-1}
blocker_states:
  - {state: closed, when: {legs: all}, closes: true}
  - {state: begun, when: {legs: any}}
  - {state: open}
lanes:
  main: {scope: work, standing: true}
  gate: {scope: live, opened_by: owner}
  side: {scope: work, opens_when: {selected: TRY}}
grants: {X: {scope: live, issuer: owner, expires_after: 14d}, W: {scope: live, issuer: board}, U: {scope: work, issuer: board}}
blockers:
  B:
    legs:
      tried: {by: agent, evidence: {rehearsal: real}, fresh_for: 7d, change: birth}
      told: {by: owner, requires: {honoured: X}}
  C: {guards_nothing: It is only shown., legs: {seen: {by: ann, evidence: {attest: sight}}}}
packets:
  ask:
    title: A question
    lane: main
    decided_by: owner
    lineage_gap: It starts the story.
    boundaries: [{scope: work, does_not_authorize: live}]
    options:
      - {number: "1", id: STOP, hold: true, says: Nothing is done.}
      - {number: "2", id: GO, scope: live, lane: gate, says: It is done., requires: {all: [{grant: X}, {blocker: B, is: closed}]}}
      - {number: "3", id: TRY, scope: work, says: It is tried., requires: {any: [{leg: B/tried}, {all: [{not: {grant: U}}, {finding: F, is: pass}]}]}}
  next: {lane: side, decided_by: {all: [{of: board, at_least: 2}]}, consumes: ask/TRY, options: [{number: "1", id: STOP, hold: true, says: Nothing.}]}
rehearsal:
  validator: f000000000000000000000000000000000000000000000000000000000000001
  changes: {birth: {apply: {file: a.sql, sha256: f000000000000000000000000000000000000000000000000000000000000002}}}
  sources: {real: {file: r.sql, sha256: f000000000000000000000000000000000000000000000000000000000000003}}
  surface: {tables: {t: {columns: {c: masked}}}}
surfaces: {pg: {title: PG, reached_by: network, named: [pg, db]}}
actions: {use: {touches: [pg], needs: {selected: GO}, consumes: X}, other: {ungranted: true}, look: {needs: {selected: TRY}, separate_executor: true}}
claims: {DONE: {needs: {done: use}}}
findings: {F: {result: unknown, by: ann, why: It is so.}}
statuses: [{id: FAR, when: {leg: B/tried}}, {id: NEAR, when: {done: look}}, {id: HERE}]
registry: {prefix: T, folded_by: owner}
documents: {page: {shows: current-state, template: page.md.j2, path: governance/page.md}}
invariants: {safe: {never: {selecting: GO}, unless: {honoured: X}}, back: {always_possible: {decide: ask/STOP}}}
"""
OLD = load_policy(TEXT.encode())


def changed(*edits: tuple[str, str], text: str = TEXT) -> Policy:
    for was, is_ in edits:
        assert text.count(was) == 1, was
        text = text.replace(was, is_)
    return load_policy(text.encode())


def told(old: Policy, new: Policy) -> dict[str, str]:
    edits = compare(old, new)
    assert all(edit.place.line > 0 for edit in edits)
    assert loosens(old, new) == any(edit.direction.loosens for edit in edits)
    return {edit.path: edit.direction.value for edit in edits}


T, L, B, N = "tightening", "loosening", "both", "neither"
OPT = "packets.ask.options."
LIFE = """lifecycles:
  use: standard-1
  lane:
    initial: closed
    states: {closed: {}, open: {counts: true}, shut: {}}
    transitions:
      - {trigger: open, from: closed, to: open, by: authority}
      - {trigger: close, from: open, to: closed, by: member}
      - {trigger: close, from: closed, to: shut, by: member}
"""
# What is edited, into what, and the direction of each edit by its path.
EDITS: dict[str, tuple[str, str, dict[str, str]]] = {
    "another title": ("title: A small programme", "title: Another", {"programme.title": N}),
    "another programme": ("id: SMALL", "id: LARGE", {"programme.id": B}),
    "a sentence of an option": ("says: It is done.", "says: Nothing happens.", {f"{OPT}GO.says": L}),
    "a sentence of a scope": ("says: The live system.", "says: A copy.", {"scopes.live.says": L}),
    "a heading": ("title: A question", "title: A note", {"packets.ask.title": L}),
    "a number": ('number: "3"', 'number: "4"', {f"{OPT}TRY.number": L}),
    "a boundary": ("    boundaries: [{scope: work, does_not_authorize: live}]\n", "", {"packets.ask.boundaries": L}),
    "the words for a grant": ("{scope: live, issuer: board}", "{scope: live, issuer: board, says: a paper}", {"grants.W.says": L}),
    "a document": ("template: page.md.j2", "template: other.md.j2", {"documents.page.template": L}),
    "a document more": ("documents: {page", "documents: {more: {shows: current-state, template: page.md.j2, path: governance/more.md}, page", {"documents.more": L}),
    "a judge of the policy": ("adopted_by: owner", "adopted_by: ann", {"policy.adopted_by": B}),
    "one judge more to choose from": ("adopted_by: owner", "adopted_by: board", {"policy.adopted_by": L}),
    "a word more for the policy": ("adopted_by: owner", "adopted_by: {all: [{of: owner}, {of: bob}]}", {"policy.adopted_by": B}),
    "more words for what loosens": ("adopted_by: owner", "adopted_by: owner, loosened_by: {all: [{of: owner}, {of: board, at_least: 1}]}", {"policy.loosened_by": B}),
    "other words for what loosens": ("adopted_by: owner", "adopted_by: owner, loosened_by: bob", {"policy.loosened_by": B}),
    "a waiver of signatures": ("{adopted_by: owner}", "{adopted_by: owner, signature_waiver: No keys.}", {"policy.signature_waiver": L}),
    "a weaker key": ("signs_with: hardware}\n  ann", "signs_with: any}\n  ann", {"actors.owner.signs_with": L}),
    "a stronger key": ("signs_with: hardware}\n  ann", "signs_with: verified}\n  ann", {"actors.owner.signs_with": T}),
    "who leaves a role with stronger keys": ("members: [bob]", "members: [ann]", {"roles.keyed.members": B}),
    "who may receive from nobody": (", may_receive_from: owner", "", {"actors.agent.may_receive_from": T}),
    "who may receive from another": ("may_receive_from: owner", "may_receive_from: ann", {"actors.agent.may_receive_from": B}),
    "an actor more": ("  bob: {kind", "  eve: {kind: service}\n  bob: {kind", {"actors.eve": L}),
    "an agent that is a service": ("kind: agent", "kind: service", {"actors.agent.kind": B}),
    "a member more": ("members: [owner, ann]", "members: [owner, ann, bob]", {"roles.board.members": L}),
    "members in another order": ("members: [owner, ann]", "members: [ann, owner]", {"roles.board.members": N}),
    "a role more": ("roles: {board", "roles: {ward: {members: [ann]}, board", {"roles.ward": N}),
    "who prepares": ("preparation: {by: agent}", "preparation: {by: bob}", {"preparation.by": L}),
    "a scope more": ("  work: {says: Work.}", "  work: {says: Work.}\n  far: {says: Far.}", {"scopes.far": N}),
    "a scope that is protected no more": (", protected: true", "", {"scopes.live.protected": L}),
    "a state of blockers with another name": ("state: begun", "state: started", {"blocker_states.begun": L, "blocker_states.started": L}),
    "a state of blockers that asks for more": ("{legs: any}", "{legs: all, by: agent}", {"blocker_states.begun.when": L}),
    "a state of blockers that is gone": ("  - {state: begun, when: {legs: any}}\n", "", {"blocker_states.begun": L}),
    "a lane that stands open no more": ("standing: true", "opened_by: owner", {"lanes.main.standing": T, "lanes.main.opened_by": T}),
    "a way into a lane": ("opened_by: owner}\n  side", "opened_by: owner, opens_when: {selected: GO}}\n  side", {"lanes.gate.opens_when": L}),
    "a lane of another's": ("gate: {scope: live, opened_by: owner}", "gate: {scope: live, opened_by: ann}", {"lanes.gate.opened_by": B}),
    "a lane more": ("  main: {scope", "  back: {scope: work, opened_by: ann}\n  main: {scope", {"lanes.back": N}),
    "a longer life": ("expires_after: 14d", "expires_after: 15d", {"grants.X.expires_after": L}),
    "a shorter life": ("expires_after: 14d", "expires_after: 13d", {"grants.X.expires_after": T}),
    "a life with an end": ("{scope: live, issuer: board}", "{scope: live, issuer: board, expires_after: 1d}", {"grants.W.expires_after": T}),
    "a life with an end of what must not be": ("{scope: work, issuer: board}", "{scope: work, issuer: board, expires_after: 1d}", {"grants.U.expires_after": B}),
    "another issuer": ("{scope: live, issuer: board}", "{scope: live, issuer: owner}", {"grants.W.issuer": T}),
    "an issuer more, with a quorum": ("{scope: live, issuer: board}", "{scope: live, issuer: {all: [{of: board}, {of: bob}]}}", {"grants.W.issuer": B}),
    "a grant more": ("grants: {X", "grants: {Z: {scope: live, issuer: owner}, X", {"grants.Z": N}),
    "a grant less": (", W: {scope: live, issuer: board}", "", {"grants.W": T}),
    "evidence that stays fresh": (", fresh_for: 7d", "", {"blockers.B.legs.tried.fresh_for": L}),
    "evidence of another kind": ("evidence: {rehearsal: real}", "evidence: {rehearsal: toy}", {"blockers.B.legs.tried.evidence.rehearsal": B}),
    "evidence without its change": (", change: birth", "", {"blockers.B.legs.tried.change": L}),
    "evidence by another": ("{by: ann, evidence", "{by: board, evidence", {"blockers.C.legs.seen.by": L}),
    "words after a proof": ("{attest: sight}", "{attest: sight}, proven_note: it was seen", {"blockers.C.legs.seen.proven_note": N}),
    "a leg more": ("      told: {by", "      more: {by: ann, evidence: {attest: more}}\n      told: {by", {"blockers.B.legs.more": T}),
    "a leg less": ("      told: {by: owner, requires: {honoured: X}}\n", "", {"blockers.B.legs.told": L}),
    "a leg that requires something else": ("requires: {honoured: X}", "requires: {honoured: W}", {"blockers.B.legs.told.requires": B}),
    "a leg that is a substitute now": ("{by: owner, requires: {honoured: X}}", "{by: owner, stands_in_for: tried, evidence: {attest: x}}",
        {"blockers.B.legs.told.requires": B, "blockers.B.legs.told.evidence": B, "blockers.B.legs.told.stands_in_for": B}),
    "a blocker less": ("  C: {guards_nothing: It is only shown., legs: {seen: {by: ann, evidence: {attest: sight}}}}\n", "", {"blockers.C": L}),
    "half a guard": ("{all: [{grant: X}, {blocker: B, is: closed}]}", "{blocker: B, is: closed}", {f"{OPT}GO.requires": L}),
    "no guard": (", requires: {all: [{grant: X}, {blocker: B, is: closed}]}", "", {f"{OPT}GO.requires": L}),
    "a guard in another order": ("{all: [{grant: X}, {blocker: B, is: closed}]}", "{all: [{all: [{blocker: B, is: closed}]}, {grant: X}]}", {f"{OPT}GO.requires": N}),
    "a guard that says the same in other words": ("{grant: X}, {blocker: B, is: closed}", "{grant: X}, {leg: B/tried}, {leg: B/told}", {f"{OPT}GO.requires": N}),
    "a guard that asks for more": ("{grant: X}, {blocker", "{grant: X}, {grant: W}, {blocker", {f"{OPT}GO.requires": T}),
    "a guard that asks for a used grant": ("[{grant: X}, {blocker", "[{honoured: X}, {blocker", {f"{OPT}GO.requires": L}),
    "a guard that denies no more": ("{not: {grant: U}}, ", "", {f"{OPT}TRY.requires": L}),
    "a guard that denies more": ("{finding: F, is: pass}", "{finding: F, is: pass}, {not: {lane: gate}}", {f"{OPT}TRY.requires": T}),
    "another lane": ("scope: work, says: It is tried.", "scope: work, lane: gate, says: It is tried.", {f"{OPT}TRY.lane": T}),
    "an option that can be delegated": ("says: It is tried.", "delegable: true, says: It is tried.", {f"{OPT}TRY.delegable": L}),
    "what it leads to": ("says: It is tried.", "leads_to: [B/told], says: It is tried.", {f"{OPT}TRY.leads_to": N}),
    "an option more": ('      - {number: "2"', '      - {number: "5", id: MORE, scope: work, says: More.}\n      - {number: "2"', {f"{OPT}MORE": L}),
    "a packet of other deciders": ("{all: [{of: board, at_least: 2}]}", "board", {"packets.next.decided_by": L}),
    "a packet that follows from nothing": ("consumes: ask/TRY", "lineage_gap: It follows nothing.", {"packets.next.consumes": L, "packets.next.lineage_gap": N}),
    "a packet that the preparer decides": ("title: A question", "title: A question\n    separation_waiver: Nobody else.", {"packets.ask.separation_waiver": L}),
    "a packet less": ('  next: {lane: side, decided_by: {all: [{of: board, at_least: 2}]}, consumes: ask/TRY, options: [{number: "1", id: STOP, hold: true, says: Nothing.}]}\n',
        "", {"packets.next": T}),
    "another validator": ("0000001\n", "000000a\n", {"rehearsal.validator": B}),
    "no validator": ("  validator: f000000000000000000000000000000000000000000000000000000000000001\n", "", {"rehearsal.validator": L}),
    "a label": ("  changes: {birth", "  label: GENERATED\n  changes: {birth", {"rehearsal.label": B}),
    "what may be left behind": ("  changes: {birth", "  residue: []\n  changes: {birth", {"rehearsal.residue": T}),
    "what may be left behind, said": ("  changes: {birth", "  residue: [sequences]\n  changes: {birth", {"rehearsal.residue": N}),
    "another change": ("0000002}", "000000b}", {"rehearsal.changes.birth.apply.sha256": B}),
    "a change more": ("changes: {birth", "changes: {death: {apply: {file: d.sql, sha256: f000000000000000000000000000000000000000000000000000000000000005}}, birth",
        {"rehearsal.changes.death": N}),
    "a source that is pinned no more": ("  sources: {real: {file: r.sql, sha256: f000000000000000000000000000000000000000000000000000000000000003}}\n", "",
        {"rehearsal.sources.real": L}),
    "no surface of data": ("  surface: {tables: {t: {columns: {c: masked}}}}\n", "", {"rehearsal.surface": L}),
    "another surface of data": ("{c: masked}", "{c: plain}", {"rehearsal.surface": B}),
    "a word that names a surface less": ("named: [pg, db]", "named: [pg]", {"surfaces.pg.named": L}),
    "a word that names a surface more": ("named: [pg, db]", "named: [pg, db, base]", {"surfaces.pg.named": T}),
    "other words that name a surface": ("named: [pg, db]", "named: [pg, base]", {"surfaces.pg.named": B}),
    "words in another order": ("named: [pg, db]", "named: [db, pg]", {"surfaces.pg.named": N}),
    "how a surface is reached": ("reached_by: network", "reached_by: file", {"surfaces.pg.reached_by": B}),
    "an action that touches nothing": ("touches: [pg], ", "", {"actions.use.touches": B}),
    "an action that uses nothing up": (", consumes: X", "", {"actions.use.consumes": L}),
    "an action that uses up something else": (", consumes: X", ", consumes: W", {"actions.use.consumes": B}),
    "an action that is granted": ("other: {ungranted: true}", "other: {needs: {selected: GO}}", {"actions.other.ungranted": L, "actions.other.needs": L}),
    "an action that needs more": ("{needs: {selected: TRY}, sep", "{needs: {all: [{selected: TRY}, {honoured: U}]}, sep", {"actions.look.needs": T}),
    "an action that anybody may carry out": (", separate_executor: true", "", {"actions.look.separate_executor": L}),
    "an action more": ("actions: {use", "actions: {more: {needs: {selected: GO}}, use", {"actions.more": L}),
    "a claim that is supported by less": ("needs: {done: use}", "needs: {any: [{done: use}, {done: look}]}", {"claims.DONE.needs": L}),
    "a guard that asks for what is not known": ("{finding: F, is: pass}", "{finding: F, is: unknown}", {f"{OPT}TRY.requires": B}),
    "a finding that has another result": ("result: unknown", "result: pass", {"findings.F.result": B}),
    "a finding by another": ("by: ann, why", "by: owner, why", {"findings.F.by": B}),
    "why a finding is so": ("why: It is so.", "why: It was so.", {"findings.F.why": N}),
    "a status that holds sooner": ("when: {leg: B/tried}", "when: {any: [{leg: B/tried}, {done: look}]}", {"statuses.FAR.when": L}),
    "statuses in another order": ("{id: FAR, when: {leg: B/tried}}, {id: NEAR, when: {done: look}}", "{id: NEAR, when: {done: look}}, {id: FAR, when: {leg: B/tried}}", {"statuses": L}),
    "who folds the registry": ("folded_by: owner", "folded_by: board", {"registry.folded_by": L}),
    "that only some reserve ids": ("registry: {prefix: T,", "registry: {prefix: T, reserved_by: agent,", {"registry.reserved_by": T}),
    "no registry": ("registry: {prefix: T, folded_by: owner}\n", "", {"registry": B}),
    "a promise less": ("safe: {never: {selecting: GO}, unless: {honoured: X}}, ", "", {"invariants.safe": L}),
    "a promise more": ("{safe:", "{again: {always_possible: {decide: ask/STOP}}, safe:", {"invariants.again": T}),
    "a promise that asks for less": ("unless: {honoured: X}", "unless: {any: [{honoured: X}, {honoured: W}]}", {"invariants.safe.unless": L}),
    "a promise that asks for more": ("unless: {honoured: X}", "unless: {all: [{honoured: X}, {honoured: W}]}", {"invariants.safe.unless": T}),
    "a promise about something else": ("{decide: ask/STOP}", "{decide: next/STOP}", {"invariants.back.always_possible": B}),
    "a lifecycle with a denial more": ("lifecycles: {use: standard-1}\n", LIFE, {"lifecycles.lane.close from closed": T, "lifecycles.lane.states.shut": N, "lifecycles.lane.close from open": L}),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_has_its_direction(name: str) -> None:
    was, is_, wanted = EDITS[name]

    assert told(OLD, changed((was, is_))) == wanted


@pytest.mark.parametrize(
    "name", [name for name, (_was, _is, wanted) in EDITS.items() if set(wanted.values()) <= {T, L} and not name.endswith((" less", " more"))]
)
def test_an_edit_that_is_taken_back_goes_the_other_way_or_shows_something_else(name: str) -> None:
    was, is_, wanted = EDITS[name]

    back = told(changed((was, is_)), OLD)

    turned = {T: {L, B}, L: {T, L, B, N}}
    assert set(back) == set(wanted)
    assert all(back[path] in turned[found] for path, found in wanted.items()), back


def test_a_policy_beside_itself_is_the_same_wherever_it_is_written() -> None:
    assert told(OLD, changed(("lanes:\n", "\n\n# moved\nlanes:\n"))) == {}


def effects(old: Policy, new: Policy) -> list[Effect]:
    return list({id(each): each for edit in compare(old, new) for each in edit.effects}.values())


def test_what_becomes_possible_and_impossible_is_told_with_the_fewest_facts() -> None:
    new = changed(("{all: [{grant: X}, {blocker: B, is: closed}]}", "{any: [{grant: X}, {grant: W}]}"))

    [found] = effects(OLD, new)

    assert (found.kind, found.name, found.act, found.then) == ("option", "ask/GO", "can be decided", ("action use",))
    assert found.opens is not None
    assert found.opens.facts in {("grant:W", "lane:gate"), ("grant:X", "lane:gate")}
    assert found.opens.smallest
    assert found.closes is None


def test_what_rests_on_an_edit_elsewhere_is_told_with_that_edit() -> None:
    new = changed(("      told: {by", "      more: {by: ann, evidence: {attest: more}}\n      told: {by"))

    [edit] = compare(OLD, new)

    assert {(each.kind, each.name, each.act) for each in edit.effects} == {("option", "ask/GO", "can be decided"), ("blocker", "B", "is closed")}
    option = next(each for each in edit.effects if each.kind == "option")
    assert option.closes is not None
    assert option.closes.facts == ("grant:X", "honoured:X (another record)", "lane:gate", "leg:B/tried")


def test_a_team_that_can_fill_an_authority_now_is_its_witness() -> None:
    new = changed(("{all: [{of: board, at_least: 2}]}", "{all: [{of: board}, {of: bob}]}"))

    [found] = effects(OLD, new)

    assert (found.kind, found.name, found.act) == ("packet", "next", "can be decided")
    assert found.opens is not None
    assert found.closes is not None
    assert sorted(found.opens.persons) in (["ann", "bob"], ["bob", "owner"])
    assert sorted(found.closes.persons) == ["ann", "owner"]


def test_an_option_that_stays_in_force_for_longer_is_told_though_it_is_entered_as_before() -> None:
    guard = "{all: [{grant: X}, {blocker: B, is: closed}]}"
    used = "{any: [{leg: B/tried}, {all: [{grant: X}, {any: [{not: {grant: X}}]}]}]}"
    old = changed((guard, "{leg: B/tried}"))
    new = changed((guard, used))

    [found] = effects(old, new)

    assert (found.name, found.act, found.direction) == ("ask/GO", "stays in force", Direction.LOOSENING)


def test_what_cannot_be_found_out_counts_as_loosening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "STEPS", 1)
    new = changed(("{all: [{grant: X}, {blocker: B, is: closed}]}", "{all: [{grant: X}, {grant: W}, {any: [{grant: X}, {leg: B/told}]}]}"))

    [edit] = compare(OLD, new)

    assert edit.direction is Direction.BOTH
    assert all(each.opens is not None and each.opens.unknown for each in edit.effects)


@pytest.mark.parametrize(
    ("was", "is_", "wanted"),
    [
        ("close, from: open, to: closed, by: member", "close, from: open, to: shut, by: member", {"close from open": B}),
        ("to: closed, by: member", "to: closed, by: authority", {"close from open": L}),
        ("to: closed, by: member", "to: closed, by: anyone", {"close from open": T}),
        ("to: open, by: authority", "to: open, by: member", {"open from closed": L}),
        ("to: open, by: authority", "to: open, by: authority, when: {grant: U}", {"open from closed.when": T}),
        ("to: closed, by: member", "to: closed, by: member, when: {grant: U}", {"close from open.when": B}),
        ("      - {trigger: open, from: closed, to: open, by: authority}\n", "      - {trigger: open, from: [closed, shut], to: open, by: authority}\n", {"open from shut": L}),
        ("open: {counts: true}", "open: {counts: true, honoured: true}", {"states.open.honoured": L}),
    ],
)  # fmt: skip
def test_a_lifecycle_goes_by_what_its_ways_lead_to(was: str, is_: str, wanted: dict[str, str]) -> None:
    text = TEXT.replace("lifecycles: {use: standard-1}\n", LIFE)

    found = told(load_policy(text.encode()), changed((was, is_), text=text))

    # Once a lane can be opened again from where it was shut, shutting it takes nothing away for good.
    assert {path.removeprefix("lifecycles.lane."): each for path, each in found.items()} == wanted


def test_a_lifecycle_that_some_guard_wants_not_to_count_goes_both_ways() -> None:
    text = TEXT.replace("lifecycles: {use: standard-1}\n", LIFE).replace("{not: {grant: U}}", "{not: {lane: gate}}")
    more = text.replace("closed, to: shut, by: member}", "closed, to: shut, by: anyone}").replace(
        "open: {counts: true}", "open: {counts: true, honoured: true}"
    )

    found = told(load_policy(text.encode()), load_policy(more.encode()))

    assert found == {"lifecycles.lane.close from closed": B, "lifecycles.lane.states.open.honoured": B}
    assert told(load_policy(text.encode()), load_policy(TEXT.encode()))["lifecycles.lane.states.shut"] == B


def test_a_lifecycle_state_that_is_gone_counts_no_more() -> None:
    text = TEXT.replace("lifecycles: {use: standard-1}\n", LIFE)

    assert told(load_policy(text.encode()), OLD) == {
        "lifecycles.lane.states.shut": T,
        "lifecycles.lane.close from closed": L,
        "lifecycles.lane.close from open": T,
    }


def test_a_lifecycle_that_starts_elsewhere_goes_both_ways() -> None:
    text = TEXT.replace("lifecycles: {use: standard-1}\n", LIFE)
    edits = ("initial: closed", "initial: shut"), ("open, from: closed", "open, from: [closed, shut]")

    assert told(load_policy(text.encode()), changed(*edits, text=text)) == {"lifecycles.lane.initial": B, "lifecycles.lane.open from shut": L}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ([("grants: {X: {", "grants: {Z: {renamed_from: X, "), ("honoured: X}}\n  C", "honoured: Z}}\n  C"), ("{grant: X}, ", "{grant: Z}, "),
          ("consumes: X}", "consumes: Z}"), ("unless: {honoured: X}", "unless: {honoured: Z}")], {"grants.Z": N}),
        ([("  gate: {", "  door: {renamed_from: gate, "), ("lane: gate, says", "lane: door, says")], {"lanes.door": N}),
        ([("  B:\n", "  BB:\n    renamed_from: B\n"), ("{blocker: B, is", "{blocker: BB, is"), ("{leg: B/tried}, {all", "{leg: BB/tried}, {all"),
          ("when: {leg: B/tried}", "when: {leg: BB/tried}")], {"blockers.BB": N}),
        ([("      tried: {", "      held: {renamed_from: tried, "), ("{leg: B/tried}, {all", "{leg: B/held}, {all"), ("when: {leg: B/tried}", "when: {leg: B/held}")],
          {"blockers.B.legs.held": N}),
        ([("  ask:\n", "  demand:\n    renamed_from: ask\n"), ("consumes: ask/TRY", "consumes: demand/TRY"), ("decide: ask/STOP", "decide: demand/STOP")],
          {"packets.demand": L}),
        ([("id: TRY, ", "id: TEST, renamed_from: TRY, "), ("opens_when: {selected: TRY}", "opens_when: {selected: TEST}"), ("consumes: ask/TRY", "consumes: ask/TEST"),
          ("needs: {selected: TRY}", "needs: {selected: ask/3}")], {f"{OPT}TEST": L}),
        ([("{use: {touches", "{apply: {renamed_from: use, touches"), ("needs: {done: use}", "needs: {done: apply}")], {"actions.apply": N}),
        ([("  ann: {", "  anna: {renamed_from: ann, "), ("[owner, ann]", "[owner, anna]"), ("{by: ann, ev", "{by: anna, ev"), ("by: ann, why", "by: anna, why")],
          {"actors.anna": L}),
        ([("{board: {", "{council: {renamed_from: board, "), ("{scope: live, issuer: board}", "{scope: live, issuer: council}"),
          ("{scope: work, issuer: board}", "{scope: work, issuer: council}"), ("{of: board, at", "{of: council, at")], {"roles.council": N}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_rename_that_is_declared_is_a_rename(names: list[tuple[str, str]], wanted: dict[str, str]) -> None:
    new = changed(*names)

    found = told(OLD, new)
    bare = load_policy(re.sub(r"renamed_from: \w+(, |\n +)", "", "".join(_text_of(names))).encode())

    assert {path: each for path, each in found.items() if path in wanted} == wanted
    assert [path for path in found if path not in wanted] == []
    assert len(told(OLD, bare)) > len(wanted), "what is not declared is one thing gone, and another new"
    assert told(new, bare) == {}


def _text_of(names: list[tuple[str, str]]) -> str:
    text = TEXT
    for was, is_ in names:
        text = text.replace(was, is_)
    return text


def test_a_rename_of_what_is_still_there_or_was_never_is_none() -> None:
    more = "  more: {renamed_from: %s, scope: work, opened_by: owner}\n  main: {scope"
    assert told(OLD, changed(("  main: {scope", more % "gate"))) == {"lanes.more": N}
    assert told(OLD, changed(("  main: {scope", more % "nothing"))) == {"lanes.more": N}
    assert told(OLD, changed(("gate: {scope: live, opened_by: owner}", "gate: {renamed_from: main, scope: live, opened_by: owner}"))) == {}


def test_two_that_claim_one_name_are_both_new() -> None:
    text = TEXT.replace(
        ", W: {scope: live, issuer: board}", ", V: {renamed_from: W, scope: live, issuer: board}, Z: {renamed_from: W, scope: live, issuer: board}"
    )

    assert told(OLD, load_policy(text.encode())) == {"grants.V": N, "grants.Z": N, "grants.W": T}


def test_what_is_renamed_and_edited_is_told_by_its_new_name() -> None:
    new = changed((", W: {scope: live, issuer: board}", ", V: {renamed_from: W, scope: live, issuer: owner}"))

    assert told(OLD, new) == {"grants.V": N, "grants.V.issuer": T}


def test_a_substitute_of_a_renamed_leg_stands_in_for_the_same() -> None:
    like = "      like: {by: agent, evidence: {rehearsal: toy}, stands_in_for: tried}\n      told:"
    old = changed(("      told:", like))
    names = [
        ("      tried: {", "      held: {renamed_from: tried, "),
        ("{leg: B/tried}, {all", "{leg: B/held}, {all"),
        ("when: {leg: B/tried}", "when: {leg: B/held}"),
    ]
    new = changed(("      told:", like.replace("stands_in_for: tried", "stands_in_for: held")), *names)

    assert told(old, new) == {"blockers.B.legs.held": N}


def test_a_waiver_in_other_words_shows_owners_something_else_and_one_that_goes_tightens() -> None:
    waived = [("title: A question", f"title: A question\n    separation_waiver: {why}.") for why in ("Nobody else", "Nobody is left")]
    old, new = (changed(each) for each in waived)

    assert told(old, new) == {"packets.ask.separation_waiver": L}
    assert told(old, OLD) == {"packets.ask.separation_waiver": T}


def test_directions_join() -> None:
    assert [direction(opens=opens, closes=closes).value for opens in (True, False) for closes in (True, False)] == [B, L, T, N]
    assert joined([Direction.LOOSENING, Direction.TIGHTENING]) is Direction.BOTH
    assert joined([]) is Direction.NEITHER
    assert Edit("a", "b", OLD.at, Direction.BOTH).direction.tightens
