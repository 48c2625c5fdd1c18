"""`init --ci`: the pipeline that judges what is proposed, in a file of its own; what is there already is never merged."""

import re
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal, NoReturn

from govern.cli.files import keep_below, read_below
from govern.cli.output import write
from govern.cli.project import POLICY_FILE, Project, find_repository
from govern.cli.session import Session
from govern.policy.load import load_policy
from govern.problems import Exit, GovernError, fault, unknown_id

_PLACES = {"github": ".github/workflows/govern.yml", "gitlab": ".gitlab-ci.yml"}
# What is put into a pipeline is a word that no reader of YAML, no shell and no template language reads as more.
_PATH = re.compile(r"(?!-)[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_PROGRAM = re.compile(rf"({_PATH.pattern}/{_PATH.pattern})@([0-9a-f]{{40}})")
_LOCAL = re.compile(rf"\./(?:{_PATH.pattern})?")
_IMAGE = re.compile(r"[A-Za-z0-9._/:-]+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is wanted: for whom, the program and its commit, the branch, the image, and the actions that must be allowed."""

    kind: Literal["github", "gitlab"]
    program: str | None
    branch: str
    image: str | None
    actions: tuple[str, ...]


def write_pipeline(session: Session, project: Project, wanted: Pipeline) -> NoReturn:
    """Write the pipeline of a programme that is there, and tell what is to be set by hand.

    Raises:
        GovernError: what is wanted cannot be put into it (status 2), there is no programme (status 3), or another file is there (status 4).
    """
    _demand_declared(project, wanted.actions)
    top = _top(project.root)
    programme = project.root.relative_to(top).as_posix()
    text, place = _text(wanted, _word(programme, "the folder of the programme")), _PLACES[wanted.kind]
    written = _keep(session, top, place, text)
    lines = [f"{'wrote' if written else 'already as it is to be:'} {top / place}", "", "to be set by hand, outside the repository", *_STEPS[wanted.kind]]
    session.answer("init", {"root": str(top), "written": [place] if written else [], "ci": wanted.kind}, "\n".join(lines))


_KEPT = (
    "  variable GOVERN_CHECKPOINT   what `govern checkpoint` prints; without one the job fails",
    "  variable GOVERN_PIN          what `govern ledger pin` shows, once keys are enrolled",
)
_STEPS = {
    "github": (*_KEPT, "  a ruleset that protects the branch and requires the check `judge`"),
    "gitlab": (*_KEPT, "  the CI/CD configuration file in another project, or whoever edits .gitlab-ci.yml brings the judge; pipelines must succeed"),
}


def _text(wanted: Pipeline, programme: str) -> str:
    scaffold = (files("govern") / "scaffold" / f"{wanted.kind}.yml").read_text(encoding="utf-8")
    actions = " ".join(wanted.actions)
    if wanted.kind == "github":
        if wanted.image is not None:
            raise _usage("--image is for GitLab", "a runner of GitHub is named in the workflow")
        return scaffold.format(branch=_word(wanted.branch, "--branch"), program=_action(wanted.program), programme=programme, actions=actions)
    if wanted.branch != "main":
        raise _usage("--branch is for GitHub", "at GitLab it is the project's default branch")
    named = _PROGRAM.fullmatch(wanted.program or "")
    if named is None:
        raise _usage(f"`{wanted.program or ''}` names no program to judge with", "--program GROUP/PROJECT@COMMIT, on the same server, with the whole commit")
    if _IMAGE.fullmatch(wanted.image or "") is None:
        raise _usage(f"`{wanted.image or ''}` names no image", "--image NAME@sha256:DIGEST, with Python 3.11 or newer, git and GNU diff in it")
    return scaffold.format(project=named[1], commit=named[2], image=wanted.image, programme=programme, actions=actions)


def _action(program: str | None) -> str:
    """Return how a workflow names the program: by its commit, or as a folder of the branch, where that carries it."""
    if program is not None and _LOCAL.fullmatch(program) and ".." not in program:
        return f"./base/{program.removeprefix('./')}".rstrip("/")
    if program is None or _PROGRAM.fullmatch(program) is None:
        help = "--program OWNER/REPOSITORY@COMMIT, with the whole commit; or ./FOLDER, where the repository carries govern itself"
        raise _usage(f"`{program or ''}` names no program to judge with", help)
    return program


def _word(text: str, what: str) -> str:
    if _PATH.fullmatch(text) is None or ".." in text:
        raise _usage(f"{what} is `{text}`, which cannot be put into a pipeline", "letters, digits, `.`, `_`, `-` and `/`")
    return text


def _demand_declared(project: Project, actions: tuple[str, ...]) -> None:
    policy = load_policy(project.policy_bytes(), POLICY_FILE)
    for name in actions:
        if name not in policy.actions:
            raise unknown_id("action", name, policy.actions)


def _top(root: Path) -> Path:
    top = find_repository(root)
    if top is None:
        raise _usage(f"{root} is in no repository of git", "git init")
    return top


def _keep(session: Session, top: Path, place: str, text: str) -> bool:
    """Write a new file; say whether it was missing. What is there stays as it is, and what would be written is printed."""
    try:
        keep_below(top, place, text.encode())
    except FileExistsError as error:
        if read_below(top, place, single=False) == text.encode():
            return False
        if not session.options.json:
            write(sys.stdout, text)
        help = "nothing is merged: move it away and repeat, or take over by hand what is printed"
        raise fault(Exit.REFUSED, "OUT_TAKEN", f"{top / place} is there, and is another; nothing was written", help=help) from error
    return True


def _usage(message: str, help: str) -> GovernError:
    return fault(Exit.USAGE, "USAGE", message, help=help)
