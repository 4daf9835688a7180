"""Whether the database holds what the customers were told."""

from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from benchmarks.stage import SEATS_EACH
from ticketing.adapters.sql.tables import bookings, show_seats


class Untrue(Exception):
    """It does not: whatever was measured is worthless."""


def check_sales(engine: Engine, shows: Sequence[int], *, confirmed: int, lost: int) -> None:
    """Raises Untrue unless these shows have a booking, of one seat, for each that was confirmed.

    Of the requests whose answers were ``lost``, any may have booked. Nobody may have so many
    seats of a show that the cap on them was met instead of other customers.
    """
    made = select(func.count()).where(bookings.c.show_id.in_(shows))
    sold = select(func.count()).where(
        show_seats.c.show_id.in_(shows), show_seats.c.booking_id.is_not(None)
    )
    each = (
        select(func.count()).where(bookings.c.show_id.in_(shows))
        .group_by(bookings.c.show_id, bookings.c.account_id).order_by(func.count().desc()).limit(1)
    )  # fmt: skip
    with engine.connect() as connection:
        booked, seats = connection.scalar(made) or 0, connection.scalar(sold) or 0
        most = connection.scalar(each) or 0
    if most > SEATS_EACH:
        raise Untrue(f"A buyer has {most} seats of a show: the cap may have been measured.")
    if not confirmed <= booked <= confirmed + lost or booked != seats:
        raise Untrue(
            f"{confirmed} bookings were confirmed and {lost} answers lost, "
            f"but there are {booked} bookings and {seats} sold seats."
        )
