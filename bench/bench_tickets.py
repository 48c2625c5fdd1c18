"""10,000 ticket ids reserved by 8 processes, fifty at a time, each as a command does it: lock, replay, judge, write, sync.

Beside it, in the same run, 8 processes that take the same ranges from a table of SQLite, each in a durable transaction of
its own. The comparison is of two ways not to clash: the table keeps no history, no policy is asked and nothing is chained.
"""

import io
import json
import multiprocessing
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from multiprocessing.synchronize import Barrier
from pathlib import Path

from generate import Size, programme

from govern.cli.main import run
from govern.engine.register import Register
from govern.policy.load import load_policy

IDS, PROCESSES, COUNT = 10_000, 8, 50
REGISTRY = "registry: {prefix: T, folded_by: owner}\n"
Ranges = list[tuple[int, int]]
Work = Callable[[Path, int], Ranges]


def by_ledger(folder: Path, times: int) -> Ranges:
    """Reserve by the command, in this process: the start of an interpreter is no part of it."""
    os.environ["XDG_STATE_HOME"] = os.environ["XDG_CACHE_HOME"] = str(folder / "home")
    made = []
    for _ in range(times):
        with redirect_stdout(io.StringIO()) as out:
            status = run(["-C", str(folder), "--json", "--as", "engineering", "ticket", "reserve", "--count", str(COUNT), "--for", "the benchmark"])
        if status:
            raise SystemExit(out.getvalue())
        reserved = json.loads(out.getvalue())["result"]["reservation"]
        made.append((reserved["first"], reserved["last"]))
    return made


def by_table(folder: Path, times: int) -> Ranges:
    """Take ranges from a table, each in a transaction that is on disk before the next."""
    table = sqlite3.connect(folder / "tickets.db", timeout=600, isolation_level=None)
    table.execute("PRAGMA synchronous = FULL")
    made = []
    for _ in range(times):
        table.execute("BEGIN IMMEDIATE")
        [(last,)] = table.execute("SELECT coalesce(max(last), 0) FROM reserved")
        table.execute("INSERT INTO reserved VALUES (?, ?, ?, ?)", (last + 1, last + COUNT, "engineering", "the benchmark"))
        table.execute("COMMIT")
        made.append((last + 1, last + COUNT))
    return made


def at_once(work: Work, folder: Path, times: int) -> tuple[float, Ranges]:
    """Return how long the processes take together from a common start, and the ranges that they were told."""
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(PROCESSES + 1), context.Queue()
    started = [context.Process(target=_one, args=(work, folder, times, barrier, queue)) for _ in range(PROCESSES)]
    for process in started:
        process.start()
    barrier.wait()
    start = time.perf_counter()
    found = [span for _process in started for span in queue.get()]
    spent = time.perf_counter() - start
    for process in started:
        process.join()
    return spent, found


def _one(work: Work, folder: Path, times: int, barrier: Barrier, queue: "multiprocessing.Queue[Ranges]") -> None:
    barrier.wait()
    made: Ranges = []
    try:
        made = work(folder, times)
    finally:
        # Who fails tells nobody of any range, and is not waited for.
        queue.put(made)


def clashes(found: Ranges) -> int:
    """Return how many ids were told to more than one, or to nobody."""
    ids = [number for first, last in found for number in range(first, last + 1)]
    return len(ids) - len(set(ids)) + len(set(range(1, max(ids) + 1)) - set(ids))


def found_in(folder: Path) -> Register:
    """Return the register as the ledger amounts to it."""
    from govern.cli.project import Project

    project = Project(folder)
    return project.replay(project.store.read(), fresh=True).state.register


def main(ids: int) -> float:
    """Print the ratio, and return it. In the working folder: a temporary one may be in memory, where a sync costs nothing."""
    times = ids // COUNT // PROCESSES
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        text = programme(Size(10, 10, 10)) + REGISTRY
        load_policy(text.encode())
        (folder / "states.yaml").write_text(text)
        with redirect_stdout(io.StringIO()):
            assert run(["-C", str(folder), "--as", "owner", "init"]) == 0, "the ledger begins"
        with sqlite3.connect(folder / "tickets.db") as table:
            table.execute("CREATE TABLE reserved (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, actor TEXT, purpose TEXT)")
        theirs, taken = at_once(by_table, folder, times)
        ours, told = at_once(by_ledger, folder, times)
        on_record = [(each.first, each.last) for each in found_in(folder).reservations.values()]
        wrong = clashes(told) + clashes(taken) + (sorted(told) != on_record) + (len(told) != len(taken))
        if wrong:
            raise SystemExit(f"{wrong} ids clash")
    figures = f"{ours:.1f} s, {ours / times / PROCESSES * 1e3:.0f} ms a reservation of {COUNT}; {theirs:.2f} s in SQLite"
    print(f"{times * PROCESSES * COUNT} ticket ids reserved by {PROCESSES} processes, no clash: {ours / theirs:.1f} times a table of SQLite ({figures})")
    return ours / theirs


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else IDS)
