"""The custom format of pg_dump (-Fc), read as far as it takes to know the server's version and that no part is missing.

Follows `pg_backup_archiver.c` and `pg_backup_custom.c`: a header, a table of contents, then blocks of chunks, each block
ended by a chunk of length 0. The format has no end mark: what was cut off between two blocks shows by the contents alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from govern.problems import Exit, GovernError, fault

_CUSTOM = 1
_KNOWN = range(14, 17)  # Archives 1.14 to 1.16: pg_dump 12 to 18.
_MAX_TEXT = 64 * 1024 * 1024
_DATA, _BLOBS = 1, 3
_OFFSET = 8
_NO_CONTENT = 3
_VERSION = re.compile(rb"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class Archive:
    """A whole archive: the version of the server, and the size."""

    version: str | None
    size: int


def read_archive(head: bytes, rest: IO[bytes], name: str) -> Archive:
    """Return an archive of which every block is there.

    Raises:
        GovernError: SOURCE_FORMAT or DUMP_TRUNCATED (status 3).
    """
    reader = _Reader(head, rest, name)
    reader.take(len(b"PGDMP"))
    major, minor, _revision, width, offsets, format = reader.take(6)
    if format != _CUSTOM or major != 1 or minor not in _KNOWN or width != 4 or offsets != _OFFSET:
        message = f"{name} is an archive of pg_dump of version {major}.{minor} and format {format}, which is not read"
        raise fault(Exit.UNJUDGED, "SOURCE_FORMAT", message, help="dump it with `pg_dump -Fc` of PostgreSQL 12 or newer")
    if minor >= 15:
        reader.take(1)
    else:
        reader.integer()
    for _field_of_time in range(7):
        reader.integer()
    reader.text()
    version = _VERSION.match(reader.text() or b"")
    reader.text()
    promised = {_entry(reader, minor) for _number in range(reader.integer())} - {None}
    if promised - set(_read_blocks(reader)):
        raise reader.broken("content that the table of contents names is not there")
    return Archive(version[0].decode() if version else None, reader.at)


def _entry(reader: "_Reader", minor: int) -> int | None:
    """Read an entry of the table of contents; return the number of the block with its content, where it has one."""
    number, has_content = reader.integer(), reader.integer()
    for _tableoid_oid_tag_desc in range(4):
        reader.text()
    reader.integer()
    for _defn_drop_copy_namespace_tablespace_am in range(6):
        reader.text()
    if minor >= 16:
        reader.integer()
    for _owner_oids in range(2):
        reader.text()
    while reader.text() is not None:
        pass
    offset_flag = reader.take(1 + _OFFSET)[0]
    return number if has_content and offset_flag != _NO_CONTENT else None


def _read_blocks(reader: "_Reader") -> Iterator[int]:
    while not reader.ended():
        kind, number = reader.take(1)[0], reader.integer()
        if kind == _DATA:
            _read_chunks(reader)
        elif kind == _BLOBS:
            while reader.integer():
                _read_chunks(reader)
        else:
            raise reader.broken(f"a block of the unknown kind {kind}")
        yield number


def _read_chunks(reader: "_Reader") -> None:
    while length := reader.integer():
        reader.skip(length)


class _Reader:
    """Reads on from a head that was read already; knows how far it is."""

    def __init__(self, head: bytes, rest: IO[bytes], name: str) -> None:
        self.head, self.rest, self.name, self.at, self.used = head, rest, name, 0, 0

    def take(self, size: int) -> bytes:
        while len(self.head) - self.used < size:
            more = self.rest.read(max(size, 1 << 20))
            if not more:
                raise self.broken("it ends in the middle")
            self.head, self.used = self.head[self.used :] + more, 0
        found = self.head[self.used : self.used + size]
        self.used += size
        self.at += size
        return found

    def skip(self, size: int) -> None:
        while size > 0:
            step = min(size, 1 << 20)
            self.take(step)
            size -= step

    def ended(self) -> bool:
        if self.used == len(self.head):
            self.head, self.used = self.rest.read(1 << 20), 0
        return not self.head

    def integer(self) -> int:
        sign, *digits = self.take(5)
        value = int.from_bytes(bytes(digits), "little")
        return -value if sign else value

    def text(self) -> bytes | None:
        size = self.integer()
        if size > _MAX_TEXT:
            raise self.broken("a text of its table of contents is too long")
        return self.take(size) if size >= 0 else None

    def broken(self, why: str) -> GovernError:
        return fault(
            Exit.UNJUDGED, "DUMP_TRUNCATED", f"{self.name}: the archive is cut off or damaged: {why}", help="make the dump again, and compare the sizes"
        )
