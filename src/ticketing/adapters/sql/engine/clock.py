"""The time of a decision."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, literal, select

from ticketing.adapters.sql.tables.columns import UtcDateTime

Clock = Callable[[], datetime]

UNREAD: ColumnElement[datetime] = literal(None, UtcDateTime)
"""A column for the time where the process tells it."""


def system_clock() -> datetime:
    return datetime.now(UTC)


class StoreClock:
    """The database's clock, which all servers share, or ``clock``, for tests and for SQLite.

    It is read once, after the locks: with the show where one is locked, else when asked for.
    """

    def __init__(
        self,
        connection: Connection,
        database_clock: ColumnElement[datetime] | None,
        clock: Clock | None,
    ) -> None:
        self._connection = connection
        self._clock = clock
        if clock is None and database_clock is None:
            self._clock = system_clock
        self.column = UNREAD if self._clock or database_clock is None else database_clock
        self._now: datetime | None = None

    def stamp(self) -> datetime:
        """About the time; no decision rests on it."""
        return (self._clock or system_clock)()

    def set(self, read: datetime) -> None:
        """What ``column`` said in a statement that came after the locks."""
        self._now = self._clock() if self._clock else read

    def now(self) -> datetime:
        if self._now is None:
            read = self._clock or self._connection.scalars(select(self.column)).one
            self._now = read()
        return self._now
