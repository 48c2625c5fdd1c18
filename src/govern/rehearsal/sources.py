"""Sources: what a file that somebody hands over is, by its content and never by its name.

A source is a plain file, opened once and without following a link. Whatever is not one of the four forms is refused by name.
"""

import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Literal, cast

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.forms import CHUNK, EDGE, Form, Format, form_of

Compression = Literal["none", "gzip"]

_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ADDRESS = re.compile(r"(?:^|/)([A-Za-z][A-Za-z0-9+.-]*):/")
_CONNECTION = re.compile(r"\b(host|hostaddr|dbname|service|port)\s*=")
_GZIP = b"\x1f\x8b"
_BESIDE = ("-wal", "-journal", "-shm")
_HELP = "hand over a file made by pg_dump (plain or -Fc), an SQLite database, or SQL text; plain, or packed once with gzip"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was examined: the digest and size of its bytes, and what they are.

    `version` is the version of the server that a dump was taken from, where the dump says so; `unpacked` is the size
    without compression.
    """

    name: str
    sha256: str
    bytes: int
    format: Format
    compression: Compression
    version: str | None
    unpacked: int

    @property
    def engine(self) -> Literal["sqlite", "postgresql"]:
        """The engine that it is of."""
        return "sqlite" if self.format.startswith("sqlite") else "postgresql"

    def to_json(self) -> dict[str, Json]:
        """Return the form that stands in evidence, but for `sha256_after`."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "format": self.format,
            "compression": self.compression,
            "version": self.version,
        }


def examine_source(given: str | Path, engine: Literal["sqlite", "postgresql"] | None = None) -> Source:
    """Return what a file is. `engine` decides about SQL text that does not say by itself for which engine it is.

    Raises:
        GovernError: NOT_A_FILE, SOURCE_EMPTY, SOURCE_LIVE, SOURCE_FORMAT, DUMP_TRUNCATED or SOURCE_CHANGED (status 3);
            FILE_IO where there is nothing of that name (status 2).
    """
    name = _name_of(given)
    with open_source(given) as stream:
        before = os.fstat(stream.fileno())
        if not before.st_size:
            raise _refused("SOURCE_EMPTY", f"{name}: the file is empty")
        sha256 = _digest(stream)
        packed = _starts(stream).startswith(_GZIP)
        form = _form(stream, name, engine, packed=packed)
        after = os.fstat(stream.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise changed(name)
    if form.format == "sqlite-file":
        _refuse_live(Path(given), name)
    return Source(name, sha256, before.st_size, form.format, "gzip" if packed else "none", form.version, form.size)


def unchanged(source: Source, path: Path) -> str:
    """Return the digest of a file after its use, which is the one that it had before.

    Raises:
        GovernError: SOURCE_CHANGED (status 3).
    """
    with open_source(path) as stream:
        sha256 = _digest(stream)
    if sha256 != source.sha256:
        raise changed(source.name)
    return sha256


@contextmanager
def open_source(given: str | Path) -> Iterator[BufferedReader]:
    """Open a plain file, and nothing else: no link, folder, pipe, socket or device, and no address of a database.

    Raises:
        GovernError: NOT_A_FILE (status 3); SOURCE_FORMAT for a folder that is a dump; FILE_IO (status 2).
    """
    name = _name_of(given)
    _refuse_address(str(given))
    if os.path.isdir(given) and not os.path.islink(given):  # noqa: PTH112, PTH114 - an address must not be normalised
        raise _folder(Path(given), name)
    try:
        handle = os.open(given, _PLAIN)
    except OSError as error:
        if os.path.lexists(given) and not isinstance(error, PermissionError):
            raise _refused("NOT_A_FILE", f"{name} is a link, a socket or a device, not a file") from error
        raise fault(Exit.USAGE, "FILE_IO", f"{name}: {error.strerror}", help=_HELP) from error
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _refused("NOT_A_FILE", f"{name} is a pipe or a device, not a file")
        yield stream


@contextmanager
def content_of(path: Path, compression: Compression) -> Iterator[IO[bytes]]:
    """Open the content of a source that was examined, without its compression."""
    with open_source(path) as stream:
        yield cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if compression == "gzip" else stream


def _form(stream: BufferedReader, name: str, engine: Literal["sqlite", "postgresql"] | None, *, packed: bool) -> Form:
    stream.seek(0)
    if not packed:
        return form_of(stream, name, engine)
    try:
        with gzip.GzipFile(fileobj=stream) as content:
            if not content.peek(1):
                raise _refused("SOURCE_EMPTY", f"{name}: nothing is packed in it")
            if content.peek(len(_GZIP)).startswith(_GZIP):
                raise _refused("SOURCE_FORMAT", f"{name} is packed with gzip twice")
            return form_of(cast("IO[bytes]", content), name, engine)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _refused("DUMP_TRUNCATED", f"{name}: the gzip content is cut off or damaged ({error})") from error


def _digest(stream: BufferedReader) -> str:
    stream.seek(0)
    found = hashlib.sha256()
    while piece := stream.read(CHUNK):
        found.update(piece)
    return found.hexdigest()


def _starts(stream: BufferedReader) -> bytes:
    stream.seek(0)
    return stream.read(EDGE)


def _refuse_address(given: str) -> None:
    """Refuse the address of a running database, without repeating it: it may hold a password."""
    address = _ADDRESS.search(given)
    if address and not os.path.lexists(given):
        raise _refused("NOT_A_FILE", f"an address ({address[1]}:…) was given, and no database is ever connected to")
    if _CONNECTION.search(given) and not os.path.lexists(given):
        raise _refused("NOT_A_FILE", "the parameters of a connection were given, and no database is ever connected to")


def _folder(path: Path, name: str) -> GovernError:
    if (path / "PG_VERSION").exists():
        return _refused("NOT_A_FILE", f"{name} is the data directory of a PostgreSQL server, not a dump")
    if (path / "toc.dat").exists():
        return _refused("SOURCE_FORMAT", f"{name} is a dump in directory format (-Fd), which is not read")
    return _refused("NOT_A_FILE", f"{name} is a folder, not a file")


def _refuse_live(path: Path, name: str) -> None:
    """A database that is in use has a part of its content in the files beside it: a copy of one file is no copy of it."""
    beside = [path.name + each for each in _BESIDE if os.path.lexists(path.with_name(path.name + each))]
    if beside:
        message = f"{name} is in use, or was not closed: {', '.join(beside)} beside it"
        raise fault(Exit.UNJUDGED, "SOURCE_LIVE", message, help="make a copy with `sqlite3 FILE 'VACUUM INTO …'`, and hand that over")


def _name_of(given: str | Path) -> str:
    """Return the last part of the name. It stands in what people read and sign: what cannot be seen is shown by its number."""
    name = os.fsencode(Path(given).name or str(given)).decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else f"\\u{{{ord(each):x}}}" for each in name)


def changed(name: str) -> GovernError:
    """Return the error of a file that is not what it was."""
    return fault(Exit.UNJUDGED, "SOURCE_CHANGED", f"{name} was changed while it was in use", help="hand over a copy that nobody writes to")


def _refused(code: str, message: str) -> GovernError:
    return fault(Exit.UNJUDGED, code, message, help=_HELP)
