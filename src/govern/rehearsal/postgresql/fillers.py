"""Large tables of a dump are filled side by side, where nothing of the dump could tell the difference.

A table that is filled beside another is plain, its rows stand in a file, and nothing but the filling of other plain tables is
done meanwhile: no order, no lock and no code of the dump is involved, so what comes out is what comes out of one at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from govern.rehearsal.postgresql.blocks import Block
from govern.rehearsal.postgresql.filling import Filled, fill
from govern.rehearsal.postgresql.plain import plain
from govern.rehearsal.postgresql.scripts import Script, Statement
from govern.rehearsal.postgresql.session import Refused, ask

if TYPE_CHECKING:
    from psycopg import Connection

# Rows of fewer bytes are filled sooner than handed over.
LARGE = 8 << 20
_AT_ONCE = 2
_SETTINGS = b"SELECT name, setting FROM pg_catalog.pg_settings UNION ALL SELECT 'role', pg_catalog.current_setting('role')"


class Fillers:
    """Sessions that fill large tables beside the one that runs the statements of a dump; made by `fillers_for`."""

    def __init__(self, superuser: "Connection[Any]", sessions: "Sequence[Connection[Any]]", workers: ThreadPoolExecutor, large: int) -> None:
        self._superuser, self._sessions, self._workers, self._large = superuser, sessions, workers, large
        self._idle: SimpleQueue[Connection[Any]] = SimpleQueue()
        for each in sessions:
            self._idle.put(each)
        # By the number of the table, in the order of the dump.
        self._running: dict[int, Future[None]] = {}
        self._alike = False
        self._stopped = Event()

    def fill(self, connection: "Connection[Any]", statement: Statement, filled: Filled, script: Script) -> None:
        """Fill a table on the connection, or begin to fill it beside.

        Raises:
            Refused: the server refused it, or what was begun before.
            GovernError: the rows have no end.
        """
        block = script.aside()
        large = block.whole and block.size >= self._large
        number = plain(self._superuser, filled) if large or self._running else None
        if number is None or number in self._running or not block.whole:
            self.finish()
        if large and number is not None and self._make_alike(connection):
            self._begin(number, statement, filled, block)
        else:
            fill(connection, statement, filled.table, block.pieces())

    def finish(self) -> None:
        """Wait until every table that was begun is filled.

        Raises:
            Refused: the server refused one, the first of them in the order of the dump.
        """
        try:
            for each in self._running.values():
                each.result()
        except BaseException:
            self.stop()
            raise
        self._running.clear()
        self._alike = False

    def stop(self) -> None:
        """Let what is being filled end where it is."""
        self._stopped.set()

    def _begin(self, number: int, statement: Statement, filled: Filled, block: Block) -> None:
        while len(self._running) == len(self._sessions):
            done = wait(self._running.values(), return_when=FIRST_COMPLETED).done
            if any(each.exception() for each in done):
                self.finish()
            self._running = {table: each for table, each in self._running.items() if each not in done}
        self._running[number] = self._workers.submit(self._fill_beside, statement, filled.table, block)

    def _fill_beside(self, statement: Statement, table: str, block: Block) -> None:
        session = self._idle.get()
        try:
            fill(session, statement, table, self._until_stopped(block))
        finally:
            self._idle.put(session)

    def _until_stopped(self, block: Block) -> Iterator[bytes]:
        for piece in block.pieces():
            if self._stopped.is_set():
                raise Refused("", "another statement was refused", 0)
            yield piece

    def _make_alike(self, connection: "Connection[Any]") -> bool:
        """Give the sessions every setting that the dump has made so far, and its role; return whether they have them."""
        if not self._alike:
            wanted = _settings(connection)
            # Other characters would have to be sent in the encoding of the dump.
            self._alike = str(wanted).isascii() and all(_adopt(each, wanted) for each in self._sessions)
        return self._alike


def _settings(session: "Connection[Any]") -> dict[str, str]:
    # Those with a dot are of extensions and languages, which nothing asks for a plain table.
    return {str(name): str(value) for name, value in ask(session, _SETTINGS) if "." not in str(name)}


def _adopt(session: "Connection[Any]", wanted: Mapping[str, str]) -> bool:
    own = _settings(session)
    try:
        for name, value in wanted.items():
            if own.get(name) != value:
                ask(session, b"SELECT pg_catalog.set_config($1, $2, false)", name, value)
    except Refused:
        return False
    return _settings(session) == wanted


@contextmanager
def fillers_for(superuser: "Connection[Any]", connect: "Callable[[], Connection[Any]]", large: int = LARGE) -> Iterator[Fillers]:
    """Give fillers of tables whose rows have so many bytes; the sessions are such as the dump is loaded in, and begin before it does."""
    with ExitStack() as stack:
        sessions = [stack.enter_context(closing(connect())) for _each in range(_AT_ONCE)]
        workers = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        made = Fillers(superuser, sessions, workers, large)
        stack.callback(made.stop)
        yield made
