"""The lives of grants and of runs, from the lifecycles of a policy: what was done beside what state it gave; and what all lives share.

Pure. A state of a life names the state of the lifecycle and, apart from it, what really happened: whether the words of
the issuer are complete, whether it was used up or revoked, whether its window is open, whether a document reports it. A
lifecycle says what counts; a promise is held against what happened, so that a lifecycle cannot be its own witness.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from govern.engine.causes import Cause
from govern.engine.leaves import cause_of_state
from govern.policy import find
from govern.policy.lifecycles import Kind, Lifecycle, Transition, Trigger
from govern.policy.model import Policy
from govern.policy.who import Who
from govern.proof.automata import LATER, Edge, Life
from govern.proof.formulas import TRUE, Formula
from govern.proof.system import Deed

Words = Literal["none", "some", "all", "spent", "gone"]
Window = Literal["open", "early", "over"]
Guarded = Callable[[Transition], Formula]
REPORTED = "reported"
_ENDS: tuple[Trigger, ...] = ("revoke", "consume", "complete", "lose", "resolve")


@dataclass(frozen=True, slots=True)
class Instance:
    """What became of one instance of a grant. `spoken`: the issuer's words for it are used up; nobody gives a word twice."""

    state: str
    words: Words = "none"
    window: Window = "open"
    reported: bool = False
    spoken: bool = False

    def spell(self) -> str:
        """Return it as a name."""
        said = {"none": "", "some": ", some words", "all": "", "spent": ", used", "gone": ", revoked once"}[self.words]
        when = {"open": "", "early": f", {LATER}", "over": ", expired"}[self.window]
        asked = ", by word" if self.spoken and self.words == "gone" else ""
        return f"{self.state}{said}{asked}{when}{', reported' if self.reported else ''}"


def persons_of(policy: Policy, who: Who) -> tuple[str, ...]:
    """Return the persons whose words an authority takes."""
    return tuple(actor for actor in find.everyone(policy, who) if policy.actors[actor].kind == "person")


def entitled(policy: Policy, taken: Transition, who: Who, kind: Kind) -> tuple[str, ...]:
    """Return who may take a way of a lifecycle."""
    match taken.by:
        case "anyone":
            return tuple(policy.actors)
        case "member":
            return find.everyone(policy, who)
        case "authority":  # pragma: no branch - the entitlements are these
            return find.everyone(policy, who) if kind == "leg" else persons_of(policy, who)


def reported_way(lifecycle: Lifecycle, trigger: Trigger, source: str) -> str | None:
    """Return where an act that a document reports leads: history may skip ways that were not recorded."""
    way = lifecycle.ways.get((trigger, source)) or next((each for each in lifecycle.transitions if each.trigger == trigger), None)
    return way.to if way else None


def grant_life(policy: Policy, who: Who, *, protected: bool, used: bool, guarded: Guarded) -> Life:
    """Return the life of an instance of a grant with this issuer, in a scope that is protected or not; `used`, where an action uses it up."""
    return _GrantLife(policy, who, guarded, protected=protected, used=used).life()


