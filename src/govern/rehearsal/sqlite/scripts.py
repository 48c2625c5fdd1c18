"""Scripts for SQLite: cut into statements, and run one by one where nothing beyond the clone can be reached."""

import re
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from govern.problems import Exit, GovernError, Place, fault

# As SQLite reads: only these are spaces, and a letter outside ASCII is part of a name.
_BLANK = re.compile(r"(?:[ \t\n\f\r\ufeff]++|--[^\n]*+|/\*.*?(?:\*/|\Z)|;)*+", re.DOTALL)
_TOKEN = re.compile(
    r"""'(?:[^']++|'')*+'?|"(?:[^"]++|"")*+"?|`(?:[^`]++|``)*+`?|\[[^\]]*+\]?|--[^\n]*+|/\*.*?(?:\*/|\Z)|[ \t\n\f\r\ufeff]++"""
    r"""|(?P<word>[A-Za-z0-9_$\x80-\U0010ffff]++|;)|.""",
    re.DOTALL,
)
_TRIGGER = re.compile(r"(?:EXPLAIN (?:QUERY PLAN )?)?CREATE (?:TEMP |TEMPORARY )?TRIGGER\b")
_FOREIGN_KEYS = re.compile(r"PRAGMA\s+foreign_keys\s*(?:=\s*(\w+)|\(\s*(\w+)\s*\))\s*;", re.IGNORECASE | re.ASCII)
_SWITCH = {"on": "ON", "yes": "ON", "true": "ON", "1": "ON", "off": "OFF", "no": "OFF", "false": "OFF", "0": "OFF"}
_HEAD = 6
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
# What modules such as FTS5 and R*Tree read by themselves.
_READ = frozenset({"data_version", "page_size"})


class SqlStatement(NamedTuple):
    """One statement of a script, and the line on which it begins."""

    text: str
    line: int


def cut(script: bytes, name: str) -> list[SqlStatement]:
    """Return the statements of a script.

    Raises:
        GovernError: not UTF-8, a NUL or no statement in it, or the last one has no end (status 3).
    """
    if b"\0" in script:
        line = script.count(b"\n", 0, script.index(b"\0")) + 1
        raise fault(Exit.UNJUDGED, "CHANGE_FAILED", "the script holds a NUL, where SQLite stops reading", place=Place(name, line, 1))
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
        end = _end(text, start)
        if end < 0:
            raise fault(Exit.UNJUDGED, "CHANGE_FAILED", "the last statement has no end", place=Place(name, line, 1), help="end it with `;`")
        yield SqlStatement(text[start : end + 1], line)
        start = _skip_blank(text, end + 1)


def _end(text: str, start: int) -> int:
    """Return where the statement ends that starts there, or -1: at the first `;`, a trigger at the first `; END ;`."""
    words: list[str] = []
    tail, trigger = "", False
    for match in _TOKEN.finditer(text, start):
        word = match["word"]
        if word is None:
            # Spaces and comments stand between `;` and END as if they were not there.
            tail = tail if match[0][0] in " \t\n\f\r\ufeff" or match[0].startswith(("--", "/*")) else ""
            continue
        if word == ";" and (not trigger or tail == ";END"):
            return match.start()
        if len(words) < _HEAD:
            words.append(word.upper())
            trigger = _TRIGGER.match(" ".join(words)) is not None
        tail = ";" if word == ";" else ";END" if tail == ";" and word.upper() == "END" else ""
    return -1


def _skip_blank(text: str, start: int) -> int:
    match = _BLANK.match(text, start)
    assert match is not None
    return match.end()


def fence(connection: sqlite3.Connection, *, within: bool = True) -> list[str]:
    """Refuse on a connection whatever reaches beyond the clone; return the list in which each attempt is noted.

    Within a transaction that is open, what has no effect there is refused as well.
    """
    attempts: list[str] = []

    def judge(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
        tried = _REFUSED.get(action)
        if action == sqlite3.SQLITE_PRAGMA:
            tried = _judge_pragma(str(first).lower(), second, within=within)
        if action == sqlite3.SQLITE_FUNCTION and str(second).lower() == "load_extension":
            tried = "load an extension"
        if tried is None:
            return sqlite3.SQLITE_OK
        attempts.append(tried)
        return sqlite3.SQLITE_DENY

    connection.set_authorizer(judge)
    return attempts


def _judge_pragma(name: str, value: str | None, *, within: bool) -> str | None:
    if name == "foreign_keys" and value is not None and within:
        return "set pragma foreign_keys inside the transaction, where it has no effect"
    return None if name in _SETTINGS or (name in _READ and value is None) else f"set or read pragma {name}"


def begin_and_run(connection: sqlite3.Connection, script: bytes, name: str, begin: str = "BEGIN IMMEDIATE") -> None:
    """Begin a transaction, run the statements of a script in it, and see that it stays open.

    `PRAGMA foreign_keys` does nothing in a transaction: where a script starts with it, it is set before.

    Raises:
        GovernError: a statement failed, reached beyond the clone, or left the transaction (status 3).
    """
    statements = cut(script, name)
    while statements and (match := _FOREIGN_KEYS.fullmatch(statements[0].text)) and (match[1] or match[2]).lower() in _SWITCH:
        connection.execute(f"PRAGMA foreign_keys = {_SWITCH[(match[1] or match[2]).lower()]}")
        del statements[0]
    connection.execute(begin)
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
            useless = "no effect" in attempts[0]
            help = (
                "put it at the start of the script, before any other statement" if useless else "a rehearsal touches its clone alone; remove it from the script"
            )
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
