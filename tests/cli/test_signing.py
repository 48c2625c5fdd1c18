"""What a person records carries their signature: which key makes it, and which are refused."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from govern.problems import Exit
from support.cli import HANDOFF, Programme, Ran, fingerprint_of, key_of, keygen, keys
from support.terminal import clean_environment, run_process

NOTE = ("note", "seen", "--as", "owner")
DECIDE = ("decide", "2", "--as", "owner")


def codes(ran: Ran) -> list[str]:
    """Return the codes of the diagnostics of a JSON answer."""
    return [each["code"] for each in ran.answer["diagnostics"]]


def checked(line: bytes) -> bytes:
    """Return a line with the digest that fits what it says."""
    check = line[38:102]
    return line.replace(check, hashlib.sha256(line[:29] + line[104:]).hexdigest().encode(), 1)


def signer(programme: Programme) -> str | None:
    """Return whose key signed the last record."""
    found: str | None = programme.asks("log", "-n", "1")["records"][0]["signer"]
    return found


@pytest.fixture
def ssh_folder() -> Path:
    """The folder of keys in the home of a test."""
    folder = Path(os.environ["HOME"]) / ".ssh"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def agent(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An ssh-agent that holds the key of nobody in particular, then the owner's."""
    socket = str(tmp_path_factory.mktemp("agent") / "socket")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while not Path(socket).exists():
            assert time.monotonic() < until, "ssh-agent did not open its socket"
        subprocess.run(["ssh-add", "-q", str(keys() / "stranger"), str(keys() / "owner")], env={**os.environ, "SSH_AUTH_SOCK": socket}, check=True)
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        yield socket
    finally:
        process.terminate()
        process.wait(10)


def test_a_decision_is_signed_with_the_key_that_is_named(signed: Programme) -> None:
    ran = signed.confirms(*DECIDE, *key_of("owner"))
    assert f"recorded as #27: final-real-data/{HANDOFF} is selected (signed)" in ran.out
    assert signer(signed) == fingerprint_of("owner")
    assert "[signed]" in signed.does("log", "-n", "1").out
    assert signed.does("verify").out.startswith("28 records verified")


@pytest.mark.parametrize("name", ["owner", "owner.pub"])
def test_a_key_is_named_by_either_of_its_files(name: str, signed: Programme) -> None:
    assert signed.does(*NOTE, "--key", str(keys() / name)).seqs == [27]


