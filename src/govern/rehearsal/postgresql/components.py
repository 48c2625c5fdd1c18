"""The exact state of a PostgreSQL database: a digest for each table's rows, and one for each thing beside them.

Reads on the connection that it is given, inside a transaction as well as outside, and leaves nothing in the session. What it
needs is to be allowed to read everything, as a superuser is: only that is the same state in whoever's session.
"""

from collections.abc import Mapping
from typing import Protocol

from govern.rehearsal.postgresql.listings import COMPONENTS, Entry, digest_listing, read_columns, read_listing
from govern.rehearsal.postgresql.pinned import Session, pinned
from govern.rehearsal.postgresql.tables import Table, digest_rows, read_tables
from govern.rehearsal.states import State


class Known(Protocol):
    """What need not be read, or only in part, as a pinned session finds out."""

    def built_in(self, connection: Session) -> Mapping[str, Entry]:
        """Return the entries of built-in objects, by catalog."""

    def tables(self, connection: Session, tables: list[Table]) -> Mapping[str, tuple[str, int]]:
        """Return the digest and the number of rows of tables, by component."""

    def pages(self, connection: Session, tables: list[Table]) -> Mapping[str, frozenset[int]]:
        """Return the pages of tables on which rows may differ, by component; of a table that is not named, all may."""


def read_state(connection: Session, *, reader: str | None = None, known: Known | None = None) -> State:
    """Return the state of the database, as the connection sees it; read as the role `reader`, where one is named.

    Raises:
        GovernError: something cannot be read, or the transaction has failed (STATE_UNREADABLE, status 3).
    """
    with pinned(connection, reader):
        components = read_listings(connection, known.built_in(connection) if known else {})
        rows: dict[str, int] = {}
        tables = read_tables(connection)
        unread = known.tables(connection, tables) if known else {}
        for table in tables:
            components[table.component], rows[table.full] = unread.get(table.component) or digest_rows(connection, table)
    return State(components, rows)


def read_listings(connection: Session, built_in: Mapping[str, Entry] | None = None) -> dict[str, str]:
    """Return the digest of each component but the tables; the session is pinned. `built_in` as in `read_listing`."""
    columns = read_columns(connection)
    return {name: digest_listing(name, read_listing(connection, name, columns=columns, built_in=built_in)) for name in COMPONENTS}
