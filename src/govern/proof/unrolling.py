"""A history that leads to a situation, found step by step by a SAT solver; in a step, many rules that do not meddle with each other.

Pure. What is found is put in a row and shortened in `govern.proof.histories`.
"""

from govern.proof.formulas import Formula
from govern.proof.histories import Taken, shortened
from govern.proof.normal import Node, leaves
from govern.proof.sat import Encoding, Frame
from govern.proof.system import Reached, System, Undecided

BY = "bounded search"


def find(system: System, goal: Formula, *, steps: int) -> Reached | Undecided:
    """Look for a history of at most so many steps that ends where a formula holds.

    In one step each component moves at most once, and no rule is taken whose guard reads what another one moves: the order
    within the step makes no difference.
    """
    with Encoding(system) as clauses:
        sought = clauses.normal.node(goal)
        frames = [clauses.frame(system.components)]
        fired: list[dict[str, int]] = []
        clauses.add([clauses.begins(frames[0])])
        while not clauses.possible([clauses.holds(sought, frames[-1])]):
            if len(fired) == steps:
                return Undecided(f"no history of {steps} steps or fewer leads there")
            frames.append(clauses.frame(system.components))
            fired.append(_step(clauses, frames[-2], frames[-1]))
        return _history(clauses, frames, fired, goal)


def _step(clauses: Encoding, before: Frame, after: Frame) -> dict[str, int]:
    """Say what can happen between two frames; return a literal for each rule, that it is taken."""
    system = clauses.system
    fired = {rule.name: clauses.taken(rule, before, after) for rule in system.rules.values()}
    stirred = {name: clauses.new() for name in system.components}
    for name, movers in system.movers.items():
        clauses.at_most_one([fired[rule.name] for rule in movers])
        clauses.add([-stirred[name], *(fired[rule.name] for rule in movers)])
        for rule in movers:
            clauses.add([-fired[rule.name], stirred[name]])
        later = after.of(name)
        for state, literal in before.of(name).items():
            clauses.add([stirred[name], -literal, later[state]])
    for rule in system.rules.values():
        for name in _read(clauses.normal.node(rule.guard)) - set(rule.moves):
            clauses.add([-fired[rule.name], -stirred[name]])
    return fired


def _read(guard: Node) -> set[str]:
    return set(leaves(guard))


def _history(clauses: Encoding, frames: list[Frame], fired: list[dict[str, int]], goal: Formula) -> Reached:
    """Put the rules taken in a row, each with where it leads, and shorten it."""
    situations = [clauses.situation(frame) for frame in frames]
    taken = []
    for step, literals in enumerate(fired):
        true = set(clauses.found(literals.values()))
        for name, literal in literals.items():
            if literal in true:
                rule = clauses.system.rules[name]
                taken.append(Taken(rule, {moved: situations[step + 1][moved] for moved in rule.moves}))
    start, left = shortened(clauses.system, situations[0], taken, goal)
    return Reached(BY, start, tuple(one.rule.name for one in left))
