"""What this machine remembers of a ledger: one that went back, or that tells another past, is found by it."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from govern.ledger.keeping import Contents
from govern.ledger.store import FileStore
from govern.problems import Exit
from support.cli import Programme, copy_keyless, copy_signed, key_of, keys

QUESTIONS: list[tuple[str, ...]] = [("status",), ("log",), ("verify",), ("why-blocked", "5"), ("checkpoint",), ("key", "list"), ("packet",)]


def memories() -> list[Path]:
    """Return the files of the memory, one for each ledger."""
    return list((Path(os.environ["XDG_STATE_HOME"]) / "govern").glob("*.json"))


def remembered() -> Path:
    """Return the one file of the memory."""
    [path] = memories()
    return path


def forget() -> None:
    """Be another machine, on which the ledger is pinned and no head was seen."""
    memory = json.loads(remembered().read_bytes())
    remembered().write_text(json.dumps({**memory, "size": 0, "last": ""}), encoding="utf-8")


def cut(programme: Programme, number: int) -> None:
    """Take the last lines off the ledger."""
    lines = programme.ledger.read_bytes().split(b"\n")
    programme.ledger.write_bytes(b"\n".join([*lines[: -1 - number], b""]))


@pytest.fixture
def noted(signed: Programme) -> Programme:
    """A programme with three notes behind its keys, all of which this machine has seen."""
    for text in ("one", "two", "three"):
        signed.does("note", text, "--as", "owner", *key_of("owner"))
    signed.does("status")
    return signed


@pytest.mark.parametrize("number", [1, 2, 3, 5, 29])
def test_a_ledger_that_is_cut_is_found_by_who_has_seen_it_whole(number: int, noted: Programme) -> None:
    cut(noted, number)
    ran = noted.refuses("status", status=Exit.BROKEN)
    assert ran.codes == ["ROLLBACK"]
    assert f"it has {30 - number} records, and this machine has seen 30" in ran.err
    assert ran.err.startswith(f"governance/ledger/000000.jsonl:{31 - number}:1: error ROLLBACK: ")


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_every_question_finds_a_ledger_that_went_back(words: tuple[str, ...], noted: Programme) -> None:
    cut(noted, 1)
    assert noted.refuses(*words, status=Exit.BROKEN).codes == ["ROLLBACK"]


def test_nothing_is_recorded_on_a_ledger_that_went_back(noted: Programme) -> None:
    cut(noted, 1)
    for words in (("note", "x", "--as", "gpt"), ("grant", "record", "QT001", "--as", "owner", *key_of("owner")), ("render",)):
        assert noted.refuses(*words, status=Exit.BROKEN).codes == ["ROLLBACK"]


def test_an_older_copy_put_in_its_place_is_found(noted: Programme) -> None:
    older = noted.ledger.read_bytes()
    noted.does("note", "four", "--as", "gpt")
    noted.does("status")
    newer = noted.ledger.read_bytes()
    noted.ledger.write_bytes(older)
    assert noted.refuses("verify", status=Exit.BROKEN).codes == ["ROLLBACK"]
    noted.ledger.write_bytes(newer)
    assert noted.does("verify").out.startswith("31 records verified")


@pytest.mark.parametrize("number", [1, 2])
def test_another_history_of_the_same_length_is_found(number: int, noted: Programme) -> None:
    memory = remembered().read_bytes()
    cut(noted, number)
    forget()
    for _ in range(number):
        noted.does("note", "another", "--as", "gpt")
    assert noted.records() == 30
    remembered().write_bytes(memory)
    ran = noted.refuses("status", status=Exit.BROKEN)
    assert ran.codes == ["FORK"]
    assert "record 29 has the digest" in ran.err
    assert "two histories of one ledger" in ran.err


def test_another_history_that_is_longer_is_found(noted: Programme) -> None:
    memory = remembered().read_bytes()
    cut(noted, 3)
    forget()
    for number in range(7):
        noted.does("note", f"another {number}", "--as", "gpt")
    remembered().write_bytes(memory)
    for words in QUESTIONS:
        assert noted.refuses(*words, status=Exit.BROKEN).codes == ["FORK"]
    assert noted.refuses("note", "x", "--as", "gpt", status=Exit.BROKEN).codes == ["FORK"]


def test_a_ledger_that_was_cut_while_nobody_looked_is_not_known_to_be(noted: Programme) -> None:
    """What was never seen here cannot be missed here: for that there are checkpoints."""
    forget()
    cut(noted, 3)
    assert noted.does("status", "-q").status == Exit.YES


def test_two_ledgers_are_remembered_apart(tmp_path: Path) -> None:
    """The same programme, begun twice, is two ledgers."""
    one, two = Programme(tmp_path / "one"), Programme(tmp_path / "two")
    for programme in (one, two):
        programme.root.mkdir()
        programme.does("init")
        programme.does("status")
    assert len(list(memories())) == 2
    assert two.does("verify").status == one.does("verify").status == Exit.YES


POISON: list[bytes] = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"7",
    b"{}",
    b"[" * 100000,
    b'{"ledger":"LEDGER"}',
    b'{"ledger":"another","size":30,"last":"","pin":""}',
    b'{"ledger":"LEDGER","size":"30","last":"","pin":""}',
    b'{"ledger":"LEDGER","size":true,"last":"","pin":""}',
    b'{"ledger":"LEDGER","size":-1,"last":"","pin":""}',
    b'{"ledger":"LEDGER","size":30.0,"last":"","pin":""}',
    b'{"ledger":"LEDGER","size":30,"last":null,"pin":""}',
    b'{"ledger":"LEDGER","size":30,"last":"","pin":["PIN"]}',
    b'{"ledger":"LEDGER","size":30,"last":"","pin":"","more":1}',
    b'{"ledger":["LEDGER"],"size":30,"last":"","pin":""}',
    b'{"ledger":"LEDGER","size":30,"last":"0","pin":"0"}',
    b'{"ledger":"LEDGER","size":0,"last":"0","pin":"0"}',
    b'{"ledger":"LEDGER","size":99999999999999999999,"last":"0","pin":"0"}',
]


@pytest.mark.parametrize("number", range(len(POISON)))
def test_a_poisoned_memory_is_ignored_or_refuses_and_never_allows(number: int, noted: Programme) -> None:
    ledger = json.loads(remembered().read_bytes())["ledger"]
    remembered().write_bytes(POISON[number].replace(b"LEDGER", ledger.encode()))
    words = ("decide", "2", "--as", "owner", *key_of("owner"))
    ran = noted.refuses(*words, status=noted.run(*words).status)
    assert ran.status in (Exit.REFUSED, Exit.BROKEN)
    ran = noted.run("status")
    assert set(ran.codes) in ({"LEDGER_UNPINNED"}, {"ROLLBACK"}, {"FORK"})
    assert "Traceback" not in ran.err
    assert "BUG" not in ran.err


def test_a_memory_that_vouches_for_lines_does_not_spare_a_write_its_signatures(noted: Programme) -> None:
    """A memory that was edited may let a question believe a line; a write and `verify` believe none."""
    lines = noted.ledger.read_bytes().split(b"\n")
    forged = _checked(lines[29].replace(b"three", b"forty"), json.loads(lines[29]))
    noted.ledger.write_bytes(b"\n".join([*lines[:29], forged, b""]))
    memory = json.loads(remembered().read_bytes())
    remembered().write_text(json.dumps({**memory, "last": _digest(forged)}), encoding="utf-8")
    assert noted.refuses("verify", status=Exit.BROKEN).codes == ["SIG_INVALID"]
    assert noted.refuses("note", "x", "--as", "gpt", status=Exit.BROKEN).codes == ["SIG_INVALID"]


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _checked(line: bytes, before: dict[str, str]) -> bytes:
    """Return a line whose statement was changed with the digests that fit it."""
    stmt = json.loads(line)["stmt"]
    line = line.replace(before["stmt_sha256"].encode(), _digest(stmt.encode()).encode())
    return line.replace(line[38:102], _digest(line[:29] + line[104:]).encode(), 1)


def test_a_memory_that_cannot_be_kept_is_no_reason_to_fail(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert signed.does("status").codes == ["LEDGER_UNPINNED"]
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "")
    monkeypatch.chdir(tmp_path)
    assert signed.does("status").codes == ["LEDGER_UNPINNED"]
    assert not (tmp_path / "relative").exists()


def test_a_relative_folder_is_ignored_and_the_home_is_used(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    signed.does("status")
    [path] = (tmp_path / "home" / ".local" / "state" / "govern").glob("*.json")
    assert json.loads(path.read_bytes())["size"] == 27
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(b"three", b"forty", "CHAIN_BROKEN"), (b'"seq":29', b'"seq":30', "SEQ"), (b"-----BEGIN", b"-----BEGUN", "CHAIN_BROKEN")],
)
def test_nothing_is_remembered_of_a_broken_ledger(old: bytes, new: bytes, code: str, noted: Programme) -> None:
    remembered().unlink()
    noted.ledger.write_bytes(noted.ledger.read_bytes().replace(old, new))
    for words in QUESTIONS:
        assert noted.refuses(*words, status=Exit.BROKEN).codes[0] in (code, "CHAIN_BROKEN")
    assert memories() == []


def test_a_question_about_the_past_forgets_nothing_and_learns_nothing(noted: Programme) -> None:
    before = remembered().read_bytes()
    noted.does("status", "--as-of", "@S0")
    assert remembered().read_bytes() == before
    remembered().unlink()
    noted.does("status", "--as-of", "@S0")
    assert memories() == []


def test_a_torn_tail_is_no_part_of_what_is_remembered(noted: Programme) -> None:
    before = remembered().read_bytes()
    with noted.ledger.open("ab") as stream:
        stream.write(b"torn")
    assert noted.does("status").codes == ["TORN_TAIL"]
    assert remembered().read_bytes() == before


def test_a_record_is_remembered_by_who_recorded_it(signed: Programme) -> None:
    signed.does("note", "one", "--as", "owner", *key_of("owner"))
    assert json.loads(remembered().read_bytes())["size"] == 28
    cut(signed, 1)
    assert signed.refuses("status", status=Exit.BROKEN).codes == ["ROLLBACK"]


def test_a_clone_on_the_same_machine_is_the_same_ledger(noted: Programme, tmp_path: Path) -> None:
    other = Programme(tmp_path / "clone")
    shutil.copytree(noted.root, other.root)
    other.does("note", "four", "--as", "gpt")
    other.does("status")
    assert noted.refuses("status", status=Exit.BROKEN).codes == ["ROLLBACK"], "the clone went on; this one is behind it"


def test_keys_that_were_exchanged_are_another_history(tmp_path: Path) -> None:
    copy_signed(tmp_path / "signed").does("status")
    thief = copy_keyless(tmp_path / "thief")
    assert thief.refuses("key", "enroll", str(keys() / "stranger"), "--as", "owner", status=Exit.BROKEN).codes == ["ROLLBACK"]


def test_another_ledger_in_a_folder_that_held_one_is_told_until_it_is_forgotten(fix7: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = fix7.asks("verify")["ledger"]
    shutil.rmtree(fix7.ledger.parent)
    with monkeypatch.context() as another:
        another.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
        fix7.does("init")

    assert fix7.refuses("status", status=5).codes == ["LEDGER_MISMATCH"]
    short = fix7.refuses("ledger", "forget").err.split("govern ledger forget ")[1].split()[0]
    assert not before.startswith(short)
    fix7.refuses("ledger", "forget", "0" * 12)
    fix7.does("ledger", "forget", short)
    fix7.does("status")


@pytest.mark.parametrize("words", [("status",), ("gate", "real-run"), ("verify",), ("note", "x", "--as", "owner")], ids=" ".join)
def test_a_folder_that_held_a_ledger_and_holds_none_says_which_and_how_to_have_it_back(words: tuple[str, ...], fix7: Programme, tmp_path: Path) -> None:
    before = fix7.asks("verify")["ledger"]
    shutil.rmtree(fix7.ledger.parent)

    ran = fix7.refuses(*words, status=Exit.UNJUDGED)
    assert ran.codes == ["NO_LEDGER"]
    assert f"this folder held ledger {before[:16]}, and governance/ledger holds none, so nothing is allowed: it was removed, or is kept in a data" in ran.err
    assert f"help: bring it back from a clone; or name its database in {tmp_path}/home/.config/govern/config.yaml, or GOVERN_LEDGER; if it was given" in ran.err
    assert "govern init" not in ran.err


def test_a_ledger_that_is_gone_is_not_begun_anew_until_it_is_forgotten(fix7: Programme) -> None:
    before = fix7.asks("verify")["ledger"]
    shutil.rmtree(fix7.ledger.parent)
    left = fix7.tree()

    ran = fix7.refuses("init")
    assert ran.codes == ["REFUSED"]
    assert f"this folder held ledger {before[:16]}" in ran.err
    assert fix7.tree() == left
    ran = fix7.refuses("ledger", "forget")
    assert f"remembered of ledger {before}: 25 records" in ran.out
    assert ran.err.endswith(f"help: govern ledger forget {before[:12]}\n")
    fix7.does("ledger", "forget", before[:12])
    assert "`govern init` starts one" in fix7.refuses("status", status=Exit.UNJUDGED).err
    assert fix7.refuses("ledger", "forget").codes == ["REFUSED"]
    fix7.does("init")
    assert fix7.asks("verify")["records"] == 1


def test_a_named_pin_is_met_by_no_ledger_without_self_made_keys(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVERN_PIN", "a" * 64)

    assert "LEDGER_UNPINNED" in fix7.run("status").codes
    assert fix7.refuses("note", "x", "--as", "owner").codes == ["LEDGER_UNPINNED"]


def test_doctor_says_whether_anything_is_remembered_and_whose_word_counts(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = {each["part"]: each["passed"] for each in signed.run("doctor", "--json").answer["result"]["parts"]}
    assert (told["memory"], told["pin"]) == (True, True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    told = {each["part"]: each["passed"] for each in signed.run("doctor", "--json").answer["result"]["parts"]}
    assert (told["memory"], told["pin"]) == (True, False)

    (tmp_path / "file").write_text("", encoding="utf-8")
    for state in (str(tmp_path / "file" / "below"), ""):
        monkeypatch.setenv("XDG_STATE_HOME", state)
        monkeypatch.setenv("HOME", "")
        told = {each["part"]: each["passed"] for each in signed.run("doctor", "--json").answer["result"]["parts"]}
        assert not told["memory"]


def test_what_another_process_recorded_and_remembered_while_the_ledger_was_read_is_no_rollback(fix7: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fix7.ledger.read_bytes()
    fix7.does("note", "by another", "--as", "owner")
    after = fix7.ledger.read_bytes()
    fix7.ledger.write_bytes(before)
    read = FileStore.read
    looks: list[int] = []

    def racing(store: FileStore) -> Contents:
        found = read(store)
        looks.append(len(found.lines))
        # It is appended right behind the first look.
        fix7.ledger.write_bytes(after)
        return found

    monkeypatch.setattr(FileStore, "read", racing)
    assert fix7.does("log", "-n", "1").status == 0
    assert looks[:2] == [25, 26]
