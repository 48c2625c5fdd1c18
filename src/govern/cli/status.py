"""`status`: what is open, who is waited for, what comes next."""

from typing import Annotated, Any

import typer

from govern.cli.completion import any_id
from govern.cli.outdated_words import warn_of_outdated_words
from govern.cli.output import counted, table
from govern.cli.session import Session, session_of
from govern.engine.judge import blocker_state, is_closed, respond_state
from govern.engine.standing import status_token
from govern.engine.upcoming import choices, upcoming
from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy import find

_STEPS = 5


def status(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="One thing, as `govern show` shows it.", autocompletion=any_id)] = None,
) -> None:
    """Say what is open, who is waited for, and what comes next."""
    session = session_of(context)
    if id is not None:
        from govern.cli.show import answer_show

        answer_show(session, id)
    warn_of_outdated_words(session)
    session.answer("status", lambda: _result(session), lambda: _text(session))


def _open(view: View) -> list[str]:
    return [name for name in view.policy.blockers if not is_closed(name, view)]


def _result(session: Session) -> dict[str, Any]:
    view = session.view
    return {
        "programme": view.policy.programme.id,
        "policy_version": view.state.version,
        "policy_sha256": view.state.policy_digest,
        "status": status_token(view),
        "open": _open(view),
        "blockers": {name: blocker_state(name, view) or "unknown" for name in view.policy.blockers},
        "packets": [_packet(name, view) for name in view.current_packets()],
        "options": [{"option": each.address, "number": each.number, "missing": each.missing} for each in choices(view)],
        "next": [{"actors": list(step.actors), "does": step.words, "command": step.command} for step in upcoming(view)],
        "authenticated": False,
    }


def _packet(name: str, view: View) -> dict[str, Any]:
    standing, declared = view.packet(name), view.policy.packets[name]
    return {
        "packet": name,
        "state": respond_state(name, view),
        "default": find.hold_of(declared).id,
        "selected": standing.selected,
        "decision": standing.decision,
        "decided_by": list(find.everyone(view.policy, declared.decided_by)),
        "waiting": {option: [each.actor for each in given] for option, given in standing.approvals.items()},
    }


def _signing(view: View) -> str:
    if view.policy.policy.signature_waiver:
        return "signatures waived"
    live = sum(key.retired is None for key in view.state.keys.values())
    return counted(live, "key") if live else "no key enrolled, so no person can act"


def _text(session: Session) -> str:
    view = session.view
    count = len(_open(view))
    programme = view.policy.programme
    shown = f"as of {spell_time(view.now)}, " if session.options.as_of else ""
    lines = [
        f"{programme.title}: {'BLOCKED' if count else 'CLEAR'} — {count} OPEN of {len(view.policy.blockers)} blockers",
        f"  {shown}policy version {view.state.version}, {counted(session.size, 'record')}, {_signing(view)}; status {status_token(view) or 'none'}",
    ]
    for name in view.current_packets():
        page = _packet(name, view)
        chosen = f", {page['selected']} by record #{page['decision']}" if page["decision"] is not None else ""
        waiting = "".join(f"; {option} has the word of {', '.join(actors)}" for option, actors in page["waiting"].items())
        lines.append(f"\npacket {name}: {page['state']}{chosen} (default {page['default']}){waiting}")
        rows = [_option_row(name, option.id, view) for option in view.policy.packets[name].options]
        lines.append(table(rows, "  "))
    if not view.current_packets():
        lines.append("\nno packet is issued, so there is nothing to decide")
    if view.policy.blockers:
        lines.append("\nblockers")
        lines.append(table([_blocker_row(name, view) for name in view.policy.blockers], "  "))
    lines += _next_lines(view)
    return "\n".join(lines)


def _option_row(packet: str, option_id: str, view: View) -> tuple[str, str, str]:
    option = find.option(view.policy, f"{packet}/{option_id}")[1]
    missing = next((each.missing for each in choices(view) if each.address == f"{packet}/{option_id}"), 0)
    standing = "default, always open" if option.hold else "open" if missing == 0 else f"locked, {missing} missing"
    if view.packet(packet).decision is not None and view.packet(packet).selected == option_id:
        standing = f"selected; {standing}"
    if option_id in view.packet(packet).refused:
        standing += f", refused by record #{view.packet(packet).refused[option_id]}"
    return option.number, option_id, standing


def _blocker_row(name: str, view: View) -> tuple[str, str, str]:
    from govern.documents.blocker_map import remaining_actors

    return name, blocker_state(name, view) or "unknown", remaining_actors(name, view)


def _next_lines(view: View) -> list[str]:
    steps = upcoming(view)
    if not steps:
        return []
    rows = [(" or ".join(step.actors), step.words, step.command) for step in steps[:_STEPS]]
    lines = ["\nnext", table(rows, "  ")]
    if len(steps) > _STEPS:
        lines.append(f"  and {len(steps) - _STEPS} more; `govern why-blocked OPTION` names them")
    return lines
