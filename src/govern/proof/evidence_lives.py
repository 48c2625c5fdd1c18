"""The life of the evidence for a leg: only the newest counts, so there is one of each.

Pure. Beside the state of the lifecycle it holds what really happened, and who made it where that keeps them from deciding.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from govern.policy import find
from govern.policy.model import Policy
from govern.proof.automata import Edge, Life
from govern.proof.formulas import TRUE, Formula, conjunction
from govern.proof.lives import Guarded, entitled, reported_way
from govern.proof.system import Deed

# What an intake is while the source that it has taken in may be rehearsed on.
TAKEN_IN = "taken in"


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of the newest evidence for a leg. `by` is named only where somebody is kept from deciding on it."""

    state: str
    shown: bool = False
    by: str = ""
    member: bool = True
    fresh: bool = True
    reported: bool = False

    def spell(self) -> str:
        """Return it as a name."""
        made = (f"by {self.by}" if self.by else "", "" if self.member else "by another", "" if self.shown or not self.by else "taken back")
        return ", ".join(
            each for each in (self.state, *made, "" if self.fresh else "stale", "reported" if self.reported else "", "shown" if self.shown else "") if each
        )


@dataclass(frozen=True, slots=True)
class Aging:
    """Whether evidence can go stale, as time passes or what it rests on is another, and whether that can be undone.

    `awaits` is what must hold before it is recorded.
    """

    ages: bool
    returns: bool
    awaits: Formula = TRUE


def leg_life(policy: Policy, path: str, named: Iterable[str], aging: Aging, guarded: Guarded) -> Life:
    """Return the life of the evidence for a leg; `named` are those whose making of it matters."""
    return _LegLife(policy, path, tuple(named), aging, guarded).life()


class _LegLife:
    """The making of one: what is shown is found by the steps that lead to it."""

    def __init__(self, policy: Policy, path: str, named: tuple[str, ...], aging: Aging, guarded: Guarded) -> None:
        self.policy, self.leg, self.aging, self.guarded = policy, find.leg(policy, path), aging, guarded
        self.lifecycle = policy.lifecycles.leg
        self.members = find.members(policy, self.leg.by)
        others = tuple(actor for actor in policy.actors if actor not in named)
        # Who is kept from deciding is told apart, and whose evidence counts.
        self.groups = [*((actor, (actor,)) for actor in named), *(("", kind) for kind in self._by_membership(others) if kind)]

    def life(self) -> Life:
        first = Shown(self.lifecycle.initial)
        found, edges = {first: None}, dict[Edge, None]()
        ahead = [first]
        while ahead:
            shown = ahead.pop()
            for deed, target, actors, guard in self._steps(shown):
                edges[Edge(deed, shown.spell(), target.spell(), actors, guard)] = None
                if target not in found:
                    found[target] = None
                    ahead.append(target)
        # What is merged later keeps the name of the first, which had better be no report.
        ordered = [first, *sorted((each for each in found if each != first), key=lambda each: each.reported)]
        return Life({each.spell(): self._labels(each) for each in ordered}, tuple(edges))

    def _steps(self, shown: Shown) -> Iterator[tuple[Deed, Shown, tuple[str, ...], Formula]]:
        discharge = self.lifecycle.ways.get(("discharge", shown.state))
        to = reported_way(self.lifecycle, "discharge", shown.state)
        for name, group in self.groups:
            able = tuple(actor for actor in group if discharge and actor in entitled(self.policy, discharge, self.leg.by, "leg"))
            if discharge and able:
                yield (
                    Deed("discharge"),
                    Shown(discharge.to, shown=True, by=name, member=self._some_member(able)),
                    able,
                    conjunction([self.guarded(discharge), self.aging.awaits]),
                )
            if to is not None:
                yield Deed("report discharge"), Shown(to, shown=True, by=name, member=self._some_member(group), reported=True), group, TRUE
        again = reported_way(self.lifecycle, "reopen", shown.state)
        if again is not None and shown.reported:
            yield Deed("report reopen"), replace(shown, state=again, shown=False), tuple(self.policy.actors), TRUE
        reopen = self.lifecycle.ways.get(("reopen", shown.state))
        if reopen and shown != Shown(self.lifecycle.initial):
            yield Deed("reopen"), replace(shown, state=reopen.to, shown=False), entitled(self.policy, reopen, self.leg.by, "leg"), self.guarded(reopen)
        # Also what was taken back can grow stale where the state it is in then still counts.
        there = shown.shown or (self.lifecycle.states[shown.state].counts and shown != Shown(self.lifecycle.initial))
        if self.aging.ages and there and (shown.fresh or self.aging.returns):
            yield Deed("time"), replace(shown, fresh=not shown.fresh), (), TRUE

    def _by_membership(self, actors: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(each for each in actors if each in self.members), tuple(each for each in actors if each not in self.members)

    def _some_member(self, actors: Iterable[str]) -> bool:
        return any(actor in self.members for actor in actors)

    def _labels(self, shown: Shown) -> frozenset[str]:
        good = shown.member and shown.fresh
        there = {"proven": self.lifecycle.states[shown.state].counts and good, "shown": shown.shown and good}
        found = {label for label, holds in there.items() if holds}
        first_hand = {f"{label}, first-hand" for label in found if not shown.reported}
        # What was taken in is rehearsed on whoever the policy now wants it from, and however long ago.
        is_intake = self.leg.evidence is not None and self.leg.evidence.kind == "intake"
        taken_in = {TAKEN_IN} if is_intake and self.lifecycle.states[shown.state].counts and not shown.reported else set()
        return frozenset(found | first_hand | taken_in | ({f"by {shown.by}"} if shown.by else set()))
