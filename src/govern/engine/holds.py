"""How a packet stands: HOLD by default, decided, by a refusal or for want of an answer, or an option is selected.

Pure. The four kinds of HOLD are told apart here alone.
"""

from dataclasses import dataclass
from typing import Literal

from govern.engine.view import View
from govern.ledger.moments import spell_time
from govern.policy import find

Answer = Literal["none", "hold", "refused", "no-response", "selected"]


@dataclass(frozen=True, slots=True)
class Held:
    """How a packet stands: since when, for how many seconds, and whether anybody answered, by which record."""

    since: int | None
    seconds: int
    answer: Answer
    record: int | None


def held(packet: str, view: View) -> Held:
    """Return how long a packet has stood as it does, and what the answer to it was; the four kinds of HOLD are never one."""
    standing, declared = view.packet(packet), view.policy.packets[packet]
    since = standing.issued_at if standing.decision is None else standing.decided_at
    seconds = max(0, view.now - since) if since is not None else 0
    if standing.decision is not None:
        answer: Answer = "hold" if standing.selected == find.hold_of(declared).id else "selected"
        return Held(since, seconds, answer, standing.decision)
    if standing.refused:
        return Held(since, seconds, "refused", max(standing.refused.values()))
    limit = declared.respond_within
    late = since is not None and limit is not None and view.now >= since + limit
    return Held(since, seconds, "no-response" if late else "none", None)


def respond_state(packet: str, view: View) -> str:
    """Return which of four things a packet's HOLD is, or that an option is selected, in words."""
    found = held(packet, view)
    match found.answer:
        case "hold":
            return "HOLD (decided)"
        case "refused":
            return f"HOLD ({', '.join(view.packet(packet).refused)} refused)"
        case "no-response":
            limit = view.policy.packets[packet].respond_within
            assert found.since is not None, "who did not answer in time was asked"
            assert limit is not None, "where there is no limit nobody is late"
            return f"HOLD (no response by {spell_time(found.since + limit)})"
        case "none":
            return "HOLD (default)"
        case "selected":  # pragma: no branch - the answers are these
            return "selected"
