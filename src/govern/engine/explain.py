"""Explanations: what is missing, what holds, and who can act next.

Pure. Computed from the judged guard that gave the verdict, so an explanation cannot differ from the answer.
"""

from dataclasses import dataclass

from govern.engine.causes import Requirement, failing
from govern.engine.unlocking import Unlock, unlock
from govern.engine.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class NextAct:
    """An act that somebody can do towards a goal."""

    actors: tuple[str, ...]
    command: str
    clears: tuple[str, ...]


def next_acts(verdict: Verdict, found: Unlock | None = None) -> tuple[NextAct, ...]:
    """Return the acts of the first smallest set, with who can do them; acts of one command are one."""
    found = found or unlock(verdict.judged)
    if not found.sets:
        return ()
    wanted = set(found.sets[0])
    acts: dict[str, NextAct] = {}
    for requirement in verdict.requirements:
        if requirement.id in wanted and not requirement.satisfied:
            act = acts.get(requirement.how)
            clears = (*act.clears, requirement.id) if act else (requirement.id,)
            acts[requirement.how] = NextAct(requirement.by, requirement.how, clears)
    return tuple(acts.values())


def blocking(verdict: Verdict) -> tuple[Requirement, ...]:
    """Return the requirements for want of which it is not allowed."""
    return failing(verdict.judged)


def holding(verdict: Verdict) -> tuple[Requirement, ...]:
    """Return the requirements that hold."""
    return tuple(each for each in verdict.requirements if each.satisfied)
