"""The statements of a sale on SQLite; a writer has locked the whole file already."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, text, update

from ticketing.adapters.sql.engine.clock import NO_TIME
from ticketing.adapters.sql.sales.seats import seats_with_show
from ticketing.adapters.sql.tables import BigId, bookings, seat_is_free, show_seats
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId

_NUMBERS = show_seats.c.number.in_(bindparam("numbers", expanding=True))
_SEATS = seats_with_show(bindparam("show"), _NUMBERS, bindparam("buyer", type_=BigId), NO_TIME)
_ADD_BOOKING = insert(bookings)
_SELL_SEATS = (
    update(show_seats)
    .where(show_seats.c.show_id == bindparam("show"), _NUMBERS, seat_is_free)
    .values(booking_id=bindparam("booking"))
)
_NEXT_ID = text("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'bookings' RETURNING seq")
_FIRST_ID = text("INSERT INTO sqlite_sequence VALUES ('bookings', 1)")


class SqliteSale:
    """The ``SaleStatements``."""

    def lock_seats(
        self,
        connection: Connection,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        buyer: AccountId | None,
    ) -> Sequence[Row[Any]]:
        values = {"show": show_id, "numbers": numbers, "buyer": buyer}
        return connection.execute(_SEATS, values).all()

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
        connection.execute(_ADD_BOOKING, values)
        sold = {"show": booking.show.id, "numbers": booking.seat_numbers, "booking": booking_id}
        return booking_id, connection.execute(_SELL_SEATS, sold).rowcount


def _new_id(connection: Connection) -> BookingId:
    """Count in SQLite's own table of sequences, which it uses for single-column keys only."""
    number = connection.scalar(_NEXT_ID)
    if number is None:
        number = 1
        connection.execute(_FIRST_ID)
    return BookingId(number)
