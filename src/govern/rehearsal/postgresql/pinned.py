"""Reading a session without leaving a trace in it: everything that decides how a value is spelled is pinned, and put back.

Inside a transaction the settings live in a savepoint that is rolled back; outside, in a read-only transaction. Nothing
that a script has set, created or shadowed changes what is read: names are looked up in `pg_catalog` first, temporary
objects last. Values leave the server in its own encoding, so nothing is converted; rows stay bytes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from psycopg import Connection, NotSupportedError
from psycopg.pq import ExecStatus, TransactionStatus

from govern.problems import Exit, GovernError, fault

Session: TypeAlias = "Connection[tuple[Any, ...]]"
Values: TypeAlias = "tuple[bytes | None, ...]"

# The strings hold neither a quote nor a backslash: a script may have switched `standard_conforming_strings`.
SETTINGS: Mapping[str, str] = {
    "standard_conforming_strings": "on",
    "row_security": "off",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_read_only": "on",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "quote_all_identifiers": "off",
    "transform_null_equals": "off",
    "synchronize_seqscans": "off",
    "enable_tidscan": "on",
    "jit": "off",
    "work_mem": "64MB",
}
_OUTSIDE = (b"BEGIN ISOLATION LEVEL REPEATABLE READ", b"ROLLBACK")
_INSIDE = (b"SAVEPOINT govern_reading", b"ROLLBACK TO SAVEPOINT govern_reading; RELEASE SAVEPOINT govern_reading")


@contextmanager
def pinned(connection: Session, reader: str | None = None) -> Iterator[None]:
    """Pin the session for as long as the block runs, as the role `reader` where one is named.

    Raises:
        GovernError: the session is in a failed transaction, or may not become `reader` (STATE_UNREADABLE, status 3).
    """
    status = connection.info.transaction_status
    if status not in {TransactionStatus.IDLE, TransactionStatus.INTRANS}:
        raise unreadable(f"the session is in no state to be read: {status.name}")
    begin, end = _INSIDE if status is TransactionStatus.INTRANS else _OUTSIDE
    run(connection, begin)
    try:
        run(connection, _pinning(reader))
        yield
    except BaseException:
        connection.pgconn.exec_(end)
        raise
    run(connection, end)


def unreadable(why: str) -> GovernError:
    """Return the error of a state that cannot be read."""
    return fault(
        Exit.UNJUDGED, "STATE_UNREADABLE", f"the state of the database cannot be read: {why}", help="the role that reads must be able to read everything"
    )


def run(connection: Session, query: bytes) -> list[Values]:
    """Return the rows of a query, as text in the server's encoding.

    Raises:
        GovernError: the server refused it (STATE_UNREADABLE, status 3).
    """
    result = connection.pgconn.exec_(query)
    if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        raise _refused(connection, result.error_message)
    return [tuple(result.get_value(row, column) for column in range(result.nfields)) for row in range(result.ntuples)]


def copied(connection: Session, query: bytes) -> Iterator[bytes]:
    """Yield the lines of a query in the text format of COPY, each with its newline.

    Read straight from libpq: the cursor of psycopg takes twice as long. An iterator that is left early drains the rest.

    Raises:
        GovernError: the server refused it (STATE_UNREADABLE, status 3).
    """
    server = connection.pgconn
    result = server.exec_(b"COPY (" + query + b") TO STDOUT")
    if result.status != ExecStatus.COPY_OUT:
        raise _refused(connection, result.error_message)
    receive = server.get_copy_data
    left = True
    try:
        while left:
            length, line = receive(0)
            left = length > 0
            if left:
                yield bytes(line)
    finally:
        while left:
            left = receive(0)[0] > 0
        refused = [ended.error_message for ended in iter(server.get_result, None) if ended.status == ExecStatus.FATAL_ERROR]
    if refused:
        raise _refused(connection, refused[0])


def text(connection: Session, value: bytes | None) -> str:
    """Return what a person reads of a value; bytes that are no text in the server's encoding are escaped."""
    try:
        encoding = connection.info.encoding
    except NotSupportedError:
        # One that Python does not know: each byte is a character, so that no two names become one.
        encoding = "latin-1"
    return (value or b"").decode(encoding, "backslashreplace")


def _pinning(reader: str | None) -> bytes:
    calls = [f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in SETTINGS.items()]
    calls.append("pg_catalog.set_config('client_encoding', pg_catalog.getdatabaseencoding()::text, true)")
    become = f'; SET LOCAL ROLE "{reader}"' if reader else ""
    # The path first: a temporary type named `text` would stand in the way of the rest.
    return f"SET LOCAL search_path TO pg_catalog, pg_temp; SELECT {', '.join(calls)}{become}".encode()


def _refused(connection: Session, message: bytes) -> GovernError:
    return unreadable(text(connection, message).strip().partition("\n")[0])
