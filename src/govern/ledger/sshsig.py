"""Signatures of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), read strictly and verified in this process.

Pure. What is accepted here, `ssh-keygen -Y verify` accepts, and not always the other way round: one armor, no byte
that nobody reads, no algorithm that is broken, and a touch where a security key signs.

The bytes of a signature are never an identity. From an ECDSA signature (r, s) anybody makes the valid (r, n - s), and
who holds a key makes as many as they like: name the statement and the signer, never the signature.
"""

import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256, sha512
from typing import Any, Literal, NamedTuple, TypeAlias

from govern.ledger.keys import (
    ECDSA,
    ED25519,
    P256_ORDER,
    RSA,
    SK_ECDSA,
    SK_ED25519,
    KeyParts,
    KeyTypeError,
    MalformedKeyError,
    PublicKey,
    WeakKeyError,
    first_string,
    read_blob,
    read_mpint,
    split_strings,
)

Code: TypeAlias = Literal["SIG_FORMAT", "SIG_ALG", "SIG_NAMESPACE", "SIG_INVALID", "SIG_USER_PRESENCE", "KEY_TYPE"]

MAX_ARMOR = 16384

Hash = Callable[..., Any]

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----\n"
_LINE = 70
_MAGIC = b"SSHSIG"
_START = _MAGIC + (1).to_bytes(4)
_HASHES: dict[bytes, Hash] = {b"sha256": sha256, b"sha512": sha512}
_ALGORITHMS = {type_: (type_.encode(),) for type_ in (ED25519, ECDSA, SK_ED25519, SK_ECDSA)} | {RSA: (b"rsa-sha2-256", b"rsa-sha2-512")}
_fits_namespace = re.compile(rb"[!-~]+").fullmatch
# The flags of a security key (WebAuthn, section 6.1): the user was there; the user was verified, by a PIN or a finger.
_PRESENT, _VERIFIED = 0x01, 0x04

# What the signatures of Ed25519 keys start with, and how many bytes such a key signs with.
_USUAL_START = _START + (51).to_bytes(4) + (11).to_bytes(4) + ED25519.encode()
_USUAL_SIZE = 64

Verify = Callable[[bytes, bytes], bool]


