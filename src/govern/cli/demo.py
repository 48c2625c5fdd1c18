"""`demo`: a whole story, played on a copy of the programme at hand, or on a small one of its own.

Nothing of the story is written down here: which option is blocked most, what it takes and who can give it is asked of
the programme, and every line that is printed was printed by the command shown above it.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from govern.cli.configuration import FILES, VARIABLE
from govern.cli.demo_stage import Stage
from govern.cli.demo_story import play
from govern.cli.project import POLICY_FILE, Project
from govern.cli.recording import refuse_past, refuse_torn
from govern.cli.refounding import refound
from govern.cli.session import Session, session_of
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
    if source is not None:
        refuse_torn(session.contents)
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
