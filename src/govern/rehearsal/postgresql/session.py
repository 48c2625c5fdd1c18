"""One statement after the other on a connection, through libpq as it is: bytes go in, and what the server refuses comes out cleaned.

Each statement is sent by the extended protocol, which takes one at a time: two in one are refused by the server.
"""

import re
from collections.abc import Iterable, Mapping
from select import POLLIN, POLLOUT, poll
from typing import TYPE_CHECKING, Any

from govern.rehearsal.postgresql.scripts import Script, Statement

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGconn, PGresult

# What every session begins with, so that what it reads and writes is spelled the same everywhere.
PINNED: Mapping[str, str] = {
    "bytea_output": "hex",
    "datestyle": "ISO,MDY",
    "extra_float_digits": "1",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "xmloption": "content",
}
# In these, the second byte of a character may look like a backslash or a quote: where a string ends could not be told.
_AMBIGUOUS = frozenset({b"BIG5", b"GB18030", b"GBK", b"JOHAB", b"SHIFT_JIS_2004", b"SJIS", b"UHC"})
_COPY_LINE = re.compile(r"COPY [^,]+, line (\d+)(?:, column ([A-Za-z0-9_]+))?")
_QUOTED = re.compile(r'".*"', re.DOTALL)


class Refused(Exception):  # noqa: N818 - a refusal of the server, which the caller turns into an error
    """A statement that the server refused: its code (SQLSTATE), what it said, and the line."""

    def __init__(self, code: str, said: str, line: int) -> None:
        super().__init__(said)
        self.code, self.said, self.line = code, said, line


def run_statement(connection: "Connection[Any]", statement: Statement, script: Script) -> str:
    """Run a statement of a script with the data that belongs to it; return its command tag.

    Raises:
        Refused: the server refused it, or is gone (with an empty code).
        GovernError: the data does not end, or the encoding is one that is not read (status 3).
    """
    tag = send(connection, statement, script.data())
    follow(connection, statement, script)
    return tag


def follow(connection: "Connection[Any]", statement: Statement, script: Script) -> None:
    """Read the script on as the settings of the session say, which any statement may have changed.

    Raises:
        Refused: the encoding is one that is not read.
    """
    server = connection.pgconn
    script.standard = server.parameter_status(b"standard_conforming_strings") == b"on"
    if (encoding := server.parameter_status(b"client_encoding")) in _AMBIGUOUS:
        raise Refused("", f"the encoding {encoding.decode()} is not read: hand it over in UTF-8", statement.line)


def send(connection: "Connection[Any]", statement: Statement, rows: Iterable[bytes]) -> str:
    """Run a statement, with rows if it copies; return its command tag.

    Raises:
        Refused: the server refused it, or is gone (with an empty code).
        Exception: as the rows do.
    """
    from psycopg.pq import ExecStatus

    server = connection.pgconn
    server.nonblocking = 0
    server.send_query_params(statement.text, None)
    server.set_single_row_mode()
    tag, failed, copied = "", None, False
    while (result := server.get_result()) is not None:
        match result.status:
            case ExecStatus.COPY_IN:
                copied = True
                _copy_in(server, statement, rows)
            case ExecStatus.COPY_OUT:
                while server.get_copy_data(0)[0] >= 0:
                    pass
            case ExecStatus.FATAL_ERROR | ExecStatus.BAD_RESPONSE | ExecStatus.PIPELINE_ABORTED:
                failed = failed or _refusal(result, statement)
            case _:
                tag = (result.command_status or b"").decode("ascii", "replace")
    if failed:
        raise failed
    if not tag:
        raise Refused("", "the server ended the connection", statement.line)
    if statement.copies and not copied:
        raise Refused("", "rows follow a statement that does not read them", statement.line)
    return tag


def ask(connection: "Connection[Any]", query: bytes, *parameters: str) -> list[tuple[str | None, ...]]:
    """Return the rows that a query of ours gives, as text; nothing of the session, such as a cast, has a say.

    Raises:
        Refused: the server refused it.
    """
    from psycopg.pq import ExecStatus

    result = connection.pgconn.exec_params(query, [each.encode() for each in parameters])
    if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        raise _refusal(result, Statement(query, 0, copies=False, words=()))
    return [tuple(_text(result.get_value(row, column)) for column in range(result.nfields)) for row in range(result.ntuples)]


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _copy_in(server: "PGconn", statement: Statement, rows: Iterable[bytes]) -> None:
    if not statement.copies:
        server.put_copy_end(b"no rows follow in the script")
        return
    server.nonblocking = 1
    try:
        for piece in rows:
            server.put_copy_data(piece)
            _flush(server)
    except Exception:
        server.put_copy_end(b"the rows have no end")
        while server.get_result() is not None:
            pass
        raise
    server.put_copy_end()


def _flush(server: "PGconn") -> None:
    """Wait until the server has taken what was put. Only here other threads go on: the client library waits for a server with all of them stopped."""
    waiting = poll()
    waiting.register(server.socket, POLLIN | POLLOUT)
    while server.flush():
        # What the server has to say may keep it from reading on; `flush` takes it.
        waiting.poll()


def _refusal(result: "PGresult", statement: Statement) -> Refused:
    """Return what the server said, without values: those stand in DETAIL and CONTEXT, and in quotes where data is at fault."""
    from psycopg.pq import DiagnosticField as Field

    def told(field: Field) -> str:
        return (result.error_field(field) or b"").decode("utf-8", "replace")

    code, said = told(Field.SQLSTATE), told(Field.MESSAGE_PRIMARY) or result.error_message.decode("utf-8", "replace").strip()
    if code.startswith("22"):
        said = _QUOTED.sub('"…"', said)
    position, line = told(Field.STATEMENT_POSITION), statement.line
    if position.isdecimal():
        line += statement.text.decode("utf-8", "replace").count("\n", 0, int(position) - 1)
    if statement.copies and (at := _COPY_LINE.search(told(Field.CONTEXT))):
        line += statement.text.count(b"\n") + int(at[1])
        said += f" (column {at[2]})" if at[2] else ""
    return Refused(code, "".join(each if each.isprintable() else " " for each in said)[:300], line)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
