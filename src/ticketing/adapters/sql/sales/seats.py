"""The seats of shows as rows, and the locks of sales."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    case,
    exists,
    func,
    literal_column,
    select,
)

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import Locks, SaleStatements
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.tables import bookings, seat_is_free, show_seats, shows
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.ports import LockedSeats, SeatRequest
from ticketing.domain.sales.selling import ShowSeat
from ticketing.domain.unit_of_work import POSTPONED, Outcome, Postponement

_ZERO: ColumnElement[int] = literal_column("0")  # no parameter: the statement may be prepared


def seats_with_shows(
    wanted: FromClause, now: ColumnElement[Any], show_id: ColumnElement[Any] | None = None
) -> Select[Any]:
    """Select the ``wanted`` seats with their shows: a row each, if the show exists.

    ``wanted`` has the columns ``show_id``, ``number`` and ``buyer``. ``owned`` is how many seats of
    the show the buyer owns; it is not looked up where the buyer is NULL. All are of the same show
    if ``show_id`` is given.
    """
    of_show = bookings.c.show_id == (wanted.c.show_id if show_id is None else show_id)
    of_buyer = (
        select(func.coalesce(func.sum(func.json_array_length(bookings.c.seat_numbers)), _ZERO))
        .where(of_show, bookings.c.account_id == wanted.c.buyer, bookings.c.cancelled_at.is_(None))
        .scalar_subquery()
    )
    seat = (show_seats.c.show_id == wanted.c.show_id) & (show_seats.c.number == wanted.c.number)
    seats = select(
        wanted.c.number.label("wanted_number"),
        wanted.c.buyer,
        show_seats.c.number,
        show_seats.c.booking_id,
        *SHOW_COLUMNS,
        case((wanted.c.buyer.is_not(None), of_buyer), else_=_ZERO).label("owned"),
        now.label("now"),
    ).select_from(
        wanted.join(SHOWS_WITH_ALL, shows.c.id == wanted.c.show_id).outerjoin(show_seats, seat)
    )
    return seats if show_id is None else seats.where(shows.c.id == show_id)


class SqlSeats:
    """The ``Seats`` port. Every locking read names its shows, as a distributed store requires."""

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
        return plain_grid(row.total_seats, row.seats_per_row)

    def lock(self, show_id: ShowId, numbers: Sequence[SeatNumber], plan: SeatPlan) -> LockedSeats:
        [locked] = self.lock_all([SeatRequest(show_id, numbers, plan)], wait=True)
        if isinstance(locked, Postponement):
            raise Busy()
        if isinstance(locked, DomainError):
            raise locked
        return locked

    def lock_all(
        self, requests: Sequence[SeatRequest], *, wait: bool
    ) -> list[Outcome[LockedSeats]]:
        locks, rows = self._sale.lock_seats(self._connection, requests, wait=wait)
        if rows:
            self._time.set(rows[0].now)
        by_seat = {(row.show_id, row.wanted_number, row.buyer): row for row in rows}
        by_show = {row.show_id: row for row in rows}
        found = {show_id: show_of(row) for show_id, row in by_show.items()}
        return [self._locked(each, found.get(each.show_id), by_seat, locks) for each in requests]

    def _locked(
        self, request: SeatRequest, show: Show | None, rows: Mapping[Any, Any], locks: Locks
    ) -> Outcome[LockedSeats]:
        show_id, numbers, plan, buyer = request
        if show is None:
            return ShowNotFound()
        wanted = [rows[show_id, number, buyer] for number in sorted(numbers)]
        if show.plan != plan or any(row.number is None for row in wanted):
            self._plans.discard_plan(show_id)
            return POSTPONED
        seats = [ShowSeat(plan.seat(row.number), row.booking_id) for row in wanted]
        is_any_sold = any(seat.booking_id is not None for seat in seats)  # it is refused anyway
        if not is_any_sold and not locks.cover(request):
            return POSTPONED
        return LockedSeats(show, seats, wanted[0].owned)

    def is_full(self, show_id: ShowId) -> bool:
        return self._plans.is_full(show_id, lambda: not self._has_free_seat(show_id))

    def _has_free_seat(self, show_id: ShowId) -> bool:
        free = exists().where(show_seats.c.show_id == show_id, seat_is_free)
        return bool(self._connection.execute(select(free)).scalar_one())
