"""`why-blocked` and `why`: what is missing, or what holds, with who and how."""

from typing import Annotated, Any

import typer

from govern.cli.completion import any_id
from govern.cli.facts import requirement_lines, verdict_json
from govern.cli.outdated_words import warn_of_outdated_words
from govern.cli.session import Session, session_of
from govern.cli.ways import closing_lines, kept_out_lines, unlock_lines
from govern.engine.explain import blocking, holding
from govern.engine.unlocking import unlock
from govern.engine.upcoming import choices, why_closed
from govern.engine.upholding import Closing, Support, closing
from govern.engine.verdicts import Verdict, find_target, verdict
from govern.problems import Exit

_SHOWN = 3

Id = Annotated[str | None, typer.Argument(metavar="ID", help="An option, blocker, leg, lane, grant, action or packet.", autocompletion=any_id)]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit 1 where it is blocked.")]


def why_blocked(
    context: typer.Context, id: Id = None, exit_code: ExitCode = False, every: Annotated[bool, typer.Option("--all", help="Show all, not the nearest.")] = False
) -> None:
    """Name what is missing, who can clear it, and with which command."""
    session = session_of(context)
    warn_of_outdated_words(session)
    if id is not None:
        found = verdict(find_target(id, session.view), session.view)
        session.answer(
            "why-blocked", lambda: verdict_json(found, session.view), lambda: _blocked_text(found, session, alone=True), _status(found, exit_code=exit_code)
        )
    verdicts = [choice.verdict for choice in choices(session.view)] + why_closed(session.view)
    blocked = sorted((each for each in verdicts if not each.allowed), key=lambda each: len(blocking(each)))
    result: dict[str, Any] = {"blocked": [verdict_json(each, session.view) for each in blocked], "count": len(blocked)}
    shown = blocked if every else blocked[:_SHOWN]
    parts = [_blocked_text(each, session, alone=False) for each in shown]
    if len(blocked) > len(shown):
        parts.append(f"and {len(blocked) - len(shown)} more; `govern why-blocked --all` shows them")
    text = "\n\n".join(parts) or "Nothing is blocked."
    session.answer("why-blocked", result, text, Exit.NO if exit_code and blocked else Exit.YES)


def why(
    context: typer.Context, id: Annotated[str, typer.Argument(metavar="ID", help="What is asked about.", autocompletion=any_id)], exit_code: ExitCode = False
) -> None:
    """Name what holds an allowed thing up, and what to take away to close it."""
    session = session_of(context)
    warn_of_outdated_words(session)
    found = verdict(find_target(id, session.view), session.view)
    closed_by = closing(found, session.view)
    result = {**verdict_json(found, session.view), "closing": [[_support_json(each) for each in sets] for sets in closed_by.sets]}
    result |= {"closing_count": closed_by.count, "closing_exact": closed_by.exact}
    session.answer("why", result, lambda: _why_text(found, closed_by, session), _status(found, exit_code=exit_code))


def _support_json(support: Support) -> dict[str, Any]:
    return {"record": support.record, "command": support.command, "by": list(support.by)}


def _why_text(found: Verdict, closed_by: Closing, session: Session) -> str:
    held, policy = holding(found), session.view.policy
    head = f"{found.target.name} is allowed; it rests on:" if found.allowed else f"{found.target.name} is blocked: {_count(found)}; these hold:"
    lines = [head, requirement_lines(held, policy) if held else "  nothing"]
    if found.allowed:
        lines += closing_lines(closed_by)
    if found.target.kind == "action" and found.allowed and policy.policy.signature_waiver:
        lines.append(f"signatures are waived: {policy.policy.signature_waiver}")
    return "\n".join(lines)


def _status(found: Verdict, *, exit_code: bool) -> Exit:
    return Exit.NO if exit_code and not found.allowed else Exit.YES


def _count(found: Verdict) -> str:
    missing = len(blocking(found))
    return f"{missing} of {len(found.requirements)} requirements {'does' if missing == 1 else 'do'} not hold"


def _blocked_text(found: Verdict, session: Session, *, alone: bool) -> str:
    if found.allowed:
        return f"{found.target.name} is not blocked; `govern why {found.target.name}` says what holds it up"
    ways = unlock(found.judged)
    missing = requirement_lines(blocking(found), session.view.policy)
    return "\n".join(
        [f"{found.target.name} is blocked: {_count(found)}", missing, *unlock_lines(ways), *(kept_out_lines(found, ways, session.view) if alone else ())]
    )
