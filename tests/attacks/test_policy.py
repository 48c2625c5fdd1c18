"""Attacks on the policy: edited, adopted by too few, by themselves, under themselves, or disguised as harmless."""

from pathlib import Path
from typing import Any

import pytest

from govern.canonical import digest
from govern.problems import Exit
from support.attacks import POLICY, Victim, key, own, pen, start_yard
from support.cli import EXECUTION, waived

BOARD = "adopted_by: {all: [{of: board, at_least: 2}]}"
ADOPT = ("policy", "adopt", "--reason", "it must change")


def working(victim: Victim, *changes: tuple[str, str], version: int = 2) -> None:
    """Change the working policy by hand, as a version."""
    text = POLICY.replace("version: 1", f"version: {version}")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    victim.policy.write_text(text, encoding="utf-8")


def body_of(victim: Victim, **more: Any) -> dict[str, Any]:
    """Return the body that adopts the working policy, which is kept as an adoption keeps it."""
    content = victim.policy.read_bytes()
    kept = victim.root / "governance" / "policy"
    (kept / f"{digest(content)}.yaml").write_bytes(content)
    templates = {path.name: digest(path.read_bytes()) for path in sorted((victim.root / "templates").glob("*.j2"))}
    return {"version": 2, "policy": digest(content), "previous": digest(POLICY.encode()), "templates": templates, "reason": "it must change", **more}


def confirmed(victim: Victim, *words: str) -> tuple[str, ...]:
    """Return the words of an adoption with the code that confirms it."""
    return (*words, "--accept-weakening", "--confirm", victim.code(*words, "--accept-weakening"))


def test_row_23_a_guard_that_was_taken_out_of_the_file_is_still_in_force(real: Victim) -> None:
    before = real.asks("why-blocked", EXECUTION)
    real.replace("states.yaml", "        requires: {grant: PRODUCTION_DRYRUN}\n", "")
    text = real.policy.read_text(encoding="utf-8")
    start = text.index("        requires:\n          all:\n            - {leg: FIX7-P0-DRYRUN-PROD-ROLLBACK-1/real-dump}\n", text.index('number: "5"'))
    real.policy.write_text(text[:start] + text[text.index("        says: The production change itself") :], encoding="utf-8")
    real.warns("POLICY_DIRTY")
    after = real.asks("why-blocked", EXECUTION)
    assert [(each["id"], each["satisfied"]) for each in after["requirements"]] == [(each["id"], each["satisfied"]) for each in before["requirements"]]
    assert after["allowed"] is False
    for words in (("note", "x"), ("grant", "record", "QT001"), ("grant", "request", "QT001", "--reason", "x")):
        ran = real.refuses(*words, *own("owner"), "--json")
        assert {each["code"] for each in ran.answer["diagnostics"]} <= {"POLICY_DIRTY", "NOT_CONFIRMED"}
    real.meets("POLICY_DIRTY", by=("note", "x", *own("owner")), status=Exit.REFUSED, told="states.yaml is not the adopted policy (version 1")


def test_row_23_a_transition_under_a_policy_that_nobody_adopted_is_refused(real: Victim) -> None:
    words = ("decide", "3", *own("owner"))
    assert real.asks(*words, "--dry-run")["allowed"] is False
    real.replace("states.yaml", "        requires: {grant: PRODUCTION_DRYRUN}\n", "")
    real.meets("MISSING", by=words, status=Exit.REFUSED, told="PRODUCTION_DRYRUN")


