"""A described data set as SQL text, labelled: in the first line, and in a table of its own that survives a dump and a reload."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from govern.policy.dataset import Dataset, GeneratedColumn, GeneratedTable
from govern.rehearsal.gate.examine import GENERATED, LABEL_TABLE
from govern.rehearsal.surrogate.dialects import Dialect, Postgresql, Sqlite
from govern.rehearsal.surrogate.values import Value, library_version, spread

Engine = Literal["sqlite", "postgresql"]

_DIALECTS: Mapping[Engine, Dialect] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
_LABEL = GeneratedTable(columns={name: GeneratedColumn(values="word") for name in ("label", "generated", "seed", "library")})


def generate(dataset: Dataset, *, rows: int, seed: int, label: str, engine: Engine) -> Iterator[str]:
    """Yield the text, piece by piece. The same arguments give the same text, with the same version of the library.

    Raises:
        GovernError: the library is not installed (NEEDS_EXTRA, status 3).
    """
    library = f"mimesis {library_version()}"
    dialect = _DIALECTS[engine]
    yield f"-- {label}\n-- {GENERATED}: seed {seed}, {rows} rows, {library}\n"
    yield dialect.begin()
    yield dialect.create(LABEL_TABLE, _LABEL, dataset)
    yield from dialect.rows(LABEL_TABLE, tuple(_LABEL.columns), iter([(label, GENERATED, str(seed), library)]))
    keys: dict[str, Sequence[Value]] = {}
    for name in dataset.in_order():
        table = dataset.tables[name]
        count = rows if table.rows is None else table.rows
        if table.key:
            keys[f"{name}.{table.key}"] = tuple(spread(table.columns[table.key], f"{name}.{table.key}", str(seed), count, {}))
        yield dialect.create(name, table, dataset)
        yield from dialect.rows(name, tuple(table.columns), _rows(name, table, str(seed), count, keys))
    yield dialect.end(dict(_sequences(dataset, keys)))


def _rows(name: str, table: GeneratedTable, seed: str, count: int, keys: Mapping[str, Sequence[Value]]) -> Iterator[Sequence[Value]]:
    columns = [iter(keys[f"{name}.{each}"]) if column.key else spread(column, f"{name}.{each}", seed, count, keys) for each, column in table.columns.items()]
    return zip(*columns, strict=True)


def _sequences(dataset: Dataset, keys: Mapping[str, Sequence[Value]]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield where each sequence goes on: behind the last key by a gap, as rows that were rolled back leave one."""
    for name, table in dataset.tables.items():
        values = keys[f"{name}.{table.key}"] if table.key else ()
        if values and isinstance(values[-1], int):
            assert table.key is not None
            yield (name, table.key), values[-1] + 7
