"""`decide`, `refuse`, `delegate`: what an owner does with a packet."""

import json
import sys
from typing import Annotated, Any, NoReturn

import typer

from govern.cli.completion import options as complete_options
from govern.cli.confirming import ask, check_code, confirmation_code, confirms_nothing, named_head
from govern.cli.deciding import Shown, decision_text, judged_together, moved_since, packet_digest, propose, refuse_claims, show_decision
from govern.cli.output import table, write
from govern.cli.recording import Proposal, Recorded, record, record_act, refuse_past
from govern.cli.session import Session, session_of
from govern.engine.replay import Replay
from govern.engine.upcoming import choices
from govern.engine.verdicts import find_target
from govern.engine.view import View
from govern.ledger.moments import parse_time, spell_time
from govern.ledger.statements import Basis
from govern.policy import find
from govern.policy.model import Option
from govern.problems import Exit, fault, unknown_id

Confirm = Annotated[str | None, typer.Option("--confirm", metavar="CODE", help="The code that --dry-run prints.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what it does and the code that confirms it; record nothing.")]
OptionId = Annotated[str, typer.Argument(metavar="[PACKET/]OPTION", help="The option: number, id or full address.", autocompletion=complete_options)]


def find_option(session: Session, address: str) -> tuple[str, Option]:
    """Return the option that an address means, with its packet."""
    target = find_target(address, session.view)
    if target.kind != "option":
        raise fault(Exit.USAGE, "UNKNOWN_ID", f"`{address}` is a {target.kind}, not an option", help="`govern decide` lists the options")
    return find.option(session.view.policy, target.name)


