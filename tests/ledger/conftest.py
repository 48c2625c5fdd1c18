from collections.abc import Iterator

import pytest

from support.team_server import TeamServer, team_server


@pytest.fixture(scope="session")
def ledgers() -> Iterator[TeamServer]:
    """A server with a database for ledgers, for tests that neither stop it nor count what it was told."""
    with team_server() as server:
        yield server
