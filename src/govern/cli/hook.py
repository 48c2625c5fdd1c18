"""`hook`: a coding agent asks before it uses a tool; the call on stdin, `{}` and status 0 for yes, the reason on stderr and 2 for no."""

import sys
from pathlib import Path

import typer

from govern.cli.session import Session, session_of
from govern.cli.snapshots import answers_of, guards_of, leave_snapshot
from govern.documents.escape import escape_terminal
from govern.hook.answering import deny, judge, unusable
from govern.hook.calls import MOST_BYTES, NoCallError, read_call
from govern.problems import Exit, GovernError, fault


def hook(context: typer.Context) -> None:
    """Answer a coding agent before it uses a tool: the call as JSON on stdin; 0 lets it go ahead, 2 stops it."""
    session = session_of(context)
    if session.options.json:
        raise fault(Exit.USAGE, "USAGE", "agents read a status and stderr, and `{}` on stdout: nothing else is spoken here", help="leave out --json")
    try:
        status = _answered(session)
    except GovernError as error:
        told = "".join(
            f"govern: denied: {escape_terminal(each.message)}" + (f"; {escape_terminal(each.help)}" if each.help else "") + "\n" for each in error.problems
        )
        status = deny(told)
    except NoCallError as error:
        status = deny(f"govern: denied: what came on stdin is no tool call: {error}\n")
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        status = unusable(error)
    raise typer.Exit(status)


def _answered(session: Session) -> int:
    call = read_call(sys.stdin.buffer.read(MOST_BYTES + 1), str(Path.cwd()))
    if session.options.as_of is not None:
        return deny("govern: denied: an agent acts now; leave out --as-of\n")
    view = session.view
    answers = answers_of(session)
    leave_snapshot(session)
    return judge(call, guards_of(view.policy), str(session.project.root), answers)
