"""`--as-of`: a time with offset, a record `#seq`, or a mark `@name`, as a length of the ledger and a moment."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from govern.ledger.lines import Record
from govern.ledger.moments import parse_time
from govern.problems import Exit, GovernError, did_you_mean, fault

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Moment:
    """How many records count, and the time at which windows are judged."""

    size: int
    now: int


def resolve_moment(text: str, records: Sequence[Record]) -> Moment:
    """Return the moment that `--as-of` names.

    Raises:
        GovernError: no such record, mark or time; a date that covers several heads, with their list (status 2).
    """
    if text.startswith("#"):
        return _record(text, records)
    if text.startswith("@"):
        return _mark(text[1:], records)
    if _DATE.fullmatch(text):
        return _date(text, records)
    try:
        seconds = parse_time(text)
    except ValueError as error:
        raise fault(Exit.USAGE, "AS_OF", str(error), help="a time with offset, #SEQ or @MARK") from error
    size = sum(record.seconds <= seconds for record in records)
    if size == 0:
        raise _before_all(text, records)
    return Moment(size, seconds)


def _before_all(text: str, records: Sequence[Record]) -> GovernError:
    return fault(Exit.USAGE, "AS_OF", f"nothing was on record on {text}", help=f"the first record is of {records[0].at}")


def _record(text: str, records: Sequence[Record]) -> Moment:
    if not re.fullmatch(r"#[0-9]{1,9}", text, re.ASCII) or int(text[1:]) >= len(records):
        raise fault(Exit.USAGE, "AS_OF", f"there is no record `{text}`", help=f"#0 to #{len(records) - 1}")
    seq = int(text[1:])
    return Moment(seq + 1, records[seq].seconds)


def _mark(name: str, records: Sequence[Record]) -> Moment:
    marks = {record.statement.body["name"]: record for record in records if record.statement.kind == "mark"}
    if name not in marks:
        known = ", ".join(f"@{each}" for each in marks) or "none"
        raise fault(Exit.USAGE, "AS_OF", f"there is no mark `@{name}`", help=did_you_mean(name, marks) or f"marks: {known}")
    return Moment(marks[name].seq + 1, marks[name].seconds)


def _date(text: str, records: Sequence[Record]) -> Moment:
    try:
        end = parse_time(f"{text}T23:59:59Z")
    except ValueError as error:
        raise fault(Exit.USAGE, "AS_OF", f"there is no day {text}", help="a time with offset, #SEQ or @MARK") from error
    day = [record for record in records if record.at.startswith(text)]
    if len(day) > 1:
        raise _several(text, day)
    if len(day) == 1:
        return Moment(day[0].seq + 1, day[0].seconds)
    before = [record for record in records if record.seconds <= end]
    if not before:
        raise _before_all(text, records)
    return Moment(len(before), end)


def _several(text: str, day: list[Record]) -> GovernError:
    marked = [record for record in day if record.statement.kind == "mark"]
    named = ", ".join(f"@{record.statement.body['name']} (#{record.seq})" for record in marked)
    listed = ", ".join(f"#{record.seq} {record.statement.kind}" for record in day[:_MOST_LISTED])
    more = f" and {len(day) - _MOST_LISTED} more" if len(day) > _MOST_LISTED else ""
    help = f"name one: {named}; " if named else "name one: "
    return fault(Exit.USAGE, "AS_OF", f"{text} covers {len(day)} heads", help=f"{help}{listed}{more}")
