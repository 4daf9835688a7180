"""The time of a decision."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, select

from ticketing.adapters.sql.tables import UtcDateTime

Clock = Callable[[], datetime]

NO_TIME: ColumnElement[datetime] = literal(None, UtcDateTime)
"""The column for the time, where the process's clock is used."""


def system_clock() -> datetime:
    return datetime.now(UTC)


class QueryTime:
    """The time of a statement that reads the store: the same clock as ``StoreClock``.

    ``column`` has the parameter of ``values``. It is a subquery, so that a statement reads the
    database's clock once for all of its rows.
    """

    def __init__(self, database_clock: ColumnElement[datetime] | None, clock: Clock | None) -> None:
        self.column: ColumnElement[datetime] = bindparam("now", type_=UtcDateTime)
        self._clock = clock or system_clock
        self._reads_database = clock is None and database_clock is not None
        if database_clock is not None:
            now = func.coalesce(self.column, database_clock, type_=UtcDateTime)
            self.column = select(now).scalar_subquery()

    def values(self) -> dict[str, datetime | None]:
        return {"now": None if self._reads_database else self._clock()}


class StoreClock:
    """The database's clock, which all servers share, or ``clock``, for tests and for SQLite.

    It is read once, after the locks: together with a locked show, or on the first ``now()``.
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
        self.column = NO_TIME if self._clock or database_clock is None else database_clock
        self._now: datetime | None = None

    def stamp(self) -> datetime | None:
        """Return the time for a statement, which uses the database's clock if it is None."""
        return self._clock() if self._clock else None

    def set(self, read: datetime) -> None:
        """Set the time that a statement after the locks read from ``column``."""
        self._now = self._clock() if self._clock else read

    def now(self) -> datetime:
        if self._now is None:
            read = self._clock or self._connection.scalars(select(self.column)).one
            self._now = read()
        return self._now
