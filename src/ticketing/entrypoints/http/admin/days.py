"""Days and times in the cinema's time zone."""

from datetime import UTC, date, datetime, time, timedelta

from flask import request

from ticketing.domain.times import EARLIEST, LATEST
from ticketing.entrypoints.http.web.context import config

DAY = timedelta(days=1)
_FIRST, _LAST = EARLIEST.date() + 14 * DAY, LATEST.date() - 14 * DAY
"""Two weeks within the calendar, so that the neighbouring days and weeks exist."""


def local_time(moment: datetime) -> datetime:
    return moment.astimezone(config().timezone)


def clock(moment: datetime) -> str:
    return f"{local_time(moment):%H:%M}"


def day_and_clock(moment: datetime) -> str:
    return f"{local_time(moment):%a %d %b %Y, %H:%M}"


def requested_day() -> date:
    """The day of ``?day=``; today if it is missing or out of range."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return _today()
    return day if _FIRST <= day <= _LAST else _today()


def _today() -> date:
    return local_time(datetime.now(UTC)).date()


def utc_of(day: date, hour: int = 0) -> datetime:
    """The UTC time of an hour of the cinema's day."""
    return datetime.combine(day, time(hour), config().timezone).astimezone(UTC)
