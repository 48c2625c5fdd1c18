"""Every test has a clock that stands still, and a home and a cache of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cli import Clock, Programme, copy_executing, copy_fix7, copy_keyless, copy_signed, start
from support.databases import Database, database_on
from support.faults import HOSPITAL
from support.isolation import isolate
from support.team_server import TeamServer, team_server


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clock:
    """A clock that stands still, after everything that FIX7 has on record."""
    return isolate(monkeypatch, tmp_path)


@pytest.fixture
def keyless(tmp_path: Path) -> Programme:
    """A copy of the programme of this repository, in which no key is enrolled."""
    return copy_keyless(tmp_path / "keyless")


@pytest.fixture
def fix7(tmp_path: Path) -> Programme:
    """A copy of the programme of this repository in which signatures are waived."""
    return copy_fix7(tmp_path / "fix7")


@pytest.fixture
def executing(tmp_path: Path) -> Programme:
    """Such a copy in which option 5 is decided, so that each action that has a grant has all that it asks for."""
    return copy_executing(tmp_path / "executing")


@pytest.fixture
def signed(tmp_path: Path) -> Programme:
    """A copy of the programme of this repository in which owner and operator have keys, pinned on this machine."""
    return copy_signed(tmp_path / "signed")


@pytest.fixture
def website(tmp_path: Path) -> Programme:
    """The programme that `init` scaffolds, with its packet issued."""
    programme = start(tmp_path / "website")
    programme.does("packet", "issue", "move", "--as", "builder")
    return programme


@pytest.fixture
def hospital(tmp_path: Path) -> Programme:
    """A programme whose authorities are quorums, with its first packet issued."""
    programme = start(tmp_path / "hospital", HOSPITAL)
    programme.does("packet", "issue", "inventory", "--as", "vendor")
    return programme


@pytest.fixture(scope="session")
def server() -> Iterator[TeamServer]:
    """A server for ledgers."""
    with team_server() as started:
        yield started


@pytest.fixture
def database(fix7: Programme, server: TeamServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database for ledgers, which the configuration names once the copy of the programme is made, with its ledger in files."""
    del fix7
    with database_on(server, monkeypatch) as made:
        yield made
