"""Times: parsing, bounds and clock changes."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.domain.times import EARLIEST, LATEST, end_of, moment_fault, moment_from, start_of

BERLIN = ZoneInfo("Europe/Berlin")
A_MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        (EARLIEST, True),
        (LATEST - A_MOMENT, True),
        (EARLIEST - A_MOMENT, False),
        (LATEST, False),
        (datetime.min.replace(tzinfo=BERLIN), False),
        (datetime.max.replace(tzinfo=BERLIN), False),
    ],
)
def test_the_bounds_of_the_calendar(moment, good):
    assert (moment_fault(moment) is None) is good


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T19:30:00Z", datetime(2026, 11, 20, 19, 30, tzinfo=UTC)),
        (" 2026-11-20 19:30+05:30 ", datetime(2026, 11, 20, 14, 0, tzinfo=UTC)),
        ("2026-11-20T19:30:00", datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        ("2026-07-20T19:30:00.5", datetime(2026, 7, 20, 17, 30, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_naive_time_is_in_the_cinemas_zone(text, moment):
    read = moment_from(text, BERLIN)
    assert read == moment
    assert read.tzinfo is UTC  # and not another zone with the same offset
    assert start_of(text, BERLIN) == end_of(text, BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-11-20", "20:00", "2026-13-01T00:00Z", "2026-11-20T25:00Z"),
        *("1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
        *("9999-12-31T23:59:59-14:00", "\x00", "\ud800"),
    ],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match="ISO 8601"):
        moment_from(text, BERLIN)


def test_a_time_skipped_when_clocks_go_forward_is_refused():
    message = r"^There is no 02:30 on 2027-03-28 in Europe/Berlin: the clocks go forward then\.$"
    for read in (moment_from, start_of, end_of):
        with pytest.raises(ValueError, match=message):
            read("2027-03-28T02:30", BERLIN)
    assert moment_from("2027-03-28T02:30+01:00", BERLIN) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_a_bare_date_is_the_whole_day_in_the_cinemas_zone():
    """Also on the day of 25 hours, when summer time ends."""
    begin, end = start_of("2026-10-25", BERLIN), end_of("2026-10-25", BERLIN)
    assert begin == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert end - begin == timedelta(hours=25)


@given(st.text() | st.datetimes().map(str) | st.dates().map(str))
def test_any_text_is_a_time_or_refused(text):
    for read in (moment_from, start_of, end_of):
        try:
            assert moment_fault(read(text, BERLIN)) is None
        except ValueError as refusal:
            assert re.search("ISO 8601|the clocks go forward", str(refusal))


def test_lower_case_rfc_3339_is_accepted():
    assert moment_from("2027-07-01t12:00:00z", UTC) == datetime(2027, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-30", "2200-01-02", "9999-12-31"])
def test_a_day_beyond_the_calendar_is_refused(day):
    for read in (start_of, end_of):
        with pytest.raises(ValueError, match="ISO 8601"):
            read(day, BERLIN)
