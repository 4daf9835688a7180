"""Run queries."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, func, select

from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.domain.paging import Page, Window

T = TypeVar("T")


class Reader:
    """Runs reads on connections of the pool, and retries while the store is busy."""

    def __init__(self, database: Database, retry: Retry | None = None) -> None:
        self._database = database
        self._retry = retry or Retry(telemetry=database.telemetry)

    def __call__(self, read: Callable[[Connection], T]) -> T:
        return self._retry(lambda: self._once(read))

    def _once(self, read: Callable[[Connection], T]) -> T:
        with connect(self._database.engine) as connection:
            return read(connection)

    def page(
        self,
        ordered: Select[Any],
        window: Window,
        make: Callable[[Row[Any]], T],
        max_whole_list: int = 0,
    ) -> Page[T]:
        """Return a page of the ``ordered`` rows, each row converted by ``make``.

        A list of fewer rows than ``max_whole_list`` is read as a whole, and need not be counted.
        """
        return self(lambda connection: page(connection, ordered, window, make, max_whole_list))


def page(
    connection: Connection,
    ordered: Select[Any],
    window: Window,
    make: Callable[[Row[Any]], T],
    max_whole_list: int = 0,
) -> Page[T]:
    """Return a page, as ``Reader.page`` does, on an open connection."""
    offset, limit = window.offset, window.limit
    if offset + limit <= max_whole_list:
        offset, limit = 0, max_whole_list
    if offset and offset >= (total := _count(connection, ordered)):
        return Page([], total)
    rows = connection.execute(ordered.offset(offset).limit(limit)).all()
    if not offset:  # what is not full is the whole list
        total = len(rows) if len(rows) < limit else _count(connection, ordered)
    wanted = rows[window.offset - offset :][: window.limit]
    return Page([make(row) for row in wanted], total)


def _count(connection: Connection, ordered: Select[Any]) -> int:
    counted = select(func.count()).select_from(ordered.order_by(None).subquery())
    return connection.execute(counted).scalar_one()
