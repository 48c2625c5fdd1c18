"""`ledger pin` and `ledger repair`: first keys that vouch for themselves are compared once on each machine; a torn tail is kept."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import Programme, Ran, fingerprint_of, key_of, keygen, keys, start

OWNER = ("--as", "owner", *key_of("owner"))


@pytest.fixture
def unpinned(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Programme:
    """A clone of the programme on another machine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another-machine"))
    return signed


def pin_of(programme: Programme) -> str:
    """Return the pin, as it is told where nobody can type."""
    [found] = re.findall(r"then: govern ledger pin ([0-9a-f]{64})\n", programme.run("ledger", "pin").err)
    return str(found)


def warned(ran: Ran) -> bool:
    """Whether it was told that the ledger is not pinned."""
    return "LEDGER_UNPINNED" in ran.codes


@pytest.mark.parametrize("words", [("status",), ("log",), ("verify",), ("why-blocked", "5"), ("key", "list"), ("checkpoint",)], ids=" ".join)
def test_a_question_on_a_ledger_that_is_not_pinned_is_answered_with_a_warning(words: tuple[str, ...], unpinned: Programme) -> None:
    ran = unpinned.does(*words)
    assert ran.codes == ["LEDGER_UNPINNED"]
    assert "`govern ledger pin` shows the keys; compare them with their owners" in ran.err
    assert [each["severity"] for each in unpinned.run(*words, "--json").answer["diagnostics"]] == ["warning"]


