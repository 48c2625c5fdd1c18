"""The forms that a source can have, told apart by their first and last bytes: two engines, database file or dump or SQL text."""

import re
from dataclasses import dataclass
from typing import IO, Literal

from govern.problems import Exit, GovernError, fault
from govern.rehearsal.archive import read_archive

Format = Literal["sqlite-file", "sqlite-sql", "postgresql-plain", "postgresql-custom"]

CHUNK = 1024 * 1024
EDGE = 64 * 1024

_SQLITE = b"SQLite format 3\0"
_ARCHIVE = b"PGDMP"
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive",
    b"\xfd7zXZ\0": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\x04\x22\x4d\x18": "packed with lz4",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"-- MySQL dump": "a dump of MySQL",
    b"-- MariaDB dump": "a dump of MariaDB",
    b"/*M!999999": "a dump of MariaDB",
    b"--\n-- PostgreSQL database cluster dump": "a dump of a whole cluster (pg_dumpall)",
}
_TAR = (257, b"ustar")
_DUMP = re.compile(rb"\A(?:--[^\n]*\r?\n|\s)*?-- PostgreSQL database dump\r?\n")
_DUMPED_FROM = re.compile(rb"^-- Dumped from database version (\d+(?:\.\d+)*)", re.MULTILINE)
_DUMP_ENDS = b"-- PostgreSQL database dump complete"
_POSTGRESQL = re.compile(rb"^(?:SET client_encoding|SELECT (?:pg_catalog\.)?(?:set_config|setval)\(|COPY [^\n]+ FROM stdin;|CREATE SEQUENCE )", re.MULTILINE)
_SQLITE_DUMP = re.compile(rb"\A(?:--[^\n]*\n|\s)*PRAGMA foreign_keys ?= ?OFF;\s+BEGIN(?: TRANSACTION)?;")
_STATEMENT = re.compile(
    rb"\A(?:--[^\n]*(?:\n|\Z)|/\*.*?\*/|\s)*(?:ALTER|BEGIN|COMMENT|COMMIT|CREATE|DELETE|DROP|INSERT|PRAGMA|REPLACE|SAVEPOINT|SELECT|SET|START|UPDATE|WITH)\b",
    re.IGNORECASE | re.DOTALL,
)
_LAST = re.compile(rb"(?:;|\\\.)(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\\unrestrict [^\n]*)*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is read, the server's version where it is told, and the size without compression."""

    format: Format
    version: str | None
    size: int


def form_of(content: IO[bytes], name: str, engine: Literal["sqlite", "postgresql"] | None) -> Form:
    """Return the form of what is in a stream, all of which is read.

    Raises:
        GovernError: SOURCE_FORMAT, SOURCE_EMPTY or DUMP_TRUNCATED (status 3).
    """
    head = content.read(EDGE)
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise _no_form(f"{name} is {what}")
    if head[_TAR[0] :].startswith(_TAR[1]):
        raise _no_form(f"{name} is a tar archive (pg_dump -Ft, or a packed folder)")
    if head.startswith(_ARCHIVE):
        archive = read_archive(head, content, name)
        return Form("postgresql-custom", archive.version, archive.size)
    if head.startswith(_SQLITE):
        return Form("sqlite-file", None, _whole_database(head, content, name))
    return _text_form(head, content, name, engine)


def _whole_database(head: bytes, content: IO[bytes], name: str) -> int:
    size = len(head) + _rest(content)[0]
    if len(head) < 100:
        raise truncated(f"{name}: the header of the database is cut off")
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    # The count of pages is to be trusted only where the two counters agree (fileformat2.html, 1.3.7).
    told = int.from_bytes(head[28:32], "big") if head[24:28] == head[92:96] else 0
    if page < 512 or page & (page - 1) or size % page or size < told * page:
        raise truncated(f"{name}: the database says it has {told} pages of {page} bytes, and the file has {size} bytes")
    return size


def _text_form(head: bytes, content: IO[bytes], name: str, engine: Literal["sqlite", "postgresql"] | None) -> Form:
    if b"\0" in head:
        raise _no_form(f"{name} is neither a database, nor a dump, nor text")
    more, tail = _rest(content)
    size, tail = len(head) + more, (head + tail)[-EDGE:]
    if not head.strip() and not tail.strip():
        raise fault(Exit.UNJUDGED, "SOURCE_EMPTY", f"{name}: nothing but white space is in it", help="hand over a dump")
    if _DUMP.match(head):
        if _DUMP_ENDS not in tail:
            raise truncated(f"{name}: the last line of a dump (`{_DUMP_ENDS.decode()}`) is missing")
        version = _DUMPED_FROM.search(head)
        return Form("postgresql-plain", version[1].decode() if version else None, size)
    if not _STATEMENT.match(head):
        raise _no_form(f"{name} is text, and does not begin with a statement of SQL")
    if _SQLITE_DUMP.match(head):
        if not tail.rstrip().endswith(b"COMMIT;"):
            raise truncated(f"{name}: the last line of an SQLite dump is not `COMMIT;`")
        return Form("sqlite-sql", None, size)
    if not _LAST.search(tail):
        raise truncated(f"{name}: the last statement does not end")
    postgresql = engine == "postgresql" if engine else bool(_POSTGRESQL.search(head))
    return Form("postgresql-plain" if postgresql else "sqlite-sql", None, size)


def _rest(content: IO[bytes]) -> tuple[int, bytes]:
    """Read to the end; return how much it was, and the last of it."""
    size, tail = 0, b""
    while piece := content.read(CHUNK):
        size += len(piece)
        tail = (tail + piece)[-EDGE:]
    return size, tail


def _no_form(message: str) -> GovernError:
    help = "a PostgreSQL dump (plain or -Fc), an SQLite database, or SQL text; plain, or packed once with gzip"
    return fault(Exit.UNJUDGED, "SOURCE_FORMAT", message, help=help)


def truncated(message: str) -> GovernError:
    """Return the error of a source of which a part is missing."""
    return fault(Exit.UNJUDGED, "DUMP_TRUNCATED", message, help="make the dump again, and compare the sizes after it was copied")
