"""The second engine: whether a certificate really shows that a goal is never reached.

Pure. It reads the certificate and the system alone: nothing of how either was come by.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from govern.proof.formulas import Formula
from govern.proof.splitting import Atom, Problem, Several, Term, UnfinishedError, Variables, moved
from govern.proof.system import Rule, Unreached

STEPS = 20_000_000


class Check(Enum):
    """What became of a check."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNFINISHED = "unfinished"


def check(found: Unreached, goal: Formula, *, steps: int = STEPS) -> Check:
    """Check that a certificate holds at the start, that every rule keeps it, and that it excludes the goal."""
    system = found.system
    variables = Variables({name: component.states for name, component in system.components.items()})
    kept = [_Kept(formula, variables) for formula in found.certificate]
    problem = Problem(variables.domains, [one.term for one in kept], steps)
    try:
        if problem.possible([variables.term(goal)]):
            return Check.REFUTED
        begun = [Atom(variables.slots[name], variables.inside(name, component.starts)) for name, component in system.components.items()]
        if any(problem.possible([*(begun[slot] for slot in one.broken.slots), one.broken], alone=True) for one in kept):
            return Check.REFUTED
        broken = any(problem.possible(*_taken(rule, one, variables)) for rule, one in _harmed(system.rules, kept, variables))
    except UnfinishedError:
        return Check.UNFINISHED
    return Check.REFUTED if broken else Check.CONFIRMED


class _Kept:
    """A formula of a certificate, its negation, and of each component what the formula asks of it, wherever it does."""

    def __init__(self, formula: Formula, variables: Variables) -> None:
        self.term = variables.term(formula)
        self.broken = variables.term(formula, wanted=False)
        self.asked: dict[int, set[int]] = {}
        for atom in _atoms(self.term):
            self.asked.setdefault(atom.slot, set()).add(atom.inside)


def _atoms(term: Term) -> Iterator[Atom]:
    if isinstance(term, Atom):
        yield term
    elif isinstance(term, Several):  # pragma: no branch - the forms are these
        for part in term.parts:
            yield from _atoms(part)


def _harmed(rules: Mapping[str, Rule], kept: Sequence[_Kept], variables: Variables) -> Iterator[tuple[Rule, _Kept]]:
    """Yield each rule with the formulas that it might break: those that have a part which it can make false."""
    about: dict[int, list[_Kept]] = {}
    for one in kept:
        for slot in one.asked:
            about.setdefault(slot, []).append(one)
    for rule in rules.values():
        harmed: dict[_Kept, None] = {}
        for name, ways in rule.moves.items():
            slot = variables.slots[name]
            steps = [(variables.inside(name, [source]), variables.inside(name, targets)) for source, targets in ways.items()]
            harmed |= dict.fromkeys(one for one in about.get(slot, ()) if any(_breaks(steps, inside) for inside in one.asked[slot]))
        yield from ((rule, one) for one in harmed)


def _breaks(steps: Sequence[tuple[int, int]], inside: int) -> bool:
    return any(source & inside and targets & ~inside for source, targets in steps)


def _taken(rule: Rule, kept: _Kept, variables: Variables) -> tuple[list[Term], list[int]]:
    """Ask that a rule can be taken where a formula holds, and that the formula does not hold after it: in new variables for what is moved."""
    known = len(variables.domains)
    asked = [variables.term(rule.enabled), kept.term]
    after, domains = {}, []
    for place, (name, ways) in enumerate(rule.moves.items()):
        before = variables.slots[name]
        after[before] = known + place
        domains.append(variables.domains[before])
        led: dict[int, int] = {}
        for source, targets in ways.items():
            leads = variables.inside(name, targets)
            led[leads] = led.get(leads, 0) | variables.inside(name, [source])
        asked.append(Several(1, [Several(2, [Atom(before, sources), Atom(known + place, leads)]) for leads, sources in led.items()]))
    return [*asked, moved(kept.broken, after)], domains
