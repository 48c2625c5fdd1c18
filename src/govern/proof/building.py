"""From a policy to a system: every act that it allows as a rule, and what guards can tell apart as components.

Pure. What is left aside makes more possible than there is, never less: who asked for a grant may not give it, who gave a
word may be kept from carrying out an action, and documents report only before anything else is recorded. A history that
is found is therefore replayed by the evaluator before it is told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from govern.policy import find
from govern.policy.lifecycles import KINDS, Transition
from govern.policy.model import Policy
from govern.policy.who import Who
from govern.proof.automata import Edge, Life, Moves, Population, population, single
from govern.proof.decisions import UNDECIDED, decision_rules, preparers_named
from govern.proof.evidence_lives import TAKEN_IN, Aging, leg_life
from govern.proof.formulas import FALSE, TRUE, Formula, In, atoms, conjunction, disjunction, substituted
from govern.proof.lane_lives import finding_life, lane_life
from govern.proof.lives import REPORTED, grant_life, persons_of, run_life
from govern.proof.meaning import Meaning, Reading
from govern.proof.system import Component, Deed, Rule, System

ADOPTION = "policy"


@dataclass(frozen=True)
class Labelled:
    """A component with the labels of its local states, and where its steps lead."""

    component: Component
    labels: Mapping[str, frozenset[str]]
    moves: Mapping[Edge, Moves] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()


@dataclass
class Building:
    """The making of a system. `asked` are the formulas of promises, in labels: what they ask for must be there to be told apart.

    `finely`: more states of grants are told apart; `first_hand`: no document reports a grant.
    """

    policy: Policy
    asked: tuple[Formula, ...] = ()
    delegations: bool = False
    finely: bool = False
    first_hand: bool = False

    @cached_property
    def guards(self) -> Meaning:
        """What guards mean."""
        return Meaning(self.policy, Reading.GUARD)

    def guarded(self, way: Transition) -> Formula:
        """Return where the guard of a way of a lifecycle holds."""
        return TRUE if way.when is None else self.guards.judged(way.when)

    @cached_property
    def own_rules(self) -> tuple[Rule, ...]:
        """The rules of packets and their options, and those on the policy itself; in labels."""
        return (*decision_rules(self.policy, self.guards, self.guarded, delegations=self.delegations), *_adoption_rules(self.policy))

    @cached_property
    def needs(self) -> Mapping[str, Formula]:
        """Where each action is allowed, apart from the grant that it uses up; in labels."""
        return {name: self.guards.judged(action.needs, find.action_scope(self.policy, action)) for name, action in self.policy.actions.items() if action.needs}

    @cached_property
    def labels(self) -> Mapping[str, frozenset[str]]:
        """The labels that are asked of each component."""
        found: dict[str, set[str]] = {}
        formulas = [*self.asked, *self.needs.values(), *(rule.guard for rule in self.own_rules)]
        formulas += [self.guarded(way) for kind in KINDS for way in self.policy.lifecycles.of(kind).transitions]
        for formula in formulas:
            for atom in atoms(formula):
                found.setdefault(atom.component, set()).update(atom.states)
        for action in self.policy.actions.values():
            if action.consumes:
                found.setdefault(f"grant:{action.consumes}", set()).add("counts")
        return {name: frozenset(labels) for name, labels in found.items()}

    @cached_property
    def parts(self) -> Mapping[str, Labelled]:
        """The components, by name."""
        made = dict((*self._grants(), *self._runs(), *self._legs(), *self._lanes(), *self._findings()))
        return made | dict(_plain_parts(self.policy, self.own_rules))

    def system(self) -> System:
        """Return the whole."""
        rules = [*self.own_rules, *self._part_rules(), *self._run_rules()]
        found: dict[str, Rule] = {}
        alike: Counter[str] = Counter()
        for rule in rules:
            # Steps that differ only in what nothing can tell apart are spelled alike.
            alike[rule.name] += 1
            name = rule.name if alike[rule.name] == 1 else f"{rule.name} #{alike[rule.name]}"
            found[name] = Rule(name, self.resolved(rule.guard), rule.moves, rule.actors, rule.deed)
        return System({name: part.component for name, part in self.parts.items()}, {name: rule for name, rule in found.items() if rule.guard != FALSE})

    def resolved(self, formula: Formula) -> Formula:
        """Return a formula with local states in the place of labels."""
        return substituted(formula, lambda atom, _plain: self._resolved_atom(atom.component, atom.states))

    def _resolved_atom(self, name: str, labels: frozenset[str]) -> Formula:
        part = self.parts.get(name)
        if part is None:
            return FALSE
        states = frozenset(state for state in part.component.states if part.labels[state] & labels)
        return TRUE if len(states) == len(part.component.states) else In(name, states) if states else FALSE

    def _grants(self) -> Iterator[tuple[str, Labelled]]:
        made: dict[tuple[str, bool, bool, frozenset[str], int], Population] = {}
        used = {action.consumes for action in self.policy.actions.values()}
        for name, grant in self.policy.grants.items():
            labels = self.labels.get(f"grant:{name}", frozenset())
            most = max((int(number) for label in labels if (number := label.partition("*")[2])), default=1)
            protected = self.policy.scopes[grant.scope].protected
            key = (find.spell_who(grant.issuer), protected, name in used, labels, most)
            if key not in made:
                life = grant_life(self.policy, grant.issuer, protected=protected, used=name in used, guarded=self.guarded)
                life = life.led_by_people() if self.first_hand else life
                made[key] = population(life.seen(frozenset(label.partition("*")[0] for label in labels)).at_most(_told_apart(most, finely=self.finely)), most)
            yield f"grant:{name}", _of_population(f"grant:{name}", made[key])

    def _runs(self) -> Iterator[tuple[str, Labelled]]:
        for name, action in self.policy.actions.items():
            if action.needs is not None:
                life = run_life(self.policy.actors)
                # Where a history is wanted that people make, what became of a run is told apart whoever asks for it.
                life = life.led_by_people() if self.first_hand else life.seen(self.labels.get(f"run:{name}", frozenset()))
                yield f"run:{name}", _of_population(f"run:{name}", population(life, 1))

    def _legs(self) -> Iterator[tuple[str, Labelled]]:
        named = preparers_named(self.policy)
        for path, leg in find.leg_paths(self.policy):
            if leg.evidence is not None:
                life = leg_life(self.policy, path, named.get(path, ()), self._aging(path), self.guarded)
                yield f"leg:{path}", _of_life(f"leg:{path}", life)

    def _aging(self, path: str) -> Aging:
        """Evidence goes stale for good with its age; with another source that is taken in, until that is taken back."""
        awaited = self._awaited(path)
        awaits = disjunction(In(f"leg:{each}", frozenset({TAKEN_IN})) for each in awaited) if awaited else TRUE
        return Aging(ages=find.leg(self.policy, path).fresh_for is not None or bool(awaited), returns=bool(awaited), awaits=awaits)

    def _awaited(self, path: str) -> tuple[str, ...]:
        """Return the legs of which one says on which source the rehearsal of a leg must be."""
        leg, rests_on = find.leg(self.policy, path), self.policy.rehearsal
        assert leg.evidence is not None
        pinned = leg.evidence.kind != "rehearsal" or (rests_on is not None and leg.evidence.of in rests_on.sources)
        return () if pinned else self.policy.intakes.get(leg.evidence.of, ())

    def _lanes(self) -> Iterator[tuple[str, Labelled]]:
        for name, lane in self.policy.lanes.items():
            if lane.opened_by is not None:
                yield f"lane:{name}", _of_life(f"lane:{name}", lane_life(self.policy, lane.opened_by, self.guarded))

    def _findings(self) -> Iterator[tuple[str, Labelled]]:
        for name in self.policy.findings:
            yield f"finding:{name}", _of_life(f"finding:{name}", finding_life(self.policy, name))

    def _part_rules(self) -> Iterator[Rule]:
        """Yield the rules that move one component by one step, except what carrying out an action does."""
        for name, part in self.parts.items():
            kind, _, of = name.partition(":")
            for edge, moves in part.moves.items():
                if kind != "run" and not (kind == "grant" and edge.deed.kind in _BY_ACTIONS):
                    deed = Deed(edge.deed.kind, of, edge.source or "", edge.target or "")
                    yield Rule(_spell(deed, kind), edge.guard, {name: moves}, edge.actors, deed)

    def _run_rules(self) -> Iterator[Rule]:
        for action, declared in self.policy.actions.items():
            if declared.needs is None:
                continue
            run = self.parts[f"run:{action}"]
            grant = f"grant:{declared.consumes}" if declared.consumes else None
            for edge, moves in _all_steps(run):
                for trigger in _BY_ACTIONS if grant and edge.deed.kind in _TRIGGERS else ():
                    if grant and trigger == _TRIGGERS[edge.deed.kind]:
                        yield from self._with_grant(action, edge, moves, grant, trigger)
                unseen = grant and (edge.deed.of == REPORTED or _TRIGGERS.get(edge.deed.kind) in self.parts[grant].unseen)
                if not grant or edge.deed.kind not in _TRIGGERS or unseen:
                    deed = Deed(edge.deed.kind, action, edge.source or "", edge.target or "" if not grant else "no grant")
                    guard = self.needs[action] if edge.deed.kind == "begin" else edge.guard
                    yield Rule(_spell(deed, "run"), guard, {f"run:{action}": moves}, _settlers(edge, self.policy), deed)

    def _with_grant(self, action: str, edge: Edge, moves: Moves, grant: str, trigger: str) -> Iterator[Rule]:
        for step, ways in self.parts[grant].moves.items():
            if step.deed.kind == trigger:
                deed = Deed(edge.deed.kind, action, step.source or "", edge.source or "")
                guard = conjunction([step.guard, self.needs[action] if edge.deed.kind == "begin" else TRUE])
                yield Rule(_spell(deed, "run"), guard, {f"run:{action}": moves, grant: ways}, step.actors, deed)


# What an action does to the grant that it uses up.
_TRIGGERS = {"begin": "consume", "end": "complete", "fail": "complete", "lose": "lose", "resolve": "resolve"}
# A component of grants has about so many states at most, coarsely and finely.
_MOST_STATES = (64, 1024)
_BY_ACTIONS = ("consume", "complete", "lose", "resolve")


def _told_apart(most: int, *, finely: bool) -> int:
    """Return how many states of an instance can be told apart where up to so many instances are counted in each."""
    return next(number for number in range(10, 0, -1) if (most + 1) ** number <= _MOST_STATES[finely] or number == 1)


def _all_steps(run: Labelled) -> Iterator[tuple[Edge, Moves]]:
    """Yield the steps of a run; beginning is always one, also where nobody asks what became of it."""
    yield from run.moves.items()
    for kind in _TRIGGERS:
        if not any(edge.deed.kind == kind for edge in run.moves):
            yield Edge(Deed(kind), None, None), {state: frozenset((state,)) for state in run.component.states}


def _settlers(edge: Edge, policy: Policy) -> tuple[str, ...]:
    return find.everyone(policy, policy.policy.adopted_by) if edge.deed.kind == "resolve" else tuple(policy.actors)


def _spell(deed: Deed, kind: str) -> str:
    of = {"leg": "leg ", "lane": "lane ", "finding": "finding ", "grant": "", "run": ""}[kind]
    state = ", ".join(each for each in (deed.source, deed.target) if each)
    return f"{deed.kind} {of}{deed.of}" + (f" ({state})" if state else "")


def _of_population(name: str, many: Population) -> Labelled:
    return Labelled(Component(name, many.states, many.states[:1]), many.labels, many.moves, many.unseen)


def _of_life(name: str, life: Life) -> Labelled:
    states = tuple(life.labels)
    joined: dict[Edge, dict[str, frozenset[str]]] = {}
    for edge, moves in single(life).items():
        joined.setdefault(replace(edge, source=None), {}).update(moves)
    return Labelled(Component(name, states, states[:1]), life.labels, joined)


def _plain_parts(policy: Policy, rules: Iterable[Rule]) -> Iterator[tuple[str, Labelled]]:
    """Yield the components of packets: where each stands, what is selected, who prepared, whose words are given."""
    current = {name for name, state in policy.lifecycles.packet.states.items() if state.counts}
    for packet, declared in policy.packets.items():
        states = tuple(str(name) for name in policy.lifecycles.packet.states)
        labels = {state: frozenset(("current",)) if state in current else frozenset[str]() for state in states}
        yield f"packet:{packet}", Labelled(Component(f"packet:{packet}", states, (str(policy.lifecycles.packet.initial),)), labels)
        options = [str(option.id) for option in declared.options]
        chosen = (UNDECIDED, *options, *(f"{option}, reported" for option in options))
        labels = {state: frozenset((state,)) if state != UNDECIDED else frozenset[str]() for state in chosen}
        yield f"selected:{packet}", Labelled(Component(f"selected:{packet}", chosen, chosen[:1]), labels)
    for name in dict.fromkeys(name for rule in rules for name in rule.moves if name.startswith(("prepared:", "said:", "delegated:", ADOPTION))):
        yield name, Labelled(Component(name, ("no", "yes"), ("no",)), {"no": frozenset(), "yes": frozenset(("yes",))})


def _adoption_rules(policy: Policy) -> Iterator[Rule]:
    """Yield the adoption of another policy, and of keys: each of those who may does it, together with the others whose words it takes."""
    who: Who = policy.policy.adopted_by
    moves = {ADOPTION: {"no": frozenset(("yes",)), "yes": frozenset(("yes",))}}
    for actor in persons_of(policy, who):
        yield Rule(f"adopt a policy or a key by {actor}", TRUE, moves, (actor,), Deed("adopt"))
