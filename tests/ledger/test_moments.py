from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.ledger.moments import parse_stored, parse_time, spell_time

LAST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
FIRST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())

NO_TIME = {
    "no offset": "2026-06-12T09:30:00",
    "a bare date": "2026-06-12",
    "no seconds": "2026-06-12T09:30Z",
    "a fraction": "2026-06-12T09:30:00.5Z",
    "a space for the T": "2026-06-12 09:30:00Z",
    "a week date": "2026-W24-5T09:30:00Z",
    "a day of the year": "2026-163T09:30:00Z",
    "the basic form": "20260612T093000Z",
    "the basic form with a fraction": "20260612T093000.123Z",
    "an offset without a colon": "2026-06-12T09:30:00+0200",
    "an offset in hours": "2026-06-12T09:30:00+02",
    "an offset with seconds": "2026-06-12T09:30:00+02:00:30",
    "a name of a zone": "2026-06-12T09:30:00 CEST",
    "the offset of no hour": "2026-06-12T09:30:00+24:00",
    "the 30th of February": "2026-02-30T09:30:00Z",
    "the 29th of February of a common year": "2025-02-29T09:30:00Z",
    "a thirteenth month": "2026-13-12T09:30:00Z",
    "month zero": "2026-00-12T09:30:00Z",
    "day zero": "2026-06-00T09:30:00Z",
    "hour 24": "2026-06-12T24:00:00Z",
    "minute 60": "2026-06-12T09:60:00Z",
    "a leap second": "2026-06-30T23:59:60Z",
    "year zero": "0000-06-12T09:30:00Z",
    "five digits of a year": "12026-06-12T09:30:00Z",
    "a sign": "-026-06-12T09:30:00Z",
    "digits that are not ASCII": "٢026-06-12T09:30:00Z",
    "space around": " 2026-06-12T09:30:00Z ",
    "a moment before the year 1 of UTC": "0001-01-01T00:00:00+00:01",
    "a moment after the year 9999 of UTC": "9999-12-31T23:59:59-00:01",
    "a line end": "2026-06-12T09:30:00Z\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", NO_TIME.values(), ids=NO_TIME.keys())
def test_what_is_no_rfc_3339_time_with_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)^`.*` (is no time such as 2026-06-12T09:30:00\+02:00|does not exist: .+)$"):
        parse_time(text)


@pytest.mark.parametrize("text", [*NO_TIME.values(), "2026-06-12t09:30:00z", "2026-06-12T09:30:00+00:00", "2026-06-12T09:30:00-00:00"])
def test_a_stored_time_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)^`.*` (is not in the stored form 2026-06-12T07:30:00Z|does not exist: .+)$"):
        parse_stored(text)


@pytest.mark.parametrize(
    "text",
    ["2026-06-12T09:30:00+02:00", "2026-06-12t07:30:00z", "2026-06-12T07:30:00-00:00", "2026-06-11T23:30:00-08:00", "2026-06-13T07:29:00+23:59"],
)
def test_offsets_and_lower_case_mean_the_same_moment(text: str) -> None:
    assert spell_time(parse_time(text)) == "2026-06-12T07:30:00Z"


@pytest.mark.parametrize(("text", "seconds"), [("0001-01-01T00:00:00+00:00", FIRST), ("9999-12-31T23:59:59-00:00", LAST)])
def test_the_first_and_the_last_second_of_the_calendar_can_be_stored(text: str, seconds: int) -> None:
    assert parse_time(text) == seconds
    assert parse_stored(spell_time(seconds)) == seconds


def test_the_29th_of_february_of_a_leap_year_is_a_day() -> None:
    assert spell_time(parse_time("2024-02-29T00:00:00Z")) == "2024-02-29T00:00:00Z"


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.integers(min_value=FIRST, max_value=LAST))
def test_a_moment_survives_its_stored_spelling(seconds: int) -> None:
    text = spell_time(seconds)
    assert parse_stored(text) == parse_time(text) == seconds
    assert len(text) == 20


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.integers(min_value=FIRST, max_value=LAST), min_size=2, max_size=2))
def test_stored_times_sort_like_the_moments(moments: list[int]) -> None:
    assert sorted(map(spell_time, moments)) == list(map(spell_time, sorted(moments)))


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(max_size=25))
def test_any_other_text_is_refused_or_means_what_it_is_spelled_as(text: str) -> None:
    try:
        seconds = parse_stored(text)
    except ValueError:
        return
    assert spell_time(seconds) == text
