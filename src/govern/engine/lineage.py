"""Lineage: the chain of packets, each with the decision it consumes and the status it continues.

Pure. A gap is declared in the policy, never silent; circles and double use are refused by `govern check`. What is on
record can still differ from what is declared: history is reported as it was, and a policy may change behind a record.
"""

from collections.abc import Iterator, Mapping
from typing import TypedDict

from govern.engine.view import View
from govern.policy import find
from govern.problems import Place, Problem


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


def lineage_faults(view: View, stood: Mapping[str, str]) -> list[Problem]:
    """Return where the chain on record is not the one declared.

    `stood` is the status of the programme when a packet was issued, for those packets of which it was looked up.
    """
    found: list[Problem] = []
    for name, packet in view.policy.packets.items():
        found += [_fault(each, packet.at_key("consumes")) for each in _against_parent(name, view)]
        found += [_fault(each, packet.at) for each in _against_child(name, view)]
        if packet.continues is not None and stood.get(name, packet.continues) != packet.continues:
            where = f"`{stood[name]}`" if stood[name] else "no declared status"
            message = f"packet `{name}` continues `{packet.continues}`, and the programme stood at {where} when record #{view.packet(name).issued} issued it"
            found.append(_fault(message, packet.at_key("continues")))
    return found


def _fault(message: str, place: Place) -> Problem:
    return Problem("LINEAGE", message, place, help="`govern log PACKET` shows what is on record")


def _against_parent(name: str, view: View) -> Iterator[str]:
    """Yield what speaks against the decision that an issued packet declares to consume."""
    declared, issued = view.policy.packets[name].consumes, view.packet(name).issued
    if declared is None or issued is None:
        return
    source, option = find.option(view.policy, declared)
    parent = view.packet(source)
    before = [chosen for seq, chosen in parent.history if seq < issued]
    if not before:
        yield f"packet `{name}` was issued by record #{issued}, and nothing of `{source}` was decided before"
    elif before[-1] != option.id:
        yield f"packet `{name}` consumes `{source}/{option.id}`, and `{before[-1]}` was selected when record #{issued} issued it"
    for seq, chosen in parent.history:
        if seq > issued:
            yield f"packet `{name}` consumed `{source}` by record #{issued}, and record #{seq} decided `{chosen}` in it afterwards"
    if parent.consumed_by is None:
        yield f"packet `{name}` declares that it consumes `{source}/{option.id}`, and record #{issued}, which issued it, consumed nothing"
    elif parent.consumed_by != name:
        yield f"packets `{name}` and `{parent.consumed_by}` both consumed `{source}`"


def _against_child(name: str, view: View) -> Iterator[str]:
    """Yield what speaks against the packet that is on record as having consumed this one."""
    child = view.packet(name).consumed_by
    if child is None:
        return
    declared = view.policy.packets.get(child)
    if declared is None:
        yield f"packet `{name}` was consumed by `{child}`, which the policy in force does not declare"
    elif declared.consumes is None or find.option(view.policy, declared.consumes)[0] != name:
        yield f"packet `{name}` was consumed by `{child}`, which declares that it consumes {declared.consumes or 'nothing that is known'}"
