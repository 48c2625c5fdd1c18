"""A PostgreSQL server for what is generated and for the other tools: on a unix socket in a temporary folder, and gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGQUIT
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
SUPERUSER = "bench"
_NOBODY = 65534
_PATIENCE = 120
_SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=", "shared_buffers=256MB", "max_wal_size=2GB", "jit=off")


def programs() -> Path | None:
    """Return the folder of the newest programs of Debian's packages, if there are any."""
    found = [each for each in DEBIAN.glob("*/bin") if (each / "initdb").exists()]
    return max(found, key=lambda each: int(each.parent.name), default=None)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: where its programs are, and the environment that its clients find it by."""

    programs: Path
    sockets: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a client is started with: nothing of the user's own settings."""
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(self.sockets), **self._address()}

    def client(self, program: str, *arguments: str | Path, **how: Any) -> None:
        """Run one of its client programs.

        Raises:
            SystemExit: it failed.
        """
        command = [str(self.programs / program), *map(str, arguments)]
        ran = subprocess.run(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **how)
        if ran.returncode:
            raise SystemExit(f"{program} ended with {ran.returncode}: {ran.stderr.decode(errors='replace')[-500:]}")

    def say(self, database: str, sql: str) -> None:
        """Run SQL of ours."""
        self.client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql)

    def _address(self) -> dict[str, str]:
        return {"PGHOST": str(self.sockets), "PGPORT": "5432", "PGUSER": SUPERUSER}


@contextmanager
def running(found: Path, wanted: Sequence[str] = _SETTINGS) -> Iterator[Cluster]:
    """Make a cluster and run its server, as somebody without privileges; stop it and remove it, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="govern-bench-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        # It dies with this process, however that ends.
        lowered = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
            lowered += [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        initialise = [*lowered, found / "initdb", "-D", folder / "data", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(list(map(str, initialise)), cwd=folder, env=clean, stdout=subprocess.DEVNULL, check=True)
        settings = [part for each in (*wanted, f"unix_socket_directories={folder}") for part in ("-c", each)]
        command = [*lowered, str(found / "postgres"), "-D", str(folder / "data"), *settings]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, cwd=folder, env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cluster = Cluster(found, folder)
        _wait(server, cluster)
        cluster.say("postgres", "CREATE ROLE directus")
        yield cluster
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], cluster: Cluster) -> None:
    deadline = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run([str(cluster.programs / "pg_isready"), "-q"], env=cluster.environment, check=False).returncode == 0:
            return
        time.sleep(0.02)
    raise SystemExit(f"the server did not start: {(cluster.sockets / 'log').read_text(encoding='utf-8')[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    for signal in (SIGINT, SIGQUIT):
        if server.poll() is None:
            server.send_signal(signal)
            try:
                server.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                continue
    if server.poll() is None:
        server.kill()
        server.wait()
