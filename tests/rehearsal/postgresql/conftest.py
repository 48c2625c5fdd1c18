"""A throw-away cluster for each installation, started once a session; a fresh database for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from govern.rehearsal.postgresql.clone import PostgresClone
from govern.rehearsal.postgresql.roles import SESSION, create_ours
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from support.postgresql import KINDS, PLAIN, TOY, Loader, cloned, numbers, short_folder, started


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@pytest.fixture(scope="session", params=KINDS)
def cluster(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A started server of either installation; its databases are the tests' to make."""
    with started(request.param) as server:
        yield server


@pytest.fixture
def database(cluster: Server) -> Iterator[Connection[tuple[Any, ...]]]:
    """A superuser's connection, in autocommit mode, to a database of its own."""
    name = f"test_{next(numbers)}"
    with cluster.connect(SUPERUSER, "postgres") as maintenance:
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    connection = cluster.connect(SUPERUSER, name)
    try:
        yield connection
    finally:
        connection.close()
        with cluster.connect(SUPERUSER, "postgres") as maintenance:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", params=KINDS)
def toy_clone(request: pytest.FixtureRequest) -> Iterator[PostgresClone]:
    with cloned(request.param, TOY, PLAIN) as clone:
        clone.snapshot()
        yield clone


@pytest.fixture
def clone(toy_clone: PostgresClone) -> Iterator[PostgresClone]:
    """A clone of the toy, as it was loaded: whatever a test leaves in it is taken back."""
    yield toy_clone
    toy_clone.restore()


@pytest.fixture(scope="session", params=KINDS)
def loading(request: pytest.FixtureRequest) -> Iterator[Server]:
    with started(request.param) as server:
        with server.connect(SUPERUSER, "postgres") as superuser:
            create_ours(server, superuser)
            superuser.execute(f"GRANT CREATE ON DATABASE postgres TO {SESSION}; GRANT CREATE ON SCHEMA public TO {SESSION}")
        yield server


@pytest.fixture
def loader(loading: Server) -> Iterator[Loader]:
    made = Loader(loading)
    yield made
    made.drop()