def test_a_key_may_be_named_by_the_environment(signed: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVERN_KEY", str(keys() / "owner"))
    assert signed.does(*NOTE).seqs == [27]
    assert signer(signed) == fingerprint_of("owner")


def test_a_key_is_found_among_those_of_the_home(signed: Programme, ssh_folder: Path) -> None:
    for name in ("stranger", "operator", "owner"):
        shutil.copy(keys() / f"{name}.pub", ssh_folder / f"id_{name}.pub")
        shutil.copy(keys() / name, ssh_folder / f"id_{name}")
    (ssh_folder / "authorized.pub").write_text("# no key\n", encoding="utf-8")
    assert signed.does(*NOTE).seqs == [27]
    assert signer(signed) == fingerprint_of("owner")
    assert signed.does("note", "seen", "--as", "operator").seqs == [28]
    assert signer(signed) == fingerprint_of("operator")


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_an_absolute_home_no_key_is_looked_for(home: str, signed: Programme, ssh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("owner", "owner.pub"):
        shutil.copy(keys() / name, ssh_folder / name)
    monkeypatch.chdir(ssh_folder.parent)
    (ssh_folder.parent / "relative").symlink_to(ssh_folder.parent)
    monkeypatch.setenv("HOME", home)
    assert codes(signed.refuses(*NOTE, "--json")) == ["SIG_MISSING"]
    monkeypatch.delenv("HOME")
    assert codes(signed.refuses(*NOTE, "--json")) == ["SIG_MISSING"]


def test_a_key_in_the_agent_signs_though_its_file_is_not_here(signed: Programme, agent: str) -> None:
    assert agent
    assert signed.confirms(*DECIDE).seqs == [27]
    assert signer(signed) == fingerprint_of("owner")
    assert codes(signed.refuses("note", "x", "--as", "operator", "--json")) == ["SIG_MISSING"]


def test_a_public_file_names_the_key_in_the_agent(signed: Programme, agent: str, tmp_path: Path) -> None:
    assert agent
    shutil.copy(keys() / "owner.pub", tmp_path / "alone.pub")
    assert signed.does(*NOTE, "--key", str(tmp_path / "alone.pub")).seqs == [27]


def test_an_agent_that_is_gone_is_no_agent(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    assert codes(signed.refuses(*NOTE, "--json")) == ["SIG_MISSING"]


def test_a_public_file_without_its_key_signs_nothing(signed: Programme, tmp_path: Path) -> None:
    shutil.copy(keys() / "owner.pub", tmp_path / "alone.pub")
    ran = signed.refuses(*NOTE, "--key", str(tmp_path / "alone.pub"))
    assert ran.codes == ["SIG_MISSING"]
    assert f"{fingerprint_of('owner')} did not sign" in ran.err


@pytest.mark.parametrize("other", ["operator", "stranger"])
def test_another_key_than_the_actors_is_refused(other: str, signed: Programme) -> None:
    ran = signed.refuses(*NOTE, *key_of(other), "--json")
    assert codes(ran) == ["KEY_NOT_IN_ROLE"]
    assert signed.refuses(*DECIDE, *key_of(other), "--json").status == Exit.REFUSED


def test_a_retired_key_signs_nothing_more_and_what_it_signed_stays(signed: Programme) -> None:
    assert signed.does("note", "before", "--as", "operator", *key_of("operator")).seqs == [27]
    signed.does("key", "retire", fingerprint_of("operator"), "--reason", "it was lost", "--as", "owner", *key_of("owner"))
    ran = signed.refuses("note", "after", "--as", "operator", *key_of("operator"), "--json")
    assert codes(ran) == ["KEY_NOT_IN_POLICY_AT_SEQ"]
    assert ran.answer["result"]["requirements"][0]["record"] == 28
    assert signed.does("verify").out.startswith("29 records verified")


def test_without_a_key_a_person_records_nothing(signed: Programme) -> None:
    ran = signed.refuses(*NOTE, "--json")
    assert codes(ran) == ["SIG_MISSING"]
    assert "a record of owner counts only with their signature" in ran.answer["diagnostics"][0]["message"]
    assert codes(signed.refuses(*DECIDE, "--json")) == ["SIG_MISSING"]


def test_what_an_agent_says_needs_no_signature_and_is_marked_so(signed: Programme) -> None:
    assert "recorded as #27 (unauthenticated)" in signed.does("note", "seen", "--as", "gpt").out
    assert signer(signed) is None


def test_an_agent_that_has_a_key_is_heard_with_it_alone(signed: Programme) -> None:
    signed.confirms("key", "enroll", str(keys() / "gpt"), "--for", "gpt", "--as", "owner", *key_of("owner"))
    assert codes(signed.refuses("note", "seen", "--as", "gpt", "--json")) == ["SIG_MISSING"]
    assert "recorded as #28 (signed)" in signed.does("note", "seen", "--as", "gpt", *key_of("gpt")).out


def test_several_grants_are_signed_in_one_go_each_with_its_own_signature(signed: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("grant", "record", "QT001", "PERMIT", "REAL_RUN", "--as", "owner", *key_of("owner"))
    code, run, calls = signed.code(*words), subprocess.run, []

    def counted(command: list[str], **more: object) -> object:
        calls.append(command[1:3])
        return run(command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", counted)
    assert signed.does(*words, "--confirm", code).seqs == [27, 28, 29]
    assert calls == [["-Y", "sign"]], "a passphrase is asked for once"
    assert [each["signer"] for each in signed.asks("log", "-n", "3")["records"]] == [fingerprint_of("owner")] * 3
    assert signed.does("verify").out.startswith("30 records verified")


def test_a_key_with_a_passphrase_signs_nothing_where_nobody_can_type_it(signed: Programme, tmp_path: Path) -> None:
    path = tmp_path / "locked"
    keygen("-q", "-t", "ed25519", "-N", "a passphrase", "-f", str(path))
    signed.confirms("key", "enroll", str(path), "--as", "owner", *key_of("owner"))
    before = signed.tree()
    environment = clean_environment(tmp_path / "home", XDG_STATE_HOME=os.environ["XDG_STATE_HOME"])
    ended = run_process(*NOTE, "--key", str(path), cwd=signed.root, environment=environment)
    assert ended.status == Exit.REFUSED
    assert ended.err.startswith("error SIG_MISSING: SHA256:")
    assert "help: nothing was recorded" in ended.err
    assert signed.tree() == before


@pytest.mark.parametrize(("name", "code"), [("absent", "KEY_TYPE"), ("absent.pub", "FILE_IO"), ("states.yaml", "KEY_TYPE")])
def test_a_key_that_cannot_be_read_signs_nothing(name: str, code: str, signed: Programme) -> None:
    assert signed.refuses(*NOTE, "--key", str(signed.root / name), status=Exit.USAGE).codes == [code]


def test_a_signature_that_was_put_on_another_record_is_found(signed: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    signed.does(*NOTE, *key_of("owner"))
    signed.does("note", "another", "--as", "owner", *key_of("owner"))
    lines = signed.ledger.read_bytes().split(b"\n")
    first, second = (line[line.index(b'"sigs":[') : line.index(b',"stmt":')] for line in lines[27:29])
    assert first != second
    signed.ledger.write_bytes(b"\n".join([*lines[:28], checked(lines[28].replace(second, first)), b""]))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another-machine"))
    assert signed.refuses("verify", status=Exit.BROKEN).codes == ["SIG_INVALID"]
    assert signed.refuses("status", status=Exit.BROKEN).codes == ["SIG_INVALID"]
