"""The snapshot as a database of its own, for whoever compares it with the clone: a copy of it with a server, without tables that nobody asks for."""

import shutil
from collections.abc import Collection
from pathlib import Path

from govern.rehearsal.postgresql.files import parts_of
from govern.rehearsal.postgresql.server import Server
from govern.rehearsal.postgresql.stored import Kept
from govern.rehearsal.postgresql.trees import add_to_tree, copy_tree


class Before:
    """A server over such a copy, started when rows are asked for; what it does not have it cannot read, and says so."""

    def __init__(self, server: Server, kept: Kept) -> None:
        self._server, self._kept = server, kept
        self._lacking: dict[str, frozenset[Path]] | None = None

    def with_rows_of(self, components: Collection[str]) -> Server:
        """Return the server, which has the rows of at least those components, and everything that is not a row."""
        if self._lacking is None:
            self._lacking = {name: self._files(name) for name in self._kept.tables if name not in components}
            copy_tree(self._kept.folder, self._server.data, without=frozenset().union(*self._lacking.values()))
            self._server.start()
        for name in components & self._lacking.keys():
            # Nobody has looked for them until now: it finds them as if they had always been there.
            add_to_tree(self._kept.folder, self._server.data, self._lacking.pop(name))
        return self._server

    def close(self) -> None:
        """End the server, and remove the copy."""
        self._server.stop(discard=True)
        shutil.rmtree(self._server.data, ignore_errors=True)

    def _files(self, component: str) -> frozenset[Path]:
        found = self._kept.tables[component]
        return frozenset(part.relative_to(self._kept.folder) for file in (*found.files, *found.indexes) for part in parts_of(self._kept.folder / file))
