"""Statements of best available. They are built once: that takes longer than running them."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    Table,
    bindparam,
    cast,
    false,
    func,
    select,
)

from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.sales.waiting_list import is_queued, list_is_open
from ticketing.adapters.sql.tables import (
    BigId,
    UtcDateTime,
    bookings,
    hold_is_live,
    holds,
    seat_is_held,
    seat_is_taken,
    show_has_waiting,
    show_seats,
    shows,
)
from ticketing.adapters.sql.tables import waiting_list_entries as entries
from ticketing.domain.programme.seat_plans.numbers import SeatNumber
from ticketing.domain.sales.ports import OpenSeats


@cache
def select_open_seats(clock: ColumnElement[datetime], offering: bool) -> Select[Any]:
    """Select what ``open_seats_of`` reads of the show ``show_id``: one row, if it exists.

    While ``offering``, seats that are kept for the waiting list are not held. The seats are text,
    since 20,000 rows would take several times as long. The time is ``now``, or that of the
    ``clock`` if it is NULL.
    """
    now, show_id = _now(clock), bindparam("show_id", type_=BigId)
    is_kept = false() if offering else show_has_waiting(show_id)
    number = cast(show_seats.c.number, String)
    seats = (
        select(
            show_seats.c.show_id,
            func.aggregate_strings(number, ",").filter(seat_is_taken).label("taken"),
            func.aggregate_strings(number, ",").filter(seat_is_held(now, is_kept)).label("held"),
        )
        .where(show_seats.c.show_id == show_id)
        .group_by(show_seats.c.show_id)
        .subquery("seats")
    )
    return (
        select(*SHOW_COLUMNS, seats.c.taken, seats.c.held, now.label("now"))
        .select_from(SHOWS_WITH_ALL.join(seats, seats.c.show_id == shows.c.id))
        .where(shows.c.id == show_id)
    )


def open_seats_of(row: Row[Any] | None, plans: SqlSeatPlans) -> OpenSeats:
    """Raises ShowNotFound for None."""
    show = show_of(row, plans)
    assert row is not None
    held = _numbers(row.held)
    return OpenSeats(show, {*show.plan.numbers} - _numbers(row.taken) - held, held)


def _numbers(text: str | None) -> frozenset[SeatNumber]:
    return frozenset(map(SeatNumber, map(int, text.split(",")))) if text else frozenset()


@cache
def select_owned_seats(clock: ColumnElement[datetime]) -> Select[Any]:
    """Select how many seats of ``show_id`` each of the ``customers`` owns or waits for."""

    def seats(table: Table, condition: ColumnElement[bool]) -> Select[Any]:
        number = func.json_array_length(table.c.seat_numbers).label("number")
        of_customers = table.c.account_id.in_(bindparam("customers", expanding=True))
        theirs = (table.c.show_id == bindparam("show_id"), of_customers)
        return select(table.c.account_id, number).where(*theirs, condition)

    booked = seats(bookings, bookings.c.cancelled_at.is_(None))
    held = seats(holds, hold_is_live(_now(clock)))
    awaited = (
        select(entries.c.account_id, entries.c.count.label("number"))
        .join_from(entries, shows, shows.c.id == entries.c.show_id)
        .where(
            entries.c.show_id == bindparam("show_id"),
            entries.c.account_id.in_(bindparam("customers", expanding=True)),
            is_queued,
            list_is_open(_now(clock)),
        )
    )
    every = booked.union_all(held, awaited).subquery("every")
    owned = func.sum(every.c.number).label("owned")
    return select(every.c.account_id, owned).group_by(every.c.account_id)


def _now(clock: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """A subquery, so that the clock is read once for all rows."""
    given = bindparam("now", type_=UtcDateTime)
    return select(func.coalesce(given, clock, type_=UtcDateTime)).scalar_subquery()
