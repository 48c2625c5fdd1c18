"""Eight processes that append while the server is stopped at once, again and again: nothing acknowledged is lost, nothing is twice."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from govern.ledger.postgresql import PostgresStore
from govern.ledger.server import Server
from support.store_conformance import plain
from support.team_server import READER, WRITER, TeamServer, team_server

ROOT = Path(__file__).parents[2]
STOPS, WRITERS = 20, 8


def running(server: TeamServer, ledger: str) -> list["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "support.team_writer", server.address(WRITER), ledger, str(writer)],
            cwd=ROOT / "tests",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for writer in range(WRITERS)
    ]


def records(server: TeamServer, ledger: str) -> list[bytes]:
    asked = Server(server.address(READER))
    try:
        return PostgresStore(asked, ledger).read().lines
    finally:
        asked.close()


def wait_until_grown(server: TeamServer, ledger: str, size: int) -> int:
    """Return the size of a ledger once it has so many records."""
    deadline = time.monotonic() + 60
    while (found := len(records(server, ledger))) < size:
        assert time.monotonic() < deadline, f"no writer came further than {found} records"
        time.sleep(0.02)
    return found


@pytest.mark.search
def test_nothing_acknowledged_is_lost_and_nothing_is_twice_under_twenty_immediate_stops() -> None:
    with team_server() as server:
        writers = running(server, "one")
        size = 0
        for _ in range(STOPS):
            # Each stop is under writers that were at work since the last.
            size = wait_until_grown(server, "one", size + WRITERS)
            server.stop(at_once=True)
            server.start()
        wait_until_grown(server, "one", size + WRITERS)
        told = [each.communicate(timeout=100) for each in writers]
        lines, again = records(server, "one"), records(server, "one")

    assert [each.returncode for each in writers] == [0] * WRITERS, told
    acknowledged = [out.split() for out, _ in told]
    assert acknowledged == [[str(number) for number in range(len(each))] for each in acknowledged]
    assert sorted(lines) == sorted(plain(writer * 1_000_000 + number)[:-1] for writer, each in enumerate(acknowledged) for number in range(len(each)))
    assert lines == again
