"""The stage of a demo: what a story is told with."""

import io
import json
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govern.cli.options import Options
from govern.cli.output import colored, write
from govern.cli.signing import make_key
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


class Stage:
    """Where the story is played: runs commands in the folder and prints them with what they print."""

    def __init__(self, folder: Path, options: Options, earliest: int) -> None:
        self.folder = folder
        self.earliest = earliest
        self.options = options
        self.played: list[dict[str, object]] = []

    def say(self, text: str) -> None:
        """Print a line of the telling."""
        self._write("\n" + colored(text, "bold", self.options.color) + "\n")

    def tell(self, text: str) -> None:
        """Show a line as a command would print it."""
        self._write(f"  {text}\n")

    def run(self, act: Act) -> tuple[int, str]:
        """Run a command of the story: show it, what it prints, and its status where that is not 0.

        Raises:
            GovernError: it ends in another way than the story wants, which is not made for every programme (status 3).
        """
        status, out, err = self._call(act.arguments)
        shown = act.shown() + "".join(f" --key {key.relative_to(self.folder)}" for key in self._key(act.arguments))
        self.played.append({"command": shown, "exit": status})
        lines = (err + out).rstrip("\n").split("\n")
        left = len(lines) - act.most if act.most else 0
        printed = [*lines[: act.most], f"… {left} more lines"] if act.most and left > 1 else lines
        ended = f"  [exit {status}]\n" if status else ""
        self._write(f"\n$ {shown}\n" + "".join(f"  {line}".rstrip() + "\n" for line in printed) + ended)
        if status != act.expected:
            raise no_story(f"`{shown}` ended with {status}, and the story wants {act.expected}")
        return status, out

    def make_key(self, actor: str) -> str:
        """Make a throw-away key for an actor; return the name of its file."""
        make_key(self.folder / "keys" / actor)
        return f"keys/{actor}"

    def _key(self, arguments: tuple[str, ...]) -> list[Path]:
        """Return the key of who acts in a command, where they have one; an enrolment names its own."""
        actor = arguments[arguments.index("--as") + 1] if "--as" in arguments else ""
        file = self.folder / "keys" / actor
        first = arguments[:2] == ("key", "enroll") and "--for" not in arguments
        return [file] if actor and not first and file.exists() else []

    def _write(self, text: str) -> None:
        if not self.options.json:
            write(sys.stdout, text)

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Return the JSON result of a question that is not shown."""
        status, out, _err = self._call((*arguments, "--json"))
        if status != Exit.YES:
            raise no_story(f"`govern {' '.join(arguments)}` ended with {status}")
        result: dict[str, Any] = json.loads(out)["result"]
        return result

    def _call(self, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        from govern.cli.main import run

        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            keys = [word for key in self._key(arguments) for word in ("--key", str(key))]
            words = [str(self.folder / word) if word.startswith("keys/") else word for word in arguments]
            status = run(["-C", str(self.folder), *keys, *words], Options(earliest=self.earliest))
        return int(status), out.getvalue(), err.getvalue()


def no_story(message: str) -> GovernError:
    """Return the error of a programme whose story is another one than is played here."""
    help = "`govern demo` in an empty folder plays it on a small programme"
    return fault(Exit.UNJUDGED, "NO_STORY", f"this programme has another story: {message}", help=help)
