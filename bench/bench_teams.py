"""A ledger in PostgreSQL: appends against a bare INSERT of the same bytes, by one and by eight, on one ledger and on a hundred; the gate over a large one.

python bench/bench_teams.py [SECONDS] [RECORDS]      # of each measurement, 5; of the large ledger, 1,000,000
"""

import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import psycopg
from bench_gate import noted, peak_memory, used
from rehearsals.cluster import programs, running

from govern.gatekeeper import Gatekeeper
from govern.ledger.keeping import SharedStore, change
from govern.ledger.postgresql import PostgresStore
from govern.ledger.server import Server
from govern.ledger.sql import provision
from govern.ledger.store import FileStore

BARE = "INSERT INTO bare (id, line) VALUES (%s, %s)"
# As a server comes, but for where it listens: every commit waits for the disk.
DURABLE = ("listen_addresses=", "shared_buffers=128MB", "max_wal_size=2GB")
WRITERS, MANY = 8, 100
PAIRS = 400


def line_of(number: int) -> bytes:
    """Return a line of 900 bytes that has a digest where a record has that of its statement."""
    return b'{"x":"%s","stmt_sha256":"%s","v":1}\n' % (b"x" * 803, sha256(b"%d %d" % (os.getpid(), number)).hexdigest().encode())


def appending(store: PostgresStore) -> Callable[[int], None]:
    """Return an append of one line behind whatever is there, as a command makes it that has read the ledger."""

    def append(number: int) -> None:
        line = line_of(number)

        def add(held: SharedStore) -> None:
            held.append(len(held.read().lines), [line])

        change(store, add)

    return append


def behind(store: PostgresStore) -> Callable[[int], None]:
    """Return the append itself, behind a head that the writer knows."""

    def append(number: int) -> None:
        with store.exclusive() as held:
            held.append(number, [line_of(number)])

    return append


def inserting(connection: "psycopg.Connection[tuple[object, ...]]") -> Callable[[int], None]:
    """Return a bare INSERT of one row of the same bytes, committed by itself."""
    prefix = secrets.token_hex(4)

    def insert(number: int) -> None:
        connection.execute(BARE, (f"{prefix}-{number}", line_of(number)))

    return insert


def seconds(work: Callable[[int], None], number: int) -> float:
    """Return how long one takes."""
    start = time.perf_counter()
    work(number)
    return time.perf_counter() - start


