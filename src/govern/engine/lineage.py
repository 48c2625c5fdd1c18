"""Lineage: the chain of packets, each with the decision it consumes and the status it continues.

Pure. A gap is declared in the policy, never silent; circles and double use are refused by `govern check`.
"""

from typing import TypedDict

from govern.engine.view import View
from govern.policy import find


class LineageStep(TypedDict):
    """One packet of the chain, in words."""

    packet: str
    file: str
    lifecycle: str
    consumes: str
    consumed_option: str
    consumes_file: str
    continues: str
    gap: str
    consumed_by: str
    decision: str
    standing: str


def lineage(view: View) -> list[LineageStep]:
    """Return every packet in the order declared, with where it comes from and what became of it."""
    steps: list[LineageStep] = []
    for name, packet in view.policy.packets.items():
        standing = view.packet(name)
        parent, option = find.option(view.policy, packet.consumes) if packet.consumes else ("", None)
        decision = f"#{standing.decision}" if standing.decision is not None else ""
        steps.append(
            {
                "packet": name,
                "file": packet.file or "",
                "lifecycle": standing.state,
                "consumes": f"{parent}/{option.id}" if option else "",
                "consumed_option": f"option {option.number}" if option else "",
                "consumes_file": (view.policy.packets[parent].file or "") if option else "",
                "continues": packet.continues or "",
                "gap": packet.lineage_gap or "",
                "consumed_by": standing.consumed_by or "",
                "decision": f"{standing.selected} {decision}" if decision else "",
                "standing": "imported" if standing.imported else _issued_by(standing.issued, view),
            }
        )
    return steps


def _issued_by(seq: int | None, view: View) -> str:
    if seq is None:
        return ""
    return "signed" if seq in view.state.signed else "unauthenticated"
