"""Attacks on the history: lines changed, cut, moved, merged or made anew, and what only a memory outside the tree can tell."""

import json
import shutil
from pathlib import Path

import pytest

from govern.canonical import digest
from govern.problems import Exit
from support.attacks import POLICY, MoveAway, Victim, key_folder, own, replace_line, start_yard
from support.cli import waived
from support.ledgers import forged, rechained, restated, spelled

FACTS = ("status", "log", "verify")


def noted(victim: Victim, count: int) -> None:
    """Have the owner record notes."""
    for number in range(count):
        victim.does("note", f"note {number}", *own("owner"))


def made_anew(lines: list[bytes], *, statements: bool) -> list[bytes]:
    """Return lines of which each follows the one before; with `statements`, those that nobody signed name the new head, too."""
    done = [lines[0]]
    for seq, line in enumerate(lines[1:], 1):
        fields = json.loads(line)
        text = json.loads(fields["stmt"])
        anew = statements and not fields["sigs"]
        if anew:
            text["predicate"]["basis"] = {"last": digest(done[-1]), "size": seq}
        done.append(forged(restated(line, spelled(text).decode()) if anew else line, prev=digest(done[-1])))
    return done


@pytest.mark.parametrize("seq", [0, 3, 25])
def test_row_12_a_byte_that_was_changed_in_an_old_line_breaks_the_chain(seq: int, real: Victim) -> None:
    replace_line(real, seq, rb'"sha256\\":\\"[0-9a-f]', b'"sha256\\":\\"g')
    for question in FACTS:
        real.meets("CHAIN_BROKEN", by=(question,), seq=seq, told="its statement was changed after it was recorded")


def test_row_12_a_time_that_was_changed_in_an_old_line_breaks_the_chain(real: Victim) -> None:
    replace_line(real, 3, rb'"at":"20..', b'"at":"2025')
    real.meets("CHAIN_BROKEN", seq=3, told="it was changed after it was recorded")


def test_row_13_a_history_that_was_chained_anew_does_not_fit_what_was_made_on_the_old_one(real: Victim, move_away: MoveAway) -> None:
    noted(real, 1)
    lines = real.lines
    move_away()
    text = json.loads(json.loads(lines[9])["stmt"])
    text["predicate"]["imported"]["document"] = "another.md"
    changed = [*lines[:9], restated(lines[9], spelled(text).decode()), *lines[10:]]
    real.write(rechained(changed))
    real.meets("BASIS_MISMATCH", seq=10, told="it was made on another history of 10 records")
    first_signed = next(seq for seq, line in enumerate(lines) if json.loads(line)["sigs"])
    # One who also makes the unsigned statements anew comes as far as the first that somebody signed.
    real.write(made_anew(changed, statements=True))
    real.meets("BASIS_MISMATCH", seq=first_signed, told=f"it was made on another history of {first_signed} records")


def test_row_13_a_signed_statement_that_was_made_anew_has_lost_its_signature(real: Victim, move_away: MoveAway) -> None:
    noted(real, 1)
    move_away()
    *before, last = real.lines
    text = json.loads(json.loads(last)["stmt"])
    text["predicate"]["body"]["text"] = "another note"
    real.write([*before, restated(last, spelled(text).decode())])
    real.meets("SIG_INVALID", seq=len(before))


def test_row_13_where_nobody_signed_a_history_made_anew_is_told_by_this_machine_and_by_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    yard = start_yard(tmp_path / "yard", waived(POLICY))
    for number in range(3):
        yard.does("note", f"note {number}", "--as", "ann")
    kept = tmp_path / "kept"
    kept.write_text(yard.does("checkpoint").out, encoding="utf-8")
    lines = yard.lines
    yard.write(made_anew([lines[0], restated(lines[1], json.loads(lines[1])["stmt"].replace("note 0", "another")), *lines[2:]], statements=True))
    yard.meets("FORK", seq=3, told="two histories of one ledger")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    yard.meets("FORK", by=("verify", "--since", str(kept)), told="the ledger and the checkpoint are two histories")
    assert "all of it made anew" in yard.does("verify").out, "alone it says what it does not prove"


@pytest.mark.parametrize("cut", [1, 2, 27])
def test_row_14_a_ledger_that_was_cut_is_behind_what_was_seen(cut: int, real: Victim, move_away: MoveAway, tmp_path: Path) -> None:
    noted(real, 1)
    (tmp_path / "kept").write_text(real.does("checkpoint").out, encoding="utf-8")
    size = len(real.lines) - cut
    real.write(real.lines[:size])
    for words in (("status",), ("verify",), ("note", "x", *own("owner"))):
        real.meets("ROLLBACK", by=words, seq=size, told=f"it has {size} records, and this machine has seen {size + cut}")
    move_away()
    real.meets("ROLLBACK", by=("verify", "--since", str(tmp_path / "kept")), told=f"the checkpoint has {size + cut} records, the ledger {size}")


