"""A table of a dump is filled by one COPY, in a transaction of its own."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from govern.rehearsal.postgresql.lexer import tokens
from govern.rehearsal.postgresql.scripts import Statement
from govern.rehearsal.postgresql.session import Refused, ask, quoted, send

if TYPE_CHECKING:
    from psycopg import Connection

_FILLS = re.compile(rb"COPY ([^()]+) (?:\(([^()]*)\) )?FROM stdin")


class Filled(NamedTuple):
    """The table that a COPY fills: its name and schema as far as they are given, and how many columns are, if they are named."""

    name: tuple[str, ...]
    columns: int | None

    @property
    def table(self) -> str:
        """The table as it is written in SQL."""
        return ".".join(map(quoted, self.name))


def filled_by(statement: Statement) -> Filled | None:
    """Return what a COPY of pg_dump fills, or None for any other statement."""
    matched = _FILLS.fullmatch(statement.text) if statement.copies else None
    if matched is None:
        return None
    return Filled(tuple(_names(matched[1])), None if matched[2] is None else len(_names(matched[2])))


def _names(text: bytes) -> list[str]:
    return [each.text.decode("utf-8", "replace") for each in tokens(text) if each.kind in {"word", "name"}]


def fill(connection: "Connection[Any]", statement: Statement, table: str, rows: Iterable[bytes]) -> None:
    """Fill a table that is empty in the transaction that truncates it: nothing goes through the log, and rows are written frozen, once.

    Raises:
        Refused: the server refused it.
        Exception: as the rows do.
    """
    ask(connection, b"BEGIN")
    try:
        unfilled = not ask(connection, f"SELECT 1 FROM ONLY {table} LIMIT 1".encode())  # noqa: S608 - quoted
        ask(connection, f"TRUNCATE ONLY {table}".encode() if unfilled else b"SELECT")
    except Refused:
        # A partitioned table, or one that a foreign key names.
        unfilled = False
        ask(connection, b"ROLLBACK")
        ask(connection, b"BEGIN")
    send(connection, replace(statement, text=statement.text + b" WITH (FREEZE)") if unfilled else statement, rows)
    ask(connection, b"COMMIT")
