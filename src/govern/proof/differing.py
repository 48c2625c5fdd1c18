"""The history behind a difference: records after which one policy allows what another does not.

Pure. The situation is found in the system of the first policy; the evaluator plays the records under it, and refuses them,
or the last of them, under the other.
"""

from collections.abc import Iterator

from govern.policy import find
from govern.policy.guards import LegFact
from govern.policy.model import Policy
from govern.proof.building import Building
from govern.proof.formulas import FALSE, Formula, In, conjunction, disjunction, negation
from govern.proof.meaning import Meaning, Reading, Where
from govern.proof.proving import Ending, Prover, Retold
from govern.proof.system import System
from govern.proof.tracing import Trace, play

KINDS = ("option", "action", "lane", "leg")


def history(kind: str, name: str, of: Retold, other: Retold, *, solver: bool) -> Trace | None:
    """Return records after which `of` allows an option, an action, a lane or a leg, and `other` does not; none where none is found."""
    allowed, refused = _entry(kind, name, of.policy), _entry(kind, name, other.policy)
    building = Building(of.policy, (allowed, refused))
    system = building.system()
    goal = conjunction([building.resolved(allowed), negation(building.resolved(refused))])
    last = tuple(_last(kind, name, system))
    if last:
        goal = conjunction([goal, disjunction(system.rules[rule].enabled for rule in last)])
    prover = Prover(system, of, solver=solver)
    packet, _, option = name.rpartition("/")
    shown = (f"selected:{packet}", option) if kind == "option" else None
    ending = Ending(last, lambda trace, _last: shown is None or shown[1] in trace.after.get(shown[0], frozenset()))
    for trace, rules in prover.played(goal, ending):
        # What a history shows is a difference only where the other policy does not take it as well.
        if not last or play(other.policy, other.source, rules) is None:
            return trace
    return None


def _last(kind: str, name: str, system: System) -> Iterator[str]:
    """Yield the rules by which an entry is used."""
    wanted = {"option": "decide", "action": "begin"}.get(kind)
    yield from (rule.name for rule in system.rules.values() if rule.deed.of == name and rule.deed.kind == wanted and rule.name.startswith(str(wanted)))


def _entry(kind: str, name: str, policy: Policy) -> Formula:
    """Return where a policy allows an entry; nowhere, where it does not have it."""
    meaning = Meaning(policy, Reading.GUARD)
    match kind:
        case "option" if find.options_at(policy, name):
            packet, option = find.option(policy, name)
            return conjunction([In(f"packet:{packet}", frozenset(("current",))), meaning.opens(packet, option)])
        case "action" if name in policy.actions and (needs := policy.actions[name].needs) is not None:
            return meaning.judged(needs, find.action_scope(policy, policy.actions[name]))
        case "lane" if name in policy.lanes:
            return meaning.lane(name)
        case "leg" if name in policy.legs:
            return meaning.holds(LegFact.model_validate({"leg": name}), Where())
        case _:
            return FALSE
