"""Signatures as `ssh-keygen -Y sign` makes them, from their fields, so that each field can be wrong; security keys too.

Made from PROTOCOL.sshsig and PROTOCOL.u2f, and not with what they test.
"""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import new, sha256
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BEGIN, END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
PRESENT, VERIFIED = 0x01, 0x04

Private = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey


class Pen(NamedTuple):
    """A private key, in a security key if it has an application."""

    private: Private
    application: bytes = b""

    @property
    def type(self) -> str:
        """What the key is called."""
        match self.private:
            case Ed25519PrivateKey():
                return "sk-ssh-ed25519@openssh.com" if self.application else "ssh-ed25519"
            case EllipticCurvePrivateKey():
                return "sk-ecdsa-sha2-nistp256@openssh.com" if self.application else "ecdsa-sha2-nistp256"
            case _:
                return "ssh-rsa"

    @property
    def blob(self) -> bytes:
        """The public key."""
        match self.private:
            case Ed25519PrivateKey():
                parts = [self.private.public_key().public_bytes_raw()]
            case EllipticCurvePrivateKey():
                parts = [b"nistp256", self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)]
            case _:
                numbers = self.private.public_key().public_numbers()
                parts = [mpint(numbers.e), mpint(numbers.n)]
        return strings(self.type.encode(), *parts, *([self.application] if self.application else []))

    @property
    def line(self) -> str:
        """The line of its `.pub` file."""
        return f"{self.type} {b64encode(self.blob).decode()} somebody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Everything that a signature is made of, in the order of its bytes."""

    magic: bytes = b"SSHSIG"
    version: int = 1
    key: bytes
    namespace: bytes
    reserved: bytes = b""
    hash: bytes
    algorithm: bytes
    value: bytes
    touch: bytes = b""
    inner_rest: bytes = b""
    rest: bytes = b""

    def blob(self) -> bytes:
        """Return its bytes."""
        inner = strings(self.algorithm, self.value) + self.touch + self.inner_rest
        return self.magic + self.version.to_bytes(4) + strings(self.key, self.namespace, self.reserved, self.hash, inner) + self.rest

    def armor(self) -> str:
        """Return its text."""
        return armor(self.blob())


def armor(blob: bytes, width: int = 70) -> str:
    """Return the text of a signature."""
    text = b64encode(blob).decode()
    return BEGIN + "".join(text[at : at + width] + "\n" for at in range(0, len(text), width)) + END


def strings(*contents: bytes) -> bytes:
    """Return strings, each behind its length."""
    return b"".join(len(content).to_bytes(4) + content for content in contents)


def key_line(*parts: bytes) -> str:
    """Return the line of a key of these parts, the first of which is its type."""
    return f"{parts[0].decode()} {b64encode(strings(*parts)).decode()}"


def mpint(number: int) -> bytes:
    """Return the shortest form of a number that is not negative."""
    return number.to_bytes(number.bit_length() // 8 + 1) if number else b""


def sign(
    pen: Pen, message: bytes, namespace: str = "govern", *, digest: str = "sha512", flags: int = PRESENT, counter: int = 7, rsa: str = "rsa-sha2-512"
) -> Fields:
    """Return a signature. Only a security key has flags and a counter, and only RSA a choice of algorithms."""
    signed = b"SSHSIG" + strings(namespace.encode(), b"", digest.encode(), new(digest, message).digest())
    touch = bytes([flags]) + counter.to_bytes(4) if pen.application else b""
    if touch:
        signed = sha256(pen.application).digest() + touch + sha256(signed).digest()
    algorithm = rsa if pen.type == "ssh-rsa" else pen.type
    return Fields(key=pen.blob, namespace=namespace.encode(), hash=digest.encode(), algorithm=algorithm.encode(), value=_value(pen, signed, rsa), touch=touch)


def _value(pen: Pen, signed: bytes, rsa: str) -> bytes:
    match pen.private:
        case Ed25519PrivateKey():
            return pen.private.sign(signed)
        case EllipticCurvePrivateKey():
            return strings(*map(mpint, decode_dss_signature(pen.private.sign(signed, ECDSA(SHA256())))))
        case _:
            return pen.private.sign(signed, padding.PKCS1v15(), SHA256() if rsa == "rsa-sha2-256" else SHA512())


@cache
def rsa_pen(bits: int = 2048, exponent: int = 65537) -> Pen:
    """Return an RSA key; they take long to make."""
    return Pen(generate_private_key(exponent, bits))


@cache
def pens() -> tuple[Pen, ...]:
    """Return a key of each type that may sign."""
    edwards = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2)]
    curve = [derive_private_key(number, SECP256R1()) for number in (2**200 + 1, 2**201 + 1)]
    return Pen(edwards[0]), Pen(curve[0]), rsa_pen(), Pen(edwards[1], b"ssh:"), Pen(curve[1], b"ssh:owner")