@pytest.mark.parametrize(
    "words", [("note", "x", *OWNER), ("note", "x", "--as", "gpt"), ("grant", "record", "QT001", *OWNER)], ids=lambda words: "-".join(words[:4])
)
def test_nothing_is_recorded_on_a_ledger_that_is_not_pinned(words: tuple[str, ...], unpinned: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = pin_of(unpinned)
    confirm = ("--confirm", unpinned.code(*words)) if words[0] == "grant" else ()
    assert unpinned.refuses(*words, *confirm).codes[-1] == "LEDGER_UNPINNED"
    monkeypatch.setenv("GOVERN_PIN", pin)
    assert unpinned.does(*words, *confirm).seqs == [27]


def test_who_enrolled_the_first_key_has_pinned_it(signed: Programme) -> None:
    assert signed.does("status").codes == []
    assert "pinned" in signed.asks("verify")["levels"]


def test_a_ledger_whose_keys_were_vouched_for_by_nobody_is_not_pinned_by_being_seen(unpinned: Programme) -> None:
    for _ in range(2):
        assert warned(unpinned.does("status"))
    assert "pinned" not in unpinned.asks("verify")["levels"]


def test_the_pin_is_what_its_owner_told(unpinned: Programme) -> None:
    pin = pin_of(unpinned)
    ran = unpinned.does("ledger", "pin", pin)
    assert ran.codes == []
    assert ran.out == f"pinned {pin}\nin CI: GOVERN_PIN={pin}\n"
    assert unpinned.does("status").codes == []
    assert "pinned" in unpinned.asks("verify")["levels"]


def test_a_pin_that_is_not_the_one_of_these_keys_pins_nothing(unpinned: Programme) -> None:
    pin = pin_of(unpinned)
    for other in (pin[:-1], pin[:12], "0" * 64, pin.upper(), f" {pin}", ""):
        ran = unpinned.refuses("ledger", "pin", other, status=Exit.BROKEN)
        assert ran.codes == ["LEDGER_UNPINNED"]
        assert "other keys, or another ledger" in ran.err
        assert warned(unpinned.does("status"))


def test_where_nobody_can_type_the_keys_are_shown_and_nothing_is_pinned(unpinned: Programme) -> None:
    ran = unpinned.refuses("ledger", "pin")
    assert ran.codes == ["NOT_CONFIRMED"]
    assert re.fullmatch(rf"ledger [0-9a-f]{{64}}\n  owner  {re.escape(fingerprint_of('owner'))}\n", ran.out)
    assert unpinned.refuses("ledger", "pin", "--json").answer["diagnostics"][0]["code"] == "NOT_CONFIRMED"
    assert warned(unpinned.does("status"))


def test_on_a_terminal_the_pin_is_typed_after_the_keys_were_shown(unpinned: Programme) -> None:
    pin = pin_of(unpinned)
    for typed in ("", "y", "yes", pin[:11], pin[:12].upper(), "owner"):
        assert unpinned.types(f"{typed}\n", "ledger", "pin").codes == ["NOT_CONFIRMED"]
    assert warned(unpinned.does("status"))
    ran = unpinned.types(f"{pin[:12]}\n", "ledger", "pin")
    assert ran.status == Exit.YES
    assert ran.out.index(fingerprint_of("owner")) < ran.out.index(f"Type `{pin[:12]}` to pin them.\n> ") < ran.out.index(f"pinned {pin}\n")
    assert unpinned.does("status").codes == []


def test_only_keys_that_nobody_vouched_for_are_compared(unpinned: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pin_of(unpinned)
    monkeypatch.setenv("GOVERN_PIN", before)
    unpinned.does("key", "retire", fingerprint_of("operator"), "--reason", "lost", *OWNER)
    assert fingerprint_of("operator") not in unpinned.run("ledger", "pin").out
    assert pin_of(unpinned) == before, "what follows the first keys is vouched for by them"


def test_ci_is_told_the_pin_by_its_environment(unpinned: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    pin = pin_of(unpinned)
    for value in (pin, f"{'0' * 64} {pin}", f"{'0' * 64},{pin}"):
        monkeypatch.setenv("GOVERN_PIN", value)
        assert unpinned.does("status").codes == []
        assert "pinned" in unpinned.asks("verify")["levels"]
    for value in ("", pin[:12], f"{pin}0", pin.upper()):
        monkeypatch.setenv("GOVERN_PIN", value)
        assert warned(unpinned.does("status"))


def test_a_pin_of_the_environment_is_not_kept(unpinned: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVERN_PIN", pin_of(unpinned))
    assert unpinned.does("status").codes == []
    monkeypatch.delenv("GOVERN_PIN")
    assert warned(unpinned.does("status"))


def test_without_keys_there_is_nothing_to_pin(keyless: Programme, tmp_path: Path) -> None:
    assert keyless.does("status").codes == []
    ran = keyless.refuses("ledger", "pin")
    assert "there is nothing to pin: no key is enrolled on its own word" in ran.err
    assert start(tmp_path / "waived").refuses("ledger", "pin", "0" * 64).codes == ["REFUSED"]


def test_a_torn_tail_is_kept_aside_cut_off_and_told(signed: Programme) -> None:
    whole = signed.ledger.read_bytes()
    signed.ledger.write_bytes(whole + b"torn")
    ran = signed.does("ledger", "repair", *OWNER)
    digest = sha256(b"torn").hexdigest()
    assert ran.out == f"recorded as #27: 4 bytes are kept in governance/ledger-torn/{digest} (signed)\nnothing takes it back\n"
    assert (signed.root / "governance" / "ledger-torn" / digest).read_bytes() == b"torn"
    assert signed.ledger.read_bytes().startswith(whole)
    [record] = signed.asks("log", "-n", "1")["records"]
    assert (record["kind"], record["body"]) == ("repair", {"bytes": 4, "sha256": digest})
    assert signed.does("verify").out.startswith("28 records verified")


def test_a_whole_ledger_needs_no_repair(signed: Programme) -> None:
    before = signed.tree()
    assert signed.does("ledger", "repair", *OWNER).out == "nothing to repair: the ledger ends with a whole record\n"
    assert signed.tree() == before


@pytest.mark.parametrize("words", [("--as", "owner"), ("--as", "owner", *key_of("operator")), ("--as", "nobody")], ids=lambda words: "-".join(words[:3]))
def test_a_repair_whose_record_was_refused_is_recorded_by_the_next(words: tuple[str, ...], signed: Programme) -> None:
    signed.ledger.write_bytes(signed.ledger.read_bytes() + b"torn")
    assert signed.run("ledger", "repair", *words).status == Exit.REFUSED
    assert signed.does("ledger", "repair", *OWNER).seqs == [27]
    assert signed.asks("log", "-n", "1")["records"][0]["body"] == {"bytes": 4, "sha256": sha256(b"torn").hexdigest()}
    assert "nothing to repair" in signed.does("ledger", "repair", *OWNER).out


@pytest.mark.parametrize("words", [(), ("--as", "gpt", "--as-of", "@S0")], ids=" ".join)
def test_a_repair_of_nobody_or_of_the_past_cuts_nothing(words: tuple[str, ...], signed: Programme) -> None:
    signed.ledger.write_bytes(signed.ledger.read_bytes() + b"torn")
    signed.refuses("ledger", "repair", *words, status=Exit.USAGE)


def test_the_record_of_a_repair_may_be_signed_elsewhere(signed: Programme, tmp_path: Path) -> None:
    signed.ledger.write_bytes(signed.ledger.read_bytes() + b"torn")
    repair = ("ledger", "repair", "--as", "owner")
    signed.does("request", str(tmp_path / "file"), *repair)
    keygen("-q", "-Y", "sign", "-n", "govern-repair", "-f", str(keys() / "owner"), str(tmp_path / "file"))
    assert signed.does(*repair, "--signature", str(tmp_path / "file.sig")).seqs == [27]


def test_what_was_acknowledged_is_no_torn_tail_to_be_cut(signed: Programme) -> None:
    signed.does("note", "seen", *OWNER)
    signed.does("status")
    signed.ledger.write_bytes(signed.ledger.read_bytes()[:-1])
    assert signed.refuses("ledger", "repair", *OWNER, status=Exit.BROKEN).codes[-1] == "ROLLBACK"


def test_a_first_record_that_is_torn_is_not_repaired(signed: Programme) -> None:
    signed.ledger.write_bytes(signed.ledger.read_bytes()[:100])
    assert signed.refuses("ledger", "repair", "--as", "gpt", status=Exit.BROKEN).codes[-1] == "TORN_TAIL"
