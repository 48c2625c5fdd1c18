"""`demo`: a whole story, played on a copy of the programme at hand, or on a small one of its own.

Nothing of the story is written down here: which option is blocked most, what it takes and who can give it is asked of
the programme, and every line that is printed was printed by the command shown above it.
"""

import io
import json
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from govern.cli.demo_story import Act, play
from govern.cli.project import POLICY_FILE, Project, find_project
from govern.cli.session import Session, session_of
from govern.cli.start import scaffold, start_ledger
from govern.problems import Exit, fault


def demo(
    context: typer.Context, keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Play it here, and leave it to be explored.")] = None
) -> None:
    """Play a whole story in a temporary folder."""
    session = session_of(context)
    if session.options.json:
        raise fault(Exit.USAGE, "USAGE", "the demo is to be read; it has no JSON", help="leave out --json")
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise fault(Exit.REFUSED, "REFUSED", f"{keep} is not empty; nothing was written", help="name a new folder")
    folder = keep.resolve() if keep is not None else Path(tempfile.mkdtemp(prefix="govern-demo-"))
    try:
        _set_up(find_project(session.options.directory), folder, session)
        stage = Stage(folder, session.options.color)
        stage.say("A copy of the programme, in a folder of its own. Every line below a command is what it printed.")
        play(stage)
        stage.say(f"played {stage.count} commands" + (f"; explore it: cd {keep} && govern status" if keep is not None else "; nothing of it is left"))
    finally:
        if keep is None:
            shutil.rmtree(folder)
    raise typer.Exit(Exit.YES)


def _set_up(source: Project, folder: Path, session: Session) -> None:
    """Copy what a programme is made of, or scaffold a small one where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if not source.store.exists():
        scaffold(folder)
        start_ledger(Project(folder), session.now, "0" * 64)
        return
    shutil.copy(source.root / POLICY_FILE, folder / POLICY_FILE)
    for name in ("templates", "governance"):
        shutil.copytree(source.root / name, folder / name)


class Stage:
    """Where the story is played: runs commands in the folder and prints them with what they print."""

    def __init__(self, folder: Path, color: str) -> None:
        self.folder = folder
        self.color = color
        self.count = 0

    def say(self, text: str) -> None:
        """Print a line of the telling."""
        from govern.cli.output import colored

        sys.stdout.write("\n" + colored(text, "bold", self.color) + "\n")

    def tell(self, text: str) -> None:
        """Show a line as a command would print it."""
        sys.stdout.write(f"  {text}\n")

    def run(self, act: Act) -> tuple[int, str]:
        """Run a command of the story: show it, what it prints, and its status where that is not 0."""
        self.count += 1
        sys.stdout.write(f"\n$ {act.shown()}\n")
        status, out, err = self._call(act.arguments)
        lines = (err + out).rstrip("\n").split("\n")
        left = len(lines) - act.most if act.most else 0
        shown = [*lines[: act.most], f"… {left} more lines"] if act.most and left > 1 else lines
        sys.stdout.write("".join(f"  {line}".rstrip() + "\n" for line in shown))
        if status:
            sys.stdout.write(f"  [exit {status}]\n")
        if status != act.expected:
            raise AssertionError(f"`{act.shown()}` ended with {status}, the story wants {act.expected}")
        return status, out

    def ask(self, *arguments: str) -> dict[str, object]:
        """Return the JSON result of a question that is not shown."""
        _status, out, _err = self._call((*arguments, "--json"))
        result: dict[str, object] = json.loads(out)["result"]
        return result

    def _call(self, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        from govern.cli.main import run

        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run(["-C", str(self.folder), *arguments])
        return int(status), out.getvalue(), err.getvalue()
