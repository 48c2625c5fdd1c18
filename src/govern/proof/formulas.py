"""Formulas over the local states of components: what guards and promises become before anything is proved.

Pure values. Two-valued: what a guard leaves unknown is, like false, a state in which it does not hold.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class In:
    """A component is in one of these local states."""

    component: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds; over no parts, true."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part or more holds; over no parts, false."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts hold."""

    wanted: int
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Formula"


Formula: TypeAlias = In | And | Or | AtLeast | Not
TRUE = And(())
FALSE = Or(())


def conjunction(parts: Iterable[Formula]) -> Formula:
    """Join parts that must all hold: flat, each once, constants taken out."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part == FALSE:
            return FALSE
        kept |= dict.fromkeys(part.parts if isinstance(part, And) else (part,))
    return next(iter(kept)) if len(kept) == 1 else And(tuple(kept))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """Join parts of which one must hold: flat, each once, constants taken out."""
    kept: dict[Formula, None] = {}
    for part in parts:
        if part == TRUE:
            return TRUE
        kept |= dict.fromkeys(part.parts if isinstance(part, Or) else (part,))
    return next(iter(kept)) if len(kept) == 1 else Or(tuple(kept))


def at_least(wanted: int, parts: Iterable[Formula]) -> Formula:
    """Join parts of which so many must hold, constants taken out."""
    given = tuple(parts)
    wanted -= sum(part == TRUE for part in given)
    left = tuple(part for part in given if part not in (TRUE, FALSE))
    if wanted <= 0:
        return TRUE
    if wanted > len(left):
        return FALSE
    if wanted == len(left):
        return conjunction(left)
    return disjunction(left) if wanted == 1 else AtLeast(wanted, left)


def negation(part: Formula) -> Formula:
    """Turn a formula round."""
    if part == TRUE:
        return FALSE
    if part == FALSE:
        return TRUE
    return part.part if isinstance(part, Not) else Not(part)


def enough(join: And | Or | AtLeast, *, wanted: bool) -> int:
    """Return how many parts decide that a join holds or, not wanted, that it fails."""
    parts = len(join.parts)
    least = join.wanted if isinstance(join, AtLeast) else parts if isinstance(join, And) else 1
    return max(0, least if wanted else parts - least + 1)


def substituted(formula: Formula, atom: Callable[[In, bool], Formula], *, plain: bool = True) -> Formula:
    """Put something in the place of each atom, constants taken out; it is told whether it stands under no `Not`, or an even number."""
    match formula:
        case In():
            return atom(formula, plain)
        case And(parts=parts):
            return conjunction(substituted(part, atom, plain=plain) for part in parts)
        case Or(parts=parts):
            return disjunction(substituted(part, atom, plain=plain) for part in parts)
        case AtLeast(wanted=wanted, parts=parts):
            return at_least(wanted, (substituted(part, atom, plain=plain) for part in parts))
        case Not(part=part):  # pragma: no branch - the forms are these
            return negation(substituted(part, atom, plain=not plain))


def holds(formula: Formula, state: Mapping[str, str]) -> bool:
    """Whether a formula holds where each component is in the local state given."""
    match formula:
        case In(component=name, states=states):
            return state[name] in states
        case And(parts=parts):
            return all(holds(part, state) for part in parts)
        case Or(parts=parts):
            return any(holds(part, state) for part in parts)
        case AtLeast(wanted=wanted, parts=parts):
            return sum(holds(part, state) for part in parts) >= wanted
        case Not(part=part):  # pragma: no branch - the forms are these
            return not holds(part, state)


def atoms(formula: Formula) -> Iterator[In]:
    """Yield each atom of a formula, in the order written, as often as it is written."""
    match formula:
        case In():
            yield formula
        case And(parts=parts) | Or(parts=parts) | AtLeast(parts=parts):
            for part in parts:
                yield from atoms(part)
        case Not(part=part):  # pragma: no branch - the forms are these
            yield from atoms(part)
