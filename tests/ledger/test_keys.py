"""Which public keys may sign: each in its one spelling, none with which somebody else could."""

from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.keys import (
    MAX_KEY_LINE,
    TYPES,
    KeyTypeError,
    MalformedKeyError,
    PublicKey,
    parse_key,
    read_blob,
    split_strings,
)
from support.signing import key_line, pens, strings

SHARED = Path(__file__).parents[2].parent / "shared"
VECTORS = SHARED / "vectors" / "sshsig"
MANY = settings(deadline=None, derandomize=True, max_examples=300)

LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIlizSIN3DQV78VPNjVvvwjgf+P5HqbPYCYu3BOMdjAE"
FINGERPRINT = "SHA256:ZxTZQ/K7JZpz0mHqWqdmYCUcq3MAtnu9TYA66TCBkxM"


def test_a_key_has_one_spelling_one_fingerprint_and_no_comment() -> None:
    key = parse_key(f"{LINE} who it is: Zoë's laptop")

    assert key == PublicKey("ssh-ed25519", b64decode(LINE.split()[1]))
    assert (key.line(), key.fingerprint, key.hardware) == (LINE, FINGERPRINT, False)


@pytest.mark.parametrize("end", ["", " ", "\n", " somebody\n", "  two  spaces "])
def test_what_follows_the_key_in_its_line_is_no_part_of_it(end: str) -> None:
    assert parse_key(LINE + end).line() == LINE


def test_every_type_that_may_sign_is_read_and_security_keys_are_known() -> None:
    keys = [parse_key(pen.line) for pen in pens()]

    assert [key.type for key in keys] == list(TYPES)
    assert [key.hardware for key in keys] == [False, False, False, True, True]
    assert [parse_key(key.line()) for key in keys] == keys
    assert [read_blob(key.blob).application for key in keys] == [b"", b"", b"", b"ssh:", b"ssh:owner"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published vectors are not beside the repository")
@pytest.mark.parametrize("name", ["ed25519", "rsa", "ecdsa", "ed25519_sk", "ecdsa_sk"])
def test_the_published_keys_are_read(name: str) -> None:
    text = (VECTORS / f"{name}.pub").read_text()

    assert text.startswith(parse_key(text).line() + " ")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published vectors are not beside the repository")
@pytest.mark.parametrize(("name", "why"), [("ecdsa_sk_webauthn", "not made for SSH"), ("mldsa44-ed25519", "`ssh-mldsa44-ed25519@openssh.com` does not sign")])
def test_the_published_keys_of_other_types_are_refused(name: str, why: str) -> None:
    with pytest.raises(KeyTypeError, match=why):
        parse_key((VECTORS / f"{name}.pub").read_text())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "does not start with the type of a key"),
        ("* " + LINE, "no name, pattern or option before it"),
        ("*@example.com " + LINE, "no name, pattern or option before it"),
        ('cert-authority,namespaces="govern" ' + LINE, "no name, pattern or option before it"),
        ("owner@example.com " + LINE, "`owner@example.com` does not sign here; accepted are ssh-ed25519, "),
        (" " + LINE, "no name, pattern or option before it"),
        ("ssh-dss " + LINE.split()[1], "`ssh-dss` does not sign here"),
        ("ecdsa-sha2-nistp384 AAAA", "`ecdsa-sha2-nistp384` does not sign here"),
        ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com AAAA", "does not sign here"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "a certificate does not sign here"),
        ("ssh-rsa-cert-v01@openssh.com AAAA", "give the key itself"),
        (LINE.replace("ssh-ed25519", "ssh-rsa"), "the line says `ssh-rsa`, and its key is of another type"),
        ("ssh-ed25519", "its key is of another type"),
        (LINE.replace(" ", "  "), "its key is of another type"),
    ],
)
def test_what_is_not_a_key_that_may_sign_is_refused_in_words(line: str, why: str) -> None:
    with pytest.raises(KeyTypeError, match=why.replace("*", r"\*")) as caught:
        parse_key(line)

    assert type(caught.value) is KeyTypeError


