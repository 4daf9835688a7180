"""Bookings as rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, exists, select, update

from ticketing.adapters.sql.engine.database import MAX_ROWS_PER_DELETE, SaleStatements
from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.programme.shows import SHOW_COLUMNS, SHOWS_WITH_ALL, show_of
from ticketing.adapters.sql.tables import (
    bookings,
    holds,
    idempotency_keys,
    show_customers,
    show_seats,
    shows,
)
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.errors import BookingNotFound

BOOKING_COLUMNS = [
    bookings.c.id.label("booking_id"),
    bookings.c.reference,
    bookings.c.account_id,
    bookings.c.seat_numbers,
    bookings.c.created_at,
    bookings.c.cancelled_at,
    bookings.c.plan_id.label("booking_plan_id"),
    *SHOW_COLUMNS,
]


def booking_of(row: Row[Any], plans: SqlSeatPlans) -> Booking:
    show = show_of(row, plans)
    return Booking(
        id=row.booking_id,
        reference=row.reference,
        show=show,
        customer=row.account_id,
        seats=plans.seats(row.seat_numbers, row.booking_plan_id, show.plan),
        created_at=row.created_at,
        cancelled_at=row.cancelled_at,
    )


def select_bookings() -> Select[Any]:
    joined = SHOWS_WITH_ALL.join(bookings, bookings.c.show_id == shows.c.id)
    return select(*BOOKING_COLUMNS).select_from(joined)


def _is(show_id: ShowId, booking_id: BookingId) -> ColumnElement[bool]:
    return (bookings.c.show_id == show_id) & (bookings.c.id == booking_id)


def _freed(at: datetime | None) -> dict[str, Any]:
    return {"booking_id": None, "hold_id": None, "held_until": at}


def booking_or_refusal(row: Row[Any] | None, plans: SqlSeatPlans) -> Booking:
    """Return the booking of the row. Raises BookingNotFound for None."""
    if row is None:
        raise BookingNotFound()
    return booking_of(row, plans)


class SqlBookings:
    """The ``Bookings`` port."""

    def __init__(self, connection: Connection, sale: SaleStatements, plans: SqlSeatPlans) -> None:
        self._connection = connection
        self._sale = sale
        self._plans = plans
        self._sold: list[int] = []  # seats of each booking
        self._cancelled = 0

    def report(self, telemetry: Telemetry) -> None:
        """Report this transaction's sales and cancellations, after the commit."""
        if self._sold:
            telemetry.sold(len(self._sold), sum(self._sold))
        if self._cancelled:
            telemetry.cancelled(self._cancelled)

    def add(self, booking: Booking) -> Booking:
        [added] = self.add_all([booking])
        return added

    def add_all(self, bookings: Sequence[Booking]) -> list[Booking]:
        ids = self._sale.sell(self._connection, bookings)
        self._sold += [len(each.seats) for each in bookings if not each.show.rehearsal]
        return [replace(each, id=its) for each, its in zip(bookings, ids, strict=True)]

    def lock(self, show_id: ShowId, booking_id: BookingId) -> Booking:
        """Read before the lock only to learn the seats, which never change."""
        numbers = select(bookings.c.seat_numbers).where(_is(show_id, booking_id))
        held = select(show_seats.c.number).where(
            show_seats.c.show_id == show_id,
            show_seats.c.number.in_(self._connection.scalar(numbers) or ()),
        )
        self._connection.execute(held.order_by(show_seats.c.number).with_for_update())
        return self.get(show_id, booking_id)

    def get(self, show_id: ShowId, booking_id: BookingId) -> Booking:
        wanted = select_bookings().where(_is(show_id, booking_id))
        return booking_or_refusal(self._connection.execute(wanted).first(), self._plans)

    def cancel(self, booking: Booking) -> None:
        this = _is(booking.show.id, booking.id)
        self._connection.execute(
            update(bookings).where(this).values(cancelled_at=booking.cancelled_at)
        )
        self._connection.execute(
            update(show_seats)
            .where(
                show_seats.c.show_id == booking.show.id,
                show_seats.c.number.in_(booking.seat_numbers),
                show_seats.c.booking_id == booking.id,
            )
            .values(_freed(booking.cancelled_at))
        )
        self._cancelled += not booking.show.rehearsal

    def cancel_all(self, show_id: ShowId, at: datetime) -> None:
        standing = (bookings.c.show_id == show_id, bookings.c.cancelled_at.is_(None))
        cancelled = update(bookings).where(*standing).values(cancelled_at=at)
        self._cancelled += self._connection.execute(cancelled).rowcount
        sold = (show_seats.c.show_id == show_id, show_seats.c.booking_id.is_not(None))
        self._connection.execute(update(show_seats).where(*sold).values(_freed(at)))

    def any_of_show(self, show_id: ShowId) -> bool:
        booked = select(exists().where(bookings.c.show_id == show_id))
        return bool(self._connection.execute(booked).scalar_one())

    def of_show(self, show_id: ShowId) -> list[Booking]:
        wanted = select_bookings().where(bookings.c.show_id == show_id).order_by(bookings.c.id)
        return [booking_of(row, self._plans) for row in self._connection.execute(wanted)]

    def purge(self, show_id: ShowId) -> int:
        """Delete few at once: for each, PostgreSQL scans the show's seats for references."""
        ids = select(bookings.c.id).where(bookings.c.show_id == show_id)
        some = self._connection.scalars(ids.limit(MAX_ROWS_PER_DELETE)).all()
        sold = (show_seats.c.show_id == show_id, show_seats.c.booking_id.in_(some))
        self._connection.execute(update(show_seats).where(*sold).values(booking_id=None))
        these = (bookings.c.show_id == show_id, bookings.c.id.in_(some))
        self._connection.execute(delete(bookings).where(*these))
        answered = idempotency_keys.c.show_id == show_id
        self._connection.execute(delete(idempotency_keys).where(answered))
        held = holds.c.show_id == show_id
        self._connection.execute(delete(holds).where(held))
        bought = show_customers.c.show_id == show_id
        self._connection.execute(delete(show_customers).where(bought))
        return len(some)
