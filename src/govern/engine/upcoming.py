"""What comes next: the decisions that wait, and the acts that would open the options that are nearest.

Pure. Computed from what is unmet and who can act.
"""

from dataclasses import dataclass

from govern.engine.causes import Requirement, failing
from govern.engine.explain import next_acts
from govern.engine.holds import respond_state
from govern.engine.verdicts import Target, Verdict, judge_option, verdict
from govern.engine.view import View
from govern.engine.words import spell_requirement
from govern.policy import find


@dataclass(frozen=True, slots=True)
class Step:
    """Something that somebody can do next.

    `packet` is the one that waits for a decision, where it is that; of an act, `option` is the nearest that it is towards,
    and `clears` what of it does not hold yet.
    """

    actors: tuple[str, ...]
    words: str
    command: str
    packet: str = ""
    option: str = ""
    clears: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a current packet, and how far it is from open."""

    address: str
    number: str
    verdict: Verdict
    missing: int


def choices(view: View) -> list[Choice]:
    """Return the options of all current packets that are not HOLD, the nearest to open first."""
    return view.memo.once("choices", [], lambda: _choices(view))


def _choices(view: View) -> list[Choice]:
    found = []
    for name in view.current_packets():
        for option in view.policy.packets[name].options:
            if not option.hold:
                judged = Verdict(Target("option", f"{name}/{option.id}"), judge_option(name, option, view))
                missing = len(failing(judged.judged))
                found.append(Choice(judged.target.name, option.number, judged, missing))
    return sorted(found, key=lambda choice: choice.missing)


def upcoming(view: View) -> list[Step]:
    """Return the decisions that wait, then the acts that the nearest locked options ask for, each once."""
    steps: list[Step] = []
    for name in view.current_packets():
        declared = view.policy.packets[name]
        if view.packet(name).decision is None:
            state = respond_state(name, view)
            deciders = find.everyone(view.policy, declared.decided_by)
            words = f"decide {name}; until then {state}, {find.hold_of(declared).id}"
            steps.append(Step(deciders, words, f"govern decide {name}/… --as {deciders[0]}", name))
    seen: set[str] = set()
    for choice in choices(view):
        asked = {each.id: each for each in choice.verdict.requirements}
        for act in next_acts(choice.verdict):
            if act.command not in seen:
                seen.add(act.command)
                clears = tuple(asked[each] for each in act.clears)
                words = ", ".join(spell_requirement(each, view.policy) for each in clears)
                steps.append(Step(act.actors, f"{words} (towards option {choice.number})", act.command, option=choice.address, clears=clears))
    return steps


def why_closed(view: View) -> list[Verdict]:
    """Return the verdicts on all blockers, those with least missing first."""
    found = [verdict(Target("blocker", name), view) for name in view.policy.blockers]
    return sorted(found, key=lambda each: len(failing(each.judged)))
