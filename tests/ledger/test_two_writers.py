"""Several who write at once: each waits for the other, sees what the other did, and is recorded once."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from govern.ledger.keeping import Contents
from govern.ledger.lines import Chain, encode_line, read_records
from govern.ledger.statements import Basis, Statement
from govern.ledger.store import FileStore
from support.ledgers import POLICY, START, notes

ROOT = Path(__file__).parents[2]
FIRST = notes(1).lines[0] + b"\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a ledger of one record."""
    folder = tmp_path / "governance" / "ledger"
    with FileStore(folder).exclusive() as store:
        store.append(0, [FIRST])
    return folder


def decide(folder: Path, owner: str, *, seen: Event, go: Event) -> None:
    """Decide at the head: told that it was seen when the lock is had, then waiting for leave to go on."""
    with FileStore(folder).exclusive() as store:
        chain = Chain()
        list(read_records(store.read().lines, chain))
        seen.set()
        assert go.wait(60)
        act = Statement(chain.ledger, "note", owner, {"text": f"{owner} saw {chain.size}"}, Basis(chain.size, chain.last), POLICY)
        store.append(chain.size, [encode_line(chain, act, START)])


def test_two_owners_at_once_are_recorded_one_after_the_other_and_the_second_sees_the_first(folder: Path) -> None:
    first_seen, second_seen, go, at_once = Event(), Event(), Event(), Event()
    at_once.set()
    first = Thread(target=decide, args=(folder, "first"), kwargs={"seen": first_seen, "go": go})
    second = Thread(target=decide, args=(folder, "second"), kwargs={"seen": second_seen, "go": at_once})

    first.start()
    assert first_seen.wait(60)
    second.start()
    assert not second_seen.is_set()
    go.set()
    first.join(60)
    second.join(60)

    records = list(read_records(FileStore(folder).read().lines, Chain()))
    assert [record.statement.body.get("text") for record in records] == [None, "first saw 1", "second saw 2"]


def test_who_reads_meanwhile_waits_for_nobody(folder: Path) -> None:
    with FileStore(folder).exclusive() as store:
        assert FileStore(folder).read() == Contents([FIRST[:-1]])
        store.append(1, [b"second\n"])
        assert FileStore(folder).read() == Contents([FIRST[:-1], b"second"])


def test_eight_writers_that_are_killed_at_random_lose_nothing_that_was_acknowledged() -> None:
    ran = subprocess.run([sys.executable, str(ROOT / "soak" / "soak_kills.py"), "3"], capture_output=True, text=True, timeout=120, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    figures = re.search(r"kills: (\d+) of 8 writers in 3 s, \d+ ledgers, (\d+) records acknowledged, \d+ torn tails kept, (\d+) lost", ran.stdout)
    assert figures is not None
    kills, acknowledged, lost = map(int, figures.groups())
    assert kills > 10
    assert acknowledged > 10
    assert lost == 0
