"""`sweep`: what a version of the policy does to all that is open, judged under the version before it and under it on the same records."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.canonical import digest
from govern.cli.across import Answered, ask_each, not_judged, problems_json, spell_not_judged, status_of, tell_problems
from govern.cli.board import Folders
from govern.cli.completion import moments
from govern.cli.facts import requirement_json, requirement_lines
from govern.cli.files import read_named
from govern.cli.options import Options
from govern.cli.output import counted
from govern.cli.overrides import predicate_of
from govern.cli.policy_cache import Parsed
from govern.cli.programmes import Programme, programmes
from govern.cli.session import Session
from govern.documents.escape import escape_terminal
from govern.engine.sweeping import Moved, moved
from govern.engine.view import View
from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.problems import Exit, Problem, fault


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a policy: its number, its digest, and the policy; `record` is the one that adopted it, where it was adopted here."""

    policy: Policy
    sha256: str
    record: int | None = None

    @property
    def number(self) -> int:
        """The number that it gives itself."""
        return self.policy.programme.version


@dataclass(frozen=True, slots=True)
class Swept:
    """What differs in one programme between two versions."""

    before: Version
    after: Version
    changes: tuple[Moved, ...]
    warnings: tuple[Problem, ...]


def sweep(
    context: typer.Context,
    folders: Folders = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="WHEN", help="Against the version in force then: #SEQ, a time with offset or @MARK.", autocompletion=moments),
    ] = None,
    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Ask of a version that is not adopted yet, against the one in force.")] = None,
) -> None:
    """Say what a version of the policy does to all that is open: 0 nothing is stricter, 1 something is.

    Each is judged on the same records under the version in force and under the one before it, or that of --since; with
    --policy, under a version that is not adopted and under the one in force. Nothing is written.
    """
    options: Options = context.obj
    session, parsed = Session(options), Parsed()
    proposed = _proposed(policy) if policy else None
    found = programmes(folders or [], options.directory)
    answers = list(ask_each(session, found, partial(_swept, parsed=parsed, as_of=options.as_of, since=since, proposed=proposed)))
    tell_problems(session, answers)
    stricter = any(each.stricter for answer in answers if answer.answer for each in answer.answer.changes)
    status = status_of(answers, Exit.NO if stricter else Exit.YES)
    session.answer("sweep", lambda: _result(answers), lambda: _text(answers), status)


def _proposed(path: Path) -> Version:
    """Return the version of a file.

    Raises:
        GovernError: it cannot be read (status 2), or has faults (status 3).
    """
    content = read_named(path, "--policy takes a states.yaml")
    return Version(load_policy(content, str(path)), digest(content))


def _swept(programme: Programme, parsed: Parsed, as_of: str | None, since: str | None, proposed: Version | None) -> Swept:
    """Judge one programme under two versions.

    Raises:
        GovernError: it cannot be judged, or the version is of another programme (status 3), or it is broken (status 5).
    """
    session = programme.session(Options(as_of=as_of), parsed)
    view = session.view
    in_force = Version(view.policy, view.state.policy_digest, view.state.policy_seq or None)
    if proposed is not None and proposed.policy.programme.id != view.policy.programme.id:
        message = f"version {proposed.number} is of programme {proposed.policy.programme.id}, and this is {view.policy.programme.id}"
        raise fault(Exit.UNJUDGED, "POLICY_OTHER", message, help="--policy takes a version of the programme that is asked about")
    earlier = _at(session, since) if since is not None else in_force if proposed is not None else _replaced(session, in_force)
    later = proposed or in_force
    changes = moved(_under(earlier, view), _under(later, view)) if earlier.sha256 != later.sha256 else ()
    return Swept(earlier, later, changes, tuple(session.diagnostics))


def _at(session: Session, since: str) -> Version:
    """Return the version that was in force at a moment."""
    view = session.at(since).view
    return Version(view.policy, view.state.policy_digest, view.state.policy_seq or None)


def _replaced(session: Session, in_force: Version) -> Version:
    """Return the version before the one in force; where none was adopted since the first, that."""
    if in_force.record is None:
        return in_force
    before = str(predicate_of(session.contents.lines[in_force.record])["body"]["previous"])
    return Version(session.project.policy_source(fresh=session.fresh)(before), before)


def _under(version: Version, view: View) -> View:
    """Return the same records at the same moment under a version of the policy."""
    return View(version.policy, view.state, view.now, view.evidence, view.pinned, view.clock)


def _result(answers: Sequence[Answered[Swept]]) -> dict[str, Any]:
    changes = [change for each in answers if each.answer for change in each.answer.changes]
    return {
        "stricter": sum(change.stricter for change in changes),
        "looser": sum(not change.stricter for change in changes),
        "unjudged": sum(each.status is Exit.UNJUDGED for each in answers),
        "broken": sum(each.status is Exit.BROKEN for each in answers),
        "programmes": [_programme(each) for each in answers],
    }


def _programme(answered: Answered[Swept]) -> dict[str, Any]:
    programme, swept = answered.programme, answered.answer
    row = swept and {
        "programme": swept.after.policy.programme.id,
        "before": _version(swept.before),
        "after": _version(swept.after),
        "changes": [_change(each) for each in swept.changes],
        "warnings": [{"code": each.code, "message": each.message, "help": each.help} for each in swept.warnings],
    }
    return {"name": programme.name, "place": programme.place, "status": int(answered.status), "problems": problems_json(answered), "row": row}


def _version(version: Version) -> dict[str, Any]:
    return {"version": version.number, "sha256": version.sha256, "record": version.record}


def _change(change: Moved) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.name,
        "was": change.was or None,
        "before": change.before,
        "after": change.after,
        "stricter": change.stricter,
        "causes": [requirement_json(each) for each in change.causes],
    }


def _text(answers: Sequence[Answered[Swept]]) -> str:
    judged = [each for each in answers if each.answer]
    changes = [change for each in judged if each.answer for change in each.answer.changes]
    stricter = sum(change.stricter for change in changes)
    held = f"{stricter} no longer {'holds' if stricter == 1 else 'hold'}, {len(changes) - stricter} hold now and did not before"
    head = f"{counted(len(judged), 'programme')}: {held if changes else 'nothing changed'}{spell_not_judged(answers)}"
    blocks = ["\n".join(_block(each, each.answer)) for each in judged if each.answer]
    return "\n\n".join([head if judged else "no programme could be judged", *blocks, *not_judged(answers)])


def _block(answered: Answered[Swept], swept: Swept) -> list[str]:
    before, after = swept.before, swept.after
    adopted = f", adopted by record #{after.record}" if after.record is not None else ""
    if before.sha256 == after.sha256:
        versions = f"version {after.number}{adopted}, and no other to hold against it"
    else:
        versions = f"version {before.number} against version {after.number}{adopted or ', which is not adopted'}"
    lines = [escape_terminal(f"{answered.programme.name} ({answered.programme.place}): {versions}")]
    lines += [escape_terminal(f"  {each.code}: {each.message}") for each in swept.warnings]
    for stricter, head, policy in ((True, "no longer:", after.policy), (False, "now, and not before:", before.policy)):
        mine = [each for each in swept.changes if each.stricter is stricter]
        lines += [f"  {head}"] if mine else []
        for each in mine:
            was = f" (was {each.was})" if each.was else ""
            lines.append(f"    {each.kind} {each.name}{was}: {each.before} under version {before.number}, {each.after} under version {after.number}")
            lines += [f"    {line}" for line in requirement_lines(each.causes, policy).split("\n")] if each.causes else []
    return lines if swept.changes else [*lines, "  nothing that is open is judged differently"]
