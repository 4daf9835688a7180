"""The inserts of sales on Citus.

Citus passes a statement on as it is where all of it concerns one shard, and an INSERT only with
VALUES. An INSERT … SELECT, or one inside another statement, is taken apart: its rows are read,
copied to the node, and inserted from there, which takes longer than the insert itself.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ticketing.adapters.sql.postgresql.sale import Message, PostgresqlSale, columns_of
from ticketing.adapters.sql.postgresql.transactions import send
from ticketing.domain.errors import Busy
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import RequestKey

_CLAIM = """
    INSERT INTO idempotency_keys (show_id, account_id, operation, key, fingerprint, created_at)
    VALUES {} ON CONFLICT DO NOTHING RETURNING show_id, account_id, operation, key
"""
_ENTER = "INSERT INTO show_customers (show_id, account_id) VALUES {} ON CONFLICT DO NOTHING"
_BOOK = """
    INSERT INTO bookings (show_id, reference, account_id, seat_numbers, created_at)
    VALUES {} RETURNING show_id, reference, id
"""
_INSERT_HOLDS = """
    INSERT INTO holds
        (show_id, id, account_id, seat_numbers, created_at, expires_at, extendable_until, is_offer)
    VALUES {}
"""


class CitusSale(PostgresqlSale):
    """The ``SaleStatements``, for orders of one show at a time. Rows are locked in their order."""

    def claim_keys(
        self, connection: Connection, keys: Mapping[RequestKey, str], at: datetime | None
    ) -> set[RequestKey]:
        rows = sorted((*astuple(key), fingerprint) for key, fingerprint in keys.items())
        claim = _insert(_CLAIM, [(*row, at) for row in rows], at="coalesce(%s, now())")
        return {RequestKey(*row) for row in send(connection, *claim)}

    def _enter(self, buyers: Collection[Any]) -> Message:
        return _insert(_ENTER, sorted(set(buyers)))

    def sell(self, connection: Connection, bookings: Sequence[Booking]) -> list[BookingId]:
        rows = [
            (
                booking.show.id,
                booking.reference,
                booking.customer,
                json.dumps(booking.seat_numbers),
                booking.created_at,
            )
            for booking in bookings
        ]
        inserted = send(connection, *_insert(_BOOK, rows))
        ids = {(show_id, reference): BookingId(its) for show_id, reference, its in inserted}
        added = [ids[each.show.id, each.reference] for each in bookings]
        sold = [
            (each.show.id, number, its)
            for each, its in zip(bookings, added, strict=True)
            for number in each.seat_numbers
        ]
        assign = "EXECUTE ticketing_assign (%s, %s, %s)"
        if len(send(connection, assign, columns_of(sold))) != len(sold):
            raise Busy()  # impossible while the seats are locked; never let it pass
        return added

    def _insert_holds(self, holds: Sequence[Hold]) -> Message:
        rows = [
            (
                hold.show.id,
                hold.id,
                hold.customer,
                json.dumps(hold.seat_numbers),
                hold.created_at,
                hold.expires_at,
                hold.extendable_until,
                hold.is_offer,
            )
            for hold in holds
        ]
        return _insert(_INSERT_HOLDS, rows)


def _insert(statement: str, rows: Sequence[Sequence[Any]], at: str = "%s") -> Message:
    """Return the message; ``at`` is the SQL of the last column."""
    row = f"({', '.join(['%s'] * (len(rows[0]) - 1))}, {at})"
    values = [value for row in rows for value in row]
    return Message(statement.format(", ".join([row] * len(rows))), values)
