"""The tables of a clone, scanned by two processes where they are large: each reads its share, and what both found is put together.

Each table is scanned by itself, so whoever scans it finds the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


@contextmanager
def scanned_beside(reading: Reading, classes: Classes, tables: Sequence[Table], new_scan: Callable[[], Scan]) -> Iterator[Callable[[], list[Any]]]:
    """Begin to scan some tables in a process of its own; what is given waits for what `scan_tables` found."""
    if not tables:
        yield list
        return

    def work() -> Json:
        with reading() as restored:
            return [*scan_tables(restored, classes, tables, new_scan)]

    with beside(work) as answer:
        yield answer


def scan_tables(restored: Restored, classes: Classes, tables: Iterable[Table], new_scan: Callable[[], Scan]) -> list[dict[str, Json]]:
    """Return what was found in each table, as `add` takes it, with its `rows`, their `digest`, and the `size` that the engine counts."""
    return [_scan_table(restored, table, classes[table], new_scan()) for table in tables]


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


def share_out(weights: Mapping[Table, int]) -> tuple[list[Table], list[Table]]:
    """Return the tables in two shares of about the same weight, the largest first; or all in the first."""
    mine: list[Table] = []
    other: list[Table] = []
    if sum(weights.values()) < _WORTH_A_PROCESS:
        return list(weights), other
    for table in sorted(weights, key=lambda each: -weights[each]):
        lighter = min(mine, other, key=lambda share: sum(weights[each] for each in share))
        lighter.append(table)
    return mine, other


def _scan_table(restored: Restored, table: Table, classes: tuple[ColumnClass, ...], scan: Scan) -> dict[str, Json]:
    size = restored.size(table)
    rows = scan.take_table(table, classes, restored.batches(table))
    return {"size": size, "rows": rows, "digest": restored.digest(table), **told(scan)}
