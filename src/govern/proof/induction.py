"""That a situation is never reached, by induction: no history begins there, and no rule leads there from elsewhere.

Pure. Where that alone fails, facts of `govern.proof.lifecycles` and `govern.proof.entries` say what "elsewhere" cannot be.
"""

from collections.abc import Iterable, Iterator, Mapping

from govern.proof.entries import candidates
from govern.proof.formulas import Formula, negation
from govern.proof.lifecycles import Lifecycles
from govern.proof.normal import Node, leaves
from govern.proof.sat import Encoding, Frame
from govern.proof.system import Rule, System, Undecided, Unreached

BY = "induction"
_NAMED = 6
"""So many components are named where a proof fails."""


def prove(system: System, goal: Formula, *, plainly: bool = False) -> Unreached | Undecided:
    """Prove that no history leads to where a formula holds, or say what a proof fails at; `plainly`, without any facts but the goal.

    The certificate is small: nothing where the local states alone exclude it; what was sought turned round where that is
    inductive; else with the facts that the rules in question need, and those that these need in turn.
    """
    with Encoding(system) as clauses:
        moment = _Moment(clauses)
        bad, good = clauses.normal.node(goal), clauses.normal.node(goal, wanted=False)
        if not clauses.possible([clauses.holds(bad, moment.now)]):
            return Unreached(BY, system, ())
        if moment.begins(bad):
            return Undecided("a history can begin there")
        clauses.demand(good, moment.now)
        if not any(moment.leads(rule, bad, ()) for rule in moment.leading(bad)):
            return Unreached(BY, system, (negation(goal),))
        return Undecided("it is not inductive by itself") if plainly else _strengthened(moment, goal, bad)


class _Moment:
    """Clauses about any moment and, for each rule, about the one after it."""

    def __init__(self, clauses: Encoding) -> None:
        self.clauses = clauses
        self.now = clauses.frame(clauses.system.components)
        self._begun = clauses.begins(self.now)
        self._steps: dict[str, tuple[int, Frame]] = {}

    def step(self, rule: Rule) -> tuple[int, Frame]:
        """Return the literal of a rule, and the frame to which it leads."""
        if rule.name not in self._steps:
            after = self.clauses.frame(rule.moves, self.now)
            self._steps[rule.name] = self.clauses.taken(rule, self.now, after), after
        return self._steps[rule.name]

    def begins(self, node: Node) -> bool:
        """Whether a history can begin where a node holds."""
        return self.clauses.possible([self._begun, self.clauses.holds(node, self.now)])

    def leading(self, node: Node) -> Iterator[Rule]:
        """Yield the rules that move a component from where an atom of a node fails to where it holds: no other leads into the node."""
        asked = leaves(node)
        for rule in self.clauses.system.rules.values():
            ways = ((source, targets, asked.get(name, ())) for name, moved in rule.moves.items() for source, targets in moved.items())
            if any(source not in states and targets & states for source, targets, wanted in ways for states in wanted):
                yield rule

    def leads(self, rule: Rule, node: Node, marks: Iterable[int]) -> bool:
        """Whether a rule can lead to where a node holds, with all that some marks stand for."""
        literal, after = self.step(rule)
        return self.clauses.possible([literal, self.clauses.holds(node, after), *marks])

    def mark(self, node: Node) -> int:
        """Return a literal from which it follows that a node holds now."""
        mark = self.clauses.new()
        self.clauses.demand(node, self.now, where=[mark])
        return mark


def _strengthened(moment: _Moment, goal: Formula, bad: Node) -> Unreached | Undecided:
    """Prove it with facts about components and pairs of them; where that fails, also with what has held since something was entered."""
    clauses = moment.clauses
    lifecycles = Lifecycles(clauses.system, clauses.normal)
    known = [*lifecycles.alone.values(), *lifecycles.beside(leaves(bad))]
    facts = {moment.mark(clauses.normal.node(fact.formula)): fact for fact in known}
    entries: dict[int, Formula] = {}
    tried = False
    rests: list[int] = []
    for rule in moment.leading(bad):
        if not moment.leads(rule, bad, ()):
            continue
        if moment.leads(rule, bad, facts):
            entries = entries if tried else _kept(moment, facts, rule, bad)
            tried = True
            if moment.leads(rule, bad, (*facts, *entries)):
                return Undecided(_broken(moment, rule, clauses.normal.node(goal, wanted=False)))
        rests.extend(clauses.core())
    used = _leant_on(moment, rests, entries, (*facts, *entries))
    kept = lifecycles.closed([fact for mark, fact in facts.items() if mark in used], known)
    formulas = (*(fact.formula for fact in kept), *(entry for mark, entry in entries.items() if mark in used), negation(goal))
    return Unreached(BY, clauses.system, formulas)


def _hoped(moment: _Moment) -> dict[int, Formula]:
    """Return the candidates that hold at the start, by their marks."""
    normal = moment.clauses.normal
    found = candidates(moment.clauses.system)
    return {moment.mark(normal.node(entry)): entry for entry in found if not moment.begins(normal.node(entry, wanted=False))}


def _kept(moment: _Moment, marks: Iterable[int], rule: Rule, bad: Node) -> dict[int, Formula]:
    """Return which candidates every rule keeps, all of them together; none where even all of them would let a rule lead there."""
    hoped = _hoped(moment)
    left = {} if moment.leads(rule, bad, (*marks, *hoped)) else dict(hoped)
    wrong = {mark: moment.clauses.normal.node(entry, wanted=False) for mark, entry in hoped.items()}
    lost = True
    while lost:
        lost = False
        for mark in tuple(left):
            if any(moment.leads(rule, wrong[mark], (*marks, *left)) for rule in moment.leading(wrong[mark])):
                del left[mark]
                lost = True
    return left


def _leant_on(moment: _Moment, rests: Iterable[int], entries: Mapping[int, Formula], marks: tuple[int, ...]) -> set[int]:
    """Return marks and those without which a rule would not keep the entries among them."""
    used: set[int] = set()
    left = list(rests)
    while left:
        mark = left.pop()
        if mark in entries and mark not in used:
            wrong = moment.clauses.normal.node(entries[mark], wanted=False)
            for rule in moment.leading(wrong):
                moment.leads(rule, wrong, marks)
                left.extend(moment.clauses.core())
        used.add(mark)
    return used


def _broken(moment: _Moment, rule: Rule, good: Node) -> str:
    """Say from where a rule leads there, in what the last answer found: of the components, those that make it so."""
    clauses = moment.clauses
    _, after = moment.step(rule)
    before, later = clauses.situation(moment.now), clauses.situation(after)
    reached = [after.of(name)[later[name]] for name in rule.moves]
    stands = {moment.now.of(name)[state]: name for name, state in before.items() if name not in rule.moves}
    # Where all else is as found, what was sought cannot but hold: this rests on the components that matter.
    clauses.possible([*reached, *stands, clauses.holds(good, after)])
    mattering = {stands[literal] for literal in clauses.core() if literal in stands}
    names = [*rule.moves, *(name for name in before if name in mattering)]
    listed = ", ".join(f"`{name}` is `{before[name]}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more are as they are" if len(names) > _NAMED else ""
    return f"`{rule.name}` leads there from where {listed}{more}; whether a history leads to that was not settled"
