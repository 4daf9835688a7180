"""What the statements of a sale have in common; the databases say them in ways of their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from ticketing.adapters.sql.shows import SHOW_COLUMNS, SHOWS_WITH_ALL
from ticketing.adapters.sql.tables import show_seats, shows
from ticketing.domain.booking import Booking


def seats_with_show(
    show_id: Any, which: ColumnElement[bool], now: ColumnElement[datetime]
) -> Select[Any]:
    """Seats, ascending, each with its show; the show without a seat where it has none of them."""
    of_show = (show_seats.c.show_id == shows.c.id) & which
    return (
        select(show_seats.c.number, show_seats.c.booking_id, *SHOW_COLUMNS, now.label("now"))
        .select_from(SHOWS_WITH_ALL.outerjoin(show_seats, of_show))
        .where(shows.c.id == show_id)
        .order_by(show_seats.c.number)
    )


def seat_numbers(booking: Booking) -> list[int]:
    return [seat.number for seat in booking.seats]
