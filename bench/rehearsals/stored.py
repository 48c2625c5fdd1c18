"""The generated databases as files: a plain and a custom dump of PostgreSQL, a database of SQLite; made once and kept in the cache."""

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from rehearsals import rows, schema
from rehearsals.cluster import Cluster, running
from rehearsals.rows import Row, Table, tables

SEED = 20261122
_CONTROL = re.compile(r"[\\\t\n\r]")
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def postgresql_dumps(count: int, programs: Path) -> tuple[Path, Path]:
    """Return the plain and the custom dump of a database of so many rows, as this server's pg_dump writes them."""
    before, after = schema.postgresql()
    folder = _cache(f"postgresql-{programs.parent.name}", count, before + after)
    plain, custom = folder / "directus.sql", folder / "directus.dump"
    if not (plain.exists() and custom.exists()):
        with running(programs) as cluster:
            _fill(cluster, tables(count, SEED), before, after)
            for path, form in ((custom, "--format=custom"), (plain, "--format=plain")):
                cluster.client("pg_dump", form, "-d", "base", "-f", path.with_suffix(".new"))
                path.with_suffix(".new").rename(path)
    return plain, custom


def sqlite_file(count: int) -> Path:
    """Return a database of SQLite with so many rows."""
    path = _cache("sqlite", count, schema.sqlite()) / "directus.db"
    if not path.exists():
        made = path.with_suffix(".new")
        made.unlink(missing_ok=True)
        connection = sqlite3.connect(made)
        connection.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {schema.sqlite()}")
        for table in tables(count, SEED):
            connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", table.rows())  # noqa: S608 - names of ours
        connection.commit()
        connection.close()
        made.rename(path)
    return path


def copied(row: Row) -> str:
    r"""Return a row as COPY takes it in text format: `\N` is NULL, and a backslash before what would end a value."""
    return "\t".join("\\N" if value is None else _CONTROL.sub(_escape, value) if isinstance(value, str) else str(value) for value in row) + "\n"


def _escape(found: re.Match[str]) -> str:
    return _ESCAPED[found[0]]


def _fill(cluster: Cluster, filled: Iterable[Table], before: str, after: str) -> None:
    """Make the database `base`: tables, rows, then keys, and sequences that stand where the rows end."""
    cluster.say("postgres", "CREATE DATABASE base")
    cluster.client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "base", input=before.encode())
    for table in filled:
        columns = ", ".join(f'"{each}"' for each in table.columns)
        _copy(cluster, table, f"COPY public.{table.name} ({columns}) FROM STDIN")
    cluster.client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "base", input=after.encode())
    for name in ("birth_registry", "directus_activity", "directus_revisions"):
        cluster.say("base", f"SELECT setval(pg_get_serial_sequence('public.{name}', 'id'), max(id)) FROM public.{name}")  # noqa: S608 - names of ours


def _copy(cluster: Cluster, table: Table, statement: str) -> None:
    command = [str(cluster.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "base", "-c", statement]
    process = subprocess.Popen(command, env=cluster.environment, stdin=subprocess.PIPE, encoding="utf-8")
    with process:
        assert process.stdin
        process.stdin.writelines(map(copied, table.rows()))
    if process.returncode:
        raise SystemExit(f"psql ended with {process.returncode} on {table.name}")


def cache() -> Path:
    """Return the folder in which all that was made is kept; it may be removed at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / "govern-bench"


def _cache(name: str, count: int, definitions: str) -> Path:
    """Return the folder of a database; whatever makes its content is part of its name."""
    content = sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in (rows, schema)) + Path(__file__).read_bytes() + definitions.encode())
    folder = cache() / f"{name}-{count}-{content.hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
