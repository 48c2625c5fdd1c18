"""The labels of components as the records show them: what the atoms of proof name, read from a state without proof.

Guards look at what the evaluator counts; it is asked here instance by instance and proof by proof, never guard by guard.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from govern.engine.causes import Cause
from govern.engine.leaves import _against_proof, against_instance
from govern.engine.state import GrantInstance
from govern.engine.view import View
from govern.policy import find
from govern.proof.happened import evaluated

Labels = Mapping[str, frozenset[str]]
__all__ = ["Labels", "counted", "evaluated", "labels_of", "of_instance"]


def labels_of(view: View) -> Labels:
    """Return the labels of every component that guards can ask for."""
    policy, state = view.policy, view.state
    found: dict[str, frozenset[str]] = {f"grant:{name}": counted(map(frozenset, _of_grant(name, view))) for name in policy.grants}
    for path, leg in find.leg_paths(policy):
        if leg.evidence is not None:
            found[f"leg:{path}"] = frozenset(_of_leg(path, view))
    for name, lane in policy.lanes.items():
        standing = view.lane(name)
        if lane.opened_by is not None and policy.lifecycles.lane.states[standing.state].counts:
            found[f"lane:{name}"] = frozenset(("open",) if standing.imported else ("open", "open, first-hand"))
    for name, packet in policy.packets.items():
        found[f"packet:{name}"] = frozenset(("current",) if view.is_current(name) else ())
        standing_packet = view.packet(name)
        chosen = standing_packet.selected
        found[f"selected:{name}"] = frozenset((f"{chosen}, reported" if standing_packet.reported else chosen,) if chosen else ())
        for actor in standing_packet.preparers:
            found[f"prepared:{name}:{actor}"] = frozenset(("yes",))
        for option in packet.options:
            for word in standing_packet.approvals.get(option.id, ()):
                found[f"said:{name}/{option.id}:{word.actor}"] = frozenset(("yes",))
    for name in policy.actions:
        found[f"run:{name}"] = frozenset(_of_run(name, view))
    for name, finding in policy.findings.items():
        recorded = state.findings.get(name)
        result = recorded.result if recorded else finding.result
        found[f"finding:{name}"] = frozenset((f"is {result}",) if recorded and recorded.imported else (f"is {result}", f"is {result}, first-hand"))
    return found


def counted(each: Iterator[frozenset[str]]) -> frozenset[str]:
    """Return the labels of several things: those that one has, and how many have it."""
    number = Counter(label for labels in each for label in labels)
    return frozenset(number) | {f"{label}*{many}" for label, most in number.items() for many in range(2, most + 1)}


def _of_grant(name: str, view: View) -> Iterator[set[str]]:
    for instance in view.instances(name):
        yield of_instance(instance, view)


def of_instance(instance: GrantInstance, view: View) -> set[str]:
    """Return what the evaluator says of one instance."""
    scope = view.policy.grants[instance.grant].scope
    found: set[str] = set()
    for label, honoured in (("counts", False), ("honoured", True)):
        against = against_instance(instance, view, scope, honoured=honoured)
        if against is None:
            found.add(label)
        elif against[0] is Cause.UNKNOWN:
            found.add("lost")
    return found | {f"{label}, first-hand" for label in found if not instance.imported}


def _of_leg(path: str, view: View) -> Iterator[str]:
    for proof in view.state.proofs.get(path, [])[-1:]:
        yield f"by {proof.actor}"
        if _against_proof(proof, find.leg(view.policy, path), view, None) is None:
            yield "proven"
            if proof.imported is None:
                yield "proven, first-hand"


def _of_run(name: str, view: View) -> Iterator[str]:
    for run in view.state.runs.values():
        if run.action == name:
            label = "unended" if run.state != "ended" else "" if run.status else "done"
            if label:
                yield label
            if label and not run.imported:
                yield f"{label}, first-hand"
