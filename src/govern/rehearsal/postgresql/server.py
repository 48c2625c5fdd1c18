"""A throw-away PostgreSQL server: it listens on a unix socket only, and keeps nothing that a crash of the machine could lose.

Runs inside the sandbox, as its only user. Whoever starts a server stops it; a server's folder may be copied while it
is stopped.
"""

import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGQUIT
from typing import TYPE_CHECKING, Any

from govern.problems import Exit, GovernError, fault
from govern.rehearsal.postgresql.binaries import Installation, needs_client

if TYPE_CHECKING:
    from psycopg import Connection

SUPERUSER = "govern_superuser"
PORT = 5432
# How long a start or stop may take, in seconds: replaying the log of a large load takes a while.
PATIENCE = 300
# What every server is started with. `wal_level=minimal` and no slots: what a replica would need can not be left behind.
SETTINGS: Mapping[str, str] = {
    "autovacuum": "off",
    "autovacuum_max_workers": "1",
    "checkpoint_timeout": "1h",
    "fsync": "off",
    "full_page_writes": "off",
    "huge_pages": "off",
    "jit": "off",
    "listen_addresses": "",
    "logging_collector": "off",
    "log_min_messages": "error",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "maintenance_work_mem": "256MB",
    "max_connections": "12",
    "max_locks_per_transaction": "512",
    "max_logical_replication_workers": "0",
    "max_prepared_transactions": "0",
    "max_replication_slots": "0",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "min_wal_size": "2MB",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "256MB",
    "synchronize_seqscans": "off",
    "synchronous_commit": "off",
    "track_activities": "off",
    "track_counts": "off",
    "unix_socket_permissions": "0700",
    "wal_level": "minimal",
    "wal_writer_delay": "10s",
}
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}


@dataclass(slots=True)
class Server:
    """A server over one folder of data, with its socket in another; `passwords` are those of its roles.

    `account` is the user that its processes run as, where whoever starts it is root, which PostgreSQL refuses to be.
    """

    installation: Installation
    data: Path
    sockets: Path
    passwords: dict[str, str] = field(default_factory=dict)
    account: int | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def _log(self) -> Path:
        return self.sockets / "log"

    def initialise(self) -> None:
        """Make its folder of data, with one superuser that has a password of its own."""
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = self.passwords.setdefault(SUPERUSER, secrets.token_hex(16))
        given = self.sockets / "password"
        given.write_text(password + "\n", encoding="ascii")
        if self.account is not None:
            for path in (self.sockets, given):
                os.chown(path, self.account, self.account)
        try:
            made = subprocess.run(self._initdb(given), env=_ENVIRONMENT, capture_output=True, timeout=PATIENCE, check=False, **self._as_account())  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _not_started(f"initdb: {type(error).__name__}") from error
        finally:
            given.unlink()
        if made.returncode:
            raise _not_started(_last_line(made.stderr))

    def start(self) -> None:
        """Start it, and return as soon as it takes connections.

        Raises:
            GovernError: it did not start (SERVER_NOT_STARTED, status 3).
        """
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account is not None:
            os.chown(self.sockets, self.account, self.account)
        named = {**SETTINGS, "hba_file": str(self.data / "pg_hba.conf"), "unix_socket_directories": str(self.sockets), "port": str(PORT)}
        command = [self.installation.program("postgres"), "-D", str(self.data), *(f"--{name}={value}" for name, value in named.items())]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, env=_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_account()
            )
        self._wait_until_ready(self._process)

    def stop(self, *, discard: bool = False) -> None:
        """Stop it, with a checkpoint unless its data are to be discarded; without effect where it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (SIGQUIT,) if discard else (SIGINT, SIGQUIT):
            if process.poll() is None:
                process.send_signal(signal)
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    continue
        if process.poll() is None:
            process.kill()
            process.wait()

    def connect(self, role: str, database: str, settings: Mapping[str, str] | None = None) -> "Connection[tuple[Any, ...]]":
        """Return a connection in autocommit mode, whose session begins with the settings.

        Raises:
            GovernError: the client library is missing (NEEDS_EXTRA), or the server is gone (SERVER_GONE); status 3.
        """
        if lacking := needs_client():
            raise lacking
        import psycopg

        options = " ".join(f"-c {name}={_escaped(value)}" for name, value in (settings or {}).items())
        try:
            return psycopg.connect(
                host=str(self.sockets),
                port=PORT,
                user=role,
                password=self.passwords[role],
                dbname=database,
                options=options,
                client_encoding="UTF8",
                sslmode="disable",
                gssencmode="disable",
                passfile="/dev/null",
                connect_timeout=30,
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise fault(Exit.UNJUDGED, "SERVER_GONE", f"the server of the rehearsal gave no connection as `{role}`: {_one_line(str(error))}") from error

    def address(self, role: str, database: str) -> str:
        """Return what a connection is opened to, without the password."""
        return f"postgresql:///{database}?host={self.sockets}&port={PORT}&user={role}"

    def _initdb(self, password: Path) -> list[str]:
        major = self.installation.major
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] if major >= 17 else ["--locale=C.UTF-8"]
        checksums = ["--no-data-checksums"] if major >= 18 else []
        return [
            *(self.installation.program("initdb"), "-D", str(self.data), "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}"),
            *("-E", "UTF8", *locale, "--lc-messages=C", *checksums, "-T", "english", "--wal-segsize=1", "--no-sync", "--no-instructions"),
        ]

    def _as_account(self) -> dict[str, Any]:
        return {} if self.account is None else {"user": self.account, "group": self.account, "extra_groups": []}

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        lines = self.data / "postmaster.pid"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise _not_started(_last_line(self._log.read_bytes()))
            try:
                told = lines.read_text("ascii", "replace").splitlines()
            except OSError:
                told = []
            # The eighth line says `ready`; the first, whose server that is: a folder copied from a running one would say it, too.
            if len(told) >= 8 and told[0] == str(process.pid) and told[7].strip() == "ready":
                return
            time.sleep(0.005)
        self.stop()
        raise _not_started(f"it was not ready after {PATIENCE} s")


def _escaped(value: str) -> str:
    """Return a value as it stands in the options of a connection, where a blank ends it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _not_started(told: str) -> GovernError:
    return fault(Exit.UNJUDGED, "SERVER_NOT_STARTED", f"the server of the rehearsal did not start: {told}")


def _last_line(output: bytes) -> str:
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    wrong = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return _one_line(wrong[-1]) if wrong else "it said nothing"


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text.strip())[:300]
