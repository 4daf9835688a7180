"""A database and how it is spoken to: the place where PostgreSQL and SQLite differ.

What differs stands in ``postgresql.py`` and ``sqlite.py``; everything else is written once,
against the ``Database`` that is described here.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table, event, exc
from sqlalchemy.engine import ExceptionContext

from ticketing.domain.errors import Busy

CHANGES_SCHEMA = "ticketing_changes_schema"
"""Execution option of a transaction that changes the schema: alone, and in its own time."""


class Database(Protocol):
    """An engine, and what its database wants done in a way of its own."""

    @property
    def engine(self) -> Engine: ...

    @property
    def clock(self) -> ColumnElement[datetime] | None:
        """The database's own time, where it has one that all servers share."""

    @property
    def file(self) -> Path | None:
        """Where it lies, if it is a file of this machine."""

    def turn_to_write(self) -> AbstractContextManager[None]:
        """Wait until it makes sense to begin a change."""

    def beginning_to_write(self, connection: Connection) -> Connection:
        """The connection, set up for a change."""

    def beginning_to_read(self, connection: Connection) -> Connection:
        """The connection, set up for reading."""

    def lock_table(self, connection: Connection, table: Table) -> None:
        """Let nobody else write the table until the transaction ends."""

    def new_booking_id(self, connection: Connection) -> dict[str, int]:
        """The id of a new booking as a column to insert; empty where the table counts it up."""

    def refusal(self, error: BaseException) -> Busy | None:
        """What a driver's error means while nothing is committed; None is a fault of ours."""

    def refusal_of_commit(self, error: BaseException) -> Busy:
        """What a driver's error means when it was the answer to a commit."""


def translate_errors(engine: Engine, refusal: Callable[[BaseException], Busy | None]) -> None:
    """Have the engine raise the domain's ``Busy`` for the driver errors that mean it."""

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        if busy := refusal(context.original_exception):
            raise busy  # and SQLAlchemy chains it to the driver's error


def connect(engine: Engine) -> Connection:
    """A connection of the pool. Raises Busy when none comes free in time."""
    try:
        return engine.connect()
    except exc.TimeoutError as error:  # the pool's own, which no event tells of
        raise Busy() from error


def pool_options(pool_size: int) -> dict[str, Any]:
    """A fixed number of connections; who finds none waits two seconds at most."""
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 2.0,
        "hide_parameters": True,  # parameters hold what no log should
    }
