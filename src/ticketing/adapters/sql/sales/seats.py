"""The seats of shows as rows, and the locks of sales."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    Table,
    case,
    exists,
    func,
    literal,
    literal_column,
    select,
    update,
)

from ticketing.adapters.sql.engine.clock import StoreClock
from ticketing.adapters.sql.engine.database import Locks, SaleStatements
from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow, SeatPlanCache
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.sales.open_seats import (
    open_seats_of,
    select_open_seats,
    select_owned_seats,
)
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    bookings,
    hold_is_live,
    holds,
    seat_is_taken,
    show_seats,
    shows,
)
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy, DomainError
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.model import SeatPlan
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.sales.ports import LockedSeats, OpenSeats, SeatRequest, ShowRoom
from ticketing.domain.sales.selling import SeatHold, ShowSeat, kept_time
from ticketing.domain.unit_of_work import POSTPONED, Outcome, Postponement

SEAT_COLUMNS = [
    show_seats.c.number,
    show_seats.c.booking_id,
    show_seats.c.hold_id,
    show_seats.c.held_until,
    show_seats.c.blocked,
    holds.c.account_id.label("hold_owner"),
]
_ZERO: ColumnElement[int] = literal_column("0")  # no parameter: the statement may be prepared


def seats_with_shows(
    wanted: FromClause, now: ColumnElement[Any], show_id: ColumnElement[Any] | None = None
) -> Select[Any]:
    """Select the ``wanted`` seats with their shows: a row each, if the show exists.

    ``wanted`` has the columns ``show_id``, ``number`` and ``buyer``. ``owned`` is how many seats of
    the show the buyer has booked or holds; it is not looked up where the buyer is NULL. All are of
    the same show if ``show_id`` is given.
    """
    of_show = wanted.c.show_id if show_id is None else show_id

    def seats_of_buyer(table: Table, condition: ColumnElement[bool]) -> ColumnElement[int]:
        number = func.coalesce(func.sum(func.json_array_length(table.c.seat_numbers)), _ZERO)
        theirs = (table.c.show_id == of_show, table.c.account_id == wanted.c.buyer)
        return select(number).where(*theirs, condition).correlate(wanted).scalar_subquery()

    booked = seats_of_buyer(bookings, bookings.c.cancelled_at.is_(None))
    held = seats_of_buyer(holds, hold_is_live(now))
    seat = (show_seats.c.show_id == wanted.c.show_id) & (show_seats.c.number == wanted.c.number)
    its_hold = (holds.c.show_id == wanted.c.show_id) & (holds.c.id == show_seats.c.hold_id)
    seats = select(
        wanted.c.number.label("wanted_number"),
        wanted.c.buyer,
        *SEAT_COLUMNS,
        *SHOW_COLUMNS,
        case((wanted.c.buyer.is_not(None), booked + held), else_=_ZERO).label("owned"),
        now.label("now"),
    ).select_from(
        wanted.join(SHOWS_WITH_ALL, shows.c.id == wanted.c.show_id)
        .outerjoin(show_seats, seat)
        .outerjoin(holds, its_hold)
    )
    return seats if show_id is None else seats.where(shows.c.id == show_id)


def seats_of_account(
    show_id: ShowId, account_id: AccountId, now: ColumnElement[datetime]
) -> CompoundSelect[Any]:
    """Select the numbers of the seats of the account's active bookings and live holds."""

    def theirs(table: Table, condition: ColumnElement[bool]) -> Select[Any]:
        is_theirs = (table.c.show_id == show_id, table.c.account_id == account_id)
        return select(table.c.seat_numbers).where(*is_theirs, condition)

    booked = theirs(bookings, bookings.c.cancelled_at.is_(None))
    return booked.union_all(theirs(holds, hold_is_live(now)))


def seat_of(show: Show, row: Any) -> ShowSeat:
    """Return the seat of a row with ``SEAT_COLUMNS``."""
    hold = SeatHold(row.hold_id, row.hold_owner, row.held_until) if row.held_until else None
    seat = show.plan.seat(row.number)
    return ShowSeat(seat, row.booking_id, hold, row.blocked, kept_time(show))


