"""A ledger that is torn, tampered with, missing or copied: every question says so, with a status of its own."""

import re
from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import Programme, start

QUESTIONS: list[tuple[str, ...]] = [
    ("status",),
    ("show", "QT001"),
    ("log",),
    ("lineage",),
    ("why-blocked",),
    ("why", "2"),
    ("decide",),
    ("packet",),
    ("render", "--check"),
    ("diagram",),
    ("verify",),
    ("demo",),
    ("decide", "2", "--as", "owner", "--dry-run"),
    ("note", "x", "--as", "owner"),
    ("grant", "request", "QT001", "--reason", "x", "--as", "owner"),
]


def change_line(programme: Programme, number: int, old: bytes, new: bytes) -> None:
    """Change a line of the ledger by hand."""
    lines = programme.ledger.read_bytes().split(b"\n")
    assert old in lines[number]
    lines[number] = lines[number].replace(old, new, 1)
    programme.ledger.write_bytes(b"\n".join(lines))


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_every_command_on_a_tampered_ledger_names_the_record_and_exits_5(words: tuple[str, ...], fix7: Programme) -> None:
    change_line(fix7, 3, b"REHEARSAL_ONLY", b"REHEARSAL_ALSO")
    ran = fix7.refuses(*words, status=Exit.BROKEN)
    assert ran.err.startswith("governance/ledger/000000.jsonl:4:1: error CHAIN_BROKEN: ledger record 3: its statement was changed")
    assert ran.out == ""


@pytest.mark.parametrize("words", [words for words in QUESTIONS if words[0] not in ("verify", "demo", "note", "grant")], ids=" ".join)
def test_a_question_on_a_torn_ledger_is_answered_with_a_warning(words: tuple[str, ...], fix7: Programme) -> None:
    whole = fix7.does(*words)
    with fix7.ledger.open("ab") as stream:
        stream.write(b'{"at":"2026')
    before = fix7.tree()
    ran = fix7.does(*words)
    assert ran.out == whole.out
    assert ran.codes == ["TORN_TAIL"]
    assert ran.err.startswith("governance/ledger/000000.jsonl:26:1: warning TORN_TAIL: 11 bytes of a record that was never acknowledged")
    assert fix7.tree() == before


def test_verify_and_demo_on_a_torn_ledger_exit_5(fix7: Programme) -> None:
    with fix7.ledger.open("ab") as stream:
        stream.write(b'{"at":"2026')
    ran = fix7.refuses("verify", status=Exit.BROKEN)
    assert ran.codes == ["TORN_TAIL"]
    assert ran.out.startswith("25 records verified")
    assert fix7.run("verify", "--json").answer["result"]["torn_bytes"] == 11
    assert fix7.refuses("demo", status=Exit.BROKEN).codes == ["TORN_TAIL"]


def test_a_whole_ledger_is_verified_with_what_that_does_not_prove(fix7: Programme) -> None:
    ran = fix7.does("verify")
    assert re.match(r"25 records verified, ledger [0-9a-f]{16}, head [0-9a-f]{16}, root [A-Za-z0-9+/]{43}=\n  parsed: ", ran.out)
    assert ran.out.count("does not prove") == 4
    assert ran.out.endswith("  not signed: signatures are waived: Nobody signs in these tests\n    does not prove who wrote anything\n")
    found = fix7.asks("verify")
    assert found["root"] == fix7.run("status", "--json").answer["head"]["root"]
    assert (found["records"], found["torn_bytes"]) == (25, 0)


def test_one_record_is_counted_as_one(tmp_path: Path) -> None:
    programme = start(tmp_path / "begun")
    assert programme.does("verify").out.startswith("1 record verified")
    assert "policy version 1, 1 record, signatures waived" in programme.does("status").out


@pytest.mark.parametrize(
    ("number", "old", "new", "code"),
    [
        (0, b'"at":"2026-06-12', b'"at":"2026-06-11', "CHAIN_BROKEN"),
        (5, b'"seq":5', b'"seq":6', "SEQ"),
        (5, b'"v":1', b'"v":2', "SCHEMA_UNKNOWN"),
        (5, b'{"at"', b'{ "at"', "JSON_NOT_CANONICAL"),
        (5, b'{"at"', b"<<<<<<< HEAD", "TAMPER"),
    ],
)
def test_verify_tells_kinds_of_tampering_apart(number: int, old: bytes, new: bytes, code: str, fix7: Programme) -> None:
    change_line(fix7, number, old, new)
    ran = fix7.refuses("verify", status=Exit.BROKEN)
    assert ran.codes == [code]
    assert f"ledger record {number}: " in ran.err


