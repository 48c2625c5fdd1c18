"""From the invariants of a policy to promises about its system.

Pure. A promise is read against what really happened (`Reading.PROMISE`): whose words were given, what was revoked, used
up, expired, reported. What a lifecycle says that counts is the guard's reading, and no witness for itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from govern.policy import find
from govern.policy.guards import All, AnyOf, AtLeast, Guard, Not, fact_id, facts
from govern.policy.invariants import Acts, Invariant
from govern.policy.model import Option, Policy
from govern.policy.reach import can_act
from govern.policy.who import Who
from govern.problems import Place
from govern.proof.building import ADOPTION, Building, Labelled
from govern.proof.decisions import prepared
from govern.proof.formulas import FALSE, Formula, In, negation
from govern.proof.happened import evaluated
from govern.proof.meaning import Meaning, Reading, Where
from govern.proof.supports import distinct
from govern.proof.system import AlwaysPossible, Never, Promise, Reachable, Rule, System
from govern.proof.tracing import Trace

# How a promise ends that asks for prerequisites: whoever prints it says once what that means.
DOES_NOT_COUNT = "does not count"


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise of the policy: the invariant that it is of, what it says in words, and the rules that it is about.

    Where none of those can ever be taken, it says nothing: `idle` is the reason where the policy alone shows it. `wrong` is
    what must not hold when a rule is taken, and `brings` the component and the label that it brings about (`anew`: that were not there); `only`, those whose acts alone may.
    """

    invariant: str
    says: str
    at: Place
    promise: Promise
    about: tuple[str, ...]
    idle: str = ""
    wrong: tuple[tuple[str, Formula], ...] = ()
    brings: tuple[str, str] = ("", "")
    anew: bool = False
    only: tuple[str, ...] = ()

    def is_about(self, trace: Trace) -> bool:
        """Whether the last record of a history does what the promise is about, by the records alone."""
        component, label = self.brings
        before, after = (labels.get(component, frozenset()) for labels in (trace.before, trace.after))
        return label in after and not (self.anew and label in before)

    def is_broken_by(self, trace: Trace, last: str) -> bool:
        """Whether a history whose last act is of this rule breaks the promise, by the records alone."""
        if isinstance(self.promise, AlwaysPossible):
            return True
        wrong = [formula for rule, formula in self.wrong if rule == last]
        return self.is_about(trace) and (not wrong or any(evaluated(formula, trace.before) for formula in wrong))


def build(policy: Policy, *, delegations: bool = False, finely: bool = False, first_hand: bool = False) -> tuple[System, tuple[Promised, ...]]:
    """Return the system of a policy, and what its invariants promise of it; `finely`, where more states of grants are told apart; `first_hand`, where no document reports one."""
    drafts = list(_Drafting(policy).all())
    asked = [formula for draft in drafts for _actor, formula in draft.wrong]
    asked += [In(draft.component, frozenset((draft.label,))) for draft in drafts if draft.component]
    building = Building(policy, tuple(asked), delegations, finely, first_hand)
    system = building.system()
    return system, tuple(_promised(draft, building, system) for draft in drafts)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A promise before the rules are made: selections by option, other acts by component."""

    invariant: str
    says: str
    at: Place
    form: str
    option: tuple[str, Option] | None = None
    wrong: tuple[tuple[str, Formula], ...] = ()
    component: str = ""
    label: str = ""
    only: tuple[str, ...] = ()
    idle: str = ""


class _Drafting:
    """What the invariants of a policy say."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def all(self) -> Iterator[_Draft]:
        for name, invariant in self.policy.invariants.items():
            for draft in self._of(invariant):
                yield replace(draft, invariant=name, at=invariant.at)

    def _of(self, invariant: Invariant) -> Iterator[_Draft]:
        if invariant.never:
            packet, option = find.option(self.policy, invariant.never.selecting)
            yield self._unless(packet, option, invariant, invariant.unless) if invariant.unless else self._by_preparer(packet, option)
        if invariant.always_possible:
            packet, option = find.option(self.policy, invariant.always_possible.decide)
            yield self._draft("always", f"{packet}/{option.id} can be decided after every history", (packet, option))
        for address in invariant.reachable:
            packet, option = find.option(self.policy, address)
            yield self._draft("reachable", f"{packet}/{option.id} can be decided after some history", (packet, option))
        if invariant.only_by and invariant.acts:
            yield from self._only(invariant.only_by, invariant.acts)
        if invariant.distinct:
            packet, option = find.option(self.policy, invariant.distinct.selecting)
            formula = distinct(self.policy, packet, option)
            says = f"no record fills two requirements when {packet}/{option.id} is selected"
            yield replace(self._draft("never", says, (packet, option)), wrong=(("", negation(formula)),))

    def _draft(self, form: str, says: str, option: tuple[str, Option] | None = None) -> _Draft:
        return _Draft("", says, self.policy.at, form, option)

    def _unless(self, packet: str, option: Option, invariant: Invariant, guard: Guard) -> _Draft:
        meaning = Meaning(self.policy, Reading.PROMISE, first_hand=invariant.first_hand)
        formula = meaning.holds(guard, Where(invariant.scope or option.scope))
        says = f"{packet}/{option.id} is never selected {_unless(guard)}"
        return replace(self._draft("never", says, (packet, option)), wrong=(("", negation(formula)),))

    def _by_preparer(self, packet: str, option: Option) -> _Draft:
        who = self.policy.packets[packet].decided_by
        actors = dict.fromkeys((*find.everyone(self.policy, who), *self.policy.actors))
        wrong = tuple((actor, prepared(self.policy, packet, option, actor)) for actor in actors)
        says = f"{packet}/{option.id} is never selected by who prepared it or made its evidence"
        return replace(self._draft("never", says, (packet, option)), wrong=wrong)

    def _only(self, who: Who, acts: Acts) -> Iterator[_Draft]:
        only, named = find.everyone(self.policy, who), find.spell_who(who)
        for address in acts.decide:
            packet, option = find.option(self.policy, address)
            draft = self._draft("only", f"{packet}/{option.id} is decided only by {named}", (packet, option))
            yield replace(draft, component=f"selected:{packet}", label=str(option.id), only=only)
        for name in acts.grant:
            draft = self._draft("only", f"{name} is granted only by {named}")
            yield replace(draft, component=f"grant:{name}", label="counts, first-hand", only=only, idle=self._nobody(self.policy.grants[name].issuer))
        for name in acts.open:
            opened_by = self.policy.lanes[name].opened_by
            draft = self._draft("only", f"lane {name} is opened only by {named}")
            yield replace(draft, component=f"lane:{name}", label="open, first-hand", only=only, idle=self._nobody(opened_by) if opened_by else "")
        if acts.adopt:
            draft = self._draft("only", f"policies and keys are adopted only by {named}")
            yield replace(draft, component=ADOPTION, label="yes", only=only, idle=self._nobody(self.policy.policy.adopted_by))

    def _nobody(self, who: Who) -> str:
        return "" if can_act(self.policy, who) else f"{find.spell_who(who)} cannot be filled by the people who are declared"