class _GrantLife:
    """The making of one: instances are found by the steps that lead to them."""

    def __init__(self, policy: Policy, who: Who, guarded: Guarded, *, protected: bool, used: bool) -> None:
        self.policy, self.who, self.guarded, self.protected = policy, who, guarded, protected
        self.ends: tuple[Trigger, ...] = _ENDS if used else ("revoke",)
        self.lifecycle = policy.lifecycles.grant
        self.places, self.hopeful = len(find.places(policy, who)), _hopeful(self.lifecycle)
        self.edges: dict[Edge, None] = {}

    def life(self) -> Life:
        found: dict[Instance, None] = {}
        ahead: list[Instance | None] = [None]
        while ahead:
            instance = ahead.pop()
            source = instance.spell() if instance else None
            for deed, target, actors, guard in self._steps(instance):
                self.edges[Edge(deed, source, target.spell(), actors, guard)] = None
                if target not in found:
                    found[target] = None
                    ahead.append(target)
        # What is merged later keeps the name of the first, which had better be no report.
        ordered = sorted(found, key=lambda instance: instance.reported)
        return Life({instance.spell(): self._labels(instance) for instance in ordered}, tuple(self.edges))

    def _steps(self, instance: Instance | None) -> Iterator[tuple[Deed, Instance, tuple[str, ...], Formula]]:
        yield from self._words(instance)
        if instance is None:
            yield from self._reports()
            for way in self._way("request", self.lifecycle.initial):
                yield Deed("request"), Instance(way.to), entitled(self.policy, way, self.who, "grant"), self.guarded(way)
            return
        for trigger in self.ends:
            # An action uses up only what counts at that moment.
            for way in () if trigger == "consume" and "counts" not in self._labels(instance) else self._way(trigger, instance.state):
                yield Deed(trigger), self._after(instance, trigger, way.to), entitled(self.policy, way, self.who, "grant"), self.guarded(way)
        passed: dict[Window, Window] = {"early": "open", "open": "over"}
        if instance.words != "none" and instance.window in passed:
            yield Deed("time"), replace(instance, window=passed[instance.window]), (), TRUE

    def _way(self, trigger: Trigger, source: str) -> list[Transition]:
        way = self.lifecycle.ways.get((trigger, source))
        return [way] if way else []

    def _words(self, instance: Instance | None) -> Iterator[tuple[Deed, Instance, tuple[str, ...], Formula]]:
        """Yield the steps that words of the issuer take: those before the last approve, the last one records."""
        before = instance or Instance(self.lifecycle.initial)
        persons = persons_of(self.policy, self.who)
        if before.spoken and len(persons) <= self.places:
            return
        if self.places > 1:
            for way in self._way("approve", before.state):
                words: Words = "some" if before.words == "none" else before.words
                yield Deed("approve"), replace(before, state=way.to, words=words), persons, self.guarded(way)
        if self.places > 1 and before.words == "none":
            return
        for way in self._way("record", before.state):
            recorded = replace(before, state=way.to, words="all" if before.words in ("none", "some") else before.words, spoken=not before.reported)
            windows: tuple[Window, ...] = ("open", "early") if instance is None or before.window == "open" else (before.window,)
            for window in windows:
                yield Deed("grant"), replace(recorded, window=window), persons, self.guarded(way)

    def _reports(self) -> Iterator[tuple[Deed, Instance, tuple[str, ...], Formula]]:
        """Yield what documents may report of an instance, as one step each: it is taken right after genesis, before all else."""
        found: dict[Instance, tuple[str, ...]] = {}
        ahead = dict(self._reported(Instance(self.lifecycle.initial, reported=True), (), begins=True))
        while ahead:
            instance = next(iter(ahead))
            found[instance] = chain = ahead.pop(instance)
            ahead |= {each: longer for each, longer in self._reported(instance, chain) if each not in found and each not in ahead}
        for instance, chain in found.items():
            windows: tuple[Window, ...] = ("open", "early") if "grant" in chain else ("open",)
            for window in windows:
                yield Deed(" ".join(("report", *chain))), replace(instance, window=window), tuple(self.policy.actors), TRUE

    def _reported(self, instance: Instance, chain: tuple[str, ...], *, begins: bool = False) -> Iterator[tuple[Instance, tuple[str, ...]]]:
        triggers: tuple[Trigger, ...] = ("request", "record") if begins else ("record", *self.ends)
        for trigger in triggers:
            # What came before the first report is not known; from there on an instance goes the ways there are.
            way = self.lifecycle.ways.get((trigger, instance.state))
            to = reported_way(self.lifecycle, trigger, instance.state) if begins else way.to if way else None
            if to is not None:
                # What a document reports as granted again, it reports as given again.
                after = replace(instance, state=to, words="all") if trigger == "record" else self._after(instance, trigger, to)
                yield after, (*chain, "grant" if trigger == "record" else trigger)

    def _labels(self, instance: Instance) -> frozenset[str]:
        """Return what guards see of an instance (counts, honoured, lost), and what promises do (given, kept)."""
        state = self.lifecycle.states[instance.state]
        in_window = instance.window == "open"
        found: set[str] = set()
        if not (instance.reported and self.protected):
            if state.counts and in_window:
                found |= {"counts", "honoured"}
            if state.honoured and not state.counts:
                found.add("honoured")
        if not state.counts and cause_of_state(self.lifecycle, instance.state) is Cause.UNKNOWN:
            found.add("lost")
        if instance.words == "all" and in_window and not (instance.reported and self.protected):
            found |= {"given", "kept"}
        if instance.words == "spent" and not (instance.reported and self.protected):
            found.add("kept")
        return frozenset(found | {f"{label}, first-hand" for label in found if not instance.reported})

    def _after(self, instance: Instance, trigger: str, state: str) -> Instance:
        """Return what became of an instance: what was revoked once stays so, what was used up is not given any more."""
        words = instance.words
        if trigger == "revoke":
            words = "gone"
        elif trigger == "consume" and words != "gone":
            words = "spent"
        # Nobody asks for the window of what cannot count any more.
        return replace(instance, state=state, words=words, window=instance.window if state in self.hopeful else "open")


def _hopeful(lifecycle: Lifecycle) -> frozenset[str]:
    """Return the states from which, as acts may lead, one is reached that counts."""
    found = {name for name, state in lifecycle.states.items() if state.counts}
    while more := {source for way in lifecycle.transitions if way.to in found for source in way.from_} - found:
        found |= more
    return frozenset(found)


def run_life(actors: Iterable[str]) -> Life:
    """Return the life of one carrying-out of an action: begun, ended well or not, lost from sight, resolved."""
    everyone = tuple(actors)
    labels = {"begun": {"unended"}, "lost": {"unended"}, "done": {"done"}, "failed": set[str]()}
    steps = (("begin", None, "begun"), ("end", "begun", "done"), ("fail", "begun", "failed"), ("lose", "begun", "lost"), ("resolve", "lost", "done"))
    first_hand = {name: frozenset(own | {f"{label}, first-hand" for label in own}) for name, own in labels.items()}
    reported = {f"{name}, reported": frozenset(own) for name, own in labels.items()}
    edges = [Edge(Deed(kind), source, target, everyone) for kind, source, target in steps]
    # A document may report that an action was begun without what it uses up; how it ends is a step of another kind, so.
    edges += [Edge(Deed(kind, REPORTED), source and f"{source}, reported", f"{target}, reported", everyone) for kind, source, target in steps if source]
    edges += [Edge(Deed(f"report {name}"), None, f"{name}, reported", everyone) for name in labels]
    return Life(first_hand | reported, tuple(edges))
