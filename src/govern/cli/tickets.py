"""`ticket reserve|fold|withdraw|list|show|check`: the registry of ticket ids."""

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from govern.cli import signing
from govern.cli.decide import Confirm, DryRun, confirmed
from govern.cli.output import counted, table
from govern.cli.recording import Proposal, record, record_act
from govern.cli.session import Session, session_of
from govern.cli.ticket_pages import write_pages
from govern.cli.ticket_ranges import find_number, find_reservation, registry_of
from govern.cli.ticket_refs import check_refs
from govern.documents.registry_pages import UNKNOWN, registry_line, reservation_facts
from govern.engine.act_tickets import folders
from govern.engine.register import MAX_ID, MOST_IDS, Reservation, spell_span
from govern.engine.replay import Replay
from govern.engine.view import View
from govern.ledger.parsing import parse_statement
from govern.problems import Exit, fault

app = typer.Typer(help="Reserve ticket ids, fold them, and find clashes.", rich_markup_mode=None, no_args_is_help=True, add_completion=False)

Range = Annotated[str, typer.Argument(metavar="RANGE", help="The whole reservation: its ids, or #SEQ of its record.")]


@app.command("reserve")
def reserve(
    context: typer.Context,
    purpose: Annotated[str, typer.Option("--for", metavar="TEXT", help="For what.")],
    count: Annotated[int, typer.Option("--count", min=1, max=MOST_IDS, help="How many ids.")] = 1,
) -> None:
    """Reserve the next free ids. Nothing is applied: that takes a fold, by an owner."""
    session = session_of(context)
    registry, nonce = registry_of(session), _nonce(session)

    def propose_all(_replay: Replay, view: View) -> list[Proposal]:
        first = view.state.register.next_free
        if first + count - 1 > MAX_ID:
            raise fault(Exit.REFUSED, "TICKET_RANGE", f"{max(MAX_ID - first + 1, 0)} of {counted(count, 'id')} left", help="nothing was recorded")
        body = {"first": first, "last": first + count - 1, "nonce": nonce, "for": purpose}
        return [Proposal(session.act("reserve", body), f"reserving {registry.prefix}-{spell_span(first, first + count - 1)}")]

    done = record(session, propose_all)
    seq = done.seqs[0]
    made = next(reversed(done.replay.state.register.reservations.values()))
    wrote = write_pages(session, done.replay, made, canonical=False)
    able = folders(made, done.replay.view(session.now))
    folded = f"apply it: govern ticket fold {made.ids} --as {able[0]}" if able else f"nobody can fold it: {made.actor} alone could, and has reserved it"
    lines = [
        f"recorded as #{seq}: {made.ids} is reserved, {counted(made.count, 'id')} above ceiling {made.above}, APPLY_NOW=NO ({session.standing.value})",
        *(f"wrote {path}" for path in wrote),
        folded,
        f'take it back: govern ticket withdraw {made.ids} --reason "…" --as {made.actor}; its ids are not given again',
    ]
    ids = [f"{made.prefix}-{number}" for number in range(made.first, made.last + 1)]
    session.answer("ticket", {"recorded": seq, "ids": ids, "reservation": _told(done.replay, made, session), "written": wrote}, "\n".join(lines))


def _nonce(session: Session) -> str:
    """Return what tells this reservation from any other; of one that was signed elsewhere, its own."""
    if session.options.signature is not None:
        brought = parse_statement(signing.read_text(session.options.signature.with_suffix(""))).body.get("nonce")
        if isinstance(brought, str):
            return brought
    return secrets.token_hex(32)


def _told(replay: Replay, reservation: Reservation, session: Session) -> Mapping[str, Any]:
    return reservation_facts(reservation, replay.view(session.now))


@app.command("fold")
def fold(
    context: typer.Context,
    range: Range,
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    confirm: Confirm = None,
    dry_run: DryRun = False,
) -> None:
    """Fold a reservation into the canonical registry: an owner's act, for good."""
    session = session_of(context)
    found = find_reservation(session, range)
    body = {"reservation": found.seq, "first": found.first, "last": found.last} | ({"reason": reason} if reason is not None else {})
    proposal = Proposal(session.act("fold", body), f"folding {found.ids}")
    done = confirmed(session, [proposal], "ticket", found.ids, confirm, dry_run=dry_run)
    seq, register = done.seqs[0], done.replay.state.register
    now = register.reservations[found.first]
    wrote = write_pages(session, done.replay, now, canonical=now.folded is not None)
    standing = "is folded" if now.folded is not None else f"has the word of {', '.join(now.words)}, and waits for others"
    lines = [f"recorded as #{seq}: {found.ids} {standing} ({session.standing.value})", *(f"wrote {path}" for path in wrote), "nothing takes it back"]
    session.answer("ticket", {"recorded": seq, "reservation": _told(done.replay, now, session), "written": wrote}, "\n".join(lines))


