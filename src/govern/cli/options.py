"""The options that every command takes, before or after its name."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Options:
    """The options that every command takes."""

    directory: Path = field(default_factory=Path)
    actor: str | None = None
    as_of: str | None = None
    json: bool = False
    color: str = "auto"
    quiet: bool = False
