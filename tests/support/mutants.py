"""Signatures of which something was changed, each such that it must be refused.

One change is left out on purpose: from an ECDSA signature (r, s) anybody makes the valid (r, n - s).
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from support.signing import BEGIN, END, Fields, armor, mpint, pens, sign, strings

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
MESSAGES = (b"", b"hello", b'{"_type":"https://in-toto.io/Statement/v1"}' * 9)


class Question(NamedTuple):
    """What is asked of the verifier."""

    armor: str
    message: bytes
    namespace: str


class Signed(NamedTuple):
    """A valid signature."""

    fields: Fields
    message: bytes

    def question(self) -> Question:
        """Return the question to which the answer is yes."""
        return Question(self.fields.armor(), self.message, self.fields.namespace.decode())


def valid() -> list[Signed]:
    """Return signatures of each type of key, with both digests and all that varies in them."""
    kinds = [
        (pen, {"digest": digest, "flags": flags, "rsa": rsa})
        for pen in pens()
        for digest in ("sha256", "sha512")
        for flags in ((1, 5) if pen.application else (1,))
        for rsa in (("rsa-sha2-256", "rsa-sha2-512") if pen.type == "ssh-rsa" else ("",))
    ]
    return [Signed(sign(pen, message, **how), message) for pen, how in kinds for message in MESSAGES]  # type: ignore[arg-type]  # the words of `sign`


def mutants(signatures: Sequence[Signed], random: Random) -> Iterator[Question]:
    """Yield mutants without end."""
    while True:
        one, other = random.choice(signatures), random.choice(signatures)
        question = random.choice(_CHANGES)(one, other, random)
        if question != one.question():
            yield question


def _edit(content: bytes, random: Random) -> bytes:
    """Return other bytes, by one small change."""
    at = random.randrange(len(content) + 1)
    piece = content[at : at + random.randint(1, 4)]
    return random.choice(
        (
            lambda: content[:at] + bytes([(content[at] if at < len(content) else 0) ^ 1 << random.randrange(8)]) + content[at + 1 :],
            lambda: content[:at],
            lambda: content[:at] + random.randbytes(random.randint(1, 4)) + content[at:],
            lambda: content[:at] + content[at + len(piece) :],
            lambda: content[:at] + piece + content[at:],
            lambda: content[:at] + piece[::-1] + content[at + len(piece) :],
        )
    )()


def _armor(one: Signed, _: Signed, random: Random) -> Question:
    question = one.question()
    return question._replace(armor=_edit(question.armor.encode(), random).decode("latin-1"))


def _layout(one: Signed, _: Signed, random: Random) -> Question:
    """The same bytes, otherwise spelled."""
    question, blob = one.question(), one.fields.blob()
    text = question.armor
    at = random.randrange(len(text))
    spelled = random.choice((text[:-1], text + "\n", text.replace("\n", "\r\n"), " " + text, armor(blob, random.choice((64, 69, 71, 76, 10**6)))))
    return question._replace(armor=random.choice((spelled, text[:at] + random.choice("\n \t=-\0é") + text[at:])))


def _last_bits(one: Signed, _: Signed, random: Random) -> Question:
    """The bits of base64 that stand for nothing."""
    question = one.question()
    lines = question.armor.removeprefix(BEGIN).removesuffix(END).rstrip("=\n")
    changed = lines[:-1] + random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    padded = changed + "=" * (-len(changed.replace("\n", "")) % 4) + "\n"
    # Where all bits stand for something, the bytes are others.
    return question._replace(armor=BEGIN + padded + END) if b64decode(padded) else question


def _bytes(one: Signed, _: Signed, random: Random) -> Question:
    return one.question()._replace(armor=armor(_edit(one.fields.blob(), random)))


def _field(one: Signed, _: Signed, random: Random) -> Question:
    name = random.choice(("magic", "key", "namespace", "reserved", "hash", "algorithm", "value", "touch", "inner_rest", "rest"))
    return _with(one, **{name: _edit(getattr(one.fields, name), random)})


def _swap(one: Signed, other: Signed, random: Random) -> Question:
    """A field of another signature, which is valid as well."""
    name = random.choice(("key", "hash", "algorithm", "value", "touch"))
    if name == "value" and one.message == other.message and replace(one.fields, value=b"") == replace(other.fields, value=b""):
        return one.question()
    return _with(one, **{name: getattr(other.fields, name)})


def _named(one: Signed, _: Signed, random: Random) -> Question:
    """Values that others might accept."""
    return _with(
        one,
        **random.choice(
            (
                {"version": random.choice((0, 2, 256, 2**32 - 1))},
                {"hash": random.choice((b"md5", b"sha1", b"sha384", b"SHA512", b"", b"sha512,sha256"))},
                {"algorithm": random.choice((b"ssh-rsa", b"", b"ssh-ed25519-cert-v01@openssh.com", b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"))},
                {"reserved": random.choice((b"\0", b"x"))},
                {"namespace": random.choice((b"", b"govern\0", b"file", b"git", b"Govern"))},
                {"touch": bytes([random.choice((0, 4, random.randrange(256)))]) + one.fields.touch[1:]},
                {"touch": one.fields.touch[:1] + random.randbytes(4)},
                {"inner_rest": strings(b"")},
                {"rest": strings(b"")},
            )
        ),
    )


def _arithmetic(one: Signed, _: Signed, random: Random) -> Question:
    """Other spellings of the same numbers, and other numbers of the same meaning."""
    fields = one.fields
    if b"ed25519" in fields.algorithm:
        s = int.from_bytes(fields.value[32:], "little") + random.choice((1, 2, 3, 8)) * ED25519_ORDER
        return _with(one, value=fields.value[:32] + s.to_bytes(33, "little")[:32])
    if b"rsa" in fields.algorithm:
        numbers = int.from_bytes(fields.key[-257:]) + int.from_bytes(fields.value)
        return _with(one, value=random.choice((b"\0" + fields.value, fields.value[1:], fields.value + b"\0", mpint(numbers))))
    r, s = _numbers(fields.value)
    return _with(
        one,
        value=random.choice(
            (
                strings(b"\0" + mpint(r), mpint(s)),
                strings(mpint(r), b"\0" + mpint(s)),
                strings(mpint(r + P256_ORDER), mpint(s)),
                strings(mpint(r), mpint(s + P256_ORDER)),
                strings(mpint(P256_ORDER - r), mpint(s)),
                strings(mpint(s), mpint(r)),
                strings(b"", b""),
                strings(mpint(r), b""),
                strings(mpint(r), mpint(s), b""),
                strings(r.to_bytes(32), s.to_bytes(32)) if r >> 255 or s >> 255 else b"",
                r.to_bytes(32) + s.to_bytes(32),
            )
        ),
    )


def _text(one: Signed, _: Signed, random: Random) -> Question:
    return one.question()._replace(message=_edit(one.message, random))


def _asked(one: Signed, _: Signed, random: Random) -> Question:
    return one.question()._replace(namespace=random.choice(("", "file", "git", "Govern", "govern ", "governs", "gover", "govern\0", "\udc80")))


def _with(one: Signed, **changed: object) -> Question:
    return one.question()._replace(armor=replace(one.fields, **changed).armor())  # type: ignore[arg-type]  # the names of its fields


def _numbers(value: bytes) -> tuple[int, int]:
    size = int.from_bytes(value[:4])
    return int.from_bytes(value[4 : 4 + size]), int.from_bytes(value[8 + size :])


_CHANGES: tuple[Callable[[Signed, Signed, Random], Question], ...] = (
    _armor, _layout, _last_bits, _bytes, _field, _swap, _named, _arithmetic, _text, _asked
)  # fmt: skip
