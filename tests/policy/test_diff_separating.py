"""Whom evidence keeps from deciding is part of what an option means, and so is what a rename leaves behind."""

import re

import pytest

from govern.policy.diff.edits import Direction, Edit
from govern.policy.diff.policies import compare, loosens
from govern.policy.load import load_policy
from govern.policy.model import Policy
from support.policies import one_option

ROLES = "{board: {members: [ann, bob, cyn]}, everyone: {members: [owner, agent, robot]}}"
BLOCKERS = "{B: {legs: {l: {by: %s, evidence: {packet: one}}, m: {by: %s, evidence: {packet: two}}, w: {by: owner, evidence: {attest: word}}}}}"
BOTH = "{all: [{leg: B/l}, {any: [{leg: B/m}, {leg: B/l}]}]}"
EITHER = "{any: [{leg: B/l}, {leg: B/m}]}"
T, L, B, N = Direction.TIGHTENING, Direction.LOOSENING, Direction.BOTH, Direction.NEITHER


def policy(requires: str, by: str = "everyone", **sections: str) -> Policy:
    text = one_option(requires, **{"blockers": BLOCKERS % (by, by), "roles": ROLES, **sections})
    return load_policy(text.encode())


def only(edits: tuple[Edit, ...]) -> Edit:
    [edit] = edits
    return edit


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (BOTH, "{leg: B/l}", L),
        (EITHER, "{leg: B/l}", B),
        ("{leg: B/l}", BOTH, T),
        ("{leg: B/l}", EITHER, B),
        (BOTH, "{all: [{any: [{leg: B/l}, {leg: B/m}]}, {leg: B/l}]}", N),
        ("{all: [{leg: B/l}, {any: [{leg: B/w}, {leg: B/l}]}]}", "{leg: B/l}", N),
    ],
)
def test_a_leg_that_an_option_rests_on_no_more_lets_its_maker_decide(old: str, new: str, wanted: Direction) -> None:
    before, after = policy(old), policy(new)

    assert only(compare(before, after)).direction is wanted
    assert loosens(before, after) is wanted.loosens


def test_who_is_free_to_decide_is_told_with_the_edit() -> None:
    edit = only(compare(policy(BOTH), policy("{leg: B/l}")))
    [effect] = edit.effects

    assert (edit.path, effect.name, effect.act) == ("packets.ask.options.GO.requires", "ask/GO", "can be decided")
    assert effect.opens is not None
    assert effect.opens.facts == ("who made the evidence of B/m",)
    assert effect.opens.persons == ("owner",)
    assert effect.closes is None


def test_where_no_decider_makes_evidence_or_the_rule_is_waived_nothing_is_let_go() -> None:
    waived = "\n    separation_waiver: There is nobody else."

    assert only(compare(policy(BOTH, by="agent"), policy("{leg: B/l}", by="agent"))).direction is N
    text = one_option(BOTH, packet=waived, blockers=BLOCKERS % ("everyone", "everyone"), roles=ROLES)
    without = text.replace(BOTH, "{leg: B/l}")
    assert only(compare(load_policy(text.encode()), load_policy(without.encode()))).direction is N


def test_who_may_decide_by_delegation_is_kept_out_and_let_go_as_a_decider_is() -> None:
    def text(requires: str) -> Policy:
        return load_policy(one_option(requires, option=", delegable: true", roles=ROLES, blockers=BLOCKERS % ("robot", "agent")).encode())

    edit = only(compare(text(BOTH), text("{leg: B/l}")))

    assert edit.direction is L
    assert edit.effects[0].opens is not None
    assert edit.effects[0].opens.persons == ("agent",)


def test_a_leg_that_a_lane_rests_on_keeps_its_maker_out_too() -> None:
    lanes = "{main: {scope: work, standing: true}, side: {scope: work, opens_when: %s}}"

    def text(opens_when: str) -> Policy:
        roles, blockers = ROLES, BLOCKERS % ("everyone", "everyone")
        return load_policy(one_option("{leg: B/w}", option=", lane: side", lanes=lanes % opens_when, roles=roles, blockers=blockers).encode())

    edit = only(compare(text(BOTH), text("{leg: B/l}")))

    assert (edit.path, edit.direction) == ("lanes.side.opens_when", L)


