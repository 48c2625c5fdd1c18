"""`lineage`: the chain of packets, drawn and checked."""

from typing import Annotated, Any, Literal

import typer

from govern.cli.output import counted
from govern.cli.session import Session, session_of
from govern.engine.lineage import LineageStep, lineage_faults
from govern.engine.lineage import lineage as lineage_of
from govern.problems import Exit, Problem


def lineage(
    context: typer.Context,
    format: Annotated[Literal["text", "mermaid"], typer.Option("--format", help="A tree of text, or a Mermaid picture.")] = "text",
) -> None:
    """Draw and check the chain of packets."""
    session = session_of(context)
    steps = lineage_of(session.view)
    faults = lineage_faults(session.view, stood_at(session))
    session.diagnostics += faults
    result: dict[str, Any] = {"packets": steps, "faults": [_told(each) for each in faults]}
    if format == "mermaid":
        from govern.documents.mermaid import lineage_diagram

        text: str = lineage_diagram(session.view)
        result["mermaid"] = text
    else:
        text = "\n".join([*drawn(steps), _checked(steps, faults)])
    session.answer("lineage", result, text, Exit.NO if faults else Exit.YES)


def stood_at(session: Session) -> dict[str, str]:
    """Return the status of the programme when each packet that continues one was issued, from the records before."""
    from govern.engine.standing import status_token

    view, lines = session.view, session.contents.lines
    issued = sorted((view.packet(name).issued or 0, name) for name, packet in view.policy.packets.items() if packet.continues)
    # What is only supposed is no record, and was issued at no moment.
    issued = [(seq, name) for seq, name in issued if 0 < seq < session.size]
    found: dict[str, str] = {}
    if not issued:
        return found
    replay, taken = session.project.replay_nothing(known=session.size), 0
    for seq, name in issued:
        replay.take_all(lines[taken:seq])
        taken = seq
        found[name] = status_token(replay.view(view.packet(name).issued_at or 0, pinned=session.pinned))
    return found


def _told(fault: Problem) -> dict[str, Any]:
    place = fault.place
    return {"message": fault.message, "file": place.file if place else None, "line": place.line if place else None}


def _checked(steps: list[LineageStep], faults: list[Problem]) -> str:
    gaps = counted(sum(bool(step["gap"]) for step in steps), "declared gap")
    if faults:
        return f"checked: {counted(len(steps), 'packet')}, {gaps}, {counted(len(faults), 'fault')}: what is on record is not what is declared"
    return f"checked: {counted(len(steps), 'packet')}, no circle, nothing consumed twice, {gaps}"


def drawn(steps: list[LineageStep]) -> list[str]:
    """Return the packets as a tree: below each, those that consume a decision of it."""
    below: dict[str, list[LineageStep]] = {}
    for step in steps:
        below.setdefault(step["consumes"].split("/")[0], []).append(step)
    lines: list[str] = []
    ahead = [(step, "", "") for step in reversed(below.get("", []))]
    while ahead:
        step, arrow, indent = ahead.pop()
        lines += _drawn(step, arrow, indent)
        children = below.get(step["packet"], [])
        last = len(children) - 1
        branches = [
            (each, f"{indent}{'└── ' if place == last else '├── '}", f"{indent}{'    ' if place == last else '│   '}") for place, each in enumerate(children)
        ]
        ahead += reversed(branches)
    return lines


def _drawn(step: LineageStep, arrow: str, indent: str) -> list[str]:
    decided = f", decided {step['decision']}" if step["decision"] else ""
    # That a document reports the issue says nothing of who decided.
    lines = [f"{arrow}{step['packet']} ({step['lifecycle']}{', imported' if step['standing'] == 'imported' else ''}{decided})"]
    if step["consumes"]:
        lines.append(
            f"{indent}  consumes {step['consumed_option']} of {step['consumes_file'] or step['consumes'].split('/')[0]}: {step['consumes'].split('/')[1]}"
        )
    if step["continues"]:
        lines.append(f"{indent}  continues {step['continues']}")
    if step["gap"]:
        lines.append(f"{indent}  gap: {step['gap']}")
    return lines
