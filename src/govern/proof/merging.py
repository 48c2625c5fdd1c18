"""Merging the local states that nothing can tell apart, and dropping those that no rule can lead to.

Pure. Two local states of a component are one where every formula at hand is the same in both and every rule leads from
both to the same ones (the coarsest bisimulation, component by component). A merged one bears the name of its first member
in which a history can begin, else of its first member: so the starts of what is left are starts of the system.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from govern.proof.formulas import FALSE, TRUE, Formula, In, atoms, substituted
from govern.proof.system import Component, Rule, System

_Blocks: TypeAlias = Mapping[str, Mapping[str, str]]
"""Of each component, the name that each local state that can be reached bears from now on."""

_Ways: TypeAlias = Mapping[str, frozenset[str]]
_Led: TypeAlias = dict[tuple[int, int, bool], _Ways]
"""Where rules lead after merging. Components of one kind share one mapping of ways: what is the same is worked out once."""


def merged(system: System, formula: Formula) -> tuple[System, Formula]:
    """Merge local states and identical rules; return the formula rewritten over what is left.

    A rule that moves one component to where it cannot be told from where it was moves nothing, and goes.
    """
    reached = _reached(system)
    possible = [rule for rule in system.rules.values() if rule.guard != FALSE and _can_fire(rule, reached)]
    blocks = _blocks(system, reached, possible, formula)
    components = {name: _component(component, blocks[name]) for name, component in system.components.items()}
    led: _Led = {}
    rules = (replace(rule, guard=_rewritten(rule.guard, blocks), moves=_moves(rule, blocks, led)) for rule in possible)
    return System(components, _distinct(rule for rule in rules if all(rule.moves.values()))), _rewritten(formula, blocks)


def _reached(system: System) -> dict[str, set[str]]:
    """Find the local states of each component that rules can lead to, whatever their guards ask."""
    reached = {name: set(component.starts) for name, component in system.components.items()}
    rules = [rule for rule in system.rules.values() if rule.guard != FALSE]
    grew = True
    while grew:
        grew = False
        for rule in rules:
            if not _can_fire(rule, reached):
                continue
            for name, ways in rule.moves.items():
                found = {target for source, targets in ways.items() if source in reached[name] for target in targets}
                grew |= not found <= reached[name]
                reached[name] |= found
    return reached


def _can_fire(rule: Rule, reached: Mapping[str, Collection[str]]) -> bool:
    return all(any(source in reached[name] for source in ways) for name, ways in rule.moves.items())


def _blocks(system: System, reached: Mapping[str, Collection[str]], rules: Iterable[Rule], formula: Formula) -> _Blocks:
    seen: dict[str, set[frozenset[str]]] = {name: set() for name in system.components}
    moving: dict[str, list[Rule]] = {name: [] for name in system.components}
    for atom in chain(atoms(formula), *(atoms(rule.guard) for rule in rules)):
        seen[atom.component].add(atom.states)
    for rule in rules:
        for name in rule.moves:
            moving[name].append(rule)
    known: dict[object, Mapping[str, str]] = {}
    blocks: dict[str, Mapping[str, str]] = {}
    for name, component in system.components.items():
        moved = [(rule.moves[name], len(rule.moves) == 1) for rule in moving[name]]
        # By the identity of the ways, which the rules keep.
        alike = (component.states, component.starts, frozenset(reached[name]), frozenset(seen[name]), tuple((id(ways), alone) for ways, alone in moved))
        if alike not in known:
            known[alike] = _partition(_in_turn(component, reached[name]), seen[name], moved)
        blocks[name] = known[alike]
    return blocks


def _in_turn(component: Component, reached: Collection[str]) -> list[str]:
    return [*component.starts, *(state for state in component.states if state in reached and state not in component.starts)]


def _partition(states: list[str], seen: Collection[frozenset[str]], moving: list[tuple[_Ways, bool]]) -> dict[str, str]:
    """Refine what formulas can tell apart by where rules lead, until nothing more is told apart."""
    block = _named({state: tuple(state in one for one in seen) for state in states})
    leaving = {state: [(index, ways[state], alone) for index, (ways, alone) in enumerate(moving) if state in ways] for state in states}
    while True:
        finer = _named({state: (block[state], _leads(block[state], block, leaving[state])) for state in states})
        if finer == block:
            return block
        block = finer


def _named(told: Mapping[str, object]) -> dict[str, str]:
    first: dict[object, str] = {}
    return {state: first.setdefault(key, state) for state, key in told.items()}


def _leads(here: str, block: Mapping[str, str], leaving: list[tuple[int, frozenset[str], bool]]) -> tuple[tuple[int, frozenset[str]], ...]:
    found = ((index, _targets(here, targets, block, alone=alone)) for index, targets, alone in leaving)
    return tuple((index, targets) for index, targets in found if targets)


def _targets(here: str, targets: frozenset[str], block: Mapping[str, str], *, alone: bool) -> frozenset[str]:
    merged_targets = frozenset([block[target] for target in targets])
    # A step that moves nothing else and stays where it was is none. One that moves others must still be possible here.
    return merged_targets - {here} if alone else merged_targets


def _component(component: Component, block: Mapping[str, str]) -> Component:
    kept = {first for state, first in block.items() if state == first}
    return Component(component.name, tuple(state for state in component.states if state in kept), tuple(state for state in component.starts if state in kept))


def _moves(rule: Rule, blocks: _Blocks, led: _Led) -> dict[str, _Ways]:
    made = {}
    for name, ways in rule.moves.items():
        alike = (id(ways), id(blocks[name]), len(rule.moves) == 1)
        if alike not in led:
            firsts = [state for state, first in blocks[name].items() if state == first and state in ways]
            leads = {state: _targets(state, ways[state], blocks[name], alone=len(rule.moves) == 1) for state in firsts}
            led[alike] = {state: targets for state, targets in leads.items() if targets}
        made[name] = led[alike]
    return made


def _rewritten(formula: Formula, blocks: _Blocks) -> Formula:
    def rewritten(atom: In, _plain: bool) -> Formula:  # noqa: FBT001 - as `substituted` gives it
        block = blocks[atom.component]
        kept = frozenset(first for state, first in block.items() if state in atom.states)
        if not kept:
            return FALSE
        return TRUE if len(kept) == len(set(block.values())) else In(atom.component, kept)

    return substituted(formula, rewritten)


def _distinct(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Keep the first of rules that ask and do the same."""
    kept: dict[object, Rule] = {}
    spelt: dict[int, frozenset[object]] = {}
    given = list(rules)
    for rule in given:
        for ways in rule.moves.values():
            if id(ways) not in spelt:
                spelt[id(ways)] = frozenset(ways.items())
        kept.setdefault((rule.guard, frozenset((name, spelt[id(ways)]) for name, ways in rule.moves.items())), rule)
    return {rule.name: rule for rule in kept.values()}
