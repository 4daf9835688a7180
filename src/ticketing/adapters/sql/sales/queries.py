"""Queries of seats and bookings."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    select,
    tuple_,
)

from ticketing.adapters.sql.engine.clock import Clock, QueryTime
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader, page
from ticketing.adapters.sql.engine.single_flight import SingleFlight
from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow, SeatPlanCache
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.sales.bookings import booking_of, booking_or_refusal, select_bookings
from ticketing.adapters.sql.sales.holds import hold_of, select_hold, select_holds
from ticketing.adapters.sql.sales.seats import seats_of_account
from ticketing.adapters.sql.tables import (
    bookings,
    hold_is_live,
    hold_is_unended,
    holds,
    seat_is_held,
    seat_is_taken,
    seat_is_unsold,
    show_seats,
    shows,
)
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.domain.sales.errors import HoldNotFound
from ticketing.domain.sales.hold import Hold, HoldId, TimedHold
from ticketing.domain.sales.queries import MAX_LISTED_HOLDS, SeatMap

T = TypeVar("T")


def _numbers(condition: ColumnElement[bool]) -> ColumnElement[str]:
    """Select the numbers of the seats as one text."""
    number = cast(show_seats.c.number, String)
    return func.aggregate_strings(number, ",").filter(condition)


def _seat_map(now: ColumnElement[datetime]) -> Select[Any]:
    return (
        select(
            shows.c.plan_id,
            shows.c.total_seats,
            shows.c.seats_per_row,
            _numbers(~seat_is_unsold).label("booked"),
            _numbers(seat_is_held(now, shows.c.has_waiting)).label("held"),
            _numbers(seat_is_unsold & show_seats.c.blocked).label("blocked"),
        )
        .select_from(shows.join(show_seats, show_seats.c.show_id == shows.c.id))
        .where(shows.c.id == bindparam("show_id"))
        .group_by(shows.c.id)
    )


def _parsed(numbers: str | None) -> frozenset[SeatNumber]:
    return frozenset(map(SeatNumber, map(int, numbers.split(",")))) if numbers else frozenset()


_AGE = tuple_(holds.c.created_at, holds.c.id)

_MAX_WHOLE_LIST = 101
"""One more than a full page, so that a full page need not be counted."""


class SqlSalesQueries:
    """The ``SalesQueries`` port."""

    def __init__(
        self, database: Database, reader: Reader, clock: Clock | None, plans: SeatPlanCache
    ) -> None:
        self._read = reader
        self._plans = plans
        self._seat_maps = SingleFlight[SeatMap]()
        self._time = QueryTime(database.clock, clock)
        # Built once: building such a statement takes longer than running it.
        self._seat_map = _seat_map(self._time.column)
        self._now = self._time.column.label("now")

    def seat_map(self, show_id: ShowId) -> SeatMap:
        return self._seat_maps(show_id, lambda: self._read_seat_map(show_id))

    def _read_seat_map(self, show_id: ShowId) -> SeatMap:
        values = {"show_id": show_id, **self._time.values()}

        def read(connection: Connection) -> SeatMap:
            row = connection.execute(self._seat_map, values).first()
            if row is None:
                raise ShowNotFound()
            of_row = PlanOfRow(row.plan_id, row.total_seats, row.seats_per_row)
            plan = SqlSeatPlans(connection, self._plans).of(of_row)
            return SeatMap(show_id, plan, *map(_parsed, (row.booked, row.held, row.blocked)))

        return self._read(read)

    def mine(self, show_id: ShowId, customer: AccountId) -> frozenset[SeatNumber]:
        theirs = seats_of_account(show_id, customer, self._time.column)
        found = self._read(lambda c: c.scalars(theirs, self._time.values()).all())
        return frozenset(number for numbers in found for number in numbers)

    def hold(self, hold_id: HoldId) -> TimedHold:
        wanted = select_hold(hold_id).add_columns(self._now)

        def read(connection: Connection) -> TimedHold:
            found = connection.execute(wanted, self._time.values()).first()
            if found is None:
                raise HoldNotFound()
            return _timed_hold_of(found, SqlSeatPlans(connection, self._plans))

        return self._read(read)

    def holds_of(
        self, customer: AccountId, show_id: ShowId | None, window: Window
    ) -> Page[TimedHold]:
        is_active = hold_is_live(self._time.column).label("is_active")
        wanted = select_holds(is_active, self._now).where(
            holds.c.account_id == customer, hold_is_unended
        )
        if show_id is not None:
            wanted = wanted.where(holds.c.show_id == show_id)
        newest_first = _newest_first(wanted).limit(MAX_LISTED_HOLDS)

        def read(connection: Connection) -> list[TimedHold]:
            rows = connection.execute(newest_first, self._time.values()).all()
            expired = [row for row in rows if not (row.is_active or row.is_offer)]
            carried = _carried(connection, expired)
            shown = [row for row in rows if row.is_active or row.hold_id in carried]
            plans = SqlSeatPlans(connection, self._plans)
            return [_timed_hold_of(row, plans) for row in shown]

        found = self._read(read)
        return Page(found[window.offset : window.offset + window.limit], len(found))

    def holds_after(self, customer: AccountId, last: Hold | None, limit: int) -> list[TimedHold]:
        theirs = select_holds(self._now).where(holds.c.account_id == customer)
        if last is not None:
            theirs = theirs.where(tuple_(last.created_at, last.id) < _AGE)
        wanted = theirs.order_by(*_AGE).limit(limit)

        def read(connection: Connection) -> list[TimedHold]:
            plans = SqlSeatPlans(connection, self._plans)
            rows = connection.execute(wanted, self._time.values()).all()
            return [_timed_hold_of(row, plans) for row in rows]

        return self._read(read)

    def live_holds(self) -> int:
        of_shows = holds.join(shows, shows.c.id == holds.c.show_id)
        live = (hold_is_live(self._time.column), ~shows.c.rehearsal)
        number = select(func.count()).select_from(of_shows).where(*live)
        return self._read(lambda c: c.execute(number, self._time.values()).scalar_one())

    def holds_of_show(self, show_id: ShowId, window: Window) -> Page[TimedHold]:
        is_active = hold_is_live(self._time.column)
        active = select_holds(self._now).where(holds.c.show_id == show_id, is_active)
        ordered = _newest_first(active).params(**self._time.values())
        return self._page(_timed_hold_of, ordered, window)

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        wanted = select_bookings().where(bookings.c.account_id == customer)
        if status is BookingStatus.BOOKED:
            wanted = wanted.where(bookings.c.cancelled_at.is_(None))
        elif status is BookingStatus.CANCELLED:
            wanted = wanted.where(bookings.c.cancelled_at.is_not(None))
        newest_first = wanted.order_by(bookings.c.id.desc())
        return self._page(booking_of, newest_first, window, _MAX_WHOLE_LIST)

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        theirs = (bookings.c.account_id == customer, bookings.c.id > last)
        wanted = select_bookings().where(*theirs).order_by(bookings.c.id).limit(limit)
        return self._list(wanted)

    def booking(self, booking_id: BookingId, show_id: ShowId | None = None) -> Booking:
        wanted = select_bookings().where(bookings.c.id == booking_id)
        if show_id is not None:
            wanted = wanted.where(bookings.c.show_id == show_id)
        return self._read(
            lambda c: booking_or_refusal(c.execute(wanted).first(), SqlSeatPlans(c, self._plans))
        )

    def bookings_by_reference(self, reference: str) -> Sequence[Booking]:
        """Scan the bookings of all shows: a million of them in about 0.1 s.

        No index begins with the reference: it would slow down every sale for a rare search.
        """
        wanted = select_bookings().where(bookings.c.reference == reference)
        newest_first = wanted.order_by(bookings.c.id.desc())
        return self._list(newest_first)

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        given_up_before = case((bookings.c.cancelled_at < shows.c.cancelled_at, 1), else_=0)
        wanted = select_bookings().where(bookings.c.show_id == show_id)
        ordered = wanted.order_by(given_up_before, bookings.c.id.desc())
        return self._page(booking_of, ordered, window)

    def _list(self, wanted: Select[Any]) -> list[Booking]:
        def read(connection: Connection) -> list[Booking]:
            plans = SqlSeatPlans(connection, self._plans)
            return [booking_of(row, plans) for row in connection.execute(wanted).all()]

        return self._read(read)

    def _page(
        self,
        of_row: Callable[[Row[Any], SqlSeatPlans], T],
        ordered: Select[Any],
        window: Window,
        max_whole_list: int = 0,
    ) -> Page[T]:
        def read(connection: Connection) -> Page[T]:
            plans = SqlSeatPlans(connection, self._plans)
            return page(connection, ordered, window, lambda row: of_row(row, plans), max_whole_list)

        return self._read(read)

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        sold = select(show_seats.c.number, show_seats.c.booking_id).where(
            show_seats.c.show_id == show_id, show_seats.c.booking_id.is_not(None)
        )
        by_number = sold.order_by(show_seats.c.number)
        return self._read(lambda c: {row.number: row.booking_id for row in c.execute(by_number)})


def _timed_hold_of(row: Row[Any], plans: SqlSeatPlans) -> TimedHold:
    return TimedHold(hold_of(row, plans), row.now)


def _newest_first(selected: Select[Any]) -> Select[Any]:
    return selected.order_by(holds.c.created_at.desc(), holds.c.id)


def _carried(connection: Connection, expired: Sequence[Row[Any]]) -> set[HoldId]:
    """Return the ids of those holds all of whose seats still carry them."""
    if not expired:
        return set()
    numbers = {number for row in expired for number in row.seat_numbers}
    carrying = select(show_seats.c.hold_id, func.count().label("number")).where(
        show_seats.c.show_id.in_({row.show_id for row in expired}),
        show_seats.c.number.in_(numbers),
        show_seats.c.hold_id.in_([row.hold_id for row in expired]),
        ~seat_is_taken,
    )
    rows = connection.execute(carrying.group_by(show_seats.c.hold_id))
    counts = {row.hold_id: row.number for row in rows}
    return {row.hold_id for row in expired if counts.get(row.hold_id) == len(row.seat_numbers)}
