"""The shape of what was handed over against the declared surface: every table and column by name, all that is wrong at once. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from govern.policy.rehearsal import ColumnClass, DataSurface, DataTable, finds
from govern.problems import Problem
from govern.rehearsal.gate.masks import sounds_sensitive
from govern.rehearsal.gate.restored import Column, Table
from govern.rehearsal.states import spell_name

_DEFAULT = {"sqlite": "main", "postgresql": "public"}
# Yes and no are no secret, where the engine lets nothing else in.
_HARMLESS = ("postgresql", "boolean")


@dataclass(frozen=True, slots=True)
class Shaped:
    """The class of every column, and what is wrong. `by_name` are the columns that sound sensitive and were declared plain by name."""

    classes: Mapping[Table, tuple[ColumnClass, ...]]
    problems: tuple[Problem, ...]
    by_name: tuple[str, ...]


def shape_of(tables: Sequence[Table], surface: DataSurface, engine: str) -> Shaped:
    """Return how tables fit the surface. A declared name without a schema is of the engine's default one."""
    declared = {(name if "." in name else f"{_DEFAULT[engine]}.{name}"): table for name, table in surface.tables.items()}
    matched = {table: _declared_for(table, declared) for table in tables}
    problems = [Problem("SHAPE", f"{table.full} is not declared", help=_declare(table)) for table, name in matched.items() if name is None]
    if surface.engine not in {None, engine}:
        problems.insert(0, Problem("SHAPE", f"it is of {engine}, and {surface.engine} is declared", help="hand over a dump of that engine"))
    for each, declaration in declared.items():
        problems += _missing(each, declaration, [table for table in tables if matched[table] == each])
    classes: dict[Table, tuple[ColumnClass, ...]] = {}
    by_name: list[str] = []
    for table, name in matched.items():
        if name is None:
            # It is refused; what is in it is told all the same.
            classes[table] = all_plain(table)
        else:
            found = [_class_of(column, declared[name], engine) for column in table.columns]
            problems += [_unclassified(table, column) for column, each in zip(table.columns, found, strict=True) if each is None]
            problems += _present_though_absent(table, found)
            by_name += [title(table, column) for column, each in zip(table.columns, found, strict=True) if each == "plain" and _suspicious(column, engine)]
            classes[table] = tuple(each or "plain" for each in found)
    return Shaped(classes, tuple(problems), tuple(by_name))


def all_plain(table: Table) -> tuple[ColumnClass, ...]:
    """Return the classes of a table of which nothing is declared."""
    return tuple("plain" for _column in table.columns)


def title(table: Table, column: Column) -> str:
    """Return the name of a column by which findings name it."""
    return f"{table.full}.{spell_name(column.name)}"


def _declared_for(table: Table, declared: Mapping[str, DataTable]) -> str | None:
    """Return the declared name that a table goes by: its own, or the longest that matches."""
    full = f"{table.schema}.{table.name}"
    return max((name for name in declared if finds(name, full)), key=lambda name: (not name.endswith("*"), len(name)), default=None)


def _class_of(column: Column, declaration: DataTable, engine: str) -> ColumnClass | None:
    """Return the class of a column. One that sounds like a secret or a person is plain only by name: else it must be empty."""
    named = declaration.columns.get(column.name)
    if named is None and declaration.all == "plain" and _suspicious(column, engine):
        return "empty"
    return named or declaration.all


def _suspicious(column: Column, engine: str) -> bool:
    return sounds_sensitive(column.name) and (engine, column.type) != _HARMLESS


def _missing(name: str, declaration: DataTable, tables: Sequence[Table]) -> Iterator[Problem]:
    if not tables:
        yield Problem("SHAPE", f"{name} is declared, and not there", help="dump it, or take it out of the surface")
        return
    there = {column.name for table in tables for column in table.columns}
    for column, wanted in declaration.columns.items():
        if wanted != "absent" and column not in there:
            yield Problem("SHAPE", f"{name}.{column} is declared, and not there", help="dump it, or declare it absent")


def _present_though_absent(table: Table, found: Sequence[ColumnClass | None]) -> Iterator[Problem]:
    for column, each in zip(table.columns, found, strict=True):
        if each == "absent":
            yield Problem("SHAPE", f"{title(table, column)} is declared absent, and is there", help="drop it before the dump is made")


def _unclassified(table: Table, column: Column) -> Problem:
    return Problem("UNCLASSIFIED", f"{title(table, column)} ({column.type}) is not classified", help="declare it: plain, masked, empty or absent")


def _declare(table: Table) -> str:
    columns = ", ".join(column.name for column in table.columns)
    return f"leave it out of the dump, or declare its columns: {columns}"
