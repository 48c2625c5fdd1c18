"""Where the programmes of a question across several come from: folders of repositories, or a database of ledgers.

The only place that knows. Whoever asks gets a sequence of programmes, each of which says what it is called, where it is, how
a session on it is opened, and what shows that nothing of it has moved.
"""

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from govern.canonical import digest, text_digest
from govern.cli.configuration import FILES, database, ledger_address, server_of
from govern.cli.database_project import DatabaseProject
from govern.cli.files import read_below, read_plain
from govern.cli.memory import check_place
from govern.cli.options import Options
from govern.cli.policy_cache import Parsed
from govern.cli.project import POLICY_FILE, Project, find_project
from govern.cli.session import Session
from govern.ledger.store import FileStore
from govern.problems import Exit, GovernError, fault
from govern.snapshot import ledger_end

_LEDGER, _KEPT, _TEMPLATES = "governance/ledger", "governance/policy", "templates"


class Programme(Protocol):
    """A programme among several."""

    @property
    def name(self) -> str:
        """A short name, for lists."""

    @property
    def place(self) -> str:
        """Where it is, for people."""

    @property
    def govern(self) -> str:
        """How a command on it begins."""

    @property
    def has_files(self) -> bool:
        """Whether its evidence and pages are at hand; else evidence is taken as it was recorded."""

    @property
    def key(self) -> str:
        """What no other programme on this machine is called."""

    def session(self, options: Options, parsed: Parsed) -> Session:
        """Return a session on it, with the options of the question."""

    def mark(self) -> str:
        """Return what stays the same as long as policy, templates and ledger are what they are.

        Raises:
            NoAnswerError, OSError, GovernError: that cannot be told.
        """

    def knows(self, ledger: str) -> bool:
        """Whether this machine has seen no other ledger there."""

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of it.

        Raises:
            OSError: it has none of that name.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """A programme in a folder of its own."""

    name: str
    place: str
    root: Path

    @property
    def govern(self) -> str:
        """A command that is told the folder."""
        return f"govern -C {shlex.quote(self.place)}"

    @property
    def has_files(self) -> bool:
        """They are in the folder."""
        return True

    @property
    def key(self) -> str:
        """The path of the folder."""
        return str(self.root)

    def session(self, options: Options, parsed: Parsed) -> Session:
        """Return a session on the folder, and on none above it."""
        session = Session(replace(options, directory=self.root))
        session.project = Project(self.root, parsed)
        return session

    def mark(self) -> str:
        """Return a digest of the policy's bytes, of where the ledger ends, and of what shows that a file is the one that was there.

        Raises:
            NoAnswerError, OSError, GovernError: the policy cannot be read, or the ledger is not in order.
        """
        policy = digest(read_plain(self.root / POLICY_FILE, single=False))
        watched = [_marks(f"{self.root}/{name}") for name in (_LEDGER, _KEPT, _TEMPLATES)]
        store = Project(self.root).store
        end = ledger_end(str(self.root)) if isinstance(store, FileStore) else (store.named, store.mark())
        return text_digest(repr((policy, end, watched)))

    def knows(self, ledger: str) -> bool:
        """Whether this machine has seen no other ledger in the folder."""
        return _knows(self.root, ledger)

    def read(self, name: str) -> bytes:
        """Return the bytes of a file below the folder, to which no link leads."""
        return read_below(self.root, name)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A programme that is known from its ledger in a database alone."""

    name: str
    address: str

    @property
    def place(self) -> str:
        """That it is no folder, and what follows from that."""
        return "in the database, evidence as recorded"

    @property
    def govern(self) -> str:
        """A command that is given in a clone of it."""
        return "govern"

    @property
    def has_files(self) -> bool:
        """They are in its clones."""
        return False

    @property
    def key(self) -> str:
        """The address of the database, and the ledger's name there."""
        return f"{self.address}#{self.name}"

    def session(self, options: Options, parsed: Parsed) -> Session:
        """Return a session on what the database holds."""
        session = Session(options)
        session.project = DatabaseProject(Path(self.key), parsed, self.address, self.name)
        return session

    def mark(self) -> str:
        """Return the head of the ledger: all else follows from it.

        Raises:
            GovernError: the server cannot be asked.
        """
        return repr(database(self.address, self.name).mark())

    def knows(self, ledger: str) -> bool:
        """Whether this machine has seen no other ledger under the name."""
        return _knows(Path(self.key), ledger)

    def read(self, name: str) -> bytes:
        """Raise `OSError`: it has no files."""
        raise FileNotFoundError(2, "a database holds no files", name)


def programmes(folders: Sequence[Path], here: Path) -> tuple[Programme, ...]:
    """Return the programmes of folders: each that is one itself, or else those right below it.

    Without folders, all ledgers of the database that the user has ledgers kept in, or the one programme that `here` is in. A folder in
    which there is none stands for itself, so that it is told, and none is left out.

    Raises:
        GovernError: a folder is not there (status 2), or the database cannot be asked (status 3).
    """
    if not folders:
        _demand_folder(here)
        address = ledger_address()
        if address != FILES:
            from govern.ledger.postgresql import heads

            return tuple(Shelved(name, address) for name in heads(server_of(address)))
        root = find_project(here).root
        return (Folder(root.name or str(root), str(here), root),)
    found: dict[Path, Folder] = {}
    for folder in folders:
        place = here / folder
        _demand_folder(place)
        for each in (place,) if _is_programme(place) else (*_below(place),) or (place,):
            # Not `resolve`, which fails where links go in a circle: that is told with the programme.
            root = Path(os.path.realpath(each))
            found.setdefault(root, Folder(root.name or str(root), str(each), root))
    return tuple(found.values())


def _knows(root: Path, ledger: str) -> bool:
    with suppress(GovernError):
        check_place(root, ledger)
        return True
    return False


def _demand_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise fault(Exit.USAGE, "NO_FOLDER", f"`{folder}` is no folder")


def _below(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - the names alone are wanted
    except OSError:
        return
    yield from (folder / name for name in names if _is_programme(folder / name))


def _is_programme(folder: Path) -> bool:
    """Whether a policy or a ledger is there, or that cannot be seen: a programme without its policy is still one, in disorder."""
    for name in (POLICY_FILE, _LEDGER):
        try:
            (folder / name).lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return True
        return True
    return False


def _marks(folder: str) -> list[tuple[str, int, int, int, int]]:
    """Return of each file in a folder its number, its size, and the times of its last changes.

    Who writes to a file changes the last of these, and cannot set it; what rests on it takes longer to compute than the
    clock of a file system takes to tick.
    """
    try:
        with os.scandir(folder) as entries:
            found = [(each.name, each.stat(follow_symlinks=False)) for each in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns) for name, status in found)
