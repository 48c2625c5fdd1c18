"""Attacks on grants: used again, copied, for another thing, outside their window, or after they were taken back."""

import json
from functools import partial
from pathlib import Path

import pytest

from govern.cli.options import Options
from govern.cli.recording import Proposal, record
from govern.cli.session import Session
from govern.ledger.lines import namespace_of
from govern.problems import Exit, GovernError
from support.attacks import Victim, bring, key_folder, own, pen, race, start_yard
from support.cli import Clock, keygen
from support.signing import sign

TRIAL = {"grant": "TRIAL", "scope": "work"}


def granted(victim: Victim, name: str = "TRIAL", *words: str) -> int:
    """Have ann select the trial, and grant something; return the number of the grant."""
    if victim.asks("status")["packets"][0]["selected"] != "TRY":
        victim.confirms("decide", "ask/TRY", *own("ann"))
    return victim.confirms("grant", "record", name, *words, *own("ann")).seqs[0]


def test_row_30_a_grant_that_is_put_on_record_twice_counts_once(yard: Victim) -> None:
    said = yard.statement("grant", "ann", TRIAL)
    first = yard.append(yard.line(said, pen("ann")))
    assert yard.does("verify").status == Exit.YES
    seq = yard.append(yard.line(said, pen("ann")))
    yard.meets("STATEMENT_REPLAY", seq=seq, told=f"its statement is that of record {first}")
    yard.meets("STATEMENT_REPLAY", by=("why-blocked", "try"), seq=seq)


def test_row_30_a_signature_that_was_brought_once_is_not_brought_again(yard: Victim, tmp_path: Path) -> None:
    words = bring(yard, ("grant", "record", "TRIAL", "--as", "ann"), tmp_path / "act.json", "ann", "govern-grant")
    yard.does(*words)
    yard.meets("STATEMENT_REPLAY", by=words, status=Exit.REFUSED)


def test_row_31_a_grant_that_was_copied_from_another_ledger_is_refused(yard: Victim, tmp_path: Path) -> None:
    other = start_yard(tmp_path / "other")
    assert other.lines[0] != yard.lines[0]
    said = yard.statement("grant", "ann", TRIAL)._replace(ledger=other.chain().ledger)
    seq = yard.append(yard.line(said, pen("ann")))
    yard.meets("LEDGER_MISMATCH", seq=seq, told=f"its statement is of ledger {other.chain().ledger!s:.12}")
    yard.write([*yard.lines[:seq], other.line(other.statement("grant", "ann", TRIAL), pen("ann"))[:-1].replace(b'"seq":1,', f'"seq":{seq},'.encode())])
    yard.meets("LEDGER_MISMATCH", seq=seq, told="it is of another ledger")


def test_row_32_a_grant_of_a_rehearsal_is_none_for_the_live_system(yard: Victim) -> None:
    rehearsal = granted(yard, "REHEARSAL")
    yard.confirms("lane", "open", "gate", *own("ann"))
    found = yard.asks("why-blocked", "ask/CHANGE")["requirements"]
    assert [each["satisfied"] for each in found if each["id"] == "grant:LEAVE"] == [False]
    refused = yard.refuses("decide", "ask/CHANGE", *own("ann"), "--json").answer["diagnostics"]
    assert {each["code"] for each in refused} == {"MISSING"}
    seq = yard.forge("begin", "maker", {"action": "change", "grant": rehearsal})
    yard.meets("RECORD_NOT_ALLOWED", "MISSING", "MISSING", "MISSING", seq=seq, told="the record names no instance of LEAVE to use up")


def test_row_32_a_rehearsals_grant_with_the_scope_of_the_live_system_is_refused(yard: Victim) -> None:
    right = yard.statement("grant", "ann", {"grant": "REHEARSAL", "scope": "work"})
    edited = right._replace(body={"grant": "REHEARSAL", "scope": "live"})
    seq = yard.append(yard.line(edited, sign(pen("ann"), right.text().encode(), namespace_of("grant")).armor()))
    yard.meets("SIG_INVALID", seq=seq)
    yard.write(yard.lines[:-1])
    seq = yard.append(yard.line(edited, pen("ann")))
    yard.meets("RECORD_NOT_ALLOWED", "SCOPE", seq=seq, told="REHEARSAL is of scope work, not live")


def test_row_32_a_grant_that_was_signed_as_something_else_is_refused(yard: Victim) -> None:
    seq = yard.forge("grant", "ann", TRIAL, pen("ann"), namespace="govern-request")
    yard.meets("SIG_NAMESPACE", seq=seq, told="signed for `govern-request`, not for `govern-grant`")


def test_row_32_a_grant_of_another_ledger_with_this_ones_id_is_refused(yard: Victim, tmp_path: Path) -> None:
    theirs = start_yard(tmp_path / "other").statement("grant", "ann", TRIAL)
    mine = yard.statement("grant", "ann", TRIAL)
    seq = yard.append(yard.line(mine, sign(pen("ann"), theirs.text().encode(), namespace_of("grant")).armor()))
    yard.meets("SIG_INVALID", seq=seq)


