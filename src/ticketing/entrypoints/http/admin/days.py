"""Days and times as the cinema's clock on the wall has them."""

from datetime import UTC, date, datetime, time, timedelta

from flask import request

from ticketing.domain.times import EARLIEST, LATEST
from ticketing.entrypoints.http.web.context import config

DAY = timedelta(days=1)
_FIRST, _LAST = EARLIEST.date() + 14 * DAY, LATEST.date() - 14 * DAY
"""A week and more within the calendar, so that the days and weeks around them are in it too."""


def local(moment: datetime) -> datetime:
    return moment.astimezone(config().timezone)


def clock(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def day_and_clock(moment: datetime) -> str:
    return f"{local(moment):%a %d %b %Y, %H:%M}"


def _today() -> date:
    return local(datetime.now(UTC)).date()


def day_asked() -> date:
    """That of the query string; today where there is none, or none that a cinema can mean."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return _today()
    return day if _FIRST <= day <= _LAST else _today()


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The moment when the clock on the wall shows that."""
    return datetime.combine(day, time(hour, minute), config().timezone).astimezone(UTC)
