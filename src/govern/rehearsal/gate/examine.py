"""Runs in the sandbox: a source becomes a clone, and the clone passes the gate, or all that is wrong with it is told at once."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern.canonical import Json
from govern.policy.rehearsal import DataSurface
from govern.problems import Exit, GovernError, Problem
from govern.rehearsal.beside import beside
from govern.rehearsal.clone import Clone
from govern.rehearsal.gate.leftovers import count_bytes, take_bytes
from govern.rehearsal.gate.restored import Restored, Table
from govern.rehearsal.gate.scan import Scan
from govern.rehearsal.gate.shape import Shaped, all_plain, shape_of
from govern.rehearsal.gate.shares import Turns, add, scan_tables, scanned_beside, told
from govern.rehearsal.job import Job
from govern.rehearsal.sources import changed
from govern.rehearsal.states import spell_name

if TYPE_CHECKING:
    from govern.rehearsal.postgresql.clone import PostgresClone

# What every generated data set carries, whatever its programme calls it.
GENERATED = "GENERATED_BY_GOVERN_SURROGATE"
LABEL_TABLE = "surrogate_label"
SURROGATE = "surrogate"
# Data that somebody made up: every column is known to whoever did.
GENERATED_TYPES = ("toy", SURROGATE)


def examine(job: Job) -> Json:
    """Load the source of an order, and return its shape and what the gate counted; see `pass_gate`."""
    from govern.rehearsal.rehearsing import engine_facts, open_clone

    job.step("load", 0, 2)
    with beside(lambda: bytes_of(job)) as counted:
        clone = open_clone(job)
        try:
            job.step("gate", 1, 2)
            return {"engine": engine_facts(clone), "connections": list(clone.connections), **pass_gate(clone, job, counted)}
        finally:
            clone.close()


def bytes_of(job: Job) -> dict[str, Json]:
    """Return what the gate looks for in the bytes of the source, which can be counted while it is loaded."""
    return count_bytes(job.inputs["source"], job.order["source"], job.work, _scan(job.order))


def pass_gate(clone: Clone, job: Job, counted: Callable[[], Mapping[str, Any]] | None = None) -> dict[str, Json]:
    """Return `shape`, `gate` and `label` of a clone that has just been loaded, `by_name`: what only its name speaks against, and `digests` of rows.

    Of the order, `source`, `provenance`, `label` and `surface` are read; without a surface every column is plain. `counted` gives
    what `bytes_of` returned, where that was begun before.

    Raises:
        GovernError: everything that is wrong, each with its code (status 3).
    """
    with beside(lambda: demand_unchanged(job)) as unchanged:
        try:
            return _pass_gate(clone, job, counted)
        finally:
            # Of what was found in another file nothing is told.
            unchanged()


def _pass_gate(clone: Clone, job: Job, counted: Callable[[], Mapping[str, Any]] | None) -> dict[str, Json]:
    order = job.order
    with _reading(clone) as restored:
        shaped = _shape(restored, order)
        turns = Turns({table: restored.weight(table) for table in shaped.classes})
    with closing(turns), scanned_beside(lambda: _reading(clone), shaped.classes, turns, lambda: _scan(order)) as scanned:
        with _reading(clone) as restored:
            definitions = _scan(order)
            for where, text in restored.beside():
                definitions.take_text(where, text)
            mine = scan_tables(restored, shaped.classes, turns, lambda: _scan(order))
        found = turns.by_table([*mine, *scanned()])
    scan, problems = _scan(order), list(shaped.problems)
    for table in shaped.classes:
        add(found[table], scan)
    size = sum(each["size"] for each in found.values())
    if size != scan.scanned:
        message = f"{scan.scanned} bytes were scanned, and there are {size}"
        problems.append(Problem("GATE_INCOMPLETE", message, help="please report it: nothing passes that was not scanned whole"))
    add(told(definitions), scan)
    rows = {table: each["rows"] for table, each in found.items()}
    take_bytes(counted() if counted else bytes_of(job), scan)
    problems += [*scan.problems, *_provenance(scan.label, order)]
    if problems:
        raise GovernError(Exit.UNJUDGED, problems)
    columns = sum(len(table.columns) for table in rows)
    gate: dict[str, Json] = {
        "tables": len(rows),
        "columns": columns,
        "classified": columns if order.get("surface") or order["provenance"] in GENERATED_TYPES else 0,
        "bytes_source": size,
        "bytes_scanned": scan.scanned,
        "findings": 0,
    }
    return {"shape": _told(shaped, rows), "gate": gate, "label": scan.label, "by_name": list(shaped.by_name), "digests": _digests(found)}


def _digests(found: Mapping[Table, Mapping[str, Any]]) -> dict[str, Json]:
    """Return the digest and the number of the rows of each table that was read as a state reads it, by the table's full name."""
    return {table.full: list(each["digest"]) for table, each in found.items() if each["digest"]}


def _scan(order: Mapping[str, Any]) -> Scan:
    labels = [each for each in (order.get("label"), GENERATED) if each]
    # Who is invented is nobody: of made-up data, persons are not looked for.
    return Scan(labels, persons=order["provenance"] not in GENERATED_TYPES)


def demand_unchanged(job: Job) -> None:
    """What was loaded is the file that was examined: between the two, another could have been put in its place.

    Raises:
        GovernError: SOURCE_CHANGED (status 3).
    """
    with job.inputs["source"].open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != job.order["source"]["sha256"]:
            raise changed(job.order["source"]["name"])


def _reading(clone: Clone) -> AbstractContextManager[Restored]:
    if clone.engine.name == "sqlite":
        from govern.rehearsal.gate.sqlite import read_sqlite

        return read_sqlite(_file_of(clone))
    from govern.rehearsal.gate.postgresql import read_postgresql

    postgresql: PostgresClone = clone  # type: ignore[assignment]
    return read_postgresql(postgresql)


def _file_of(clone: Clone) -> Path:
    return Path(clone.connections[0].removeprefix("sqlite:"))


def _shape(restored: Restored, order: Mapping[str, Any]) -> Shaped:
    tables = restored.tables()
    if not order.get("surface"):
        return Shaped({table: all_plain(table) for table in tables}, (), ())
    engine = "sqlite" if order["source"]["format"].startswith("sqlite") else "postgresql"
    # The table with the label is not of the programme: only generated data has it.
    labels = tuple(table for table in tables if table.name == LABEL_TABLE and order["provenance"] == SURROGATE)
    shaped = shape_of([table for table in tables if table not in labels], DataSurface.model_validate(order["surface"]), engine)
    return replace(shaped, classes={**shaped.classes, **{table: all_plain(table) for table in labels}})


def _provenance(label: str | None, order: Mapping[str, Any]) -> Iterator[Problem]:
    """Generated data is never taken for real, nor real data for generated: the label decides, not who hands it over."""
    generated = order["provenance"] == SURROGATE
    if label and not generated:
        message = f"it carries the label `{label}` of generated data, and is handed over as {order['provenance']}"
        yield Problem("PROVENANCE", message, help="hand over what the label says that it is not")
    if generated and not label:
        yield Problem("PROVENANCE", "it carries no label of generated data", help="`govern surrogate` writes it into the data")


def _told(shaped: Shaped, rows: Mapping[Table, int]) -> dict[str, Json]:
    tables: dict[str, Json] = {}
    for table, classes in shaped.classes.items():
        columns: dict[str, Json] = {spell_name(column.name): {"type": column.type, "class": each} for column, each in zip(table.columns, classes, strict=True)}
        tables[table.full] = {"rows": rows[table], "columns": columns}
    return tables
