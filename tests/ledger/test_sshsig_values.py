"""What each type of key signs with: the flags of a security key, the length of RSA, the two numbers of ECDSA."""

from dataclasses import replace

import pytest

from govern.ledger.keys import P256_ORDER, parse_key, read_mpint, split_strings
from govern.ledger.sshsig import check_signature
from support.refused import refused
from support.signing import PRESENT, VERIFIED, mpint, pens, rsa_pen, sign, strings

MESSAGE = b"what is signed"
CURVE, SK_EDWARDS, SK_CURVE = 1, 3, 4
OF_SECURITY_KEYS = [SK_EDWARDS, SK_CURVE]


@pytest.mark.parametrize("pen", OF_SECURITY_KEYS)
def test_the_flags_of_a_security_key_are_what_it_has_signed(pen: int) -> None:
    fields = sign(pens()[pen], MESSAGE, flags=PRESENT)
    claimed = replace(fields, touch=bytes([PRESENT | VERIFIED]) + fields.touch[1:])

    assert not check_signature(fields.armor(), MESSAGE, "govern").verified
    assert check_signature(sign(pens()[pen], MESSAGE, flags=PRESENT | VERIFIED).armor(), MESSAGE, "govern").verified
    assert refused(claimed.armor(), MESSAGE)[0] == "SIG_INVALID"
    assert refused(replace(fields, touch=fields.touch[:-1] + b"\x08").armor(), MESSAGE)[0] == "SIG_INVALID"


@pytest.mark.parametrize("pen", OF_SECURITY_KEYS)
@pytest.mark.parametrize("flags", [0, VERIFIED])
def test_a_security_key_that_nobody_touched_is_refused(pen: int, flags: int) -> None:
    assert refused(sign(pens()[pen], MESSAGE, flags=flags).armor(), MESSAGE) == ("SIG_USER_PRESENCE", "nobody touched the security key when it signed")


@pytest.mark.parametrize("pen", OF_SECURITY_KEYS)
@pytest.mark.parametrize("flags", [0x02, 0x03, 0x09, 0x11, 0x21, 0x41, 0x81, 0xC5, 0xFF])
def test_a_security_key_that_sets_other_flags_is_refused(pen: int, flags: int) -> None:
    code, why = refused(sign(pens()[pen], MESSAGE, flags=flags).armor(), MESSAGE)

    assert (code, why) == ("SIG_FORMAT", "the security key has set flags that have no meaning here")


@pytest.mark.parametrize("counter", [0, 1, 2**32 - 1])
def test_a_security_key_counts_as_it_likes(counter: int) -> None:
    for pen in OF_SECURITY_KEYS:
        assert check_signature(sign(pens()[pen], MESSAGE, counter=counter).armor(), MESSAGE, "govern").hardware


def test_an_application_that_the_key_does_not_name_does_not_fit() -> None:
    pen = pens()[SK_EDWARDS]
    fields = replace(sign(pen, MESSAGE), key=pen._replace(application=b"ssh:other").blob)

    assert refused(fields.armor(), MESSAGE)[0] == "SIG_INVALID"


@pytest.mark.parametrize("size", [-1, 1])
def test_an_rsa_signature_is_as_long_as_its_key(size: int) -> None:
    fields = sign(rsa_pen(), MESSAGE)
    value = fields.value[1:] if size < 0 else b"\0" + fields.value

    assert refused(replace(fields, value=value).armor(), MESSAGE) == ("SIG_FORMAT", f"the signature has {256 + size} bytes, those of its key have 256")


@pytest.mark.parametrize("bits", [2049, 2056, 3072])
def test_an_rsa_key_may_have_any_length_from_2048_bits(bits: int) -> None:
    pen = rsa_pen(bits)
    for rsa in ("rsa-sha2-256", "rsa-sha2-512"):
        fields = sign(pen, MESSAGE, rsa=rsa)
        assert check_signature(fields.armor(), MESSAGE, "govern").key == parse_key(pen.line).fingerprint
        other = {"rsa-sha2-256": b"rsa-sha2-512", "rsa-sha2-512": b"rsa-sha2-256"}[rsa]
        assert refused(replace(fields, algorithm=other).armor(), MESSAGE)[0] == "SIG_INVALID"


@pytest.mark.parametrize("pen", [CURVE, SK_CURVE])
@pytest.mark.parametrize(
    ("value", "code", "why"),
    [
        (strings(mpint(1), mpint(1)), "SIG_INVALID", "does not fit"),
        (strings(mpint(P256_ORDER - 1), mpint(P256_ORDER - 1)), "SIG_INVALID", "does not fit"),
        (strings(mpint(P256_ORDER), mpint(1)), "SIG_FORMAT", "not two numbers below the order of the curve"),
        (strings(mpint(1), mpint(P256_ORDER)), "SIG_FORMAT", "not two numbers below the order of the curve"),
        (strings(mpint(0), mpint(1)), "SIG_FORMAT", "not a positive integer in its shortest form"),
        (strings(mpint(1), mpint(0)), "SIG_FORMAT", "not a positive integer in its shortest form"),
        (strings(b"\0\1", mpint(1)), "SIG_FORMAT", "not a positive integer in its shortest form"),
        (strings(mpint(1), b"\0\1"), "SIG_FORMAT", "not a positive integer in its shortest form"),
        (strings(b"\xff" * 32, mpint(1)), "SIG_FORMAT", "not a positive integer in its shortest form"),
        (strings(mpint(1)), "SIG_FORMAT", "not two numbers"),
        (strings(mpint(1), mpint(1), mpint(1)), "SIG_FORMAT", "not two numbers"),
        (strings(mpint(1), mpint(1)) + b"\0", "SIG_FORMAT", "cut or goes on"),
        (bytes.fromhex("3006020101020101"), "SIG_FORMAT", "cut or goes on"),
    ],
)
def test_an_ecdsa_signature_is_two_numbers_of_the_curve(pen: int, value: bytes, code: str, why: str) -> None:
    found, words = refused(replace(sign(pens()[pen], MESSAGE), value=value).armor(), MESSAGE)

    assert found == code
    assert why in words


@pytest.mark.parametrize("pen", [CURVE, SK_CURVE])
def test_the_bytes_of_an_ecdsa_signature_are_no_identity(pen: int) -> None:
    """Both OpenSSH and the library accept it: whoever counts signatures must count signers."""
    fields = sign(pens()[pen], MESSAGE)
    r, s = split_strings(fields.value)
    twin = replace(fields, value=strings(r, mpint(P256_ORDER - read_mpint(s))))

    assert twin != fields
    assert check_signature(twin.armor(), MESSAGE, "govern") == check_signature(fields.armor(), MESSAGE, "govern")