def test_evidence_that_becomes_a_word_keeps_nobody_out() -> None:
    before = policy("{leg: B/l}")
    after = policy("{leg: B/l}", blockers=(BLOCKERS % ("everyone", "everyone")).replace("{packet: one}", "{attest: one}"))

    opened = [effect.opens.facts for edit in compare(before, after) for effect in edit.effects if effect.opens]
    assert ("who made the evidence of B/l",) in opened


def renaming(text: str, *names: tuple[str, str, str]) -> Edit:
    """Return what is said of a declared rename: each a text, and what it is renamed to, with what was written of it."""
    after = text
    for was, is_, declared in names:
        after = after.replace(declared, declared.replace(f"{was}: {{", f"{is_}: {{renamed_from: {was}, ", 1))
        after = re.sub(rf"(grant|lane|blocker|done): {was}\b", rf"\1: {is_}", after).replace(f"B/{was}", f"B/{is_}")
    return only(compare(load_policy(text.encode()), load_policy(after.encode())))


GRANTS = "{G: {scope: work, issuer: owner}}"
ONE = "{B: {legs: {k: {by: agent, evidence: {packet: a}}}}, D: {legs: {w: {by: owner, requires: {done: u}}}}}"
LANES = "{main: {scope: work, standing: true}, side: {scope: work, opens_when: {grant: G}}, gate: {scope: live, opened_by: owner}}"
ACTIONS = "{u: {needs: {selected: GO}}}"


@pytest.mark.parametrize(
    ("requires", "rename", "wanted"),
    [
        ("{grant: G}", ("G", "K", "G: {scope"), N),
        ("{not: {grant: G}}", ("G", "K", "G: {scope"), L),
        ("{not: {lane: side}}", ("G", "K", "G: {scope"), L),
        ("{not: {lane: side}}", ("side", "wide", "side: {scope"), N),
        ("{lane: gate}", ("gate", "door", "gate: {scope"), N),
        ("{not: {lane: gate}}", ("gate", "door", "gate: {scope"), L),
        ("{blocker: B, is: closed}", ("B", "C", "B: {legs"), N),
        ("{blocker: B, is: open}", ("B", "C", "B: {legs"), L),
        ("{not: {blocker: B, is: closed}}", ("B", "C", "B: {legs"), L),
        ("{not: {blocker: B, is: closed}}", ("k", "h", "k: {by"), L),
        ("{leg: B/k}", ("k", "h", "k: {by"), N),
        ("{blocker: B, is: closed}", ("u", "v", "u: {needs"), N),
        ("{not: {blocker: D, is: closed}}", ("u", "v", "u: {needs"), L),
    ],
)
def test_a_rename_of_what_some_guard_wants_not_to_count_loosens(requires: str, rename: tuple[str, str, str], wanted: Direction) -> None:
    text = one_option(requires, grants=GRANTS, blockers=ONE, lanes=LANES, actions=ACTIONS)

    assert renaming(text, rename).direction is wanted


@pytest.mark.parametrize(("rename", "by"), [(("l", "h", "l: {by"), "everyone"), (("B", "C", "B: {legs"), "everyone"), (("l", "h", "l: {by"), "agent")])
def test_a_rename_of_a_leg_frees_the_decider_who_made_its_evidence(rename: tuple[str, str, str], by: str) -> None:
    text = one_option("{blocker: B, is: closed}", roles=ROLES, blockers=BLOCKERS % (by, by))

    edit = renaming(text, rename)

    assert edit.direction is (L if by == "everyone" else N)
    assert [(effect.name, effect.act) for effect in edit.effects] == ([("ask/GO", "can be decided")] if by == "everyone" else [])
