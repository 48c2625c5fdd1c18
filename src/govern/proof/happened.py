"""What really happened in a played history, read from its records: the labels of components, without any system.

Pure. Guards' labels come from the evaluator's state, instance by instance; those of promises from the records alone: whose
words were complete, what was used, revoked, reopened, closed. A history is told as a breach only where these say so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from govern.engine.acts import Act
from govern.engine.causes import Cause
from govern.engine.leaves import against_instance, evidence
from govern.engine.state import GrantInstance
from govern.engine.view import View
from govern.ledger.moments import parse_stored
from govern.policy import find
from govern.policy.model import Policy
from govern.policy.reach import filled_by
from govern.proof.formulas import And, AtLeast, Formula, In, Not, Or

Labels = Mapping[str, frozenset[str]]


@dataclass
class _Given:
    grant: str
    reported: bool
    words: list[str] = field(default_factory=list)
    given: bool = False
    used: bool = False
    revoked: bool = False
    not_before: int = 0
    expires: list[int] = field(default_factory=list)


@dataclass
class _Opened:
    words: list[str] = field(default_factory=list)
    opened: bool = False
    reported: bool = False


class Happened:
    """What the records so far say."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._grants: dict[int, _Given] = {}
        self._taken_back: dict[str, bool] = {}
        self._lanes: dict[str, _Opened] = {}
        self._adopted = False

    def tell(self, act: Act, seq: int, now: int) -> None:
        """Take in one more record."""
        body, reported = act.body, act.imported is not None
        match act.kind:
            case "request":
                self._grants[seq] = _Given(body["grant"], reported)
            case "grant":
                self._grant(act, seq, now)
            case "revoke" if body["record"] in self._grants:
                self._grants[body["record"]].revoked = True
            case "begin" if "grant" in body:
                self._grants[body["grant"]].used = True
            case "discharge" | "reopen":
                self._taken_back[body["leg"]] = act.kind == "reopen"
            case "open" | "close":
                self._lane(act)
            case "adopt":
                self._adopted = True

    def _grant(self, act: Act, seq: int, now: int) -> None:
        body, declared = act.body, self.policy.grants[act.body["grant"]]
        given = self._grants.setdefault(body.get("instance", seq), _Given(body["grant"], act.imported is not None))
        given.words.append(act.actor)
        if "not_before" in body:
            given.not_before = max(given.not_before, parse_stored(body["not_before"]))
        if "expires" in body:
            given.expires.append(parse_stored(body["expires"]))
        if act.imported is not None or filled_by(self.policy, declared.issuer, given.words):
            given.given = True
            given.expires += [] if declared.expires_after is None else [now + declared.expires_after]

    def _lane(self, act: Act) -> None:
        name = act.body["lane"]
        opened_by = self.policy.lanes[name].opened_by
        lane = self._lanes.setdefault(name, _Opened()) if act.kind == "open" else _Opened()
        if act.kind == "open" and opened_by is not None:
            lane.words.append(act.actor)
            if act.imported is not None or filled_by(self.policy, opened_by, lane.words):
                lane = _Opened(opened=True, reported=act.imported is not None)
        self._lanes[name] = lane

    def labels(self, view: View) -> Labels:
        """Return the labels of every component, as they are at the moment of a view."""
        found = {name: set(labels) for name, labels in _of_state(view)}
        for name, grant in self.policy.grants.items():
            protected = self.policy.scopes[grant.scope].protected
            mine = (self._of_grant(each, view.now) for each in self._grants.values() if each.grant == name and not (each.reported and protected))
            found.setdefault(f"grant:{name}", set()).update(_counted(mine))
        for path, taken_back in self._taken_back.items():
            found.setdefault(f"leg:{path}", set()).update(_shown(path, view, taken_back=taken_back))
        for name, lane in self._lanes.items():
            found.setdefault(f"lane:{name}", set()).update(_first_hand(["opened"] if lane.opened else [], reported=lane.reported))
        return {name: frozenset(labels) for name, labels in found.items()} | {"policy": frozenset(("yes",) if self._adopted else ())}

    def _of_grant(self, given: _Given, now: int) -> set[str]:
        in_window = given.not_before <= now and all(now < end for end in given.expires)
        if not given.given or given.revoked:
            return set()
        found = ["given"] if in_window and not given.used else []
        return _first_hand([*found, "kept"] if in_window or given.used else found, reported=given.reported)


