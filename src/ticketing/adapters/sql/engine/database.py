"""A database and how it is spoken to: the place where PostgreSQL and SQLite differ.

What differs stands in ``postgresql.py`` and ``sqlite.py``; everything else is written once,
against the ``Database`` that is described here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table, event, exc
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId

CHANGES_SCHEMA = "ticketing_changes_schema"
"""Execution option of a transaction that changes the schema: alone, and in its own time."""

MAX_ROWS_PER_DELETE = 1000
"""Rows that one statement deletes at most: locks are not held for long, and time-outs not met."""


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

    @property
    def telemetry(self) -> Telemetry:
        """Who watches it."""

    def write_turn(self) -> AbstractContextManager[None]:
        """Wait until it makes sense to begin a change."""

    def begin(self, connection: Connection) -> None:
        """Begin a change on a connection that was just opened."""

    def commit(self, connection: Connection) -> None:
        """Raises whatever the driver raises, or Busy: see ``refusal_of_commit``."""

    def roll_back(self, connection: Connection) -> None:
        """End a change that is not to be kept; nothing where it has ended already."""

    def lock_table(self, connection: Connection, table: Table) -> None:
        """Let nobody else write the table until the transaction ends."""

    @property
    def sale(self) -> "SaleStatements":
        """The statements of a sale, which have to be fast."""

    def refusal(self, error: BaseException) -> Busy | None:
        """What a driver's error means while nothing is committed; None is a fault of ours."""

    def refusal_of_commit(self, error: BaseException) -> Busy:
        """What a driver's error means when it was the answer to a commit."""


class SaleStatements(Protocol):
    """What a sale asks of the database, beside what everybody asks."""

    def lock_seats(
        self,
        connection: Connection,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        buyer: AccountId | None,
    ) -> Sequence[Any]:
        """Lock the buyer in the show and those seats, ascending, and then read the seats, with
        their show, the time, and how many seats the buyer owns.

        A row a seat; one without a seat where the show has none of them, none without the show.
        """

    def sell(self, connection: Connection, booking: Booking) -> tuple[BookingId, int]:
        """Insert the booking and write it on its seats: its id, and how many were free."""


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
