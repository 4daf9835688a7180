"""What the statements of a sale have in common; the databases say them in ways of their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL
from ticketing.adapters.sql.tables import bookings, show_seats, shows
from ticketing.domain.sales.booking import Booking

_NONE: ColumnElement[int] = literal_column("0")  # not a parameter: the statement may be prepared


def seats_with_show(
    show_id: Any, which: ColumnElement[bool], buyer: Any, now: ColumnElement[datetime]
) -> Select[Any]:
    """Seats, ascending, each with its show; the show without a seat where it has none of them.

    And ``owned``: the seats of the show that the buyer has; 0 where the buyer is NULL.
    """
    of_show = (show_seats.c.show_id == shows.c.id) & which
    owned = (
        select(func.coalesce(func.sum(func.json_array_length(bookings.c.seat_numbers)), _NONE))
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


def seat_numbers(booking: Booking) -> list[int]:
    return [seat.number for seat in booking.seats]
