"""`note`, `mark`, `finding`: records that give no authority."""

from typing import Annotated, Literal

import typer

from govern.cli.completion import findings as complete_findings
from govern.cli.recording import record_act
from govern.cli.session import session_of
from govern.ledger.statements import is_name
from govern.problems import Exit, fault, unknown_id


def note(context: typer.Context, text: Annotated[str, typer.Argument(help="The text.")]) -> None:
    """Record a note. It changes nothing else."""
    session = session_of(context)
    seq = record_act(session, "note", {"text": text}, "noting").seqs[0]
    session.answer("note", {"recorded": seq}, f"recorded as #{seq} ({session.standing.value})\nnothing takes a note back")


def mark(context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The name, used as @NAME.")]) -> None:
    """Give the present moment a name, for --as-of @NAME."""
    session = session_of(context)
    name = name.removeprefix("@")
    if not is_name(name):
        raise fault(Exit.USAGE, "USAGE", f"`{name}` is no name", help="letters, digits, `.`, `_`, `-`")
    seq = record_act(session, "mark", {"name": name}, f"marking @{name}").seqs[0]
    session.answer("mark", {"recorded": seq, "mark": name}, f"recorded as #{seq}: @{name} ({session.standing.value})\nnothing takes a mark back")


def finding(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="FINDING", help="The finding.", autocompletion=complete_findings)],
    result: Annotated[Literal["pass", "fail", "unknown"], typer.Argument(help="The result.")],
    why: Annotated[str, typer.Option("--why", help="Why it is so.")],
) -> None:
    """Record the result of a finding."""
    session = session_of(context)
    if name not in session.view.policy.findings:
        raise unknown_id("finding", name, session.view.policy.findings)
    before = session.view.state.findings.get(name)
    old = before.result if before else session.view.policy.findings[name].result
    seq = record_act(session, "finding", {"finding": name, "result": result, "why": why}, f"finding {name} {result}").seqs[0]
    text = f'recorded as #{seq}: {name} is {result} ({session.standing.value})\ntake it back: govern finding {name} {old} --why "…" --as {session.actor()}'
    session.answer("finding", {"recorded": seq, "finding": name, "result": result}, text)
