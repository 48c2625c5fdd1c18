"""The smallest ways as text: what opens a thing or closes it, what they share told once, and who cannot act today."""

from collections.abc import Iterator, Sequence

from govern.cli.output import counted
from govern.engine.explain import next_acts
from govern.engine.hands import hands
from govern.engine.unlocking import Unlock
from govern.engine.upholding import Closing, Support
from govern.engine.verdicts import Verdict
from govern.engine.view import View

_SHOWN = 3
_NAMED = 2
_MANY = 10**6


def unlock_lines(found: Unlock) -> list[str]:
    """Return the ways that open a thing; where there is one alone, what is missing has said it."""
    if not found.sets:
        return ["No act opens it." if found.exact else "No way that opens it was found, and not all were looked at."]
    if found.count == 1 and found.exact:
        return []
    return list(_ways(f"{_counted(found.count, exact=found.exact)} open{'s' if found.count == 1 else ''} it", found.sets, found.says))


def kept_out_lines(verdict: Verdict, found: Unlock, view: View) -> list[str]:
    """Return who could act and cannot today, by the reason."""
    reasons: dict[str, dict[str, None]] = {}
    for act in next_acts(verdict, found):
        for hand in hands(act.command, act.actors, view):
            if not hand.able:
                reasons.setdefault(hand.against, {})[hand.actor] = None
    return [f"not today: {', '.join(actors)}; {why}" for why, actors in reasons.items()]


def closing_lines(found: Closing) -> list[str]:
    """Return the records that hold an allowed thing up: what to take away to close it, with the commands."""
    if not found.sets:
        return ["No record that can be taken away holds it up."] if found.exact else ["No way to close it was found, and not all were looked at."]
    says = "smallest" if found.exact else "minimal, not shown smallest"
    lines = [f"{_counted(found.count, exact=found.exact)} close{'s' if found.count == 1 else ''} it; the {says}:"]
    for each in found.sets[:_SHOWN]:
        lines += list(_support_lines(each))
    return [*lines, *_rest(found.count)]


def _support_lines(supports: Sequence[Support]) -> Iterator[str]:
    for place, support in enumerate(supports):
        yield f"  {'  + ' if place else ''}#{support.record}  {support.command}"


def _ways(head: str, sets: Sequence[Sequence[str]], says: str) -> Iterator[str]:
    shown = sets[:_SHOWN]
    shared = [name for name in shown[0] if all(name in each for each in shown)] if len(shown) > 1 else []
    yield f"{head}; the {says} take {_named(shared)}, and one of:" if shared else f"{head}; the {says}:"
    for each in shown:
        yield f"  {' + '.join(name for name in each if name not in shared)}"
    yield from _rest(len(sets))


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")


def _rest(count: int) -> list[str]:
    return ["  …"] if count > _SHOWN else []


def _counted(count: int, *, exact: bool) -> str:
    told = counted(count, "way") if count < _MANY else f"more than 2^{count.bit_length() - 1} ways"
    return told if exact else f"at least {told}"
