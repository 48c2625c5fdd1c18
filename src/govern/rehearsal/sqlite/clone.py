"""A clone of a SQLite database: one file in the work folder."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from govern.canonical import Json
from govern.problems import Exit, GovernError, fault
from govern.rehearsal.sqlite.comparing import compare
from govern.rehearsal.sqlite.definitions import quoted
from govern.rehearsal.sqlite.pages import Layout, compared, journaled, read_layout
from govern.rehearsal.sqlite.reading import Table, read_state, read_tables
from govern.rehearsal.sqlite.scripts import begin_and_run, fence
from govern.rehearsal.states import Difference, Engine, State, Tried

_SETTINGS = ("encoding", "foreign_keys", "journal_mode", "page_size", "recursive_triggers")


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot: its file, the digest of that, its state, and where its tables are, if that is known."""

    file: Path
    stored: str
    state: State
    layout: Layout | None


class SqliteClone:
    """A clone that is one file; the port is `govern.rehearsal.clone.Clone`. A second one is given what the first has kept."""

    def __init__(self, file: Path, kept: Kept | None = None) -> None:
        self._file = file
        self._kept = kept
        self._is_second = kept is not None
        # The states of all files that were read, by digest; the digest of the file, until something may have written to it.
        self._known: dict[str, State] = {kept.stored: kept.state} if kept else {}
        self._stored: str | None = None

    @property
    def engine(self) -> Engine:
        """SQLite, as it says of itself."""
        with _connected(self._file) as connection:
            settings = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in _SETTINGS}
        program = import_module("_sqlite3").__file__
        sha256 = _digest_file(Path(program)) if program else ""
        return Engine("sqlite", sqlite3.sqlite_version, sha256, settings)

    @property
    def connections(self) -> tuple[str, ...]:
        """The one file."""
        return (f"sqlite:{self._file}",)

    def state(self) -> State:
        """Return the state as committed. Files of equal bytes hold an equal state, so it is read once."""
        if self._stored is None:
            self._stored = _digest_file(self._file)
        if self._stored not in self._known:
            with _connected(self._file) as connection:
                written = compared(self._kept.file, self._file, self._kept.layout) if self._kept and self._kept.layout else None
                self._known[self._stored] = self._read(connection, written, self._stored)
        return self._known[self._stored]

    def read_beside(self) -> Json:
        """Return the state: it is read from the pages of the file."""
        return self.state().to_json()

    def know_loaded(self, read: Any, rows: Mapping[str, Any]) -> None:
        """Take the state that was read for that of the file."""
        del rows
        state = State.from_json(read)
        if state.stored is not None:
            self._stored = state.stored
            self._known[state.stored] = state

    def try_out(self, script: bytes) -> Tried:
        """Run a script in a transaction, and roll it back."""
        as_kept = self._is_as_kept
        self._stored = None
        with _connected(self._file) as connection:
            begin_and_run(connection, script, "apply")
            written = journaled(self._file, self._kept.layout) if as_kept and self._kept and self._kept.layout else None
            applied = self._read(connection, written)
            connection.execute("ROLLBACK")
        return Tried(applied, self.state())

    def snapshot(self) -> None:
        """Keep the file as it is now."""
        state, file = self.state(), self._file.with_name("snapshot.db")
        shutil.copyfile(self._file, file)
        stored = _digest_file(file)
        if stored != state.stored:
            raise _differs("was kept")
        with _connected(file, "?mode=ro") as connection:
            self._kept = Kept(file, stored, state, read_layout(file, connection))

    def kept(self) -> None:
        """Return nothing: a database file is its own snapshot."""

    def restore(self) -> None:
        """Put the file back, and compare it with what was kept."""
        assert self._kept is not None, "a snapshot comes first"
        if self._is_as_kept:
            return
        shutil.copyfile(self._kept.file, self._file)
        self._stored = _digest_file(self._file)
        if self._stored != self._kept.stored:
            raise _differs("was put back")

    def second(self) -> "SqliteClone":
        """Return a clone that is another copy of what was kept."""
        assert self._kept is not None, "a snapshot comes first"
        other = SqliteClone(self._file.with_name("second.db"), self._kept)
        other.restore()
        return other

    def run(self, script: bytes) -> None:
        """Run a script and commit it."""
        self._stored = None
        with _connected(self._file) as connection:
            begin_and_run(connection, script, "script")
            try:
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise fault(Exit.UNJUDGED, "CHANGE_FAILED", f"the script could not be committed: {error}") from error

    def read_only(self, script: bytes) -> None:
        """Run a script on a connection that cannot write."""
        self._stored = None
        with _connected(self._file, "?mode=ro") as connection:
            connection.execute("PRAGMA query_only = ON")
            begin_and_run(connection, script, "script", "BEGIN")
            connection.execute("ROLLBACK")

    def differences(self) -> tuple[Difference, ...]:
        """Return how the file differs from what was kept."""
        assert self._kept is not None, "a snapshot comes first"
        with _connected(self._file) as connection:
            connection.execute("ATTACH ? AS before", (f"{self._kept.file.as_uri()}?mode=ro",))
            before, after = self._kept.state.components, self.state().components
            differing = frozenset(name for name in {*before, *after} if before.get(name) != after.get(name))
            return tuple(compare(connection, differing))

    def sabotage(self) -> str:
        """Delete one row of the smallest table that lets it be; where there is none, add a view."""
        rows = self.state().rows
        self._stored = None
        with _connected(self._file) as connection:
            for table in sorted(read_tables(connection), key=lambda each: rows[each.component.removeprefix("table ")]):
                if _delete_one(connection, table):
                    return f"one row of {table.component} was deleted"
            taken = {str(row[0]).lower() for row in connection.execute("SELECT name FROM main.sqlite_master")}
            name = next(each for each in map("sabotaged_{}".format, count()) if each not in taken)
            connection.execute(f"CREATE VIEW main.{name} AS SELECT 1")
        return "a view was added"

    def close(self) -> None:
        """Nothing runs; the file of a second clone is removed."""
        if self._is_second:
            self._file.unlink()

    @property
    def _is_as_kept(self) -> bool:
        """Whether nobody has written to the file since it was kept or put back."""
        return self._kept is not None and self._stored == self._kept.stored

    def _read(self, connection: sqlite3.Connection, written: Iterable[int] | None, stored: str | None = None) -> State:
        """Read the state, but for the tables of the snapshot of which no page was written; all of it where that is not known."""
        if self._kept is None or self._kept.layout is None or written is None:
            return read_state(connection, stored)
        return read_state(connection, stored, self._kept.state, self._kept.layout.untouched(connection, written))


