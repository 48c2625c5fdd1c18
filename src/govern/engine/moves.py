"""The ways of a lifecycle as a table: one look-up for each act, the same answer as the machine of `transitions`.

Pure. `tests/engine/test_machine.py` holds the two equal over random lifecycles.
"""

from typing import NamedTuple

from govern.engine.authority import Word, is_member, word
from govern.engine.causes import Cause, Requirement, failing
from govern.engine.judge import judge
from govern.engine.leaves import cause_of_state
from govern.engine.refusing import refusal
from govern.engine.view import View
from govern.policy import find
from govern.policy.lifecycles import Kind, Lifecycle, Transition, Trigger
from govern.policy.model import Policy
from govern.policy.who import Who


def way(policy: Policy, kind: Kind, trigger: Trigger, source: str) -> Transition | None:
    """Return the transition that an act takes from a state, or None where there is none."""
    lifecycle: Lifecycle = getattr(policy.lifecycles, kind)
    return lifecycle.ways.get((trigger, source))


class Step(NamedTuple):
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
        found.append(_not_entitled(view, step, taken))
    if taken.when is not None:
        judged = judge(taken.when, view)
        if judged.truth is not True:
            why = f"the {step.kind} lifecycle guards `{step.trigger}`, and its guard does not hold"
            cause = Cause.UNKNOWN if judged.truth is None else Cause.MISSING
            found.append(Requirement(f"way:{step.trigger}", "way", judged.truth, why, taken.at, cause, how="govern explain lifecycles"))
            found += failing(judged)
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
        case "authority":  # pragma: no branch - the entitlements are these
            return word(view, step.who, step.actor, step.approvals) is not Word.NOTHING


def _not_entitled(view: View, step: Step, taken: Transition) -> Requirement:
    by = find.everyone(view.policy, step.who)
    if step.actor in step.approvals:
        by = tuple(each for each in by if each not in step.approvals)
        cause, why = Cause.QUORUM, f"the word of {step.actor} for {step.kind} {step.name} is already on record; another's is wanted"
    else:
        cause, why = Cause.UNAUTHORISED, f"{step.actor} may not {step.trigger} {step.kind} {step.name}; that is for {find.spell_who(step.who)}"
    return refusal(f"authority:{step.trigger}", cause, why, taken.at, by=by)


def _no_way(view: View, step: Step) -> Requirement:
    place = view.policy.lifecycles.of(step.kind).at
    why = f"{step.kind} {step.name} is {step.source}, and no way leads from there by `{step.trigger}`"
    cause = cause_of_state(view.policy.lifecycles.of(step.kind), step.source) or Cause.REFUSED
    return Requirement(f"{step.kind}:{step.name}", step.kind, truth=False, why=why, at=place, cause=cause, how="govern explain lifecycles", record=step.record)
