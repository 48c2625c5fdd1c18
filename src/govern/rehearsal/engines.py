"""What an engine brings along into the sandbox: nothing for SQLite, the binaries of a server for PostgreSQL."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from govern.canonical import Json
from govern.rehearsal.sources import Source


def programs_for(source: Source) -> tuple[Mapping[str, Json], Sequence[Path]]:
    """Return what an order says of the engine of a source, and the folders that it needs.

    Raises:
        GovernError: there is no server for a dump of this version (status 3).
    """
    if source.engine == "sqlite":
        return {}, ()
    from govern.rehearsal.postgresql.binaries import choose

    installation = choose(source.version)
    return {"installation": installation.to_json()}, installation.folders
