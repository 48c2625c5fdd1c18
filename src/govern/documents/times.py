"""Times as documents print them: UTC, and the programme's own zone beside it.

Reads the system's time zone database; the same database gives the same bytes.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from govern.ledger.moments import spell_time
from govern.policy.model import Policy


def spell_local(seconds: int, policy: Policy) -> str:
    """Return a moment in UTC, with the programme's local time where it has a zone of its own."""
    utc = spell_time(seconds)
    zone = policy.programme.timezone
    if zone is None or zone == "UTC":
        return utc
    local = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return f"{utc} ({local:%Y-%m-%d %H:%M} {zone})"
