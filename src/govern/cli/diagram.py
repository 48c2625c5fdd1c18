"""`diagram`: the options of a packet, or the lifecycles, as Mermaid."""

from typing import Annotated

import typer

from govern.cli.completion import packets as complete_packets
from govern.cli.session import session_of
from govern.documents.mermaid import lifecycle_diagram, packet_diagram
from govern.policy.lifecycles import KINDS
from govern.problems import unknown_id


def diagram(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="PACKET|KIND", help="A packet, or grant, leg, lane, packet for a lifecycle.", autocompletion=complete_packets)
    ] = None,
) -> None:
    """Print the options of the packets as a Mermaid picture."""
    session = session_of(context)
    view = session.view
    kind = next((each for each in KINDS if each == name), None)
    if name in view.policy.packets:
        pictures = [packet_diagram(name or "", view)]
    elif kind is not None:
        pictures = [lifecycle_diagram(kind, view.policy)]
    elif name is None:
        pictures = [packet_diagram(each, view) for each in view.current_packets()]
    else:
        known = [*view.policy.packets, *KINDS]
        raise unknown_id("packet or lifecycle", name, known, ", ".join(known))
    session.answer("diagram", {"mermaid": pictures}, "\n\n".join(pictures))
