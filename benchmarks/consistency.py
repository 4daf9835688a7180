"""The consistency check: does the database match the confirmed bookings and holds?"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, Select, Table, func, literal, select, union_all

from benchmarks.environment import MAX_SEATS_PER_BUYER
from ticketing.adapters.sql.tables import (
    UtcDateTime,
    bookings,
    hold_is_live,
    holds,
    seat_is_live_held,
    seat_is_unsold,
    show_seats,
)


class InconsistentSales(Exception):
    """The database does not match what was confirmed, so the measurement is invalid."""


def check_sales(engine: Engine, shows: Sequence[int], *, confirmed: int, lost: int) -> None:
    """Raise InconsistentSales unless each confirmed booking or hold of the shows is stored.

    The seats of the bookings must be sold, and those of the live holds carry them. Requests whose
    responses were ``lost`` may have been served or not. It also fails if a buyer has so many seats
    of a show that the seat limit may have been measured.
    """
    now = literal(datetime.now(UTC), UtcDateTime)  # the same for holds and seats

    def owned(table: Table) -> Select[int, int, int]:
        number = func.json_array_length(table.c.seat_numbers).label("number")
        of_shows = table.c.show_id.in_(shows)
        return select(table.c.show_id, table.c.account_id, number).where(of_shows)

    def seats_of(owned: Select[int, int, int]) -> Select[int]:
        return select(func.coalesce(func.sum(owned.subquery().c.number), 0))

    booked, held = owned(bookings), owned(holds).where(hold_is_live(now))
    of_buyers = union_all(booked, held).subquery()
    total = func.sum(of_buyers.c.number)
    most_of_a_buyer = (
        select(total).group_by(of_buyers.c.show_id, of_buyers.c.account_id)
        .order_by(total.desc()).limit(1)
    )  # fmt: skip
    seats = select(func.count()).where(show_seats.c.show_id.in_(shows))
    stored = [select(func.count()).where(each.c.show_id.in_(shows)) for each in (bookings, holds)]
    with engine.connect() as connection:

        def number(counted: Select[int]) -> int:
            return connection.scalar(counted) or 0

        created = sum(map(number, stored))
        sold = number(seats_of(booked)), number(seats.where(~seat_is_unsold))
        kept = number(seats_of(held)), number(seats.where(seat_is_live_held(now)))
        most = number(most_of_a_buyer)
    if most > MAX_SEATS_PER_BUYER:
        raise InconsistentSales(
            f"A buyer has {most} seats of a show: the seat limit may have been measured."
        )
    if not confirmed <= created <= confirmed + lost:
        raise InconsistentSales(
            f"{confirmed} bookings and holds were confirmed and {lost} responses lost, "
            f"but {created} are stored."
        )
    for kind, (of_customers, of_show) in {"sold": sold, "held": kept}.items():
        if of_customers != of_show:
            raise InconsistentSales(
                f"Customers have {of_customers} {kind} seats, but {of_show} are {kind}."
            )
