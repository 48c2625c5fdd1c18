"""`decide`, `refuse`, `delegate`: what an owner does with a packet."""

from typing import Annotated, Any, NoReturn

import typer

from govern.cli.completion import options as complete_options
from govern.cli.confirming import ask, check_code, confirmation_code
from govern.cli.deciding import Shown, body_of, decision_text, moved_since, show_decision
from govern.cli.output import table
from govern.cli.recording import Proposal, Recorded, record
from govern.cli.session import Session, session_of
from govern.engine.acts import Act
from govern.engine.replay import Replay
from govern.engine.upcoming import choices
from govern.engine.verdicts import find_target
from govern.engine.view import View
from govern.ledger.moments import parse_time, spell_time
from govern.ledger.statements import Basis
from govern.policy import find
from govern.policy.model import Option
from govern.problems import Exit, fault

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
        str | None, typer.Argument(metavar="[[PACKET/]OPTION]", help="The option; without one they are listed.", autocompletion=complete_options)
    ] = None,
    supersedes: Annotated[int | None, typer.Option("--supersedes", metavar="SEQ", help="The refusal that this decision takes back.")] = None,
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
    shown = show_decision(session, packet, option, actor, supersedes)
    code = confirmation_code(shown.size, actor, f"{packet}/{option.id}", shown.packet_sha256, session.view.state.policy_digest)
    text = decision_text(session, shown)
    if dry_run:
        code_line = f"\n\nto record it: govern decide {packet}/{option.id} --as {actor} --confirm {code}"
        allowed = not shown.refusals
        session.answer("decide", {**shown.result, "confirm": code if allowed else None, "recorded": None}, text + (code_line if allowed else ""))
    if shown.refusals:
        shown.refuse()
    if not session.options.json and confirm is None:
        typer.echo(text + "\n")
    again = f"govern decide {packet}/{option.id} --as {actor}"
    given = ask(session, option.id, "Type the option's name in full to decide it.", code=code, confirm=confirm, again=again)

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        return [_proposal(session, shown, given, replay, view, reason)]

    done = record(session, propose_all)
    _answer_decided(session, shown, done.seqs[0], done.replay)


def _proposal(session: Session, shown: Shown, given: str | None, replay: Replay, view: View, reason: str | None) -> Proposal:
    """Bind the decision to what was shown: the packet rendered again at the head must be the very same."""
    packet, option, actor = shown.packet, shown.option, shown.actor

    def code_at(size: int) -> str | None:
        sha256, policy = shown.digest_at(size, replay, view)
        return confirmation_code(size, actor, f"{packet}/{option.id}", sha256, policy)

    shown_code = confirmation_code(shown.size, actor, f"{packet}/{option.id}", shown.packet_sha256, session.view.state.policy_digest)
    check_code(given or shown_code, code_at, replay.chain.size, lambda size: moved_since(session, size))
    size = int((given or shown_code).partition("-")[0]) if (given or shown_code).partition("-")[0].isdecimal() else replay.chain.size
    if size > replay.chain.size:
        raise fault(Exit.REFUSED, "NOT_CONFIRMED", "the code names a head that this ledger does not have", help="--dry-run prints the code that confirms it")
    sha256 = shown.digest_at(replay.chain.size, replay, view)[0]
    body = body_of(shown, view, sha256, reason)
    subjects = ((f"packet:{packet}", sha256),)
    return Proposal(Act("decide", actor, body), f"deciding {packet}/{option.id}", subjects, Basis(size, replay.chain.digest_at(size)))


def _answer_decided(session: Session, shown: Shown, seq: int, replay: Replay) -> NoReturn:
    packet, option = shown.packet, shown.option
    standing = replay.state.packets[packet]
    hold = find.hold_of(session.view.policy.packets[packet])
    complete = standing.decision == seq
    lines = [f"recorded as #{seq}: {packet}/{option.id} {'is selected' if complete else 'has one word more, and waits for others'} (unauthenticated)"]
    if option.hold:
        lines.append("Nothing takes a HOLD back but another decision.")
    else:
        lines.append(f"take it back: govern decide {packet}/{hold.id} --as {shown.actor}")
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
    act = Act("refuse", actor, {"packet": packet, "option": option.id, "reason": reason})
    done = record(session, lambda _replay, _view: [Proposal(act, f"refusing {packet}/{option.id}")])
    seq = done.seqs[0]
    text = f"recorded as #{seq}: {packet}/{option.id} is refused (unauthenticated)\ntake it back: govern decide {packet}/{option.id} --supersedes {seq} --as {actor}"
    session.answer("refuse", {"recorded": seq, "option": f"{packet}/{option.id}"}, text)


def delegate(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="[PACKET/]OPTION…", help="The options, of one packet.", autocompletion=complete_options)],
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
    packet, names = found[0][0], [str(option.id) for _packet, option in found]
    body: dict[str, Any] = {"to": to, "packet": packet, "options": names, "scope": found[0][1].scope or "none", "uses": uses}
    body |= {key: stored(text) for key, text in (("not_before", not_before), ("expires", expires)) if text is not None}
    what = f"delegating {', '.join(names)} to {to}"
    seq = confirmed(session, [Proposal(Act("delegate", session.actor(), body), what)], "delegate", to, confirm, dry_run=dry_run).seqs[0]
    text = f"recorded as #{seq}: {to} may decide {', '.join(names)}, {uses} time{'s' if uses > 1 else ''} (unauthenticated)"
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


def confirmed(session: Session, proposals: list[Proposal], command: str, word: str, confirm: str | None, *, dry_run: bool) -> Recorded:
    """Judge, have confirmed and record acts that give authority; one confirmation for all of them."""
    from govern.cli.deciding import judged_together

    judged_together(session, proposals)
    what = "; ".join(proposal.what for proposal in proposals)
    policy = session.view.state.policy_digest
    code = confirmation_code(session.size, session.actor(), what, "", policy)
    if dry_run:
        text = f"allowed: {what}\nto record it, repeat the command with --confirm {code}"
        session.answer(command, {"allowed": True, "confirm": code, "recorded": None}, text)
    if confirm is None and not session.options.json:
        typer.echo(f"{what}, as {session.actor()}")
    given = ask(session, word, f"Type `{word}` to record it.", code=code, confirm=confirm, again="the same command with")

    def propose_all(replay: Replay, view: View) -> list[Proposal]:
        if given is not None:
            expected = confirmation_code(replay.chain.size, session.actor(), what, "", view.state.policy_digest)
            check_code(given, lambda _size: expected, replay.chain.size, lambda _size: "")
        return proposals

    return record(session, propose_all)