def test_row_14_where_nothing_is_kept_outside_it_is_said_that_a_cut_cannot_be_found(real: Victim, move_away: MoveAway) -> None:
    noted(real, 1)
    real.write(real.lines[:-1])
    move_away()
    assert "does not prove that nothing was cut off the end" in real.does("verify").out


def test_row_15_a_line_that_was_removed_numbered_anew_or_moved_is_found(real: Victim, move_away: MoveAway) -> None:
    noted(real, 1)
    lines = real.lines
    move_away()
    real.write([*lines[:7], *lines[8:]])
    real.meets("SEQ", seq=7, told="it is numbered 8")
    real.write([*lines[:7], lines[8], lines[7], *lines[9:]])
    real.meets("SEQ", seq=7, told="it is numbered 8")
    real.write([*lines[:7], *(forged(line, seq=seq) for seq, line in enumerate(lines[8:], 7))])
    real.meets("CHAIN_BROKEN", seq=7, told="it does not follow")
    real.write([*lines[:7], *lines[6:]])
    real.meets("SEQ", seq=7, told="it is numbered 6")


def test_row_16_an_older_copy_in_the_ledgers_place_is_behind_what_was_seen(real: Victim) -> None:
    old = real.ledger.read_bytes()
    noted(real, 2)
    real.ledger.write_bytes(old)
    real.meets("ROLLBACK", seq=27, told="it has 27 records, and this machine has seen 29")
    real.meets("ROLLBACK", by=("note", "x", *own("owner")), seq=27)


def test_row_16_a_whole_repository_that_was_pushed_back_is_behind_what_was_seen(real: Victim, tmp_path: Path) -> None:
    shutil.copytree(real.root, tmp_path / "old")
    noted(real, 2)
    pushed = Victim(tmp_path / "old")
    for words in (("status",), ("verify",), ("render", "--check"), ("note", "x", *own("owner"))):
        pushed.meets("ROLLBACK", by=words, seq=27, told="this machine has seen 29")


def test_row_17_two_histories_of_one_ledger_are_shown_with_both_heads(real: Victim, move_away: MoveAway, tmp_path: Path) -> None:
    shutil.copytree(real.root, tmp_path / "clone")
    clone = Victim(tmp_path / "clone")
    noted(real, 2)
    (tmp_path / "kept").write_text(real.does("checkpoint").out, encoding="utf-8")
    first = real.asks("verify")["root"]
    move_away()
    for number in range(3):
        clone.does("note", f"another {number}", *own("owner"))
    ran = clone.meets("FORK", by=("verify", "--since", str(tmp_path / "kept")), told="two histories of one ledger")
    told = ran.answer["diagnostics"][0]["message"]
    assert first in told
    assert clone.asks("verify")["root"] in told
    assert "consistency proof from there to 30 lines" in told


