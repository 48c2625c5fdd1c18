"""The options that every command takes, before or after its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Options:
    """The options that every command takes.

    `request` is where a statement is written that is signed elsewhere; `signature` is what comes back. `head` is set when a session is opened, so that a failure can name the head that it was met at, too. `earliest` is
    no option: the demo plays after the last record of what it copies, whatever the clock says. Of a what-if, `asked` is the question, `supposed` the acts that it takes as recorded, and
    `supposing` says that the next one is only added to them.
    """

    directory: Path = field(default_factory=Path)
    actor: str | None = None
    key: Path | None = None
    signature: Path | None = None
    request: Path | None = None
    as_of: str | None = None
    json: bool = False
    color: str = "auto"
    quiet: bool = False
    earliest: int = 0
    asked: list[str] = field(default_factory=list)
    supposing: bool = False
    supposed: list[Any] = field(default_factory=list)
    head: Callable[[], dict[str, Any]] | None = None
