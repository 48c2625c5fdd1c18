"""A database taken through the gate in this process; what the sandbox adds is tested by the command."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govern.problems import GovernError
from govern.rehearsal.gate.examine import pass_gate
from govern.rehearsal.job import Job
from govern.rehearsal.rehearsing import open_clone
from govern.rehearsal.sources import examine_source

LABEL = "GENERATED_NOT_REAL"


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


class Gate:
    """A gate with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "handed.db"

    def database(self, script: str, *rows: tuple[str, tuple[object, ...]]) -> "Gate":
        """Make the database that is handed over: a script, then single statements with their values."""
        connection = sqlite3.connect(self.source)
        connection.executescript(script)
        for statement, values in rows:
            connection.execute(statement, values)
        connection.commit()
        connection.close()
        return self

    def text(self, content: str | bytes) -> "Gate":
        """Make the text of SQL that is handed over."""
        self.source.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def passes(self, tables: Mapping[str, Any] | None = None, provenance: str = "real-dump", **surface: Any) -> dict[str, Any]:
        """Take it through the gate, which must accept it; without tables nothing is declared."""
        work = self.folder / "work"
        work.mkdir()
        declared = {"tables": tables, **surface} if tables is not None else None
        order = {"source": examine_source(self.source).to_json(), "provenance": provenance, "label": LABEL, "surface": declared}
        job = Job(order, {"source": self.source}, work, _silent)
        clone = open_clone(job)
        try:
            found: dict[str, Any] = pass_gate(clone, job)
        finally:
            clone.close()
        return found

    def refuses(self, tables: Mapping[str, Any] | None = None, provenance: str = "real-dump", **surface: Any) -> list[tuple[str, str]]:
        """Take it through the gate, which must refuse it; return each code with its message."""
        with pytest.raises(GovernError) as caught:
            self.passes(tables, provenance, **surface)
        assert caught.value.status == 3
        return [(problem.code, problem.message) for problem in caught.value.problems]
