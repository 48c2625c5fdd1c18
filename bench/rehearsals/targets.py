"""What the other tools work on: the same database, loaded from the same dump, fresh for each change."""

import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsals.changes import COUNTED
from rehearsals.cluster import Cluster, running


@dataclass(frozen=True, slots=True)
class Target:
    """A fresh database as each tool names it, what a client needs to find it, and what is counted in it now."""

    names: Mapping[str, str]
    environment: Mapping[str, str]
    counted: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A database that was loaded, in so many seconds; `fresh` gives a copy of it that may be changed."""

    seconds: float
    fresh: Callable[[], Target]


@contextmanager
def loaded_postgresql(dump: Path, programs: Path) -> Iterator[Loaded]:
    """Make a server, and load a plain dump with psql."""
    begun = time.perf_counter()
    with running(programs) as cluster:
        cluster.say("postgres", "CREATE DATABASE base")
        cluster.client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "base", "-f", dump)
        seconds = time.perf_counter() - begun
        yield Loaded(seconds, lambda: _fresh_postgresql(cluster))


@contextmanager
def loaded_sqlite(file: Path) -> Iterator[Loaded]:
    """Copy a database file."""
    with tempfile.TemporaryDirectory(prefix="govern-bench-") as name:
        copy = Path(name) / "copy.db"
        begun = time.perf_counter()
        shutil.copyfile(file, copy)
        yield Loaded(time.perf_counter() - begun, lambda: _fresh_sqlite(file, copy))


def _fresh_postgresql(cluster: Cluster) -> Target:
    cluster.say("postgres", "DROP DATABASE IF EXISTS tried")
    cluster.say("postgres", "CREATE DATABASE tried TEMPLATE base")
    names = {"sqitch": "db:pg:tried", "alembic": f"postgresql+psycopg:///tried?host={cluster.sockets}"}

    def counted() -> str:
        command = [str(cluster.programs / "psql"), "-X", "-A", "-t", "-d", "tried", "-c", COUNTED]
        return subprocess.run(command, env=cluster.environment, capture_output=True, text=True, check=True).stdout.strip()

    return Target(names, cluster.environment, counted)


def _fresh_sqlite(file: Path, copy: Path) -> Target:
    def counted() -> str:
        connection = sqlite3.connect(copy)
        try:
            return "|".join(map(str, connection.execute(COUNTED).fetchone()))
        finally:
            connection.close()

    shutil.copyfile(file, copy)
    copy.with_name("sqitch.db").unlink(missing_ok=True)
    return Target({"sqitch": f"db:sqlite:{copy}", "alembic": f"sqlite:///{copy}"}, {}, counted)
