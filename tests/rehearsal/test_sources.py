"""A source is what its bytes are, whatever it is called; what is no plain file of a known form is refused by name."""

import gzip
import hashlib
import io
import os
import socket
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from govern.problems import GovernError
from govern.rehearsal.sources import Source, content_of, examine_source, unchanged
from support.dumps import DUMPS, needs_dumps

SQL = b"CREATE TABLE t (a);\nINSERT INTO t VALUES (1);\n"
PLAIN = b"""--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)

CREATE TABLE public.t (a integer);

--
-- PostgreSQL database dump complete
--

"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (a); INSERT INTO t SELECT value FROM json_each('[1,2,3]')")
    connection.close()
    return path


def integer(value: int) -> bytes:
    return bytes([value < 0]) + abs(value).to_bytes(4, "little")


def text(value: bytes | None) -> bytes:
    return integer(-1) if value is None else integer(len(value)) + value


def archive(minor: int = 14, *, format: int = 1, server: bytes = b"15.18 (Debian)") -> bytes:
    """An archive as pg_dump -Fc writes one, with the data of one table."""
    compression = b"\1" if minor >= 15 else integer(-1)
    head = b"PGDMP" + bytes([1, minor, 0, 4, 8, format]) + compression + b"".join(map(integer, (0, 0, 5, 22, 10, 126, 0)))
    head += text(b"people") + text(server) + text(server)
    entry = integer(7) + integer(1) + b"".join(map(text, (b"0", b"0", b"people", b"TABLE DATA"))) + integer(3)
    entry += b"".join(map(text, (b"", b"", b"COPY public.people (a) FROM stdin;\n", b"public", None, None)))
    entry += (integer(114) if minor >= 16 else b"") + text(b"owner") + text(b"false") + text(None) + b"\1" + bytes(8)
    block = b"\1" + integer(7) + integer(4) + b"1\n2\n" + integer(3) + b"\\.\n" + integer(0)
    return head + integer(1) + entry + block


def refusal(path: Path | str) -> tuple[str, str]:
    with pytest.raises(GovernError) as caught:
        examine_source(path)
    [problem] = caught.value.problems
    assert caught.value.status == 3
    return problem.code, problem.message


def written(tmp_path: Path, content: bytes, name: str = "dump") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "format", "version"), [("directus-small.sql", "postgresql-plain", "15.18"), ("directus-small.dump", "postgresql-custom", "15.18")]
)
@needs_dumps
def test_a_real_dump_is_known_with_the_version_of_its_server(name: str, format: str, version: str, tmp_path: Path) -> None:
    content = (DUMPS / name).read_bytes()
    packed = written(tmp_path, gzip.compress(content), "backup.tmp")

    plain, unpacked = examine_source(DUMPS / name), examine_source(packed)

    assert (plain.format, plain.version, plain.compression, plain.bytes) == (format, version, "none", len(content))
    assert (unpacked.format, unpacked.version, unpacked.compression, unpacked.unpacked) == (format, version, "gzip", len(content))
    assert unpacked.name == "backup.tmp"
    assert plain.engine == "postgresql"


@pytest.mark.parametrize("minor", [14, 15, 16])
def test_an_archive_of_each_version_of_the_format_is_read(minor: int, tmp_path: Path) -> None:
    found = examine_source(written(tmp_path, archive(minor)))

    assert (found.format, found.version) == ("postgresql-custom", "15.18")


@pytest.mark.parametrize("name", ["x.dump", "x.sql", "x.sql.gz", "x"])
def test_the_name_of_a_file_says_nothing(name: str, database: Path, tmp_path: Path) -> None:
    renamed = database.rename(tmp_path / name)

    assert examine_source(renamed).format == "sqlite-file"
    assert examine_source(renamed).engine == "sqlite"


def test_text_of_sql_is_of_the_engine_that_its_content_shows_or_that_is_named(tmp_path: Path) -> None:
    plain, dump = written(tmp_path, SQL, "a"), written(tmp_path, b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n" + SQL + b"COMMIT;\n", "b")
    copied = written(tmp_path, b"CREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n\\.\n", "c")

    assert [examine_source(each).format for each in (plain, dump, copied)] == ["sqlite-sql", "sqlite-sql", "postgresql-plain"]
    assert examine_source(plain, "postgresql").format == "postgresql-plain"
    assert examine_source(copied, "sqlite").format == "sqlite-sql"


def test_what_a_packed_source_holds_is_read_without_its_compression(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(SQL))

    with content_of(path, examine_source(path).compression) as stream:
        assert stream.read() == SQL


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://app:hunter2pass@db.internal/people",
        "postgres:///people",
        "sqlite:///people.db",
        "host=db.internal dbname=people password=hunter2pass",
        "service=production",
    ],
)
def test_the_address_of_a_database_is_refused_and_its_password_is_not_repeated(given: str) -> None:
    code, message = refusal(given)

    assert code == "NOT_A_FILE"
    assert "no database is ever connected to" in message
    assert "hunter2pass" not in message
    assert "db.internal" not in message


def test_an_address_is_known_behind_a_folder_and_after_its_slashes_were_joined() -> None:
    assert refusal(Path("/srv") / Path("postgresql://app:hunter2pass@db/people"))[0] == "NOT_A_FILE"


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def make_data_directory(path: Path) -> None:
    path.mkdir()
    (path / "PG_VERSION").write_text("15\n")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (os.mkfifo, "pipe"),
        (make_socket, "socket"),
        (make_data_directory, "data directory of a PostgreSQL server"),
        (Path.mkdir, "a folder"),
        (lambda path: path.symlink_to("/etc/passwd"), "link"),
        (lambda path: path.symlink_to("/nowhere"), "link"),
    ],
    ids=["fifo", "socket", "data directory", "folder", "link", "dangling link"],
)
def test_what_is_no_plain_file_is_refused_for_what_it_is(make: Callable[[Path], object], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("given"))

    code, message = refusal("given")

    assert code == "NOT_A_FILE"
    assert says in message


@pytest.mark.parametrize("given", [".", "..", "/", Path()])
def test_a_folder_without_a_name_of_its_own_is_called_as_it_was_given(given: str | Path) -> None:
    assert refusal(given) == ("NOT_A_FILE", f"{given} is a folder, not a file")


def test_a_device_is_refused() -> None:
    assert refusal("/dev/null")[0] == "NOT_A_FILE"


def test_a_file_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    with pytest.raises(GovernError, match="No such file") as caught:
        examine_source(tmp_path / "nothing")
    assert caught.value.status == 2


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tape:
        tape.addfile(tarfile.TarInfo("toc.dat"))
    return made.getvalue()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("dump.sql", SQL)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (tar(), "tar archive"),
        (zipped(), "ZIP"),
        (b"\xfd7zXZ\0rest", "xz"),
        (b"\x28\xb5\x2f\xfdrest", "zstd"),
        (b"BZh91AY", "bzip2"),
        (gzip.compress(gzip.compress(SQL)), "gzip twice"),
        (gzip.compress(tar()), "tar archive"),
        (SQL.decode().encode("utf-16"), "UTF-16"),
        (b"-- MySQL dump 10.13\nCREATE TABLE t (a int);\n", "MySQL"),
        (b"--\n-- PostgreSQL database cluster dump\n--\n", "whole cluster"),
        (archive(13), "version 1.13"),
        (archive(format=3), "format 3"),
        (b"Dear operator,\nhere is the dump.\n", "does not begin with a statement"),
        (b"\x7fELF\2\1\1\0\0\0", "neither a database, nor a dump, nor text"),
    ],
)
def test_a_form_that_is_not_read_is_named(content: bytes, says: str, tmp_path: Path) -> None:
    code, message = refusal(written(tmp_path, content))

    assert code == "SOURCE_FORMAT"
    assert says in message


def test_a_dump_in_directory_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "toc.dat").write_bytes(b"PGDMP")

    code, message = refusal(tmp_path / "dump")

    assert code == "SOURCE_FORMAT"
    assert "-Fd" in message


@pytest.mark.parametrize("content", [b"", b" \n\n", gzip.compress(b"")], ids=["nothing", "blank", "packed"])
def test_an_empty_source_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, content))[0] == "SOURCE_EMPTY"


@pytest.mark.parametrize("minor", [14, 16])
def test_an_archive_that_is_cut_anywhere_is_refused(minor: int, tmp_path: Path) -> None:
    content = archive(minor)

    codes = {refusal(written(tmp_path, content[:size]))[0] for size in range(len(b"PGDMP"), len(content))}

    assert codes == {"DUMP_TRUNCATED"}


def test_content_of_an_archive_that_is_missing_altogether_is_missed(tmp_path: Path) -> None:
    content = archive()
    without = content[: content.rindex(b"\1" + integer(7))]

    code, message = refusal(written(tmp_path, without))

    assert code == "DUMP_TRUNCATED"
    assert "the table of contents names" in message


@pytest.mark.parametrize(
    "content",
    [
        PLAIN[: PLAIN.index(b"--\n-- PostgreSQL database dump complete")],
        gzip.compress(PLAIN)[:-9],
        gzip.compress(PLAIN)[:-8] + b"\0" * 8,
        b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a);\n",
        b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nROLLBACK; -- due to errors\n",
        b"CREATE TABLE t (a);\nINSERT INTO t VAL",
    ],
    ids=["plain", "gzip cut off", "gzip with another sum", ".dump cut off", ".dump of a broken database", "a statement cut off"],
)
def test_a_dump_without_its_end_is_refused(content: bytes, tmp_path: Path) -> None:
    assert refusal(written(tmp_path, content))[0] == "DUMP_TRUNCATED"


@pytest.mark.parametrize("size", [16, 99, 100, 4096, -1])
def test_a_database_that_is_cut_off_is_refused(size: int, database: Path, tmp_path: Path) -> None:
    code, _message = refusal(written(tmp_path, database.read_bytes()[:size], "cut.db"))

    assert code == "DUMP_TRUNCATED"


@pytest.mark.parametrize("beside", ["-wal", "-journal", "-shm"])
def test_a_database_in_use_is_refused_by_what_is_beside_it(beside: str, database: Path) -> None:
    database.with_name(database.name + beside).touch()

    code, message = refusal(database)

    assert code == "SOURCE_LIVE"
    assert f"people.db{beside}" in message


def test_a_database_whose_writes_are_in_its_log_is_refused_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
        before = path.read_bytes()
        assert refusal(path)[0] == "SOURCE_LIVE"
        assert path.read_bytes() == before
    connection.close()

    assert examine_source(path).format == "sqlite-file"


def test_a_source_that_was_changed_during_its_use_is_told(database: Path) -> None:
    source = examine_source(database)
    assert unchanged(source, database) == source.sha256

    content = bytearray(database.read_bytes())
    content[-1] ^= 1
    database.write_bytes(content)

    with pytest.raises(GovernError, match=r"people\.db was changed while it was in use") as caught:
        unchanged(source, database)
    assert caught.value.problems[0].code == "SOURCE_CHANGED"


def test_the_digest_in_evidence_is_that_of_the_file_as_handed_over(tmp_path: Path) -> None:
    content = gzip.compress(PLAIN)
    source = examine_source(written(tmp_path, content, "d\u00fcmp.gz"))

    assert isinstance(source, Source)
    assert source.to_json() == {
        "name": "d\u00fcmp.gz",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "format": "postgresql-plain",
        "compression": "gzip",
        "version": "15.18",
    }


@pytest.mark.parametrize(
    ("name", "shown"), [("a\nsha256: b", "a\\u{a}sha256: b"), ("a\u202eb", "a\\u{202e}b"), ("a\x1b[2Jb", "a\\u{1b}[2Jb"), ("\udcff", "\\xff")]
)
def test_a_name_forges_no_line_of_what_is_signed(name: str, shown: str, tmp_path: Path) -> None:
    assert examine_source(written(tmp_path, SQL, name)).name == shown
