"""A programme whose ledger is in a database of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from govern.cli import configuration
from govern.cli.configuration import programme_of
from govern.ledger.postgresql import PostgresStore
from govern.ledger.server import Server
from support.cli import Programme
from support.team_server import OWNER, WRITER, TeamServer


class Database:
    """The database for ledgers of a server, with none in it, and the connections that a test opens to it."""

    def __init__(self, server: TeamServer) -> None:
        self.server, self.name = server, "ledgers"
        self.as_owner("TRUNCATE govern.head, govern.record, govern.adopted")

    @property
    def address(self) -> str:
        return self.server.address(WRITER, self.name)

    def close(self) -> None:
        """Close what the program has opened; it will open it anew, as another process would."""
        for server in configuration._servers.values():
            server.close()
        configuration._servers.clear()
        configuration._stores.clear()

    def heads(self) -> dict[str, int]:
        """Return how many records each ledger has, by its name."""
        with self.server.connect(OWNER, self.name) as connection:
            return dict(connection.execute("SELECT ledger, size FROM govern.head").fetchall())

    def put(self, ledger: str, *lines: bytes) -> None:
        """Append lines as another would, whatever they say."""
        with self.store(ledger) as store, store.exclusive():
            store.append(store.head().size, [line if line.endswith(b"\n") else line + b"\n" for line in lines])

    def cut(self, ledger: str, size: int) -> None:
        """Leave the first records only, as a backup of that time would."""
        last = sha256(self.lines(ledger)[size - 1]).hexdigest()
        self.as_owner("DELETE FROM govern.record WHERE ledger = %s AND seq >= %s", ledger, size)
        self.as_owner("UPDATE govern.head SET size = %s, last = %s WHERE ledger = %s", size, last, ledger)
        self.close()

    def lines(self, ledger: str) -> list[bytes]:
        """Return what is on record, as another process reads it."""
        with self.store(ledger) as store:
            return store.read().lines

    @contextmanager
    def store(self, ledger: str) -> Iterator[PostgresStore]:
        """A ledger over a connection of its own."""
        server = Server(self.address)
        try:
            yield PostgresStore(server, ledger)
        finally:
            server.close()

    def as_owner(self, statement: str, *values: object) -> int:
        """Do what only the owner of the tables can; return how many rows it was done to."""
        with self.server.connect(OWNER, self.name) as connection:
            return connection.execute(statement, values).rowcount


@contextmanager
def database_on(server: TeamServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that the configuration names from now on."""
    database = Database(server)
    monkeypatch.setenv(configuration.VARIABLE, database.address)
    try:
        yield database
    finally:
        database.close()


def move_in(programme: Programme) -> str:
    """Import a programme's ledger into the database that is configured, and take its files away; return the ledger's name."""
    programme.does("ledger", "import")
    shutil.rmtree(programme.ledger.parent)
    return programme_of(programme.policy.read_bytes())


def exported(programme: Programme, folder: Path) -> bytes:
    """Return the ledger's bytes, as it is exported."""
    programme.does("ledger", "export", str(folder))
    return b"".join(path.read_bytes() for path in sorted((folder / "ledger").iterdir()))
