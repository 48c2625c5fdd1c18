"""The digest of a table of which some pages were written: its rows as they were once read, with those on such pages in the place of what was there.

The rows are kept in a file as lines in their order, and beside it the page of each; pieces of it that nothing was written in are
hashed as they are. Several processes share what one of them has kept.
"""

import fcntl
import hashlib
import json
import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from govern.problems import Exit, fault
from govern.rehearsal.postgresql.ordering import Ordinal, ordinal_of
from govern.rehearsal.postgresql.pages import rows_on
from govern.rehearsal.postgresql.pinned import Session
from govern.rehearsal.postgresql.tables import Table, head_of, lines_of, placed_lines_of

_PIECE = 128 << 10
_LINES, _PAGES, _INDEX, _LOCK = "lines", "pages", "index", "lock"
_PLACE = re.compile(rb"\((\d+),\d+\)")


def digest_spliced(connection: Session, table: Table, changed: frozenset[int], folder: Path) -> tuple[str, int]:
    """Return the SHA-256 of a table's rows and their number, where only the pages `changed` are other than in a snapshot; the session is pinned.

    The first time every row is read, and kept in the folder, which is of that table in that snapshot; later only those on such pages.

    Raises:
        GovernError: something cannot be read (STATE_UNREADABLE) or kept (NO_SPACE); status 3.
    """
    with _alone(folder):
        if not (folder / _INDEX).exists():
            return _read_whole(connection, table, changed, folder)
    return _splice(connection, table, changed, folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let only one process at a time look whether the rows are kept, and keep them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise fault(
            Exit.UNJUDGED, "NO_SPACE", f"rows could not be kept: {error.strerror}", help="a rehearsal needs up to six times the size of the database"
        ) from error


def _read_whole(connection: Session, table: Table, changed: frozenset[int], folder: Path) -> tuple[str, int]:
    digest, count = hashlib.sha256(head_of(table)), 0
    pieces = []
    with (folder / _LINES).open("wb") as lines, (folder / _PAGES).open("wb") as pages:
        for places, text in _pieces(placed_lines_of(connection, table)):
            digest.update(text)
            lines.write(text)
            places.tofile(pages)
            pieces.append((len(text), len(places)))
            count += len(places)
    # Whatever is there without an index was not written to its end.
    new = folder / f"{_INDEX}.new"
    new.write_text(json.dumps({"changed": sorted(changed), "pieces": pieces}))
    new.rename(folder / _INDEX)
    return digest.hexdigest(), count


def _pieces(placed: Iterable[bytes]) -> Iterator[tuple["array[int]", bytes]]:
    """Yield the pages of some rows, and their lines as one text."""
    places: list[bytes] = []
    lines: list[bytes] = []
    size = 0
    for each in placed:
        place, _tab, line = each.partition(b"\t")
        places.append(place)
        lines.append(line)
        size += len(line)
        if size >= _PIECE:
            yield _numbers(places), b"".join(lines)
            places, lines, size = [], [], 0
    if lines:
        yield _numbers(places), b"".join(lines)


def _numbers(places: list[bytes]) -> "array[int]":
    return array("I", map(int, _PLACE.findall(b"".join(places))))


def _splice(connection: Session, table: Table, changed: frozenset[int], folder: Path) -> tuple[str, int]:
    index = json.loads((folder / _INDEX).read_bytes())
    # The rows that were kept were read when other pages may have been written already.
    apart = changed.union(index["changed"])
    fresh = _Fresh(lines_of(connection, table, rows_on(table, apart)), ordinal_of(table))
    digest, count = hashlib.sha256(head_of(table)), 0
    with (folder / _LINES).open("rb") as lines, (folder / _PAGES).open("rb") as pages:
        for size, number in index["pieces"]:
            text, places = lines.read(size), array("I", pages.read(number * array("I").itemsize))
            if apart.isdisjoint(places) and not fresh.has_before(text[text.rfind(b"\n", 0, -1) + 1 :]):
                digest.update(text)
                count += number
                continue
            unwritten = (line for line, page in zip(text.splitlines(keepends=True), places, strict=True) if page not in apart)
            for line in fresh.merged(unwritten):
                digest.update(line)
                count += 1
    for line in fresh.before(None):
        digest.update(line)
        count += 1
    return digest.hexdigest(), count


class _Fresh:
    """Rows as they are now, in their order, to be put between others."""

    def __init__(self, lines: Iterator[bytes], ordinal: Callable[[bytes], Ordinal]) -> None:
        self._lines, self._ordinal = lines, ordinal
        self._advance()

    def has_before(self, line: bytes) -> bool:
        """Whether one comes before a line."""
        return self._first is not None and self._at < self._ordinal(line)

    def merged(self, others: Iterable[bytes]) -> Iterator[bytes]:
        """Yield other lines, each after those that come before it."""
        for line in others:
            yield from self.before(line)
            yield line

    def before(self, line: bytes | None) -> Iterator[bytes]:
        """Yield those that come before a line, or all that are left."""
        while self._first is not None and (line is None or self.has_before(line)):
            yield self._first
            self._advance()

    def _advance(self) -> None:
        self._first = next(self._lines, None)
        if self._first is not None:
            self._at = self._ordinal(self._first)
