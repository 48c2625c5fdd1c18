"""A change script in a transaction that is not its own: it is run statement by statement, and may neither end nor outlive it.

Two guards after each statement: the session is in a transaction, and it is the one that was begun. Without the second,
`COMMIT; BEGIN` and `COMMIT AND CHAIN` would leave rows behind while the rollback still looks fine.
"""

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from govern.problems import Exit, GovernError, fault
from govern.rehearsal.postgresql.scripts import CHANGE, Script, Statement
from govern.rehearsal.postgresql.session import Refused, ask, run_statement

if TYPE_CHECKING:
    from psycopg import Connection

_PRIVILEGE = "42501"
_READ_ONLY = "25006"
# What a script asks for that lies beyond the database: the server refuses it to whoever is no superuser.
_BEYOND = re.compile(
    r"to COPY |extension|access to library|replication slots|subscription|foreign|\bfunction (?:lo_(?:im|ex)port|pg_read_|pg_ls_|pg_stat_file|dblink)",
    re.IGNORECASE,
)
_LEFT = {
    "COMMIT": ("CHANGE_COMMITS", "the script commits the transaction that it was put in"),
    "PREPARE TRANSACTION": ("CHANGE_PREPARES", "the script prepares the transaction that it was put in for a commit later on"),
    "ROLLBACK": ("CHANGE_ROLLS_BACK", "the script rolls the transaction back that it was put in"),
}
_TOUCHES = "a rehearsal touches its clone alone; remove it from the script"
_OUTLIVES = "a rollback does not take it back; remove it from the script, or release it there"


def begin(connection: "Connection[Any]") -> str:
    """Begin a transaction, and return its id."""
    ask(connection, b"BEGIN")
    return transaction(connection)


def transaction(connection: "Connection[Any]") -> str:
    """Return the id of the transaction that the session is in."""
    return str(ask(connection, b"SELECT pg_catalog.pg_current_xact_id()")[0][0])


def run_within(connection: "Connection[Any]", script: bytes, begun: str) -> None:
    """Run the statements of a script in the transaction that was begun, and see that it stays open.

    Raises:
        GovernError: there is none, one failed, left the transaction, or reached beyond the clone (status 3).
    """
    source, count = Script(BytesIO(script), CHANGE), 0
    for statement in source:
        count += 1
        tag = _run(connection, statement, source)
        _demand_same(connection, begun, tag, statement, source)
        if tag == "LISTEN":
            raise source.fault("CHANGE_LEAVES", "the script listens for notifications", statement.line, help=_OUTLIVES)
    if not count:
        raise fault(Exit.UNJUDGED, "CHANGE_EMPTY", "the script holds no statement", help="a change that changes nothing proves nothing")
    if ask(connection, b"SELECT name FROM pg_catalog.pg_cursors WHERE is_holdable"):
        raise fault(Exit.UNJUDGED, "CHANGE_LEAVES", "the script leaves a cursor WITH HOLD behind", help=_OUTLIVES)


def demand_nothing_left(connection: "Connection[Any]") -> None:
    """See that the session, whose transaction has ended, holds nothing that the transaction did not take with it.

    Raises:
        GovernError: CHANGE_LEAVES, with what is left (status 3).
    """
    ask(connection, b"SET search_path = ''")
    own = str(connection.info.backend_pid)
    left = {
        "a session's advisory lock": [row for row in ask(connection, b"SELECT locktype, pid FROM pg_catalog.pg_locks") if row == ("advisory", own)],
        "a prepared statement": ask(connection, b"SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql"),
        "a cursor WITH HOLD": ask(connection, b"SELECT name FROM pg_catalog.pg_cursors WHERE is_holdable"),
        "a channel that it listens to": ask(connection, b"SELECT pg_catalog.pg_listening_channels()"),
        "a replication slot": ask(connection, b"SELECT slot_name FROM pg_catalog.pg_replication_slots"),
    }
    found = [what for what, rows in left.items() if rows]
    if found:
        raise fault(Exit.UNJUDGED, "CHANGE_LEAVES", f"the script leaves {' and '.join(found)} behind", help=_OUTLIVES)


def look_only(connection: "Connection[Any]", script: bytes) -> None:
    """Run a script in a read-only transaction, as a role that may only read; the transaction never gets an id, so it wrote nothing.

    Raises:
        GovernError: WRITE_REFUSED where it tries to write; or as in `run_within` (status 3).
    """
    source, count = Script(BytesIO(script), CHANGE), 0
    ask(connection, b"BEGIN TRANSACTION READ ONLY")
    # From its first query on, a transaction cannot be made one that writes.
    ask(connection, b"SELECT 1")
    for statement in source:
        count += 1
        tag = _run(connection, statement, source, writes_refused=True)
        if not _within(connection):
            raise _left(tag, statement, source)
        if ask(connection, b"SELECT pg_catalog.pg_current_xact_id_if_assigned()")[0][0] is not None:
            raise source.fault("WRITE_REFUSED", "the script writes, and it may only read", statement.line, help="a read-only run has no statement that writes")
    if not count:
        raise fault(Exit.UNJUDGED, "CHANGE_EMPTY", "the script holds no statement", help="write down what is to be read")
    ask(connection, b"ROLLBACK")


def _run(connection: "Connection[Any]", statement: Statement, source: Script, *, writes_refused: bool = False) -> str:
    try:
        return run_statement(connection, statement, source)
    except Refused as refused:
        raise _refused(refused, statement, source, writes_refused=writes_refused) from refused


def _refused(refused: Refused, statement: Statement, source: Script, *, writes_refused: bool) -> GovernError:
    if statement.words[:2] == ("prepare", "transaction"):
        return _left("PREPARE TRANSACTION", statement, source)
    if refused.code == _PRIVILEGE and _BEYOND.search(refused.said):
        return source.fault("CHANGE_REACHES", f"the script reaches beyond the clone: {refused.said}", refused.line, help=_TOUCHES)
    if writes_refused and refused.code in {_PRIVILEGE, _READ_ONLY}:
        help = "a read-only run has no statement that writes"
        return source.fault("WRITE_REFUSED", f"the script writes, and it may only read: {refused.said}", refused.line, help=help)
    return source.fault("CHANGE_FAILED", f"the script failed: {refused.said}", refused.line)


def _demand_same(connection: "Connection[Any]", begun: str, tag: str, statement: Statement, source: Script) -> None:
    if not _within(connection) or transaction(connection) != begun:
        raise _left(tag, statement, source)


def _within(connection: "Connection[Any]") -> bool:
    from psycopg.pq import TransactionStatus

    return bool(connection.pgconn.transaction_status == TransactionStatus.INTRANS)


def _left(tag: str, statement: Statement, source: Script) -> GovernError:
    code, message = _LEFT.get(tag, ("CHANGE_COMMITS", "the script leaves the transaction that it was put in"))
    return source.fault(code, message, statement.line, help="the rehearsal begins and ends the transaction; remove it from the script")
