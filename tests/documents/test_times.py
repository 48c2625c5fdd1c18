"""Times are printed in UTC, and beside it in the programme's own zone."""

import pytest

from govern.documents.times import spell_local
from govern.ledger.moments import parse_time
from govern.policy.load import load_policy
from support.faults import SMALL, changed


@pytest.mark.parametrize(
    ("zone", "moment", "printed"),
    [
        (None, "2026-06-12T00:00:00Z", "2026-06-12T00:00:00Z"),
        ("UTC", "2026-06-12T00:00:00Z", "2026-06-12T00:00:00Z"),
        ("Europe/Zurich", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z (2026-03-29 01:59 Europe/Zurich)"),
        ("Europe/Zurich", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z (2026-03-29 03:00 Europe/Zurich)"),
        ("Europe/Zurich", "2026-10-25T00:59:59Z", "2026-10-25T00:59:59Z (2026-10-25 02:59 Europe/Zurich)"),
        ("Europe/Zurich", "2026-10-25T01:00:00Z", "2026-10-25T01:00:00Z (2026-10-25 02:00 Europe/Zurich)"),
        ("Asia/Kathmandu", "2026-12-31T18:15:00Z", "2026-12-31T18:15:00Z (2027-01-01 00:00 Asia/Kathmandu)"),
    ],
)
def test_a_moment_is_printed_in_utc_and_in_the_zone_of_the_programme(zone: str | None, moment: str, printed: str) -> None:
    declared = changed(("title: A small programme", f"title: A small programme, timezone: {zone}")) if zone else SMALL
    assert spell_local(parse_time(moment), load_policy(declared.encode())) == printed
