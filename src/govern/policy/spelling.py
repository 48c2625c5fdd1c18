"""Spellings of a token: where a text uses one, also where it is spelled to be mistaken for it.

Pure. `docs/claims.md` says in words what a use is, and what is not found. Almost every text is passed by its letters
alone, which are compared first; only where those of a token are among them is it looked at how they stand.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from govern.policy.lookalikes import as_ascii

# Each token with its letters alone, as `letters_of` gives them.
Tokens = tuple[tuple[str, str], ...]

_DIGITS_AND_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# UTS 39: `0` and `o` are one, and so are `1`, `i` and `l`. It has `m` for `rn`, too, which is spelled out below.
_READ_AS = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZi", b"ol23456789abcdefghljklmnopqrstuvwxyzl")
_OTHERS = bytes(sorted({*range(256)} - {*_DIGITS_AND_LETTERS}))
# What says nothing about capitals: either case of it looks like the other, or like a digit.
_EITHER_CASE = frozenset("0123456789IloO")

# So much may stand between two letters of a token in capitals; less in other letters, which prose is made of.
MOST_APART = 16
MOST_APART_IN_PROSE = 8
# What parts two words of prose: the end of a sentence, a bracket, a quotation mark, a cell, a paragraph, a list.
_PARTED = re.compile(r"""[.,;!?]\s|[|"(){}\[\]]|\n\s*\n|\n\s*[-+*#]""")
_ESCAPE = re.compile(r"\\[ux]\{?([0-9A-Fa-f]{2,6})\}?")
_ENTITY = re.compile("&[#A-Za-z]")
_BREAK = re.compile(r"\\[abefnrtv]")
_TAG = re.compile("<[!/A-Za-z][^<>]{0,1000}>")
_BAR = re.compile(r"(?<=[^\W_])\|(?=[^\W_])")
_REVERSED = re.compile("\u202e([^\u202c\u202d\u2069\n]*)")
MIN_LETTERS = 4
# A long text is looked at in windows that overlap by more than a spelling spans, so that memory is bounded.
_WINDOW = 16_384
_OVERLAP = 4_096


class Use(NamedTuple):
    """A use of a token: on which line, and how it is spelled there, letters beyond ASCII as they are read."""

    token: str
    line: int
    spelled: str


class _Match(NamedTuple):
    token: str
    first: int
    last: int


class _Edges(NamedTuple):
    """The places that a match must not reach: what stands beyond the edge of a window is seen in the next one."""

    first: int
    last: int


def letters_of(text: str) -> str:
    """Return the letters and digits of a text alone, those that look alike as one: what any spelling keeps."""
    return as_ascii(text).encode("ascii", "replace").translate(_READ_AS, _OTHERS).decode().replace("m", "rn")


def is_telling(name: str) -> bool:
    """Whether a name is long enough to be told from other text."""
    return len(re.findall("[0-9A-Za-z]", name)) >= MIN_LETTERS


def tokens_of(names: Iterable[str]) -> Tokens:
    """Return names as tokens that texts are searched for."""
    return tuple((str(name), letters_of(name)) for name in names)


def uses(text: str, tokens: Tokens) -> tuple[Use, ...]:
    """Return every use of a token in a text, in the order of the text."""
    if _is_plain(text) and not _could_hold(text, tokens):
        return ()
    found = {use for reading in _readings(text) for use in _uses(reading, tokens)}
    return tuple(sorted(found, key=lambda use: (use.line, use.token, use.spelled)))


def _is_plain(text: str) -> bool:
    """Whether a text has but one reading: most have, and are passed in a microsecond or two."""
    return text.isascii() and "\\" not in text and "&" not in text and "<" not in text and "|" not in text


def could_use(text: str, tokens: Tokens) -> bool:
    """Whether a text, of which the parts are looked at one by one otherwise, could hold a use in any of its readings."""
    return any(_could_hold(reading, tokens) for reading in _readings(text))


def _could_hold(reading: str, tokens: Tokens) -> bool:
    """Whether the letters of a token are among those of a reading, one behind another: without them it holds no use."""
    letters = letters_of(reading)
    for _token, wanted in tokens:  # noqa: SIM110 - `any` takes three times as long, and every record is asked
        if wanted in letters:
            return True
    return False


