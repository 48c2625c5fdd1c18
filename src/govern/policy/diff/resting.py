"""The places in a policy that a guard rests on: legs, blockers and lanes followed, each once.

Pure. A place is a path such as `lanes.gate.opens_when`; an edit there, or inside, may change what the guard means.
"""

from collections.abc import Iterator

from govern.policy.guards import BlockerFact, Guard, LaneFact, LegFact, facts
from govern.policy.model import Policy

Thing = tuple[str, str]


def resting(policy: Policy, guard: Guard | None, *things: Thing) -> frozenset[str]:
    """Return the places that a guard and these things (a kind and a name each) rest on."""
    found: set[str] = set()
    ahead = dict.fromkeys((*things, *_named(guard)))
    met: set[Thing] = set()
    while ahead:
        thing = next(iter(ahead))
        del ahead[thing]
        met.add(thing)
        places, more = _LOOK[thing[0]](policy, thing[1])
        found |= places
        ahead |= dict.fromkeys(each for each in more if each not in met)
    return frozenset(found)


def _named(guard: Guard | None) -> Iterator[Thing]:
    for fact, _negated in facts(guard) if guard is not None else ():
        match fact:
            case LegFact(leg=path):
                yield "leg", path
            case BlockerFact(blocker=name):
                yield "blocker", name
            case LaneFact(lane=name):
                yield "lane", name
            case _:
                continue


def _leg(policy: Policy, path: str) -> tuple[set[str], list[Thing]]:
    blocker, _, name = path.partition("/")
    leg = policy.legs[path]
    where = f"blockers.{blocker}.legs.{name}"
    return {*(f"{where}.{key}" for key in ("requires", "evidence", "stands_in_for", "by")), f"roles.{leg.by}"}, list(_named(leg.requires))


def _blocker(policy: Policy, name: str) -> tuple[set[str], list[Thing]]:
    counting = {f"roles.{state.when.by}" for state in policy.blocker_states if state.when and state.when.by}
    return {"blocker_states", *counting}, [("leg", f"{name}/{leg}") for leg in policy.blockers[name].legs]


def _lane(policy: Policy, name: str) -> tuple[set[str], list[Thing]]:
    return {f"lanes.{name}.{key}" for key in ("standing", "opens_when", "opened_by")}, list(_named(policy.lanes[name].opens_when))


_LOOK = {"leg": _leg, "blocker": _blocker, "lane": _lane}