class SignatureError(ValueError):
    """It is not an acceptable signature; `code` says in which respect."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code


class Signer(NamedTuple):
    """Who signed: the fingerprint of the key, whether it is in a security key, and whether that verified its user."""

    key: str
    hardware: bool
    verified: bool


class _Form(NamedTuple):
    """A well-formed signature but for its value: of the digest of a text behind `before`.

    `touch` holds the flags and the counter of a security key.
    """

    key: KeyParts
    signer: Signer
    hash: Hash
    before: bytes
    algorithm: bytes
    touch: bytes


def check_signature(armor: str, message: bytes, namespace: str) -> Signer:
    """Return who signed `message` for `namespace`; whether they may is the caller's question.

    Raises:
        SignatureError: not well-formed, not of these, or not acceptable.
    """
    (key, signer, hash_, before, algorithm, touch), value = _read(armor, namespace)
    signed = before + hash_(message).digest()
    if touch:
        # PROTOCOL.u2f: what the security key signs in place of it.
        signed = sha256(key.application).digest() + touch + sha256(signed).digest()
    if not _verifier(key, algorithm)(value, signed):
        raise SignatureError("SIG_INVALID", f"the signature does not fit the text that `{signer.key}` is said to have signed")
    return signer


def read_signer(armor: str, namespace: str) -> Signer:
    """Return who is said to have signed. Everything is checked but the cryptography: only for what this machine has verified.

    Raises:
        SignatureError: not well-formed, or not acceptable.
    """
    return _read(armor, namespace)[0].signer


def _read(armor: str, namespace: str) -> tuple[_Form, bytes]:
    """Return the form of a signature, and its value as OpenSSL reads it."""
    blob = _unarmor(armor)
    usual = _usual(blob[:-_USUAL_SIZE], namespace) if blob.startswith(_USUAL_START) else None
    return (usual, blob[-_USUAL_SIZE:]) if usual else _read_blob(blob, namespace)


@lru_cache(maxsize=256)
def _usual(start: bytes, namespace: str) -> _Form | None:
    """Return the form that such a start gives to any bytes, as many as an Ed25519 key signs with; None where it gives none.

    It is one for all signatures by a key for a purpose. To read it with zeros says as much as with others: in a
    well-formed one, the length of the value is the last thing in front of it, and nothing more is asked of it here.
    """
    try:
        return _read_blob(start + bytes(_USUAL_SIZE), namespace)[0]
    except SignatureError:
        return None


def _read_blob(blob: bytes, namespace: str) -> tuple[_Form, bytes]:
    if not blob.startswith(_START):
        raise SignatureError("SIG_FORMAT", "not an SSH signature of version 1")
    strings = _split(blob[len(_START) :])
    if len(strings) != 5 or strings[2]:
        raise SignatureError("SIG_FORMAT", "the signature has other fields than version 1, or something in the reserved one")
    key_blob, signed_for, _, hash_, inner = strings
    # Nothing that a shell or `ssh-keygen` would read in another way is a namespace.
    if not _fits_namespace(signed_for) or signed_for.decode() != namespace:
        raise SignatureError("SIG_NAMESPACE", f"signed for `{_shown(signed_for)}`, not for `{namespace}`")
    if hash_ not in _HASHES:
        raise SignatureError("SIG_ALG", "the digest of the text is neither sha256 nor sha512")
    key, fingerprint = _open_key(key_blob)
    algorithm = first_string(inner)
    if algorithm not in _ALGORITHMS[key.type]:
        raise SignatureError("SIG_ALG", f"a `{key.type}` key does not sign with `{_shown(algorithm)}` here")
    touch = inner[-5:] if key.application else b""
    strings = _split(inner[: len(inner) - len(touch)])
    if len(strings) != 2:
        raise SignatureError("SIG_FORMAT", "the signature has other fields than its algorithm")
    signer = Signer(fingerprint, bool(touch), bool(touch) and _user_verified(touch[0]))
    before = _MAGIC + _join(signed_for, b"", hash_) + _HASHES[hash_]().digest_size.to_bytes(4)
    return _Form(key, signer, _HASHES[hash_], before, algorithm, touch), _value(key, strings[1])


def _unarmor(armor: str) -> bytes:
    if len(armor) > MAX_ARMOR:
        raise SignatureError("SIG_FORMAT", f"a signature of more than {MAX_ARMOR} characters")
    middle = armor[len(_BEGIN) : -len(_END)]
    flat = middle.replace("\n", "")
    try:
        blob = a2b_base64(flat)
    except ValueError as error:
        raise SignatureError("SIG_FORMAT", "not base64 between the first and the last line of a signature") from error
    # Base64 and its lines have many spellings, and `ssh-keygen` writes one: that of the bytes, written again, and a line
    # end before each 70 characters and behind the last, which are as many as there are.
    lines = -(-len(flat) // _LINE)
    in_place = middle[: -1 : _LINE + 1] == "\n" * lines and middle[-1:] == "\n" and len(middle) == len(flat) + lines + 1
    if not in_place or b64encode(blob).decode() != flat or not armor.startswith(_BEGIN) or not armor.endswith(_END):
        raise SignatureError("SIG_FORMAT", "not spelled as `ssh-keygen -Y sign` writes a signature")
    return blob


def _split(content: bytes) -> list[bytes]:
    try:
        return split_strings(content)
    except ValueError as error:
        raise SignatureError("SIG_FORMAT", "the signature is cut or goes on behind its end") from error


def _shown(content: bytes) -> str:
    return re.sub(rb"[^ -~]", b"?", content[:64]).decode()


def _join(*strings: bytes) -> bytes:
    return b"".join(len(string).to_bytes(4) + string for string in strings)


@lru_cache(maxsize=256)
def _open_key(blob: bytes) -> tuple[KeyParts, str]:
    try:
        key = read_blob(blob)
    except MalformedKeyError as error:
        raise SignatureError("SIG_FORMAT", str(error)) from error
    except WeakKeyError as error:
        raise SignatureError("SIG_ALG", str(error)) from error
    except KeyTypeError as error:
        raise SignatureError("KEY_TYPE", str(error)) from error
    return key, PublicKey(key.type, blob).fingerprint


def _user_verified(flags: int) -> bool:
    if flags & ~(_PRESENT | _VERIFIED):
        raise SignatureError("SIG_FORMAT", "the security key has set flags that have no meaning here")
    if not flags & _PRESENT:
        raise SignatureError("SIG_USER_PRESENCE", "nobody touched the security key when it signed")
    return bool(flags & _VERIFIED)


def _value(key: KeyParts, value: bytes) -> bytes:
    """Return the bytes that OpenSSL verifies, once they have the size that the key demands."""
    if key.type in (ECDSA, SK_ECDSA):
        return _der(value)
    size = (key.modulus.bit_length() + 7) // 8 if key.type == RSA else 64
    # OpenSSH fills a shorter one up in front, so that it would have two spellings.
    if len(value) != size:
        raise SignatureError("SIG_FORMAT", f"the signature has {len(value)} bytes, those of its key have {size}")
    return value


def _der(value: bytes) -> bytes:
    """Return r and s of an ECDSA signature (RFC 5656, section 3.1.2) as RFC 3279, section 2.2.3, has them."""
    numbers = _split(value)
    try:
        in_range = len(numbers) == 2 and all(read_mpint(each) < P256_ORDER for each in numbers)
    except ValueError as error:
        raise SignatureError("SIG_FORMAT", f"a number of the ECDSA signature is {error}") from error
    if not in_range:
        raise SignatureError("SIG_FORMAT", "the ECDSA signature is not two numbers below the order of the curve")
    integers = b"".join(bytes((2, len(each))) + each for each in numbers)
    return bytes((0x30, len(integers))) + integers


@lru_cache(maxsize=256)
def _verifier(key: KeyParts, algorithm: bytes) -> Verify:
    """Return what tells whether a value is the signature of some bytes. Made once for a key; imported when first needed."""
    from cryptography.exceptions import InvalidSignature

    verify = _library_verifier(key, algorithm)

    def verifies(value: bytes, signed: bytes) -> bool:
        try:
            verify(value, signed)
        except InvalidSignature:
            return False
        return True

    return verifies


def _library_verifier(key: KeyParts, algorithm: bytes) -> Callable[[bytes, bytes], None]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256, SHA512

    if key.type in (ED25519, SK_ED25519):
        return ed25519.Ed25519PublicKey.from_public_bytes(key.point).verify
    if key.type == RSA:
        numbers = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
        hash_ = SHA256() if algorithm == b"rsa-sha2-256" else SHA512()
        return lambda value, signed: numbers.verify(value, signed, padding.PKCS1v15(), hash_)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.point)
    return lambda value, signed: point.verify(value, signed, ec.ECDSA(SHA256()))
