"""A clone of a PostgreSQL database: a cluster of its own in the work folder, stopped and copied whole where bytes are compared."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern.canonical import Json
from govern.problems import Exit, fault
from govern.rehearsal.job import SNAPSHOT
from govern.rehearsal.postgresql.change import begin, demand_nothing_left, look_only, run_within, transaction
from govern.rehearsal.postgresql.roles import LOOKER, READER, SESSION
from govern.rehearsal.postgresql.sabotage import delete_one_row
from govern.rehearsal.postgresql.server import SETTINGS, SUPERUSER, Server
from govern.rehearsal.postgresql.session import PINNED, Refused, ask
from govern.rehearsal.postgresql.trees import copy_tree, digest_tree, revert_tree
from govern.rehearsal.states import Difference, Engine, State, Tried

if TYPE_CHECKING:
    from psycopg import Connection

    from govern.rehearsal.postgresql.before import Before
    from govern.rehearsal.postgresql.listings import Entry
    from govern.rehearsal.postgresql.stored import Kept, Unwritten

DATABASE = "clone"
# Where rows are kept that were read, in the work folder.
LINES = "lines"
# Nothing that a script has put into a schema is found by its bare name, and no role is taken that it has set for the database.
SAFE = {**PINNED, "search_path": "", "role": "none"}
_READING = {**SAFE, "role": READER}


class PostgresClone:
    """A clone that is a cluster; the port is `govern.rehearsal.clone.Clone`. `owners` are the roles that own what was loaded.

    One that begins as a snapshot is given what was `kept`; the `mark` tells the folders of a second one from those of the first.
    """

    def __init__(self, server: Server, work: Path, owners: tuple[str, ...] = (), kept: "Kept | None" = None, mark: str = "") -> None:
        self._server, self._work, self._owners, self._kept, self._mark = server, work, owners, kept, mark
        self._before: Before | None = None
        # What is known of the state: its tree, and the state itself, until something may have changed it.
        self._stored: str | None = None
        self._state: State | None = None
        self._built_in: Mapping[str, Entry] = {}
        self._opened: list[str] = []

    @property
    def engine(self) -> Engine:
        """PostgreSQL, as it says of itself."""
        names = sorted({*PINNED, *SETTINGS, "search_path", "server_encoding", "server_version"} - {"hba_file"})
        with self._connected(SESSION, self._own_settings()) as connection:
            settings = {name: str(ask(connection, f"SHOW {name}".encode())[0][0]) for name in names}
        return Engine("postgresql", settings.pop("server_version"), self._server.installation.digest(), settings)

    @property
    def connections(self) -> tuple[str, ...]:
        """Every address that was connected to."""
        return tuple(dict.fromkeys(self._opened))

    def state(self) -> State:
        """Return the state as committed. Trees of equal bytes hold an equal state, so it is read once."""
        if self._state is None:
            from govern.rehearsal.postgresql.components import read_state

            self._flush()
            with self.reading() as connection:
                self._state = read_state(connection, known=self._known())
        return replace(self._state, stored=self._stored)

    def read_beside(self) -> Json:
        """Return the digest of each component but the tables."""
        from govern.rehearsal.postgresql.components import read_listings
        from govern.rehearsal.postgresql.pinned import pinned

        with self.reading() as connection, pinned(connection):
            return read_listings(connection)

    def know_loaded(self, read: Any, rows: Mapping[str, Any]) -> None:
        """Take that, and the digests of rows, for the state; tables that the gate did not read as a state does are read now."""
        from govern.rehearsal.postgresql.pinned import pinned
        from govern.rehearsal.postgresql.tables import digest_rows, read_tables

        with self.reading() as connection, pinned(connection):
            found = {each: rows.get(each.full) or digest_rows(connection, each) for each in read_tables(connection)}
        tables = {each.component: digest for each, (digest, _count) in found.items()}
        self._state = State({**read, **tables}, {each.full: count for each, (_digest, count) in found.items()})

    def know_definitions(self, entries: "Iterable[Entry]") -> None:
        """Take entries of `schema` for those of the database: of built-in objects they need not be read again."""
        from govern.rehearsal.postgresql.catalogs import BUILT_IN

        self._built_in = {each.kind.decode(): each for each in entries if each.name == BUILT_IN.encode()}

    def try_out(self, script: bytes) -> Tried:
        """Run a script in a transaction, roll it back, and return the state inside it and after it."""
        from govern.rehearsal.postgresql.components import read_state

        self._touched()
        with self._connected(SESSION, self._own_settings()) as connection:
            begun = begin(connection)
            run_within(connection, script, begun)
            self._flush()
            applied = read_state(connection, reader=READER, known=self._known())
            ended = transaction(connection)
            ask(connection, b"ROLLBACK")
            demand_nothing_left(connection)
        return Tried(applied, self.state(), (begun, ended))

    def run(self, script: bytes) -> None:
        """Run a script and commit it."""
        self._touched()
        with self._connected(SESSION, self._own_settings()) as connection:
            run_within(connection, script, begin(connection))
            try:
                ask(connection, b"COMMIT")
            except Refused as refused:
                raise fault(Exit.UNJUDGED, "CHANGE_FAILED", f"the script could not be committed: {refused.said}") from refused
            demand_nothing_left(connection)

    def read_only(self, script: bytes) -> None:
        """Run a script as a role that may only read, and roll it back.

        Raises:
            GovernError: it tries to write (WRITE_REFUSED), or failed (status 3).
        """
        self._touched()
        with self._connected(LOOKER, {**PINNED, "role": "none"}) as connection:
            look_only(connection, script)

    @contextmanager
    def reading(self) -> "Iterator[Connection[Any]]":
        """Give a session that reads everything, whatever row security says, and writes nothing; for whoever examines what was loaded."""
        with self._connected(SESSION, _READING) as connection:
            yield connection

    def snapshot(self) -> None:
        """Keep the whole cluster as it is now, unless that is what was kept."""
        from govern.rehearsal.postgresql.stored import Kept

        if self._kept is not None and self._stored == self._kept.stored:
            return
        state = self.state()
        self._forget_before()
        self._server.stop()
        folder = self._work / SNAPSHOT
        for each in (folder, self._work / LINES):
            shutil.rmtree(each, ignore_errors=True)
        with ThreadPoolExecutor(1) as worker:
            digest = worker.submit(digest_tree, self._server.data)
            copy_tree(self._server.data, folder)
            self._stored = digest.result()
        self._server.start()
        self._kept = Kept(folder, self._stored, state, self._built_in, self._work / LINES)
        self.look_at_files()

    def look_at_files(self) -> None:
        """Notice how the tables and catalogs of the snapshot are stored, which a server over it tells."""
        from govern.rehearsal.postgresql.pinned import pinned
        from govern.rehearsal.postgresql.stored import read_catalogs, read_stored
        from govern.rehearsal.postgresql.tables import read_tables

        assert self._kept is not None, "a snapshot comes first"
        with self.reading() as connection, pinned(connection):
            tables = read_stored(connection, read_tables(connection))
            self._kept = replace(self._kept, tables=tables, catalogs=read_catalogs(connection))

    def kept(self) -> dict[str, Json]:
        """Return what else is known of the snapshot, so that a clone can begin as it; see `open_snapshot`."""
        assert self._kept is not None, "a snapshot comes first"
        built_in: list[Json] = [[part.decode("latin-1") for part in each] for each in self._kept.built_in.values()]
        facts: dict[str, Json] = {"stored": self._kept.stored, "state": self._kept.state.to_json(), "built_in": built_in}
        return facts | {"owners": list(self._owners), "passwords": dict(self._server.passwords)}

    def restore(self) -> None:
        """Put the snapshot back in place, and compare every byte of it before the server starts."""
        assert self._kept is not None, "a snapshot comes first"
        if self._stored == self._kept.stored:
            return
        self._server.stop(discard=True)
        if not self._server.data.exists() or not self._reverted(self._kept):
            shutil.rmtree(self._server.data, ignore_errors=True)
            copy_tree(self._kept.folder, self._server.data)
            if (found := digest_tree(self._server.data)) != self._kept.stored:
                message = f"the snapshot that was put back is {found[:16]}, and {self._kept.stored[:16]} was kept"
                raise fault(Exit.UNJUDGED, "RESTORE_DIFFERS", message, help="check the disk")
        self._server.start()
        self._stored, self._state = self._kept.stored, self._kept.state

    def _reverted(self, kept: "Kept") -> bool:
        """Put back what is other than in the snapshot by its size or time; return whether every byte is that of the snapshot now."""
        revert_tree(kept.folder, self._server.data)
        return digest_tree(self._server.data) == kept.stored

    def second(self) -> "PostgresClone":
        """Return a clone with a server of its own."""
        server = replace(self._server, data=self._work / "second", sockets=self._work / "s2", _process=None)
        other = PostgresClone(server, self._work, self._owners, self._kept, mark="2")
        try:
            other.restore()
        except BaseException:
            other.close()
            raise
        return other

    def differences(self) -> tuple[Difference, ...]:
        """Return how the database differs from the snapshot, of which a copy is started beside it."""
        from govern.rehearsal.postgresql.before import Before
        from govern.rehearsal.postgresql.localise import differences

        assert self._kept is not None, "a snapshot comes first"
        if self._before is None:
            beside = replace(self._server, data=self._work / f"before{self._mark}", sockets=self._work / f"b{self._mark}", _process=None)
            self._before = Before(beside, self._kept)
        now, kept = self.state().components, self._kept.state.components
        changed = {name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name)}
        with self._connected(SESSION, _READING, self._before.with_rows_of(changed)) as before, self.reading() as after:
            return differences(before, after, changed, self._known())

    def sabotage(self) -> str:
        """Delete a row of the smallest table that has one."""
        self._touched()
        with self._connected(SUPERUSER, SAFE) as connection:
            return delete_one_row(connection)

    def close(self) -> None:
        """End both servers."""
        self._forget_before()
        self._server.stop(discard=True)
        if self._mark:
            shutil.rmtree(self._server.data, ignore_errors=True)

    def _own_settings(self) -> dict[str, str]:
        """What a script's session begins with: as the one owner, so that what is new belongs to it, where there is one."""
        return {**PINNED, "role": self._owners[0] if len(self._owners) == 1 else "none"}

    def _flush(self) -> None:
        """Have the server write what it holds in memory, so that its files can be compared with those of the snapshot."""
        if self._kept is not None:
            with self._connected(SUPERUSER, SAFE) as connection:
                ask(connection, b"CHECKPOINT")

    def _known(self) -> "Unwritten | None":
        return self._kept.within(self._server.data) if self._kept else None

    def _touched(self) -> None:
        self._stored = self._state = None
        self._built_in = {}

    def _forget_before(self) -> None:
        if self._before is not None:
            self._before.close()
            self._before = None

    @contextmanager
    def _connected(self, role: str, settings: Mapping[str, str], server: Server | None = None) -> "Iterator[Connection[Any]]":
        chosen = server or self._server
        self._opened.append(chosen.address(role, DATABASE))
        connection = chosen.connect(role, DATABASE, settings)
        try:
            yield connection
        finally:
            connection.close()
