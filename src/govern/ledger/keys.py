"""OpenSSH public keys: which ones may sign, each in its one spelling.

Pure, and without a library: bytes in, values out. Read as RFC 4253 (section 6.6), RFC 5656, RFC 8709 and OpenSSH's
PROTOCOL.u2f lay them out; a key that OpenSSH would refuse, or with which anybody could sign, is refused here.
"""

import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import NamedTuple

ED25519, ECDSA, RSA = "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"
SK_ED25519, SK_ECDSA = "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"
TYPES = (ED25519, ECDSA, RSA, SK_ED25519, SK_ECDSA)
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 16384
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MAX_KEY_LINE = 8192

_P256_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_ED25519_FIELD = 2**255 - 19
_ED25519_D = -121665 * pow(121666, -1, _ED25519_FIELD) % _ED25519_FIELD
_looks_like_type = re.compile(r"[a-z0-9][a-z0-9@.-]{0,63}", re.ASCII).fullmatch
_fits_application = re.compile(rb"ssh:[ -~]*").fullmatch
_ACCEPTED = f"accepted are {', '.join(TYPES)}"


class KeyTypeError(ValueError):
    """It is no public key that may sign here."""


class MalformedKeyError(KeyTypeError):
    """It is of a type that may sign, and not laid out as the type demands."""


class WeakKeyError(KeyTypeError):
    """It is well-formed, and others than its owner could sign with it."""


