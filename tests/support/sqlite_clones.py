"""A database of SQLite that a script sets up, and a clone of it."""

import sqlite3
from pathlib import Path

from govern.rehearsal.sqlite.clone import SqliteClone, open_file


def clone_of(folder: Path, setup: str) -> SqliteClone:
    """Return a clone of what a script sets up; both are in the folder."""
    connection = sqlite3.connect(folder / "source.db")
    connection.executescript(setup)
    connection.close()
    (folder / "work").mkdir()
    return open_file(folder / "source.db", folder / "work")
