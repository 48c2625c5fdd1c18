"""Attacks by one who plays two parts, by what was delegated, and by what was taken back."""

from typing import Any

import pytest

from govern.canonical import digest
from govern.problems import Exit
from support.attacks import POLICY, MoveAway, Victim, key, key_folder, own, pen
from support.cli import Clock

TRIAL = {"grant": "TRIAL", "scope": "work"}
TRY = ("decide", "ask/TRY")
SEPARATE = {"packet": "ask", "options": ["TRY"], "scope": "work", "uses": 1, "to": "bot"}


def test_row_39_who_asked_for_a_grant_does_not_give_it(yard: Victim) -> None:
    [seq] = yard.does("grant", "request", "TRIAL", "--reason", "x", *own("ann")).seqs
    words = ("grant", "record", f"TRIAL#{seq}", "--as", "ann")
    for file in ("ann", "ann-2"):
        yard.meets("SOD", by=(*words, *key(file)), status=Exit.REFUSED, told=f"ann asked for TRIAL#{seq} and cannot grant it")
    forged = yard.forge("grant", "ann", {**TRIAL, "instance": seq}, pen("ann-2"))
    yard.meets("RECORD_NOT_ALLOWED", "SOD", seq=forged, told=f"ann asked for TRIAL#{seq}")


def test_row_39_who_proposed_a_policy_does_not_adopt_it(yard: Victim) -> None:
    content = POLICY.replace("version: 1", "version: 2").replace("title: A yard", "title: My yard").encode()
    (yard.root / "governance" / "policy" / f"{digest(content)}.yaml").write_bytes(content)
    yard.policy.write_bytes(content)
    proposed = yard.forge("propose", "ann", {"policy": digest(content), "version": 2, "reason": "x"}, pen("ann"))
    for file in ("ann", "ann-2"):
        words = ("policy", "adopt", "--reason", "x", "--as", "ann", *key(file))
        yard.meets("SOD", by=words, status=Exit.REFUSED, told=f"ann proposed this policy (record #{proposed})")
    templates = {path.name: digest(path.read_bytes()) for path in sorted((yard.root / "templates").glob("*.j2"))}
    body = {"version": 2, "policy": digest(content), "previous": digest(POLICY.encode()), "templates": templates, "reason": "x"}
    seq = yard.forge("adopt", "ann", body, pen("ann-2"))
    yard.meets("RECORD_NOT_ALLOWED", "SOD", seq=seq, told="ann proposed this policy")


def test_row_39_nobody_has_an_alias(yard: Victim) -> None:
    for name in ("ann-2", "ann"):
        words = ("key", "enroll", str(key_folder() / f"{name}.pub"), "--for", "maker", *own("bob"))
        yard.meets("REFUSED", by=words, status=Exit.REFUSED, told="is ann's since record #")
    yard.meets("UNAUTHORISED", by=("note", "x", "--as", "Ann", *key("ann")), status=Exit.REFUSED, told="no actor is called Ann")


def test_row_40_who_prepared_what_is_decided_on_does_not_decide_it(yard: Victim, move_away: MoveAway) -> None:
    move_away()
    yard.write(yard.lines[:-1])
    prepared = yard.forge("prepare", "ann", {"packet": "ask"}, pen("ann"))
    yard.forge("issue", "maker", {"packet": "ask"})
    for file in ("ann", "ann-2"):
        yard.meets("SOD", by=(*TRY, "--as", "ann", *key(file)), status=Exit.REFUSED, told=f"(record #{prepared})")
    sha256 = yard.asks(*TRY, *own("bob"), "--dry-run")["packet_sha256"]
    seq = yard.forge("decide", "ann", {"packet": "ask", "option": "TRY", "packet_sha256": sha256}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "SOD", seq=seq, told=f"record #{prepared}")


@pytest.mark.parametrize("file", ["ann", "ann-2"])
def test_row_40_who_approved_an_action_does_not_carry_it_out_where_that_is_forbidden(file: str, yard: Victim) -> None:
    yard.confirms(*TRY, *own("bob"))
    [grant] = yard.confirms("grant", "record", "SPARE", *own("ann")).seqs
    seq = yard.forge("begin", "ann", {"action": "spare", "grant": grant}, pen(file))
    yard.meets("RECORD_NOT_ALLOWED", "SOD", seq=seq, told=f"ann gave a word that spare rests on (record #{grant})")


def test_row_40_who_approved_nothing_carries_it_out(yard: Victim) -> None:
    yard.confirms(*TRY, *own("bob"))
    [grant] = yard.confirms("grant", "record", "SPARE", *own("ann")).seqs
    yard.forge("begin", "cyn", {"action": "spare", "grant": grant}, pen("cyn"))
    assert yard.does("verify").status == Exit.YES


DELEGATIONS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "wider": ("ann", {"options": ["TRY", "FAR"]}, "SCOPE", "scope:ask/FAR"),
    "of another scope": ("ann", {"scope": "other"}, "SCOPE", "scope:ask/TRY"),
    "of a protected scope": ("ann", {"options": ["CHANGE"], "scope": "live"}, "SCOPE", "CHANGE"),
    "to another": ("ann", {"to": "maker"}, "UNAUTHORISED", "maker"),
    "from another": ("bob", {}, "UNAUTHORISED", "bot"),
    "of no use": ("ann", {"uses": 0}, "REFUSED", "delegation:uses"),
}


