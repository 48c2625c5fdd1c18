"""Rehearsals of an honest change and of two lossy ways back, beside sqitch and alembic on the same database in the same run.

What counts: what each tool reports, and how long it takes from the same dump on. `BIG=1` takes the large databases, too.
"""

import argparse
import compileall
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from rehearsals.changes import Change, changes
from rehearsals.cluster import programs
from rehearsals.own import Rehearsal, rehearsed
from rehearsals.peers import Peer, alembic, sqitch
from rehearsals.rows import tables
from rehearsals.stored import SEED, cache, postgresql_dumps, sqlite_file
from rehearsals.targets import Loaded, loaded_postgresql, loaded_sqlite

import govern

_HEAD = ("tool", "change", "loses", "reported", "caught", "seconds", "of CPU", "from the dump on", "times govern")
_CACHED = "govern, cached"
Runs = Mapping[tuple[str, Change], Sequence[Rehearsal]]


@dataclass(frozen=True, slots=True)
class Size:
    """A database of so many rows, what it is called, and in how many seconds what is to be done: `cached`, where its dump was restored before."""

    engine: Literal["sqlite", "postgresql"]
    rows: int
    title: str
    aim: float
    of: Literal["both paths", "the whole"]
    cached: float | None = None


SIZES = (
    Size("sqlite", 152_000, "SQLite, 50 MB", 0.5, "both paths"),
    Size("postgresql", 200_000, "PostgreSQL, 71 MB", 6, "the whole"),
)
BIG = (
    Size("sqlite", 2_545_000, "SQLite, 839 MB", 8, "both paths"),
    Size("postgresql", 3_300_000, "PostgreSQL, 1 GB", 45, "the whole", cached=15),
)


@dataclass(frozen=True, slots=True)
class Generated:
    """What is rehearsed, by the tool's name in the table, and how the other tools get the same."""

    sources: Mapping[str, Path]
    loading: AbstractContextManager[Loaded]


def main() -> None:
    """Print the tables of every size that was asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, help="how often govern runs on each change: 3 times, once on the large databases")
    asked.add_argument("--only", choices=("sqlite", "postgresql"))
    given = asked.parse_args()
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda number, _frame: sys.exit(128 + number))
    # As after an installation: the process in the sandbox could not write its bytecode.
    compileall.compile_dir(govern.__path__[0], quiet=2)
    with tempfile.TemporaryDirectory(prefix="govern-bench-") as folder:
        for size in (*SIZES, *(BIG if os.environ.get("BIG", "0") not in ("", "0") else ())):
            if given.only in (None, size.engine):
                measure(size, given.rounds or (1 if size in BIG else 3), Path(folder))


def measure(size: Size, rounds: int, folder: Path) -> None:
    """Print what govern and the others report of each change, and how long each takes."""
    made = generated(size)
    if isinstance(made, str):
        print(f"\n{size.title}: left out; {made}")
        return
    source = next(iter(made.sources.values()))
    print(f"\n{size.title} ({source.name}: {source.stat().st_size / 1e6:.0f} MB, {size.rows:,} rows)\n", flush=True)
    tried = changes(next(table.count for table in tables(size.rows, SEED) if table.name == "birth_registry"))
    if size in SIZES and size.engine == "postgresql":
        # A cluster in which nothing is yet is made once on a machine, and kept: every later rehearsal has it.
        print(f"the first rehearsal of a machine took {rehearsed(source, tried[0], folder).ran.seconds:.2f} s\n", flush=True)
    runs = {("govern", change): [rehearsed(source, change, folder) for _ in range(rounds)] for change in tried}
    for tool, other in list(made.sources.items())[1:]:
        runs[tool, tried[-1]] = [rehearsed(other, tried[-1], folder) for _ in range(rounds)]
    if size.engine == "postgresql":
        runs[_CACHED, tried[-1]] = list(cached(source, tried[-1], rounds, folder))
    print_table(_HEAD, [*own_rows(runs), *peer_rows(size, made.loading, runs, folder)])
    print_steps(runs)
    print_aim(size, runs, [rehearsed(source, tried[0], folder, back=False).both_paths for _ in range(rounds)])


def cached(source: Path, change: Change, rounds: int, folder: Path) -> Iterator[Rehearsal]:
    """Yield rehearsals that begin with what an earlier one kept of the restored dump."""
    rehearsed(source, change, folder, cached=True)
    for _ in range(rounds):
        yield rehearsed(source, change, folder, cached=True)


def generated(size: Size) -> Generated | str:
    """Return the generated database of a size, or what is missing."""
    if size.engine == "sqlite":
        file = sqlite_file(size.rows)
        return Generated({"govern": file}, loaded_sqlite(file))
    found = programs()
    if found is None:
        return "no server is installed: apt-get install postgresql"
    plain, custom = postgresql_dumps(size.rows, found)
    # How a dump is packed matters to its loading alone: that is seen on the small one.
    packed = {} if size in BIG else {"govern, -Fc": custom}
    return Generated({"govern": plain, **packed}, loaded_postgresql(plain, found))


def own_rows(runs: Runs) -> Iterator[tuple[str, ...]]:
    """Yield the rows of govern."""
    for (tool, change), done in runs.items():
        reported = " or ".join(sorted({each.reported for each in done}))
        caught = verdict(change, noticed=all(each.noticed for each in done))
        yield tool, change.name, yes(change.lossy), reported, caught, *(spread(each) for each in times(done)), "", ""


def times(done: Sequence[Rehearsal]) -> tuple[list[float], list[float]]:
    """Return the seconds of the clock and of the processors."""
    return [each.ran.seconds for each in done], [each.ran.used.cpu for each in done]


def peer_rows(size: Size, loading: AbstractContextManager[Loaded], runs: Runs, folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the other tools; print what is missing of them."""
    with loading as loaded:
        for peer in (sqitch("pg" if size.engine == "postgresql" else "sqlite"), alembic(cache())):
            if isinstance(peer, str):
                print(f"left out: {peer}\n")
                continue
            for (tool, change), done in runs.items():
                if tool == "govern":
                    yield peer_row(peer, change, loaded, median(times(done)[0]), folder)