class SqlSeats:
    """The ``Seats`` port. Every locking read names its shows, as a distributed store requires."""

    def __init__(
        self,
        connection: Connection,
        sale: SaleStatements,
        cache: SeatPlanCache,
        plans: SqlSeatPlans,
        time: StoreClock,
    ) -> None:
        self._connection = connection
        self._sale = sale
        self._cache = cache
        self._plans = plans
        self._time = time

    def plan(self, show_id: ShowId, *, current: bool = False) -> SeatPlan:
        if current:
            self._cache.discard_show(show_id)
        return self._plans.of(self._cache.of_show(show_id, lambda: self._read_plan(show_id)))

    def _read_plan(self, show_id: ShowId) -> PlanOfRow:
        columns = select(shows.c.plan_id, shows.c.total_seats, shows.c.seats_per_row)
        row = self._connection.execute(columns.where(shows.c.id == show_id)).first()
        if row is None:
            raise ShowNotFound()
        return PlanOfRow(*row)

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
        locks, rows = self._lock(requests, wait=wait)
        by_seat = {(row.show_id, row.wanted_number, row.buyer): row for row in rows}
        by_show = {row.show_id: row for row in rows}
        found = {show_id: show_of(row, self._plans) for show_id, row in by_show.items()}
        with_waiting = [show_id for show_id, show in found.items() if show.has_waiting]
        owned = {show_id: self._owned(show_id, requests) for show_id in with_waiting}
        return [
            self._locked(each, found.get(each.show_id), by_seat, locks, owned) for each in requests
        ]

    def _owned(self, show_id: ShowId, requests: Sequence[SeatRequest]) -> dict[AccountId, int]:
        """Return what the buyers own of a show that has a waiting list: all in one snapshot, since
        an offer makes a hold of what a customer waits for.
        """
        buyers = {each.buyer for each in requests if each.show_id == show_id and each.buyer}
        return self._owned_by(show_id, buyers) if buyers else {}

    def _lock(self, requests: Sequence[SeatRequest], *, wait: bool) -> tuple[Locks, Sequence[Any]]:
        stamp = self._time.stamp
        locks, rows = self._sale.lock_seats(self._connection, requests, stamp, wait=wait)
        if rows:
            self._time.set(rows[0].now)
        return locks, rows

    def _locked(
        self,
        request: SeatRequest,
        show: Show | None,
        rows: Mapping[Any, Any],
        locks: Locks,
        owned: Mapping[ShowId, Mapping[AccountId, int]],
    ) -> Outcome[LockedSeats]:
        """``owned`` has the shows of which more is owned than the rows count."""
        show_id, numbers, plan, buyer = request
        if show is None:
            return ShowNotFound()
        wanted = [rows[show_id, number, buyer] for number in sorted(numbers)]
        if show.plan != plan or any(row.number is None for row in wanted):
            self._cache.discard_show(show_id)
            return POSTPONED
        seats = [seat_of(show, row) for row in wanted]
        is_any_taken = any(seat.is_taken for seat in seats)  # then the order is refused anyway
        if not (is_any_taken or locks.cover(request)):
            return POSTPONED
        number = owned[show_id].get(buyer, 0) if buyer and show_id in owned else wanted[0].owned
        return LockedSeats(show, seats, number)

    def is_full(self, show_id: ShowId) -> bool:
        return self._cache.is_full(show_id, lambda: not self._has_open_seat(show_id))

    def _has_open_seat(self, show_id: ShowId) -> bool:
        """Return whether a seat is free, or held and may become free."""
        open_seat = exists().where(show_seats.c.show_id == show_id, ~seat_is_taken)
        return bool(self._connection.execute(select(open_seat)).scalar_one())

    def room(self, show_id: ShowId) -> ShowRoom:
        show_row = select(*SHOW_COLUMNS).select_from(SHOWS_WITH_ALL).where(shows.c.id == show_id)
        show = show_of(self._connection.execute(show_row).first(), self._plans)
        its_hold = (holds.c.show_id == show_seats.c.show_id) & (holds.c.id == show_seats.c.hold_id)
        is_plainly_free = ~seat_is_taken & show_seats.c.held_until.is_(None)
        others = (
            select(*SEAT_COLUMNS)
            .select_from(show_seats.outerjoin(holds, its_hold))
            .where(show_seats.c.show_id == show_id, ~is_plainly_free)
        )
        found = {row.number: seat_of(show, row) for row in self._connection.execute(others)}
        kept = kept_time(show)
        seats = [found.get(each.number) or ShowSeat(each, kept=kept) for each in show.plan.seats()]
        return ShowRoom(show, seats)

    def owned(self, show_id: ShowId, customer: AccountId) -> list[SeatNumber]:
        now = literal(self._time.now(), UtcDateTime)
        found = self._connection.scalars(seats_of_account(show_id, customer, now))
        return sorted(number for numbers in found for number in numbers)

    def open_seats(self, show_id: ShowId, *, offering: bool = False) -> OpenSeats:
        read = select_open_seats(self._time.column, offering)
        values = {"show_id": show_id, "now": self._time.stamp()}
        row = self._connection.execute(read, values).first()
        if row is not None:
            self._time.set(row.now)
        return open_seats_of(row, self._plans)

    def lock_customers(
        self, show_id: ShowId, customers: Collection[AccountId], *, wait: bool
    ) -> dict[AccountId, int]:
        locked = self._sale.lock_customers(self._connection, show_id, customers, wait=wait)
        return dict.fromkeys(locked, 0) | self._owned_by(show_id, locked)

    def _owned_by(self, show_id: ShowId, customers: Collection[AccountId]) -> dict[AccountId, int]:
        """Return the numbers of seats of customers who have any, or wait for them."""
        values = {"show_id": show_id, "customers": list(customers), "now": self._time.stamp()}
        rows = self._connection.execute(select_owned_seats(self._time.column), values)
        return {row.account_id: row.owned for row in rows}

    def lock_show(self, show_id: ShowId, *, wait: bool) -> None:
        self._sale.lock_show(self._connection, show_id, wait=wait)

    def lock_picked(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> LockedSeats:
        request = SeatRequest(show_id, sorted(numbers), self.plan(show_id))
        locks, rows = self._lock([request], wait=False)
        show = show_of(rows[0] if rows else None, self._plans)
        found = sorted((row for row in rows if row.number is not None), key=attrgetter("number"))
        seats = [
            seat
            for seat in (seat_of(show, row) for row in found)
            if seat.is_taken or locks.seats is None or (show_id, seat.seat.number) in locks.seats
        ]
        return LockedSeats(show, seats)

    def block(self, show_id: ShowId, numbers: Collection[SeatNumber]) -> None:
        blocked = show_seats.c.number.in_(numbers)
        change = update(show_seats).where(
            show_seats.c.show_id == show_id, show_seats.c.blocked != blocked
        )
        # An expired hold does not come back with its seat.
        freed = change.values(blocked=blocked, hold_id=None, held_until=self._time.now())
        self._connection.execute(freed)
