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


def running(server: TeamServer, ledger: str, count: int) -> list["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "support.team_writer", server.address(WRITER), ledger, str(writer), str(count)],
            cwd=ROOT / "tests",
            env=environment,
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


@pytest.mark.search
def test_nothing_acknowledged_is_lost_and_nothing_is_twice_under_twenty_immediate_stops() -> None:
    count = 40
    with team_server() as server:
        writers = running(server, "one", count)
        grown = []
        for _ in range(STOPS):
            time.sleep(0.15)
            server.stop(at_once=True)
            server.start()
            grown.append(len(records(server, "one")))
        told = [each.communicate(timeout=200) for each in writers]
        lines, again = records(server, "one"), records(server, "one")

    assert [each.returncode for each in writers] == [0] * WRITERS, told
    assert [out.split() for out, _ in told] == [[str(number) for number in range(count)]] * WRITERS
    assert sorted(lines) == sorted(plain(writer * 1_000_000 + number)[:-1] for writer in range(WRITERS) for number in range(count))
    assert lines == again
    # The server was stopped while records came in, and each time what was there stayed.
    assert grown == sorted(grown)
    assert len({*grown}) > STOPS // 4
