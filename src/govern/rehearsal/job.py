"""What a task is given inside the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.canonical import Json

# The folder in the work folder that holds a snapshot: what may be kept of it, and what was kept, is there.
SNAPSHOT = "snapshot"


def _kept_nowhere(facts: Mapping[str, Json]) -> None:
    del facts


@dataclass(frozen=True, slots=True)
class Job:
    """An order, the files it may read, and the one folder it may write to.

    `inputs` maps each name to a read-only file. `step(what, done, total)` tells how far the work is; the total is 0
    where it is not known. `keep(facts)` says that the snapshot, of which the facts tell, could be of use to a later task.
    """

    order: Mapping[str, Any]
    inputs: Mapping[str, Path]
    work: Path
    step: Callable[[str, int, int], None]
    keep: Callable[[Mapping[str, Json]], None] = _kept_nowhere