def test_row_24_a_policy_with_one_word_of_two_is_not_in_force(yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"))
    done = yard.does(*confirmed(yard, *ADOPT, *own("ann")), "--json").answer["result"]
    assert done["in_force"] is False
    yard.meets("POLICY_THRESHOLD", by=(*ADOPT, *own("ann")), status=Exit.REFUSED, told="the word of ann for this policy is already on record")
    yard.meets("POLICY_THRESHOLD", by=(*ADOPT, "--as", "ann", *key("ann-2")), status=Exit.REFUSED, told="another's is wanted")
    yard.meets("POLICY_DIRTY", by=("note", "x", *own("ann")), status=Exit.REFUSED)
    seq = yard.forge("adopt", "ann", body_of(yard), pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "POLICY_THRESHOLD", seq=seq)


def test_row_24_a_record_under_a_policy_that_has_too_few_words_is_refused(yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"))
    body = body_of(yard)
    yard.forge("adopt", "ann", body, pen("ann"))
    said = yard.statement("note", "maker", {"text": "x"})._replace(policy=body["policy"])
    seq = yard.append(yard.line(said))
    yard.meets("RECORD_NOT_ALLOWED", seq=seq, told=f"it was made under policy {body['policy'][:12]}")


@pytest.mark.parametrize("actor", ["dan", "maker"])
def test_row_24_who_has_no_word_on_the_policy_adopts_none(actor: str, yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"))
    by = own("dan") if actor == "dan" else ("--as", actor)
    yard.meets("UNAUTHORISED", by=(*ADOPT, *by), status=Exit.REFUSED, told=f"{actor} may not adopt a policy")
    seq = yard.forge("adopt", actor, body_of(yard), pen("dan") if actor == "dan" else None)
    yard.meets("RECORD_NOT_ALLOWED", "UNAUTHORISED", seq=seq, told=f"{actor} may not adopt a policy")


def test_row_24_a_word_on_the_policy_in_anothers_name_is_refused(yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"))
    yard.meets("KEY_NOT_IN_ROLE", by=(*ADOPT, "--as", "ann", *key("dan")), status=Exit.REFUSED, told="which is dan's, not ann's")


@pytest.mark.parametrize("version", [1, 3])
def test_row_25_a_version_that_does_not_follow_is_refused(version: int, yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"), version=version)
    yard.meets("POLICY_VERSION", by=(*ADOPT, *own("ann")), status=Exit.REFUSED, told=f"version {version} follows version 1; wanted 2")
    seq = yard.forge("adopt", "ann", body_of(yard, version=version), pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "POLICY_VERSION", seq=seq)


def test_row_25_a_policy_that_replaces_another_than_the_one_in_force_is_refused(yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"))
    seq = yard.forge("adopt", "ann", body_of(yard, previous="0" * 64), pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "POLICY_PREV", seq=seq, told="it replaces 000000000000")


def test_row_25_a_text_of_another_version_than_its_record_says_is_refused(yard: Victim) -> None:
    working(yard, ("title: A yard", "title: My yard"), version=3)
    body = body_of(yard)
    yard.forge("adopt", "ann", body, pen("ann"))
    seq = yard.forge("adopt", "bob", body, pen("bob"))
    yard.meets("RECORD_NOT_ALLOWED", seq=seq, told="the adopted text says version 3, the record 2")


def test_row_26_a_policy_that_lowers_its_own_threshold_is_judged_under_the_one_in_force(yard: Victim) -> None:
    working(yard, (BOARD, "adopted_by: ann"))
    done = yard.does(*confirmed(yard, *ADOPT, *own("ann")), "--json").answer["result"]
    assert done["in_force"] is False
    yard.meets("POLICY_THRESHOLD", by=(*ADOPT, *own("ann")), status=Exit.REFUSED, told="another's is wanted")


GUARD = "requires: {all: [{leg: READY/tried}, {grant: LEAVE}]}"
REVIVED = """lifecycles:
  use: standard-1
  lane:
    initial: closed
    states: {closed: {}, opened: {counts: true}, reopened: {counts: true}}
    transitions:
      - {trigger: open, from: closed, to: opened, by: authority}
      - {trigger: open, from: opened, to: reopened, by: anyone}
      - {trigger: close, from: [opened, reopened], to: closed, by: member}
"""
WEAKENED: dict[str, tuple[str, str, str]] = {
    "a guard that is gone": (f"{GUARD}, ", "", "packets.ask.options.CHANGE.requires"),
    "half a guard": (GUARD, "requires: {leg: READY/tried}", "the guard is another"),
    "a wider guard": (GUARD, "requires: {any: [{leg: READY/tried}, {grant: LEAVE}]}", "the guard is another"),
    "a longer life": ("expires_after: 30d", "expires_after: 31d", "it lasts longer"),
    "a life without end": (", expires_after: 30d", "", "it lasts longer"),
    "a lower threshold": (BOARD, "adopted_by: {all: [{of: board}]}", "policy.adopted_by"),
    "one more who decides": ("members: [ann, bob, cyn]", "members: [ann, bob, cyn, dan]", "roles.board.members"),
    "a scope that is protected no more": ("The live system., protected: true", "The live system.", "scopes.live.protected"),
    "a weaker key": ("kind: person, signs_with: verified", "kind: person", "verified was asked for, and any is enough now"),
    "signatures that are waived": ("policy: {", "policy: {signature_waiver: Nobody has time., ", "a rule is waived"),
    "an option without a packet of its own": ("FAR, scope: other, lane: far", "FAR, scope: work", "packets.ask.options.FAR"),
    "a state with another name": ("{state: closed, when: {legs: all}, closes: true}", "{state: sealed, when: {legs: all}, closes: true}", "blocker_states"),
    "a state and a way more": ("lifecycles: {use: standard-1}\n", REVIVED, "lifecycles.lane"),
}


@pytest.mark.parametrize("name", WEAKENED)
def test_row_27_a_version_that_permits_more_says_so_and_is_not_adopted_by_the_way(name: str, yard: Victim) -> None:
    old, new, told = WEAKENED[name]
    working(yard, (old, new))
    found = [each for each in yard.run(*ADOPT, *own("ann"), "--json").answer["diagnostics"] if each["severity"] == "error"]
    yard.meets(*["POLICY_WEAKENING"] * max(len(found), 1), by=(*ADOPT, *own("ann")), status=Exit.REFUSED)
    assert any(told in each["message"] for each in found), found
    assert all(each["file"] and each["line"] for each in found)
    yard.meets(*["POLICY_WEAKENING"] * len(found), by=(*ADOPT, *own("ann"), "--confirm", yard.code(*ADOPT, *own("ann"))), status=Exit.REFUSED)


BEGUN = POLICY.replace("  - {state: open}\n", "  - {state: begun, when: {legs: any}}\n  - {state: open}\n").replace(
    "{leg: READY/tried}", "{blocker: READY, is: begun}"
)
HARDWARE = POLICY.replace("roles:\n", "roles:\n  keyed: {members: [ann, bob], signs_with: hardware}\n")
UNSEEN: dict[str, tuple[str, str, str]] = {
    "a leg more where any leg is enough": (BEGUN, "      seen: {by: dan", "      easy: {by: dan, evidence: {attest: nothing}}\n      seen: {by: dan"),
    "a member who leaves the role that asks for a hardware key": (HARDWARE, "members: [ann, bob], signs_with", "members: [bob], signs_with"),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_row_27_a_version_that_permits_more_by_less_is_told_too(name: str, tmp_path: Path) -> None:
    policy, old, new = UNSEEN[name]
    yard = start_yard(tmp_path / "yard", waived(policy))
    yard.replace("states.yaml", old, new)
    yard.replace("states.yaml", "version: 1", "version: 2")
    yard.meets("POLICY_WEAKENING", by=(*ADOPT, "--as", "ann"), status=Exit.REFUSED)


def test_row_27_an_edited_template_shows_something_else(real: Victim) -> None:
    path = real.root / "templates" / "decision-packet.md.j2"
    path.write_text(path.read_text(encoding="utf-8").replace("{% for", "All is well.\n{% for", 1), encoding="utf-8")
    real.replace("states.yaml", "id: FIX7-P0, version: 1", "id: FIX7-P0, version: 2")
    real.meets("POLICY_WEAKENING", by=(*ADOPT, *own("owner")), status=Exit.REFUSED, told="templates/decision-packet.md.j2 shows something else")


NEW_JUDGES: dict[str, tuple[tuple[str, ...], str]] = {
    "signed by the new alone": (("dan",), "adopted_by: dan"),
    "signed by the old alone": (("ann", "bob"), "adopted_by: dan"),
    "below the old threshold": (("ann", "dan"), "adopted_by: dan"),
    "below the new threshold": (("ann", "bob"), "adopted_by: {all: [{of: board, at_least: 3}]}"),
}


@pytest.mark.parametrize("name", NEW_JUDGES)
def test_row_28_a_policy_with_other_judges_needs_the_old_and_the_new(name: str, yard: Victim) -> None:
    actors, judges = NEW_JUDGES[name]
    working(yard, (BOARD, judges))
    body = body_of(yard)
    for actor in actors:
        yard.forge("adopt", actor, body, pen(actor))
    assert yard.does("verify").status == Exit.YES, "each word is on record"
    said = yard.statement("note", "maker", {"text": "x"})._replace(policy=body["policy"])
    seq = yard.append(yard.line(said))
    yard.meets("RECORD_NOT_ALLOWED", seq=seq, told="was in force")
    yard.write(yard.lines[:-1])
    seq = yard.forge("adopt", actors[-1], body, pen(actors[-1]))
    yard.meets("RECORD_NOT_ALLOWED", "POLICY_THRESHOLD", seq=seq, told="is already on record; another's is wanted")


def test_row_29_an_agent_does_not_stand_where_a_person_must(yard: Victim) -> None:
    working(yard, (BOARD, "adopted_by: bot"))
    yard.meets("SCHEMA_ROLE_KIND", by=(*ADOPT, *own("ann")), status=Exit.UNJUDGED, told="bot")
    ran = yard.refuses("check", "--json", status=Exit.NO)
    assert "SCHEMA_ROLE_KIND" in [each["code"] for each in ran.answer["diagnostics"]]


def test_row_29_an_agent_among_those_who_decide_gives_no_word(yard: Victim) -> None:
    working(yard, ("members: [ann, bob, cyn]", "members: [ann, bot]"))
    yard.meets(*["SCHEMA_ROLE_KIND"] * 3, by=(*ADOPT, *own("ann")), status=Exit.UNJUDGED, told="`bot` is no person and cannot be part of `adopted_by`")
    seq = yard.forge("adopt", "ann", body_of(yard), pen("ann"))
    yard.meets("POLICY_MISSING", *["SCHEMA_ROLE_KIND"] * 3, status=Exit.UNJUDGED, seq=seq, told="cannot be read")


def test_row_54_a_policy_and_a_template_that_a_change_brings_along_have_no_effect(real: Victim) -> None:
    before = real.does("packet", "final-real-data").out
    path = real.root / "templates" / "decision-packet.md.j2"
    path.write_text("All is well.\n", encoding="utf-8")
    real.replace("states.yaml", "decided_by: owner", "decided_by: operator")
    real.warns("POLICY_DIRTY", "TEMPLATE_DIRTY")
    assert real.does("packet", "final-real-data").out == before
    real.meets("UNAUTHORISED", by=("decide", "2", *own("operator")), status=Exit.REFUSED, told="authority:decide")
    real.meets("POLICY_DIRTY", "TEMPLATE_DIRTY", by=("note", "x", *own("owner")), status=Exit.REFUSED, told="states.yaml is not the adopted policy")


def test_row_54_a_policy_that_was_put_among_the_adopted_ones_is_not_adopted(yard: Victim) -> None:
    working(yard, (BOARD, "adopted_by: ann"))
    content = yard.policy.read_bytes()
    adopted = digest(POLICY.encode())
    kept = yard.root / "governance" / "policy" / f"{adopted}.yaml"
    kept.write_bytes(content)
    yard.meets("POLICY_MISSING", "POLICY_DIGEST", told="cannot be read")
