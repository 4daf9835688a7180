"""Moments: always aware, and within the calendar that a cinema can mean."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def moment_fault(value: datetime) -> str | None:
    """What is wrong with an aware ``value`` as a time of this box office, if anything.

    The bounds keep every sum that is made with it within the calendar of every store.
    """
    if EARLIEST <= value < LATEST:
        return None
    return f"A time from {EARLIEST.year} to {LATEST.year - 1} is wanted."


def moment_from(text: str, zone: tzinfo) -> datetime:
    """The moment, in UTC, that an ISO 8601 date and time names; a naive one is in ``zone``.

    Of an hour that comes twice, when clocks go back, it is the first. Raises ValueError that says
    what is wanted, or that the time is left out there, when clocks go forward.
    """
    if _day(text) is not None:
        raise ValueError(_WANTED)
    try:
        named = datetime.fromisoformat(text.strip().upper())
        moment = _within_bounds(named if named.tzinfo else named.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise ValueError(_WANTED) from error
    if named.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != named:
        raise ValueError(
            f"There is no {named:%H:%M} on {named:%Y-%m-%d} in {zone}: the clocks go forward then."
        )
    return moment


def start_of(text: str, zone: tzinfo) -> datetime:
    """The moment that ``text`` names, or at which a bare date begins. Raises ValueError."""
    day = _day(text)
    return moment_from(text, zone) if day is None else _midnight(day, zone)


def end_of(text: str, zone: tzinfo) -> datetime:
    """The moment that ``text`` names, or at which a bare date is over. Raises ValueError."""
    day = _day(text)
    return moment_from(text, zone) if day is None else _midnight(day, zone, days_later=1)


_WANTED = (
    "A date and time is wanted (ISO 8601), such as 2026-11-20T19:30:00Z, "
    f"in the years {EARLIEST.year} to {LATEST.year - 1}."
)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _midnight(day: date, zone: tzinfo, days_later: int = 0) -> datetime:
    try:
        midnight = datetime.combine(day + timedelta(days=days_later), time(), zone)
        return _within_bounds(midnight)
    except OverflowError as error:
        raise ValueError(_WANTED) from error


def _within_bounds(moment: datetime) -> datetime:
    """Raises ValueError, and OverflowError beyond the calendar."""
    moment = moment.astimezone(UTC)
    if moment_fault(moment):
        raise ValueError(_WANTED)
    return moment
