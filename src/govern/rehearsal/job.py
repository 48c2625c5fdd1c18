"""What a task is given inside the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.canonical import Json

# Folders in the work folder that may be kept for a later task, and that are there from the beginning where they were kept:
# a cluster as it was loaded, and one in which nothing is yet.
SNAPSHOT, EMPTY = "snapshot", "empty"


def _kept_nowhere(name: str, facts: Mapping[str, Json]) -> None:
    del name, facts


@dataclass(frozen=True, slots=True)
class Job:
    """An order, the files it may read, and the one folder it may write to.

    `inputs` maps each name to a read-only file. `step(what, done, total)` tells how far the work is; the total is 0
    where it is not known. `keep(name, facts)` says that a folder, of which the facts tell, could be of use to a later task.
    """

    order: Mapping[str, Any]
    inputs: Mapping[str, Path]
    work: Path
    step: Callable[[str, int, int], None]
    keep: Callable[[str, Mapping[str, Json]], None] = _kept_nowhere

    def wanted(self, name: str) -> bool:
        """Whether a folder of that name is to be kept, and was not yet."""
        return name in self.order.get("keep", ())

    def restored(self, name: str) -> Mapping[str, Any] | None:
        """Return the facts of a folder that was kept and is there, if it is."""
        found: Mapping[str, Any] | None = self.order.get("restored", {}).get(name)
        return found
