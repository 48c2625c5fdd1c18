"""Printing: answers to stdout, diagnostics to stderr, one JSON object where it is asked for.

Plain aligned text, no boxes. Everything passes the terminal escaper here, but a rendered page, which has its own.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from govern.documents.escape import Markdown, escape_json, escape_terminal
from govern.problems import Exit, Problem

_STYLES = {"error": "\x1b[31m", "warning": "\x1b[33m", "bold": "\x1b[1m", "dim": "\x1b[2m"}
_RESET = "\x1b[0m"


def write(stream: TextIO | None, text: str) -> None:
    """Write to a stream at once. One that nobody reads any more (`| head`) changes nothing: the status stays that of the answer."""
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # What is left in the buffer would be written again, and told of again, when the interpreter ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise


def colored(text: str, style: str, color: str, *, stream: Any = None) -> str:
    """Return text in a style where colours are wanted and the stream shows them."""
    stream = stream or sys.stdout
    wanted = color == "always" or (color == "auto" and stream is not None and stream.isatty() and "NO_COLOR" not in os.environ)
    return f"{_STYLES[style]}{text}{_RESET}" if wanted else text


def print_text(text: str, color: str) -> None:
    """Print an answer; its first line stands out on a terminal."""
    if not text:
        return
    shown = text if isinstance(text, Markdown) else "\n".join(map(escape_terminal, text.split("\n")))
    first, newline, rest = shown.rstrip("\n").partition("\n")
    write(sys.stdout, f"{colored(first, 'bold', color)}{newline}{rest}\n")


def print_json(command: str, result: Any, status: Exit, problems: Iterable[Problem], head: Mapping[str, Any]) -> None:
    """Print the one JSON object of a command."""
    write(sys.stdout, json_text(command, result, status, problems, head))


def json_text(command: str, result: Any, status: int, problems: Iterable[Problem], head: Mapping[str, Any]) -> str:
    """Return the one JSON object of a command, as a line."""
    answer = {
        "schema": f"govern.{command}/1",
        "as_of": head.get("as_of"),
        "head": head.get("head"),
        "exit": int(status),
        "result": result,
        "diagnostics": [_diagnostic(problem) for problem in problems],
    }
    return escape_json(json.dumps(answer, ensure_ascii=False)) + "\n"


def _diagnostic(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "help": problem.help,
    }


def print_diagnostics(problems: Iterable[Problem], color: str, root: Path | None = None) -> None:
    """Print problems to stderr: place, severity, code, message, the line with a caret, and what to do."""
    for problem in problems:
        place = f"{escape_terminal(str(problem.place))}: " if problem.place else ""
        severity = colored(problem.severity, problem.severity, color, stream=sys.stderr)
        lines = [f"{place}{severity} {problem.code}: {escape_terminal(problem.message)}"]
        lines += [f"    {line}" for line in _excerpt(problem, root)]
        lines += [f"    help: {escape_terminal(problem.help)}"] if problem.help else []
        write(sys.stderr, "\n".join(lines) + "\n")


def _excerpt(problem: Problem, root: Path | None) -> list[str]:
    from govern.cli.files import read_plain

    place = problem.place
    if root is None or place is None or not place.file.endswith((".yaml", ".j2")):
        return []
    try:
        line = read_plain(root / place.file).decode(errors="replace").split("\n")[place.line - 1]
    except (OSError, IndexError):
        return []
    start = max(0, place.column - 60)
    excerpt = escape_terminal(line[start : start + 110])
    return [excerpt, " " * (place.column - 1 - start) + "^"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 record` or `2 records`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Return rows in aligned columns; the last column is not padded, and nothing is wrapped or cut."""
    cells = [[escape_terminal(cell) for cell in row] for row in rows]
    widths = [max((len(row[index]) for row in cells if index < len(row) - 1), default=0) for index in range(max(map(len, cells), default=0))]
    lines = []
    for row in cells:
        padded = [cell.ljust(widths[index]) if index < len(row) - 1 else cell for index, cell in enumerate(row)]
        lines.append(indent + "  ".join(padded).rstrip())
    return "\n".join(lines)
