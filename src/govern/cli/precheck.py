"""`precheck`: every precondition of an action, evaluated; none is exercised, and nothing is written."""

from typing import Annotated

import typer

from govern.cli.completion import any_id
from govern.cli.evidence_now import EvidenceNow, examine_bound
from govern.cli.facts import requirement_json
from govern.cli.output import counted, table
from govern.cli.session import Session, session_of
from govern.engine.causes import Requirement
from govern.engine.gate import options_of
from govern.engine.verdicts import Target, find_target, verdict
from govern.engine.view import View
from govern.problems import Exit, fault


def precheck(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action that is asked about.", autocompletion=any_id)],
) -> None:
    """Evaluate every precondition of an action, and exercise none."""
    session = session_of(context)
    target = find_target(action, session.view)
    if target.kind != "action":
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{action}` is no action", help=f"one of {', '.join(session.view.policy.actions)}")
    found = preconditions(target, session.view)
    bound = examine_bound(session, [each.id.removeprefix("leg:") for each in found if each.kind == "leg"])
    held = sum(each.satisfied for each in found) + sum(each.passed is True for each in bound)
    results = [each.truth for each in found] + [each.passed for each in bound]
    status = Exit.NO if False in results else Exit.UNJUDGED if None in results else Exit.YES
    result = {
        "action": action,
        "preconditions": [requirement_json(each) for each in found],
        "evidence": [each.to_json() for each in bound],
        "held": held,
        "of": len(results),
        "exercised": 0,
    }
    session.answer("precheck", result, _text(session, action, found, bound, held), status)


def preconditions(target: Target, view: View) -> list[Requirement]:
    """Return what an action needs, and what each option needs that it rests on, once each."""
    verdicts = [verdict(target, view), *(verdict(Target("option", address), view) for address in options_of(target.name, view.policy))]
    found: dict[str, Requirement] = {}
    for each in verdicts:
        for requirement in each.requirements:
            found.setdefault(requirement.id, requirement)
    return list(found.values())


def _text(session: Session, action: str, found: list[Requirement], bound: list[EvidenceNow], held: int) -> str:
    count = len(found) + len(bound)
    rows = [(_mark(each.truth), each.id, each.why) for each in found] + [(_mark(each.passed), f"evidence:{each.leg}", each.why) for each in bound]
    lines = [f"{action}: {held} of {counted(count, 'precondition')} hold; none was exercised", table(rows, "  ")]
    lines.append(f"nothing was recorded: {counted(session.size, 'record')} before and after; `govern why-blocked {action}` says who acts")
    return "\n".join(lines)


def _mark(truth: bool | None) -> str:
    return "??" if truth is None else "ok" if truth else "NO"