def _unless(guard: Guard) -> str:
    """Return what a promise asks for, in words: each fact of a plain list, or that the guard holds."""
    parts = guard.all if isinstance(guard, All) else (guard,)
    if any(isinstance(part, All | AnyOf | AtLeast | Not) for part in parts):
        return "unless its guard holds by what happened"
    named = f"any of {len(parts)} prerequisites" if len(parts) > 1 else next(fact_id(fact) for fact, _negated in facts(guard))
    return f"while {named} {DOES_NOT_COUNT}"


def _promised(draft: _Draft, building: Building, system: System) -> Promised:
    if draft.form == "only":
        wrong = tuple(_brought_about(draft, building.parts.get(draft.component), system))
        about = tuple(rule.name for rule in _bringing(draft, building.parts.get(draft.component), system))
        return Promised(
            draft.invariant,
            draft.says,
            draft.at,
            Never(draft.says, wrong),
            about,
            draft.idle,
            brings=(draft.component, draft.label),
            anew=True,
            only=draft.only,
        )
    assert draft.option is not None
    packet, option = draft.option
    entering = [
        rule for rule in system.rules.values() if rule.deed.kind == "decide" and rule.name.startswith("decide ") and rule.deed.of == f"{packet}/{option.id}"
    ]
    about = tuple(rule.name for rule in entering)
    who = building.policy.packets[packet].decided_by
    idle = "" if can_act(building.policy, who) else f"{find.spell_who(who)}, who decide {packet}, cannot be filled by the people who are declared"
    promise: Promise = Never(draft.says, tuple((rule, building.resolved(formula)) for rule, formula in _wrong(draft.wrong, entering)))
    if draft.form == "always":
        promise = AlwaysPossible(draft.says, about)
    elif draft.form == "reachable":
        promise = Reachable(draft.says, about)
    return Promised(draft.invariant, draft.says, draft.at, promise, about, idle, tuple(_wrong(draft.wrong, entering)), (f"selected:{packet}", str(option.id)))


def _wrong(wrong: Iterable[tuple[str, Formula]], entering: Iterable[Rule]) -> Iterator[tuple[str, Formula]]:
    """Yield what must not hold where an option is entered: by anybody, or by one of those named."""
    for rule in entering:
        for actor, formula in wrong:
            if actor in ("", rule.deed.source, rule.deed.target):
                yield rule.name, formula


def _bringing(draft: _Draft, part: Labelled | None, system: System) -> Iterator[Rule]:
    """Yield the rules that can bring about what a promise is about."""
    if part is not None:
        yield from (rule for rule in system.movers[draft.component] if _from(rule, draft, part.labels) != FALSE)


def _brought_about(draft: _Draft, part: Labelled | None, system: System) -> Iterator[tuple[str, Formula]]:
    """Yield the rules by which others than those named bring it about, and from where. Time is nobody's act."""
    for rule in _bringing(draft, part, system):
        if part is not None and rule.actors and not set(rule.actors) <= set(draft.only):
            yield rule.name, _from(rule, draft, part.labels)


def _from(rule: Rule, draft: _Draft, labels: Mapping[str, frozenset[str]]) -> Formula:
    ways = rule.moves[draft.component]
    before = frozenset(state for state in ways if draft.label not in labels[state] and any(draft.label in labels[to] for to in ways[state]))
    return In(draft.component, before) if before else FALSE