def test_a_line_that_is_removed_or_swapped_is_found(fix7: Programme) -> None:
    honest = fix7.ledger.read_bytes()
    lines = honest.split(b"\n")
    fix7.ledger.write_bytes(b"\n".join([*lines[:7], *lines[8:]]))
    assert fix7.refuses("verify", status=Exit.BROKEN).codes == ["SEQ"]
    fix7.ledger.write_bytes(b"\n".join([*lines[:7], lines[8], lines[7], *lines[9:]]))
    assert fix7.refuses("verify", status=Exit.BROKEN).codes == ["SEQ"]
    fix7.ledger.write_bytes(honest)
    assert fix7.does("verify").out.startswith("25 records verified")


def test_a_record_that_no_append_would_have_written_is_found(fix7: Programme, website: Programme) -> None:
    website.does("note", "of another ledger", "--as", "lead")
    copied = website.ledger.read_bytes().split(b"\n")[2]
    fix7.ledger.write_bytes(fix7.ledger.read_bytes() + copied + b"\n")
    assert fix7.refuses("verify", status=Exit.BROKEN).codes == ["SEQ"]


def test_a_stray_file_in_the_ledgers_folder_is_told(fix7: Programme) -> None:
    (fix7.ledger.parent / "000000.jsonl.orig").write_bytes(b"")
    assert fix7.refuses("status", status=Exit.BROKEN).codes == ["LAYOUT_STRAY"]


def test_an_adopted_template_that_is_gone_or_changed_is_told_where_it_is_needed(fix7: Programme) -> None:
    [sha256] = [line.split()[1] for line in fix7.does("packet").out.split("\n") if line.startswith("template_sha256: ")]
    kept = fix7.root / "governance" / "policy" / f"{sha256}.j2"
    content = kept.read_bytes()
    kept.write_bytes(content + b"\n")
    for words in (("packet",), ("verify",), ("decide", "2", "--as", "owner")):
        assert fix7.refuses(*words, status=Exit.BROKEN).codes == ["POLICY_DIGEST"]
    kept.unlink()
    assert fix7.refuses("verify", status=Exit.BROKEN).codes == ["POLICY_MISSING"]
    assert fix7.does("status").status == Exit.YES


@pytest.mark.parametrize("words", [*QUESTIONS[:-5], *QUESTIONS[-3:], ("check",), ("policy", "adopt", "--reason", "x", "--as", "y")], ids=" ".join)
def test_where_there_is_no_policy_nothing_is_allowed_and_nothing_is_made(words: tuple[str, ...], tmp_path: Path) -> None:
    empty = Programme(tmp_path / "empty")
    empty.root.mkdir()
    assert empty.refuses(*words, status=Exit.UNJUDGED).codes == ["NO_POLICY"]


@pytest.mark.parametrize("words", [*QUESTIONS[:-4], *QUESTIONS[-3:]], ids=" ".join)
def test_where_there_is_no_ledger_nothing_is_allowed_and_nothing_is_made(words: tuple[str, ...], website: Programme) -> None:
    for path in sorted((website.root / "governance").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (website.root / "governance").rmdir()
    assert website.refuses(*words, status=Exit.UNJUDGED).codes == ["NO_LEDGER"]


def test_a_first_record_that_was_never_acknowledged_is_told_and_not_built_on(website: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = website.asks("verify")["ledger"]
    website.ledger.write_bytes(website.ledger.read_bytes()[:100])
    ran = website.refuses("status", status=Exit.BROKEN)
    assert f"TORN_TAIL: this folder held ledger {before[:16]}, and the beginning of its first record is left\n    help: bring it back from a clone" in ran.err
    # Where nobody saw it whole.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    for words in (("status",), ("note", "x", "--as", "lead"), ("verify",)):
        assert website.refuses(*words, status=Exit.BROKEN).codes[-1] == "TORN_TAIL"
    assert "remove the file, then `govern init`" in website.run("status").err
    assert website.refuses("init").codes == ["REFUSED"]
    website.ledger.unlink()
    website.does("init")
