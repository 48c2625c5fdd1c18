"""The roles of a clone: three of ours, and those that a dump names, none of which can log in or is a superuser.

A dump of one database names its owners and those who were granted something, and does not bring them along.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from govern.rehearsal.postgresql.lexer import Token, tokens
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.session import quoted

if TYPE_CHECKING:
    from psycopg import Connection

# Loads the dump and runs the scripts; a member of the roles that own something.
SESSION = "govern_session"
# What a state is read as, whoever changed the database: reads everything, whatever row security says, and writes nothing.
READER = "govern_reader"
# Runs a script that may only look.
LOOKER = "govern_looker"
OURS = frozenset({SUPERUSER, SESSION, READER, LOOKER})
_ROLE = (b"role", b"user")
_OWNS = ((b"owner", b"to"), (b"granted", b"by"))
_GRANTS_TO = (b"policy", b"default")
_OPENS: tuple[tuple[bytes, ...], ...] = ((b"alter",), (b"create", b"policy"), (b"create", b"schema"), (b"grant",), (b"revoke",), (b"set", b"session"))
_ENDS = (b"with", b"granted", b"cascade", b"restrict", b"using")
_NOBODY = (b"public", b"current_user", b"current_role", b"session_user", b"default")


class Named(NamedTuple):
    """A role that a statement names; `owns`: objects become its own, so whoever runs the statement has to be a member."""

    name: str
    owns: bool


def create_ours(server: Server, superuser: "Connection[Any]") -> None:
    """Make the roles of ours, two of which can log in."""
    superuser.execute(f"CREATE ROLE {READER} NOLOGIN BYPASSRLS; CREATE ROLE {SESSION} LOGIN; CREATE ROLE {LOOKER} LOGIN")
    renew_passwords(server, superuser)
    superuser.execute(f"GRANT pg_read_all_data TO {READER}, {LOOKER}")
    superuser.execute(f"GRANT {READER} TO {SESSION}")
    superuser.execute(f"ALTER ROLE {LOOKER} SET default_transaction_read_only = on")


def renew_passwords(server: Server, superuser: "Connection[Any]") -> None:
    """Give each role of ours that can log in a password that nobody had before."""
    fresh = {role: secrets.token_hex(16) for role in (SUPERUSER, SESSION, LOOKER)}
    superuser.execute("; ".join(f"ALTER ROLE {role} PASSWORD '{_verifier(password)}'" for role, password in fresh.items()))
    server.passwords.update(fresh)


def _verifier(password: str) -> str:
    """Return what the server keeps of a password (SCRAM-SHA-256, RFC 5803)."""
    # Many rounds make a guess dear. Nobody guesses 128 random bits, and a rehearsal connects dozens of times.
    salt, rounds = secrets.token_bytes(16), 1
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, rounds)
    client, own = (hmac.digest(salted, key, "sha256") for key in (b"Client Key", b"Server Key"))
    shown = [b64encode(each).decode("ascii") for each in (salt, hashlib.sha256(client).digest(), own)]
    return f"SCRAM-SHA-256${rounds}:{shown[0]}${shown[1]}:{shown[2]}"


def roles_in(statement: bytes, *, standard: bool = True) -> Iterator[Named]:
    """Yield the roles that a statement names where only a role can stand."""
    found = list(tokens(statement, standard=standard))
    bare = [each.bare for each in found]
    if not any(tuple(bare[: len(opening)]) == opening for opening in _OPENS):
        return
    about = bare[1] if len(bare) > 1 else b""
    for at, word in enumerate(bare):
        before = bare[at - 1] if at else b""
        to_owner = (before, word) in _OWNS or word == b"authorization" or (about == b"default" and before == b"for" and word in _ROLE)
        to_others = (word == b"to" and (bare[0] == b"grant" or about in _GRANTS_TO)) or (word == b"from" and bare[0] != b"set")
        if to_owner or to_others:
            yield from _list(found, at + 1, owns=to_owner)


def _list(found: list[Token], at: int, *, owns: bool) -> Iterator[Named]:
    """Yield the names of a list that begins at a position."""
    while at < len(found):
        token = found[at]
        if token.bare == b"group":
            at += 1
            continue
        if token.kind == "sign" or token.bare in _ENDS:
            return
        if token.bare not in _NOBODY:
            yield Named(token.text.decode("utf-8", "surrogateescape"), owns)
        if at + 1 >= len(found) or found[at + 1].bare != b",":
            return
        at += 2


class Roles:
    """The roles of a clone that is being loaded; made where a statement names them for the first time."""

    def __init__(self, superuser: "Connection[Any]", database: str) -> None:
        self._superuser, self._database = superuser, database
        self._known = {row[0] for row in superuser.execute("SELECT rolname FROM pg_catalog.pg_roles")}
        self.owners: list[str] = []

    def ensure(self, named: Named) -> None:
        """Make a role, if it is not there; the first one that owns something owns the database, too."""
        name = named.name.encode("utf-8", "surrogateescape")[:63].decode("utf-8", "ignore")
        if name not in self._known:
            self._superuser.execute(f"CREATE ROLE {quoted(name)} NOLOGIN")
            self._known.add(name)
        if named.owns and name not in self.owners and not name.startswith("pg_"):
            self._superuser.execute(f"GRANT {quoted(name)} TO {SESSION}")
            if not self.owners:
                self._superuser.execute(f"ALTER DATABASE {quoted(self._database)} OWNER TO {quoted(name)}")
            self.owners.append(name)

    def lend(self, kind: str, name: str, role: str) -> str:
        """Let a role create in a schema or database, and return what takes that back: who restores as superuser needs no such right."""
        self._superuser.execute(f"GRANT CREATE ON {kind} {quoted(name)} TO {quoted(role)}")
        return f"REVOKE CREATE ON {kind} {quoted(name)} FROM {quoted(role)}"

    def take_back(self, revoking: str) -> None:
        """Take back what was lent."""
        self._superuser.execute(revoking)
