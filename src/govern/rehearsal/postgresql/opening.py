"""A clone of PostgreSQL from its beginnings: a server is made and a dump loaded, or a snapshot that was kept is put in its place."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern.rehearsal.job import EMPTY, SNAPSHOT, Job
from govern.rehearsal.postgresql.archive import opened
from govern.rehearsal.postgresql.binaries import Installation
from govern.rehearsal.postgresql.clone import DATABASE, LINES, SAFE, PostgresClone
from govern.rehearsal.postgresql.fillers import LARGE, Fillers, fillers_for
from govern.rehearsal.postgresql.load import load
from govern.rehearsal.postgresql.roles import SESSION, Roles, create_ours
from govern.rehearsal.postgresql.server import SUPERUSER, Server
from govern.rehearsal.postgresql.session import PINNED
from govern.rehearsal.postgresql.trees import copy_tree, digest_tree
from govern.rehearsal.states import State

if TYPE_CHECKING:
    from psycopg import Connection


def open_snapshot(job: Job, found: Mapping[str, Any]) -> PostgresClone:
    """Return a clone that begins as the snapshot in the work folder; what is known of it is what `PostgresClone.kept` told.

    Raises:
        GovernError: its bytes are not those of the snapshot, or the server does not start (status 3).
    """
    from govern.rehearsal.postgresql.listings import Entry
    from govern.rehearsal.postgresql.stored import Kept

    server = Server(Installation.from_json(job.order["installation"]), job.work / "data", job.work / "s", dict(found["passwords"]))
    entries = [Entry(*(part.encode("latin-1") for part in each)) for each in found["built_in"]]
    built_in = {each.kind.decode(): each for each in entries}
    snapshot = Kept(job.work / SNAPSHOT, found["stored"], State.from_json(found["state"]), built_in, job.work / LINES)
    clone = PostgresClone(server, job.work, tuple(found["owners"]), snapshot)
    try:
        clone.restore()
        clone.look_at_files()
    except BaseException:
        clone.close()
        raise
    return clone


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
        _make_cluster(server, job)
        server.start()
        with server.connect(SUPERUSER, "postgres", SAFE) as superuser:
            create_ours(server, superuser)
            superuser.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 OWNER {SESSION}")
        with server.connect(SUPERUSER, DATABASE, SAFE) as superuser:
            _drop_others(superuser)
        with server.connect(SUPERUSER, DATABASE, SAFE) as superuser, server.connect(SESSION, DATABASE, PINNED) as session:
            roles = Roles(superuser, DATABASE)
            with opened(source, source_facts, server.installation, job.work) as stream, _fillers(server, superuser, source, source_facts) as fillers:
                load(stream, session, roles, fillers)
            superuser.execute("CHECKPOINT")
    except BaseException:
        clone.close()
        raise
    return PostgresClone(server, job.work, tuple(roles.owners))


def _fillers(server: Server, superuser: "Connection[Any]", source: Path, facts: Mapping[str, Any]) -> AbstractContextManager[Fillers | None]:
    """Return what fills large tables of a dump beside others, if it can have any, and can be read at two places."""
    readable = facts["format"] == "postgresql-plain" and facts["compression"] == "none"
    if not readable or source.stat().st_size < 2 * LARGE:
        return nullcontext()
    return fillers_for(superuser, lambda: server.connect(SESSION, DATABASE, PINNED))


def _make_cluster(server: Server, job: Job) -> None:
    """Make the server's folder of data: from an empty cluster that was kept, or anew. The first thing that is done is to renew its password."""
    empty = job.work / EMPTY
    if kept := job.restored(EMPTY):
        server.passwords[SUPERUSER] = str(kept["password"])
        empty.rename(server.data)
        return
    server.initialise()
    if job.wanted(EMPTY):
        copy_tree(server.data, empty)
        job.keep(EMPTY, {"stored": digest_tree(empty), "password": server.passwords[SUPERUSER]})


def _drop_others(superuser: "Connection[Any]") -> None:
    """Leave the cluster with the one database: every other is copied and compared for nothing."""
    superuser.execute("UPDATE pg_database SET datistemplate = false")
    for name in ("postgres", "template0", "template1"):
        superuser.execute(f"DROP DATABASE {name}")


def open_dump(job: Job) -> PostgresClone:
    """Return the clone of the dump that an order names: `installation`, `source` (its facts), and the input `source`."""
    return open_clone(job, job.order["installation"], job.inputs["source"], job.order["source"])