def decide(
    context: typer.Context,
    address: Annotated[
        str | None, typer.Argument(metavar="[PACKET/]OPTION", help="The option; without one they are listed.", autocompletion=complete_options)
    ] = None,
    supersedes: Annotated[int | None, typer.Option("--supersedes", metavar="SEQ", min=0, help="The refusal that this decision takes back.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; kept with the record.")] = None,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Record the decision for an option of a packet."""
    session = session_of(context)
    if address is None:
        _list_options(session)
    packet, option = find_option(session, address)
    actor = session.actor()
    shown = show_decision(session, packet, option, actor, supersedes, reason)
    code = shown.code(shown.size, shown.packet_sha256, session.view.state.policy_digest)
    again = f"govern decide {packet}/{option.id}{'' if supersedes is None else f' --supersedes {supersedes}'} --as {actor}"
    if dry_run:
        _answer_dry_run(session, shown, code, again)
    refuse_past(session)
    if shown.refusals:
        shown.refuse()
    if not session.options.json and confirm is None:
        write(sys.stdout, decision_text(session, shown) + "\n\n")
    given = ask(session, option.id, "Type the option's name in full to decide it.", code=code, confirm=confirm, again=again)
    done = record(session, lambda replay, view: [_bound(shown, given, replay, view)], dirty_allowed=option.hold)
    _answer_decided(session, shown, done.seqs[0], done.replay)


def _answer_dry_run(session: Session, shown: Shown, code: str, again: str) -> NoReturn:
    confirm = None if shown.refusals else code
    text = decision_text(session, shown) + (f"\n\nto record it: {again} --confirm {confirm}" if confirm else "")
    session.answer("decide", {**shown.result, "confirm": confirm, "recorded": None}, text)


def _bound(shown: Shown, given: str, replay: Replay, view: View) -> Proposal:
    """Bind the decision to what was shown: the packet rendered again at the head must be the very same."""
    session = shown.session
    refuse_claims(session, shown.packet, shown.option, view)
    sha256 = packet_digest(session, shown.packet, view)
    size = named_head(given, replay.chain.size)
    if given != shown.code(size, sha256, view.state.policy_digest):
        if given not in shown.codes_at(size, view):
            raise confirms_nothing(given)
        message = f"stale: what was shown at record {size - 1} has moved: {moved_since(session, size, view)}"
        raise fault(Exit.REFUSED, "PACKET_DIGEST", message, help="read it again with --dry-run")
    return propose(shown, view, sha256, Basis(size, replay.chain.digest_at(size)))


def _answer_decided(session: Session, shown: Shown, seq: int, replay: Replay) -> NoReturn:
    packet, option = shown.packet, shown.option
    standing = replay.state.packets[packet]
    declared = session.view.policy.packets[packet]
    hold, by = find.hold_of(declared), find.everyone(session.view.policy, declared.decided_by)
    complete = standing.decision == seq
    lines = [f"recorded as #{seq}: {packet}/{option.id} {'is selected' if complete else 'has one word more, and waits for others'} ({session.standing.value})"]
    if option.hold:
        lines.append("Nothing takes a HOLD back but another decision.")
    else:
        # Who decided by a delegation cannot return to HOLD by it.
        lines.append(f"take it back: govern decide {packet}/{hold.id} --as {shown.actor if shown.actor in by else by[0]}")
    session.answer("decide", {**shown.result, "recorded": seq, "selected": complete}, "\n".join(lines))


def _list_options(session: Session) -> NoReturn:
    view = session.view
    missing = {choice.address: choice.missing for choice in choices(view)}
    lines, listed = [], []
    for packet in view.current_packets():
        lines.append(f"packet {packet}: nothing is preselected; name the option")
        rows = []
        for option in view.policy.packets[packet].options:
            count = missing.get(f"{packet}/{option.id}", 0)
            standing = "default, always open" if option.hold else "open" if count == 0 else f"locked, {count} missing"
            rows.append((option.number, option.id, standing))
            listed.append({"packet": packet, "number": option.number, "option": option.id, "open": option.hold or count == 0})
        lines.append(table(rows, "  "))
    session.answer("decide", {"options": listed, "recorded": None}, "\n".join(lines) or "No packet is issued, so there is nothing to decide.")


def refuse(context: typer.Context, address: OptionId, reason: Annotated[str, typer.Option("--reason", help="Why.")]) -> None:
    """Record that an option is refused, and why."""
    session = session_of(context)
    packet, option = find_option(session, address)
    actor = session.actor()
    body = {"packet": packet, "option": option.id, "reason": reason}
    seq = record_act(session, "refuse", body, f"refusing {packet}/{option.id}").seqs[0]
    text = f"recorded as #{seq}: {packet}/{option.id} is refused ({session.standing.value})\ntake it back: govern decide {packet}/{option.id} --supersedes {seq} --as {actor}"
    session.answer("refuse", {"recorded": seq, "option": f"{packet}/{option.id}"}, text)


def delegate(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="[PACKET/]OPTION", help="The options, of one packet.", autocompletion=complete_options)],
    to: Annotated[str, typer.Option("--to", metavar="ACTOR", help="Who may then decide them.")],
    uses: Annotated[int, typer.Option("--uses", min=1, help="How many decisions it covers.")] = 1,
    not_before: Annotated[str | None, typer.Option("--not-before", metavar="TIME", help="From when, with offset.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", metavar="TIME", help="Until when, with offset.")] = None,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Let another decide options, within a window and a number of uses."""
    session = session_of(context)
    found = [find_option(session, address) for address in addresses]
    if len({packet for packet, _option in found}) != 1:
        raise fault(Exit.USAGE, "USAGE", "the options are of several packets", help="one delegation, one packet")
    if to not in session.view.policy.actors:
        raise unknown_id("actor", to, session.view.policy.actors)
    packet, names = found[0][0], list(dict.fromkeys(str(option.id) for _packet, option in found))
    body: dict[str, Any] = {"to": to, "packet": packet, "options": names, "scope": found[0][1].scope or "none", "uses": uses}
    body |= {key: stored(text) for key, text in (("not_before", not_before), ("expires", expires)) if text is not None}
    what = f"delegating {', '.join(names)} to {to}"
    seq = confirmed(session, [Proposal(session.act("delegate", body), what)], "delegate", to, confirm, dry_run=dry_run).seqs[0]
    text = f"recorded as #{seq}: {to} may decide {', '.join(names)}, {uses} time{'s' if uses > 1 else ''} ({session.standing.value})"
    back = f"take it back: govern grant revoke '#{seq}' --reason \"…\" --as {session.actor()}"
    session.answer("delegate", {"recorded": seq, **body}, f"{text}\n{back}")


def stored(text: str) -> str:
    """Return a time from the command line in its stored spelling.

    Raises:
        GovernError: no such time, or one without an offset (status 2).
    """
    try:
        return spell_time(parse_time(text))
    except ValueError as error:
        raise fault(Exit.USAGE, "TIME", str(error), help="write it with an offset, as in RFC 3339") from error


def confirmed(
    session: Session, proposals: list[Proposal], command: str, word: str, confirm: str | None, *, dry_run: bool, dirty_allowed: bool = False
) -> Recorded:
    """Judge, have confirmed and record acts that give authority; one confirmation for all of them."""
    judged_together(session, proposals)
    actor, what = session.actor(), "; ".join(proposal.what for proposal in proposals)
    shown = json.dumps([dict(proposal.act.body) for proposal in proposals], sort_keys=True)
    code = confirmation_code(session.size, actor, what, shown, session.view.state.policy_digest)
    if dry_run:
        text = f"allowed: {what}\nto record it, repeat the command with --confirm {code}"
        session.answer(command, {"allowed": True, "confirm": code, "recorded": None}, text)
    refuse_past(session)
    if confirm is None and not session.options.json:
        write(sys.stdout, f"{what}, as {actor}\n")
    given = ask(session, word, f"Type `{word}` to record it.", code=code, confirm=confirm, again="the same command with")

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        check_code(given, replay.chain.size, lambda size: confirmation_code(size, actor, what, shown, view.state.policy_digest))
        return proposals

    return record(session, propose_all, dirty_allowed=dirty_allowed)