def peer_row(peer: Peer, change: Change, loaded: Loaded, own: float, folder: Path) -> tuple[str, ...]:
    """Return the row of a tool and a change; whether something was lost is counted in the database."""
    target = loaded.fresh()
    before = target.counted()
    with tempfile.TemporaryDirectory(dir=folder) as project:
        ran = peer.tried(change, target.names[peer.name], Path(project), target.environment)
    status, seconds = ran[-1].status, sum(each.seconds for each in ran)
    reported = "ok (0)" if status == 0 else f"failed ({status}): {ran[-1].last_line[:60]}"
    lost, caught = yes(target.counted() != before), verdict(change, noticed=status != 0)
    figures = (seconds, sum(each.used.cpu for each in ran), seconds + loaded.seconds, (seconds + loaded.seconds) / own)
    return peer.name, change.name, lost, reported, caught, *(f"{each:.2f}" for each in figures)


def print_steps(runs: Runs) -> None:
    """Print how long each step took."""
    names = list(dict.fromkeys(name for done in runs.values() for name in done[0].steps))
    rows = [(f"{tool}: {change.name}", *(f"{median(each.steps.get(name, 0) for each in done):.0f}" for name in names)) for (tool, change), done in runs.items()]
    print_table(("milliseconds", *names), rows)


def print_aim(size: Size, runs: Runs, both_paths: Sequence[float]) -> None:
    """Print what an aim stands for, and the memory."""
    done = [each for (tool, _change), several in runs.items() for each in several if tool != _CACHED]
    whole, paths = spread(times(done)[0]), spread(both_paths)
    memory = max(each.ran.used.memory for each in done) / 1e6
    print(f"aim: {size.of} in {size.aim:g} s; both paths took {paths} s, the whole {whole} s, with at most {memory:.0f} MB of memory")
    again = [each for (tool, _change), several in runs.items() for each in several if tool == _CACHED]
    if again:
        print(f"{f'aim with a cached restore: {size.cached:g} s' if size.cached else 'with a cached restore'}; the whole took {spread(times(again)[0])} s")


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of Markdown, its columns as wide as they need to be."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    print("\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines), end="\n\n", flush=True)


def spread(figures: Sequence[float]) -> str:
    """Return the median of figures, with the smallest and the largest where they are several."""
    return f"{median(figures):.2f}" + (f" ({min(figures):.2f}–{max(figures):.2f})" if len(figures) > 1 else "")


def yes(claim: object) -> str:
    """Return a claim in a word."""
    return "yes" if claim else "no"


def verdict(change: Change, *, noticed: bool) -> str:
    """Return whether a loss was caught; of an honest change, whether there was a false alarm."""
    if change.lossy:
        return "yes" if noticed else "NO"
    return "false alarm" if noticed else "–"


if __name__ == "__main__":
    main()
