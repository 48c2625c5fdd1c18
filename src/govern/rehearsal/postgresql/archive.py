"""A dump as a stream of SQL: plain as it is, unpacked where gzip packed it, and an archive (-Fc) through `pg_restore`."""

import gzip
import shutil
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

from govern.problems import Exit, GovernError, fault
from govern.rehearsal.postgresql.binaries import Installation

_CHUNK = 1 << 20


@contextmanager
def opened(source: Path, facts: Mapping[str, Any], installation: Installation, work: Path) -> Iterator[IO[bytes]]:
    """Give a dump as SQL, to be read once from beginning to end.

    Raises:
        GovernError: a part of it is missing (DUMP_TRUNCATED, status 3).
    """
    packed = facts["compression"] == "gzip"
    if facts["format"] == "postgresql-custom":
        archive = work / "archive"
        if packed:
            with _gunzipped(source) as stream, archive.open("wb") as target:
                shutil.copyfileobj(stream, target, _CHUNK)
        with _restored(archive if packed else source, installation) as stream:
            yield stream
        archive.unlink(missing_ok=True)
    elif packed:
        with _gunzipped(source) as stream:
            yield stream
    else:
        with source.open("rb") as stream:
            yield stream


@contextmanager
def _gunzipped(source: Path) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(source) as stream:
            yield cast("IO[bytes]", stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _truncated(f"what gzip packed does not end as it should ({type(error).__name__})") from error


@contextmanager
def _restored(archive: Path, installation: Installation) -> Iterator[IO[bytes]]:
    """Give what `pg_restore` makes of an archive; it has no database to speak with, and never sees one."""
    command = [installation.program("pg_restore"), "-f", "-", str(archive)]
    with TemporaryFile() as said, subprocess.Popen(command, env={"LC_ALL": "C"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as process:  # noqa: S603
        assert process.stdout is not None, "it is a pipe"
        try:
            yield process.stdout
        except GovernError:
            # An archive that is cut off makes a script that is cut off: the cause is told, not what follows from it.
            process.stdout.close()
            if process.wait() <= 0:
                raise
        if process.wait():
            said.seek(0)
            raise _truncated(f"pg_restore cannot read the archive to its end: {_last(said.read())}")


def _last(output: bytes) -> str:
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()] or ["it said nothing"]
    return "".join(each if each.isprintable() else " " for each in lines[-1])[:300]


def _truncated(message: str) -> GovernError:
    return fault(Exit.UNJUDGED, "DUMP_TRUNCATED", message, help="make the dump again, and compare the sizes after it was copied")
