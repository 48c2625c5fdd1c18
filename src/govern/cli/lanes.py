"""`lane open|close`."""

from typing import Annotated, Any

import typer

from govern.cli.completion import lanes as complete_lanes
from govern.cli.decide import Confirm, DryRun, confirmed
from govern.cli.recording import Proposal, record_act
from govern.cli.session import Session, session_of
from govern.policy import find
from govern.problems import unknown_id

app = typer.Typer(help="Open or close a lane.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)

Lane = Annotated[str, typer.Argument(metavar="LANE", help="The lane.", autocompletion=complete_lanes)]
Reason = Annotated[str | None, typer.Option("--reason", help="Why.")]


def _body(session: Session, lane: str, reason: str | None) -> dict[str, Any]:
    if lane not in session.view.policy.lanes:
        raise unknown_id("lane", lane, session.view.policy.lanes)
    return {"lane": lane} | ({"reason": reason} if reason is not None else {})


@app.command("open")
def open_lane(context: typer.Context, lane: Lane, reason: Reason = None, confirm: Confirm = None, dry_run: DryRun = False) -> None:
    """Open a lane by a record of its own."""
    session = session_of(context)
    proposal = Proposal(session.act("open", _body(session, lane, reason)), f"opening lane {lane}")
    done = confirmed(session, [proposal], "lane", lane, confirm, dry_run=dry_run)
    seq, waiting = done.seqs[0], done.replay.state.lanes[lane].approvals
    standing = f"has the word of {', '.join(waiting)}, and waits for others" if waiting else "is open"
    back = "nothing takes a word back" if waiting else f"take it back: govern lane close {lane} --as {session.actor()}"
    text = f"recorded as #{seq}: lane {lane} {standing} ({session.standing.value})\n{back}"
    session.answer("lane", {"recorded": seq, "lane": lane}, text)


@app.command("close")
def close_lane(context: typer.Context, lane: Lane, reason: Reason = None) -> None:
    """Close a lane that a record opened."""
    session = session_of(context)
    seq = record_act(session, "close", _body(session, lane, reason), f"closing lane {lane}").seqs[0]
    opened_by = session.view.policy.lanes[lane].opened_by
    assert opened_by is not None, "a lane that no record opens is not closed by one"
    opener = find.everyone(session.view.policy, opened_by)[0]
    session.answer(
        "lane",
        {"recorded": seq, "lane": lane},
        f"recorded as #{seq}: lane {lane} is closed ({session.standing.value})\ntake it back: govern lane open {lane} --as {opener}",
    )
