"""What a policy guards: each entry with the formula under which it is possible, and the places in the policy it rests on.

Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govern.policy import find
from govern.policy.diff.formulas import FALSE, TRUE, Formula, Variable, conjunction, literals
from govern.policy.diff.meaning import Meanings
from govern.policy.diff.resting import resting
from govern.policy.guards import SelectedFact, facts
from govern.policy.lifecycles import KINDS
from govern.policy.model import Policy
from govern.problems import Place


@dataclass(frozen=True, slots=True)
class Gate:
    """An entry and its formula. `act` is what can be done where it holds; `act` and `name` tell it apart."""

    kind: str
    name: str
    act: str
    path: str
    place: Place
    formula: Formula
    rests_on: frozenset[str]


def options_of(*policies: Policy) -> Mapping[str, frozenset[str]]:
    """Return the options that each packet can have selected under any of these policies."""
    names = dict.fromkeys(name for policy in policies for name in policy.packets)
    return {name: frozenset(str(option.id) for policy in policies if name in policy.packets for option in policy.packets[name].options) for name in names}


def gates(policy: Policy, options: Mapping[str, frozenset[str]]) -> Iterator[Gate]:
    """Yield everything that a policy guards."""
    meanings = Meanings(policy, options)
    yield from _options(policy, meanings, Meanings(policy, options, meanings))
    yield from _ways_in(policy, meanings)
    yield from _promises(policy, meanings)
    for kind in KINDS:
        lifecycle = policy.lifecycles.of(kind)
        for (trigger, source), way in lifecycle.ways.items():
            name, path = f"{kind} {trigger} from {source}", f"lifecycles.{kind}.{trigger} from {source}.when"
            rests = resting(policy, way.when) | {path}
            yield Gate("way", name, "can be taken", path, way.at_key("when"), meanings.of(way.when).holds, rests)


def _options(policy: Policy, meanings: Meanings, standing: Meanings) -> Iterator[Gate]:
    for packet, declared in policy.packets.items():
        path = f"packets.{packet}"
        consumes = meanings.selected(declared.consumes).holds if declared.consumes else TRUE
        yield Gate("packet", packet, "can be issued", path, declared.at, consumes, frozenset([f"{path}.consumes"]))
        for option in declared.options:
            where, name = f"{path}.options.{option.id}", f"{packet}/{option.id}"
            lane = find.lane_of(policy, packet, option)
            if option.hold or lane is None:
                continue
            rests = resting(policy, option.requires, ("lane", lane)) | {f"{where}.requires", f"{where}.lane", f"{path}.lane"}
            place = option.at_key("requires")
            entry = conjunction([meanings.lane(lane).holds, meanings.of(option.requires).holds])
            yield Gate("option", name, "can be decided", where, place, entry, rests)
            stands = conjunction([meanings.lane(lane).holds, standing.of(option.requires).holds])
            yield Gate("option", name, "stays in force", where, place, stands, rests)


def _ways_in(policy: Policy, meanings: Meanings) -> Iterator[Gate]:
    for name, lane in policy.lanes.items():
        yield Gate("lane", name, "is open", f"lanes.{name}", lane.at_key("opens_when"), meanings.lane(name).holds, resting(policy, None, ("lane", name)))
    for path, leg in find.leg_paths(policy):
        blocker, _, name = path.partition("/")
        where = f"blockers.{blocker}.legs.{name}"
        yield Gate("leg", path, "is proven", where, leg.at_key("requires"), meanings.leg(path).holds, resting(policy, None, ("leg", path)))
    for name, blocker_ in policy.blockers.items():
        yield Gate("blocker", name, "is closed", f"blockers.{name}", blocker_.at, meanings.closed(name), resting(policy, None, ("blocker", name)))


def _promises(policy: Policy, meanings: Meanings) -> Iterator[Gate]:
    for name, action in policy.actions.items():
        path = f"actions.{name}"
        parts = [meanings.of(action.needs).holds if action.needs else FALSE]
        parts += [meanings.grant(action.consumes).holds] if action.consumes else []
        rests = resting(policy, action.needs) | {f"{path}.needs", f"{path}.consumes", f"{path}.ungranted"}
        yield Gate("action", name, "can be carried out", path, action.at_key("needs"), conjunction(parts), rests)
    for name, claim in policy.claims.items():
        rests = resting(policy, claim.needs) | {f"claims.{name}.needs"}
        yield Gate("claim", name, "is supported", f"claims.{name}", claim.at_key("needs"), meanings.of(claim.needs).holds, rests)
    for status in policy.statuses:
        rests = resting(policy, status.when) | {f"statuses.{status.id}.when"}
        yield Gate("status", status.id, "holds", f"statuses.{status.id}", status.at_key("when"), meanings.of(status.when).holds, rests)
    for name, invariant in policy.invariants.items():
        if invariant.unless is not None:
            rests = resting(policy, invariant.unless) | {f"invariants.{name}.unless"}
            formula = meanings.of(invariant.unless).holds
            yield Gate("invariant", name, "lets its option be entered", f"invariants.{name}", invariant.at_key("unless"), formula, rests)


def resting_on_options(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Return for each option the actions, lanes and packets that need it selected."""
    found: dict[str, dict[str, None]] = {}
    guards = [(f"action {name}", action.needs) for name, action in policy.actions.items()]
    guards += [(f"lane {name}", lane.opens_when) for name, lane in policy.lanes.items()]
    for name, guard in guards:
        for fact, _negated in facts(guard) if guard is not None else ():
            if isinstance(fact, SelectedFact):
                packet, option = find.option(policy, fact.selected)
                found.setdefault(f"{packet}/{option.id}", {})[name] = None
    for name, packet_ in policy.packets.items():
        if packet_.consumes:
            parent, option = find.option(policy, packet_.consumes)
            found.setdefault(f"{parent}/{option.id}", {})[f"packet {name}"] = None
    return {name: tuple(then) for name, then in found.items()}


def denied(formulas: list[Formula]) -> frozenset[Variable]:
    """Return the variables of which a formula wants that nothing is on record, or that what is does not count."""
    return frozenset(literal.variable for literal in literals(formulas) if "none" in literal.values)


def denied_names(*policies: Policy) -> Mapping[str, str]:
    """Return the places of the grants and legs, and of others by kind, that some guard wants not to count; with their kind."""
    options = options_of(*policies)
    found = denied([gate.formula for policy in policies for gate in gates(policy, options)])
    names: dict[str, str] = {}
    for variable in found:
        blocker, _, leg = variable.name.partition("/")
        path = f"blockers.{blocker}.legs.{leg}" if variable.kind == "leg" else f"{variable.kind}s.{variable.name}"
        names[path] = variable.kind
    return names


def denied_kinds(names: Mapping[str, str]) -> frozenset[str]:
    """Return the kinds of what some guard wants not to count."""
    return frozenset(names.values())
