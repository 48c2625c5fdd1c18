"""`seal`: seal a folder of evidence; `--check`: the gate; `--write-adoption`: the packet by which an owner takes the gate into CI."""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from govern.cli.outputs import TAKEN
from govern.cli.sealed import Gate, compare_all, compare_folders
from govern.cli.sealing import seal_folder, wanted_name
from govern.cli.session import Session, session_of
from govern.problems import Exit, Problem, fault


def seal(
    context: typer.Context,
    folders: Annotated[list[Path] | None, typer.Argument(metavar="DIR", help="The folder to seal; with --check, those to compare.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare every seal below governance/, or in these folders, with the bytes.")] = False,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What the packet is called; as the leg asks, or as the folder, if left out.")
    ] = None,
    leg: Annotated[list[str] | None, typer.Option("--leg", metavar="BLOCKER/LEG", help="A leg that the packet is made for; may be repeated.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Seal a folder anew that is no longer as it was sealed.")] = False,
    write_adoption: Annotated[
        bool, typer.Option("--write-adoption", help="Write into a new folder, and seal, the packet by which an owner takes the gate into CI.")
    ] = False,
) -> None:
    """Seal a folder of evidence, or compare every seal with the bytes."""
    session = session_of(context)
    if session.options.as_of is not None:
        raise fault(Exit.USAGE, "AS_OF", "the bytes are those of now", help="leave out --as-of")
    if check and (name is not None or leg or again or write_adoption):
        raise fault(Exit.USAGE, "USAGE", "--check compares, and takes nothing but folders", help="leave out the other options")
    if check:
        _check(session, [session.options.directory / each for each in folders or []])
    if len(folders or []) != 1:
        raise fault(Exit.USAGE, "USAGE", "one folder is sealed at a time", help="govern seal DIR, or govern seal --check")
    [folder] = folders or []
    below = _below(session, folder)
    if write_adoption:
        from govern.cli.adoption import write_packet

        wanted_name(session, name, tuple(leg or []))
        write_packet(session.project.root, below)
    seal_folder(session, below, name, tuple(leg or []), again=again)


def _check(session: Session, folders: list[Path]) -> NoReturn:
    gate = Gate()
    if folders:
        compare_folders(gate, folders)
    else:
        compare_all(gate, session)
    if not gate.seals:
        message = "there is no sealed folder, so nothing was compared"
        gate.tell(Exit.UNJUDGED, Problem("NO_SEAL", message, help="`govern seal DIR` seals one; nothing to check is never a pass"))
    session.diagnostics += gate.problems
    session.answer("seal", gate.as_json, gate.as_text, gate.status)


def _below(session: Session, folder: Path) -> str:
    """Return the name of a folder below the programme's.

    Raises:
        GovernError: it lies outside, or where other rules hold (status 2).
    """
    root = session.project.root
    wanted = Path(os.path.normpath(session.options.directory.resolve() / folder))
    if not wanted.is_relative_to(root) or wanted == root:
        raise fault(Exit.USAGE, "USAGE", f"`{folder}` is not a folder below {root}", help="what is sealed is part of the programme")
    below = wanted.relative_to(root).as_posix()
    if f"{below}/".startswith(TAKEN) or below == "governance":
        raise fault(Exit.USAGE, "USAGE", f"`{below}` has rules of its own, and is not sealed", help="governance/evidence/NAME is the place of a packet")
    return below