@app.command("withdraw")
def withdraw(context: typer.Context, range: Range, reason: Annotated[str, typer.Option("--reason", help="Why.")]) -> None:
    """Withdraw a reservation that is not folded. Its ids are never given again."""
    session = session_of(context)
    found = find_reservation(session, range)
    body = {"reservation": found.seq, "first": found.first, "last": found.last, "reason": reason}
    done = record_act(session, "withdraw", body, f"withdrawing {found.ids}")
    seq, now = done.seqs[0], done.replay.state.register.reservations[found.first]
    wrote = write_pages(session, done.replay, now, canonical=False)
    lines = [
        f"recorded as #{seq}: {found.ids} is withdrawn ({session.standing.value})",
        *(f"wrote {path}" for path in wrote),
        "nothing takes it back; `govern ticket reserve` takes new ids",
    ]
    session.answer("ticket", {"recorded": seq, "reservation": _told(done.replay, now, session), "written": wrote}, "\n".join(lines))


@app.command("list")
def list_tickets(
    context: typer.Context, waiting: Annotated[bool, typer.Option("--waiting", help="Only what is neither folded nor withdrawn.")] = False
) -> None:
    """List the reservations and the figures of the registry."""
    session = session_of(context)
    registry, view = registry_of(session), session.view
    register, line = view.state.register, registry_line(view)
    kept = [each for each in register.reservations.values() if each.waits or not waiting]
    rows = [(each.first, _row(reservation_facts(each, view))) for each in kept]
    unrecorded = [] if waiting else [f"{registry.prefix}-{spell_span(*span)}" for span in register.unrecorded()]
    rows += [(span[0], (ids, "no record says by whom, or for what", "", "", "")) for span, ids in zip(register.unrecorded(), unrecorded, strict=False)]
    lines = [
        f"{registry.prefix}: next free {line['next_free']}, ceiling {line['ceiling']}, body maximum {line['body_max']}",
        f"  canonical registry: {spell_revisions(line)}",
        table([row for _first, row in sorted(rows)], "  ") or "  no reservation",
    ]
    result = {**line, "reservations": [reservation_facts(each, view) for each in kept], "unrecorded": unrecorded}
    session.answer("ticket", result, "\n".join(lines))


def spell_revisions(figures: Mapping[str, Any]) -> str:
    """Return the revision of each form of the canonical registry; one that no record gives is unknown."""
    revisions = figures["revisions"]
    return f"JSON revision {revisions['json']}, Markdown revision {revisions['markdown']}, index revision {revisions['index']}"


def _row(facts: Mapping[str, Any]) -> tuple[str, ...]:
    state = {"reserved": "reserved, APPLY_NOW=NO", "withdrawn": f"withdrawn ({facts['withdrawn']})"}
    standing = state.get(facts["state"]) or f"folded ({facts['folded']['record']})"
    return facts["ids"], standing, f"for: {facts['for']}", f"by {facts['by']}", f"{facts['record']} {facts['standing']}"


@app.command("show")
def show(context: typer.Context, id: Annotated[str, typer.Argument(metavar="ID", help="An id, a whole range, or #SEQ of a reservation.")]) -> None:
    """Say who reserved an id, when and for what, and which record folded it."""
    session = session_of(context)
    registry, view = registry_of(session), session.view
    found = find_number(session, id)
    if isinstance(found, Reservation):
        session.answer("ticket", {"reservation": reservation_facts(found, view)}, _shown(reservation_facts(found, view)))
    free = found >= view.state.register.next_free
    known = "free: nobody has reserved it" if free else "allotted, as a document reports; no record says by whom or for what, or whether it is used"
    session.answer("ticket", {"id": f"{registry.prefix}-{found}", "free": free, "reservation": None}, f"{registry.prefix}-{found} is {known}")


def _shown(facts: Mapping[str, Any]) -> str:
    untouched = facts["untouched"]
    rows = [
        ("for", facts["for"]),
        ("reserved", f"{_by_whom(facts)}, record {facts['record']} ({facts['standing']})"),
        ("above", f"ceiling {facts['above']}"),
        ("untouched", f"{spell_revisions(untouched)}, body maximum {untouched['body_max']}"),
    ]
    if facts["words"]:
        rows.append(("words", f"{', '.join(facts['words'])}; others are waited for"))
    if facts["folded"]["record"]:
        folded = facts["folded"]
        rows.append(("folded", f"{_by_whom(folded)}, record {folded['record']} ({folded['standing']})"))
    if facts["withdrawn"]:
        rows.append(("withdrawn", f"by {facts['withdrawn_by']}, record {facts['withdrawn']}"))
    if facts["why"]:
        rows.append(("why", facts["why"]))
    waits = "reserved, APPLY_NOW=NO" if facts["state"] == "reserved" else facts["state"]
    return f"{facts['ids']} ({counted(facts['count'], 'id')}): {waits}\n{table(rows, '  ')}"


def _by_whom(facts: Mapping[str, Any]) -> str:
    """Return who did it, and when; of what a document reports, neither is known."""
    return "by whom and when is unknown" if facts["by"] == UNKNOWN else f"by {facts['by']}, {facts['at']}"


app.command("check")(check_refs)
