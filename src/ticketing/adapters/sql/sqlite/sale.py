"""The statements of sales on SQLite; a writer has locked the whole file already."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, text, true, update

from ticketing.adapters.sql.engine.database import Locks
from ticketing.adapters.sql.sales.seats import seats_with_shows
from ticketing.adapters.sql.tables import (
    BigId,
    UtcDateTime,
    bookings,
    holds,
    idempotency_keys,
    seat_is_unsold,
    show_seats,
)
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold
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
_LOOK = seats_with_shows(_WANTED, bindparam("now", type_=UtcDateTime))
_ITS_SEAT = update(show_seats).where(
    show_seats.c.show_id == bindparam("its_show_id"),
    show_seats.c.number == bindparam("its_number"),
    seat_is_unsold,
)
_SELL = _ITS_SEAT.values(booking_id=bindparam("its_booking_id"), hold_id=None, held_until=None)
_CARRY = _ITS_SEAT.where(
    show_seats.c.hold_id.is_(None)
    | (show_seats.c.held_until <= bindparam("now", type_=UtcDateTime))
).values(hold_id=bindparam("its_hold_id"), held_until=bindparam("its_expires_at"))
_IS_HOLD = (holds.c.show_id == bindparam("its_show_id")) & (holds.c.id == bindparam("its_id"))
_each = func.json_each(holds.c.seat_numbers).table_valued("value")
_its_numbers = select(_each.c.value).select_from(holds.join(_each, true())).where(_IS_HOLD)
_FREE = (
    update(show_seats)
    .where(
        show_seats.c.show_id == bindparam("its_show_id"),
        show_seats.c.number.in_(_its_numbers),
        show_seats.c.hold_id == bindparam("its_id"),
    )
    .values(hold_id=None, held_until=bindparam("now", type_=UtcDateTime))
)
_SAVE = (
    update(holds)
    .where(_IS_HOLD)
    .values(
        seat_numbers=bindparam("seat_numbers"),
        expires_at=bindparam("expires_at"),
        extendable_until=bindparam("extendable_until"),
        released_at=bindparam("released_at"),
        booking_id=bindparam("its_booking_id"),
    )
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
        self,
        connection: Connection,
        requests: Sequence[SeatRequest],
        stamp: Callable[[], datetime | None],
        *,
        wait: bool,
    ) -> tuple[Locks, Sequence[Row[Any]]]:
        wanted = [
            (request.show_id, number, request.buyer)
            for request in requests
            for number in request.numbers
        ]
        values = {"wanted": json.dumps(wanted), "now": stamp()}
        return Locks(), connection.execute(_LOOK, values).all()

    def lock_customers(
        self,
        connection: Connection,
        show_id: ShowId,
        customers: Collection[AccountId],
        *,
        wait: bool,
    ) -> Collection[AccountId]:
        return customers

    def lock_show(self, connection: Connection, show_id: ShowId, *, wait: bool) -> None:
        """A writer has locked the whole file."""

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

    def add_holds(self, connection: Connection, added: Sequence[Hold], now: datetime) -> None:
        rows = [
            {
                "show_id": hold.show.id,
                "id": hold.id,
                "account_id": hold.customer,
                "seat_numbers": hold.seat_numbers,
                "created_at": hold.created_at,
                "expires_at": hold.expires_at,
                "extendable_until": hold.extendable_until,
                "is_offer": hold.is_offer,
            }
            for hold in added
        ]
        connection.execute(insert(holds), rows)
        self._carry(connection, added, now)

    def save_holds(self, connection: Connection, saved: Sequence[Hold], now: datetime) -> None:
        keys = [{"its_show_id": hold.show.id, "its_id": hold.id} for hold in saved]
        rows = [
            {
                **key,
                "seat_numbers": hold.seat_numbers,
                "expires_at": hold.expires_at,
                "extendable_until": hold.extendable_until,
                "released_at": hold.released_at,
                # Not "booking_id": _FREE would set that column of the seats.
                "its_booking_id": hold.booking_id,
            }
            for key, hold in zip(keys, saved, strict=True)
        ]
        connection.execute(_FREE, [{**key, "now": now} for key in keys])
        if connection.execute(_SAVE, rows).rowcount != len(rows):
            raise Busy()  # one was purged
        self._carry(connection, [hold for hold in saved if not hold.is_ended], now)

    def _carry(self, connection: Connection, unended: Sequence[Hold], now: datetime) -> None:
        seats = [
            {
                "its_show_id": hold.show.id,
                "its_number": number,
                "its_hold_id": hold.id,
                "its_expires_at": hold.expires_at,
                "now": now,
            }
            for hold in unended
            for number in hold.seat_numbers
        ]
        if seats and connection.execute(_CARRY, seats).rowcount != len(seats):
            raise Busy()  # impossible in a writer's turn; never let it pass


def _new_ids(connection: Connection, number: int) -> list[BookingId]:
    """Count in SQLite's own table of sequences, which it uses for single-column keys only."""
    count = "UPDATE sqlite_sequence SET seq = seq + :n WHERE name = 'bookings' RETURNING seq"
    last = connection.scalar(text(count), {"n": number})
    if last is None:
        last = number
        first = "INSERT INTO sqlite_sequence VALUES ('bookings', :last)"
        connection.execute(text(first), {"last": last})
    return [BookingId(last - number + 1 + each) for each in range(number)]
