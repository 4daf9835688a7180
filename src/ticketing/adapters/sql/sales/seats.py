"""The seats of shows as rows, and the locks of a sale."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal_column, select

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import SaleStatements
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.tables import bookings, seat_is_free, show_seats, shows
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plan import SeatNumber, SeatPlan
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.ports import LockedSeats
from ticketing.domain.sales.selling import ShowSeat

_ZERO: ColumnElement[int] = literal_column("0")  # no parameter: the statement may be prepared


def seats_with_show(
    show_id: Any, which: ColumnElement[bool], buyer: Any, now: ColumnElement[datetime]
) -> Select[Any]:
    """Select seats, ascending, each with its show; one row without a seat if none matches.

    ``owned`` is how many seats of the show the buyer owns, 0 where the buyer is NULL.
    """
    of_show = (show_seats.c.show_id == shows.c.id) & which
    owned = (
        select(func.coalesce(func.sum(func.json_array_length(bookings.c.seat_numbers)), _ZERO))
        .where(bookings.c.show_id == show_id, bookings.c.account_id == buyer)
        .where(bookings.c.cancelled_at.is_(None))
        .scalar_subquery()
    )
    columns = [show_seats.c.number, show_seats.c.booking_id, *SHOW_COLUMNS]
    return (
        select(*columns, owned.label("owned"), now.label("now"))
        .select_from(SHOWS_WITH_ALL.outerjoin(show_seats, of_show))
        .where(shows.c.id == show_id)
        .order_by(show_seats.c.number)
    )


class SqlSeats:
    """The ``Seats`` port. Every locking read names its show, as a distributed store requires."""

    def __init__(
        self, connection: Connection, sale: SaleStatements, plans: SeatPlanCache, time: StoreClock
    ) -> None:
        self._connection = connection
        self._sale = sale
        self._plans = plans
        self._time = time

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        if current:
            self._plans.discard_plan(show_id)
        return self._plans.plan(show_id, lambda: self._read_plan(show_id))

    def _read_plan(self, show_id: ShowId) -> SeatPlan:
        columns = select(shows.c.total_seats, shows.c.seats_per_row)
        row = self._connection.execute(columns.where(shows.c.id == show_id)).first()
        if row is None:
            raise ShowNotFound()
        return SeatPlan(row.total_seats, row.seats_per_row)

    def lock(
        self,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        plan: SeatPlan,
        buyer: AccountId | None = None,
    ) -> LockedSeats:
        rows = self._sale.lock_seats(self._connection, show_id, numbers, buyer)
        show = show_of(rows[0] if rows else None)
        self._time.set(rows[0].now)
        seats = [ShowSeat(plan.seat(row.number), row.booking_id) for row in rows if row.number]
        if show.plan != plan or len(seats) != len(numbers):
            self._plans.discard_plan(show_id)
            raise Busy()
        return LockedSeats(show, seats, rows[0].owned)

    def is_full(self, show_id: ShowId) -> bool:
        return self._plans.is_full(show_id, lambda: not self._has_free_seat(show_id))

    def _has_free_seat(self, show_id: ShowId) -> bool:
        free = exists().where(show_seats.c.show_id == show_id, seat_is_free)
        return bool(self._connection.execute(select(free)).scalar_one())
