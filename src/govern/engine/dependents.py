"""What rests on what: the things whose guard names a fact, directly or through a leg, a blocker, a lane or another option.

Pure. More than needed is named where a guard is an alternative; whoever asks judges each.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from govern.policy import find
from govern.policy.guards import BlockerFact, DoneFact, Fact, FindingFact, GrantFact, Guard, HonouredFact, LaneFact, LegFact, SelectedFact, facts
from govern.policy.model import Policy

# What something is, and its name: an option by PACKET/ID, a leg by BLOCKER/LEG.
Thing = tuple[str, str]


class Dependents:
    """The things of a policy, each with what names it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._above: dict[Thing, list[Thing]] = defaultdict(list)
        for below, above in self._edges():
            self._above[below].append(above)

    def of(self, things: Iterable[Thing], selected: Collection[str]) -> list[Thing]:
        """Return the things themselves and all that rests on them, each once; on an option something rests while it is selected only."""
        ahead = list(things)
        found = dict.fromkeys(ahead)
        while ahead:
            below = ahead.pop()
            if below[0] == "option" and below[1] not in selected:
                continue
            for each in self._above.get(below, ()):
                if each not in found:
                    found[each] = None
                    ahead.append(each)
        return list(found)

    def _edges(self) -> Iterator[tuple[Thing, Thing]]:
        policy = self._policy
        for path, leg in find.leg_paths(policy):
            yield ("leg", path), ("blocker", path.split("/")[0])
            yield from self._asked(leg.requires, ("leg", path))
        for name, lane in policy.lanes.items():
            yield from self._asked(lane.opens_when, ("lane", name))
        for name, packet in policy.packets.items():
            for option in packet.options:
                above = ("option", f"{name}/{option.id}")
                taken_in = find.lane_of(policy, name, option)
                if taken_in is not None:
                    yield ("lane", taken_in), above
                yield from self._asked(option.requires, above)
        for invariant in policy.invariants.values():
            if invariant.never and invariant.unless:
                yield from self._asked(invariant.unless, self._option(invariant.never.selecting))
        for name, action in policy.actions.items():
            if action.consumes:
                yield ("grant", action.consumes), ("action", name)
            yield from self._asked(action.needs, ("action", name))

    def _asked(self, guard: Guard | None, above: Thing) -> Iterator[tuple[Thing, Thing]]:
        for fact, _negated in facts(guard) if guard else ():
            yield self._thing(fact), above

    def _thing(self, fact: Fact) -> Thing:
        match fact:
            case GrantFact(grant=name) | HonouredFact(honoured=name):
                return "grant", name
            case LegFact(leg=path):
                return "leg", path
            case BlockerFact(blocker=name):
                return "blocker", name
            case LaneFact(lane=name):
                return "lane", name
            case SelectedFact(selected=address):
                return self._option(address)
            case DoneFact(done=name):
                return "done", name
            case FindingFact(finding=name):  # pragma: no branch - the facts are these
                return "finding", name

    def _option(self, address: str) -> Thing:
        packet, option = find.option(self._policy, address)
        return "option", f"{packet}/{option.id}"
