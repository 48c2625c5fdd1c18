"""Scripts for SQLite: cut into statements, and run one by one where nothing beyond the clone can be reached."""

import re
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from govern.problems import Exit, GovernError, Place, fault

_BLANK = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z)|;)*", re.DOTALL)
_COMMITS = re.compile(r"(?:COMMIT|END)\b", re.IGNORECASE)
_REFUSED = {
    sqlite3.SQLITE_ATTACH: "attach another database",
    sqlite3.SQLITE_DETACH: "detach a database",
}
# What a script may set: nothing that moves files, changes the log or lets the schema be written by hand.
_SETTINGS = frozenset({
    "application_id", "case_sensitive_like", "defer_foreign_keys", "encoding", "foreign_key_check", "foreign_key_list", "foreign_keys", "index_info",
    "index_list", "index_xinfo", "integrity_check", "optimize", "quick_check", "recursive_triggers", "table_info", "table_list", "table_xinfo", "user_version",
})  # fmt: skip


class SqlStatement(NamedTuple):
    """One statement of a script, and the line on which it begins."""

    text: str
    line: int


def cut(script: bytes, name: str) -> list[SqlStatement]:
    """Return the statements of a script.

    Raises:
        GovernError: not UTF-8, no statement in it, or the last one has no end (status 3).
    """
    try:
        text = script.decode()
    except UnicodeDecodeError as error:
        line = script.count(b"\n", 0, error.start) + 1
        raise fault(Exit.UNJUDGED, "CHANGE_FAILED", "the script is not UTF-8", place=Place(name, line, 1)) from error
    found = list(_cut(text, name))
    if not found:
        raise fault(Exit.UNJUDGED, "CHANGE_EMPTY", f"{name} holds no statement", help="a change that changes nothing proves nothing")
    return found


def _cut(text: str, name: str) -> Iterator[SqlStatement]:
    start = _skip_blank(text, 0)
    line, counted = 1, 0
    while start < len(text):
        line, counted = line + text.count("\n", counted, start), start
        end = text.find(";", start)
        while end >= 0 and not sqlite3.complete_statement(text[start : end + 1]):
            end = text.find(";", end + 1)
        if end < 0:
            raise fault(Exit.UNJUDGED, "CHANGE_FAILED", "the last statement has no end", place=Place(name, line, 1), help="end it with `;`")
        yield SqlStatement(text[start : end + 1], line)
        start = _skip_blank(text, end + 1)


def _skip_blank(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    assert match is not None
    return match.end()


def fence(connection: sqlite3.Connection) -> list[str]:
    """Refuse on a connection whatever reaches beyond the clone; return the list in which each attempt is noted."""
    attempts: list[str] = []

    def judge(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
        tried = _REFUSED.get(action)
        if action == sqlite3.SQLITE_PRAGMA and str(first).lower() not in _SETTINGS:
            tried = f"set or read pragma {first}"
        if action == sqlite3.SQLITE_FUNCTION and str(second).lower() == "load_extension":
            tried = "load an extension"
        if tried is None:
            return sqlite3.SQLITE_OK
        attempts.append(tried)
        return sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)
    return attempts


def run_within(connection: sqlite3.Connection, script: bytes, name: str) -> None:
    """Run the statements of a script in the transaction that is open, and see that it stays open.

    Raises:
        GovernError: a statement failed, reached beyond the clone, or left the transaction (status 3).
    """
    statements = cut(script, name)
    attempts = fence(connection)
    try:
        for statement in statements:
            failed = _run_one(connection, statement, name, attempts)
            if not connection.in_transaction:
                raise _left(statement, name)
            if failed is not None:
                raise failed
    finally:
        connection.set_authorizer(None)


def _run_one(connection: sqlite3.Connection, statement: SqlStatement, name: str, attempts: list[str]) -> GovernError | None:
    place = Place(name, statement.line, 1)
    try:
        # What a query returns is not wanted, but it has to be run to its end.
        for _row in connection.execute(statement.text):
            pass
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        if attempts:
            help = "a rehearsal touches its clone alone; remove it from the script"
            return fault(Exit.UNJUDGED, "CHANGE_REACHES", f"the script tries to {attempts[0]}", place=place, help=help)
        code = "WRITE_REFUSED" if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY else "CHANGE_FAILED"
        return fault(Exit.UNJUDGED, code, f"the script failed: {error}", place=place)
    return None


def _left(statement: SqlStatement, name: str) -> GovernError:
    help = "the rehearsal begins and ends the transaction; remove it from the script"
    place = Place(name, statement.line, 1)
    if _COMMITS.match(statement.text):
        return fault(Exit.UNJUDGED, "CHANGE_COMMITS", "the script commits the transaction that it was put in", place=place, help=help)
    return fault(Exit.UNJUDGED, "CHANGE_ROLLS_BACK", "the script rolls the transaction back that it was put in", place=place, help=help)
