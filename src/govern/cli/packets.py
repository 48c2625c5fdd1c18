"""`packet`: print a packet as it stands; `packet prepare|issue` record who prepared it and that it is issued."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from govern.cli.completion import packets as complete_packets
from govern.cli.recording import record_act
from govern.cli.session import Session, session_of
from govern.documents.escape import Markdown
from govern.documents.render import Head, packet_document, page, render_document
from govern.problems import Exit, did_you_mean, fault, unknown_id


class _PacketGroup(TyperGroup):
    """`packet ID` shows; `packet issue ID` is a command of its own."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Take a word that is no command for the packet to show, unless more follows it."""
        if args and args[0] not in self.commands:
            if len(args) > 1 and not args[1].startswith("-"):
                hint = did_you_mean(args[0], self.commands) or f"one of {', '.join(self.commands)}"
                raise fault(Exit.USAGE, "USAGE", f"`packet` has no command `{args[0]}`", help=hint)
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_PacketGroup,
    help="Print a packet, or prepare and issue it. Without a command, `packet [ID]` prints.",
    rich_markup_mode=None,
    invoke_without_command=True,
    add_completion=False,
)

Packet = Annotated[str, typer.Argument(metavar="PACKET", help="The packet.", autocompletion=complete_packets)]


@app.callback()
def packet(context: typer.Context) -> None:
    """Print a packet, or prepare and issue it."""
    if context.invoked_subcommand is None:
        _show(session_of(context), None)


@app.command("show")
def show(
    context: typer.Context,
    packet: Annotated[str | None, typer.Argument(metavar="PACKET", help="The packet; the current one if left out.", autocompletion=complete_packets)] = None,
) -> None:
    """Print a packet as Markdown, rendered from the state."""
    _show(session_of(context), packet)


def _known(session: Session, packet: str) -> str:
    if packet not in session.view.policy.packets:
        raise unknown_id("packet", packet, session.view.policy.packets)
    return packet


def _chosen(session: Session) -> str:
    current = session.view.current_packets()
    if not current:
        raise fault(Exit.UNJUDGED, "NO_PACKET", "no packet is issued", help="govern packet show PACKET shows one that is not")
    # Undecided before decided, newest first: what somebody is most likely asked about.
    standing = session.view.state.packets
    return max(current, key=lambda name: (standing[name].decision is None, standing[name].issued or 0))


def _show(session: Session, packet: str | None) -> None:
    name = _known(session, packet) if packet is not None else _chosen(session)
    view = session.view
    document_name, document = packet_document(name, view)
    head = Head(session.size, session.replay.chain.last)
    rendered = render_document(document_name, document, view, head, session.project.adopted_templates(view.state))
    result = {"packet": name, "sha256": rendered.body_sha256, "front": dict(rendered.front), "shows": page(document, view)}
    session.answer("packet", result, Markdown(rendered.markdown))


def _recorded(context: typer.Context, kind: str, packet: str) -> tuple[Session, int]:
    session = session_of(context)
    return session, record_act(session, kind, {"packet": _known(session, packet)}, f"{kind} of packet {packet}").seqs[0]


@app.command("prepare")
def prepare(context: typer.Context, packet: Packet) -> None:
    """Record who prepared a packet: they cannot decide it."""
    session, seq = _recorded(context, "prepare", packet)
    session.answer(
        "packet",
        {"recorded": seq, "packet": packet},
        f"recorded as #{seq}: {session.actor()} prepared {packet} ({session.standing.value})\nnothing takes it back",
    )


@app.command("issue")
def issue(context: typer.Context, packet: Packet) -> None:
    """Issue a packet: from then on its options can be decided."""
    session, seq = _recorded(context, "issue", packet)
    consumes = session.view.policy.packets[packet].consumes
    used = f"; it consumes {consumes}" if consumes else ""
    session.answer(
        "packet",
        {"recorded": seq, "packet": packet},
        f"recorded as #{seq}: {packet} is issued{used} ({session.standing.value})\nnothing takes it back; it starts in HOLD",
    )
