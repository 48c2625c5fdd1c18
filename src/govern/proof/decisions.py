"""The rules of packets: preparing and issuing one, and deciding its options, with the words that a decision takes.

Pure; guards are in labels. Who prepared what is decided on is kept from deciding it, so who did is part of the state.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from govern.policy import find
from govern.policy.lifecycles import Transition
from govern.policy.model import Option, Packet, Policy
from govern.policy.preparing import legs_under, prepares
from govern.proof.formulas import TRUE, Formula, In, conjunction, disjunction, negation
from govern.proof.lane_lives import packet_ways
from govern.proof.lives import persons_of, reported_way
from govern.proof.meaning import Meaning
from govern.proof.system import Deed, Rule

MAX_TEAMS = 500
# What is selected before anybody decided: a packet is in its HOLD then, and no guard finds it selected.
UNDECIDED = "nothing decided"
_YES = frozenset(("yes",))
_SET: Mapping[str, frozenset[str]] = {"no": _YES, "yes": _YES}
_LAPSING: Mapping[str, frozenset[str]] = {"no": frozenset(("no",)), "yes": frozenset(("no", "yes"))}
_CLEARED: Mapping[str, frozenset[str]] = {"no": frozenset(("no",)), "yes": frozenset(("no",))}


def legs_prepared(policy: Policy, packet: str, option: Option) -> tuple[str, ...]:
    """Return the legs that an option rests on and whose evidence is preparation; an attestation is its actor's own decision."""
    return tuple(path for path in legs_under(policy, packet, option) if prepares(find.leg(policy, path)))


def preparers_named(policy: Policy) -> Mapping[str, tuple[str, ...]]:
    """Return, of each leg, the actors whose making of its evidence keeps them from deciding something."""
    found: dict[str, dict[str, None]] = {}
    for name, packet in policy.packets.items():
        deciders = _speakers(policy, packet)
        for option in packet.options:
            for path in legs_prepared(policy, name, option):
                found.setdefault(path, {}).update(dict.fromkeys(deciders))
    return {path: tuple(actors) for path, actors in found.items()}


def prepared(policy: Policy, packet: str, option: Option, actor: str) -> Formula:
    """Return where an actor prepared what an option rests on: the packet, or the newest evidence of a leg."""
    legs = (In(f"leg:{path}", frozenset((f"by {actor}",))) for path in legs_prepared(policy, packet, option))
    return disjunction([In(f"prepared:{packet}:{actor}", _YES), *legs])


def _speakers(policy: Policy, packet: Packet) -> tuple[str, ...]:
    """Return who can decide options of a packet: those who decide it, and those to whom they may delegate."""
    persons = persons_of(policy, packet.decided_by)
    delegates = [name for name, actor in policy.actors.items() if actor.may_receive_from in persons]
    return tuple(dict.fromkeys((*persons, *delegates)))


def decision_rules(policy: Policy, guards: Meaning, guarded: Callable[[Transition], Formula], *, delegations: bool) -> Iterator[Rule]:
    """Yield every rule on packets."""
    for name in policy.packets:
        yield from _packet_rules(policy, name, guards, guarded)
        for option in policy.packets[name].options:
            yield from _Deciding(policy, name, option, guards, delegations=delegations).rules()


def _packet_rules(policy: Policy, name: str, guards: Meaning, guarded: Callable[[Transition], Formula]) -> Iterator[Rule]:
    declared = policy.packets[name]
    deciders = _speakers(policy, declared)
    for source, to, actors, guard in packet_ways(policy, "prepare", declared.decided_by, guarded):
        moves = {f"packet:{name}": {source: frozenset((to,))}}
        for actor in (each for each in deciders if each in actors):
            yield Rule(f"prepare {name} by {actor} ({source})", guard, moves | {f"prepared:{name}:{actor}": _SET}, (actor,), Deed("prepare", name))
        others = tuple(each for each in actors if each not in deciders)
        if others and to != source:
            yield Rule(f"prepare {name} ({source})", guard, moves, others, Deed("prepare", name))
    for source, to, actors, guard in packet_ways(policy, "issue", declared.decided_by, guarded):
        for parent_moves, parent_guard, parent_actors in _consumed(policy, declared, guards, guarded):
            able = tuple(actor for actor in actors if parent_actors is None or actor in parent_actors)
            both = parent_moves | {f"packet:{name}": {source: frozenset((to,))}}
            yield Rule(f"issue {name} ({source})", conjunction([guard, parent_guard]), both, able, Deed("issue", name))
    yield from _reports(policy, name, declared, deciders)


