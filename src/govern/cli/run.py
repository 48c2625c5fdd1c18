"""`run`: carry out an action. Its single-use grant is used up, durably, before the command starts; the end is recorded behind it."""

import re
import sys
from typing import Annotated, Any

import typer

from govern.cli.completion import actions as complete_actions
from govern.cli.foreground import NOT_FOUND, NOT_STARTED, Foreground
from govern.cli.output import json_text, print_diagnostics, write
from govern.cli.recording import Proposal, record, record_act
from govern.cli.session import Session, session_of
from govern.engine.gate import expiry_of, token_of
from govern.engine.leaves import against_instance
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.problems import Exit, GovernError, Problem, fault, unknown_id

_SEQ = re.compile(r"#?([0-9]{1,9})", re.ASCII)


def run_command(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="The action that the command carries out.", autocompletion=complete_actions)],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND…", help="The command and its arguments, run as they are, by no shell.")],
    grant: Annotated[str | None, typer.Option("--grant", metavar="#SEQ", help="The instance to use up; the oldest that counts if left out.")] = None,
    token: Annotated[str | None, typer.Option("--token", metavar="TOKEN", help="What `govern gate` gave: refused where anything has moved since.")] = None,
) -> None:
    """Carry out an action: judged again, its grant used up, then the command, then its end on record.

    The status is the command's. With --json, what it prints goes to stderr, and the one object is the only thing on stdout.
    """
    session = session_of(context)
    if action not in session.view.policy.actions:
        raise unknown_id("action", action, session.view.policy.actions)
    begun = _begin(session, action, grant, token)
    with Foreground() as foreground:
        status = _carried_out(foreground, command, output=2 if session.options.json else 1)
        ended = _end(session, action, begun, status)
    if session.options.json:
        result = {"action": action, "begun": begun, "ended": ended, "status": status}
        write(sys.stdout, json_text("run", result, status, session.diagnostics, session.head()))
    raise typer.Exit(status)


def _begin(session: Session, action: str, grant: str | None, token: str | None) -> int:
    """Record that an action is begun, which uses up its grant; return the record's number. Nothing has been started yet."""
    named = _number(grant)

    def propose(replay: Replay, view: View) -> list[Proposal]:
        if token is not None:
            _refuse_moved(token, action, view, replay.chain.last)
        body: dict[str, Any] = {"action": action}
        instance = named if named is not None else _counting(action, view)
        body |= {"grant": instance} if instance is not None else {}
        return [Proposal(session.act("begin", body), f"carrying out {action}")]

    return record(session, propose).seqs[0]


def _number(grant: str | None) -> int | None:
    if grant is None:
        return None
    match = _SEQ.fullmatch(grant)
    if match is None:
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{grant}` names no record", help="write --grant '#SEQ'; `govern log GRANT` names them")
    return int(match[1])


def _counting(action: str, view: View) -> int | None:
    """Return the oldest instance of the action's grant that counts; where none does, the newest, which is refused with its reason."""
    consumes = view.policy.actions[action].consumes
    if consumes is None:
        return None
    scope = view.policy.grants[consumes].scope
    found = view.instances(consumes)
    good = [each.seq for each in found if against_instance(each, view, scope, honoured=False) is None]
    return good[0] if good else found[-1].seq if found else None


def _refuse_moved(token: str, action: str, view: View, last: str) -> None:
    expires = expiry_of(token)
    if expires is None:
        raise fault(Exit.USAGE, "USAGE", "that is no token of `govern gate`", help=f"govern gate {action}")
    if view.now >= expires:
        raise fault(Exit.REFUSED, "EXPIRED", f"the gate's answer was good until {spell_time(expires)}", help=f"ask again: govern gate {action}")
    if token_of((action,), view, last, expires) != token:
        message = f"what the gate answered was not this: another action than {action}, or policy, ledger or evidence have moved since"
        raise fault(Exit.REFUSED, "STALE", message, help=f"ask again: govern gate {action}")


def _carried_out(foreground: Foreground, command: list[str], *, output: int) -> int:
    try:
        return foreground.run(command, output)
    except OSError as error:
        write(sys.stderr, f"govern: {command[0]}: {error.strerror}; it was not started\n")
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_STARTED


def _end(session: Session, action: str, begun: int, status: int) -> int | None:
    """Record how an action ended, and return the record's number.

    Where that fails it is told, and the action stays begun: its grant is used up, and that it ended well is not known.
    """
    again = Session(session.options)
    try:
        done = record_act(again, "end", {"begin": begun, "status": status}, f"the end of {action}", dirty_allowed=True)
    except GovernError as error:
        help = f"its grant is used up; settle it: govern grant lose '#{begun}' --reason \"…\", then an owner: govern grant resolve"
        session.diagnostics += [*error.problems, Problem("END_UNRECORDED", f"{action} ended with status {status}, and that is not on record", help=help)]
        print_diagnostics(session.diagnostics, session.options.color)
        return None
    session.judge_from(done.replay, again.contents.lines)
    return done.seqs[0]
