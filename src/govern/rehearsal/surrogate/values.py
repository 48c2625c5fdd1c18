"""Values of each kind, drawn from a stream of random numbers of their own: another column or table changes none of them.

No clock and no locale of the machine: what is drawn follows from the seed, the names of table and column, and the version of mimesis.
"""

import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from itertools import accumulate
from random import Random
from typing import Any, TypeAlias

from govern.policy.dataset import GeneratedColumn, split
from govern.problems import Exit, fault

Value: TypeAlias = "str | int | float | bool | bytes | Decimal | date | datetime | uuid.UUID | None"

_PLAIN = ("en",)
# Latin with marks, Greek, Cyrillic, Han and kana; Farsi runs from right to left.
_SCRIPTS = ("cs", "de", "el", "en", "fa", "ja", "ru", "zh")
_FIRST_DAY, _LAST_DAY = "2015-01-01", "2024-12-31"
# What breaks programs that never met it: the limits of 64 bits, the doubles that spell badly.
_LARGE = (2**63 - 1, -(2**63), 2**53 + 1, -1, 0)
_REALS = (-0.0, 0.1, 1e-300, 1.7976931348623157e308, 123456789.123456789)
_ZONES = (0, 120, -330, 345, -600)
# One row in so many has text with marks of their own; text that is long enough to be stored apart.
_DECOMPOSED, _LONG = 20, 100


def spread(column: GeneratedColumn, name: str, seed: str, rows: int, keys: Mapping[str, Sequence[Value]]) -> Iterator[Value]:
    """Yield the values of a column, one for each row; `keys` maps TABLE.COLUMN to the keys that can be referred to."""
    draw = Random(f"{seed}/{name}")  # noqa: S311 - the same numbers for the same seed are wanted, not secret ones
    nulls = float(column.nulls.rstrip("%")) / 100 if column.nulls else 0.0
    make = _maker(column, f"{seed}/{name}", draw, keys)
    seen: set[Value] = set()
    for row in range(rows):
        empty = nulls and draw.random() < nulls
        value = make(row)
        if column.unique and value in seen and isinstance(value, str):
            value = f"{value} {row}"
        if column.unique:
            seen.add(value)
        yield None if empty else value


def _maker(column: GeneratedColumn, stream: str, draw: Random, keys: Mapping[str, Sequence[Value]]) -> Callable[[int], Value]:
    """Return what makes the value of a row."""
    if column.choice:
        words, sums = tuple(column.choice), list(accumulate(column.choice.values()))
        return lambda _row: draw.choices(words, cum_weights=sums)[0]
    if column.references:
        itself = stream.partition("/")[2].partition(".")[0] == split(column.references).table
        return partial(_refer, column, draw, keys[column.references], itself)
    simple = _SIMPLE.get(str(column.values))
    return partial(simple, column, draw) if simple else _of_a_language(column, stream, draw)


def _refer(column: GeneratedColumn, draw: Random, known: Sequence[Value], itself: bool, row: int) -> Value:  # noqa: FBT001 - bound by position
    # Of a table that refers to itself, only the rows before this one are there.
    reachable = row if itself else len(known)
    return known[_index(column, draw, reachable)] if reachable else None


def _index(column: GeneratedColumn, draw: Random, size: int) -> int:
    """Return a number below `size`. No power of floats: its last digit depends on the machine."""
    share = draw.random()
    return int(size * (share * share * share * share if column.skewed else share))


def _of_a_language(column: GeneratedColumn, stream: str, draw: Random) -> Callable[[int], Value]:
    """Return what makes a value that is words of a language; now and then its marks are characters of their own, where scripts are wanted."""
    mimesis = _library()
    locales = _SCRIPTS if column.unicode else _PLAIN
    speakers = [mimesis.Generic(locale, seed=f"{stream}/{locale}") for locale in locales]
    say = _SPOKEN[str(column.values)]

    def make(row: int) -> Value:
        decomposed = column.unicode and row % _DECOMPOSED == 0
        speaker = speakers[0 if decomposed else draw.randrange(len(speakers))]
        text = say(speaker, draw, row)
        return unicodedata.normalize("NFD", text) if decomposed else text

    return make


def _library() -> Any:
    try:
        import mimesis
    except ImportError as error:
        raise fault(Exit.UNJUDGED, "NEEDS_EXTRA", "values are made by mimesis, which is not installed", help="pip install 'govern[surrogate]'") from error
    return mimesis