@pytest.mark.parametrize("text", ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n", "-----BEGIN RSA PRIVATE KEY-----"])
def test_a_private_key_is_never_quoted(text: str) -> None:
    with pytest.raises(KeyTypeError, match="this is a private key") as caught:
        parse_key(text)

    assert "b3Blb" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LINE + "\n\n", "more than one line"),
        (LINE + "\r\n", "characters that do not print"),
        (LINE + "\n" + LINE, "more than one line"),
        (LINE + " \u202egnihtemos", "characters that do not print"),
        (LINE.replace(" ", "\t"), "characters that do not print"),
        (LINE + "=", "base64 of the key is not in its one spelling"),
        (LINE[:-1] + "*", "not base64"),
        (LINE[:-1] + "é", "not base64"),
        (LINE[:-1], "not base64"),
        (LINE + "AAAA", "cut or goes on behind its end"),
        (LINE[:-4], "cut or goes on behind its end"),
        (key_line(b"ssh-ed25519", bytes(32), b""), "other fields than its type"),
        (key_line(b"ssh-ed25519"), "other fields than its type"),
        (key_line(b"ssh-ed25519", bytes(31)), "not 32 bytes long"),
        (key_line(b"ssh-ed25519", bytes(33)), "not 32 bytes long"),
        (key_line(b"ecdsa-sha2-nistp256", b"nistp384", bytes(97)), "other fields than its type"),
    ],
)
def test_a_key_that_is_not_laid_out_as_its_type_demands_is_refused(line: str, why: str) -> None:
    with pytest.raises(MalformedKeyError, match=why):
        parse_key(line)


def test_base64_has_no_second_spelling() -> None:
    line = key_line(b"sk-ssh-ed25519@openssh.com", b64decode(LINE.split()[1])[-32:], b"ssh:ab")
    assert line.endswith("hYg==")
    parse_key(line)

    with pytest.raises(MalformedKeyError, match="not in its one spelling"):
        parse_key(line[:-3] + "h==")


def test_the_length_of_a_line_has_a_limit() -> None:
    parse_key(LINE + " " + "x" * (MAX_KEY_LINE - len(LINE) - 1))

    with pytest.raises(MalformedKeyError, match="more than 8192 characters"):
        parse_key(LINE + " " + "x" * (MAX_KEY_LINE - len(LINE)))


@pytest.mark.parametrize("application", [b"ssh:", b"ssh:owner of 3", b"ssh:" + b"x" * 200])
def test_a_security_key_made_for_ssh_is_read(application: bytes) -> None:
    point = b64decode(LINE.split()[1])[-32:]

    assert read_blob(parse_key(key_line(b"sk-ssh-ed25519@openssh.com", point, application)).blob).application == application


@pytest.mark.parametrize("application", [b"", b"ssh", b"SSH:", b"https://example.com", b"ssh:\0", b"ssh:\n", b"ssh:\xc3\xa9", b" ssh:"])
def test_a_security_key_made_for_something_else_is_refused(application: bytes) -> None:
    point = b64decode(LINE.split()[1])[-32:]
    with pytest.raises(KeyTypeError, match="was not made for SSH"):
        parse_key(key_line(b"sk-ssh-ed25519@openssh.com", point, application))


@MANY
@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_or_refused(blob: bytes) -> None:
    with pytest.raises(KeyTypeError):
        read_blob(blob)


@MANY
@given(st.lists(st.binary(max_size=20), max_size=6))
def test_strings_are_split_where_they_were_joined(contents: list[bytes]) -> None:
    assert split_strings(strings(*contents)) == contents


@pytest.mark.parametrize("content", [b"\0", b"\0\0\0", b"\0\0\0\1", b"\0\0\0\2x", b"\xff\xff\xff\xff", b"\0\0\0\1xy"])
def test_strings_that_end_early_or_late_are_refused(content: bytes) -> None:
    for before in (b"", strings(b"", b"x")):
        with pytest.raises(ValueError, match="ends within a string"):
            split_strings(before + content)
