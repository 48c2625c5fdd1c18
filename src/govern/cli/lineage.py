"""`lineage`: the chain of packets, drawn and checked."""

import typer

from govern.cli.output import counted
from govern.cli.session import session_of
from govern.engine.lineage import LineageStep
from govern.engine.lineage import lineage as lineage_of


def lineage(context: typer.Context) -> None:
    """Draw and check the chain of packets."""
    session = session_of(context)
    steps = lineage_of(session.view)
    children = {step["consumes"].split("/")[0]: step["packet"] for step in steps if step["consumes"]}
    roots = [step for step in steps if not step["consumes"]]
    by_name = {step["packet"]: step for step in steps}
    lines: list[str] = []
    for root in roots:
        step, depth = root, 0
        while True:
            lines += _drawn(step, depth)
            if step["packet"] not in children:
                break
            step, depth = by_name[children[step["packet"]]], depth + 1
    gaps = sum(bool(step["gap"]) for step in steps)
    lines.append(f"checked: {counted(len(steps), 'packet')}, no circle, nothing consumed twice, {counted(gaps, 'declared gap')}")
    session.answer("lineage", {"packets": steps}, "\n".join(lines))


def _drawn(step: LineageStep, depth: int) -> list[str]:
    indent = "    " * depth
    arrow = "└── " if depth else ""
    decided = f", decided {step['decision']}" if step["decision"] else ""
    lines = [f"{indent[:-4]}{arrow}{step['packet']} ({step['lifecycle']}{decided}{', imported' if step['standing'] == 'imported' else ''})"]
    if step["consumes"]:
        lines.append(f"{indent}  consumes {step['consumed_option']} of {step['consumes_file'] or step['consumes']}")
    if step["continues"]:
        lines.append(f"{indent}  continues {step['continues']}")
    if step["gap"]:
        lines.append(f"{indent}  gap: {step['gap']}")
    return lines
