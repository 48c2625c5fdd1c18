"""`status`: what is open, who is waited for, what comes next."""

from typing import Annotated, Any

import typer

from govern.cli.completion import any_id
from govern.cli.leverage import Weighed, held_json, opening_json, spell_held, spell_opening, together_json, together_lines, weigh
from govern.cli.outdated_words import warn_of_outdated_words
from govern.cli.output import counted, table
from govern.cli.session import Session, session_of
from govern.engine.holds import respond_state
from govern.engine.judge import blocker_state, is_closed
from govern.engine.leverage import Opening
from govern.engine.standing import status_token
from govern.engine.upcoming import choices
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
    weighed = weigh(view)
    return {
        "programme": view.policy.programme.id,
        "policy_version": view.state.version,
        "policy_sha256": view.state.policy_digest,
        "status": status_token(view),
        "open": _open(view),
        "blockers": {name: blocker_state(name, view) or "unknown" for name in view.policy.blockers},
        "packets": [{**_packet(name, view), "held": held_json(weighed.held[name])} for name in view.current_packets()],
        "decisions": list(weighed.packets),
        "options": [
            {"option": each.address, "number": each.number, "missing": each.missing, "unlocks": opening_json(weighed.options[each.address])}
            for each in choices(view)
        ],
        "waits_together": [together_json(each) for each in weighed.together],
        "next": [{"actors": list(step.actors), "does": step.words, "command": step.command, "opens": opening_json(opens)} for step, opens in weighed.steps],
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
    weighed = weigh(view)
    for name in weighed.packets:
        page = _packet(name, view)
        chosen = f", {page['selected']} by record #{page['decision']}" if page["decision"] is not None else ""
        waiting = "".join(f"; {option} has the word of {', '.join(actors)}" for option, actors in page["waiting"].items())
        lines.append(f"\npacket {name}: {page['state']}{chosen}{spell_held(weighed.held[name])} (default {page['default']}){waiting}")
        rows = [_option_row(name, option.id, weighed, view) for option in view.policy.packets[name].options]
        lines.append(table(rows, "  "))
    if not weighed.packets:
        lines.append("\nno packet is issued, so there is nothing to decide")
    if view.policy.blockers:
        lines.append("\nblockers")
        lines.append(table([_blocker_row(name, view) for name in view.policy.blockers], "  "))
    lines += together_lines(weighed.together, view)
    lines += _next_lines(weighed)
    return "\n".join(lines)


def _option_row(packet: str, option_id: str, weighed: Weighed, view: View) -> tuple[str, str, str, str]:
    option = find.option(view.policy, f"{packet}/{option_id}")[1]
    missing = next((each.missing for each in choices(view) if each.address == f"{packet}/{option_id}"), 0)
    standing = "default, always open" if option.hold else "open" if missing == 0 else f"locked, {missing} missing"
    if view.packet(packet).decision is not None and view.packet(packet).selected == option_id:
        standing = f"selected; {standing}"
    if option_id in view.packet(packet).refused:
        standing += f", refused by record #{view.packet(packet).refused[option_id]}"
    unlocks = spell_opening(weighed.options.get(f"{packet}/{option_id}"))
    return option.number, option_id, standing, f"unlocks {unlocks}" if unlocks else ""


def _blocker_row(name: str, view: View) -> tuple[str, str, str]:
    from govern.documents.blocker_map import remaining_actors

    return name, blocker_state(name, view) or "unknown", remaining_actors(name, view)


def _next_lines(weighed: Weighed) -> list[str]:
    if not weighed.steps:
        return []
    rows = [(" or ".join(step.actors), f"{step.words}{_opens(opens)}", step.command) for step, opens in weighed.steps[:_STEPS]]
    lines = ["\nnext", table(rows, "  ")]
    if len(weighed.steps) > _STEPS:
        lines.append(f"  and {len(weighed.steps) - _STEPS} more; `govern why-blocked OPTION` names them")
    return lines


def _opens(opening: Opening | None) -> str:
    unlocks = spell_opening(opening)
    return f"; opens {unlocks}" if unlocks else ""
