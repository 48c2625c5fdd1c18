"""Signatures of OpenSSH: the valid ones of every type, and the refusal of each thing that could be wrong with one."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.keys import parse_key
from govern.ledger.sshsig import MAX_ARMOR, SignatureError, Signer, check_signature, read_signer
from support.mutants import mutants, valid
from support.refused import refused
from support.signing import BEGIN, END, Pen, armor, mpint, pens, rsa_pen, sign, strings

SHARED = Path(__file__).parents[2].parent / "shared"
VECTORS = SHARED / "vectors" / "sshsig"
with_vectors = pytest.mark.skipif(not SHARED.is_dir(), reason="the published vectors are not beside the repository")
MANY = settings(deadline=None, derandomize=True, max_examples=200)

MESSAGE = b"what is signed"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def changed(pen: int, fields: Mapping[str, Any]) -> str:
    return replace(sign(pens()[pen], MESSAGE), **fields).armor()


@with_vectors
@pytest.mark.parametrize("name", ["ed25519", "rsa", "ecdsa", "ed25519_sk", "ecdsa_sk"])
def test_the_published_signatures_fit(name: str) -> None:
    text, message, namespace = ((VECTORS / file).read_text() for file in (f"{name}.sig", "signed-data", "namespace"))
    key = parse_key((VECTORS / f"{name}.pub").read_text())

    assert check_signature(text, message.encode(), namespace) == Signer(key.fingerprint, key.hardware, verified=False)
    assert read_signer(text, namespace) == check_signature(text, message.encode(), namespace)
    assert refused(text, message.encode() + b"\n", namespace)[0] == "SIG_INVALID"
    assert refused(text, message.encode(), "file")[0] == "SIG_NAMESPACE"


@with_vectors
@pytest.mark.parametrize("name", ["ecdsa_sk_webauthn", "mldsa44-ed25519"])
def test_the_published_signatures_of_other_types_are_refused(name: str) -> None:
    text, message, namespace = ((VECTORS / file).read_text() for file in (f"{name}.sig", "signed-data", "namespace"))

    assert refused(text, message.encode(), namespace)[0] == "KEY_TYPE"


def test_a_signature_of_every_type_names_its_signer() -> None:
    for signed in valid():
        question = signed.question()
        [pen] = [pen for pen in pens() if pen.blob == signed.fields.key]
        signer = Signer(parse_key(pen.line).fingerprint, bool(pen.application), verified=signed.fields.touch[:1] == b"\5")

        assert check_signature(*question) == signer
        assert read_signer(question.armor, question.namespace) == signer


@MANY
@given(st.sampled_from([0, 1, 3, 4]), st.binary(max_size=300), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100))
def test_a_signature_is_for_one_text_and_one_purpose(pen: int, message: bytes, namespace: str) -> None:
    text = sign(pens()[pen], message, namespace).armor()

    assert check_signature(text, message, namespace).key == parse_key(pens()[pen].line).fingerprint
    assert refused(text, message + b"\0", namespace)[0] == "SIG_INVALID"
    assert refused(text, message, namespace + "s")[0] == "SIG_NAMESPACE"


SIGNED = sign(Pen(Ed25519PrivateKey.from_private_bytes(bytes(32))), MESSAGE)
ARMOR = SIGNED.armor()


@pytest.mark.parametrize(
    "spelled",
    [
        ARMOR[:-1],
        ARMOR + "\n",
        ARMOR + ARMOR,
        "\n" + ARMOR,
        ARMOR.replace("\n", "\r\n"),
        ARMOR.replace("\n", ""),
        ARMOR.replace("SIGNATURE-----\n", "SIGNATURE----- \n"),
        ARMOR.replace(BEGIN, BEGIN + "\n"),
        ARMOR.replace(END, "\n" + END),
        ARMOR.replace(END, "AAAA\n" + END),
        ARMOR.replace(BEGIN, BEGIN.lower()),
        ARMOR.replace("SSH", "PGP"),
        ARMOR.removeprefix(BEGIN),
        ARMOR.removesuffix(END),
        ARMOR.replace("\n-----END", "=\n-----END"),
        "",
        BEGIN + END,
        BEGIN[:-1],
        ARMOR.replace("\n-----END", "é\n-----END"),
        ARMOR.replace("\n-----END", "\udc80\n-----END"),
        ARMOR.replace("\n-----END", "A\n-----END"),
        armor(SIGNED.blob(), 69),
        armor(SIGNED.blob(), 71),
        armor(SIGNED.blob(), 76),
        armor(SIGNED.blob(), 10**6),
    ],
)
def test_a_signature_has_one_spelling(spelled: str) -> None:
    check_signature(ARMOR, MESSAGE, "govern")

    assert refused(spelled, MESSAGE)[0] == "SIG_FORMAT"


def test_each_line_of_a_signature_ends_in_one_place() -> None:
    inner = ARMOR.removeprefix(BEGIN).removesuffix(END)
    ends = [at for at, letter in enumerate(inner) if letter == "\n"]
    assert len(ends) > 2
    for end in ends:
        rest = inner[:end] + inner[end + 1 :]
        moved = {rest[:at] + "\n" + rest[at:] for at in range(len(rest) + 1)} - {inner}
        assert {refused(BEGIN + text + END, MESSAGE)[0] for text in (rest, *moved)} == {"SIG_FORMAT"}


@pytest.mark.parametrize("length", range(1, 60))
def test_no_letter_at_the_end_can_be_another(length: int) -> None:
    namespace = "n" * length
    text = sign(pens()[0], MESSAGE, namespace).armor()
    check_signature(text, MESSAGE, namespace)

    end = len(text.removesuffix(END).rstrip("=\n"))
    for letter in set(LETTERS) - {text[end - 1]}:
        assert refused(text[: end - 1] + letter + text[end:], MESSAGE, namespace=namespace)[0] in ("SIG_FORMAT", "SIG_INVALID")


def test_a_last_line_may_be_full() -> None:
    armors = [sign(pens()[0], MESSAGE, "n" * length).armor() for length in range(1, 60)]
    full = [text for text in armors if len(text.splitlines()[-2]) == 70]

    assert full
    assert all("\n\n" not in text for text in full)


def test_the_length_of_a_signature_has_a_limit() -> None:
    assert refused("A" * MAX_ARMOR, MESSAGE) != refused("A" * (MAX_ARMOR + 1), MESSAGE) == ("SIG_FORMAT", "a signature of more than 16384 characters")


@pytest.mark.parametrize("pen", range(5))
@pytest.mark.parametrize(
    ("fields", "code", "why"),
    [
        ({"magic": b"SSHSIH"}, "SIG_FORMAT", "not an SSH signature of version 1"),
        ({"version": 0}, "SIG_FORMAT", "not an SSH signature of version 1"),
        ({"version": 2}, "SIG_FORMAT", "not an SSH signature of version 1"),
        ({"reserved": b"\0"}, "SIG_FORMAT", "something in the reserved one"),
        ({"rest": b"\0"}, "SIG_FORMAT", "cut or goes on"),
        ({"rest": strings(b"")}, "SIG_FORMAT", "other fields than version 1"),
        ({"namespace": b""}, "SIG_NAMESPACE", "signed for ``, not for `govern`"),
        ({"namespace": b"file"}, "SIG_NAMESPACE", "signed for `file`, not for `govern`"),
        ({"namespace": b"govern\0\x1b[2J\xff"}, "SIG_NAMESPACE", r"signed for `govern\?\?\[2J\?`, not for `govern`"),
        ({"hash": b"md5"}, "SIG_ALG", "neither sha256 nor sha512"),
        ({"hash": b"sha1"}, "SIG_ALG", "neither sha256 nor sha512"),
        ({"hash": b"sha512\0"}, "SIG_ALG", "neither sha256 nor sha512"),
        ({"hash": b""}, "SIG_ALG", "neither sha256 nor sha512"),
        ({"hash": b"sha256"}, "SIG_INVALID", "does not fit the text"),
        ({"algorithm": b"ssh-rsa"}, "SIG_ALG", "key does not sign with `ssh-rsa` here"),
        ({"algorithm": b"rsa-sha2-512-cert-v01@openssh.com"}, "SIG_ALG", "does not sign with"),
        ({"algorithm": b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"}, "SIG_ALG", "does not sign with"),
        ({"algorithm": b""}, "SIG_ALG", "does not sign with"),
        ({"inner_rest": b"\0"}, "SIG_FORMAT", "cut or goes on|no meaning here"),
        ({"inner_rest": strings(b"")}, "SIG_FORMAT", "cut or goes on|other fields than its algorithm|no meaning here"),
        ({"value": b""}, "SIG_FORMAT", "has 0 bytes|not two numbers"),
        ({"value": bytes(63)}, "SIG_FORMAT", "has 63 bytes, those of its key have|cut or goes on|not two numbers"),
        ({"value": bytes(65)}, "SIG_FORMAT", "has 65 bytes, those of its key have|cut or goes on"),
        ({"key": b""}, "KEY_TYPE", "does not start with the type of a key"),
        ({"key": strings(b"ssh-dss", b"")}, "KEY_TYPE", "`ssh-dss` does not sign here"),
        ({"key": strings(b"ssh-ed25519-cert-v01@openssh.com", b"", bytes(32)) + bytes(9)}, "KEY_TYPE", "a certificate does not sign here"),
        ({"key": strings(b"ssh-ed25519", b"\2" + bytes(31))}, "SIG_FORMAT", "not on the curve"),
        ({"key": strings(b"ssh-ed25519", b"\1" + bytes(31))}, "SIG_ALG", "anybody could sign"),
        ({"key": strings(b"ssh-rsa", b"\3", mpint(2**1023 + 1))}, "SIG_ALG", "an RSA key of 1024 bits; at least 2048 are wanted"),
    ],
)
def test_a_field_that_is_wrong_is_refused_with_its_code(pen: int, fields: dict[str, Any], code: str, why: str) -> None:
    text = changed(pen, fields)

    found, words = refused(text, MESSAGE)

    assert found == code
    with pytest.raises(SignatureError, match=why):
        check_signature(text, MESSAGE, "govern")
    assert words.isprintable()


@pytest.mark.parametrize("pen", range(5))
def test_the_key_of_another_does_not_fit(pen: int) -> None:
    edwards, curve = Ed25519PrivateKey.from_private_bytes(bytes(32)), derive_private_key(7**80, SECP256R1())
    other = (edwards, curve, rsa_pen(exponent=3).private, edwards, curve)[pen]

    assert refused(changed(pen, {"key": pens()[pen]._replace(private=other).blob}), MESSAGE)[0] == "SIG_INVALID"


@pytest.mark.parametrize("namespace", ["", " ", "govern ", "govern\0", "\udc80", "gövern"])
def test_what_cannot_be_a_namespace_is_never_the_one_of_a_signature(namespace: str) -> None:
    fields = replace(sign(pens()[0], MESSAGE), namespace=namespace.encode(errors="surrogateescape"))

    assert refused(fields.armor(), MESSAGE, namespace=namespace)[0] == "SIG_NAMESPACE"


def test_no_mutant_is_accepted() -> None:
    questions = list(islice(mutants(valid(), Random(11)), 3000))

    codes = {refused(*question)[0] for question in questions}

    assert codes == {"SIG_FORMAT", "SIG_ALG", "SIG_NAMESPACE", "SIG_INVALID", "SIG_USER_PRESENCE", "KEY_TYPE"}


@MANY
@given(st.binary(max_size=300))
def test_any_bytes_in_an_armor_are_refused_and_never_an_exception(blob: bytes) -> None:
    for content in (blob, b"SSHSIG\0\0\0\1" + blob):
        assert refused(armor(content), MESSAGE)[0] in ("SIG_FORMAT", "KEY_TYPE")


def test_the_library_is_imported_only_to_verify() -> None:
    text = sign(pens()[0], MESSAGE).armor()
    script = f"""import sys
from govern.ledger.sshsig import check_signature, read_signer
read_signer({text!r}, "govern")
assert not any(name.startswith("cryptography") for name in sys.modules)
check_signature({text!r}, {MESSAGE!r}, "govern")
assert "cryptography" in sys.modules
"""
    subprocess.run([sys.executable, "-I", "-c", script], env={}, check=True, timeout=60)
