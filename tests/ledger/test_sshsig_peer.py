"""OpenSSH's own `ssh-keygen` beside this: what is accepted here, it accepts; what it makes is accepted here."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest

from govern.ledger.keys import P256_ORDER, parse_key, read_mpint, split_strings
from govern.ledger.sshsig import SignatureError, Signer, check_signature
from support.mutants import ED25519_ORDER, Question, mutants, valid
from support.signing import Fields, armor, mpint, pens, rsa_pen, sign, strings
from support.ssh_keygen import SshKeygen

SHARED = Path(__file__).parents[2].parent / "shared"
VECTORS = SHARED / "vectors" / "sshsig"
MESSAGE = b"what is signed"
NAMESPACE = "govern"


@pytest.fixture(scope="module")
def peer() -> Iterator[SshKeygen]:
    with SshKeygen() as found:
        yield found


def accepted(question: Question) -> str:
    """Return the code of the refusal, or nothing."""
    try:
        check_signature(*question)
    except SignatureError as error:
        return error.code
    return ""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published vectors are not beside the repository")
@pytest.mark.parametrize("name", ["ed25519", "rsa", "ecdsa", "ed25519_sk", "ecdsa_sk"])
def test_it_accepts_the_published_signatures_too(peer: SshKeygen, name: str) -> None:
    text, message, namespace = ((VECTORS / file).read_text() for file in (f"{name}.sig", "signed-data", "namespace"))
    question = Question(text, message.encode(), namespace)
    key = parse_key((VECTORS / f"{name}.pub").read_text())

    assert accepted(question) == ""
    assert peer.accepts_from(question, key.line())
    assert peer.fingerprint(key.line()) == key.fingerprint


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
@pytest.mark.parametrize("words", [("-t", "ed25519"), ("-t", "ecdsa", "-b", "256"), ("-t", "rsa", "-b", "2048")])
def test_what_it_makes_is_accepted(peer: SshKeygen, words: tuple[str, ...], digest: str) -> None:
    name = f"{words[1]}-{digest}"
    key = parse_key(peer.make_key(name, *words))

    for message, namespace in ((b"", "g"), (MESSAGE, "govern"), (b"\xff" * 5000, "n" * 38), (b"\0", "a@b.example")):
        text = peer.sign(name, message, namespace, digest)
        assert check_signature(text, message, namespace) == Signer(key.fingerprint, hardware=False, verified=False)
        assert peer.fingerprint(key.line()) == key.fingerprint


def test_it_writes_every_length_of_a_last_line_as_it_is_read_here(peer: SshKeygen) -> None:
    key = parse_key(peer.make_key("lines", "-t", "ed25519"))
    texts = {length: peer.sign("lines", MESSAGE, "n" * length, "sha512") for length in range(20, 75)}

    assert {len(text.splitlines()[-2]) for text in texts.values()} >= {4, 70}
    for length, text in texts.items():
        assert check_signature(text, MESSAGE, "n" * length).key == key.fingerprint
        assert text == armor(b64decode("".join(text.splitlines()[1:-1])))


@pytest.mark.parametrize("words", [("-t", "ecdsa", "-b", "384"), ("-t", "ecdsa", "-b", "521"), ("-t", "rsa", "-b", "1024")])
def test_what_it_makes_with_other_keys_is_refused(peer: SshKeygen, words: tuple[str, ...]) -> None:
    name = f"{words[1]}-{words[-1]}-refused"
    with pytest.raises(ValueError, match=r"does not sign here|at least 2048 are wanted"):
        parse_key(peer.make_key(name, *words))

    text = peer.sign(name, MESSAGE, NAMESPACE, "sha512")

    assert accepted(Question(text, MESSAGE, NAMESPACE)) == ("SIG_ALG" if words[1] == "rsa" else "KEY_TYPE")


def test_what_it_makes_with_a_certificate_is_refused(peer: SshKeygen) -> None:
    peer.make_key("authority", "-t", "ed25519")
    peer.make_key("bearer", "-t", "ed25519")
    assert peer.run("-q", "-s", "authority", "-I", "owner", "-n", "*", "bearer.pub")
    certificate = (peer.folder / "bearer-cert.pub").read_text()
    with pytest.raises(ValueError, match="a certificate does not sign here"):
        parse_key(certificate)

    fields = sign(pens()[0], MESSAGE)
    claimed = replace(fields, key=b64decode(certificate.split()[1]))

    assert accepted(Question(claimed.armor(), MESSAGE, NAMESPACE)) == "KEY_TYPE"


def test_it_accepts_what_is_accepted_here(peer: SshKeygen) -> None:
    for signed in valid():
        question = signed.question()
        [pen] = [pen for pen in pens() if pen.blob == signed.fields.key]
        assert accepted(question) == ""
        assert peer.accepts_from(question, parse_key(pen.line).line())


def test_it_accepts_the_rarer_keys_that_are_accepted_here(peer: SshKeygen) -> None:
    security_keys = [pens()[3]._replace(application=b"ssh:owner of 3"), pens()[4]._replace(application=b"ssh:" + b"x" * 2000)]
    for pen in (rsa_pen(2049), rsa_pen(3072), rsa_pen(exponent=3), *security_keys):
        question = Question(sign(pen, MESSAGE).armor(), MESSAGE, NAMESPACE)
        assert accepted(question) == ""
        assert peer.accepts_from(question, parse_key(pen.line).line())


@pytest.mark.parametrize("pen", [1, 4])
def test_it_too_accepts_the_twin_of_an_ecdsa_signature(peer: SshKeygen, pen: int) -> None:
    fields = sign(pens()[pen], MESSAGE)
    r, s = split_strings(fields.value)
    question = Question(replace(fields, value=strings(r, mpint(P256_ORDER - read_mpint(s)))).armor(), MESSAGE, NAMESPACE)

    assert accepted(question) == ""
    assert peer.accepts(question)


@pytest.mark.parametrize("pen", [3, 4])
@pytest.mark.parametrize(("flags", "code"), [(0, "SIG_USER_PRESENCE"), (4, "SIG_USER_PRESENCE"), (0x81, "SIG_FORMAT")])
def test_a_security_key_that_nobody_touched_is_refused_though_it_says_good(peer: SshKeygen, pen: int, flags: int, code: str) -> None:
    question = Question(sign(pens()[pen], MESSAGE, flags=flags).armor(), MESSAGE, NAMESPACE)

    assert peer.accepts_from(question, parse_key(pens()[pen].line).line())
    assert accepted(question) == code


def stricter() -> list[tuple[str, Fields]]:
    """Return what OpenSSH 9.2 accepts and this does not; later ones may do otherwise."""
    edwards, curve = sign(pens()[0], MESSAGE), sign(pens()[1], MESSAGE)
    s = int.from_bytes(edwards.value[32:], "little") + ED25519_ORDER
    return [
        ("SIG_FORMAT", replace(edwards, version=0)),
        ("SIG_FORMAT", replace(edwards, reserved=b"x")),
        ("SIG_FORMAT", replace(curve, value=strings(*(b"\0" + each for each in split_strings(curve.value))))),
        ("SIG_NAMESPACE", replace(edwards, namespace=b"govern\0")),
        ("SIG_INVALID", replace(edwards, value=edwards.value[:32] + s.to_bytes(32, "little"))),
        ("SIG_ALG", replace(edwards, key=strings(b"ssh-ed25519", b"\1" + bytes(31)), value=b"\1" + bytes(63))),
    ]


def test_what_else_it_may_accept_and_should_not_is_refused() -> None:
    for code, fields in stricter():
        assert accepted(Question(fields.armor(), MESSAGE, NAMESPACE)) == code


def test_an_rsa_signature_keeps_the_zeros_that_it_starts_with(peer: SshKeygen) -> None:
    messages = (b"what is signed %d" % number for number in count())
    fields, message = next((fields, message) for message in messages if (fields := sign(rsa_pen(), message)).value[0] == 0)
    whole = Question(fields.armor(), message, NAMESPACE)
    short = whole._replace(armor=replace(fields, value=fields.value[1:]).armor())

    assert peer.accepts(whole)
    assert (accepted(whole), accepted(short)) == ("", "SIG_FORMAT")


def test_no_mutant_is_accepted_that_it_refuses(peer: SshKeygen) -> None:
    questions = [question for question in islice(mutants(valid(), Random(7)), 400) if peer.can_ask(question)]

    verdicts = {(accepted(question) == "", peer.accepts(question)) for question in questions}

    assert (False, False) in verdicts
    assert (True, False) not in verdicts
