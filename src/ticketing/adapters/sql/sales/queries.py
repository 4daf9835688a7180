"""Queries of seats and bookings."""

from collections.abc import Mapping, Sequence

from sqlalchemy import String, bindparam, case, cast, func, select

from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.engine.single_flight import SingleFlight
from ticketing.adapters.sql.sales.bookings import booking_of, booking_or_refusal, select_bookings
from ticketing.adapters.sql.tables import bookings, seat_is_free, show_seats, shows
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.paging import Page, Window
from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, BookingStatus
from ticketing.domain.sales.queries import SeatMap

_seats_of_show = show_seats.c.show_id == bindparam("show_id")
_sold = (
    select(func.aggregate_strings(cast(show_seats.c.number, String), ","))
    .where(_seats_of_show, ~seat_is_free)
    .scalar_subquery()
)
_SEAT_MAP = select(shows.c.total_seats, shows.c.seats_per_row, _sold.label("sold")).where(
    shows.c.id == bindparam("show_id")
)

_MAX_WHOLE_LIST = 101
"""One more than a full page, so that a full page need not be counted."""


class SqlSalesQueries:
    """The ``SalesQueries`` port."""

    def __init__(self, reader: Reader) -> None:
        self._read = reader
        self._seat_maps = SingleFlight[SeatMap]()

    def seat_map(self, show_id: ShowId) -> SeatMap:
        return self._seat_maps(show_id, lambda: self._read_seat_map(show_id))

    def _read_seat_map(self, show_id: ShowId) -> SeatMap:
        row = self._read(lambda c: c.execute(_SEAT_MAP, {"show_id": show_id}).first())
        if row is None:
            raise ShowNotFound()
        booked = map(int, row.sold.split(",")) if row.sold else ()
        plan = plain_grid(row.total_seats, row.seats_per_row)
        return SeatMap(show_id, plan, frozenset(map(SeatNumber, booked)))

    def bookings(
        self, customer: AccountId, status: BookingStatus | None, window: Window
    ) -> Page[Booking]:
        wanted = select_bookings().where(bookings.c.account_id == customer)
        if status is BookingStatus.BOOKED:
            wanted = wanted.where(bookings.c.cancelled_at.is_(None))
        elif status is BookingStatus.CANCELLED:
            wanted = wanted.where(bookings.c.cancelled_at.is_not(None))
        newest_first = wanted.order_by(bookings.c.id.desc())
        return self._read.page(newest_first, window, booking_of, max_whole_list=_MAX_WHOLE_LIST)

    def bookings_after(self, customer: AccountId, last: BookingId, limit: int) -> list[Booking]:
        theirs = (bookings.c.account_id == customer, bookings.c.id > last)
        wanted = select_bookings().where(*theirs).order_by(bookings.c.id).limit(limit)
        return self._read(lambda c: [booking_of(row) for row in c.execute(wanted)])

    def booking(self, booking_id: BookingId, show_id: ShowId | None = None) -> Booking:
        wanted = select_bookings().where(bookings.c.id == booking_id)
        if show_id is not None:
            wanted = wanted.where(bookings.c.show_id == show_id)
        return self._read(lambda c: booking_or_refusal(c.execute(wanted).first()))

    def bookings_by_reference(self, reference: str) -> Sequence[Booking]:
        """Scan the bookings of all shows: a million of them in about 0.1 s.

        No index begins with the reference: it would slow down every sale for a rare search.
        """
        wanted = select_bookings().where(bookings.c.reference == reference)
        newest_first = wanted.order_by(bookings.c.id.desc())
        return self._read(lambda c: [booking_of(row) for row in c.execute(newest_first)])

    def bookings_of_show(self, show_id: ShowId, window: Window) -> Page[Booking]:
        given_up_before = case((bookings.c.cancelled_at < shows.c.cancelled_at, 1), else_=0)
        wanted = select_bookings().where(bookings.c.show_id == show_id)
        ordered = wanted.order_by(given_up_before, bookings.c.id.desc())
        return self._read.page(ordered, window, booking_of)

    def sold_seats(self, show_id: ShowId) -> Mapping[SeatNumber, BookingId]:
        sold = select(show_seats.c.number, show_seats.c.booking_id).where(
            show_seats.c.show_id == show_id, show_seats.c.booking_id.is_not(None)
        )
        by_number = sold.order_by(show_seats.c.number)
        return self._read(lambda c: {row.number: row.booking_id for row in c.execute(by_number)})
