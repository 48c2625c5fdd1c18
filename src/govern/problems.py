"""Places, problems and the one error that users can fix.

Pure: values only. Printing and exit statuses are applied in `govern.cli`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Exit(IntEnum):
    """Exit statuses; the table stands in `docs/exit-codes.md`."""

    YES = 0
    NO = 1
    USAGE = 2
    UNJUDGED = 3
    REFUSED = 4
    BROKEN = 5
    BUG = 70
    INTERRUPTED = 130


class Place(NamedTuple):
    """Where something was written: file, line and column, both from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: what was found and what was wanted, where, and what to do about it."""

    code: str
    message: str
    place: Place | None = None
    severity: Severity = "error"
    help: str = ""

    def __str__(self) -> str:
        located = f"{self.place}: {self.message}" if self.place else self.message
        return f"{located}; {self.help}" if self.help else located


class GovernError(Exception):
    """Something the user can fix. Caught in one place, the command line."""

    def __init__(self, status: Exit, problems: Iterable[Problem]) -> None:
        self.status = status
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def fault(status: Exit, code: str, message: str, *, place: Place | None = None, help: str = "") -> GovernError:
    """Return the error of a single problem, ready to be raised."""
    return GovernError(status, [Problem(code, message, place, help=help)])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or nothing."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def unknown_id(kind: str, word: str, known: Iterable[str], otherwise: str = "") -> GovernError:
    """Return the error of a word that names nothing of its kind: the nearest known one, or `otherwise`, or all that are declared."""
    names = tuple(known)
    help = did_you_mean(word, names) or otherwise or f"declared: {', '.join(names) or 'none'}"
    return fault(Exit.USAGE, "UNKNOWN_ID", f"no {kind} is called `{word}`", help=help)
