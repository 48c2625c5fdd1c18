"""A dump is loaded as somebody who is no superuser: what it asks for beyond its own objects, the server refuses."""

import re
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from govern.problems import GovernError
from govern.rehearsal.postgresql.fillers import Fillers
from govern.rehearsal.postgresql.filling import fill, filled_by
from govern.rehearsal.postgresql.roles import OURS, Roles, roles_in
from govern.rehearsal.postgresql.scripts import DUMP, Script, Statement
from govern.rehearsal.postgresql.session import Refused, follow, run_statement

if TYPE_CHECKING:
    from psycopg import Connection

_DENIED = re.compile(r"permission denied for (schema|database) (.+)\Z", re.DOTALL)
_EXTENSION = re.compile(r'permission denied to create extension "(.+)"\Z')
_INSUFFICIENT_PRIVILEGE = "42501"
# Old versions of pg_dump comment on the language that every database has.
_ALWAYS_THERE = ("comment", "on", "extension", "plpgsql")


def load(stream: IO[bytes], connection: "Connection[Any]", roles: Roles, fillers: Fillers | None = None) -> int:
    """Load a dump on a connection, making the roles that it names; return how many statements it has.

    Where the dump is a file, `fillers` may fill its large tables.

    Raises:
        GovernError: META_COMMAND, DUMP_TRUNCATED, or LOAD_REFUSED with the line and what the server said (status 3).
    """
    script = Script(stream, DUMP)
    try:
        count = _load(script, connection, roles, fillers)
    except Refused as refused:
        raise _error(script, refused) from refused
    if not count:
        raise script.fault("LOAD_REFUSED", "no statement is in it", 1, help="hand over a dump")
    return count


def _load(script: Script, connection: "Connection[Any]", roles: Roles, fillers: Fillers | None) -> int:
    count = 0
    try:
        for statement in script:
            count += 1
            if statement.words[:4] != _ALWAYS_THERE:
                _load_statement(statement, script, connection, roles, fillers)
    except (GovernError, Refused):
        # What is wrong earlier in the dump is told, even if it came out later.
        _finish(fillers)
        raise
    _finish(fillers)
    return count


def _load_statement(statement: Statement, script: Script, connection: "Connection[Any]", roles: Roles, fillers: Fillers | None) -> None:
    filled = None if _in_transaction(connection) else filled_by(statement)
    if filled is None:
        _finish(fillers)
    owner = _prepare(statement, script, roles)
    if filled is None:
        _run(connection, _as_member(statement), script, roles, owner)
        return
    if fillers is None:
        fill(connection, statement, filled.table, script.data())
    else:
        fillers.fill(connection, statement, filled, script)
    follow(connection, statement, script)


def _finish(fillers: Fillers | None) -> None:
    if fillers is not None:
        fillers.finish()


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


def _in_transaction(connection: "Connection[Any]") -> bool:
    """Whether the dump has begun a transaction itself."""
    from psycopg.pq import TransactionStatus

    return bool(connection.pgconn.transaction_status != TransactionStatus.IDLE)


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
