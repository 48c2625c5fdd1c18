from collections.abc import Iterator
from pathlib import Path

import pytest

from govern.ledger.keeping import LedgerStore
from govern.ledger.postgresql import PostgresStore
from govern.ledger.server import Server
from govern.ledger.store import FileStore, Store
from support.simulated_disk import SimulatedDisk
from support.simulated_file import Node
from support.store_conformance import ASIDE, LEDGER, StoreConformance, TornConformance
from support.team_server import TeamServer, fresh


class TestSimulatedStore(TornConformance):
    @pytest.fixture
    def store(self) -> LedgerStore:
        self.disk = SimulatedDisk()
        return Store(self.disk, LEDGER)

    def tear(self, tail: bytes) -> None:
        files = self.disk.nodes[LEDGER]
        files[max(files)] = Node(files[max(files)].now() + tail)

    def kept_aside(self) -> dict[str, bytes]:
        return dict(self.disk.image().get(ASIDE) or {})


class TestFileStore(TornConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LedgerStore:
        self.home = tmp_path / "governance"
        return FileStore(self.home / LEDGER)

    def tear(self, tail: bytes) -> None:
        with max((self.home / LEDGER).iterdir()).open("ab") as last:
            last.write(tail)

    def kept_aside(self) -> dict[str, bytes]:
        aside = self.home / ASIDE
        return {path.name: path.read_bytes() for path in aside.iterdir()} if aside.exists() else {}


class TestPostgresStore(StoreConformance):
    @pytest.fixture
    def store(self, ledgers: TeamServer) -> Iterator[LedgerStore]:
        server = Server(ledgers.address())
        yield PostgresStore(server, fresh())
        server.close()
