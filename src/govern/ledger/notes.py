"""Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

Pure. A note has one spelling here: base64 is canonical, and whatever cannot be read is refused whole.
"""

import base64
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAX_NOTE = 1_000_000
MAX_SIGNATURES = 16
ED25519 = b"\x01"
_MARK = "\u2014 "
_ID_SIZE, _PUBLIC_SIZE = 4, 32
# Half a character (a lone surrogate) has no UTF-8.
_refused_in_text = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]").search
_fits_key_name = re.compile("[^\\s+\x00-\x1f\ud800-\udfff]+").fullmatch

NoteCode = Literal["NOTE_FORMAT", "NOTE_INVALID", "NOTE_UNVERIFIED"]


class NoteError(ValueError):
    """The note is malformed (`NOTE_FORMAT`), a known key did not make its signature (`NOTE_INVALID`), or no known key signed it (`NOTE_UNVERIFIED`)."""

    def __init__(self, code: NoteCode, message: str) -> None:
        self.code: NoteCode = code
        super().__init__(message)


class VerifierKeyError(ValueError):
    """A verifier key is malformed, or cannot be told from another."""

    code = "VERIFIER_KEY"


class Verifier(NamedTuple):
    """Whose signatures are believed: a name, the short id of the key, and the key."""

    name: str
    key_id: bytes
    public: bytes


class Signature(NamedTuple):
    """What a signature line says; not yet verified."""

    name: str
    key_id: bytes
    signature: bytes


class OpenedNote(NamedTuple):
    """A text that a known key signed, the names that did, and the names whose keys are not known: these count for nothing."""

    text: str
    signers: tuple[str, ...]
    unknown: tuple[str, ...]


def open_note(note: bytes, verifiers: Iterable[str]) -> OpenedNote:
    """Return what a note says and who signed it, by the given verifier keys.

    A name stands once, however often it signed. A known name under an unknown key is unknown.

    Raises:
        NoteError: malformed or not signed at all; a signature of a known key that is not its own; no known signer.
        VerifierKeyError: a verifier key is malformed, or two have one name and id.
    """
    known = _index(verifiers)
    text, signatures = split_note(note)
    if not signatures:
        raise _malformed("not signed")
    signers, unknown = [], []
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unknown.append(signature.name)
        elif _made_by(verifier, signature.signature, text):
            signers.append(signature.name)
        else:
            raise NoteError("NOTE_INVALID", f"the signature of `{signature.name}` is not of this text")
    if not signers:
        raise NoteError("NOTE_UNVERIFIED", f"signed by no known key, but by `{'`, `'.join(dict.fromkeys(unknown))}`")
    return OpenedNote(text, tuple(dict.fromkeys(signers)), tuple(dict.fromkeys(unknown)))


def split_note(note: bytes) -> tuple[str, tuple[Signature, ...]]:
    """Return the text of a note and its signatures, none of them verified; of an unsigned text, itself and none.

    Raises:
        NoteError: malformed.
    """
    if len(note) > MAX_NOTE:
        raise _malformed(f"{len(note)} bytes, at most {MAX_NOTE}")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise _malformed("not UTF-8") from error
    _check_text(whole)
    if not any(line.startswith(_MARK) for line in whole.split("\n")):
        return whole, ()
    # The last empty line: the text may have others.
    text, empty, block = whole.rpartition("\n\n")
    if not empty:
        raise _malformed("no empty line before the signatures")
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise _malformed(f"{len(lines)} signatures, at most {MAX_SIGNATURES}")
    return text + "\n", tuple(map(_parse_signature, lines))


def sign_note(text: str, name: str, key: "Ed25519PrivateKey") -> str:
    """Return the note of a text with one signature. For more of them, append `signature_line`.

    Raises:
        NoteError: no text of a note, or no name of a key.
    """
    return f"{text}\n{signature_line(text, name, key)}"


def signature_line(text: str, name: str, key: "Ed25519PrivateKey") -> str:
    """Return the signature line of a text, with its LF.

    Raises:
        NoteError: no text of a note, or no name of a key.
    """
    _check_text(text)
    if not _fits_key_name(name):
        raise _malformed(f"`{name}` is no name of a key")
    signature = key.sign(text.encode())
    return f"{_MARK}{name} {_encode(_key_id(name, key.public_key().public_bytes_raw()) + signature)}\n"


def verifier_key(name: str, public: bytes) -> str:
    """Return the verifier key of an Ed25519 public key of 32 bytes, `name+id+base64`: it carries its name, id and algorithm.

    Raises:
        VerifierKeyError: no name of a key, or not 32 bytes.
    """
    if not _fits_key_name(name) or len(public) != _PUBLIC_SIZE:
        raise VerifierKeyError(f"`{name}` with {len(public)} bytes is no verifier key")
    return f"{name}+{_key_id(name, public).hex()}+{_encode(ED25519 + public)}"


def parse_verifier(key: str) -> Verifier:
    """Return what a verifier key says.

    Raises:
        VerifierKeyError: malformed, of another algorithm than Ed25519, or its id is not that of its key.
    """
    name, _, rest = key.partition("+")
    key_id, _, encoded = rest.partition("+")
    public = _decode(encoded)
    if public is None or public[:1] != ED25519 or verifier_key(name, public[1:]) != key:
        raise VerifierKeyError(f"`{key}` is no verifier key of Ed25519, or its id is not that of its key")
    return Verifier(name, bytes.fromhex(key_id), public[1:])


def _index(verifiers: Iterable[str]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in map(parse_verifier, verifiers):
        # An id has four bytes: a second key with the same one can be searched for.
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise VerifierKeyError(f"two keys are called `{verifier.name}+{verifier.key_id.hex()}`")
    return known


def _made_by(verifier: Verifier, signature: bytes, text: str) -> bool:
    """Whether the key made the signature over the text (RFC 8032)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(verifier.public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_MARK).partition(" ")
    content = _decode(encoded)
    if not line.startswith(_MARK) or not space or not _fits_key_name(name) or content is None or len(content) <= _ID_SIZE:
        raise _malformed(f"no signature line: `{line[:80]}`")
    return Signature(name, content[:_ID_SIZE], content[_ID_SIZE:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise _malformed("it does not end in a line end")
    if _refused_in_text(text):
        raise _malformed("a control character, or half a character")


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:_ID_SIZE]


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decode(encoded: str) -> bytes | None:
    """Return the bytes of a base64 text (RFC 4648, section 4); of one that is not in its one spelling, none."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return content if _encode(content) == encoded else None


def _malformed(message: str) -> NoteError:
    return NoteError("NOTE_FORMAT", f"no note: {message}")
