"""`checkpoint` and `verify --since`: a head that is kept elsewhere finds a ledger that went back or left its path."""

import json
import re
from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import Programme, copy_keyless, key_of, keygen, keys, start


@pytest.fixture
def kept(signed: Programme, tmp_path: Path) -> Path:
    """A checkpoint of the programme, kept outside it."""
    path = tmp_path / "checkpoint"
    path.write_text(signed.does("checkpoint").out, encoding="utf-8")
    return path


@pytest.fixture
def elsewhere(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another machine, which has the checkpoint and the pin, and has seen no ledger yet."""
    assert kept.exists()
    [memory] = (tmp_path / "state" / "govern").glob("*.json")
    monkeypatch.setenv("GOVERN_PIN", json.loads(memory.read_bytes())["pin"])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))


def sign(programme: Programme, path: Path, name: str = "stranger") -> str:
    """Write a signed checkpoint; return the verifier key."""
    words = ("checkpoint", "--sign", str(keys() / name), "--name", "witness")
    path.write_text(programme.does(*words).out, encoding="utf-8")
    verifier: str = programme.asks(*words)["verifier"]
    return verifier


def cut(programme: Programme, size: int) -> None:
    """Leave that many records."""
    programme.ledger.write_bytes(b"".join(line + b"\n" for line in programme.ledger.read_bytes().split(b"\n")[:size]))


def test_a_checkpoint_is_the_head_as_other_tools_read_it(signed: Programme) -> None:
    text = signed.does("checkpoint").out
    head, found = signed.run("status", "--json").answer["head"], signed.asks("verify")
    assert text == f"govern/{found['ledger']}\n27\n{head['root']}\nlast {found['last']}\n"
    assert signed.asks("checkpoint") == {"checkpoint": text, "size": 27, "verifier": None}


def test_a_checkpoint_of_the_past_is_the_one_that_was_then(signed: Programme, kept: Path) -> None:
    signed.does("note", "x", "--as", "gpt")
    assert signed.does("checkpoint", "--as-of", "#26").out == kept.read_text(encoding="utf-8")


def test_the_very_head_is_found_the_same(signed: Programme, kept: Path) -> None:
    ran = signed.does("verify", "--since", str(kept))
    assert "  consistent with the checkpoint: the head is the one of the checkpoint\n" in ran.out
    assert "consistent with the checkpoint" in signed.asks("verify", "--since", str(kept))["levels"]
    assert "consistent with the checkpoint" not in signed.asks("verify")["levels"]


@pytest.mark.parametrize(("count", "told"), [(1, "1 record added"), (2, "2 records added")])
def test_a_ledger_that_went_on_is_consistent(count: int, told: str, signed: Programme, kept: Path) -> None:
    for _ in range(count):
        signed.does("note", "x", "--as", "owner", *key_of("owner"))
    ran = signed.does("verify", "--since", str(kept))
    assert f"consistent with the checkpoint: {told} since the checkpoint, and none before was changed" in ran.out


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("size", [1, 25, 26])
def test_a_ledger_that_went_back_is_found_where_nothing_is_remembered(size: int, signed: Programme, kept: Path) -> None:
    cut(signed, size)
    assert signed.run("verify").status == Exit.YES
    ran = signed.refuses("verify", "--since", str(kept), status=Exit.BROKEN)
    assert ran.codes[-1] == "ROLLBACK"
    assert f"the checkpoint has 27 records, the ledger {size}" in ran.err


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("more", [1, 3])
def test_another_history_is_found_with_both_heads(more: int, signed: Programme, kept: Path) -> None:
    cut(signed, 26)
    for number in range(more):
        signed.does("note", f"another {number}", "--as", "owner", *key_of("owner"))
    ran = signed.refuses("verify", "--since", str(kept), status=Exit.BROKEN)
    assert ran.codes[-1] == "FORK"
    assert "the ledger and the checkpoint are two histories of one ledger" in ran.err
    for root in (kept.read_text(encoding="utf-8").split("\n")[2], signed.run("status", "--json").answer["head"]["root"]):
        assert f"\n{root}\n" in ran.out


def test_the_checkpoint_of_another_ledger_is_told(signed: Programme, kept: Path, tmp_path: Path) -> None:
    other = start(tmp_path / "other")
    ran = other.refuses("verify", "--since", str(kept), status=Exit.BROKEN)
    assert ran.codes == ["LEDGER_MISMATCH"]
    assert signed.does("verify", "--since", str(kept)).status == Exit.YES


def test_a_ledger_without_keys_has_checkpoints_too(tmp_path: Path) -> None:
    keyless = copy_keyless(tmp_path / "keyless")
    (tmp_path / "kept").write_text(keyless.does("checkpoint").out, encoding="utf-8")
    assert keyless.does("verify", "--since", str(tmp_path / "kept")).status == Exit.YES


def test_a_signed_checkpoint_is_verified_by_the_key_of_its_witness(signed: Programme, tmp_path: Path) -> None:
    verifier = sign(signed, tmp_path / "note")
    assert re.fullmatch(r"witness\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", verifier)
    ran = signed.does("verify", "--since", str(tmp_path / "note"), "--witness", verifier)
    assert ran.codes == []
    assert "the head is the one of the checkpoint" in ran.out


def test_the_key_that_verifies_a_checkpoint_is_told_beside_it(signed: Programme, tmp_path: Path) -> None:
    verifier = sign(signed, tmp_path / "note")
    ran = signed.does("checkpoint", "--sign", str(keys() / "stranger"), "--name", "witness")
    assert f"warning NOTE_KEY: verify it with --witness {verifier}" in ran.err
    assert ran.out.startswith(signed.does("checkpoint").out), "a signature is added, and nothing else is changed"


def test_one_of_several_witnesses_is_enough(signed: Programme, tmp_path: Path) -> None:
    first, second = sign(signed, tmp_path / "other", "owner"), sign(signed, tmp_path / "note")
    assert signed.does("verify", "--since", str(tmp_path / "note"), "--witness", first, "--witness", second).codes == []


def test_a_signature_that_nobody_is_named_for_is_taken_as_what_was_kept(signed: Programme, tmp_path: Path) -> None:
    sign(signed, tmp_path / "note")
    assert signed.does("verify", "--since", str(tmp_path / "note")).codes == ["NOTE_UNVERIFIED"]


def test_the_signature_of_an_unknown_key_is_none(signed: Programme, tmp_path: Path) -> None:
    known = sign(signed, tmp_path / "other", "owner")
    sign(signed, tmp_path / "note")
    ran = signed.refuses("verify", "--since", str(tmp_path / "note"), "--witness", known, status=Exit.BROKEN)
    assert ran.codes == ["NOTE_UNVERIFIED"]


@pytest.mark.parametrize(("old", "new"), [("\n27\n", "\n26\n"), ("govern/", "govern/0"), ("last ", "last 0")])
def test_a_checkpoint_that_was_changed_after_it_was_signed_is_found(old: str, new: str, signed: Programme, tmp_path: Path) -> None:
    verifier = sign(signed, tmp_path / "note")
    text = (tmp_path / "note").read_text(encoding="utf-8")
    (tmp_path / "note").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert signed.refuses("verify", "--since", str(tmp_path / "note"), "--witness", verifier, status=Exit.BROKEN).codes == ["NOTE_INVALID"]


def test_a_checkpoint_without_a_signature_does_where_no_witness_is_named(signed: Programme, kept: Path, tmp_path: Path) -> None:
    verifier = sign(signed, tmp_path / "note")
    assert signed.refuses("verify", "--since", str(kept), "--witness", verifier, status=Exit.UNJUDGED).codes == ["NOTE_FORMAT"]


def test_a_witness_of_nothing_is_an_error_of_usage(signed: Programme, tmp_path: Path) -> None:
    verifier = sign(signed, tmp_path / "note")
    assert "--witness without --since verifies nothing" in signed.refuses("verify", "--witness", verifier, status=Exit.USAGE).err


@pytest.mark.parametrize("verifier", ["", "rubbish", "witness+00000000+AAAA", "a+b", "witness+e1b9fa46+AUyyda0dM7EB2T571jEC5ku9cYybtTvzUe/MfeCb9Qe7"])
def test_what_is_no_verifier_key_verifies_nothing(verifier: str, signed: Programme, tmp_path: Path) -> None:
    sign(signed, tmp_path / "note")
    ran = signed.refuses("verify", "--since", str(tmp_path / "note"), "--witness", verifier, status=Exit.USAGE)
    assert ran.codes == ["VERIFIER_KEY"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"hello\n",
        b"\xff\xfe\n",
        b"govern/LEDGER\n27\nAAAA\n",
        b"govern/LEDGER\n027\nROOT\nlast LAST\n",
        b"govern/LEDGER\r\n27\r\nROOT\r\nlast LAST\r\n",
        b"govern/LEDGER\n0\nROOT\nlast LAST\n",
        b"govern/LEDGER\n-1\nROOT\nlast LAST\n",
        b"govern/LEDGER\n27\nROOT\nlast LAST",
    ],
)
def test_a_malformed_checkpoint_is_never_a_pass(content: bytes, signed: Programme, kept: Path) -> None:
    origin, _size, root, last, _ = kept.read_bytes().split(b"\n")
    text = content.replace(b"govern/LEDGER", origin).replace(b"ROOT", root).replace(b"last LAST", last)
    kept.write_bytes(text)
    ran = signed.refuses("verify", "--since", str(kept), status=Exit.UNJUDGED)
    assert len(ran.codes) == 1
    assert ran.err.startswith(f"error {ran.codes[0]}: {kept}: ")


@pytest.mark.parametrize("content", ["ORIGIN\n27\nROOT\n", "ORIGIN\n27\nROOT\nof another tool\n"])
def test_a_checkpoint_of_another_tool_is_compared_by_its_three_lines(content: str, signed: Programme, kept: Path) -> None:
    origin, _size, root, _last, _ = kept.read_text(encoding="utf-8").split("\n")
    kept.write_text(content.replace("ORIGIN", origin).replace("ROOT", root), encoding="utf-8")
    assert "the head is the one of the checkpoint" in signed.does("verify", "--since", str(kept)).out


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_checkpoint_that_cannot_be_read_is_told(name: str, signed: Programme, tmp_path: Path) -> None:
    assert signed.refuses("verify", "--since", str(tmp_path / name), status=Exit.USAGE).codes == ["FILE_IO"]


@pytest.mark.parametrize("words", [("-t", "rsa", "-b", "2048", "-N", ""), ("-t", "ed25519", "-N", "a passphrase"), ("-t", "ecdsa", "-N", "")])
def test_a_checkpoint_is_signed_with_an_open_ed25519_key_alone(words: tuple[str, ...], signed: Programme, tmp_path: Path) -> None:
    keygen("-q", *words, "-f", str(tmp_path / "key"))
    for name in ("key", "key.pub"):
        assert signed.refuses("checkpoint", "--sign", str(tmp_path / name), status=Exit.USAGE).codes == ["KEY_TYPE"]


def test_the_name_of_a_witness_is_one_word(signed: Programme) -> None:
    for name in ("a b", "", "a+b", "a\nb"):
        assert signed.refuses("checkpoint", "--sign", str(keys() / "owner"), "--name", name, status=Exit.USAGE).codes in (["NOTE_FORMAT"], ["VERIFIER_KEY"])
