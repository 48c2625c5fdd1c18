"""Cutting a system down to what one question can see, before anything is searched or proved.

Pure. Components are dropped here; local states that nothing can tell apart are merged in `govern.proof.merging`.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from govern.proof.formulas import FALSE, TRUE, Formula, atoms, substituted
from govern.proof.merging import merged
from govern.proof.system import Rule, System


@dataclass(frozen=True, slots=True)
class Slice:
    """What is left of a system, and the formula rewritten over it."""

    system: System
    formula: Formula


def sliced(system: System, formula: Formula, *, free: bool) -> Slice:
    """Cut a system down to what matters to a formula.

    Exact unless `free`: the shortest history to the formula is as long as in the whole system, and the rules of a history
    of the slice are those of one of the system. Where `free`, only components that the formula observes stay, and
    whatever a rule asks of the others is taken as granted: what no history of the slice reaches, none of the system does.
    """
    now = Slice(system, formula)
    while True:
        smaller = Slice(*merged(_kept(now, free=free), now.formula))
        # What was merged away may have been all that tied one component to another.
        if _size(smaller) == _size(now):
            return smaller
        now = smaller


def _size(one: Slice) -> tuple[int, int, int]:
    components = one.system.components.values()
    return len(components), len(one.system.rules), sum(len(component.states) for component in components)


def _kept(now: Slice, *, free: bool) -> System:
    seen = dict.fromkeys(atom.component for atom in atoms(now.formula))
    wanted = seen if free else _cone(now.system, seen)
    kept = dict.fromkeys(name for name in now.system.components if name in wanted)
    # Not all rules are looked through: of a large system, many small promises may be asked.
    moving = {rule.name: rule for name in kept for rule in now.system.movers[name]}
    return System(
        {name: now.system.components[name] for name in kept},
        {name: _restricted(rule, kept) if free else rule for name, rule in moving.items()},
    )


def _cone(system: System, seen: Collection[str]) -> Collection[str]:
    """Close a set of components under what can move them: what the rules that do so observe, and what they move besides."""
    cone, waiting, asked = dict.fromkeys(seen), list(seen), set[str]()
    while waiting:
        for rule in system.movers[waiting.pop()]:
            if rule.name in asked:
                continue
            asked.add(rule.name)
            found = [name for name in dict.fromkeys((*rule.moves, *(atom.component for atom in atoms(rule.guard)))) if name not in cone]
            cone |= dict.fromkeys(found)
            waiting += found
    return cone


def _restricted(rule: Rule, kept: Collection[str]) -> Rule:
    return replace(rule, guard=_granted(rule.guard, kept), moves={name: ways for name, ways in rule.moves.items() if name in kept})


def _granted(formula: Formula, kept: Collection[str]) -> Formula:
    """Put a constant for what is asked of components that are not kept: true, and under a negation false."""
    return substituted(formula, lambda atom, plain: atom if atom.component in kept else TRUE if plain else FALSE)