def library_version() -> str:
    """Return the version of the library, of which the bytes depend.

    Raises:
        GovernError: it is not installed (NEEDS_EXTRA, status 3).
    """
    return str(_library().__version__)


def _long_text(speaker: Any, draw: Random, row: int) -> str:
    """Return a few sentences, or some hundred."""
    count = draw.randrange(100, 400) if row % _LONG == 1 else draw.randrange(1, 6)
    return "\n".join(speaker.text.sentence() for _sentence in range(count))


_SPOKEN: Mapping[str, Callable[[Any, Random, int], str]] = {
    "person-name": lambda speaker, _draw, _row: str(speaker.person.full_name()),
    "first-name": lambda speaker, _draw, _row: str(speaker.person.first_name()),
    "last-name": lambda speaker, _draw, _row: str(speaker.person.last_name()),
    "city": lambda speaker, _draw, _row: str(speaker.address.city()),
    "country": lambda speaker, _draw, _row: str(speaker.address.country()),
    "street": lambda speaker, _draw, _row: str(speaker.address.address()),
    "word": lambda speaker, _draw, _row: str(speaker.text.word()),
    "sentence": lambda speaker, _draw, _row: str(speaker.text.sentence()),
    "long-text": _long_text,
}


def _sequence(_column: GeneratedColumn, draw: Random, row: int) -> Value:
    """Numbers that grow, with gaps as deleted rows leave them."""
    return 3 * row + 1 + (draw.random() < 0.1) + (draw.random() < 0.1)


def _integer(column: GeneratedColumn, draw: Random, _row: int) -> Value:
    least, most = int(column.least or 0), int(column.most or 1_000_000)
    return least + _index(column, draw, most - least + 1)


def _large_integer(_column: GeneratedColumn, draw: Random, row: int) -> Value:
    return _LARGE[row] if row < len(_LARGE) else draw.getrandbits(63) - (1 << 62)


def _decimal(column: GeneratedColumn, draw: Random, _row: int) -> Value:
    least, most = Decimal(column.least or "0"), Decimal(column.most or "100000")
    return (least + (most - least) * draw.getrandbits(40) / (1 << 40)).quantize(Decimal("0.01"))


def _real(_column: GeneratedColumn, draw: Random, row: int) -> Value:
    return _REALS[row] if row < len(_REALS) else draw.getrandbits(53) / (1 << draw.randrange(24, 48)) - 1000


def _date(column: GeneratedColumn, draw: Random, _row: int) -> Value:
    least, most = date.fromisoformat(column.least or _FIRST_DAY), date.fromisoformat(column.most or _LAST_DAY)
    return least + timedelta(days=_index(column, draw, (most - least).days + 1))


def _timestamp(column: GeneratedColumn, draw: Random, row: int) -> Value:
    day = _date(column, draw, row)
    assert isinstance(day, date)
    zone = timezone(timedelta(minutes=_ZONES[draw.randrange(len(_ZONES))]))
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(microseconds=draw.randrange(86_400_000_000))
    return moment.astimezone(zone)


def _uuid(_column: GeneratedColumn, draw: Random, _row: int) -> Value:
    return uuid.UUID(int=draw.getrandbits(128), version=4)


def _code(column: GeneratedColumn, _draw: Random, row: int) -> Value:
    return f"{column.prefix or ''}{row:06d}"


def _json(_column: GeneratedColumn, draw: Random, row: int) -> Value:
    return f'{{"n": {row}, "tags": ["a", "\\u00fc"], "share": {draw.randrange(1000) / 1000}, "none": null}}'


_SIMPLE: Mapping[str, Callable[[GeneratedColumn, Random, int], Value]] = {
    "boolean": lambda _column, draw, _row: draw.random() < 0.7,
    "bytes": lambda _column, draw, _row: draw.randbytes(draw.randrange(40)),
    "code": _code,
    "date": _date,
    "decimal": _decimal,
    # The names that are reserved for examples: no such mailbox or line can be anybody's.
    "email": lambda _column, draw, row: f"person{row}.{draw.randrange(1000)}@example.org",
    "integer": _integer,
    "json": _json,
    "large-integer": _large_integer,
    "phone": lambda _column, draw, _row: f"555-01{draw.randrange(100):02d}",
    "real": _real,
    "sequence": _sequence,
    "timestamp": _timestamp,
    "uuid": _uuid,
}
