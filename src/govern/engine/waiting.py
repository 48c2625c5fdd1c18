"""Who waits together: decisions whose missing requirements rest on the same evidence, or on the same record.

Pure. One rehearsal can prove several legs; decisions that wait for it are one group, to be brought about once.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from govern.engine.causes import Requirement, failing
from govern.engine.judge import leg_proven
from govern.engine.upcoming import choices
from govern.engine.view import View
from govern.policy import find


@dataclass(frozen=True, slots=True)
class Together:
    """Decisions that wait for the same: options by PACKET/ID, what they wait for in words, the legs it would prove, who brings it about."""

    options: tuple[str, ...]
    words: tuple[str, ...]
    legs: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rests:
    """What a missing requirement rests on."""

    words: str
    leg: str = ""
    by: tuple[str, ...] = ()


def together(view: View) -> list[Together]:
    """Return the groups of two and more options of current packets that wait for the same, the largest first."""
    waiting: dict[str, dict[str, None]] = defaultdict(dict)
    known: dict[str, dict[_Rests, None]] = defaultdict(dict)
    for choice in choices(view):
        for rests in dict.fromkeys(each for requirement in failing(choice.verdict.judged) for each in _rests_on(requirement, view)):
            waiting[rests.words][choice.address] = None
            known[rests.words][rests] = None
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for words, options in waiting.items():
        if len(options) > 1:
            groups[_in_order(options, view)].append(words)
    found = [_together(options, words, known) for options, words in groups.items()]
    return sorted(found, key=lambda each: -len(each.options))


def _together(options: tuple[str, ...], words: list[str], known: dict[str, dict[_Rests, None]]) -> Together:
    rests = [each for word in words for each in known[word]]
    legs = tuple(dict.fromkeys(each.leg for each in rests if each.leg))
    return Together(options, tuple(words), legs, tuple(dict.fromkeys(actor for each in rests for actor in each.by)))


def _in_order(options: dict[str, None], view: View) -> tuple[str, ...]:
    declared = [f"{name}/{option.id}" for name in view.current_packets() for option in view.policy.packets[name].options]
    return tuple(address for address in declared if address in options)


def _rests_on(requirement: Requirement, view: View) -> Iterator[_Rests]:
    """Yield the evidence that a requirement waits for, or the record for which it does not hold."""
    name = requirement.name
    if requirement.kind == "leg" and name in view.policy.legs:
        yield from _evidence(name, view)
    elif requirement.kind == "blocker":
        blocker = name.partition("=")[0]
        legs = [f"{blocker}/{leg}" for leg, declared in view.policy.blockers[blocker].legs.items() if not declared.stands_in_for]
        yield from (each for path in legs if leg_proven(path, view) is not True for each in _evidence(path, view))
    elif requirement.record is not None:
        yield _Rests(f"what takes the place of record #{requirement.record}", by=requirement.by)


def _evidence(path: str, view: View) -> Iterator[_Rests]:
    leg = find.leg(view.policy, path)
    if leg.evidence:
        kind = "attestation" if leg.evidence.kind == "attest" else leg.evidence.kind
        yield _Rests(f"{kind} of {leg.evidence.of}", path, find.members(view.policy, leg.by))
