"""What becomes possible and impossible from one policy to the other, entry by entry, whatever edit it comes from.

Pure. The old policy is given under the names of the new one.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from govern.policy import find
from govern.policy.diff.authorities import Places, team_beyond
from govern.policy.diff.comparing import Beyond, differences
from govern.policy.diff.edits import Direction, Effect, Witness, joined
from govern.policy.diff.formulas import FALSE, VALUES, Formula, Variable, variables
from govern.policy.diff.gates import Gate, gates, options_of, resting_on_options
from govern.policy.model import Policy
from govern.policy.names import Declared
from govern.policy.who import LEVELS, Who

# What is new, or gone, is possible, or impossible, by that alone; of all else the guards say it that rest on it.
_OF_THEIR_OWN = frozenset(("option", "action", "packet"))


def effects(old: Policy, new: Policy) -> Iterator[Effect]:
    """Yield what differs."""
    yield from of_gates(old, new)
    yield from _of_authorities(old, new)
    yield from _of_signing(old, new)


def of_gates(old: Policy, new: Policy) -> Iterator[Effect]:
    """Yield where what the two policies guard differs."""
    options, then = options_of(old, new), {**resting_on_options(old), **resting_on_options(new)}
    before, after = ({(gate.act, gate.kind, gate.name): gate for gate in gates(policy, options)} for policy in (old, new))
    told: dict[tuple[str, str], Effect] = {}
    for key in dict.fromkeys((*after, *before)):
        one, two = before.get(key), after.get(key)
        if (one is None or two is None) and key[1] not in _OF_THEIR_OWN:
            continue
        # That something stays in force where it can be decided is told with that.
        entry = told.get(key[1:])
        if entry is not None and entry.direction is Direction.BOTH:
            continue
        found = _compared(one, two, new, options, then)
        if found is not None and (entry is None or joined([entry.direction, found.direction]) is not entry.direction):
            told.setdefault(key[1:], found)
            yield found


def _compared(one: Gate | None, two: Gate | None, new: Policy, options: Mapping[str, frozenset[str]], then: Mapping[str, tuple[str, ...]]) -> Effect | None:
    gate = two or one
    assert gate is not None, "one of the two is there"
    before, after = one.formula if one else FALSE, two.formula if two else FALSE
    values = {variable: _values(variable, new, options) for variable in _with_pools(before, after)}
    opens, closes = differences(before, after, values)
    if not opens and not closes:
        return None
    rests_on = gate.rests_on | (one.rests_on if one else frozenset()) | {gate.path} if one is None or two is None else one.rests_on | two.rests_on
    followers = then.get(gate.name, ()) if gate.kind == "option" else ()
    witnesses = _witness(opens, values), _witness(closes, values)
    return Effect(gate.kind, gate.name, gate.act, gate.path, gate.place, *witnesses, followers, rests_on)


def _with_pools(*formulas: Formula) -> Iterator[Variable]:
    for variable in variables(formulas):
        yield variable
        yield variable._replace(use="")


def _values(variable: Variable, new: Policy, options: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    values = VALUES[variable.kind]
    if variable.kind == "packet":
        return (*values, *sorted(options[variable.name]))
    if variable.kind == "finding" and variable.name in new.findings:
        first = new.findings[variable.name].result
        return (first, *(value for value in values if value != first))
    return values


def _witness(found: Beyond, values: Mapping[Variable, tuple[str, ...]]) -> Witness | None:
    if found.undecided:
        return Witness(unknown=True, smallest=False)
    if found.situation is None:
        return None
    held = {variable: value for variable, value in found.situation.values.items() if value != values[variable][0]}
    told: dict[str, int] = {}
    facts = []
    for variable, value in sorted(held.items()):
        told[variable.name] = told.get(variable.name, 0) + 1
        another = " (another record)" if variable.use and told[variable.name] > 1 else ""
        facts.append(f"{spell(variable, value)}{another}")
    return Witness(tuple(facts), smallest=found.situation.smallest)


_SPELLED = {"usable": "grant:{}", "honoured": "honoured:{}", "proven": "leg:{}", "open": "lane:{}", "done": "done:{}"}


def spell(variable: Variable, value: str) -> str:
    """Return what holds, in the words of a guard."""
    if variable.kind == "finding" and value != "doubtful":
        return f"finding:{variable.name}={value}"
    if value in {"doubtful", "unknown"}:
        return f"{variable.kind}:{variable.name} ({'in doubt' if value == 'doubtful' else 'unknown how it ended'})"
    if variable.kind == "packet":
        return f"selected:{variable.name}/{value}"
    return _SPELLED[value].format(variable.name)


class Authority(NamedTuple):
    """An authority: where it is written, what it is over, and what it can do."""

    path: str
    kind: str
    name: str
    act: str
    who: Who
    declared: Declared


def _of_authorities(old: Policy, new: Policy) -> Iterator[Effect]:
    before = {each.path: each.who for each in authorities(old)}
    for path, kind, name, act, who, declared in authorities(new):
        unsaid = path == "policy.loosened_by" and old.policy.loosened_by is new.policy.loosened_by is None
        if path not in before or unsaid:
            continue
        one, two = find.places(old, before[path]), find.places(new, who)
        opens, closes = team_beyond(two, one), team_beyond(one, two)
        if opens is None and kind in {"grant", "policy"} and _settles(new):
            opens = _newcomer(one, two)
        if opens or closes:
            rests_on = frozenset([path, *(f"roles.{slot.of}" for each in (before[path], who) for slot in find.slots(each))])
            yield Effect(kind, name, act, path, declared.at_key(path.rpartition(".")[2]), opens, closes, (), rests_on)


def _settles(policy: Policy) -> bool:
    """Whether any one of an authority can say how a use ended of which nobody knows."""
    return any(way.trigger == "resolve" and way.by == "member" for way in policy.lifecycles.grant.transitions)


def _newcomer(one: Places, two: Places) -> Witness | None:
    """Return somebody who joins an authority: alone, they settle a use whose end is unknown."""
    known = {actor for place in one for actor in place}
    joins = [actor for place in two for actor in place if actor not in known]
    return Witness(("a use whose end is unknown",), (joins[0],)) if joins else None


def authorities(policy: Policy) -> Iterator[Authority]:
    """Yield every authority."""
    adoption = policy.policy
    yield Authority("policy.adopted_by", "policy", "version", "can be adopted", adoption.adopted_by, adoption)
    yield Authority("policy.loosened_by", "policy", "version that loosens", "can be adopted", adoption.loosened_by or adoption.adopted_by, adoption)
    for name, grant in policy.grants.items():
        yield Authority(f"grants.{name}.issuer", "grant", name, "can be recorded", grant.issuer, grant)
    for name, lane in policy.lanes.items():
        if lane.opened_by is not None:
            yield Authority(f"lanes.{name}.opened_by", "lane", name, "can be opened", lane.opened_by, lane)
    for name, packet in policy.packets.items():
        yield Authority(f"packets.{name}.decided_by", "packet", name, "can be decided", packet.decided_by, packet)
    for path, leg in find.leg_paths(policy):
        blocker, _, name = path.partition("/")
        yield Authority(f"blockers.{blocker}.legs.{name}.by", "leg", path, "can be discharged", leg.by, leg)
    for name, finding in policy.findings.items():
        yield Authority(f"findings.{name}.by", "finding", name, "can be recorded", finding.by, finding)
    if policy.registry:
        yield Authority("registry.folded_by", "registry", policy.registry.prefix, "can be folded", policy.registry.folded_by, policy.registry)


def _of_signing(old: Policy, new: Policy) -> Iterator[Effect]:
    for name, level in new.signing_levels.items():
        before = old.signing_levels.get(name)
        if before is None or before == level:
            continue
        weaker = LEVELS.index(level) < LEVELS.index(before)
        said = Witness((f"{before} was asked for, and {level} is enough now",)) if weaker else None
        roles = {f"roles.{role}" for policy in (old, new) for role, declared in policy.roles.items() if name in declared.members}
        closes = None if weaker else Witness((f"{before} was enough, and {level} is asked for now",))
        path = f"actors.{name}.signs_with"
        yield Effect("actor", name, "can record", path, new.actors[name].at_key("signs_with"), said, closes, (), frozenset([path, *roles]))