@pytest.mark.parametrize("name", DELEGATIONS)
def test_row_41_a_delegation_is_no_wider_than_what_its_giver_may_give(name: str, yard: Victim) -> None:
    actor, changed, code, told = DELEGATIONS[name]
    seq = yard.forge("delegate", actor, {**SEPARATE, **changed}, pen(actor))
    ran = yard.run("verify", "--json")
    codes = [each["code"] for each in ran.answer["diagnostics"]]
    assert codes[0] == "RECORD_NOT_ALLOWED"
    yard.meets(*codes, seq=seq)
    assert codes[1:] == [code], ran
    assert any(told in each["message"] for each in ran.answer["diagnostics"][1:]), ran


def test_row_41_what_was_delegated_is_not_delegated_on(yard: Victim) -> None:
    yard.confirms("delegate", "ask/TRY", "--to", "bot", *own("ann"))
    seq = yard.forge("delegate", "bot", {**SEPARATE, "to": "maker"})
    yard.meets("RECORD_NOT_ALLOWED", "UNAUTHORISED", "UNAUTHORISED", seq=seq)


def test_row_41_a_delegation_is_not_used_longer_wider_or_more_often(yard: Victim, clock: Clock) -> None:
    [seq] = yard.confirms("delegate", "ask/TRY", "--to", "bot", "--expires", "2026-07-02T00:00:00Z", *own("ann")).seqs
    yard.meets("UNAUTHORISED", by=("decide", "ask/FAR", "--as", "bot"), status=Exit.REFUSED, told="no delegation of FAR to bot is on record")
    yard.confirms(*TRY, "--as", "bot")
    yard.meets("UNAUTHORISED", by=(*TRY, "--as", "bot"), status=Exit.REFUSED, told=f"the delegation of record #{seq} is used up")
    [again] = yard.confirms("delegate", "ask/TRY", "--to", "bot", "--expires", "2026-07-02T00:00:00Z", *own("ann")).seqs
    clock.set("2026-07-02T00:00:00Z")
    yard.meets("UNAUTHORISED", by=(*TRY, "--as", "bot"), status=Exit.REFUSED, told=f"the delegation of record #{again} has expired")


def test_row_41_a_delegation_that_was_taken_back_is_worth_nothing(yard: Victim) -> None:
    [seq] = yard.confirms("delegate", "ask/TRY", "--to", "bot", *own("ann")).seqs
    code = yard.code(*TRY, "--as", "bot")
    [back] = yard.does("grant", "revoke", f"#{seq}", "--reason", "no more", *own("ann")).seqs
    told = f"the delegation of record #{seq} was revoked by record #{back}"
    yard.meets("UNAUTHORISED", by=(*TRY, "--as", "bot", "--confirm", code), status=Exit.REFUSED, told=told)
    sha256 = yard.asks(*TRY, *own("bob"), "--dry-run")["packet_sha256"]
    forged = yard.forge("decide", "bot", {"packet": "ask", "option": "TRY", "packet_sha256": sha256, "delegation": seq})
    yard.meets("RECORD_NOT_ALLOWED", "UNAUTHORISED", seq=forged, told=told)


def test_row_42_a_grant_that_was_taken_back_is_not_used(yard: Victim) -> None:
    yard.confirms(*TRY, *own("ann"))
    [grant] = yard.confirms("grant", "record", "TRIAL", *own("ann")).seqs
    [back] = yard.does("grant", "revoke", f"TRIAL#{grant}", "--reason", "no more", *own("ann")).seqs
    [found] = yard.asks("why-blocked", "TRIAL")["requirements"]
    assert (found["cause"], found["record"]) == ("revoked", back)
    seq = yard.forge("begin", "maker", {"action": "try", "grant": grant})
    yard.meets("RECORD_NOT_ALLOWED", "REVOKED", "REVOKED", seq=seq, told=f"TRIAL#{grant} is revoked (record #{back})")


def test_row_42_a_grant_that_was_taken_back_between_the_check_and_the_act_opens_nothing(real: Victim) -> None:
    [grant] = real.confirms("grant", "record", "PRODUCTION_DRYRUN", *own("owner")).seqs
    words = ("decide", "3", *own("owner"))
    code = real.code(*words)
    real.does("grant", "revoke", f"PRODUCTION_DRYRUN#{grant}", "--reason", "no more", *own("owner"))
    real.meets("REVOKED", by=(*words, "--confirm", code), status=Exit.REFUSED, told="grant:PRODUCTION_DRYRUN")


def test_row_42_a_grant_that_was_taken_back_ends_the_option_that_rests_on_it(real: Victim) -> None:
    [grant] = real.confirms("grant", "record", "PRODUCTION_DRYRUN", *own("owner")).seqs
    real.confirms("decide", "3", *own("owner"))
    assert real.asks("why", "production-dryrun")["allowed"] is True
    real.does("grant", "revoke", f"PRODUCTION_DRYRUN#{grant}", "--reason", "no more", *own("owner"))
    assert real.asks("why-blocked", "production-dryrun")["allowed"] is False
