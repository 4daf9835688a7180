"""The statements of sales on SQLite; a writer has locked the whole file already."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, update

from ticketing.adapters.sql.engine.clock import NO_TIME
from ticketing.adapters.sql.engine.database import Locks
from ticketing.adapters.sql.sales.seats import seats_with_shows
from ticketing.adapters.sql.tables import (
    BigId,
    bookings,
    idempotency_keys,
    seat_is_free,
    show_seats,
)
from ticketing.domain.errors import Busy
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.idempotency import RequestKey
from ticketing.domain.sales.ports import SeatRequest

# Built once: building such a statement takes longer than running it.
_KEY = [column for column in idempotency_keys.c if column.primary_key]
_CLAIM = insert(idempotency_keys).prefix_with("OR IGNORE")
_KEEP = (
    update(idempotency_keys)
    .where(*(column == bindparam(f"its_{column.name}") for column in _KEY))
    .values(answer=bindparam("its_answer"))
)
_row = func.json_each(bindparam("wanted")).table_valued("value")
_WANTED = select(
    func.json_extract(_row.c.value, "$[0]", type_=BigId).label("show_id"),
    func.json_extract(_row.c.value, "$[1]").label("number"),
    func.json_extract(_row.c.value, "$[2]", type_=BigId).label("buyer"),
).subquery("wanted")
_LOOK = seats_with_shows(_WANTED, NO_TIME)
_SELL = (
    update(show_seats)
    .where(
        show_seats.c.show_id == bindparam("its_show_id"),
        show_seats.c.number == bindparam("its_number"),
        seat_is_free,
    )
    .values(booking_id=bindparam("its_booking_id"))
)


class SqliteSale:
    """The ``SaleStatements``."""

    def claim_keys(
        self, connection: Connection, keys: Mapping[RequestKey, str], at: datetime | None
    ) -> set[RequestKey]:
        return {
            key
            for key, fingerprint in keys.items()
            if connection.execute(
                _CLAIM, {**asdict(key), "fingerprint": fingerprint, "created_at": at}
            ).rowcount
        }

    def keep_answers(self, connection: Connection, answers: Mapping[RequestKey, str]) -> None:
        rows = [
            {**{f"its_{name}": value for name, value in asdict(key).items()}, "its_answer": answer}
            for key, answer in answers.items()
        ]
        connection.execute(_KEEP, rows)

    def lock_seats(
        self, connection: Connection, requests: Sequence[SeatRequest], *, wait: bool
    ) -> tuple[Locks, Sequence[Row[Any]]]:
        wanted = [
            (request.show_id, number, request.buyer)
            for request in requests
            for number in request.numbers
        ]
        return Locks(), connection.execute(_LOOK, {"wanted": json.dumps(wanted)}).all()

    def sell(self, connection: Connection, sold: Sequence[Booking]) -> list[BookingId]:
        ids = _new_ids(connection, len(sold))
        rows: list[dict[str, Any]] = [
            {
                "id": booking_id,
                "show_id": booking.show.id,
                "reference": booking.reference,
                "account_id": booking.customer,
                "seat_numbers": booking.seat_numbers,
                "created_at": booking.created_at,
            }
            for booking_id, booking in zip(ids, sold, strict=True)
        ]
        seats = [
            {"its_show_id": row["show_id"], "its_number": number, "its_booking_id": row["id"]}
            for row in rows
            for number in row["seat_numbers"]
        ]
        connection.execute(insert(bookings), rows)
        if connection.execute(_SELL, seats).rowcount != len(seats):
            raise Busy()  # impossible in a writer's turn; never let it pass
        return ids


def _new_ids(connection: Connection, number: int) -> list[BookingId]:
    """Count in SQLite's own table of sequences, which it uses for single-column keys only."""
    count = "UPDATE sqlite_sequence SET seq = seq + :n WHERE name = 'bookings' RETURNING seq"
    last = connection.scalar(text(count), {"n": number})
    if last is None:
        last = number
        first = "INSERT INTO sqlite_sequence VALUES ('bookings', :last)"
        connection.execute(text(first), {"last": last})
    return [BookingId(last - number + 1 + each) for each in range(number)]
