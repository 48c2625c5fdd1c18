"""Moments: RFC 3339 times with an offset, as seconds since 1970-01-01T00:00:00Z.

Pure. Stored times have one spelling, UTC to the second. A time without an offset is refused: it has no meaning
that two readers share.
"""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
_STORED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
_is_stored_form = _STORED.fullmatch


def parse_time(text: str) -> int:
    """Return the seconds of an RFC 3339 time that carries an offset.

    Raises:
        ValueError: another form, no offset, or no such time.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"`{text[:40]}` is no time such as 2026-06-12T09:30:00+02:00")
    # RFC 3339 admits a lower-case t and z, `fromisoformat` admits more; the pattern above decides.
    return int(datetime.fromisoformat(text.upper()).timestamp())


def parse_stored(text: str) -> int:
    """Return the seconds of a time in its stored spelling, such as 2026-06-12T07:30:00Z.

    Raises:
        ValueError: any other spelling.
    """
    if not _is_stored_form(text):
        raise ValueError(f"`{text[:40]}` is not in the stored form 2026-06-12T07:30:00Z")
    return int(datetime.fromisoformat(text).timestamp())


def spell_time(seconds: int) -> str:
    """Return the stored spelling of a moment."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
