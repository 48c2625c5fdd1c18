"""A clone of a PostgreSQL database: a cluster of its own in the work folder, stopped and copied whole where bytes are compared."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern.problems import Exit, fault
from govern.rehearsal.job import Job
from govern.rehearsal.postgresql.archive import opened
from govern.rehearsal.postgresql.binaries import Installation
from govern.rehearsal.postgresql.change import begin, demand_nothing_left, look_only, run_within, transaction
from govern.rehearsal.postgresql.load import load
from govern.rehearsal.postgresql.roles import LOOKER, READER, SESSION, Roles, create_ours
from govern.rehearsal.postgresql.sabotage import delete_one_row
from govern.rehearsal.postgresql.server import SETTINGS, SUPERUSER, Server
from govern.rehearsal.postgresql.session import PINNED, Refused, ask
from govern.rehearsal.postgresql.trees import copy_tree, digest_tree, revert_tree
from govern.rehearsal.states import Difference, Engine, State, Tried

if TYPE_CHECKING:
    from psycopg import Connection

    from govern.rehearsal.postgresql.listings import Entry
    from govern.rehearsal.postgresql.stored import Kept, Unwritten

DATABASE = "clone"
# Nothing that a script has put into a schema is found by its bare name, and no role is taken that it has set for the database.
_SAFE = {**PINNED, "search_path": "", "role": "none"}
_READING = {**_SAFE, "role": READER}


class PostgresClone:
    """A clone that is a cluster; the port is `govern.rehearsal.clone.Clone`. `owners` are the roles that own what was loaded.

    A second one is given what the first has `kept`.
    """

    def __init__(self, server: Server, work: Path, owners: tuple[str, ...] = (), kept: "Kept | None" = None) -> None:
        self._server, self._work, self._owners, self._kept = server, work, owners, kept
        self._before: Server | None = None
        # What is known of the state: its tree, and the state itself, until something may have changed it.
        self._stored: str | None = None
        self._state: State | None = None
        self._built_in: Mapping[str, Entry] = {}
        self._opened: list[str] = []
        # What tells the folders of a second clone from those of the first.
        self._mark = "2" if kept else ""

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

    def know(self, state: State) -> None:
        """Take a state for that of the database."""
        self._state = state

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
        """Keep the whole cluster as it is now."""
        from govern.rehearsal.postgresql.pinned import pinned
        from govern.rehearsal.postgresql.stored import Kept, read_catalogs, read_stored
        from govern.rehearsal.postgresql.tables import read_tables

        state = self.state()
        self._forget_before()
        self._server.stop()
        folder = self._work / "snapshot"
        shutil.rmtree(folder, ignore_errors=True)
        with ThreadPoolExecutor(1) as worker:
            digest = worker.submit(digest_tree, self._server.data)
            copy_tree(self._server.data, folder)
            self._stored = digest.result()
        self._server.start()
        with self.reading() as connection, pinned(connection):
            tables = read_stored(connection, read_tables(connection))
            self._kept = Kept(folder, self._stored, state, tables, read_catalogs(connection), self._built_in)

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
        other = PostgresClone(server, self._work, self._owners, self._kept)
        try:
            other.restore()
        except BaseException:
            other.close()
            raise
        return other

    def differences(self) -> tuple[Difference, ...]:
        """Return how the database differs from the snapshot, of which a copy is started beside it."""
        from govern.rehearsal.postgresql.localise import differences

        assert self._kept is not None, "a snapshot comes first"
        if self._before is None:
            data = self._work / f"before{self._mark}"
            copy_tree(self._kept.folder, data)
            self._before = replace(self._server, data=data, sockets=self._work / f"b{self._mark}", _process=None)
            self._before.start()
        now, kept = self.state().components, self._kept.state.components
        changed = {name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name)}
        with self._connected(SESSION, _READING, self._before) as before, self.reading() as after:
            return differences(before, after, changed)

    def sabotage(self) -> str:
        """Delete a row of the smallest table that has one."""
        self._touched()
        with self._connected(SUPERUSER, _SAFE) as connection:
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
            with self._connected(SUPERUSER, _SAFE) as connection:
                ask(connection, b"CHECKPOINT")

    def _known(self) -> "Unwritten | None":
        return self._kept.within(self._server.data) if self._kept else None

    def _touched(self) -> None:
        self._stored = self._state = None
        self._built_in = {}

    def _forget_before(self) -> None:
        if self._before is not None:
            self._before.stop(discard=True)
            shutil.rmtree(self._before.data)
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


def open_clone(job: Job, installation: Mapping[str, Any], source: Path, source_facts: Mapping[str, Any], *, account: int | None = None) -> PostgresClone:
    """Start a server in the work folder, and return the clone of a dump.

    `installation` is `Installation.to_json()`; of `source_facts`, `format` and `compression` are read. `account` is the user
    of the server's processes, where whoever calls is root: in the sandbox nobody is.

    Raises:
        GovernError: the server does not start, or the dump is refused (status 3).
    """
    server = Server(Installation.from_json(installation), job.work / "data", job.work / "s", account=account)
    clone = PostgresClone(server, job.work)
    try:
        server.initialise()
        server.start()
        with server.connect(SUPERUSER, "postgres", _SAFE) as superuser:
            create_ours(server, superuser)
            superuser.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 OWNER {SESSION}")
        with server.connect(SUPERUSER, DATABASE, _SAFE) as superuser:
            _drop_others(superuser)
        with server.connect(SUPERUSER, DATABASE, _SAFE) as superuser, server.connect(SESSION, DATABASE, PINNED) as session:
            roles = Roles(superuser, DATABASE)
            with opened(source, source_facts, server.installation, job.work) as stream:
                load(stream, session, roles)
            superuser.execute("CHECKPOINT")
    except BaseException:
        clone.close()
        raise
    return PostgresClone(server, job.work, tuple(roles.owners))


def _drop_others(superuser: "Connection[Any]") -> None:
    """Leave the cluster with the one database: every other is copied and compared for nothing."""
    superuser.execute("UPDATE pg_database SET datistemplate = false")
    for name in ("postgres", "template0", "template1"):
        superuser.execute(f"DROP DATABASE {name}")


def open_dump(job: Job) -> PostgresClone:
    """Return the clone of the dump that an order names: `installation`, `source` (its facts), and the input `source`."""
    return open_clone(job, job.order["installation"], job.inputs["source"], job.order["source"])
