"""A ledger that is ahead of the clock: the time of a record is nobody's signed word, so it is told wherever something is judged."""

from govern.engine.state import State
from govern.ledger.lines import place_of
from govern.ledger.moments import spell_time
from govern.problems import Problem, Severity

# How far clocks may differ, in seconds.
SKEW = 300


def from_the_future(state: State, now: int, severity: Severity = "error") -> list[Problem]:
    """Return whether the last record is later than the clock: what it would open is not open yet."""
    if state.at <= now + SKEW:
        return []
    message = f"the last record says {spell_time(state.at)}, and the clock {spell_time(now)}"
    help = "one of the two is wrong; a window counts only if it is open at both, and nothing is recorded until that time"
    return [Problem("TIME_SKEW", message, place_of(state.size - 1), severity, help)]
