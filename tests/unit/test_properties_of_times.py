"""Properties of all times, also on days when clocks change."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ticketing.domain.times import EARLIEST, LATEST, end_of, moment_from, start_of

A_MOMENT = timedelta(microseconds=1)
ZONES = [
    *("UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"),
    *("America/Santiago", "Asia/Beirut", "America/Havana"),  # clocks change at midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # had no 30 December 2011
]

zones = st.sampled_from(ZONES).map(ZoneInfo)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
inside = st.datetimes(
    EARLIEST.replace(tzinfo=None) + timedelta(days=2), LATEST.replace(tzinfo=None) - timedelta(2)
)
days = inside.map(datetime.date)


@given(inside, offsets, zones)
def test_an_offset_overrides_the_cinemas_zone(naive, offset, zone):
    moment = naive.replace(tzinfo=offset)
    assert moment_from(moment.isoformat(), zone) == moment


@given(inside, zones)
def test_a_time_is_parsed_as_it_was_formatted(naive, zone):
    moment = naive.replace(tzinfo=UTC)
    there = moment.astimezone(zone)
    again = moment_from(there.replace(tzinfo=None).isoformat(), zone)
    assert again == moment if there.fold == 0 else again < moment  # an hour that occurs twice


@given(inside, zones)
@example(datetime(2026, 3, 29, 1, 0), ZoneInfo("Europe/London"))
@example(datetime(2026, 3, 29, 1, 59), ZoneInfo("Europe/London"))
@example(datetime(2026, 3, 29, 2, 0), ZoneInfo("Europe/London"))
@example(datetime(2026, 10, 4, 2, 15), ZoneInfo("Australia/Lord_Howe"))
@example(datetime(2011, 12, 30, 12, 0), ZoneInfo("Pacific/Apia"))
def test_a_time_that_does_not_exist_is_refused(naive, zone):
    before, after = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if before < after:  # PEP 495: a time that is skipped
        with pytest.raises(ValueError, match="the clocks go forward then"):
            moment_from(naive.isoformat(), zone)
    else:
        assert moment_from(naive.isoformat(), zone).replace(tzinfo=None) == naive - before


@given(days, zones)
def test_a_day_ends_when_the_next_begins(day, zone):
    assert end_of(str(day), zone) == start_of(str(day + timedelta(days=1)), zone)


@given(days, zones)
@example(datetime(2011, 12, 30).date(), ZoneInfo("Pacific/Apia"))
@example(datetime(2026, 9, 6).date(), ZoneInfo("America/Santiago"))
@example(datetime(2026, 4, 5).date(), ZoneInfo("America/Santiago"))
def test_a_day_starts_at_its_first_moment(day, zone):
    begin = start_of(str(day), zone)
    assert (begin - A_MOMENT).astimezone(zone).date() < day <= begin.astimezone(zone).date()