def test_row_33_a_grant_is_used_up_once(yard: Victim) -> None:
    grant = granted(yard)
    yard.forge("begin", "maker", {"action": "try", "grant": grant})
    assert yard.does("verify").status == Exit.YES
    seq = yard.forge("begin", "bot", {"action": "try", "grant": grant})
    yard.meets("RECORD_NOT_ALLOWED", "GRANT_CONSUMED", "GRANT_CONSUMED", seq=seq, told=f"TRIAL#{grant} is consumed (record #{seq - 1})")


def begin(root: Path, actor: str, grant: int) -> tuple[int, ...] | list[str]:
    """Begin the trial as it is recorded by a command; return the record's number, or the codes of its refusal."""
    session = Session(Options(directory=root, actor=actor))
    act = session.act("begin", {"action": "try", "grant": grant})
    try:
        return record(session, lambda _replay, _view: [Proposal(act, "trying")]).seqs
    except GovernError as error:
        return [problem.code for problem in error.problems]


def test_row_33_of_two_processes_that_use_a_grant_at_once_exactly_one_does(yard: Victim) -> None:
    grant, before = granted(yard), len(yard.lines)
    answers = race(partial(begin, yard.root, "maker", grant), partial(begin, yard.root, "bot", grant))
    assert (before,) in answers
    assert ["GRANT_CONSUMED", "GRANT_CONSUMED"] in answers
    assert len(yard.lines) == before + 1
    assert yard.does("verify").status == Exit.YES


def test_row_34_a_grant_is_used_for_its_own_action_and_no_other(yard: Victim) -> None:
    grant = granted(yard)
    granted(yard, "SPARE")
    seq = yard.forge("begin", "maker", {"action": "spare", "grant": grant})
    yard.meets("RECORD_NOT_ALLOWED", "MISSING", seq=seq, told="the record names no instance of SPARE to use up")


def test_row_34_a_grant_is_recorded_in_its_own_scope_and_no_other(yard: Victim) -> None:
    for scope in ("other", "live", "none"):
        seq = yard.forge("grant", "ann", {"grant": "TRIAL", "scope": scope}, pen("ann"))
        yard.meets("RECORD_NOT_ALLOWED", "SCOPE", seq=seq, told=f"TRIAL is of scope work, not {scope}")
        yard.write(yard.lines[:-1])


def test_row_34_a_grant_goes_on_with_no_instance_of_another(yard: Victim) -> None:
    [spare] = yard.does("grant", "request", "SPARE", "--reason", "x", "--as", "maker").seqs
    seq = yard.forge("grant", "ann", {**TRIAL, "instance": spare}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "MISSING", seq=seq, told=f"no TRIAL#{spare} is on record")


def test_row_35_a_packet_that_was_changed_by_one_byte_after_it_was_signed_is_not_decided(real: Victim, tmp_path: Path) -> None:
    words = bring(real, ("decide", "2", "--as", "owner"), tmp_path / "act.json", "owner", "govern-decide")
    text = (tmp_path / "act.json").read_text(encoding="utf-8")
    sha256 = json.loads(text)["predicate"]["body"]["packet_sha256"]
    other = ("0" if sha256[0] != "0" else "1") + sha256[1:]
    (tmp_path / "act.json").write_text(text.replace(sha256, other), encoding="utf-8")
    real.meets("SIG_INVALID", by=words, status=Exit.REFUSED, told="act.json.sig")
    (tmp_path / "act.json.sig").unlink()
    keygen("-q", "-Y", "sign", "-n", "govern-decide", "-f", str(key_folder() / "owner"), str(tmp_path / "act.json"))
    real.meets("STALE", by=words, status=Exit.REFUSED, told="what was signed is not what would be recorded now")


def test_row_35_a_packet_that_was_edited_where_it_lies_is_drift(real: Victim) -> None:
    real.replace("governance/packets/final-real-data-decision-packet.md", "HOLD", "GO")
    real.meets("DRIFT_EDITED", by=("render", "--check"), status=Exit.NO, told="")


def test_row_36_what_was_shown_has_moved_since_it_was_approved(real: Victim) -> None:
    words = ("decide", "2", *own("owner"))
    code = real.code(*words)
    real.confirms("grant", "record", "PRODUCTION_DRYRUN", *own("owner"))
    real.does("render")
    real.meets("PACKET_DIGEST", by=(*words, "--confirm", code), status=Exit.REFUSED, told="#27 grant by owner")


def test_row_36_evidence_that_was_edited_and_rendered_again_after_the_approval_moves_the_packet(yard: Victim) -> None:
    name = yard.evidence("rehearsal", "copy", "READY/tried")
    [proof] = yard.does("blocker", "discharge", "READY/tried", "--evidence", name, "--as", "maker").seqs
    words = ("decide", "ask/TRY", *own("ann"))
    code = yard.code(*words)
    [kept] = (yard.root / "governance" / "evidence").iterdir()
    kept.write_bytes(kept.read_bytes() + b"\n")
    yard.meets("PACKET_DIGEST", by=(*words, "--confirm", code), status=Exit.REFUSED, told=f"the evidence of record #{proof} is changed")


