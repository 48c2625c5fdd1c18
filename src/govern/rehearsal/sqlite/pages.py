"""Which tables of a SQLite database hold what they held before: those of which no page was written, and the definition is the same.

Rows are decided by the pages of a table's tree, its definition, and the header of the file. Pages are compared byte by byte;
inside a transaction, those that SQLite has set aside in its journal to take the change back may differ, and no others.
Whatever is not as expected here names no table, and all of them are read.
"""

import mmap
import sqlite3
import struct
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PIECE = 1 << 20
# The newest schema format: in it every definition is read the same, and no change leads to another.
_FORMAT: Final = 4
_JOURNAL = bytes.fromhex("d9d505f920a163d7")
# Of a journal that is never synced: its records go on to its end.
_TO_THE_END: Final = 0xFFFF_FFFF
_DEFINED = "SELECT name, rootpage, sql FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tables of a file are stored: of each page, the place in `tables` of the one that it belongs to, or -1.

    `tables` are the name, the first page and the definition of each; `header` is what must stay of the file's first bytes.
    """

    page: int
    header: tuple[bytes, ...]
    tables: tuple[tuple[str, int, str], ...]
    owners: "array[int]"

    def untouched(self, connection: sqlite3.Connection, written: Iterable[int]) -> frozenset[str]:
        """Return the tables that are defined as before on this connection, and of which no page is among those written."""
        # One more at the end, for the pages of no table: -1 is its place, too.
        touched = bytearray(len(self.tables) + 1)
        for number in written:
            if number < len(self.owners):
                touched[self.owners[number]] = True
        defined = set(connection.execute(_DEFINED))
        return frozenset(table[0] for at, table in enumerate(self.tables) if not touched[at] and table in defined)


def read_layout(file: Path, connection: sqlite3.Connection) -> Layout | None:
    """Return where the tables of a sound file are stored, as a connection to it sees them; None where SQLite cannot say."""
    with file.open("rb") as stream:
        first = stream.read(100)
    if len(first) < 100 or int.from_bytes(first[44:48]) != _FORMAT:
        return None
    page = 65536 if first[16:18] == b"\0\1" else int.from_bytes(first[16:18])
    tables = tuple(connection.execute(_DEFINED))
    owners = array("i", [-1]) * (file.stat().st_size // page + 1)
    places = {name: at for at, (name, _root, _sql) in enumerate(tables)}
    try:
        for name, number in connection.execute("SELECT name, pageno FROM dbstat('main')"):
            owners[number] = places.get(name, -1)
    except sqlite3.OperationalError:
        # SQLite was built without that table.
        return None
    # A table without a page would always be untouched.
    stored = frozenset(owners)
    if any(at not in stored for at in places.values()):
        return None
    return Layout(page, _header(first), tables, owners)


def compared(before: Path, after: Path, layout: Layout) -> Iterator[int] | None:
    """Return the numbers of the pages that are not the same in both files, or None where the files are not of one form."""
    with after.open("rb") as stream:
        if _header(stream.read(100)) != layout.header:
            return None
    return _compared(before, after, layout.page)


def _compared(before: Path, after: Path, page: int) -> Iterator[int]:
    with before.open("rb") as one, after.open("rb") as other:
        at = 1
        while piece := one.read(_PIECE):
            found = other.read(_PIECE)
            if piece != found:
                yield from (at + place // page for place in range(0, len(piece), page) if piece[place : place + page] != found[place : place + page])
            at += len(piece) // page


def journaled(file: Path, layout: Layout) -> "array[int] | None":
    """Return the numbers of the pages that the journal of an open transaction has set aside, or None where it is not what it should be."""
    try:
        with file.with_name(f"{file.name}-journal").open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            magic, count, _nonce, pages, sector, page = struct.unpack_from(">8s5I", content)
            size = page + 8
            if (magic, count, pages, page) != (_JOURNAL, _TO_THE_END, len(layout.owners) - 1, layout.page) or (len(content) - sector) % size:
                return None
            return array("I", (number for at in range(sector, len(content), size) for (number,) in struct.iter_unpack(">I", content[at : at + 4])))
    except (OSError, ValueError, struct.error):
        return None


def _header(first: bytes) -> tuple[bytes, ...]:
    """Return what decides how pages are read: their size and unused part, the format of definitions, and the encoding of text."""
    return first[16:18], first[20:21], first[44:48], first[56:60]
