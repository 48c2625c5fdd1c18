"""Who does what, so that an option can be decided: one assignment of words, evidence and decisions to a crew.

Pure. Of alternatives, the one that rests on least is taken, the first written of equals.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govern.engine.crews import Crew, Team
from govern.policy import find
from govern.policy.guards import (
    All,
    AnyOf,
    AtLeast,
    BlockerFact,
    DoneFact,
    Fact,
    FindingFact,
    GrantFact,
    Guard,
    HonouredFact,
    LaneFact,
    LegFact,
    Not,
    SelectedFact,
    fact_id,
    facts,
)
from govern.policy.model import Option
from govern.policy.reach import can_fill
from govern.policy.who import Who


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that must be done, and who does it; several actors where their words are wanted together."""

    what: str
    actors: tuple[str, ...]


def duties(packet: str, option: Option, crew: Crew) -> tuple[Duty, ...]:
    """Return who does what for an option that a crew can decide, what comes first told first, each once."""
    team = next(crew.teams(packet, option, crew.ranks))
    return tuple(dict.fromkeys(_Assigning(crew).deciding(packet, option, team)))


class _Assigning:
    """One walk through what an option rests on. What was assigned once is not walked again."""

    def __init__(self, crew: Crew) -> None:
        self.crew, self.policy = crew, crew.policy
        self.seen: set[str] = set()
        # Lanes, with who makes no evidence for the decision at hand.
        self.lanes: set[tuple[str, frozenset[str]]] = set()
        # Who carries out what an option permits, and so gives no word for it.
        self.executors: dict[str, str] = {}

    def deciding(self, packet: str, option: Option, team: Team) -> Iterator[Duty]:
        consumes = self.policy.packets[packet].consumes
        if consumes:
            yield from self._selected(SelectedFact.model_validate({"selected": consumes}))
        lane = find.lane_of(self.policy, packet, option)
        if lane and not option.hold:
            yield from self._lane(lane, team.ranks, team.crew)
        if option.requires:
            yield from self._guard(option.requires, team.ranks, team.crew)
        yield Duty(f"decide {packet}/{option.id}", team.members)

    def _guard(self, guard: Guard, ranks: Mapping[str, int], crew: Crew) -> Iterator[Duty]:
        match guard:
            case All() | AnyOf() | AtLeast():
                wanted, parts = _wanted(guard)
            case Not():
                return
            case _:
                yield from self._fact(guard, ranks, crew)
                return
        ranked = [(rank, place) for place, part in enumerate(parts) if (rank := _rank(part, ranks)) is not None]
        for _rank_of, place in sorted(sorted(ranked)[:wanted], key=lambda each: each[1]):
            yield from self._guard(parts[place], ranks, crew)

    def _fact(self, fact: Fact, ranks: Mapping[str, int], crew: Crew) -> Iterator[Duty]:
        match fact:
            case GrantFact(grant=name) | HonouredFact(honoured=name):
                asker = self.crew.asker(name)
                if asker is not None:
                    yield Duty(f"request {name}", (asker,))
                yield Duty(f"grant {name}", self._filled(self.policy.grants[name].issuer, asker))
            case LegFact(leg=path):
                yield from self._leg(path, ranks, crew)
            case BlockerFact(blocker=name, is_=state):
                for path in self._legs_for(name, state, ranks):
                    yield from self._leg(path, ranks, crew)
            case LaneFact(lane=name):
                yield from self._lane(name, ranks, crew)
            case SelectedFact():
                yield from self._selected(fact)
            case DoneFact(done=name):
                yield from self._done(name)
            case FindingFact(finding=name, is_=result):  # pragma: no branch - the facts are these
                declared = self.policy.findings[name]
                if declared.result != result:
                    yield Duty(f"finding {name} {result}", tuple(each for each in find.members(self.policy, declared.by) if each in self.crew.there)[:1])

    def _leg(self, path: str, ranks: Mapping[str, int], crew: Crew) -> Iterator[Duty]:
        leg = find.leg(self.policy, path)
        if leg.requires is not None:
            yield from self._guard(leg.requires, ranks, crew)
        else:
            yield Duty(f"prove {path}", crew.makers(leg)[:1])

    def _legs_for(self, blocker: str, state: str, ranks: Mapping[str, int]) -> list[str]:
        """Return the legs that bring a blocker to a state: all that it counts, or the first that can be had of any."""
        declared = next(each for each in self.policy.blocker_states if each.state == state)
        if declared.when is None:
            return []
        legs = self.policy.blockers[blocker].legs.items()
        paths = [f"{blocker}/{name}" for name, leg in legs if not leg.stands_in_for and find.is_by(self.policy, leg, declared.when.by)]
        had = [path for path in paths if f"leg:{path}" in ranks]
        return had if declared.when.legs == "all" else had[:1]

    def _lane(self, name: str, ranks: Mapping[str, int], crew: Crew) -> Iterator[Duty]:
        lane = self.policy.lanes[name]
        if lane.standing or (name, crew.out) in self.lanes:
            return
        self.lanes.add((name, crew.out))
        if lane.opened_by is not None and crew.fills(lane.opened_by):
            yield Duty(f"open lane {name}", self._filled(lane.opened_by))
            return
        assert lane.opens_when is not None, "a lane that nobody can open opens by its guard"
        yield from self._guard(lane.opens_when, ranks, crew)

    def _selected(self, fact: SelectedFact) -> Iterator[Duty]:
        packet, option = find.option(self.policy, fact.selected)
        if f"selected:{packet}/{option.id}" not in self.seen:
            self.seen.add(f"selected:{packet}/{option.id}")
            without = [actor for spelled, actor in self.executors.items() if spelled == f"{packet}/{option.id}"]
            yield from self.deciding(packet, option, next(self.crew.teams(packet, option, self.crew.ranks, without)))

    def _done(self, name: str) -> Iterator[Duty]:
        declared = self.policy.actions[name]
        if f"done:{name}" in self.seen or declared.needs is None:
            return
        self.seen.add(f"done:{name}")
        found = self.crew.executor(name, self.crew.ranks) if declared.separate_executor else None
        if found is None:
            yield from self._guard(declared.needs, self.crew.ranks, self.crew)
            yield Duty(f"carry out {name}", ())
            return
        executor, ranks = found
        for fact, _negated in facts(declared.needs):
            if isinstance(fact, SelectedFact):
                packet, option = find.option(self.policy, fact.selected)
                self.executors[f"{packet}/{option.id}"] = executor
        yield from self._guard(declared.needs, ranks, self.crew)
        yield Duty(f"carry out {name}", (executor,))

    def _filled(self, who: Who, without: str | None = None) -> tuple[str, ...]:
        """Return persons who fill an authority, nobody in two places."""
        taken: list[str] = []
        places = self.crew.places(who, (without,) if without else ())
        for index, place in enumerate(places):
            rest = places[index + 1 :]
            taken.append(next(each for each in place if each not in taken and _fits([*taken, each], rest)))
        return tuple(taken)


def _fits(taken: list[str], rest: list[tuple[str, ...]]) -> bool:
    return can_fill([tuple(each for each in place if each not in taken) for place in rest])


def _wanted(guard: All | AnyOf | AtLeast) -> tuple[int, tuple[Guard, ...]]:
    """Return how many must hold, and of which parts."""
    if isinstance(guard, AtLeast):
        return guard.at_least, guard.of
    return (len(guard.all), guard.all) if isinstance(guard, All) else (1, guard.any)


def _rank(guard: Guard, ranks: Mapping[str, int]) -> int | None:
    """Return how far what a guard rests on is from nothing; None where it cannot be had."""
    match guard:
        case All() | AnyOf() | AtLeast():
            wanted, parts = _wanted(guard)
        case Not():
            return 0
        case _:
            return ranks.get(fact_id(guard))
    ranked = sorted(rank for part in parts if (rank := _rank(part, ranks)) is not None)
    return ranked[wanted - 1] if len(ranked) >= wanted else None
