"""A connection to a PostgreSQL server that is opened when it is needed, and anew where it was lost.

What is asked of it may be asked twice: whoever asks sees to it that this does no harm.
"""

import os
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from govern.ledger.keeping import pause_before
from govern.problems import Exit, GovernError, Problem, fault

if TYPE_CHECKING:
    from psycopg import Connection, Error

T = TypeVar("T")
# How long a server that is gone is waited for, in seconds: one that was stopped at once comes back in less.
PATIENCE = 30.0
# How long a server may say nothing to a statement, in seconds: longer than it takes to wait for those who append before.
SILENCE = 30.0


class GoneError(GovernError):
    """The server cannot be asked any more, or not again (status 3): what was asked of it may have been done."""

    def __init__(self, found: GovernError) -> None:
        super().__init__(found.status, found.problems)


class StandbyError(GovernError):
    """The server is a standby (status 3)."""

    def __init__(self) -> None:
        message = "the server is a standby: what it has may be behind what is on record"
        help = "name the primary, or all servers with target_session_attrs=primary"
        super().__init__(Exit.UNJUDGED, [Problem("LEDGER_REPLICA", message, help=help)])


class Server:
    """The server of an address, over one connection. Any number of threads may ask, one after the other."""

    def __init__(self, address: str, patience: float = PATIENCE, silence: float = SILENCE) -> None:
        self.address, self._patience, self._silence = address, patience, silence
        self._connection: Connection[tuple[Any, ...]] | None = None
        self._process = os.getpid()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def ask(self, work: Callable[["Connection[tuple[Any, ...]]"], T]) -> T:
        """Do work on the connection; on a new one, again, where it was lost meanwhile or the engine asks for that.

        Raises:
            GoneError: the connection was lost, or could not be had, for as long as is waited; or the work was refused when it
                was done again.
            GovernError: psycopg is not installed, the server is a standby, or it refused (status 3).
        """
        if find_spec("psycopg") is None:
            raise fault(Exit.UNJUDGED, "NEEDS_EXTRA", "a ledger in PostgreSQL needs the client library psycopg", help="`pip install govern[postgres]`")
        import psycopg

        deadline = time.monotonic() + self._patience
        with self._lock:
            for tries in count():
                # A server that was never there is not waited for; one that went away is.
                lost = tries or self._connection is not None
                try:
                    connection = self._connected()
                    lost = True
                    return work(connection)
                except StandbyError as error:
                    raise (GoneError(error) if tries else error) from None
                except psycopg.Error as error:
                    self.close()
                    if not _may_pass(error):
                        refused = _io(error, _help(error))
                        raise (GoneError(refused) if tries else refused) from error
                    pause = pause_before(tries)
                    if not lost or time.monotonic() + pause > deadline:
                        raise GoneError(_io(error, "nothing was recorded; the server must be there, and let this user in")) from error
                time.sleep(pause)
        raise AssertionError("count has no end")

    def _connected(self) -> "Connection[tuple[Any, ...]]":
        from govern.ledger.listening import Listening

        if self._process != os.getpid():
            # What a parent has opened is the parent's: two who ask over it would get each other's answers.
            self._connection, self._process = None, os.getpid()
        if self._connection is None or self._connection.closed:
            self._connection = None
            connection = Listening.connect(self.address, **_settings(self.address))
            connection.silence = self._silence
            if connection.info.parameter_status("in_hot_standby") == "on":
                connection.close()
                raise StandbyError
            self._connection = connection
        return self._connection


def _io(error: Exception, help: str) -> GovernError:
    return fault(Exit.UNJUDGED, "LEDGER_IO", _first_line(str(error)), help=help)


def _may_pass(error: "Error") -> bool:
    """Whether another try may do better: the connection was lost (SQLSTATE 08, 57P, or none), or a transaction met another (40)."""
    from psycopg import InterfaceError, OperationalError

    if error.sqlstate is None:
        # Whatever else has none was never sent: an address that is none, a text that no database takes.
        return isinstance(error, (OperationalError, InterfaceError))
    return error.sqlstate.startswith(("08", "40", "57P"))


def _help(error: "Error") -> str:
    if error.sqlstate is None:
        return "the address is in GOVERN_LEDGER or in ~/.config/govern/config.yaml, and the ledger's name is the programme's id"
    if error.sqlstate.startswith(("3F", "42")):
        return "`govern ledger provision` prints the tables and roles that it needs"
    return f"nothing was recorded; PostgreSQL's manual says what SQLSTATE {error.sqlstate} is"


def _settings(address: str) -> dict[str, Any]:
    """Return how a connection is opened: as the address says, and a server that does not answer is given up."""
    from psycopg.conninfo import conninfo_to_dict

    usual = {"connect_timeout": 10, "keepalives_idle": 10, "tcp_user_timeout": 30_000, "fallback_application_name": "govern"}
    named = {*conninfo_to_dict(address), *(("connect_timeout",) if "PGCONNECT_TIMEOUT" in os.environ else ())}
    fixed = {"autocommit": True, "prepare_threshold": None, "client_encoding": "UTF8"}
    return {name: value for name, value in usual.items() if name not in named} | fixed


def _first_line(message: str) -> str:
    """Return the first line of what the server or its client said."""
    return " ".join((message.strip().splitlines() or ["the connection was lost"])[0].split())