def one_writer(address: str) -> None:
    """Print what one writer makes a second, in pairs with the bare INSERT."""
    with closing(Server(address)) as server, psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
        own, peer = behind(PostgresStore(server, "one")), inserting(connection)
        found = [(seconds(peer, number), seconds(own, number)) for number in range(PAIRS)]
    theirs, ours = median(each for each, _ in found), median(each for _, each in found)
    ratios = sorted(own / peer for peer, own in found)
    low, high = ratios[len(ratios) // 10], ratios[-len(ratios) // 10]
    print(
        f"one writer, one ledger: {1 / ours:.0f} appends a second, {1 / theirs:.0f} bare INSERTs; {ours / theirs:.2f} times (median of pairs {median(ratios):.2f}, tenths {low:.2f}–{high:.2f}; aim 3)"
    )


def write(address: str, ledgers: int, writer: int, until: float) -> int:
    """Append until a moment, to one ledger or to several in turn; return how many."""
    mine = range(writer, ledgers, WRITERS) if ledgers > 1 else (0,)
    with closing(Server(address)) as server:
        works, number = [appending(PostgresStore(server, f"shared-{ledgers}-{each}")) for each in mine], 0
        while time.time() < until:
            works[number % len(works)](number)
            number += 1
    return number


def insert(address: str, _writer: int, until: float) -> int:
    """Insert rows until a moment; return how many."""
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
        work, number = inserting(connection), 0
        while time.time() < until:
            work(number)
            number += 1
    return number


def together(work: Callable[[int, float], int], writers: int, duration: float) -> float:
    """Return how much several processes do a second at once."""
    with multiprocessing.get_context("spawn").Pool(writers) as pool:
        # Each has started, and imported what it needs, before the clock does.
        pool.starmap(time.sleep, [(1.0,)] * writers, chunksize=1)
        began = time.time()
        done = pool.starmap(work, [(writer, began + duration) for writer in range(writers)], chunksize=1)
        return sum(done) / (time.time() - began)


def several(address: str, duration: float) -> None:
    """Print what eight make a second, on one ledger and on a hundred."""
    bare = together(partial(insert, address), WRITERS, duration)
    on_one = together(partial(write, address, 1), WRITERS, duration)
    on_many = together(partial(write, address, MANY), WRITERS, duration)
    alone = together(partial(write, address, MANY), 1, duration)
    print(
        f"eight writers: {on_one:.0f} appends a second on one ledger, {on_many:.0f} on {MANY}; {bare:.0f} bare INSERTs ({bare / on_many:.2f} times as many as on {MANY})"
    )
    print(f"one writer on {MANY} ledgers: {alone:.0f} a second")


def large(address: str, records: int) -> None:
    """Print what a gate costs over a large ledger: from the snapshot, after 1,000 more records, and in a process that stays."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programme = noted(folder, records)
        files = FileStore(programme / "governance" / "ledger")
        lines = files.read().lines
        with closing(Server(address)) as server, PostgresStore(server, "BENCH").exclusive() as store:
            store.append(0, [line + b"\n" for line in lines[: records - 1000]])
        files.folder.rename(folder / "aside")
        environment = {**os.environ, "HOME": name, "XDG_STATE_HOME": f"{name}/state", "XDG_CACHE_HOME": f"{name}/cache", "GOVERN_LEDGER": address}
        command = [sys.executable, "-c", "from govern.entry import main; raise SystemExit(main())", "gate", "-C", str(programme), "act"]
        first = time.perf_counter()
        used(command, environment)
        told = [f"the whole ledger read and judged {time.perf_counter() - first:.1f} s, {peak_memory(command, environment) / 2**20:.0f} MiB with the snapshot"]
        timed = []
        for _ in range(15):
            start = time.perf_counter()
            used(command, environment)
            timed.append(time.perf_counter() - start)
        told.append(f"from the snapshot {median(timed) * 1000:.0f} ms")
        os.environ.update(environment)
        keeper = Gatekeeper(programme)
        keeper.ask("act")
        with closing(Server(address)) as server, PostgresStore(server, "BENCH").exclusive() as store:
            store.append(records - 1000, [line + b"\n" for line in lines[records - 1000 :]])
        start = time.perf_counter()
        keeper.ask("act")
        told.append(f"after 1,000 more {(time.perf_counter() - start) * 1000:.0f} ms in a process that stays")
        start = time.perf_counter()
        used(command, environment)
        told.append(f"{time.perf_counter() - start:.1f} s in a new one")
    print(f"gate over {records:,} records: {'; '.join(told)}")


def main(duration: float, records: int) -> None:
    """Print all of it."""
    found = programs()
    if found is None:
        raise SystemExit("Debian's package postgresql is wanted: its server is the one that is measured")
    with running(found, DURABLE) as cluster:
        cluster.say("postgres", "CREATE DATABASE ledgers")
        cluster.say("ledgers", provision("govern_reader", "govern_writer"))
        # As its keys do in the ledger's table, the index of the bare one finds a row by its id.
        cluster.say("ledgers", "CREATE TABLE bare (id text PRIMARY KEY, line bytea NOT NULL); GRANT ALL ON bare TO govern_writer")
        cluster.say("ledgers", "CREATE ROLE writer LOGIN IN ROLE govern_writer")
        address = f"postgresql:///ledgers?host={cluster.sockets}&user=writer"
        one_writer(address)
        several(address, duration)
        large(address, records)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5, int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
