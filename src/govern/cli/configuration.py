"""Where the ledger of a programme is kept, as the user says: `ledger` in `$XDG_CONFIG_HOME/govern/config.yaml`, or `GOVERN_LEDGER`.

Never read from the repository: who can write there cannot send anybody to another ledger. It holds no secret either;
passwords are where PostgreSQL's own clients look for them.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from govern.ledger.keeping import SharedStore
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError, Place, Problem, fault

if TYPE_CHECKING:
    from govern.ledger.postgresql import PostgresStore
    from govern.ledger.server import Server

VARIABLE = "GOVERN_LEDGER"
FILES = "files"
_SCHEMES = ("postgresql", "postgres")
_SECRETS = frozenset(["password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"])
_stores: "dict[tuple[str, str], PostgresStore]" = {}
_servers: "dict[str, Server]" = {}
_WANTED = f"`{FILES}`, or postgresql://SERVER/DATABASE"


def open_store(folder: Path, policy: Callable[[], bytes]) -> SharedStore:
    """Return the store of the programme with this working policy, read where it is needed; `folder` is where its files are, if it has files.

    Raises:
        GovernError: the configuration is faulty, or there is a ledger in both places (status 3).
    """
    address = ledger_address(policy)
    files = FileStore(folder)
    if address == FILES:
        return files
    ledger = programme_of(policy())
    if files.exists():
        message = f"{folder} holds a ledger, and {said_in()} names one in a database: it is not clear which counts"
        raise fault(Exit.UNJUDGED, "LEDGER_TWICE", message, help=_which_counts(ledger))
    return database(address, ledger)


def database(address: str, ledger: str) -> "PostgresStore":
    """Return a ledger of a database. All of one address share a connection, and each keeps what it has read."""
    from govern.ledger.postgresql import PostgresStore

    return _stores.setdefault((address, ledger), PostgresStore(server_of(address), ledger))


def server_of(address: str) -> "Server":
    """Return the server of an address: one object, and so one connection, for all that ask."""
    from govern.ledger.server import Server

    return _servers.setdefault(address, Server(address))


def ledger_address(policy: Callable[[], bytes] | None = None) -> str:
    """Return where ledgers are kept: the word `files`, or an address; that of one programme, where its policy is given.

    Raises:
        GovernError: the configuration is faulty (status 3).
    """
    if named := os.environ.get(VARIABLE):
        return _checked(named, None)
    path = configured_at()
    if path is None or not os.path.lexists(path):
        return FILES
    from govern.cli.configuration_file import read_configuration

    found = read_configuration(path)
    named = programme_of(policy()) if policy is not None and found.programmes else ""
    address = found.programmes[named].ledger if named in found.programmes else found.ledger
    return _checked(address, getattr(address, "at", Place(str(path), 1, 1)))


def programme_of(policy: bytes) -> str:
    """Return the id that a policy gives its programme: the name of its ledger in a database.

    Raises:
        GovernError: it has none (status 3).
    """
    from govern.policy.tree import parse_tree

    tree, problems = parse_tree(policy, "states.yaml")
    programme = tree.get("programme") if tree is not None else None
    named = programme.get("id") if isinstance(programme, dict) else None
    if not isinstance(named, str) or not named:
        raise GovernError(Exit.UNJUDGED, problems or [Problem("NO_POLICY", "the policy names no programme, so its ledger cannot be found")])
    return str(named)


def said_in() -> str:
    """Return what says where ledgers are kept: the variable where it is set, else the user's file, where that is or would be."""
    path = configured_at()
    return VARIABLE if os.environ.get(VARIABLE) or path is None else str(path)


def sayable_in() -> str:
    """Return where the user can say where ledgers are kept: the file or the variable; while that is set, the file says nothing."""
    said = said_in()
    return said if said == VARIABLE else f"{said}, or {VARIABLE}"


def configured_at() -> Path | None:
    """Return where the user's configuration is, or would be; nowhere without a home. The XDG specification has a relative path ignored."""
    base = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not base.is_absolute():
        base = Path(os.environ.get("HOME", "")) / ".config"
    return base / "govern" / "config.yaml" if base.is_absolute() else None


def _which_counts(ledger: str) -> str:
    """Return how to choose between the files and the database; beside the variable, the file says nothing."""
    path = configured_at()
    choice = f"say `programmes: {{{ledger}: {{ledger: {FILES}}}}}` in {path}"
    if said_in() == VARIABLE:
        choice = f"set {VARIABLE}={FILES}" + (f", or unset it and {choice}" if path is not None else "")
    return f"if the database counts, `govern ledger import` copies the files into it, and then they must go; if the files count, {choice}"


def _checked(address: object, place: Place | None) -> str:
    """Return an address that is one, and holds no secret: it is printed, and may be shared. Without a place it is that of the variable."""
    if address == FILES:
        return FILES
    what = "the ledger's address" if place else f"the ledger's address in {VARIABLE}"
    try:
        # To the client library a `#` is a sign like any other: what is behind it is no fragment.
        parts = urlsplit(address.replace("#", "%23")) if isinstance(address, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in _SCHEMES:
        raise fault(Exit.UNJUDGED, "CONFIGURATION", f"{what} is none", place=place, help=f"wanted: {_WANTED}")
    if parts.password is not None or any(key in _SECRETS for key, _ in parse_qsl(parts.query)):
        help = "put it into ~/.pgpass, a service file, or PGPASSWORD"
        raise fault(Exit.UNJUDGED, "CONFIGURATION", f"{what} holds a password", place=place, help=help)
    return str(address)
