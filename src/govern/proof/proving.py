"""Proving: each promise of a policy proved over every history, or refuted by one, or neither.

Pure. A proof is first tried where whatever a promise does not look at is free; only then on all that bears on it. Each
is confirmed by the second engine before it is told, and each history by the evaluator.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from math import prod

from govern.policy.model import Policy
from govern.proof import induction, sat, unrolling
from govern.proof.checking import Check, check
from govern.proof.formulas import Formula, conjunction
from govern.proof.promising import Promised, build
from govern.proof.search import search
from govern.proof.sketching import Sketches
from govern.proof.slicing import Slice, sliced
from govern.proof.system import AlwaysPossible, Never, Outcome, Reachable, Reached, Rule, System, Undecided, Unreached, sought
from govern.proof.tracing import Trace, play

# So many situations are looked at without a solver, so many where a history is only guessed, and so many steps with one.
MAX_SITUATIONS = 15_000
_GUESSED = 5_000
# Where there is a solver, a history is looked for without it in small models alone: there it is the shortest.
_SHORT = 2_000
_SMALL = 1_000_000
_MAX_STEPS = 32


class Finding(StrEnum):
    """What became of a promise."""

    PROVED = "proved"
    BROKEN = "broken"
    IDLE = "vacuous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of one promise: by which engine, with how large a certificate, why, and the history that shows it."""

    promised: Promised
    finding: Finding
    by: str = ""
    why: str = ""
    certificate: tuple[Formula, ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Retold:
    """The policy as traces are told under: without its promises."""

    policy: Policy
    source: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """How a history is to end: with one of these rules, so that its records show something; taken by none of those `without` whom it is to be."""

    rules: tuple[str, ...]
    shows: Callable[[Trace, str], bool]
    without: tuple[str, ...] = ()

    def of(self, rule: Rule) -> Rule:
        """Return a last rule as those may take it who are left."""
        return replace(rule, actors=tuple(actor for actor in rule.actors if actor not in self.without))


class Prover:
    """The proofs of one system. What was found of the reach of rules is kept: several promises ask it."""

    def __init__(self, system: System, retold: Retold, *, solver: bool) -> None:
        self.system, self.retold, self.solver = system, retold, solver
        self._reach: dict[tuple[tuple[str, ...], tuple[str, str]], tuple[Outcome, Trace | None]] = {}
        self._taken: set[str] = set()

    @cached_property
    def _systems(self) -> tuple[tuple[System, Sketches], ...]:
        """The system without what documents report, and with it, and guesses at the histories of each."""
        return tuple((system, Sketches(system)) for system in (_own(self.system), self.system))

    def prove(self, promised: Promised) -> Proof:
        """Prove a promise, or refute it: what is cheap is tried first, on both sides."""
        if isinstance(promised.promise, Reachable):
            return self._reachable(promised)
        goal = sought(promised.promise, self.system)
        outcome = self._plainly(goal)
        if isinstance(outcome, Unreached):
            return self._not_idle(promised, outcome)
        broken = self._broken(promised)
        if broken:
            return broken
        outcome = self._deeply(goal)
        if isinstance(outcome, Unreached):
            return self._not_idle(promised, outcome)
        why = outcome.why if isinstance(outcome, Undecided) else "neither a proof was found nor a history that the evaluator plays"
        return Proof(promised, Finding.UNKNOWN, "", why + ("" if self.solver else "; a solver may settle it (`pip install 'govern[proof]'`)"))

    def settled_by_history(self, promised: Promised) -> Proof | None:
        """Return what a history alone shows: a promise broken, or something reached."""
        if not isinstance(promised.promise, Reachable):
            return self._broken(promised)
        outcome, trace = self.reach(promised)
        return Proof(promised, Finding.PROVED, outcome.by, "", (), trace) if isinstance(outcome, Reached) else None

    def _plainly(self, goal: Formula) -> Outcome:
        """Return a proof where whatever the promise does not look at is free."""
        part = sliced(self.system, goal, free=True)
        found: Outcome = induction.prove(part.system, part.formula, plainly=True) if self.solver else search(part.system, part.formula, limit=_GUESSED)
        return _confirmed(found, part) if isinstance(found, Unreached) else found

    def _deeply(self, goal: Formula) -> Outcome:
        """Return a proof with all that bears on the promise, strengthened by what its components and guards give."""
        part = sliced(self.system, goal, free=False)
        found: Outcome = induction.prove(part.system, part.formula) if self.solver else search(part.system, part.formula, limit=MAX_SITUATIONS)
        return _confirmed(found, part) if isinstance(found, Unreached) else found

    def _not_idle(self, promised: Promised, proved: Unreached) -> Proof:
        """Return a proof, unless what it is about can never happen: then it says nothing."""
        # What the evaluator has taken in one history can be taken: no need to look for another.
        shown = bool(promised.idle) or not self._taken.isdisjoint(promised.about)
        outcome = proved if shown else self.reach(promised)[0]
        if promised.idle or (isinstance(outcome, Unreached) and not shown):
            why = promised.idle or "no history ever takes that act, so it promises nothing"
            return Proof(promised, Finding.IDLE, proved.by, why, proved.certificate)
        if isinstance(outcome, Undecided):
            return Proof(promised, Finding.UNKNOWN, proved.by, f"it holds; whether it promises anything is not known: {outcome.why}", proved.certificate)
        return Proof(promised, Finding.PROVED, proved.by, "", proved.certificate)

    def _reachable(self, promised: Promised) -> Proof:
        outcome, trace = self.reach(promised)
        match outcome:
            case Reached(by=by):
                return Proof(promised, Finding.PROVED, by, "", (), trace)
            case Unreached(by=by, certificate=certificate):
                return Proof(promised, Finding.BROKEN, by, promised.idle or "no history leads there", certificate)
            case Undecided(why=why):  # pragma: no branch - the outcomes are these
                return Proof(promised, Finding.UNKNOWN, "", why)

    def reach(self, promised: Promised) -> tuple[Outcome, Trace | None]:
        """Return whether what a promise is about comes about after some history, with the records that show it."""
        key = promised.about, promised.brings
        if key not in self._reach:
            goal = sought(Reachable("", promised.about), self.system)
            ending = Ending(promised.about, lambda trace, _last: promised.is_about(trace))
            self._reach[key] = self._guessed(goal, ending) or self._looked_up(goal, ending)
        return self._reach[key]

    def _guessed(self, goal: Formula, ending: "Ending") -> tuple[Outcome, Trace] | None:
        """Return a history that is guessed, if the evaluator plays it."""
        for _system, sketches in self._systems:
            guess = sketches.history(goal)
            if guess:
                for trace, _rules in self._played(guess, ending):
                    return guess, trace
        return None

    def _looked_up(self, goal: Formula, ending: "Ending") -> tuple[Outcome, Trace | None]:
        """Return that there is no history, where that can be proved with a solver; else what is found of one."""
        outcome = self._deeply(goal) if self.solver else None
        return (outcome, None) if isinstance(outcome, Unreached) else self._shown(goal, ending)

    def _shown(self, goal: Formula, ending: "Ending") -> tuple[Outcome, Trace | None]:
        """Return a history to a situation, played by the evaluator to its end; or that there is none."""
        found: Outcome = Undecided("the evaluator plays no history that was found to its end")
        for outcome in self._histories(goal):
            if isinstance(outcome, Unreached):
                return outcome, None
            if isinstance(outcome, Undecided):
                found = outcome
                continue
            for trace, _rules in self._played(outcome, ending):
                return outcome, trace
        return found, None

    def played(self, goal: Formula, ending: "Ending") -> Iterator[tuple[Trace, list[Rule]]]:
        """Yield each history to a situation that is found and that the evaluator plays, with its rules."""
        for outcome in self._histories(goal):
            if isinstance(outcome, Reached):
                yield from self._played(outcome, ending)

    def _played(self, found: Reached, ending: "Ending") -> Iterator[tuple[Trace, list[Rule]]]:
        """Yield the records of a history, with each of its last rules behind it that the evaluator takes, and that shows what it is to show."""
        for last in ending.rules or ("",):
            rules = [self.system.rules[name] for name in found.rules] + ([ending.of(self.system.rules[last])] if last else [])
            trace = play(self.retold.policy, self.retold.source, rules)
            if trace is not None and ending.shows(trace, last):
                self._taken.update(rule.name for rule in rules)
                yield trace, rules

    def _histories(self, goal: Formula) -> Iterator[Outcome]:
        """Yield what is found of the ways to a situation: without what documents report, then with it.

        What people do is the better witness, and where nothing is free a history that is found is likely to be real.
        """
        for system, _sketches in self._systems:
            for found, part in self._looked_for(system, goal):
                # That people alone do not lead there proves nothing of what documents may report.
                if not isinstance(found, Unreached):
                    yield found
                elif system is self.system:
                    yield _confirmed(found, part)

    def _looked_for(self, system: System, goal: Formula) -> Iterator[tuple[Outcome, Slice]]:
        part = sliced(system, goal, free=False)
        if not self.solver:
            yield search(part.system, part.formula, limit=_GUESSED), part
            return
        small = prod(len(component.states) for component in part.system.components.values()) <= _SMALL
        found: Outcome = search(part.system, part.formula, limit=_SHORT) if small else Undecided("")
        yield (unrolling.find(part.system, part.formula, steps=_MAX_STEPS) if isinstance(found, Undecided) else found), part

    def _broken(self, promised: Promised) -> Proof | None:
        """Return a history that breaks a promise, where the evaluator plays one."""
        for goal, last in _breaches(promised, self.system):
            found, trace = self._shown(goal, Ending(last, promised.is_broken_by, without=promised.only))
            if isinstance(found, Reached):
                return Proof(promised, Finding.BROKEN, found.by, "", (), trace)
        return None


class Proofs:
    """The proofs of a policy: on a coarse system, and where that settles nothing, on finer ones."""

    def __init__(self, retold: Retold, policy: Policy, *, solver: bool, delegations: bool) -> None:
        self.retold, self.policy, self.solver, self.delegations = retold, policy, solver, delegations
        self._coarse, self.promised = self._built()

    def _built(self, *, finely: bool = False, first_hand: bool = False) -> tuple[Prover, tuple[Promised, ...]]:
        system, promised = build(self.policy, delegations=self.delegations, finely=finely, first_hand=first_hand)
        return Prover(system, self.retold, solver=self.solver), promised

    @cached_property
    def _fine(self) -> tuple[Prover, tuple[Promised, ...]]:
        return self._built(finely=True)

    @cached_property
    def _by_people(self) -> tuple[Prover, tuple[Promised, ...]]:
        return self._built(finely=True, first_hand=True)

    @property
    def system(self) -> System:
        """The system that proofs are tried on first."""
        return self._coarse.system

    def prove(self, promised: Promised) -> Proof:
        """Prove one of the promises, or refute it."""
        proof, number = self._coarse.prove(promised), self.promised.index(promised)
        if proof.finding is not Finding.UNKNOWN:
            return proof
        # What people alone can do is told apart more finely; a history of theirs is one, a proof would be of theirs alone.
        prover, same = self._by_people
        shown = prover.settled_by_history(same[number])
        if shown:
            return shown
        prover, same = self._fine
        return proof if not self.solver or prover.system == self.system else prover.prove(same[number])


def _own(system: System) -> System:
    """Return a system in which no document reports anything."""
    rules = {name: rule for name, rule in system.rules.items() if not rule.deed.kind.startswith("report ")}
    return System(system.components, rules)


def _breaches(promised: Promised, system: System) -> Iterator[tuple[Formula, tuple[str, ...]]]:
    """Yield each situation that breaks a promise, with the rules that are then taken."""
    match promised.promise:
        case Never(wrong=wrong):
            for name, formula in wrong:
                yield conjunction([system.rules[name].enabled, formula]), (name,)
        case AlwaysPossible():
            yield sought(promised.promise, system), ()
        case Reachable():  # pragma: no cover - what is to be reachable is not refuted by a history
            return


def _confirmed(found: Unreached, part: Slice) -> Outcome:
    """Return a proof that the second engine confirms."""
    match check(found, part.formula):
        case Check.CONFIRMED:
            return found
        case Check.REFUTED:
            return Undecided(f"the second engine refutes the certificate of the {found.by}: that is a fault of govern")
        case Check.UNFINISHED:  # pragma: no branch - the answers are these
            return Undecided(f"the second engine did not come to an end with the certificate of the {found.by}")


def solver_there() -> bool:
    """Whether the solver of `govern[proof]` is installed."""
    return sat.available()
