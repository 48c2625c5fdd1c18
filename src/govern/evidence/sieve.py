"""Which of many words stand in a long text, told several times as fast as by looking for each.

Pure. Leaving out of a text every byte but a few leaves a tenth of it; a word can only stand in the text if what is left of the
word stands in what is left of the text. Where it does, the word itself is looked for. What is called a word too easily costs time; none is missed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

# What is kept: capitals and signs, which are rare in prose and in JSON; rare letters, with the blank that parts words.
_KEPT = (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ-:/.$=", b"ghjkpvxyJ-. ")
# Fewer bytes are left of nearly every text.
_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Sieve:
    """The bytes that are left out of a text, and the words that are looked for in the rest, each by what is left of it."""

    dropped: bytes
    words: tuple[tuple[bytes, bytes], ...]


def words_in(text: bytes, words: tuple[bytes, ...], *, sift: bool) -> frozenset[bytes]:
    """Return the words that may stand in a text, and all that do; `sift` where capitals and signs are rare in it."""
    sieves, others = _sieves(words) if sift else ((), words)
    return frozenset((*_sifted(text, sieves), *_gated(text, others)))


def _sifted(text: bytes, sieves: tuple[_Sieve, ...]) -> Iterator[bytes]:
    for sieve in sieves:
        left = text.translate(None, sieve.dropped)
        yield from (word for rest, word in sieve.words if rest in left and word in text)


def _gated(text: bytes, words: tuple[bytes, ...]) -> Iterator[bytes]:
    for gate, behind in _gates(words):
        if gate.search(text):
            yield from behind


@cache
def _sieves(words: tuple[bytes, ...]) -> tuple[tuple[_Sieve, ...], tuple[bytes, ...]]:
    """Return the sieves, and the words of which none leaves enough, or that have nothing rare."""
    dropped = [bytes(set(range(256)) - set(kept)) for kept in _KEPT]
    chosen: list[list[tuple[bytes, bytes]]] = [[] for _ in dropped]
    others = []
    for word in words:
        rests = [word.translate(None, each) for each in dropped]
        longest = max(rests, key=len)
        if len(longest) < _LEAST or (word.isalpha() and word.islower()):
            others.append(word)
        else:
            chosen[rests.index(longest)].append((longest, word))
    return tuple(_Sieve(drop, tuple(each)) for drop, each in zip(dropped, chosen, strict=True) if each), tuple(others)


@cache
def _gates(words: tuple[bytes, ...]) -> tuple[tuple[re.Pattern[bytes], tuple[bytes, ...]], ...]:
    """Return an expression for all words that begin with one byte: where it does not match, none of them stands there.

    It costs little more than one word.
    """
    found: dict[bytes, list[bytes]] = {}
    for word in words:
        found.setdefault(word[:1], []).append(word)
    return tuple((re.compile(re.escape(first) + b"(?:" + b"|".join(map(_rest, each)) + b")"), tuple(each)) for first, each in found.items())


def _rest(word: bytes) -> bytes:
    # One token or another begins with a word and `_`: there, what follows is what is rare.
    return rb"[A-Za-z0-9+/]{16}" if word == b"_" else re.escape(word[1:])