def open_file(source: Path, work: Path) -> SqliteClone:
    """Return a clone of a database file.

    Raises:
        GovernError: the file is not sound (status 3).
    """
    file = work / "clone.db"
    shutil.copyfile(source, file)
    file.chmod(0o600)
    return _opened(file)


def open_script(source: bytes, work: Path) -> SqliteClone:
    """Return a clone made by a script of SQL.

    Raises:
        GovernError: the script failed, or reaches beyond the clone (status 3).
    """
    file = work / "clone.db"
    connection = sqlite3.connect(file, isolation_level=None)
    attempts = fence(connection, within=False)
    try:
        connection.executescript(source.decode())
        unended = connection.in_transaction
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        why = f"it tries to {attempts[0]}" if attempts else str(error)
        raise fault(Exit.UNJUDGED, "LOAD_REFUSED", f"the source cannot be loaded: {why}") from error
    finally:
        connection.close()
    if unended:
        raise fault(Exit.UNJUDGED, "DUMP_TRUNCATED", "the source begins a transaction and does not commit it", help="take it again with `.dump`")
    return _opened(file)


def _opened(file: Path) -> SqliteClone:
    """Check the clone, and put its log into the file, so that the file is all there is."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
        connection.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        if "decode" in str(error).lower():
            raise fault(Exit.UNJUDGED, "SOURCE_FORMAT", "a definition in the source holds text that is no UTF-8", help="correct it in the database") from error
        raise fault(Exit.UNJUDGED, "DUMP_TRUNCATED", f"the source is no sound database: {error}", help="take it again with `.backup`") from error
    finally:
        connection.close()
    if found != ["ok"]:
        raise fault(Exit.UNJUDGED, "DUMP_TRUNCATED", f"the source is no sound database: {found[0]}", help="take it again with `.backup`")
    return SqliteClone(file)


def _differs(what: str) -> GovernError:
    return fault(Exit.UNJUDGED, "RESTORE_DIFFERS", f"the snapshot that {what} has other bytes than the clone had", help="check the disk")


@contextmanager
def _connected(file: Path, mode: str = "") -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{file.as_uri()}{mode}", isolation_level=None, uri=True)
    # What a crash of the machine would leave behind is of no use to anybody.
    connection.execute("PRAGMA synchronous = OFF")
    try:
        yield connection
    finally:
        connection.close()


def _delete_one(connection: sqlite3.Connection, table: Table) -> bool:
    """Delete a row and commit, unless there are as many rows afterwards: a trigger may put back what is deleted."""
    name = f"main.{quoted(table.name)}"
    chosen = ", ".join(map(quoted, table.key)) or "rowid"
    counted = f"SELECT count(*) FROM {name}"  # noqa: S608 - quoted
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = connection.execute(counted).fetchone()[0]
        connection.execute(f"DELETE FROM {name} WHERE ({chosen}) IN (SELECT {chosen} FROM {name} LIMIT 1)")  # noqa: S608 - quoted
        gone = bool(connection.execute(counted).fetchone()[0] < before)
    except sqlite3.Error:
        gone = False
    # A trigger may also have rolled back.
    if connection.in_transaction:
        connection.execute("COMMIT" if gone else "ROLLBACK")
        return gone
    return False


def _digest_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
