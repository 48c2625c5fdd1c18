"""Attacks on signatures: none, of another, for something else, weak or malformed; nothing of it gives anybody's word."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from govern.canonical import digest
from govern.ledger.lines import namespace_of
from govern.problems import Exit
from support.attacks import HANA, HUGO, Victim, bring, fingerprint, key, key_folder, key_text, own, pen
from support.cli import keygen
from support.mutants import Question
from support.signing import PRESENT, VERIFIED, Fields, Pen, armor, rsa_pen, sign, strings
from support.ssh_keygen import SshKeygen

QT001 = {"grant": "QT001", "scope": "production"}
TRIAL = {"grant": "TRIAL", "scope": "work"}
LEAVE = {"grant": "LEAVE", "scope": "live"}


def test_row_01_a_grant_that_nobody_signed_is_nobodys(real: Victim) -> None:
    seq = real.forge("grant", "owner", QT001)
    real.meets("RECORD_NOT_ALLOWED", "SIG_MISSING", seq=seq, told="a record of owner counts only with their signature")
    real.meets("RECORD_NOT_ALLOWED", "SIG_MISSING", by=("status",), seq=seq)


def test_row_01_who_only_says_that_they_are_the_owner_records_nothing(real: Victim) -> None:
    real.meets("SIG_MISSING", by=("grant", "record", "QT001", "--as", "owner"), status=Exit.REFUSED, told="signature:owner")


def test_row_02_a_grant_signed_by_an_agents_own_key_is_refused(yard: Victim) -> None:
    for giver in ("ann", "bob"):
        yard.confirms("key", "enroll", str(key_folder() / "mallory.pub"), "--for", "bot", *own(giver))
    words = ("grant", "record", "TRIAL", "--as", "ann", *key("mallory"))
    yard.meets("KEY_NOT_IN_ROLE", by=words, status=Exit.REFUSED, told=f"{fingerprint(pen('mallory'))}, which is bot's, not ann's")
    seq = yard.forge("grant", "ann", TRIAL, pen("mallory"))
    yard.meets("RECORD_NOT_ALLOWED", "KEY_NOT_IN_ROLE", seq=seq, told="which is bot's, not ann's")


@pytest.mark.parametrize("name", ["allowed_signers", "governance/allowed_signers", "governance/policy/allowed_signers", ".ssh/allowed_signers"])
def test_row_03_a_key_in_a_file_of_the_tree_is_nobodys(name: str, real: Victim) -> None:
    path = real.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"owner {pen('mallory').line}\n", encoding="utf-8")
    words = ("grant", "record", "QT001", "--as", "owner", *key("mallory"))
    real.meets("KEY_NOT_IN_ROLE", by=words, status=Exit.REFUSED, told="which is nobody's here")
    seq = real.forge("grant", "owner", QT001, pen("mallory"))
    real.meets("RECORD_NOT_ALLOWED", "KEY_NOT_IN_ROLE", seq=seq, told="which is nobody's here")


def test_row_03_a_file_of_keys_in_the_ledgers_folder_is_a_stray(real: Victim) -> None:
    (real.ledger.parent / "allowed_signers").write_text(f"owner {pen('mallory').line}\n", encoding="utf-8")
    real.meets("LAYOUT_STRAY", told="allowed_signers")


def test_row_04_a_signature_moved_to_another_statement_does_not_fit(real: Victim) -> None:
    real.confirms("grant", "record", "QT001", *own("owner"))
    said = real.statement("grant", "owner", QT001)
    armor_of_it = sign(pen("owner"), said.text().encode(), namespace_of("grant")).armor()
    seq = real.append(real.line(said._replace(body={**QT001, "grant": "CUTOVER"}), armor_of_it))
    real.meets("SIG_INVALID", seq=seq, told="does not fit the text")


@pytest.mark.parametrize("namespace", ["git", "file", "govern", "govern-request", "govern-grant "])
def test_row_05_a_signature_that_was_made_for_something_else_is_refused(namespace: str, real: Victim, tmp_path: Path) -> None:
    said = real.statement("grant", "owner", QT001)
    (tmp_path / "text").write_text(said.text(), encoding="utf-8")
    keygen("-q", "-Y", "sign", "-n", namespace, "-f", str(key_folder() / "owner"), str(tmp_path / "text"))
    seq = real.append(real.line(said, (tmp_path / "text.sig").read_text(encoding="ascii")))
    real.meets("SIG_NAMESPACE", seq=seq, told=f"signed for `{namespace}`, not for `govern-grant`")


def test_row_05_a_commits_signature_is_not_brought_as_that_of_an_act(real: Victim, tmp_path: Path) -> None:
    words = bring(real, ("grant", "record", "QT001", "--as", "owner"), tmp_path / "act.json", "owner", "git")
    real.meets("SIG_NAMESPACE", by=words, status=Exit.REFUSED, told=f"{tmp_path}/act.json.sig: signed for `git`")


def test_row_06_a_security_key_that_nobody_touched_signs_nothing(yard: Victim) -> None:
    said = yard.statement("grant", "hugo", {"grant": "HARD", "scope": "work"})
    untouched = sign(HUGO, said.text().encode(), namespace_of("grant"), flags=0).armor()
    with SshKeygen() as peer:
        assert peer.accepts(Question(untouched, said.text().encode(), namespace_of("grant"))), "ssh-keygen finds it good"
    seq = yard.append(yard.line(said, untouched))
    yard.meets("SIG_USER_PRESENCE", seq=seq, told="nobody touched the security key")


def test_row_06_a_security_key_that_was_touched_signs(yard: Victim) -> None:
    yard.forge("grant", "hugo", {"grant": "HARD", "scope": "work"}, HUGO)
    assert yard.does("verify").status == Exit.YES


def test_row_07_a_touch_is_not_enough_where_a_pin_is_wanted(yard: Victim) -> None:
    seq = yard.forge("grant", "hana", {"grant": "PINNED", "scope": "work"}, HANA, flags=PRESENT)
    yard.meets("RECORD_NOT_ALLOWED", "SIG_MIN_AUTH", seq=seq, told="hana must sign with a hardware key that verifies its user")
    yard.write(yard.lines[:-1])
    yard.forge("grant", "hana", {"grant": "PINNED", "scope": "work"}, HANA, flags=PRESENT | VERIFIED)
    assert yard.does("verify").status == Exit.YES


def test_row_07_a_software_key_is_not_enough_where_a_security_key_is_wanted(yard: Victim) -> None:
    words = ("key", "enroll", str(key_folder() / "mallory.pub"), "--for", "hugo", *own("ann"))
    yard.meets("SIG_MIN_AUTH", by=words, status=Exit.REFUSED, told="hugo must sign with a hardware key, and this one is none")
    seq = yard.forge("enroll", "ann", {"actor": "hugo", "key": key_text(pen("mallory"))}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "SIG_MIN_AUTH", seq=seq, told="hugo must sign with a hardware key")


def test_row_07_a_software_key_signs_nothing_more_once_a_security_key_is_wanted(yard: Victim) -> None:
    yard.replace("states.yaml", "dan: {kind: person}", "dan: {kind: person, signs_with: hardware}")
    yard.replace("states.yaml", "version: 1", "version: 2")
    for actor in ("ann", "bob"):
        yard.confirms("policy", "adopt", "--reason", "a security key", *own(actor))
    yard.meets("SIG_MIN_AUTH", by=("note", "x", *own("dan")), status=Exit.REFUSED, told="dan must sign with a hardware key")
    said = yard.statement("note", "dan", {"text": "x"})._replace(policy=digest(yard.policy.read_bytes()))
    seq = yard.append(yard.line(said, pen("dan")))
    yard.meets("RECORD_NOT_ALLOWED", "SIG_MIN_AUTH", seq=seq, told="dan must sign with a hardware key")


def _weak_rsa(message: bytes) -> str:
    return sign(Pen(generate_private_key(65537, 1024)), message, "govern-grant").armor()


def _sha1_rsa(message: bytes) -> str:
    return replace(sign(rsa_pen(), message, "govern-grant"), algorithm=b"ssh-rsa").armor()


def _fields(**wrong: object) -> Callable[[bytes], str]:
    def made(message: bytes) -> str:
        right: Fields = sign(pen("owner"), message, "govern-grant")
        return replace(right, **wrong).armor()  # type: ignore[arg-type]

    return made


def _other_width(message: bytes) -> str:
    return armor(sign(pen("owner"), message, "govern-grant").blob(), width=64)


MALFORMED: dict[str, tuple[Callable[[bytes], str], str]] = {
    "md5": (_fields(hash=b"md5"), "SIG_ALG"),
    "sha1": (_fields(hash=b"sha1"), "SIG_ALG"),
    "reserved": (_fields(reserved=b"x"), "SIG_FORMAT"),
    "trailing": (_fields(rest=b"\0"), "SIG_FORMAT"),
    "trailing string": (_fields(rest=strings(b"")), "SIG_FORMAT"),
    "trailing in the inner one": (_fields(inner_rest=b"\0"), "SIG_FORMAT"),
    "version 2": (_fields(version=2), "SIG_FORMAT"),
    "version 0": (_fields(version=0), "SIG_FORMAT"),
    "magic": (_fields(magic=b"SSHSIh"), "SIG_FORMAT"),
    "another algorithm": (_fields(algorithm=b"rsa-sha2-512"), "SIG_ALG"),
    "ssh-rsa with SHA-1": (_sha1_rsa, "SIG_ALG"),
    "RSA of 1024 bits": (_weak_rsa, "SIG_ALG"),
    "another spelling": (_other_width, "SIG_FORMAT"),
    "two": (lambda message: _fields()(message) * 2, "SIG_FORMAT"),
    "rubbish": (lambda _message: "rubbish", "SIG_FORMAT"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_row_08_a_signature_that_is_weak_or_spelled_in_another_way_is_refused(name: str, real: Victim) -> None:
    made, code = MALFORMED[name]
    said = real.statement("grant", "owner", QT001)
    seq = real.append(real.line(said, made(said.text().encode())))
    real.meets(code, seq=seq, told="its signature is not accepted")


def test_row_09_one_person_does_not_fill_two_places_by_signing_twice(yard: Victim) -> None:
    [seq] = yard.confirms("grant", "record", "LEAVE", *own("ann")).seqs
    again = ("grant", "record", f"LEAVE#{seq}", *own("ann"))
    yard.meets("THRESHOLD", by=again, status=Exit.REFUSED, told="the word of ann for LEAVE is already on record")
    forged = yard.forge("grant", "ann", {**LEAVE, "instance": seq}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "THRESHOLD", seq=forged)


def test_row_09_one_person_does_not_fill_two_places_by_a_second_key(yard: Victim) -> None:
    [seq] = yard.confirms("grant", "record", "LEAVE", *own("ann")).seqs
    again = ("grant", "record", f"LEAVE#{seq}", "--as", "ann", *key("ann-2"))
    yard.meets("THRESHOLD", by=again, status=Exit.REFUSED, told="another's is wanted")
    forged = yard.forge("grant", "ann", {**LEAVE, "instance": seq}, pen("ann-2"))
    yard.meets("RECORD_NOT_ALLOWED", "THRESHOLD", seq=forged)


def test_row_09_one_key_does_not_speak_for_two(yard: Victim) -> None:
    [seq] = yard.confirms("grant", "record", "LEAVE", *own("ann")).seqs
    forged = yard.forge("grant", "bob", {**LEAVE, "instance": seq}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "KEY_NOT_IN_ROLE", seq=forged, told="which is ann's, not bob's")


def test_row_09_one_key_is_not_enrolled_under_two_names(yard: Victim) -> None:
    words = ("key", "enroll", str(key_folder() / "ann.pub"), "--for", "dan", *own("bob"))
    yard.meets("REFUSED", by=words, status=Exit.REFUSED, told=f"{fingerprint(pen('ann'))} is ann's since record #1")
    forged = yard.forge("enroll", "bob", {"actor": "dan", "key": key_text(pen("ann"))}, pen("bob"))
    yard.meets("RECORD_NOT_ALLOWED", "REFUSED", seq=forged, told="a key is enrolled once")


def test_row_10_a_certificate_is_no_key(yard: Victim, tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "ca"))
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "user"))
    keygen("-q", "-s", str(tmp_path / "ca"), "-I", "ann", "-n", "ann,bob", str(tmp_path / "user.pub"))
    certificate = tmp_path / "user-cert.pub"
    yard.meets("KEY_TYPE", by=("key", "enroll", str(certificate), "--for", "dan", *own("ann")), status=Exit.USAGE, told=f"{certificate}: a certificate")
    spelled = " ".join(certificate.read_text(encoding="utf-8").split()[:2])
    forged = yard.forge("enroll", "ann", {"actor": "dan", "key": spelled}, pen("ann"))
    yard.meets("RECORD_NOT_ALLOWED", "KEY_TYPE", seq=forged, told="a certificate does not sign here")


def test_row_10_what_a_certificate_signed_is_refused(real: Victim) -> None:
    said = real.statement("grant", "owner", QT001)
    made = sign(pen("owner"), said.text().encode(), "govern-grant")
    blob = strings(b"ssh-ed25519-cert-v01@openssh.com", made.key)
    seq = real.append(real.line(said, replace(made, key=blob).armor()))
    real.meets("KEY_TYPE", seq=seq, told="a certificate does not sign here")


@pytest.mark.parametrize("before", ["* ", "ann,bob ", "cert-authority ", 'principals="*" '])
def test_row_10_a_pattern_of_names_before_a_key_is_no_key(before: str, yard: Victim, tmp_path: Path) -> None:
    (tmp_path / "any.pub").write_text(f"{before}ssh-ed25519 {b64encode(pen('mallory').blob).decode()}\n", encoding="utf-8")
    words = ("key", "enroll", str(tmp_path / "any.pub"), "--for", "dan", *own("ann"))
    yard.meets("KEY_TYPE", by=words, status=Exit.USAGE, told=f"{tmp_path}/any.pub: ")


def test_row_11_a_key_that_was_retired_signs_nothing_afterwards(real: Victim) -> None:
    real.does("note", "before", *own("operator"))
    [retired] = real.does("key", "retire", fingerprint(pen("operator")), "--reason", "it was lost", *own("owner")).seqs
    real.meets("KEY_NOT_IN_POLICY_AT_SEQ", by=("note", "after", *own("operator")), status=Exit.REFUSED, told=f"was retired by record #{retired}")
    seq = real.forge("note", "operator", {"text": "after"}, pen("operator"))
    real.meets("RECORD_NOT_ALLOWED", "KEY_NOT_IN_POLICY_AT_SEQ", seq=seq, told=f"was retired by record #{retired}")
