"""The language in which a generated data set is described: tables, and for each column what its values are like.

Pure. The spelling is that of `states.yaml`: closed, without anchors, every fault told with its place.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, StrictBool, StrictInt, model_validator

from govern.policy.load import shaped
from govern.policy.names import NOWHERE, Declared, Name, Text, word_like
from govern.policy.tree import parse_tree
from govern.problems import Exit, GovernError, Problem, did_you_mean

MAX_ROWS = 100_000_000

Values = Literal[
    "boolean", "bytes", "city", "code", "country", "date", "decimal", "email", "first-name", "integer", "json", "large-integer", "last-name", "long-text",
    "person-name", "phone", "real", "sentence", "sequence", "street", "timestamp", "uuid", "word",
]  # fmt: skip

_IDENTIFIER = r"[a-z_][a-z0-9_]{0,62}"
_SHARE = r"(100|[0-9]{1,2}(\.[0-9]{1,3})?)%"

Identifier = Annotated[str, word_like(_IDENTIFIER, "a name of SQL (lower-case letters, digits, `_`)")]
Reference = Annotated[str, word_like(rf"{_IDENTIFIER}\.{_IDENTIFIER}", "a column, as TABLE.COLUMN")]
Share = Annotated[str, word_like(_SHARE, "a share, such as `2%` or `0.5%`")]


# What `from` and `to` are of each kind.
_BOUNDS: Mapping[str, Callable[[str], Any]] = {"date": date.fromisoformat, "decimal": Decimal, "integer": int, "timestamp": date.fromisoformat}


class GeneratedColumn(Declared):
    """A column: one of `values`, `choice` and `references`, and how they are spread."""

    values: Values | None = Field(default=None, description="The kind of values.")
    choice: dict[Name, StrictInt] | None = Field(default=None, min_length=1, description="The values, each with its weight.")
    references: Reference | None = Field(default=None, description="The key that it refers to, as TABLE.COLUMN.")
    key: StrictBool = Field(default=False, description="The table's key.")
    unique: StrictBool = Field(default=False, description="No value stands twice.")
    nulls: Share | None = Field(default=None, description="The share of rows that have no value.")
    unicode: StrictBool = Field(default=False, description="Several scripts, combining marks, text from right to left.")
    skewed: StrictBool = Field(default=False, description="Few values are frequent, many are rare.")
    prefix: Text | None = Field(default=None, description="With `values: code`: what each code begins with.")
    least: Text | None = Field(default=None, alias="from", description="The first date, or the smallest number.")
    most: Text | None = Field(default=None, alias="to", description="The last date, or the largest number.")

    @model_validator(mode="after")
    def _one_kind(self) -> "GeneratedColumn":
        if sum(each is not None for each in (self.values, self.choice, self.references)) != 1:
            raise ValueError("wanted exactly one of values, choice and references")
        if self.key and (self.values not in {"sequence", "uuid", "code"} or self.nulls):
            raise ValueError("a key has `values: sequence`, `uuid` or `code`, and no nulls")
        if self.choice and min(self.choice.values()) < 1:
            raise ValueError("a weight is at least 1")
        self._bounded()
        return self

    def _bounded(self) -> None:
        if self.least is None and self.most is None:
            return
        parse = _BOUNDS.get(str(self.values))
        if parse is None:
            raise ValueError(f"`from` and `to` go with {', '.join(_BOUNDS)}")
        found = [parse(each) for each in (self.least, self.most) if each is not None]
        if found != sorted(found):
            raise ValueError("`from` comes after `to`")


class GeneratedTable(Declared):
    """A table."""

    rows: StrictInt | None = Field(default=None, ge=0, le=MAX_ROWS, description="How many rows; as many as --rows if left out.")
    columns: dict[Identifier, GeneratedColumn] = Field(min_length=1, description="The columns, in their order.")

    @property
    def key(self) -> str | None:
        """The name of its key."""
        return next((name for name, column in self.columns.items() if column.key), None)


class Dataset(Declared):
    """A data set that can be generated."""

    tables: dict[Identifier, GeneratedTable] = Field(min_length=1, description="The tables.")

    def in_order(self) -> tuple[str, ...]:
        """Return the tables so that each comes behind those that it refers to."""
        waits_for = {name: {each.table for each in _references(table) if each.table != name} for name, table in self.tables.items()}
        return tuple(TopologicalSorter(waits_for).static_order())


class Referred(NamedTuple):
    """A table and a column of it."""

    table: str
    column: str


def load_dataset(source: bytes, file: str) -> Dataset:
    """Return the data set that a text describes.

    Raises:
        GovernError: the text has faults; all of them (status 3).
    """
    tree, problems = parse_tree(source, file)
    found = shaped(tree, Dataset, problems) if tree is not None else None
    if found is not None:
        problems += _meaning(found)
    if found is None or problems:
        raise GovernError(Exit.UNJUDGED, sorted(problems, key=lambda each: each.place or NOWHERE))
    return found


def split(reference: str) -> Referred:
    """Return the table and the column of a reference."""
    return Referred(*reference.split("."))


def _references(table: GeneratedTable) -> Iterator[Referred]:
    return (split(column.references) for column in table.columns.values() if column.references)


def _meaning(dataset: Dataset) -> Iterator[Problem]:
    for name, table in dataset.tables.items():
        if sum(column.key for column in table.columns.values()) > 1:
            yield Problem("POLICY_VALUE", f"table `{name}` has two keys", table.at, help="one column with `key: true`")
        for column in table.columns.values():
            if column.references:
                yield from _dangling(column, split(column.references), dataset)
    try:
        dataset.in_order()
    except CycleError as error:
        circle = " -> ".join(map(str, error.args[1]))
        yield Problem(
            "POLICY_VALUE", f"tables refer to each other in a circle: {circle}", dataset.at, help="a table may refer to itself, and to those before it"
        )


def _dangling(column: GeneratedColumn, wanted: Referred, dataset: Dataset) -> Iterator[Problem]:
    target = dataset.tables.get(wanted.table)
    if target is None:
        yield Problem("POLICY_DANGLING", f"no table is called `{wanted.table}`", column.at_key("references"), help=did_you_mean(wanted.table, dataset.tables))
    elif target.key != wanted.column:
        yield Problem("POLICY_DANGLING", f"`{wanted.column}` is not the key of `{wanted.table}`", column.at_key("references"), help="a reference is to a key")
