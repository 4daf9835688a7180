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

    def page(self, ordered: Select[Any], window: Window, make: Callable[[Row[Any]], T]) -> Page[T]:
        """Return a page of the ``ordered`` rows, each row converted by ``make``."""
        return self(lambda connection: page(connection, ordered, window, make))


def page(
    connection: Connection, ordered: Select[Any], window: Window, make: Callable[[Row[Any]], T]
) -> Page[T]:
    """Return a page, as ``Reader.page`` does, on an open connection."""
    if window.offset and window.offset >= (total := _count(connection, ordered)):
        return Page([], total)
    rows = connection.execute(ordered.offset(window.offset).limit(window.limit)).all()
    if not window.offset:  # a first page that is not full is the whole list
        total = len(rows) if len(rows) < window.limit else _count(connection, ordered)
    return Page([make(row) for row in rows], total)


def _count(connection: Connection, ordered: Select[Any]) -> int:
    counted = select(func.count()).select_from(ordered.order_by(None).subquery())
    return connection.execute(counted).scalar_one()
