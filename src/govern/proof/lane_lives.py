"""The lives of lanes that a record opens, of packets, and of findings: one of each.

Pure.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.model import Policy
from govern.policy.who import Who
from govern.proof.automata import Edge, Life
from govern.proof.formulas import TRUE, Formula
from govern.proof.lives import Guarded, entitled, persons_of, reported_way
from govern.proof.system import Deed

_RESULTS = ("pass", "fail", "unknown")


def lane_life(policy: Policy, opened_by: Who, guarded: Guarded) -> Life:
    """Return the life of the record of a lane: closed, waiting for words, open, or reported open."""
    lifecycle = policy.lifecycles.lane
    persons, several = persons_of(policy, opened_by), len(find.places(policy, opened_by)) > 1
    labels: dict[str, frozenset[str]] = {}
    edges: dict[Edge, None] = {}

    def spell(state: str, *, opened: bool = False, words: bool = False, reported: bool = False) -> str:
        name = state + (", by its record" if opened else "") + (", some words" if words else "") + (", reported" if reported else "")
        found = ({"open"} if lifecycle.states[state].counts else set()) | ({"opened"} if opened else set())
        labels[name] = frozenset(found | (set() if reported else {f"{label}, first-hand" for label in found}))
        return name

    spell(lifecycle.initial)
    for state in lifecycle.states:
        for opened, words, reported in ((o, w, r) for o in (False, True) for w in ((False, True) if several else (False,)) for r in (False, True)):
            source = spell(state, opened=opened, words=words, reported=reported)
            way = lifecycle.ways.get(("open", state))
            if way and persons:
                if several:
                    edges[Edge(Deed("approve open"), source, spell(state, opened=opened, words=True, reported=reported), persons, guarded(way))] = None
                if words or not several:
                    edges[Edge(Deed("open"), source, spell(way.to, opened=True), persons, guarded(way))] = None
            to = reported_way(lifecycle, "open", state)
            if to is not None:
                edges[Edge(Deed("report open"), source, spell(to, opened=True, reported=True), tuple(policy.actors), TRUE)] = None
            shut = reported_way(lifecycle, "close", state)
            if shut is not None:
                edges[Edge(Deed("report close"), source, spell(shut, reported=True), tuple(policy.actors), TRUE)] = None
            close = lifecycle.ways.get(("close", state))
            if close:
                edges[Edge(Deed("close"), source, spell(close.to), entitled(policy, close, opened_by, "lane"), guarded(close))] = None
    return Life(labels, tuple(edges))


def finding_life(policy: Policy, name: str) -> Life:
    """Return the life of a finding: as declared, then as recorded or reported."""
    declared = policy.findings[name]
    members = find.members(policy, declared.by)
    labels = {"declared": _result(declared.result)} | {f"{result}": _result(result) for result in _RESULTS}
    labels |= {f"{result}, reported": frozenset((f"is {result}",)) for result in _RESULTS}
    edges = [Edge(Deed("finding"), source, result, members) for source in labels for result in _RESULTS]
    edges += [Edge(Deed("report finding"), source, f"{result}, reported", tuple(policy.actors)) for source in labels for result in _RESULTS]
    return Life(labels, tuple(edges))


def _result(result: str) -> frozenset[str]:
    return frozenset((f"is {result}", f"is {result}, first-hand"))


def packet_ways(policy: Policy, trigger: str, by: Who, guarded: Guarded) -> Iterator[tuple[str, str, tuple[str, ...], Formula]]:
    """Yield each way of a packet by an act: from, to, who may, and its guard."""
    for (way_trigger, source), way in policy.lifecycles.packet.ways.items():
        if way_trigger == trigger:
            yield source, way.to, entitled(policy, way, by, "packet"), guarded(way)
