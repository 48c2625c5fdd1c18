"""A PostgreSQL server for ledgers, over loopback or a unix socket: durable, stopped and started at will, with a log of every statement."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGINT, SIGQUIT
from typing import Any

import psycopg

from govern.ledger.sql import provision
from govern.rehearsal.postgresql.binaries import Installation
from support.postgresql import ACCOUNT, installation_of, short_folder

OWNER, WRITER, READER = "owner", "ledger_writer", "ledger_reader"
_numbers = count()
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
_SAID = re.compile(rb"LOG:  (?:statement|execute [^:]+): (.*)")


class TeamServer:
    """One server with its folder; whoever starts it stops it."""

    def __init__(self, installation: Installation, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.installation, self.folder = installation, folder
        self.data, self.sockets = folder / "data", folder / "s"
        self.settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "port": "5432",
            "wal_level": "replica",
            "max_connections": "60",
            "shared_buffers": "32MB",
            "log_statement": "all",
            "log_line_prefix": "%u ",
            **(settings or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def initialise(self) -> None:
        self.sockets.mkdir()
        self.log.touch()
        if ACCOUNT is not None:
            for path in (self.sockets, self.log):
                os.chown(path, ACCOUNT, ACCOUNT)
        self.run("initdb", "-D", str(self.data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs to its end."""
        command = [self.installation.program(program), *arguments]
        done = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False, **_account())
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        command = [self.installation.program("postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in self.settings.items())]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_account())
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
            try:
                self.connect(OWNER, "postgres").close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.02)
            else:
                return

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: in order, or at once, as a crash would."""
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(SIGQUIT if at_once else SIGINT)
            process.wait(60)

    def connect(self, role: str, database: str = "ledgers") -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self.address(role, database), autocommit=True)

    def address(self, role: str = WRITER, database: str = "ledgers") -> str:
        return f"postgresql:///{database}?host={self.sockets}&port={self.settings['port']}&user={role}"

    def said(self, role: str) -> list[str]:
        """Return every statement that a role has sent, in order."""
        lines = [line.removeprefix(role.encode() + b" ") for line in self.log.read_bytes().split(b"\n") if line.startswith(role.encode() + b" ")]
        return [found[1].decode() for line in lines if (found := _SAID.match(line))]

    def make_database(self, name: str = "ledgers") -> None:
        """Make a database as `govern ledger provision` has it, with a role that logs in as each of the two."""
        with self.connect(OWNER, "postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'govern_writer'").fetchone()
        with self.connect(OWNER, name) as connection:
            script = provision("govern_reader", "govern_writer")
            connection.execute(re.sub("CREATE ROLE .*", "", script) if known else script)
            if not known:
                connection.execute(f"CREATE ROLE {WRITER} LOGIN IN ROLE govern_writer; CREATE ROLE {READER} LOGIN IN ROLE govern_reader")


@contextmanager
def team_server(settings: Mapping[str, str] | None = None, kind: str = "wheel") -> Iterator[TeamServer]:
    """A started server with a database for ledgers."""
    with short_folder() as folder:
        server = TeamServer(installation_of(kind), folder, settings)
        try:
            server.initialise()
            server.start()
            server.make_database()
            yield server
        finally:
            server.stop(at_once=True)


def fresh() -> str:
    """Return a name that no other ledger of this run has."""
    return f"ledger-{os.getpid()}-{next(_numbers)}"


def _account() -> dict[str, Any]:
    return {} if ACCOUNT is None else {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}