def test_row_17_a_fork_that_is_shown_to_this_machine_is_found_by_what_it_remembers(real: Victim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(real.root, tmp_path / "clone")
    shutil.copytree(tmp_path / "state", tmp_path / "elsewhere")
    noted(real, 2)
    clone = Victim(tmp_path / "clone")
    with monkeypatch.context() as there:
        there.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        for number in range(3):
            clone.does("note", f"another {number}", *own("owner"))
    for words in (("status",), ("verify",), ("note", "x", *own("owner"))):
        clone.meets("FORK", by=words, seq=28, told="two histories of one ledger")


def test_row_18_a_ledger_begun_anew_with_an_attackers_keys_is_not_pinned(real: Victim, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    [memory] = (tmp_path / "state" / "govern").glob("*.json")
    pin = json.loads(memory.read_bytes())["pin"]
    (tmp_path / "kept").write_text(real.does("checkpoint").out, encoding="utf-8")
    real.ledger.unlink()
    with monkeypatch.context() as there:
        there.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        real.does("init")
        real.confirms("key", "enroll", str(key_folder() / "mallory"), "--as", "owner")
    real.meets("LEDGER_MISMATCH", by=("status",), told="this folder held ledger")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere-too"))
    real.run("status")
    real.warns("LEDGER_UNPINNED")
    words = ("grant", "record", "QT001", "--as", "owner", "--key", str(key_folder() / "mallory"))
    confirm = real.code(*words)
    for act in (("note", "x", "--as", "gpt"), (*words, "--confirm", confirm)):
        real.meets("LEDGER_UNPINNED", by=act, status=Exit.REFUSED, told="has keys that nobody vouched for")
    real.meets("LEDGER_UNPINNED", by=("ledger", "pin", pin), told="other keys, or another ledger")
    real.meets("LEDGER_MISMATCH", by=("verify", "--since", str(tmp_path / "kept")), told="the checkpoint is of govern/")
    monkeypatch.setenv("GOVERN_PIN", pin)
    real.meets("LEDGER_UNPINNED", by=("note", "x", "--as", "gpt"), status=Exit.REFUSED)


def revoked(victim: Victim) -> int:
    """Have a grant recorded and revoked; return the number of the revocation."""
    [seq] = victim.confirms("grant", "record", "QT001", *own("owner")).seqs
    return victim.does("grant", "revoke", f"QT001#{seq}", "--reason", "no more", *own("owner")).seqs[0]


def half_cut(victim: Victim) -> bytes:
    """Cut the last line to half of it; return that half."""
    content = victim.ledger.read_bytes()
    half = content[: -len(victim.lines[-1]) // 2]
    victim.ledger.write_bytes(half)
    return half.rpartition(b"\n")[2]


def test_row_19_a_revocation_that_was_cut_to_half_is_not_repaired_where_it_was_seen(real: Victim, move_away: MoveAway, tmp_path: Path) -> None:
    seq = revoked(real)
    (tmp_path / "kept").write_text(real.does("checkpoint").out, encoding="utf-8")
    half_cut(real)
    real.meets("ROLLBACK", by=("ledger", "repair", *own("owner")), seq=seq, told=f"it has {seq} records, and this machine has seen {seq + 1}")
    move_away()
    real.meets("ROLLBACK", by=("verify", "--since", str(tmp_path / "kept")), told=f"the checkpoint has {seq + 1} records, the ledger {seq}")


def test_row_19_where_nobody_saw_it_the_half_is_kept_aside_and_its_repair_is_a_record(real: Victim, move_away: MoveAway) -> None:
    seq = revoked(real)
    half = half_cut(real)
    move_away()
    real.meets("TORN_TAIL", seq=seq, told=f"{len(half)} bytes follow the last line")
    real.meets("TORN_TAIL", by=("note", "x", *own("owner")), seq=seq, told="a record that was never acknowledged")
    real.does("ledger", "repair", *own("owner"))
    assert (real.root / "governance" / "ledger-torn" / digest(half)).read_bytes() == half
    body = real.asks("log", "-n", "1")["records"][0]["body"]
    assert body == {"sha256": digest(half), "bytes": len(half)}


@pytest.mark.parametrize("marker", [b"<<<<<<< HEAD", b"=======", b">>>>>>> theirs", b"||||||| base"])
def test_row_52_a_conflict_marker_in_the_ledger_is_tampering(marker: bytes, real: Victim, move_away: MoveAway) -> None:
    lines = real.lines
    real.write([*lines[:20], marker, *lines[20:]])
    move_away()
    for words in (("verify",), ("status",), ("note", "x", *own("owner"))):
        real.meets("TAMPER", by=words, seq=20, told="a conflict marker of a merge")


def test_row_52_a_merge_that_was_committed_as_it_was_is_tampering_on_a_machine_that_has_seen_the_ledger(real: Victim) -> None:
    seq, mine = len(real.lines), real.line(real.statement("note", "gpt", {"text": "mine"}))
    theirs = real.line(real.statement("note", "gpt", {"text": "theirs"}))
    real.append(b"<<<<<<< HEAD\n" + mine + b"=======\n" + theirs + b">>>>>>> theirs\n")
    for words in (("verify",), ("status",), ("note", "x", *own("owner"))):
        real.meets("TAMPER", by=words, seq=seq, told="a conflict marker of a merge")


def test_row_52_a_merge_of_what_this_machine_has_seen_is_told_as_what_it_is(real: Victim) -> None:
    theirs, seq = real.line(real.statement("note", "gpt", {"text": "theirs"})), len(real.lines)
    real.does("note", "mine", "--as", "gpt")
    mine = real.lines[-1] + b"\n"
    real.write(real.lines[:-1])
    real.append(b"<<<<<<< HEAD\n" + mine + b"=======\n" + theirs + b">>>>>>> theirs\n")
    real.meets("TAMPER", seq=seq, told="a conflict marker of a merge")


def test_row_52_a_ledger_that_was_merged_as_text_is_not_read(real: Victim, move_away: MoveAway) -> None:
    common = len(real.lines)
    noted(real, 1)
    mine = real.lines[-1]
    real.write(real.lines[:-1])
    move_away()
    real.does("note", "theirs", *own("owner"))
    real.append(mine + b"\n")
    real.meets("SEQ", seq=common + 1, told=f"it is numbered {common}")


def test_row_52_a_ledger_with_the_line_ends_of_another_system_is_not_read(real: Victim) -> None:
    real.ledger.write_bytes(real.ledger.read_bytes().replace(b"\n", b"\r\n"))
    ran = real.meets("TAMPER", seq=0, told="it ends in CR LF")
    assert ran.answer["diagnostics"][0]["file"] == "governance/ledger/000000.jsonl"
