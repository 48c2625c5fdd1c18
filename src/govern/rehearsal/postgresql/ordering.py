"""The order of rows, worked out from their lines as the server orders them: numbers as numbers, all else as the bytes of its text.

Pure.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from govern.rehearsal.postgresql.tables import Table

Ordinal: TypeAlias = tuple[tuple[bool, int | bytes], ...]

NULL = rb"\N"
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def ordinal(fields: Iterable[bytes], numbers: Iterable[bool]) -> Ordinal:
    """Return what orders a row by its first fields, so many as there are `numbers`: NULL last."""
    return tuple((True, 0) if value == NULL else (False, int(value) if number else unescaped(value)) for number, value in zip(numbers, fields, strict=False))


def ordinal_of(table: Table) -> Callable[[bytes], Ordinal]:
    """Return what gives the ordinal of a line of a table that has a key of numbers or text."""
    places = [table.columns.index(each) for each in table.key]
    numbers = [each.ordered_as == "number" for each in table.key]
    needed = max(places) + 1

    def of(line: bytes) -> Ordinal:
        fields = line[:-1].split(b"\t", needed)
        return ordinal((fields[place] for place in places), numbers)

    return of


def unescaped(value: bytes) -> bytes:
    """Return a value without the escapes of COPY."""
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), value) if b"\\" in value else value
