"""A dump is loaded as somebody who is no superuser: what it asks for beyond its own objects, the server refuses."""

import re
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from govern.problems import GovernError
from govern.rehearsal.postgresql.lexer import tokens
from govern.rehearsal.postgresql.roles import OURS, Roles, roles_in
from govern.rehearsal.postgresql.scripts import DUMP, Script, Statement
from govern.rehearsal.postgresql.session import Refused, ask, quoted, run_statement

if TYPE_CHECKING:
    from psycopg import Connection

_DENIED = re.compile(r"permission denied for (schema|database) (.+)\Z", re.DOTALL)
_EXTENSION = re.compile(r'permission denied to create extension "(.+)"\Z')
_FILLS = re.compile(rb"COPY [^()]+ (?:\([^()]*\) )?FROM stdin")
_INSUFFICIENT_PRIVILEGE = "42501"
# Old versions of pg_dump comment on the language that every database has.
_ALWAYS_THERE = ("comment", "on", "extension", "plpgsql")


def load(stream: IO[bytes], connection: "Connection[Any]", roles: Roles) -> int:
    """Load a dump on a connection, making the roles that it names; return how many statements it has.

    Raises:
        GovernError: META_COMMAND, DUMP_TRUNCATED, or LOAD_REFUSED with the line and what the server said (status 3).
    """
    script, count = Script(stream, DUMP), 0
    for statement in script:
        count += 1
        if statement.words[:4] == _ALWAYS_THERE:
            continue
        owner = _prepare(statement, script, roles)
        try:
            if (table := _filled_by(statement)) is not None and not _in_transaction(connection):
                _fill(connection, statement, script, table)
            else:
                _run(connection, _as_member(statement), script, roles, owner)
        except Refused as refused:
            raise _error(script, refused) from refused
    if not count:
        raise script.fault("LOAD_REFUSED", "no statement is in it", 1, help="hand over a dump")
    return count


def _prepare(statement: Statement, script: Script, roles: Roles) -> str | None:
    """Make the roles that a statement names; return the one that it gives something to."""
    owner = None
    for named in roles_in(statement.text, standard=script.standard):
        if named.name in OURS:
            raise script.fault("LOAD_REFUSED", f"the role `{named.name}` is one of the rehearsal's own", statement.line, help="rename it before dumping")
        roles.ensure(named)
        owner = named.name if named.owns else owner
    return owner


def _as_member(statement: Statement) -> Statement:
    """Return a change of session (`pg_dump` writes it where somebody else granted) as a change of role, which a member may make."""
    match statement.words:
        case ("reset", "session", "authorization") | ("set", "session", "authorization", "default"):
            return replace(statement, text=b"RESET ROLE")
        case ("set", "session", "authorization", *_):
            return replace(statement, text=re.sub(rb"(?i)\Aset\s+session\s+authorization", b"SET ROLE", statement.text))
    return statement


def _filled_by(statement: Statement) -> str | None:
    """Return the table that a COPY of pg_dump fills, as it is written in SQL, or None for any other statement."""
    if not (statement.copies and _FILLS.fullmatch(statement.text)):
        return None
    named = [each for each in tokens(statement.text.partition(b"(")[0].removesuffix(b" FROM stdin")) if each.kind in {"word", "name"}][1:]
    return ".".join(quoted(each.text.decode("utf-8", "replace")) for each in named)


def _in_transaction(connection: "Connection[Any]") -> bool:
    """Whether the dump has begun a transaction itself."""
    from psycopg.pq import TransactionStatus

    return bool(connection.pgconn.transaction_status != TransactionStatus.IDLE)


def _fill(connection: "Connection[Any]", statement: Statement, script: Script, table: str) -> None:
    """Fill a table that is empty in the transaction that truncates it: nothing goes through the log, and rows are written frozen, once."""
    ask(connection, b"BEGIN")
    try:
        unfilled = not ask(connection, f"SELECT 1 FROM ONLY {table} LIMIT 1".encode())  # noqa: S608 - quoted
        ask(connection, f"TRUNCATE ONLY {table}".encode() if unfilled else b"SELECT")
    except Refused:
        # A partitioned table, or one that a foreign key names.
        unfilled = False
        ask(connection, b"ROLLBACK")
        ask(connection, b"BEGIN")
    run_statement(connection, replace(statement, text=statement.text + b" WITH (FREEZE)") if unfilled else statement, script)
    ask(connection, b"COMMIT")


def _run(connection: "Connection[Any]", statement: Statement, script: Script, roles: Roles, owner: str | None) -> None:
    """Run a statement; where the new owner of something lacks the right to have it there, lend that right meanwhile."""
    lent: list[str] = []
    try:
        while True:
            try:
                run_statement(connection, statement, script)
            except Refused as refused:
                denied = _DENIED.match(refused.said) if refused.code == _INSUFFICIENT_PRIVILEGE and owner and statement.words[0] == "alter" else None
                # Schema and database are all that there is to lend.
                if denied is None or owner is None or len(lent) == 2:
                    raise
                lent.append(roles.lend(denied[1].upper(), denied[2], owner))
            else:
                return
    finally:
        for revoking in lent:
            roles.take_back(revoking)


def _error(script: Script, refused: Refused) -> GovernError:
    if refused.code.startswith("P0"):
        return script.fault("LOAD_REFUSED", "code of the dump itself raised an exception", refused.line)
    help = ""
    if extension := _EXTENSION.match(refused.said):
        help = f"`{extension[1]}` is not an extension that the owner of a database may create; dump without it (pg_dump -n SCHEMA)"
    return script.fault("LOAD_REFUSED", f"the server refused it: {refused.said}", refused.line, help=help)
