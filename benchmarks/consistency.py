"""The consistency check: does the database match the confirmed bookings?"""

from collections.abc import Sequence

from sqlalchemy import Engine, func, select

from benchmarks.environment import MAX_SEATS_PER_BUYER
from ticketing.adapters.sql.tables import bookings, show_seats


class InconsistentSales(Exception):
    """The database does not match the confirmed bookings, so the measurement is invalid."""


def check_sales(engine: Engine, shows: Sequence[int], *, confirmed: int, lost: int) -> None:
    """Raise InconsistentSales unless each confirmed booking of the shows is stored, with one seat.

    Requests whose responses were ``lost`` may have booked or not. It also fails if a buyer
    has so many seats of a show that the seat limit may have been measured.
    """
    count_bookings = select(func.count()).where(bookings.c.show_id.in_(shows))
    count_seats = select(func.count()).where(
        show_seats.c.show_id.in_(shows), show_seats.c.booking_id.is_not(None)
    )
    count_most_of_a_buyer = (
        select(func.count()).where(bookings.c.show_id.in_(shows))
        .group_by(bookings.c.show_id, bookings.c.account_id).order_by(func.count().desc()).limit(1)
    )  # fmt: skip
    with engine.connect() as connection:
        booked = connection.scalar(count_bookings) or 0
        seats = connection.scalar(count_seats) or 0
        most = connection.scalar(count_most_of_a_buyer) or 0
    if most > MAX_SEATS_PER_BUYER:
        raise InconsistentSales(
            f"A buyer has {most} seats of a show: the seat limit may have been measured."
        )
    if not confirmed <= booked <= confirmed + lost or booked != seats:
        raise InconsistentSales(
            f"{confirmed} bookings were confirmed and {lost} responses lost, "
            f"but there are {booked} bookings and {seats} sold seats."
        )
