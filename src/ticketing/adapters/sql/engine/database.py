"""The interface of a database: everything in which PostgreSQL and SQLite differ.

The folders ``postgresql`` and ``sqlite`` implement it; all other code is written once, against it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Table, event, exc
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import RequestKey
from ticketing.domain.sales.ports import SeatRequest

CHANGES_SCHEMA = "ticketing_changes_schema"
"""Execution option of a transaction that changes the schema: exclusive, and without time-out."""

MAX_ROWS_PER_DELETE = 1000
"""Bounds the time that locks are held, and keeps deletions below the statement time-out."""


class Database(Protocol):
    """An engine, and what its database does in its own way."""

    @property
    def engine(self) -> Engine: ...

    @property
    def pool_size(self) -> int:
        """The maximum number of connections."""

    @property
    def clock(self) -> ColumnElement[datetime] | None:
        """The database's current time, if all servers share it."""

    @property
    def file(self) -> Path | None:
        """The path of the database, if it is a local file."""

    @property
    def telemetry(self) -> Telemetry:
        """Where it reports to."""

    def write_turn(self) -> AbstractContextManager[None]:
        """Wait for this writer's turn."""

    @property
    def is_distributed(self) -> bool:
        """Whether shows are on several machines. Raises Busy."""

    def begin(self, connection: Connection, *, brief: bool = False) -> None:
        """Begin a write transaction on a new connection.

        A ``brief`` one is refused where it would wait long for a lock.
        """

    def commit(self, connection: Connection) -> None:
        """Commit. Raises the driver's errors or Busy: see ``refusal_of_commit``."""

    def roll_back(self, connection: Connection) -> None:
        """Roll back; does nothing if the transaction has ended."""

    def lock_table(self, connection: Connection, table: Table) -> None:
        """Keep other transactions from writing the table."""

    def sale(self, connection: Connection) -> "SaleStatements":
        """Return the statements of sales, tuned for the database, after ``begin``."""

    def refusal(self, error: BaseException) -> Busy | None:
        """Return what a driver's error before the commit means; None for a bug of ours."""

    def refusal_of_commit(self, error: BaseException) -> Busy:
        """Return what a driver's error means in answer to a commit."""


class Locks(NamedTuple):
    """The seats and the buyers that a transaction has locked; None where it has locked all."""

    seats: frozenset[tuple[ShowId, SeatNumber]] | None = None
    buyers: frozenset[tuple[ShowId, AccountId]] | None = None

    def cover(self, request: SeatRequest) -> bool:
        """Return whether it has locked the seats of the request, and its buyer if it has one."""
        show_id, numbers, _, buyer = request
        has_seats = self.seats is None or self.seats.issuperset((show_id, n) for n in numbers)
        has_buyer = buyer is None or self.buyers is None or (show_id, buyer) in self.buyers
        return has_seats and has_buyer


class SaleStatements(Protocol):
    """The statements on the hot path of sales, each for a whole batch."""

    def claim_keys(
        self, connection: Connection, keys: Mapping[RequestKey, str], at: datetime | None
    ) -> Collection[RequestKey]:
        """Insert the keys, ascending, with their fingerprints; return those that were new.

        ``at`` is None for the time of the database's clock.
        """

    def keep_answers(self, connection: Connection, answers: Mapping[RequestKey, str]) -> None:
        """Store the answers in the rows of their keys."""

    def lock_seats(
        self,
        connection: Connection,
        requests: Sequence[SeatRequest],
        stamp: Callable[[], datetime | None],
        *,
        wait: bool,
    ) -> tuple[Locks, Sequence[Any]]:
        """Lock the buyers and the seats, ascending; then read what ``seats_with_shows`` selects.

        ``stamp``, called after the locks, returns the time, or None for that of the database's
        clock. Without ``wait``, skip those that other transactions have locked, and seats that are
        sold.
        """

    def lock_customers(
        self,
        connection: Connection,
        show_id: ShowId,
        customers: Collection[AccountId],
        *,
        wait: bool,
    ) -> Collection[AccountId]:
        """Lock the customers in the show; return those that were locked: all if it may ``wait``."""

    def lock_show(self, connection: Connection, show_id: ShowId, *, wait: bool) -> None:
        """Lock the show's row, for which sales by name do not wait. Raises Locked."""

    def sell(self, connection: Connection, bookings: Sequence[Booking]) -> Sequence[BookingId]:
        """Insert the bookings and assign their seats; return their ids, in the same order.

        The seats no longer carry a hold. Raises Busy if one was sold.
        """

    def add_holds(self, connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
        """Insert the holds, and let their seats carry them.

        Raises Busy if a seat is sold, or carries another hold that is live at ``now``.
        """

    def save_holds(self, connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
        """Update the holds; free the seats that left them, and let those they have carry them.

        Raises Busy as ``add_holds`` does, and if a hold was purged.
        """


def translate_errors(engine: Engine, refusal: Callable[[BaseException], Busy | None]) -> None:
    """Make the engine raise ``Busy`` for the driver errors that mean it."""

    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        if busy := refusal(context.original_exception):
            raise busy  # and SQLAlchemy chains it to the driver's error


def connect(engine: Engine) -> Connection:
    """Return a connection of the pool. Raises Busy if none is free in time."""
    try:
        return engine.connect()
    except exc.TimeoutError as error:  # raised by the pool, not by the driver
        raise Busy() from error


def pool_options(pool_size: int) -> dict[str, Any]:
    """Return options for a fixed number of connections, and at most 2 s waiting for one."""
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 2.0,
        "hide_parameters": True,  # parameters contain personal data
    }
