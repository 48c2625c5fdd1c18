"""Requirements and verdicts as JSON and as lines of text: one spelling for every command."""

from typing import Any

from govern.cli.output import table
from govern.engine.causes import Requirement
from govern.engine.explain import NextAct, next_acts
from govern.engine.hands import hands
from govern.engine.unlocking import unlock
from govern.engine.verdicts import Verdict
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy.model import Policy

# More ways than this are told as so many: a number without end is no number that readers of JSON take.
_MANY = 2**1024
# Kinds whose `why` says what is wanted, too.
_SELF_TOLD = frozenset({"invariant", "not", "authority", "separation", "selected", "packet", "lane"})


def requirement_json(requirement: Requirement) -> dict[str, Any]:
    """Return a requirement as values of JSON: with its cause, who clears it, by which command, and where it is asked for."""
    return {
        "id": requirement.id,
        "kind": requirement.kind,
        "satisfied": requirement.satisfied,
        "cause": requirement.cause.value if requirement.cause and not requirement.satisfied else None,
        "why": requirement.why,
        "by": list(requirement.by),
        "how": requirement.how or None,
        "at": str(requirement.at),
        "record": requirement.record,
        "via": requirement.via or None,
    }


def verdict_json(verdict: Verdict, view: View) -> dict[str, Any]:
    """Return a verdict with all requirements, the smallest sets that unlock, and the next acts with who can do them today."""
    found = unlock(verdict.judged)
    return {
        "target": verdict.target.name,
        "kind": verdict.target.kind,
        "allowed": verdict.allowed,
        "requirements": [requirement_json(each) for each in verdict.requirements],
        "unlock": [list(each) for each in found.sets],
        "unlock_count": min(found.count, _MANY),
        "unlock_exact": found.exact,
        "unlock_says": found.says,
        "next": [_act_json(act, view) for act in next_acts(verdict, found)],
    }


def _act_json(act: NextAct, view: View) -> dict[str, Any]:
    asked = hands(act.command, act.actors, view)
    return {
        "actors": list(act.actors),
        "command": act.command,
        "clears": list(act.clears),
        "able": [hand.actor for hand in asked if hand.able],
        "kept_out": [{"actor": hand.actor, "why": hand.against} for hand in asked if not hand.able],
    }


def requirement_lines(requirements: tuple[Requirement, ...], policy: Policy) -> str:
    """Return requirements as aligned lines: what is wanted, how it stands, who, where it is asked for; then the command."""
    blocks: list[str] = []
    rows = [_row(each, policy) for each in requirements]
    lines = table(rows, "  ").split("\n")
    for requirement, line in zip(requirements, lines, strict=True):
        blocks.append(line)
        if requirement.how and not requirement.satisfied:
            blocks.append(f"      {requirement.how}")
    return "\n".join(blocks)


def _row(requirement: Requirement, policy: Policy) -> tuple[str, ...]:
    cause = "holds" if requirement.satisfied else (requirement.cause.value if requirement.cause else "missing")
    via = f" (through {requirement.via})" if requirement.via else ""
    by = "" if requirement.satisfied else " or ".join(requirement.by)
    return cause, _told(requirement, policy) + via, by, _place(requirement)


def _told(requirement: Requirement, policy: Policy) -> str:
    """Return what is wanted and how it stands; where one says the other, one of them."""
    says, why = _says(requirement, policy), requirement.why
    if says == why or requirement.kind in _SELF_TOLD:
        return why
    if why in (f"not on record: {says}", f"not on record: leg {says}", f"no {says} on record"):
        return says
    return f"{says}: {why}"


def _says(requirement: Requirement, policy: Policy) -> str:
    """Return what is wanted in the policy's words. A refused act may be about what the policy does not declare."""
    name = requirement.name
    declared = {"grant": name in policy.grants, "leg": name in policy.legs}
    return spell_requirement(requirement, policy) if declared.get(requirement.kind, True) else requirement.why


def _place(requirement: Requirement) -> str:
    return f"{requirement.at.file}:{requirement.at.line}" if requirement.at.line else ""
