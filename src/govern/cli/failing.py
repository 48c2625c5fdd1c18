"""How a command ends that has no answer: the problems on stderr, or the one JSON object, which a failure has, too."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from govern import __version__
from govern.cli import output
from govern.cli.options import Options
from govern.documents.escape import escape_terminal
from govern.problems import Exit, GovernError, Problem


class Call:
    """The words of a command line, and what of them is wanted where it fails, read before anything is parsed."""

    def __init__(self, front: list[str], rest: list[str], command: str, options: Options) -> None:
        self.words = [*front, *rest]
        self.command = command
        self.options = options
        self.as_json = "--json" in front
        self.color = _color(front)

    def refuse(self, error: GovernError) -> Exit:
        """Tell of an error that the user can fix; of an act that is refused with every cause."""
        from govern.cli.recording import RefusedError

        if not isinstance(error, RefusedError):
            return self.fail(error.problems, error.status)
        if self.as_json:
            return self.fail(error.problems, error.status, error.as_json())
        told = escape_terminal(f"refused: {error.what}; {output.counted(len(error.requirements), 'cause')}, nothing was recorded")
        output.write(sys.stderr, f"{output.colored(told, 'error', self.color, stream=sys.stderr)}\n{error.text()}\n")
        return error.status

    def fail(self, problems: tuple[Problem, ...], status: Exit, result: dict[str, Any] | None = None) -> Exit:
        """Tell of problems, and return the status."""
        if self.as_json:
            output.print_json(self.command, result, status, problems, self._head())
        else:
            output.print_diagnostics(problems, self.color, self._root())
        return status

    def _head(self) -> dict[str, Any]:
        """Return the head that the failure was met at; nothing where the ledger cannot be read."""
        with suppress(GovernError, OSError):
            return self.options.head() if self.options.head else {}
        return {}

    def _root(self) -> Path | None:
        """Return the folder that the places of problems are relative to."""
        from govern.cli.project import find_project

        with suppress(OSError, RuntimeError):
            return find_project(self.options.directory).root
        return None


def _color(front: list[str]) -> str:
    color = "auto"
    for word, value in zip(front, [*front[1:], "auto"], strict=False):
        if word == "--color":
            color = value
        elif word.startswith("--color="):
            color = word.partition("=")[2]
    return color


def bug_of(error: Exception) -> Problem:
    """Return an error that nobody foresaw as a problem: what it is, and where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
    message = f"a bug in govern {__version__}: {type(error).__name__} at {where}: {error}"
    return Problem("BUG", message, help="please report it with the command; `govern log -n 1` shows the last record")
