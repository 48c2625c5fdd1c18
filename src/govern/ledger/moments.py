"""Moments: RFC 3339 times with an offset, as seconds since 1970-01-01T00:00:00Z.

Pure. Stored times have one spelling, UTC to the second. A time without an offset is refused: it has no meaning
that two readers share.
"""

import re
from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)


def parse_time(text: str) -> int:
    """Return the seconds of an RFC 3339 time that carries an offset.

    Raises:
        ValueError: another form, no offset, or no such time.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"`{text[:40]}` is no time such as 2026-06-12T09:30:00+02:00")
    try:
        # RFC 3339 admits a lower-case t and z, `fromisoformat` admits more; the pattern above decides. In UTC, too, the
        # time must fall into the years 1 to 9999, or it could not be stored.
        return int(datetime.fromisoformat(text.upper()).astimezone(UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise _no_such_time(text, error) from error


def parse_stored(text: str) -> int:
    """Return the seconds of a time in its stored spelling, such as 2026-06-12T07:30:00Z.

    Raises:
        ValueError: any other spelling.
    """
    # What stands at every third place from the fifth on tells the form; that the rest are digits, `fromisoformat` sees to.
    if len(text) != 20 or text[4::3] != "--T::Z":
        raise ValueError(f"`{text[:40]}` is not in the stored form 2026-06-12T07:30:00Z")
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except ValueError as error:
        raise _no_such_time(text, error) from error
    # Not `timestamp`, a float: to come back from that to a whole number takes as long again.
    return since.days * 86400 + since.seconds


def _no_such_time(text: str, error: Exception) -> ValueError:
    return ValueError(f"`{text}` does not exist: {error}")


def spell_time(seconds: int) -> str:
    """Return the stored spelling of a moment."""
    # Not `strftime`: it writes years before 1000 with fewer digits.
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
