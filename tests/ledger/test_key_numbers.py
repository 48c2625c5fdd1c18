"""The numbers of public keys: points of their curve, RSA within its limits, none with which anybody could sign."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.keys import P256_ORDER, KeyTypeError, MalformedKeyError, WeakKeyError, parse_key, read_blob, read_mpint
from support.signing import key_line, mpint, pens

MANY = settings(deadline=None, derandomize=True, max_examples=300)
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def rsa(exponent: int, modulus: int) -> str:
    return key_line(b"ssh-rsa", mpint(exponent), mpint(modulus))


def edwards_sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """RFC 8032, section 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def small_points() -> list[tuple[int, int]]:
    """Return the eight points of small order: the multiples of one of order 8, found by clearing the large order."""
    for y in range(2, 50):
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
        if x * x % P != square:
            continue
        point, base, times = (0, 1), (x, y), 2**252 + 27742317777372353535851937790883648493
        while times:
            point, base, times = edwards_sum(point, base) if times & 1 else point, edwards_sum(base, base), times >> 1
        points = [(0, 1)]
        while (following := edwards_sum(points[-1], point)) != (0, 1):
            points.append(following)
        if len(points) == 8:
            return points
    raise AssertionError("no point of order 8")


def pressed(x: int, y: int) -> bytes:
    """RFC 8032, section 5.1.2."""
    return (y | (x & 1) << 255).to_bytes(32, "little")


MODULUS = 2**2047 + 1


@pytest.mark.parametrize("line", [rsa(3, MODULUS), rsa(65537, MODULUS), rsa(2**64 - 1, MODULUS), rsa(65537, 2**16383 + 1)])
def test_an_rsa_key_at_the_limits_is_read(line: str) -> None:
    assert parse_key(line).line() == line


@pytest.mark.parametrize(
    ("line", "error", "why"),
    [
        (rsa(65537, 2**2046 + 1), WeakKeyError, "an RSA key of 2047 bits; at least 2048 are wanted"),
        (rsa(65537, 2**16384 + 1), MalformedKeyError, "an RSA key of 16385 bits; at most 16384 are read"),
        (rsa(1, MODULUS), WeakKeyError, "anybody could sign"),
        (rsa(65536, MODULUS), MalformedKeyError, "an exponent that is even"),
        (rsa(2**64 + 1, MODULUS), MalformedKeyError, "longer than 64 bits"),
        (rsa(65537, MODULUS + 1), MalformedKeyError, "an even modulus"),
        (rsa(0, MODULUS), MalformedKeyError, "not a positive integer in its shortest form"),
        (rsa(65537, 0), MalformedKeyError, "not a positive integer in its shortest form"),
        (key_line(b"ssh-rsa", b"\0\1\0\1", mpint(MODULUS)), MalformedKeyError, "not a positive integer in its shortest form"),
        (key_line(b"ssh-rsa", b"\1\0\1", mpint(MODULUS)[1:]), MalformedKeyError, "not a positive integer in its shortest form"),
        (key_line(b"ssh-rsa", mpint(MODULUS)), MalformedKeyError, "other fields than its type"),
    ],
)
def test_an_rsa_key_beyond_the_limits_is_refused(line: str, error: type[KeyTypeError], why: str) -> None:
    with pytest.raises(error, match=why):
        parse_key(line)


def test_an_ed25519_key_for_which_anybody_could_sign_is_refused() -> None:
    points = small_points()
    assert len(set(points)) == 8

    for x, y in points:
        with pytest.raises(WeakKeyError, match="anybody could sign"):
            parse_key(key_line(b"ssh-ed25519", pressed(x, y)))


def test_such_a_key_does_accept_what_nobody_signed() -> None:
    neutral = Ed25519PublicKey.from_public_bytes(pressed(0, 1))

    neutral.verify(pressed(0, 1) + bytes(32), b"any text")
    with pytest.raises(InvalidSignature):
        neutral.verify(pressed(0, 3) + bytes(32), b"any text")


@pytest.mark.parametrize("y", [2, P, P + 3, 2**255 - 1])
def test_an_ed25519_key_that_is_no_point_or_not_in_its_one_spelling_is_refused(y: int) -> None:
    for x in (0, 1):
        with pytest.raises(MalformedKeyError, match="not on the curve"):
            parse_key(key_line(b"ssh-ed25519", pressed(x, y)))


@MANY
@given(st.integers(0, P - 1), st.integers(0, 1))
def test_an_ed25519_key_is_read_where_x_can_be_found(y: int, x: int) -> None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    found = root * root % P in (square, P - square)

    try:
        parse_key(key_line(b"ssh-ed25519", pressed(x, y)))
    except MalformedKeyError:
        assert not found
    except WeakKeyError:
        assert y in {y for _, y in small_points()}
    else:
        assert found


def p256(x: int, y: int, form: int = 4) -> str:
    return key_line(b"ecdsa-sha2-nistp256", b"nistp256", bytes([form]) + x.to_bytes(32) + y.to_bytes(32))


def p256_y(x: int) -> int | None:
    square = (x**3 - 3 * x + P256_B) % P256
    y = pow(square, (P256 + 1) // 4, P256)
    return y if y * y % P256 == square else None


@MANY
@given(st.integers(2**128, P256_ORDER - 2))
def test_an_ecdsa_key_is_read_where_the_library_reads_it(x: int) -> None:
    y = p256_y(x)
    if y is None:
        with pytest.raises(MalformedKeyError, match="not on the curve"):
            parse_key(p256(x, x))
    else:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), read_blob(parse_key(p256(x, y)).blob).point)
        for line in (p256(x, y + 1), p256(x + 1, y)):
            with pytest.raises(MalformedKeyError, match="not on the curve"):
                parse_key(line)


@pytest.mark.parametrize("first", [5, 2**128 - 100, P256_ORDER - 1, P256 - 100])
def test_an_ecdsa_point_that_openssh_refuses_is_refused(first: int) -> None:
    x, y = next((x, y) for x in range(first, first + 100) if (y := p256_y(x)) is not None)
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), b"\4" + x.to_bytes(32) + y.to_bytes(32))

    with pytest.raises(MalformedKeyError, match="OpenSSH refuses it"):
        parse_key(p256(x, y))


def test_an_ecdsa_point_is_spelled_in_full() -> None:
    point = read_blob(pens()[1].blob).point
    halved = bytes([2 + point[-1] % 2]) + point[1:33]
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), halved)

    for other in (halved, b"\6" + point[1:], b"\0", b"", point + b"\0", point[:-1]):
        with pytest.raises(MalformedKeyError, match="not an uncompressed one of 65 bytes"):
            parse_key(key_line(b"ecdsa-sha2-nistp256", b"nistp256", other))


@MANY
@given(st.integers(1, 2**300))
def test_a_positive_integer_has_one_form(number: int) -> None:
    assert read_mpint(mpint(number)) == number
    with pytest.raises(ValueError, match="shortest form"):
        read_mpint(b"\0" + mpint(number))


@pytest.mark.parametrize("content", [b"", b"\0", b"\x80", b"\xff\xff", b"\0\1"])
def test_a_number_that_is_not_positive_or_not_in_its_shortest_form_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a positive integer in its shortest form"):
        read_mpint(content)
