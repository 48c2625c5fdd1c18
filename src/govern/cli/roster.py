"""`roster`: whether the people who exist can ever unlock an option, and whom it hangs on."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from govern.cli.completion import options as complete_options
from govern.cli.decide import find_option
from govern.cli.output import counted, table
from govern.cli.session import Session, session_of
from govern.engine.roster import Roster
from govern.engine.roster import roster as roster_of
from govern.engine.signed import live_keys, must_sign
from govern.problems import Exit


def roster(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="[PACKET/]OPTION", help="The option; all if left out.", autocompletion=complete_options)] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where an option can never be unlocked, 3 where that was not found out.")] = False,
) -> None:
    """Say whether the people who exist can ever unlock an option, and whom it hangs on."""
    session = session_of(context)
    policy = session.view.policy
    every = [(name, option) for name, packet in policy.packets.items() for option in packet.options if not option.hold]
    found = [roster_of(policy, packet, option) for packet, option in ([find_option(session, id)] if id is not None else every)]
    status = status_of(found) if exit_code else Exit.YES
    text = "\n\n".join(_text(each, session, told=id is not None) for each in found) or "No option is declared but HOLD."
    session.answer("roster", {"options": [_json(each, session) for each in found]}, text, status)


def status_of(found: Sequence[Roster]) -> Exit:
    """Return the status of `--exit-code`: a never outweighs what was not found out."""
    shut = [each for each in found if not each.possible]
    return Exit.NO if any(each.gone_through for each in shut) else Exit.UNJUDGED if shut else Exit.YES


def _json(found: Roster, session: Session) -> dict[str, Any]:
    return {
        "option": f"{found.packet}/{found.option.id}",
        "possible": found.possible,
        "gone_through": found.gone_through,
        "lacks": list(found.lacks),
        "assignment": [{"what": duty.what, "actors": list(duty.actors)} for duty in found.duties],
        "single_points": list(found.single_points),
        "least_persons": found.least if found.possible else None,
        "least_exact": found.least_exact,
        "without_key": _keyless(found, session),
    }


def _keyless(found: Roster, session: Session) -> list[str]:
    """Return who of those assigned must sign and has no key on record."""
    view = session.view
    acting = dict.fromkeys(actor for duty in found.duties for actor in duty.actors)
    return [actor for actor in acting if must_sign(view.policy, view.state, actor) and not live_keys(view.state, actor)]


def _text(found: Roster, session: Session, *, told: bool) -> str:
    name = f"{found.packet}/{found.option.id}"
    if not found.possible:
        verdict = "never, with the people who exist" if found.gone_through else "not found out"
        return "\n".join([f"{name}: {verdict}", *(f"  {each}" for each in found.lacks)])
    least = f"{'' if found.least_exact else 'at most '}{counted(found.least, 'person')}"
    lines = [f"{name}: possible; it takes {least}"]
    points = ", ".join(found.single_points)
    lines.append(f"  never without {points}" if points else "  nobody is a single point of failure")
    if keyless := _keyless(found, session):
        lines.append(f"  no key on record: {', '.join(keyless)}")
    if told:
        lines.append(table([(" + ".join(duty.actors) or "anyone", duty.what) for duty in found.duties], "  "))
    return "\n".join(lines)