class PublicKey(NamedTuple):
    """A key that may sign: its type, and the bytes that are its identity."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` prints: the SHA-256 of the blob in base64."""
        return "SHA256:" + b64encode(sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def hardware(self) -> bool:
        """Whether it lives in a security key, which can ask for a touch and a PIN."""
        return self.type in (SK_ED25519, SK_ECDSA)

    def line(self) -> str:
        """Return its one spelling, `type base64`."""
        return f"{self.type} {b64encode(self.blob).decode()}"


class KeyParts(NamedTuple):
    """What the blob of a key holds behind its type. What its type does not have is empty or 0."""

    type: str
    point: bytes = b""
    modulus: int = 0
    exponent: int = 0
    application: bytes = b""


def parse_key(line: str) -> PublicKey:
    """Return the key of the one line of a `.pub` file, `type base64 [comment]`.

    Raises:
        KeyTypeError: a key that may not sign; a MalformedKeyError where the line is not such a line, or the key not
            well-formed; a WeakKeyError where it is too weak.
    """
    # Never quoted: it would be printed, and kept in logs.
    if "PRIVATE KEY" in line:
        raise KeyTypeError("this is a private key; give the line of its `.pub` file, and keep this one to yourself")
    if len(line) > MAX_KEY_LINE:
        raise MalformedKeyError(f"a key of more than {MAX_KEY_LINE} characters")
    text = line.removesuffix("\n")
    if not text.isprintable():
        raise MalformedKeyError("more than one line, or characters that do not print; give the one line of a `.pub` file")
    name, _, rest = text.partition(" ")
    if name not in TYPES:
        raise _refused_type(name)
    blob = _decode(rest.partition(" ")[0])
    inside = first_string(blob)
    if inside != name.encode():
        raise KeyTypeError(f"the line says `{name}`, and its key is of another type")
    read_blob(blob)
    return PublicKey(name, blob)


def read_blob(blob: bytes) -> KeyParts:
    """Return the parts of a key, from the bytes that stand for it in a signature, or as base64 in a line.

    Raises:
        KeyTypeError: like `parse_key`.
    """
    name = first_string(blob).decode("ascii", "replace")
    if name not in TYPES:
        raise _refused_type(name)
    try:
        strings = split_strings(blob)
    except ValueError as error:
        raise MalformedKeyError(f"the `{name}` key is cut or goes on behind its end") from error
    match name, strings[1:]:
        case ("ssh-ed25519", [point]):
            return KeyParts(name, _edwards_point(point))
        case ("ecdsa-sha2-nistp256", [b"nistp256", point]):
            return KeyParts(name, _p256_point(point))
        case ("ssh-rsa", [exponent, modulus]):
            return _rsa_parts(exponent, modulus)
        case ("sk-ssh-ed25519@openssh.com", [point, application]):
            return KeyParts(name, _edwards_point(point), application=_ssh_application(application))
        case ("sk-ecdsa-sha2-nistp256@openssh.com", [b"nistp256", point, application]):
            return KeyParts(name, _p256_point(point), application=_ssh_application(application))
        case _:
            raise MalformedKeyError(f"the `{name}` key has other fields than its type")


def first_string(content: bytes) -> bytes:
    """Return the string that `content` starts with, or what there is of it."""
    return content[4 : 4 + int.from_bytes(content[:4])]


def split_strings(content: bytes) -> list[bytes]:
    """Return the strings that `content` is made of, each of which follows its length (RFC 4251, section 5).

    Raises:
        ValueError: it ends within one.
    """
    strings, at, end = [], 0, len(content)
    while at < end:
        start = at + 4
        at = start + int.from_bytes(content[at:start])
        strings.append(content[start:at])
    if at != end:
        raise ValueError("it ends within a string")
    return strings


def read_mpint(content: bytes) -> int:
    """Return a positive integer that stands in its shortest form (RFC 4251, section 5).

    Raises:
        ValueError: another form, negative or zero.
    """
    number = int.from_bytes(content)
    if number == 0 or content != number.to_bytes(number.bit_length() // 8 + 1):
        raise ValueError("not a positive integer in its shortest form")
    return number


def _refused_type(name: str) -> KeyTypeError:
    if "-cert-v0" in name:
        return KeyTypeError("a certificate does not sign here, its issuer would decide who signs; give the key itself")
    if not _looks_like_type(name):
        return KeyTypeError("this does not start with the type of a key; give a line of a `.pub` file, with no name, pattern or option before it")
    return KeyTypeError(f"`{name}` does not sign here; {_ACCEPTED}")


def _decode(text: str) -> bytes:
    try:
        blob = b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedKeyError("what follows the type of the key is not base64") from error
    if b64encode(blob).decode() != text:
        raise MalformedKeyError("the base64 of the key is not in its one spelling")
    return blob


def _edwards_point(point: bytes) -> bytes:
    """RFC 8032, section 5.1.3; a point of small order is refused: anybody can sign any text for it."""
    if len(point) != 32:
        raise MalformedKeyError("the point of the Ed25519 key is not 32 bytes long")
    p, y = _ED25519_FIELD, int.from_bytes(point, "little") & (2**255 - 1)
    above, below = (y * y - 1) % p, (_ED25519_D * y * y + 1) % p
    # x² is above / below, which is a square exactly where above * below is one.
    if y >= p or pow(above * below, (p - 1) // 2, p) == p - 1:
        raise MalformedKeyError("the point of the Ed25519 key is not on the curve")
    # Order 1 and 2; 4; 8, the doubles of which have y = 0.
    if above * y * (_ED25519_D * y**4 + 2 * y * y - 1) % p == 0:
        raise WeakKeyError("with this Ed25519 key anybody could sign")
    return point


def _p256_point(point: bytes) -> bytes:
    if len(point) != 65 or point[0] != 4:
        raise MalformedKeyError("the point of the ECDSA key is not an uncompressed one of 65 bytes")
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    # OpenSSH's `sshkey_ec_validate_public` refuses more than what is not on the curve.
    usual = all(each.bit_length() > 128 and each < P256_ORDER - 1 for each in (x, y))
    if not usual or (x**3 - 3 * x + _P256_B - y * y) % _P256_FIELD:
        raise MalformedKeyError("the point of the ECDSA key is not on the curve, or OpenSSH refuses it")
    return point


def _rsa_parts(exponent: bytes, modulus: bytes) -> KeyParts:
    try:
        e, n = read_mpint(exponent), read_mpint(modulus)
    except ValueError as error:
        raise MalformedKeyError(f"a number of the RSA key is {error}") from error
    bits = n.bit_length()
    if bits < MIN_RSA_BITS:
        raise WeakKeyError(f"an RSA key of {bits} bits; at least {MIN_RSA_BITS} are wanted")
    # OpenSSL refuses longer ones, and longer exponents of long ones: they cost too much time.
    if bits > MAX_RSA_BITS:
        raise MalformedKeyError(f"an RSA key of {bits} bits; at most {MAX_RSA_BITS} are read")
    if e == 1:
        raise WeakKeyError("with the exponent 1 of this RSA key anybody could sign")
    if e % 2 == 0 or n % 2 == 0 or e.bit_length() > 64:
        raise MalformedKeyError("the RSA key has an even modulus, or an exponent that is even or longer than 64 bits")
    return KeyParts(RSA, modulus=n, exponent=e)


def _ssh_application(application: bytes) -> bytes:
    if not _fits_application(application):
        raise KeyTypeError("this security key was not made for SSH: its application does not start with `ssh:`")
    return application