def test_row_37_a_grant_counts_within_its_window_alone(yard: Victim, clock: Clock) -> None:
    window = ("--not-before", "2026-07-02T00:00:00Z", "--expires", "2026-07-03T00:00:00Z")
    grant = granted(yard, "TRIAL", *window)
    for now, code in (("2026-07-01T23:59:59Z", "NOT_YET"), ("2026-07-03T00:00:00Z", "EXPIRED"), ("2027-07-02T12:00:00Z", "EXPIRED")):
        clock.set(now)
        assert yard.asks("why-blocked", "TRIAL")["requirements"][0]["cause"] == code.lower().replace("_", "-")
        seq = yard.forge("begin", "maker", {"action": "try", "grant": grant})
        yard.meets("RECORD_NOT_ALLOWED", code, code, seq=seq, told=f"TRIAL#{grant}")
        yard.write(yard.lines[:-1])


@pytest.mark.parametrize("now", ["2026-07-02T00:00:00Z", "2026-07-02T23:59:59Z"])
def test_row_37_a_grant_counts_from_the_first_to_the_last_second_of_its_window(now: str, yard: Victim, clock: Clock) -> None:
    grant = granted(yard, "TRIAL", "--not-before", "2026-07-02T00:00:00Z", "--expires", "2026-07-03T00:00:00Z")
    clock.set(now)
    yard.forge("begin", "maker", {"action": "try", "grant": grant})
    assert yard.does("verify").status == Exit.YES


def test_row_37_a_clock_that_was_set_back_revives_nothing(yard: Victim, clock: Clock) -> None:
    grant = granted(yard, "TRIAL", "--expires", "2026-07-03T00:00:00Z")
    clock.set("2026-07-04T00:00:00Z")
    yard.does("note", "it is late", "--as", "maker")
    clock.set("2025-07-02T00:00:00Z")
    assert yard.asks("why-blocked", "TRIAL")["requirements"][0]["cause"] == "expired"
    yard.meets("TIME_ORDER", by=("note", "x", "--as", "maker"), status=Exit.REFUSED, told="the last record is of 2026-07-04T00:00:00Z")
    yard.meets("TIME_ORDER", by=("decide", "ask/STAY", *own("ann"), "--confirm", yard.code("decide", "ask/STAY", *own("ann"))), status=Exit.REFUSED)
    seq = yard.forge("begin", "maker", {"action": "try", "grant": grant})
    yard.meets("TIME_ORDER", seq=seq, told="is before that of the record before it")


def test_row_38_a_record_that_is_earlier_than_the_one_before_is_refused(yard: Victim, clock: Clock) -> None:
    seq = yard.forge("note", "maker", {"text": "x"}, at=int(clock()) - 1)
    yard.meets("TIME_ORDER", seq=seq, told="2026-07-01T08:59:59Z is before that of the record before it")
    yard.meets("TIME_ORDER", by=("why-blocked", "TRIAL"), seq=seq)


def test_row_38_a_record_from_the_future_opens_nothing_and_is_waited_for(yard: Victim, clock: Clock) -> None:
    granted(yard, "TRIAL", "--expires", "2026-07-03T00:00:00Z")
    yard.forge("note", "maker", {"text": "x"}, at=int(clock()) + 365 * 86400)
    yard.meets("TIME_ORDER", by=("note", "x", "--as", "maker"), status=Exit.REFUSED, told="the last record is of 2027-07-01T09:00:00Z")
    assert yard.asks("why-blocked", "TRIAL")["requirements"][0]["cause"] == "expired", "it can deny, and never allow"


def _told(yard: Victim, *words: str) -> str:
    """Return the cause for which something is refused, told with the warning that the ledger is ahead of the clock."""
    ran = yard.does("why-blocked", *words, "--json")
    assert [(each["code"], each["severity"]) for each in ran.answer["diagnostics"]] == [("TIME_SKEW", "warning")]
    return str(ran.answer["result"]["requirements"][0]["cause"])


def test_row_38_a_record_from_the_future_opens_no_window_before_its_time(yard: Victim, clock: Clock) -> None:
    granted(yard, "TRIAL", "--not-before", "2026-07-10T00:00:00Z")
    now = int(clock())
    yard.forge("note", "maker", {"text": "x"}, at=now + 20 * 86400)
    assert _told(yard, "TRIAL") == "not-yet"
    clock.set("2026-07-10T00:00:00Z")
    assert yard.does("why-blocked", "TRIAL").err.count("TIME_SKEW") == 1
    assert yard.asks("why-blocked", "TRIAL")["allowed"], "open at both times"


def test_row_38_what_says_that_it_was_recorded_later_does_not_count_until_then(yard: Victim, clock: Clock) -> None:
    yard.append(yard.line(yard.statement("grant", "ann", TRIAL), pen("ann"), at=int(clock()) + 86400))
    assert _told(yard, "TRIAL") == "not-yet"


def test_row_38_clocks_may_differ_by_five_minutes(yard: Victim, clock: Clock) -> None:
    yard.forge("note", "maker", {"text": "x"}, at=int(clock()) + 300)
    assert "TIME_SKEW" not in yard.does("status").err
    assert yard.does("verify").status == Exit.YES
