"""What `status` says of leverage: what decisions and acts would unlock, how long a HOLD has lasted, and who waits for the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from govern.cli.output import counted, table
from govern.engine.holds import Held, held
from govern.engine.leverage import Leverage, Opening
from govern.engine.upcoming import Step, choices, upcoming
from govern.engine.view import View
from govern.engine.waiting import Together, together
from govern.ledger.moments import spell_time

# The acts of which it is looked up what they would open: the nearest.
_ACTS = 24
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class Weighed:
    """Everything that is open, with what it would unlock, the weightiest first."""

    packets: tuple[str, ...]
    held: Mapping[str, Held]
    options: Mapping[str, Opening | None]
    steps: tuple[tuple[Step, Opening | None], ...]
    together: tuple[Together, ...]


def weigh(view: View) -> Weighed:
    """Return the open decisions and the acts that come next, ordered by what they would unlock, then by age."""
    leverage = Leverage(view)
    options = {each.address: leverage.of_option(*each.address.split("/")) for each in choices(view)}
    standing = {name: held(name, view) for name in view.current_packets()}
    total = {name: _total(name, options) for name in standing}
    order = sorted(standing, key=lambda name: (standing[name].answer == "selected", -total[name], standing[name].since or 0))
    steps = upcoming(view)
    decisions = sorted((step for step in steps if step.packet), key=lambda step: order.index(step.packet))
    acts = [step for step in steps if not step.packet]
    near = [(step, leverage.of_act(step.command)) for step in acts[:_ACTS]]
    near.sort(key=lambda each: -_possible(each[1]))
    ahead = [(step, None) for step in (*decisions, *acts[_ACTS:])]
    return Weighed(tuple(order), standing, options, (*ahead[: len(decisions)], *near, *ahead[len(decisions) :]), tuple(together(view)))


def _total(packet: str, options: Mapping[str, Opening | None]) -> int:
    opened = Opening()
    for address, opening in options.items():
        if address.split("/")[0] == packet and opening is not None:
            opened |= opening
    return opened.count


def _possible(opening: Opening | None) -> int:
    """Return how much can be done then; that a leg is proven opens nothing by itself."""
    return opening.count - len(opening.legs) if opening else 0


class Unlocks(TypedDict):
    """What would become possible, as values of JSON."""

    options: list[str]
    lanes: list[str]
    actions: list[str]
    legs: list[str]


def opening_json(opening: Opening | None) -> Unlocks | None:
    """Return what is unlocked for a program; null where it was not, or could not be, supposed."""
    if opening is None:
        return None
    return Unlocks(options=list(opening.options), lanes=list(opening.lanes), actions=list(opening.actions), legs=list(opening.legs))


def held_json(standing: Held) -> dict[str, Any]:
    """Return how a packet stands for a program."""
    since = spell_time(standing.since) if standing.since is not None else None
    return {"since": since, "seconds": standing.seconds, "answer": standing.answer, "record": standing.record}


def together_json(group: Together) -> dict[str, Any]:
    """Return a group of decisions that wait for the same for a program."""
    return {"options": list(group.options), "waits_for": list(group.words), "legs": list(group.legs), "by": list(group.by)}


def spell_opening(opening: Opening | None) -> str:
    """Return what is unlocked in words, counted; nothing where it is nothing, or not known."""
    if opening is None:
        return ""
    parts = [counted(len(names), kind) for kind in ("option", "lane", "action", "leg") if (names := getattr(opening, f"{kind}s"))]
    return ", ".join(parts)


def spell_held(standing: Held) -> str:
    """Return how long a packet has stood as it does, and whether anybody answered."""
    if standing.since is None:
        return ""
    lasted = f" for {spell_age(standing.seconds)}, since {spell_time(standing.since)}"
    match standing.answer:
        case "none" | "no-response":
            return f"{lasted}; nobody has answered"
        case "refused":
            return f"{lasted}; answered by a refusal, record #{standing.record}"
        case "hold" | "selected":  # pragma: no branch - the answers are these
            return lasted


def spell_age(seconds: int) -> str:
    """Return a length of time in its largest whole unit."""
    for size, unit in _UNITS:
        if seconds >= size:
            return counted(seconds // size, unit)
    return "less than a minute"


def together_lines(groups: tuple[Together, ...], view: View) -> list[str]:
    """Return the groups of decisions that wait for the same evidence, each with what it is and who makes it."""
    if not groups:
        return []
    rows = [(_options(group.options, view), ", ".join(group.words), " or ".join(group.by)) for group in groups]
    return ["\nwait for the same", table(rows, "  ")]


def _options(addresses: tuple[str, ...], view: View) -> str:
    """Return options in words, by packet: `2 and 3 of NAME`."""
    numbers: dict[str, list[str]] = {}
    for address in addresses:
        packet, _, option_id = address.partition("/")
        numbers.setdefault(packet, []).extend(each.number for each in view.policy.packets[packet].options if each.id == option_id)
    told = [f"{', '.join(each[:-1])}{' and ' if each[:-1] else ''}{each[-1]} of {packet}" for packet, each in numbers.items()]
    return f"{counted(len(addresses), 'decision')}: {'; '.join(told)}"
