"""The tables of a clone, scanned by two processes where they are large: each takes the next one that nobody has, and what both found is put together.

Each table is scanned by itself, so whoever scans it finds the same.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from typing import Any, TypeAlias

from govern.canonical import Json
from govern.policy.rehearsal import ColumnClass
from govern.problems import Problem
from govern.rehearsal.beside import beside
from govern.rehearsal.gate.restored import Restored, Table
from govern.rehearsal.gate.scan import Scan

Classes: TypeAlias = "Mapping[Table, tuple[ColumnClass, ...]]"
Reading: TypeAlias = "Callable[[], AbstractContextManager[Restored]]"
# Of less, another process takes longer than it saves.
_WORTH_A_PROCESS = 8 << 20
# The bytes of a table's number.
_WIDTH = 4


class Turns:
    """Tables, the heaviest first, of which each is given once, to whichever process asks first."""

    def __init__(self, weights: Mapping[Table, int]) -> None:
        self._tables = sorted(weights, key=lambda each: -weights[each])
        self.worth_two = sum(weights.values()) >= _WORTH_A_PROCESS
        # Where a file is read, next is common to a process and those that it forks.
        self._numbers = os.memfd_create("tables")
        os.write(self._numbers, b"".join(each.to_bytes(_WIDTH) for each in range(len(self._tables))))
        os.lseek(self._numbers, 0, os.SEEK_SET)

    def __iter__(self) -> Iterator[tuple[int, Table]]:
        """Yield the tables that are this process's to scan, with their numbers."""
        while number := os.read(self._numbers, _WIDTH):
            at = int.from_bytes(number)
            yield at, self._tables[at]

    def by_table(self, found: Iterable[tuple[int, Mapping[str, Any]]]) -> Mapping[Table, Mapping[str, Any]]:
        """Return what was found, by table."""
        return {self._tables[at]: each for at, each in found}

    def close(self) -> None:
        """Give no more tables."""
        os.close(self._numbers)


@contextmanager
def scanned_beside(reading: Reading, classes: Classes, turns: Turns, new_scan: Callable[[], Scan]) -> Iterator[Callable[[], list[Any]]]:
    """Begin to scan tables in a process of its own, where that is worth it; what is given waits for what `scan_tables` found."""
    if not turns.worth_two:
        yield list
        return

    def work() -> Json:
        with reading() as restored:
            return [[*each] for each in scan_tables(restored, classes, turns, new_scan)]

    with beside(work) as answer:
        yield answer


def scan_tables(restored: Restored, classes: Classes, turns: Turns, new_scan: Callable[[], Scan]) -> list[tuple[int, dict[str, Json]]]:
    """Return the number of each table that was this process's, and what was found in it, as `add` takes it, with its `rows`, `digest`, and `size`."""
    return [(at, _scan_table(restored, table, classes[table], new_scan())) for at, table in turns]


def told(scan: Scan) -> dict[str, Json]:
    """Return what a scan found, as `add` takes it."""
    labels: list[Json] = [label.decode() for label, seen in scan.labels.items() if seen]
    return {"scanned": scan.scanned, "problems": [asdict(each) for each in scan.problems], "kinds": sorted(scan.kinds), "labels": labels}


def add(found: Mapping[str, Any], scan: Scan) -> None:
    """Add what another scan found to one of all."""
    scan.scanned += found["scanned"]
    scan.kinds.update(found["kinds"])
    scan.problems += [Problem(**each) for each in found["problems"]]
    for label in found["labels"]:
        scan.see_labels(label.encode())


def _scan_table(restored: Restored, table: Table, classes: tuple[ColumnClass, ...], scan: Scan) -> dict[str, Json]:
    size = restored.size(table)
    rows = scan.take_table(table, classes, restored.batches(table))
    return {"size": size, "rows": rows, "digest": restored.digest(table), **told(scan)}
