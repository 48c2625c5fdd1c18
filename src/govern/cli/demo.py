"""`demo`: a whole story, played on a copy of the programme at hand, or on a small one of its own.

Nothing of the story is written down here: which option is blocked most, what it takes and who can give it is asked of
the programme, and every line that is printed was printed by the command shown above it.
"""

import io
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from govern.cli.configuration import FILES, VARIABLE
from govern.cli.demo_stage import Act, no_story
from govern.cli.demo_story import play
from govern.cli.options import Options
from govern.cli.output import colored, write
from govern.cli.project import POLICY_FILE, Project
from govern.cli.recording import refuse_past
from govern.cli.refounding import refound
from govern.cli.session import Session, session_of
from govern.cli.signing import make_key
from govern.cli.start import scaffold, start_ledger
from govern.problems import Exit, fault


def demo(
    context: typer.Context, keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Play it here, and leave it to be explored.")] = None
) -> None:
    """Play a whole story in a temporary folder."""
    session = session_of(context)
    refuse_past(session)
    if keep is not None and keep.exists() and not (keep.is_dir() and not any(keep.iterdir())):
        raise fault(Exit.REFUSED, "REFUSED", f"{keep} is not an empty folder; nothing was written", help="name a new folder")
    source = session.project if session.project.store.exists() else None
    if source is not None and session.replay and session.contents.torn:
        raise fault(Exit.BROKEN, "TORN_TAIL", "bytes of a record that was never acknowledged follow the last line", help="govern verify")
    folder = keep.resolve() if keep is not None else Path(tempfile.mkdtemp(prefix="govern-demo-"))
    stage = Stage(folder, session.options, session.replay.state.at if source is not None else 0)
    try:
        with _apart(folder if keep is None else None):
            _set_up(source, folder, session)
            stage.say("A copy of the programme, in a folder of its own. Every line below a command is what it printed.")
            play(stage)
    finally:
        if keep is None:
            shutil.rmtree(folder)
    rest = f"explore it: cd {keep} && govern status" if keep is not None else "nothing of it is left"
    stage.say(f"played {len(stage.played)} commands; {rest}")
    session.answer("demo", {"commands": stage.played, "kept": str(keep) if keep is not None else None}, "")


def _set_up(source: Project | None, folder: Path, session: Session) -> None:
    """Copy what a programme is made of, or scaffold a small one where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if source is None:
        scaffold(folder)
        start_ledger(Project(folder), session.now, secrets.token_hex(32))
        return
    shutil.copy(source.root / POLICY_FILE, folder / POLICY_FILE)
    for name in ("templates", "governance"):
        if (source.root / name).exists():
            shutil.copytree(source.root / name, folder / name, ignore=shutil.ignore_patterns("ledger", "__pycache__"))
    refound(Project(folder), session.replay, session.contents.lines, session.now, secrets.token_hex(32))


@contextmanager
def _apart(folder: Path | None) -> Iterator[None]:
    """Keep the ledger of the copy in files, and what is remembered of it in the folder, where that goes."""
    own = {VARIABLE: FILES} | ({"XDG_STATE_HOME": str(folder / "state")} if folder is not None else {})
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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

    def ask(self, *arguments: str) -> dict[str, object]:
        """Return the JSON result of a question that is not shown."""
        status, out, _err = self._call((*arguments, "--json"))
        if status != Exit.YES:
            raise no_story(f"`govern {' '.join(arguments)}` ended with {status}")
        result: dict[str, object] = json.loads(out)["result"]
        return result

    def _call(self, arguments: tuple[str, ...]) -> tuple[int, str, str]:
        from govern.cli.main import run

        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            keys = [word for key in self._key(arguments) for word in ("--key", str(key))]
            words = [str(self.folder / word) if word.startswith("keys/") else word for word in arguments]
            status = run(["-C", str(self.folder), *keys, *words], Options(earliest=self.earliest))
        return int(status), out.getvalue(), err.getvalue()
