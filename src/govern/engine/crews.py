"""Crews: what some of the declared actors can bring about, nobody deciding on what they prepared.

Pure. It rests on the policy alone: nothing is taken to be on record yet, and nothing that was done is taken to end what
another needs. Each decision stands for itself: evidence that one owner made for one can be made by another for the next.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from govern.engine.choosing import fillings
from govern.policy import find
from govern.policy.blockers import Leg
from govern.policy.check_separation import MAX_DECIDERS
from govern.policy.guards import SelectedFact, fact_id, facts
from govern.policy.model import Option, Policy
from govern.policy.preparing import prepares
from govern.policy.promises import Action
from govern.policy.reach import Everybody, can_be_entered, can_fill, followed, possible, rounds
from govern.policy.who import Who


class Crew(Everybody):
    """Those of the declared actors who are there; of them, `out` make no evidence that is prepared.

    Where there are more groups of deciders than are tried, and none of those can decide, `trusting` takes it that another can.
    """

    def __init__(self, policy: Policy, there: Collection[str], out: Collection[str] = (), *, trusting: bool = False) -> None:
        super().__init__(policy)
        self.there, self.out, self.trusting = frozenset(there), frozenset(out), trusting

    def places(self, who: Who, without: Collection[str] = ()) -> list[tuple[str, ...]]:
        """Return the places of an authority, each with those who are there and can fill it."""
        return [tuple(actor for actor in place if actor in self.there and actor not in without) for place in find.places(self.policy, who)]

    def fills(self, who: Who) -> bool:
        """Whether an authority can be filled by persons who are there."""
        return can_fill(self.places(who))

    def makers(self, leg: Leg) -> tuple[str, ...]:
        """Return who is there to make the evidence of a leg."""
        kept_out = self.out if prepares(leg) else ()
        return tuple(actor for actor in find.members(self.policy, leg.by) if actor in self.there and actor not in kept_out)

    def proves(self, leg: Leg) -> bool:
        """Whether somebody is there to make the evidence of a leg."""
        return super().proves(leg) and bool(self.makers(leg))

    def records(self, finding: str, result: str) -> bool:
        """Whether a finding has a result, or somebody is there to record it."""
        declared = self.policy.findings[finding]
        return declared.result == result or not self.there.isdisjoint(find.members(self.policy, declared.by))

    def grants(self, name: str, without: Collection[str] = ()) -> bool:
        """Whether a grant can be recorded, by words of others than `without`."""
        issuer = self.policy.grants[name].issuer
        if self._is_asked_for(name):
            return self.asker(name, without) is not None
        return can_fill(self.places(issuer, without))

    def asker(self, name: str, without: Collection[str] = ()) -> str | None:
        """Return who asks for a grant that is recorded only where another asked for it; None where nobody can, or need."""
        issuer, lifecycle = self.policy.grants[name].issuer, self.policy.lifecycles.grant
        way = lifecycle.ways.get(("request", lifecycle.initial))
        if way is None or not self._is_asked_for(name):
            return None
        able = self.there if way.by == "anyone" else frozenset(find.everyone(self.policy, issuer))
        asking = (actor for actor in reversed(self.policy.actors) if actor in able & self.there)
        return next((actor for actor in asking if can_fill(self.places(issuer, (*without, actor)))), None)

    def _is_asked_for(self, name: str) -> bool:
        """Whether no way leads from nothing to the grant without a request: the words before the last approve, the last records."""
        lifecycle = self.policy.lifecycles.grant
        first = "record" if len(find.places(self.policy, self.policy.grants[name].issuer)) == 1 else "approve"
        return (first, lifecycle.initial) not in lifecycle.ways

    def carries_out(self, action: str, reached: Collection[str]) -> bool:
        """Whether somebody is left to carry out an action, where who gave a word for it must not."""
        return not self.policy.actions[action].separate_executor or self.executor(action, dict.fromkeys(reached, 0)) is not None

    def executor(self, action: str, ranks: Mapping[str, int]) -> tuple[str, Mapping[str, int]] | None:
        """Return somebody who carries out an action without a word for it, and what is reached without their word."""
        declared = self.policy.actions[action]
        assert declared.needs is not None, "what needs nothing is never carried out"
        for actor in (each for each in reversed(self.policy.actors) if each in self.there):
            given = self._given(actor, declared, ranks)
            left = {fact: rank for fact, rank in ranks.items() if fact not in given}
            granted = declared.consumes is None or self.grants(declared.consumes, (actor,))
            if granted and possible(declared.needs, left, self.policy):
                return actor, left
        return None

    def _given(self, actor: str, action: Action, ranks: Mapping[str, int]) -> set[str]:
        """Return the decisions named by an action that are never made without the word of an actor."""
        named = {fact_id(fact): fact for fact, _negated in facts(action.needs) if isinstance(fact, SelectedFact)} if action.needs else {}
        decisions = {name: find.option(self.policy, fact.selected) for name, fact in named.items()}
        return {name for name, each in decisions.items() if next(self.teams(*each, ranks, (actor,)), None) is None}

    def decides(self, packet: str, option: Option, reached: Collection[str]) -> bool:
        """Whether a team is there that can issue the packet and decide the option."""
        if next(self.teams(packet, option, reached), None) is not None:
            return True
        declared = self.policy.packets[packet]
        consumed = not declared.consumes or f"selected:{declared.consumes}" in reached
        return self.trusting and consumed and super().decides(packet, option, reached) and self.crowds(packet)

    def crowds(self, packet: str) -> bool:
        """Whether more groups can decide a packet than are tried."""
        groups = self._members(self.policy.packets[packet].decided_by, hold=False)
        return next(islice(groups, MAX_DECIDERS, None), None) is not None

    def teams(self, packet: str, option: Option, reached: Collection[str], without: Collection[str] = ()) -> Iterator["Team"]:
        """Yield teams of others than `without` that can decide an option, given what is reached without regard to who decides."""
        declared, ranks = self.policy.packets[packet], reached if isinstance(reached, Mapping) else dict.fromkeys(reached, 0)
        if declared.consumes and f"selected:{declared.consumes}" not in reached:
            return
        for members in islice(self._members(declared.decided_by, hold=option.hold, without=without), MAX_DECIDERS):
            out = () if declared.separation_waiver is not None or option.hold else members
            team = Team(members, Crew(self.policy, self.there, out), ranks)
            if option.hold or can_be_entered(self.policy, packet, option, team.ranks):
                yield team

    def _members(self, decided_by: Who, *, hold: bool, without: Collection[str] = ()) -> Iterator[tuple[str, ...]]:
        """Yield groups of persons who together decide, those first who make least evidence; one of them alone returns to HOLD."""
        places = self.places(decided_by, without)
        if hold:
            yield from dict.fromkeys((actor,) for place in places for actor in place)
            return
        yield from fillings([tuple(sorted(place, key=lambda actor: len(self._evidence[actor]))) for place in places], self._evidence)

    @cached_property
    def _evidence(self) -> Mapping[str, frozenset[str]]:
        """The legs whose evidence each actor may prepare: who may prepare the same are alike as deciders."""
        legs = [(path, find.members(self.policy, leg.by)) for path, leg in find.leg_paths(self.policy) if prepares(leg)]
        return {actor: frozenset(path for path, makers in legs if actor in makers) for actor in self.policy.actors}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The facts that the crew can reach; each rests on facts of a lower rank."""
        return {fact: rank for rank, facts in enumerate(rounds(self.policy, self)) for fact in sorted(facts)}


@dataclass(frozen=True)
class Team:
    """Persons who decide, and the crew in which they make no evidence that their option rests on."""

    members: tuple[str, ...]
    crew: Crew
    before: Mapping[str, int]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """What can be reached beside the decision: evidence by others than the team, all else as it is."""
        return followed(self.crew.policy, self.before, self.crew)
