"""`request FILE ACT…` and `--signature`: an act is written out, signed with the real ssh-keygen elsewhere, and brought back."""

import json
import re
from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import HANDOFF, HOLD, Programme, fingerprint_of, key_of, keygen, keys

DECIDE = ("decide", "2", "--as", "owner")
GRANT = ("grant", "record", "QT001", "--as", "owner")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where statements are written."""
    return tmp_path / "statement.json"


def sign(file: Path, namespace: str = "govern-decide", name: str = "owner") -> tuple[str, str]:
    """Sign a statement as its owner would, on another machine; return the words that bring the signature back."""
    keygen("-q", "-Y", "sign", "-n", namespace, "-f", str(keys() / name), str(file))
    return "--signature", f"{file}.sig"


def test_an_act_is_written_out_signed_elsewhere_and_recorded(signed: Programme, file: Path) -> None:
    before = signed.tree()
    asked = signed.does("request", str(file), *DECIDE)
    assert signed.tree() == before
    assert f"wrote {file}: deciding final-real-data/{HANDOFF}; nothing is recorded yet\n" in asked.out
    assert f"ssh-keygen -Y sign -n govern-decide -f KEY {file}\n" in asked.out
    ran = signed.does(*DECIDE, *sign(file))
    assert f"recorded as #27: final-real-data/{HANDOFF} is selected (signed)" in ran.out
    assert signed.asks("log", "-n", "1")["records"][0]["signer"] == fingerprint_of("owner")
    assert json.dumps(file.read_text(encoding="utf-8"), ensure_ascii=False).encode() in signed.ledger.read_bytes(), "what was signed, byte for byte"
    assert signed.does("verify").out.startswith("28 records verified")


def test_the_command_that_a_request_prints_is_the_one_that_signs_it(signed: Programme, file: Path) -> None:
    asked = signed.asks("request", str(file), *GRANT)
    assert asked == {"file": str(file), "what": "granting QT001 in scope production", "sign": asked["sign"], "namespace": "govern-grant"}
    words = asked["sign"].replace("KEY", str(keys() / "owner")).split()
    assert words[0] == "ssh-keygen"
    keygen("-q", *words[1:])
    assert signed.does(*GRANT, "--signature", f"{file}.sig").seqs == [27]


def test_a_statement_says_who_does_what_under_which_policy_on_which_history(signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *GRANT)
    statement = json.loads(file.read_text(encoding="utf-8"))
    predicate = statement["predicate"]
    assert (predicate["actor"], predicate["kind"], predicate["body"]) == ("owner", "grant", {"grant": "QT001", "scope": "production"})
    assert predicate["basis"] == {"size": 27, "last": signed.asks("verify")["last"]}
    assert predicate["ledger"] == signed.asks("verify")["ledger"]
    assert [each["name"] for each in statement["subject"]] == ["states.yaml"]


@pytest.mark.parametrize("act", [DECIDE, GRANT], ids=["decide", "grant"])
def test_a_note_in_between_does_not_matter(act: tuple[str, ...], signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *act)
    signed.does("note", "seen", "--as", "gpt")
    assert signed.does(*act, *sign(file, f"govern-{act[0]}")).seqs == [28]
    assert signed.does("verify").status == Exit.YES


def test_a_decision_in_between_makes_it_stale(signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    signed.confirms("decide", HOLD, "--as", "owner", *key_of("owner"))
    ran = signed.refuses(*DECIDE, *sign(file))
    assert ran.codes == ["STALE"]
    assert "what was signed is not what would be recorded now" in ran.err


@pytest.mark.parametrize("other", [("decide", HOLD, "--as", "owner"), ("decide", "2", "--as", "owner", "--reason", "why not")], ids=["option", "reason"])
def test_what_was_signed_for_one_act_records_no_other(other: tuple[str, ...], signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    assert signed.refuses(*other, *sign(file)).codes == ["STALE"]


def test_what_was_signed_is_recorded_once(signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *GRANT)
    words = sign(file, "govern-grant")
    assert signed.does(*GRANT, *words).seqs == [27]
    assert signed.refuses(*GRANT, *words).codes == ["STATEMENT_REPLAY"]


def test_what_was_signed_for_one_ledger_is_recorded_in_no_other(signed: Programme, file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    signed.does("demo", "--keep", str(copy))
    signed.does("request", str(file), *GRANT)
    words = sign(file, "govern-grant")
    other = Programme(copy)
    other.confirms("key", "enroll", str(keys() / "owner"), "--as", "owner", "--key", str(copy / "keys" / "owner"))
    assert other.refuses(*GRANT, *words).codes == ["STALE"]


@pytest.mark.parametrize("number", [0, 1, 5])
def test_a_statement_that_was_changed_after_it_was_signed_is_refused(number: int, signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    words = sign(file)
    text = file.read_text(encoding="utf-8")
    changed = (text.replace(HANDOFF, "HOLD_REAL_DATA"), text + "\n", text.replace("owner", "0wner"), "", text[:-1], " " + text)[number]
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    assert signed.refuses(*DECIDE, *words).codes == ["SIG_INVALID"]


@pytest.mark.parametrize("namespace", ["govern-grant", "file", "govern-decide2"])
def test_a_signature_made_for_something_else_is_refused(namespace: str, signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    ran = signed.refuses(*DECIDE, *sign(file, namespace))
    assert ran.codes == ["SIG_NAMESPACE"]
    assert "sign it with -n govern-decide" in ran.err


@pytest.mark.parametrize("name", ["operator", "stranger"])
def test_another_key_than_the_actors_is_refused(name: str, signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    ran = signed.refuses(*DECIDE, *sign(file, name=name), "--json")
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["KEY_NOT_IN_ROLE"]


def test_a_key_that_was_retired_in_between_is_refused(signed: Programme, file: Path) -> None:
    act = ("finding", "ci-seal-vs-bytes", "pass", "--why", "seen", "--as", "operator")
    signed.does("request", str(file), *act)
    words = sign(file, "govern-finding", "operator")
    signed.does("key", "retire", fingerprint_of("operator"), "--reason", "lost", "--as", "owner", *key_of("owner"))
    ran = signed.refuses(*act, *words, "--json")
    assert [each["code"] for each in ran.answer["diagnostics"]] == ["KEY_NOT_IN_POLICY_AT_SEQ"]


def test_several_acts_at_once_are_not_written_out(signed: Programme, file: Path) -> None:
    act = ("grant", "record", "QT001", "PERMIT", "--as", "owner")
    ran = signed.refuses("request", str(file), *act, status=Exit.USAGE)
    assert ran.codes == ["USAGE"]
    assert "2 records at once cannot be signed elsewhere" in ran.err
    assert not file.exists()
    signed.does("request", str(file), *GRANT)
    assert signed.refuses(*act, *sign(file, "govern-grant"), status=Exit.USAGE).codes == ["USAGE"]


def test_what_is_not_allowed_is_not_written_out(signed: Programme, file: Path) -> None:
    ran = signed.refuses("request", str(file), "decide", "5", "--as", "owner")
    assert ran.err.startswith("refused: deciding final-real-data/")
    assert not file.exists()


def test_who_has_no_key_has_nothing_to_sign(signed: Programme, file: Path) -> None:
    ran = signed.refuses("request", str(file), "note", "seen", "--as", "gpt")
    assert "gpt has no key, so there is nothing to sign" in ran.err
    assert not file.exists()


def test_a_file_that_is_there_is_never_written_over(signed: Programme, file: Path) -> None:
    file.write_text("mine", encoding="utf-8")
    ran = signed.refuses("request", str(file), *DECIDE)
    assert ran.codes == ["FILE_IO"]
    assert re.search(r"is there already\n +help: name another file", ran.err)
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("content", ["", "garbage", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])
def test_a_file_that_is_no_signature_is_refused(content: str, signed: Programme, file: Path) -> None:
    signed.does("request", str(file), *DECIDE)
    Path(f"{file}.sig").write_text(content, encoding="utf-8")
    [code] = signed.refuses(*DECIDE, "--signature", f"{file}.sig").codes
    assert code.startswith("SIG_")


def test_a_signature_or_a_statement_that_is_not_there_is_told(signed: Programme, file: Path) -> None:
    assert signed.refuses(*DECIDE, "--signature", f"{file}.sig", status=Exit.USAGE).codes == ["FILE_IO"]
    signed.does("request", str(file), *DECIDE)
    words = sign(file)
    file.unlink()
    assert signed.refuses(*DECIDE, *words, status=Exit.USAGE).codes == ["FILE_IO"]


def test_a_word_that_is_no_command_records_nothing(signed: Programme, file: Path) -> None:
    ran = signed.refuses("request", str(file), "decied", "2", status=Exit.USAGE)
    assert ran.codes == ["USAGE"]
    assert "`decied` records nothing" in ran.err