def _readings(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as it is read once escapes, marks of structure and reversed writing have had their effect."""
    yield text
    plain = html.unescape(text) if "&" in text and _ENTITY.search(text) else text
    if "\\" in text:
        plain = _ESCAPE.sub(_unescaped, plain)
        # Of `\n` and its like, only the bar parts words.
        if _BREAK.search(plain):
            yield _BREAK.sub(" ", plain)
    if "<" in plain and _TAG.search(plain):
        yield _TAG.sub("", plain)
    if "|" in plain and _BAR.search(plain):
        yield _BAR.sub("l", plain)
    if "\u202e" in plain:
        yield _REVERSED.sub(lambda found: found[1][::-1], plain)
    if plain != text:
        yield plain


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else found[0]


def _uses(reading: str, tokens: Tokens) -> Iterator[Use]:
    line = 1
    for start in range(0, max(len(reading) - _OVERLAP, 1), _WINDOW - _OVERLAP):
        seen = reading[start : start + _WINDOW]
        if _could_hold(seen, tokens):
            text = as_ascii(seen)
            inner = _Edges(0 if start else -1, len(text) - 1 if start + _WINDOW < len(reading) else len(text))
            for match in _longest([each for each in _matches(text, tokens) if inner.first < each.first and each.last < inner.last]):
                yield Use(match.token, line + text.count("\n", 0, match.first), " ".join(text[match.first : match.last + 1].split()))
        line += reading.count("\n", start, start + _WINDOW - _OVERLAP)


def _longest(matches: list[_Match]) -> Iterator[_Match]:
    return (match for match in matches if not any(_is_within(match, other) for other in matches))


def _is_within(match: _Match, other: _Match) -> bool:
    """Whether a match is a part of that of a longer token, whose use it is then."""
    return other.first <= match.first and match.last <= other.last and other.last - other.first > match.last - match.first


def _matches(text: str, tokens: Tokens) -> Iterator[_Match]:
    read, places = _letters(text)
    for token, wanted in tokens:
        start = read.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if _stands_alone(places, start, end) and _is_spelled(token, list(dict.fromkeys(places[start:end])), text):
                yield _Match(token, places[start], places[end - 1])
            start = read.find(wanted, start + 1)


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the letters of a text as they are compared, and the place of each; the two that an `m` is read as have one place."""
    places = [each.start() for each in re.finditer("[0-9A-Za-z]", text)]
    read = "".join([text[place] for place in places]).encode().translate(_READ_AS).decode()
    if "m" in read:
        places = [place for place, letter in zip(places, read, strict=True) for _ in range(1 + (letter == "m"))]
    return read.replace("m", "rn"), places


def _stands_alone(places: list[int], start: int, end: int) -> bool:
    """Whether no letter is joined to a match in front or behind, or is a half of it: then it would be another word."""
    return (start == 0 or places[start - 1] < places[start] - 1) and (end == len(places) or places[end] > places[end - 1] + 1)


def _is_spelled(token: str, places: list[int], text: str) -> bool:
    """Whether letters stand so that a reader takes them for the token: in capitals, or as the parts of a name of several."""
    apart = [text[one + 1 : other] for one, other in pairwise(places) if other > one + 1]
    if _in_capitals([text[place] for place in places]):
        return all(_width(gap) <= MOST_APART for gap in apart)
    return len(re.findall("[0-9A-Za-z]+", token)) > 1 and all(_width(gap) <= MOST_APART_IN_PROSE and not _PARTED.search(gap) for gap in apart)


def _in_capitals(spelled: list[str]) -> bool:
    """Whether at least half of the letters are capitals, of those that can be told."""
    told = [each for each in spelled if each not in _EITHER_CASE]
    return 2 * sum(each.isupper() for each in told) >= len(told)


def _width(gap: str) -> int:
    """Return how far apart two letters stand: white space counts once, however much of it there is."""
    return len(re.sub(r"\s+", " ", gap))
