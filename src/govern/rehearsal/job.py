"""What a task is given inside the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """An order, the files it may read, and the one folder it may write to.

    `inputs` maps each name to a read-only file. `step(what, done, total)` tells how far the work is; the total is 0
    where it is not known.
    """

    order: Mapping[str, Any]
    inputs: Mapping[str, Path]
    work: Path
    step: Callable[[str, int, int], None]
