"""A ledger in PostgreSQL: the same lines as in files, appended by compare-and-swap on the row that is its head.

There is no lock that is held while something is judged: whoever moves the head from where it was judged has appended,
and whoever comes second is told to judge again. All of an append is one transaction, at READ COMMITTED. The statements
are those of `sql`, and no other.

A connection that is lost leaves it open whether an append was kept. It is settled by making it again on a new one: the
head's row lock has it wait for whatever became of the first, and then either the head moves, or the statements are
looked up. Only where no new connection can be had is it not known.

Lines that were read once are not asked for again by the same object; another process, such as `govern verify`, is what
finds that they were rewritten.

Not covered: a server whose `fsync` is off, or whose disk forgets; engines that answer reads from behind without saying so.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from govern.ledger import sql
from govern.ledger.keeping import AppendUnknownError, Contents, HeadMovedError, statement_of
from govern.ledger.server import GoneError, Server
from govern.problems import Exit, GovernError, fault

if TYPE_CHECKING:
    from psycopg import Connection

# So many records are fetched at once: the client library holds a whole answer beside what is made of it.
_FETCHED = 10_000


class Head(NamedTuple):
    """How many records a ledger has, and the digest of the last line."""

    size: int
    last: str


_NONE = Head(0, "")


class PostgresStore:
    """One ledger, by its name, in the database of a server. Any number of threads may ask for `mark`; all else is of one at a time."""

    # What it means that there are fewer records than there were.
    SHORTER = "a backup was restored there, or records were cut: nothing is allowed until the rest is back"

    def __init__(self, server: Server, ledger: str) -> None:
        self._server, self._ledger = server, ledger
        self._lines: list[bytes] = []
        self._held = False
        self._where = f"ledger {ledger}"

    @property
    def named(self) -> tuple[str, str]:
        """The address of the database, and the ledger's name there."""
        return self._server.address, self._ledger

    def exists(self) -> bool:
        """Whether the ledger has its first record.

        Raises:
            GovernError: the server cannot be asked (status 3).
        """
        return self.head() != _NONE

    def head(self) -> Head:
        """Return the head; of size 0 where nothing was appended yet.

        Raises:
            GovernError: the server cannot be asked (status 3).
        """
        return self._server.ask(self._head)

    def mark(self) -> Head:
        """Return what is another value as soon as anything is appended."""
        return self.head()

    def read(self) -> Contents:
        """Return all lines up to the head; those that this object has read before are not fetched again.

        Raises:
            GovernError: the server cannot be asked (status 3); or a record is missing, or the last is not that which the
                head says (status 5).
        """
        head = self.head()
        if head == _NONE:
            self._lines = []
            return Contents([])
        for known in (self._lines[: head.size], []):
            lines = known + self._fetched(len(known), head.size)
            if sha256(lines[-1]).hexdigest() == head.last:
                self._lines = lines
                return Contents(list(lines))
        raise self._mismatch(f"record {head.size - 1}, the last, is not the one that its head was moved to")

    @contextmanager
    def exclusive(self) -> Iterator[Self]:
        """Let what is read here be what `append` goes behind: it is refused with `HeadMovedError` where another came first."""
        self._held = True
        try:
            yield self
        finally:
            self._held = False

    def append(self, size: int, lines: list[bytes]) -> None:
        """Add lines, each with its LF, behind `size` others; return when the server has them on its disk. Call it under `exclusive`.

        Raises:
            HeadMovedError: another append came first; nothing was added.
            AppendUnknownError: the server went away meanwhile, and did not come back or came back otherwise (status 3).
            GovernError: the server refused (status 3), or a record stands where none can be (status 5).
        """
        self._check_held()
        if not lines:
            return
        texts = [line.removesuffix(b"\n") for line in lines]
        last = sha256(self._lines[size - 1]).hexdigest() if size and len(self._lines) == size else self._last_of(size)
        before, after = Head(size, last), Head(size + len(texts), sha256(texts[-1]).hexdigest())
        tried = 0

        def add(connection: "Connection[tuple[Any, ...]]") -> None:
            nonlocal tried
            tried += 1
            if not self._add(connection, before, after, texts) and not (tried > 1 and self._is_there(connection, texts)):
                raise HeadMovedError(self._where, size)

        try:
            self._server.ask(add)
        except GoneError as error:
            if not tried:
                raise
            raise AppendUnknownError(self._where, error.problems[0].message, lines) from error
        if len(self._lines) == size:
            self._lines += texts

    def settle(self) -> None:
        """Do nothing: what can be read was committed, and `append` commits nothing that is not on the disk."""
        self._check_held()

    def repair(self, aside: str) -> bytes:
        """Do nothing: a transaction leaves no torn tail."""
        del aside
        self._check_held()
        return b""

    def keep(self, texts: Mapping[str, bytes]) -> None:
        """Keep the texts of policies and templates, by digest, for whoever has no working tree that holds them.

        Raises:
            GovernError: the server cannot be asked, or refuses (status 3).
        """
        rows = [(self._ledger, name, content) for name, content in texts.items()]

        def keep_all(connection: "Connection[tuple[Any, ...]]") -> None:
            with connection.cursor() as cursor:
                cursor.executemany(sql.KEPT, rows)

        self._server.ask(keep_all)

    def text(self, digest: str) -> bytes | None:
        """Return what was kept by a digest, not yet held to it; None where nothing was.

        Raises:
            GovernError: the server cannot be asked (status 3).
        """
        found = self._server.ask(lambda connection: connection.execute(sql.TEXT, (self._ledger, digest), binary=True).fetchone())
        return bytes(found[0]) if found else None

    def _last_of(self, size: int) -> str:
        """Return the digest of the last of `size` lines, where that is the head."""
        head = self.head()
        if head.size != size:
            raise HeadMovedError(self._where, size)
        return head.last

    def _add(self, connection: "Connection[tuple[Any, ...]]", before: Head, after: Head, texts: Sequence[bytes]) -> bool:
        """Append in one transaction; whether the head was still where it was judged."""
        from psycopg.errors import UniqueViolation

        rows = [(self._ledger, seq, statement_of(text), text) for seq, text in enumerate(texts, before.size)]
        moved = True
        try:
            connection.execute(sql.BEGIN)
            if before.size:
                moved = connection.execute(sql.MOVED, (*after, self._ledger, *before)).rowcount == 1
            else:
                connection.execute(sql.BEGUN, (self._ledger, *after))
            if moved and len(rows) == 1:
                # What most appends are, without what it costs to send many.
                connection.execute(sql.ADDED, rows[0])
            elif moved:
                with connection.cursor() as cursor:
                    cursor.executemany(sql.ADDED, rows)
            connection.execute(sql.COMMIT if moved else sql.ROLLBACK)
        except UniqueViolation as error:
            connection.execute(sql.ROLLBACK)
            if self._head(connection) == before:
                raise self._stray(before.size) from error
            return False
        return moved

    def _head(self, connection: "Connection[tuple[Any, ...]]") -> Head:
        found = connection.execute(sql.HEAD, (self._ledger,)).fetchone()
        return Head(*found) if found else _NONE

    def _is_there(self, connection: "Connection[tuple[Any, ...]]", texts: Sequence[bytes]) -> bool:
        """Whether these very lines are on record: two who record the same on the same head make one statement, and two lines."""
        wanted = [statement_of(text) for text in texts]
        return {bytes(line) for (line,) in connection.execute(sql.FIND, (self._ledger, wanted), binary=True)} == {*texts}

    def _fetched(self, start: int, end: int) -> list[bytes]:
        lines: list[bytes] = []
        for first in range(start, end, _FETCHED):
            rows = self._server.ask(partial(self._rows, first, min(first + _FETCHED, end)))
            gap = next((wanted for wanted, row in enumerate(rows, first) if row[0] != wanted), first + len(rows))
            if gap < min(first + _FETCHED, end):
                raise self._mismatch(f"its head says {end} records, and record {gap} is not there")
            lines += [line for _, line in rows]
        return lines

    def _rows(self, first: int, end: int, connection: "Connection[tuple[Any, ...]]") -> list[tuple[int, bytes]]:
        return [(seq, bytes(line)) for seq, line in connection.execute(sql.LINES, (self._ledger, first, end), binary=True)]

    def _mismatch(self, message: str) -> GovernError:
        return self._fault(Exit.BROKEN, "HEAD_MISMATCH", message, "somebody wrote to the tables: find out who; a backup, or an export, has the rest")

    def _stray(self, size: int) -> GovernError:
        message = f"a record stands behind its head of {size}, or has a statement that is on record: no append would have written it"
        return self._fault(Exit.BROKEN, "LAYOUT_STRAY", message, "the owner of the tables must take it out of govern.record")

    def _fault(self, status: Exit, code: str, message: str, help: str) -> GovernError:
        return fault(status, code, f"{self._where}: {message}", help=help)

    def _check_held(self) -> None:
        if not self._held:
            raise RuntimeError("the ledger is written to under `exclusive` only")


def heads(server: Server) -> dict[str, Head]:
    """Return the heads of all ledgers of a database, by name.

    Raises:
        GovernError: the server cannot be asked (status 3).
    """
    return {ledger: Head(size, last) for ledger, size, last in server.ask(lambda connection: connection.execute(sql.HEADS).fetchall())}