def _consumed(
    policy: Policy, packet: Packet, guards: Meaning, guarded: Callable[[Transition], Formula]
) -> Iterator[tuple[dict[str, Mapping[str, frozenset[str]]], Formula, tuple[str, ...] | None]]:
    """Yield what issuing a packet does to the one whose decision it uses up, and what that takes."""
    if packet.consumes is None:
        yield {}, TRUE, None
        return
    parent, option = find.option(policy, packet.consumes)
    for source, to, actors, guard in packet_ways(policy, "consume", policy.packets[parent].decided_by, guarded):
        yield {f"packet:{parent}": {source: frozenset((to,))}}, conjunction([guard, guards.selected(parent, option)]), actors


def _reports(policy: Policy, name: str, packet: Packet, deciders: tuple[str, ...]) -> Iterator[Rule]:
    """Yield what documents may report of a packet."""
    lifecycle, everyone = policy.lifecycles.packet, tuple(policy.actors)
    for trigger in ("prepare", "issue", "consume"):
        ways = {str(state): frozenset((to,)) for state in lifecycle.states if (to := reported_way(lifecycle, trigger, state))}
        if ways:
            yield Rule(f"report {trigger} {name}", TRUE, {f"packet:{name}": ways}, everyone, Deed(f"report {trigger}", name))
    for actor in deciders:
        yield Rule(f"report prepare {name} by {actor}", TRUE, {f"prepared:{name}:{actor}": _SET}, (actor,), Deed("report prepare by", name, actor))
    for option in packet.options:
        target = frozenset((f"{option.id}, reported",))
        ways = dict.fromkeys((UNDECIDED, *(str(each.id) for each in packet.options)), target) | {f"{each.id}, reported": target for each in packet.options}
        yield Rule(f"report decide {name}/{option.id}", TRUE, {f"selected:{name}": ways}, everyone, Deed("report decide", f"{name}/{option.id}"))


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who records a word, and whose word it is: of another, where that one delegated it."""

    actor: str
    word_of: str


class _Deciding:
    """The rules by which one option is decided."""

    def __init__(self, policy: Policy, packet: str, option: Option, guards: Meaning, *, delegations: bool) -> None:
        self.policy, self.packet, self.option, self.guards, self.delegations = policy, packet, option, guards, delegations
        self.declared = policy.packets[packet]
        self.address = f"{packet}/{option.id}"
        self.persons = persons_of(policy, self.declared.decided_by)
        self.several = len(find.places(policy, self.declared.decided_by)) > 1 and not option.hold

    def rules(self) -> Iterator[Rule]:
        """Yield them: words that wait for others, the one that completes, and delegating."""
        allowed = TRUE if self.option.hold else conjunction([In(f"packet:{self.packet}", frozenset(("current",))), self.guards.opens(self.packet, self.option)])
        for speaker in self._speakers():
            guard = conjunction([allowed, self._may(speaker)])
            by = speaker.actor if speaker.actor == speaker.word_of else f"{speaker.actor} for {speaker.word_of}"
            used = {} if speaker.actor == speaker.word_of else {self._delegated(speaker): {"yes": frozenset(("yes", "no"))}}
            deed = Deed("decide", self.address, speaker.actor, speaker.word_of)
            if self.several:
                # The word of who has prepared since lapses with the next.
                word = {self._said(person): _LAPSING for person in self.persons} | {self._said(speaker.word_of): _SET}
                yield Rule(f"approve {self.address} by {by}", guard, word | used, (speaker.actor,), deed)
                guard = conjunction([guard, self._others(speaker.word_of)])
            yield Rule(f"decide {self.address} by {by}", guard, self._selects() | self._clears() | used, (speaker.actor,), deed)
        yield from self._delegating()
        if self.several:
            cleared = {self._said(person): _CLEARED for person in self.persons}
            yield Rule(f"refuse {self.address}", TRUE, cleared, self.persons, Deed("refuse", self.address))

    def _speakers(self) -> list[_Speaker]:
        own = [_Speaker(person, person) for person in self.persons]
        return own + (self._delegates() if self.delegations else [])

    def _delegates(self) -> list[_Speaker]:
        scope = self.option.scope
        if not self.option.delegable or self.option.hold or scope is None or self.policy.scopes[scope].protected:
            return []
        return [_Speaker(name, actor.may_receive_from) for name, actor in self.policy.actors.items() if actor.may_receive_from in self.persons]

    def _may(self, speaker: _Speaker) -> Formula:
        if self.option.hold:
            return TRUE
        parts: list[Formula] = []
        if self.declared.separation_waiver is None:
            own = dict.fromkeys((speaker.actor, speaker.word_of))
            parts += [negation(prepared(self.policy, self.packet, self.option, actor)) for actor in own]
        if speaker.actor != speaker.word_of:
            parts.append(In(self._delegated(speaker), _YES))
        return conjunction(parts)

    def _others(self, last: str) -> Formula:
        """Return where the words on record and one more fill the authority, by persons who have not prepared since."""
        spoken = (team for team in teams(self.policy, self.declared) if last in team)
        return disjunction(conjunction(self._counts(person) for person in team if person != last) for team in spoken)

    def _counts(self, person: str) -> Formula:
        said = In(self._said(person), _YES)
        if self.declared.separation_waiver is not None:
            return said
        return conjunction([said, negation(prepared(self.policy, self.packet, self.option, person))])

    def _selects(self) -> dict[str, Mapping[str, frozenset[str]]]:
        target = frozenset((str(self.option.id),))
        states = [str(option.id) for option in self.declared.options]
        return {f"selected:{self.packet}": dict.fromkeys([UNDECIDED, *states, *(f"{state}, reported" for state in states)], target)}

    def _clears(self) -> dict[str, Mapping[str, frozenset[str]]]:
        """A decision ends the words for all options of its packet."""
        if len(find.places(self.policy, self.declared.decided_by)) == 1:
            return {}
        others = [option for option in self.declared.options if not option.hold]
        return {f"said:{self.packet}/{option.id}:{person}": _CLEARED for option in others for person in self.persons}

    def _delegating(self) -> Iterator[Rule]:
        for speaker in self._delegates() if self.delegations else ():
            component, deed = self._delegated(speaker), Deed("delegate", self.address, speaker.actor, speaker.word_of)
            yield Rule(f"delegate {self.address} to {speaker.actor} by {speaker.word_of}", TRUE, {component: _SET}, (speaker.word_of,), deed)
            yield Rule(f"the delegation of {self.address} to {speaker.actor} by {speaker.word_of} ends", TRUE, {component: _CLEARED})

    def _said(self, person: str) -> str:
        return f"said:{self.address}:{person}"

    def _delegated(self, speaker: _Speaker) -> str:
        return f"delegated:{self.address}:{speaker.actor}:{speaker.word_of}"


def teams(policy: Policy, packet: Packet) -> list[tuple[str, ...]]:
    """Return the sets of distinct persons who fill the authority over a packet together, as far as they can be gone through."""
    chosen = islice(product(*find.places(policy, packet.decided_by)), MAX_TEAMS * 10)
    found = dict.fromkeys(tuple(sorted(team)) for team in chosen if len(set(team)) == len(team))
    return list(found)[:MAX_TEAMS]
