"""The stage of a demo: what a story is told with."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from govern.problems import Exit, GovernError, fault


@dataclass(frozen=True, slots=True)
class Act:
    """A command of the story, the status that it must end with, and how many lines of it are shown."""

    arguments: tuple[str, ...]
    expected: int = 0
    most: int | None = None

    def shown(self) -> str:
        """Return the command as a person would type it."""
        return "govern " + " ".join(shlex.quote(word) for word in self.arguments)


class Stage(Protocol):
    """Where a story is played."""

    folder: Path

    def say(self, text: str) -> None:
        """Tell a line."""

    def tell(self, text: str) -> None:
        """Show a line that a command would print."""

    def make_key(self, actor: str) -> str:
        """Make a throw-away key for an actor; return the name of its file."""

    def run(self, act: Act) -> tuple[int, str]:
        """Run a command and show what it prints."""

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Ask a question that is not shown."""


def no_story(message: str) -> GovernError:
    """Return the error of a programme whose story is another one than is played here."""
    help = "`govern demo` in an empty folder plays it on a small programme"
    return fault(Exit.UNJUDGED, "NO_STORY", f"this programme has another story: {message}", help=help)
