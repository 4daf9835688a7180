"""The statements of a sale on SQLite; a writer has locked the whole file already."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, literal, text, update

from ticketing.adapters.sql.engine.clock import NO_TIME
from ticketing.adapters.sql.sales.seats import seats_with_show
from ticketing.adapters.sql.tables import BigId, bookings, seat_is_free, show_seats
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId


class SqliteSale:
    """The ``SaleStatements``."""

    def lock_seats(
        self,
        connection: Connection,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        buyer: AccountId | None,
    ) -> Sequence[Row[Any]]:
        which = show_seats.c.number.in_(numbers)
        wanted = seats_with_show(show_id, which, literal(buyer, BigId), NO_TIME)
        return connection.execute(wanted).all()

    def sell(self, connection: Connection, booking: Booking) -> tuple[BookingId, int]:
        booking_id = _new_id(connection)
        values = {
            "id": booking_id,
            "show_id": booking.show.id,
            "reference": booking.reference,
            "account_id": booking.customer,
            "seat_numbers": booking.seat_numbers,
            "created_at": booking.created_at,
        }
        connection.execute(insert(bookings).values(values))
        free = (
            show_seats.c.show_id == booking.show.id,
            show_seats.c.number.in_(booking.seat_numbers),
            seat_is_free,
        )
        sold = connection.execute(update(show_seats).where(*free).values(booking_id=booking_id))
        return booking_id, sold.rowcount


def _new_id(connection: Connection) -> BookingId:
    """Count in SQLite's own table of sequences, which it uses for single-column keys only."""
    next_id = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'bookings' RETURNING seq"
    number = connection.scalar(text(next_id))
    if number is None:
        number = 1
        connection.execute(text("INSERT INTO sqlite_sequence VALUES ('bookings', 1)"))
    return BookingId(number)
