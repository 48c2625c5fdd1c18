"""`govern rehearse` as anybody runs it: a process of its own, that remembers nothing of an earlier one."""

import json
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsals.changes import Change
from rehearsals.measure import Ran, run

_PATHS = "paths 1 and 2"
_REPORTED = {0: "proved", 1: "differs", 3: "could not judge"}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A rehearsal that was run: how it ended, the milliseconds of its steps, and what was left behind, by component and kind."""

    ran: Ran
    steps: dict[str, int]
    left: tuple[str, ...]

    @property
    def reported(self) -> str:
        """What a person reads of it."""
        return f"{_REPORTED.get(self.ran.status, 'failed')} ({self.ran.status})"

    @property
    def noticed(self) -> bool:
        """Whether it says that something was lost, and where."""
        return self.ran.status == 1 and bool(self.left)

    @property
    def both_paths(self) -> float:
        """The seconds of the two plain paths, where there was no other."""
        return self.steps[_PATHS] / 1000


def rehearsed(source: Path, change: Change, folder: Path, *, cached: bool = False, back: bool = True) -> Rehearsal:
    """Rehearse a change, and its way `back`, as somebody who did before; `cached`, as somebody who keeps the restored dump.

    Raises:
        SystemExit: there is no evidence.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        fresh = Path(name)
        (fresh / "apply.sql").write_text(change.apply, encoding="utf-8")
        (fresh / "revert.sql").write_text(change.revert, encoding="utf-8")
        command: list[str | Path] = [sys.executable, "-m", "govern", "--json", "rehearse", "--source", source, "--change", "apply.sql"]
        command += [*(("--revert", "revert.sql") if back else ()), *(("--cached",) if cached else ())]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": name, "XDG_CACHE_HOME": str(folder / "cache")}
        ran = run(command, fresh, environment)
    evidence: dict[str, Any] = {}
    with suppress(json.JSONDecodeError, TypeError):
        evidence = json.loads(ran.output.partition("\n")[0])["result"]["evidence"]["rehearsal"]
    if not evidence:
        raise SystemExit(f"no rehearsal of `{change.name}`: it ended with {ran.status}, and said {ran.output[-800:]}")
    left = tuple(f"{each['component']}: {each['kind']} {each['count']}" for path in evidence["paths"] for each in path["differences"])
    return Rehearsal(ran, evidence["run"]["milliseconds"], left)
