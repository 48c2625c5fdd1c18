"""The ways of a lifecycle as a table: one look-up for each act, the same answer as the machine of `transitions`.

Pure. `tests/engine/test_machine.py` holds the two equal over random lifecycles.
"""

from dataclasses import dataclass

from govern.engine.authority import Word, is_member, word
from govern.engine.causes import Cause, Requirement
from govern.engine.judge import judge
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Kind, Transition, Trigger
from govern.policy.model import Policy
from govern.policy.who import Who


def way(policy: Policy, kind: Kind, trigger: Trigger, source: str) -> Transition | None:
    """Return the transition that an act takes from a state, or None where there is none."""
    for transition in policy.lifecycles.of(kind).transitions:
        if transition.trigger == trigger and source in transition.from_:
            return transition
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """An act as a step of a lifecycle: of what, from which state, by whom, on whose authority."""

    kind: Kind
    name: str
    trigger: Trigger
    source: str
    who: Who
    actor: str
    approvals: tuple[str, ...] = ()
    record: int | None = None


def refusals(view: View, step: Step) -> list[Requirement]:
    """Return why a step may not be taken: no such way, not for this actor, or a guard that does not hold."""
    taken = way(view.policy, step.kind, step.trigger, step.source)
    if taken is None:
        return [_no_way(view, step)]
    found: list[Requirement] = []
    if not _entitled(view, step, taken):
        why = f"{step.actor} may not {step.trigger} {step.kind} {step.name}; that is for {find.spell_who(step.who)}"
        by = find.everyone(view.policy, step.who)
        found.append(Requirement(f"authority:{step.trigger}", "authority", truth=False, why=why, at=taken.at, cause=Cause.UNAUTHORISED, by=by))
    if taken.when is not None:
        judged = judge(taken.when, view)
        if judged.truth is not True:
            why = f"the {step.kind} lifecycle guards `{step.trigger}`, and its guard does not hold"
            found.append(Requirement(f"{step.kind}:{step.name}", step.kind, judged.truth, why, taken.at, Cause.MISSING, how="govern explain lifecycles"))
    return found


def _entitled(view: View, step: Step, taken: Transition) -> bool:
    match taken.by:
        case "anyone":
            return True
        case "member":
            return is_member(view, step.who, step.actor)
        case "authority" if step.kind == "leg":
            # Evidence is prepared, by agents too; only what is granted, decided or opened needs a person.
            return is_member(view, step.who, step.actor)
        case "authority":
            return word(view, step.who, step.actor, step.approvals) is not Word.NOTHING


_ENDS = {"consumed": Cause.CONSUMED, "completed": Cause.CONSUMED, "revoked": Cause.REVOKED}


def _no_way(view: View, step: Step) -> Requirement:
    place = view.policy.lifecycles.of(step.kind).at
    why = f"{step.kind} {step.name} is {step.source}, and no way leads from there by `{step.trigger}`"
    cause = _ENDS.get(step.source, Cause.REFUSED)
    return Requirement(f"{step.kind}:{step.name}", step.kind, truth=False, why=why, at=place, cause=cause, how="govern explain lifecycles", record=step.record)
