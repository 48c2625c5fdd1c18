"""`gate`: may this happen now? For pipelines and agents: every cause, who clears it, and a status that cannot be misread."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from govern.cli.attesting import Answer, demand_place, write_attestation
from govern.cli.completion import any_id
from govern.cli.facts import requirement_json, requirement_lines
from govern.cli.gate_reports import FORMATS, Report, headline, report
from govern.cli.output import json_text, write
from govern.cli.outputs import write_report
from govern.cli.session import Session, session_of
from govern.cli.snapshots import leave_snapshot
from govern.engine.gate import Gated, gate, token_of
from govern.ledger.moments import spell_time
from govern.problems import Exit, GovernError, Problem, did_you_mean, fault, unknown_id
from govern.snapshot import TOKEN_LIFE

Formats = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="FORMAT[=FILE]", help=f"text, json, {', '.join(FORMATS)}; to a file where one is named. Several at once."),
]


def gate_command(
    context: typer.Context,
    actions: Annotated[list[str], typer.Argument(metavar="ACTION…", help="Actions, or surfaces that they touch.", autocompletion=any_id)],
    lane: Annotated[str | None, typer.Option("--lane", metavar="LANE", help="The lane in which it would happen.")] = None,
    formats: Formats = None,
    full: Annotated[bool, typer.Option("--full", help="Use no snapshot and no cache, and leave none behind.")] = False,
    attest: Annotated[
        Path | None, typer.Option("--attest", metavar="FILE", help="Write the answer as an in-toto statement to a new file; --key signs it to FILE.sig.")
    ] = None,
    commit: Annotated[str | None, typer.Option("--commit", metavar="DIGEST", help="With --attest: the commit that it is about.")] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say whether a snapshot answered.")] = False,
) -> None:
    """Say whether an action may happen now: 0 yes, 1 no, 3 could not be told or nothing matched."""
    del verbose  # Told by what answers first, `govern.snapshot`.
    session = session_of(context)
    session.fresh = full or attest is not None
    shown, files = _wanted(formats or [], "json" if session.options.json else "text")
    if commit is not None and attest is None:
        raise fault(Exit.USAGE, "USAGE", "--commit without --attest is of no use", help="name the file: --attest FILE")
    if attest is not None:
        demand_place(session, attest, commit)
    try:
        told = _judge(session, tuple(dict.fromkeys(actions)), lane)
    except GovernError as error:
        # Who reads a report learns from it, too, that nothing could be told.
        broken = Report((), error.status, "", _project_root(session), error.problems)
        for name, path in files.items():
            write_report(session, path, _spelled(name, session, broken))
        # With --json whoever tells of the error prints the object.
        if shown in FORMATS or (shown == "json" and not session.options.json):
            write(sys.stdout, _spelled(shown, session, broken))
        raise
    for name, path in files.items():
        write_report(session, path, _spelled(name, session, told))
    if attest is not None:
        write_attestation(session, attest, Answer(tuple(dict.fromkeys(actions)), lane, commit, told.gated, told.status is Exit.YES))
    if shown in FORMATS:
        write(sys.stdout, report(shown, told))
        raise typer.Exit(told.status)
    session.options.json = shown == "json"
    session.answer("gate", lambda: _result(session, told), lambda: _text(session, told), told.status)


def _wanted(formats: Sequence[str], default: str) -> tuple[str, dict[str, Path]]:
    """Return the format that is printed, and those that are written, each to its file.

    Raises:
        GovernError: a format that is not known, or two for one place (status 2).
    """
    printed: list[str] = []
    files: dict[str, Path] = {}
    for word in formats:
        name, equals, path = word.partition("=")
        known = ("text", "json", *FORMATS)
        if name not in known or (equals and not path) or name in files:
            hint = did_you_mean(name, known) or f"one of {', '.join(known)}, each once, with =FILE to write it there"
            raise fault(Exit.USAGE, "USAGE", f"`--format {word}` is no format that can be given here", help=hint)
        if path:
            files[name] = Path(path)
        else:
            printed.append(name)
    if len(printed) > 1:
        raise fault(Exit.USAGE, "USAGE", f"{' and '.join(printed)} cannot both be printed", help=f"write one to a file: --format {printed[1]}=FILE")
    return (*printed, default)[0], files


def _judge(session: Session, asked: tuple[str, ...], lane: str | None) -> Report:
    view = session.view
    if lane is not None and lane not in view.policy.lanes:
        raise unknown_id("lane", lane, view.policy.lanes)
    found = tuple(each for word in asked for each in gate(word, view, lane))
    unmatched = tuple(_unmatched(word, session) for word in asked if word not in {each.asked for each in found})
    if not session.fresh:
        leave_snapshot(session)
    session.diagnostics += unmatched
    return Report(found, Exit.UNJUDGED if unmatched else _status(found), spell_time(view.now), session.project.root, unmatched)


def _unmatched(asked: str, session: Session) -> Problem:
    policy = session.view.policy
    known = {*policy.actions, *policy.surfaces, *(word for surface in policy.surfaces.values() for word in surface.named)}
    hint = did_you_mean(asked, known) or f"declared: {', '.join(policy.actions) or 'no action'}"
    return Problem("GATE_NO_MATCH", f"`{asked}` is no action, and no surface that an action touches: that is no yes", help=hint)


def _status(found: tuple[Gated, ...]) -> Exit:
    truths = [each.truth for each in found]
    return Exit.NO if False in truths else Exit.UNJUDGED if None in truths else Exit.YES


def _project_root(session: Session) -> Path:
    with suppress(GovernError):
        return session.project.root
    return session.options.directory


def _spelled(name: str, session: Session, told: Report) -> str:
    match name:
        case "json":
            return json_text("gate", _result(session, told), told.status, told.problems, session.head() if told.as_of else {})
        case "text":
            return f"{_text(session, told)}\n"
    return report(name, told)


def _result(session: Session, told: Report) -> dict[str, Any]:
    answers = [
        {
            "asked": each.asked,
            "action": each.action,
            "allowed": each.truth,
            "requirements": [requirement_json(one) for one in each.requirements],
            "causes": [requirement_json(one) for one in each.causes],
        }
        for each in told.gated
    ]
    return {"allowed": told.status is Exit.YES, "answers": answers, "token": _token(session, told) if told.as_of else None}


def _token(session: Session, told: Report) -> str:
    return token_of(told.actions, session.view, session.replay.chain.last, session.view.now + TOKEN_LIFE)


def _text(session: Session, told: Report) -> str:
    lines: list[str] = []
    for each in told.gated:
        named = each.action if each.asked == each.action else f"{each.action} (touches {each.asked})"
        missing = each.causes
        lines.append(f"{named}: {headline(each)}")
        lines += [requirement_lines(missing, session.view.policy)] if missing else []
    if told.status is Exit.YES:
        lines.append(f"token {_token(session, told)}")
        then = f": govern run {told.actions[0]} --token TOKEN -- COMMAND" if len(told.actions) == 1 else ""
        lines.append(f"until {spell_time(session.view.now + TOKEN_LIFE)}, as long as nothing moves{then}")
    return "\n".join(lines)