def _first_hand(labels: Iterable[str], *, reported: bool) -> set[str]:
    given = list(labels)
    return {*given, *(() if reported else (f"{label}, first-hand" for label in given))}


def _counted(each: Iterable[set[str]]) -> set[str]:
    """Return the labels of several things: those that one has, and how many have it."""
    number = Counter(label for labels in each for label in labels)
    return {*number, *(f"{label}*{many}" for label, most in number.items() for many in range(2, most + 1))}


def _of_state(view: View) -> Iterator[tuple[str, set[str]]]:
    """Yield the labels that guards ask for."""
    policy = view.policy
    for name in policy.grants:
        yield f"grant:{name}", _counted(_of_instance(instance, view) for instance in view.instances(name))
    for name, lane in policy.lanes.items():
        standing = view.lane(name)
        is_open = lane.opened_by is not None and policy.lifecycles.lane.states[standing.state].counts
        yield f"lane:{name}", _first_hand(["open"] if is_open else [], reported=standing.imported)
    for name in policy.actions:
        runs = (run for run in view.state.runs.values() if run.action == name)
        yield f"run:{name}", _counted(_first_hand(["unended" if run.state != "ended" else "" if run.status else "done"], reported=run.imported) for run in runs)
    for name, finding in policy.findings.items():
        recorded = view.state.findings.get(name)
        result = recorded.result if recorded else finding.result
        yield f"finding:{name}", _first_hand([f"is {result}"], reported=recorded is not None and recorded.imported is not None)
    yield from _of_packets(view)
    for path, proofs in view.state.proofs.items():
        yield f"leg:{path}", {f"by {proofs[-1].actor}"}


def _of_instance(instance: GrantInstance, view: View) -> set[str]:
    scope = view.policy.grants[instance.grant].scope
    against = {label: against_instance(instance, view, scope, honoured=label == "honoured") for label in ("counts", "honoured")}
    found = [label for label, reason in against.items() if reason is None]
    lost = any(reason is not None and reason[0] is Cause.UNKNOWN for reason in against.values())
    return _first_hand([*found, *(["lost"] if lost else [])], reported=instance.imported)


def _of_packets(view: View) -> Iterator[tuple[str, set[str]]]:
    for name in view.policy.packets:
        standing = view.packet(name)
        yield f"packet:{name}", {"current"} if view.is_current(name) else set()
        chosen = standing.selected or str(find.hold_of(view.policy.packets[name]).id)
        yield f"selected:{name}", {f"{chosen}, reported" if standing.reported else chosen}
        for actor in standing.preparers:
            yield f"prepared:{name}:{actor}", {"yes"}


def _shown(path: str, view: View, *, taken_back: bool) -> set[str]:
    proof, declared = view.state.proofs[path][-1], find.leg(view.policy, path)
    fresh = declared.fresh_for is None or view.now < proof.at + declared.fresh_for
    by_member = proof.actor in find.members(view.policy, declared.by)
    proven = evidence(path, declared, view, declared.at, None).truth is True
    found = [*(["proven"] if proven else []), *(["shown"] if fresh and by_member and not taken_back else [])]
    return _first_hand(found, reported=proof.imported is not None)


def evaluated(formula: Formula, labels: Labels) -> bool:
    """Whether a formula over labels holds."""
    match formula:
        case In(component=name, states=wanted):
            return bool(labels.get(name, frozenset()) & wanted)
        case And(parts=parts):
            return all(evaluated(part, labels) for part in parts)
        case Or(parts=parts):
            return any(evaluated(part, labels) for part in parts)
        case AtLeast(wanted=number, parts=parts):
            return sum(evaluated(part, labels) for part in parts) >= number
        case Not(part=part):  # pragma: no branch - the forms are these
            return not evaluated(part, labels)
