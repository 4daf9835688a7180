"""The statements of a sale on PostgreSQL: prepared, and sent in as few messages as possible.

Planning them takes longer than running them, and a round trip takes as long as either. So each
connection prepares them once, and statements without a decision in between share a message.
"""

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Boolean, Connection, func, literal_column

from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.adapters.sql.postgresql.transactions import send
from ticketing.adapters.sql.sales.seats import seats_with_show
from ticketing.adapters.sql.tables import BigId, UtcDateTime, big_id, seat_is_free
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId

# Locked before the seats: sales of one show to the same account run one after the other, so that
# each counts the seats of the one before.
_ENTER = """
    INSERT INTO show_customers (show_id, account_id) VALUES ($1, $2)
    ON CONFLICT (show_id, account_id) DO UPDATE SET account_id = excluded.account_id
"""
# $1 is the show, $2 are the seats' numbers, ascending. Their range is for the planner, which
# may else estimate a show at a few rows and read all of it to find one.
_SEATS = "number = ANY ($2) AND number BETWEEN $2[1] AND $2[cardinality($2)]"
_LOCK = f"SELECT FROM show_seats WHERE show_id = $1 AND {_SEATS} ORDER BY number FOR UPDATE"
_LOOK = seats_with_show(
    literal_column("$1", BigId),
    literal_column(_SEATS, Boolean),
    literal_column("$3", BigId),
    # Not now(), the start of the transaction: it is stale after waiting for a seat.
    func.clock_timestamp(type_=UtcDateTime),
)
_COLUMNS = [column.name for column in _LOOK.selected_columns]
_SELL = f"""
    WITH sale AS (
        INSERT INTO bookings (show_id, reference, account_id, seat_numbers, created_at)
        VALUES ($1, $3, $4, $5, $6) RETURNING id
    )
    UPDATE show_seats SET booking_id = sale.id FROM sale
    WHERE show_id = $1 AND {_SEATS} AND {seat_is_free}
    RETURNING booking_id
"""  # noqa: S608 - contains no input
# Without this, PostgreSQL plans each execution, since one seat looks much cheaper than the ten that
# the generic plan expects. Citus does not work with it.
_PLAN_ONCE = """
    SELECT set_config('plan_cache_mode', CASE WHEN to_regclass('pg_dist_partition') IS NULL
                                              THEN 'force_generic_plan' ELSE 'auto' END, false)
"""
_PREPARE = f"""
    DEALLOCATE ALL;
    {_PLAN_ONCE};
    PREPARE ticketing_enter (bigint, bigint) AS {_ENTER};
    PREPARE ticketing_lock (bigint, integer[]) AS {_LOCK};
    PREPARE ticketing_look (bigint, integer[], bigint) AS {_LOOK};
    PREPARE ticketing_sell (bigint, integer[], text, bigint, json, timestamptz) AS {_SELL}
"""
_PREPARED = "ticketing_prepared"


def prepare_statements(connection: Connection) -> None:
    """Prepare before the transaction begins, since a rollback would undo the setting."""
    if _PREPARED not in connection.info:
        send(connection, _PREPARE)
        connection.info[_PREPARED] = True


class PostgresqlSale:
    """The ``SaleStatements``."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def lock_seats(
        self,
        connection: Connection,
        show_id: ShowId,
        numbers: Sequence[SeatNumber],
        buyer: AccountId | None,
    ) -> Sequence[Any]:
        """Lock and read in two statements: the snapshot of the second must follow the locks."""
        show, seats = big_id(show_id), sorted(numbers)
        message = "EXECUTE ticketing_lock (%s, %s); EXECUTE ticketing_look (%s, %s, %s)"
        values = [show, seats, show, seats, buyer]
        if buyer is not None:
            message = f"EXECUTE ticketing_enter (%s, %s); {message}"
            values = [show, buyer, *values]
        with self._telemetry.lock_wait():
            rows = send(connection, message, values)
        return [SimpleNamespace(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def sell(self, connection: Connection, booking: Booking) -> tuple[BookingId, int]:
        numbers = booking.seat_numbers
        values = (booking.reference, booking.customer, json.dumps(numbers), booking.created_at)
        message = "EXECUTE ticketing_sell (%s, %s, %s, %s, %s, %s)"
        sold = send(connection, message, (booking.show.id, numbers, *values))
        return BookingId(sold[0][0] if sold else 0), len(sold)
