"""Times: always aware, and in the years that a cinema can mean."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def moment_fault(value: datetime) -> str | None:
    """Return what is wrong with the aware ``value``, or None.

    Within these bounds, arithmetic never leaves the calendar of any store.
    """
    if EARLIEST <= value < LATEST:
        return None
    return f"A time from {EARLIEST.year} to {LATEST.year - 1} is required."


def moment_from(text: str, zone: tzinfo) -> datetime:
    """Return the UTC time of an ISO 8601 date and time; a naive one is in ``zone``.

    In an hour that occurs twice, when clocks go back, it is the first. Raises ValueError with the
    reason: no such format, or the time does not exist in ``zone``, when clocks go forward.
    """
    if _day(text) is not None:
        raise ValueError(_REQUIRED)
    try:
        named = datetime.fromisoformat(text.strip().upper())
    except ValueError as error:
        raise ValueError(_REQUIRED) from error
    moment = _in_utc(named if named.tzinfo else named.replace(tzinfo=zone))
    if named.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != named:
        raise ValueError(
            f"There is no {named:%H:%M} on {named:%Y-%m-%d} in {zone}: the clocks go forward then."
        )
    return moment


def start_of(text: str, zone: tzinfo) -> datetime:
    """Return the time in ``text``, or the start of a bare date. Raises ValueError."""
    day = _day(text)
    return _in_utc(datetime.combine(day, time(), zone)) if day else moment_from(text, zone)


def end_of(text: str, zone: tzinfo) -> datetime:
    """Return the time in ``text``, or the end of a bare date. Raises ValueError."""
    day = _day(text)
    if day is None or day == date.max:  # which has no next day, and is out of bounds
        return moment_from(text, zone)
    return _in_utc(datetime.combine(day + timedelta(days=1), time(), zone))


_REQUIRED = (
    "A date and time is required (ISO 8601), such as 2026-11-20T19:30:00Z, "
    f"in the years {EARLIEST.year} to {LATEST.year - 1}."
)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime:
    """Raises ValueError for a time outside the bounds."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_REQUIRED) from error
    if moment_fault(moment):
        raise ValueError(_REQUIRED)
    return moment
