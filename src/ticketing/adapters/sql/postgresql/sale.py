"""The statements of sales on PostgreSQL: prepared, and sent in as few messages as possible.

Planning them takes longer than running them, and a round trip takes as long as either. So each
connection prepares them once, and statements without a decision in between share a message.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, column, func, literal_column

from ticketing.adapters.sql.citus import HAS_CITUS
from ticketing.adapters.sql.engine.database import Locks
from ticketing.adapters.sql.engine.telemetry import Telemetry
from ticketing.adapters.sql.postgresql.transactions import send
from ticketing.adapters.sql.sales.seats import seats_with_shows
from ticketing.adapters.sql.tables import BigId, UtcDateTime, big_id, seat_is_unsold
from ticketing.domain.accounts.account import AccountId
from ticketing.domain.errors import Busy
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId
from ticketing.domain.sales.hold import Hold
from ticketing.domain.sales.idempotency import RequestKey
from ticketing.domain.sales.ports import SeatRequest

# Statements take arrays, an element for each row. Those that lock work in ascending order, so that
# transactions never wait for each other in a circle.
_CLAIM = """
    INSERT INTO idempotency_keys (show_id, account_id, operation, key, fingerprint, created_at)
    SELECT *, coalesce($6, now())
    FROM unnest($1, $2, $3, $4, $5) AS claim (show_id, account_id, operation, key, fp)
    ORDER BY show_id, account_id, operation, key
    ON CONFLICT DO NOTHING RETURNING show_id, account_id, operation, key
"""
_KEEP = """
    UPDATE idempotency_keys AS kept SET answer = given.answer
    FROM unnest($1, $2, $3, $4, $5) AS given (show_id, account_id, operation, key, answer)
    WHERE (kept.show_id, kept.account_id, kept.operation, kept.key)
        = (given.show_id, given.account_id, given.operation, given.key)
"""
# Sales of one show to the same account run one after the other, so that each counts the seats of
# the one before.
_ENTER = """
    INSERT INTO show_customers (show_id, account_id)
    SELECT * FROM unnest($1, $2) AS buyer (show_id, account_id) ORDER BY show_id, account_id
    ON CONFLICT DO NOTHING
"""
_INSERT_HOLDS = """
    INSERT INTO holds
        (show_id, id, account_id, seat_numbers, created_at, expires_at, extendable_until, is_offer)
    SELECT show_id, id, account_id, seat_numbers::json, created_at, expires_at, extendable_until,
        is_offer
    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS hold
        (show_id, id, account_id, seat_numbers, created_at, expires_at, extendable_until, is_offer)
"""
_WANTED = (
    func.unnest(*map(literal_column, ("$1", "$2", "$3")))
    .table_valued(column("show_id", BigId), column("number"), column("buyer", BigId))
    .render_derived("wanted")
)
# Not now(), the start of the transaction: it is stale after waiting for a seat.
_NOW: ColumnElement[datetime] = func.coalesce(
    literal_column("$4"), func.clock_timestamp(), type_=UtcDateTime
)
_LOOK = seats_with_shows(_WANTED, _NOW)
_LOOK_ON_CITUS = seats_with_shows(_WANTED, _NOW, literal_column("($1)[1]"))
_COLUMNS = [each.name for each in _LOOK.selected_columns]
_KEYS = "bigint[], bigint[], text[], text[], text[]"
_IS_DISTRIBUTED = "ticketing_is_distributed"

_NONE = ["{}", "{}"]
_TURN_MILLISECONDS = 250
"""A batch of best available waits longer for another than sales do for seats: it would need the
same time again to come back."""

Row = tuple[int | None, ...]


class Message(NamedTuple):
    """Statements, and the values of their parameters."""

    text: str
    values: Sequence[Any]


def _statements(is_distributed: bool) -> str:
    """Return what prepares the statements.

    On Citus, where a batch has orders of one show, they name it by a filter, so that each runs on
    one machine. Citus has to plan them for each execution, PostgreSQL should not. For inserts
    on Citus see ``CitusSale``.
    """

    def is_show(column: str, parameter: str = "$1") -> str:
        return f"{column} = ({parameter})[1]" if is_distributed else "true"

    buyers = f"""
        SELECT show_id, account_id FROM show_customers
        JOIN unnest($1, $2) AS buyer (show_id, account_id) USING (show_id, account_id)
        WHERE {is_show("show_customers.show_id")}
        ORDER BY show_id, account_id FOR UPDATE OF show_customers
    """
    seats = "show_seats JOIN unnest({}, {}) AS wanted (show_id, number) USING (show_id, number)"
    lock = f"""
        SELECT FROM {seats.format("$1", "$2")} WHERE {is_show("show_seats.show_id")}
        ORDER BY show_id, number FOR UPDATE OF show_seats
    """
    # It waits for nothing, so the order does not matter.
    lock_free = f"""
        WITH buyers AS ({buyers} SKIP LOCKED), seats AS (
            SELECT show_id, number FROM {seats.format("$3", "$4")}
            WHERE {seat_is_unsold} AND {is_show("show_seats.show_id", "$3")}
            FOR UPDATE OF show_seats SKIP LOCKED
        )
        SELECT show_id, account_id, NULL AS number FROM buyers
        UNION ALL SELECT show_id, NULL, number FROM seats
    """
    sell = f"""
        WITH sale AS (
            INSERT INTO bookings (show_id, reference, account_id, seat_numbers, created_at)
            SELECT show_id, reference, account_id, seat_numbers::json, created_at
            FROM unnest($1, $2, $3, $4, $5)
                 AS sold (show_id, reference, account_id, seat_numbers, created_at)
            RETURNING show_id, reference, id
        )
        UPDATE show_seats SET booking_id = sale.id, hold_id = NULL, held_until = NULL
        FROM unnest($6, $7, $8) AS wanted (show_id, number, reference)
        JOIN sale USING (show_id, reference)
        WHERE (show_seats.show_id, show_seats.number) = (wanted.show_id, wanted.number)
          AND {seat_is_unsold} AND {is_show("show_seats.show_id")}
        RETURNING show_seats.show_id, sale.reference, booking_id
    """
    # A sale of some seats of a hold has not locked the others: they are neither written nor locked.
    carry = f"""
        UPDATE show_seats SET hold_id = held.hold_id, held_until = held.until
        FROM unnest($1, $2, $3, $4) AS held (show_id, number, hold_id, until)
        WHERE (show_seats.show_id, show_seats.number) = (held.show_id, held.number)
          AND (show_seats.hold_id, show_seats.held_until)
              IS DISTINCT FROM (held.hold_id, held.until)
          AND (show_seats.hold_id IS NULL OR show_seats.hold_id = held.hold_id
               OR show_seats.held_until <= $5)
          AND {seat_is_unsold} AND {is_show("show_seats.show_id")}
    """
    carried = f"""
        SELECT show_seats.number FROM show_seats
        JOIN unnest($1, $2, $3, $4) AS held (show_id, number, hold_id, until)
          ON (show_seats.show_id, show_seats.number, show_seats.hold_id, show_seats.held_until)
           = (held.show_id, held.number, held.hold_id, held.until)
        WHERE {seat_is_unsold} AND {is_show("show_seats.show_id")}
    """
    free = f"""
        UPDATE show_seats SET hold_id = NULL, held_until = $4
        FROM holds JOIN unnest($1, $2, $3) AS saved (show_id, id, seats) USING (show_id, id)
        WHERE show_seats.show_id = holds.show_id AND show_seats.number = ANY (ARRAY(
                SELECT json_array_elements_text(holds.seat_numbers)::integer
                EXCEPT SELECT json_array_elements_text(saved.seats::json)::integer
              ))
          AND show_seats.hold_id = holds.id
          AND {is_show("show_seats.show_id")} AND {is_show("holds.show_id")}
    """
    save = f"""
        UPDATE holds SET seat_numbers = saved.seat_numbers::json, expires_at = saved.expires_at,
            extendable_until = saved.extendable_until, released_at = saved.released_at,
            booking_id = saved.booking_id
        FROM unnest($1, $2, $3, $4, $5, $6, $7) AS saved
            (show_id, id, seat_numbers, expires_at, extendable_until, released_at, booking_id)
        WHERE (holds.show_id, holds.id) = (saved.show_id, saved.id) AND {is_show("holds.show_id")}
        RETURNING holds.id
    """
    assign = f"""
        UPDATE show_seats SET booking_id = sold.id, hold_id = NULL, held_until = NULL
        FROM unnest($1, $2, $3) AS sold (show_id, number, id)
        WHERE (show_seats.show_id, show_seats.number) = (sold.show_id, sold.number)
          AND {seat_is_unsold} AND {is_show("show_seats.show_id")}
        RETURNING show_seats.number
    """
    inserts = f"""
        PREPARE ticketing_claim ({_KEYS}, timestamptz) AS {_CLAIM};
        PREPARE ticketing_enter (bigint[], bigint[]) AS {_ENTER};
        PREPARE ticketing_sell (bigint[], text[], bigint[], text[], timestamptz[],
                                bigint[], integer[], text[]) AS {sell};
        PREPARE ticketing_insert_holds (bigint[], text[], bigint[], text[], timestamptz[],
                                     timestamptz[], timestamptz[], boolean[]) AS
            {_INSERT_HOLDS};
    """
    inserts_on_citus = f"""
        PREPARE ticketing_assign (bigint[], integer[], bigint[]) AS {assign};
    """
    return f"""
        DEALLOCATE ALL;
        SET plan_cache_mode = {"auto" if is_distributed else "force_generic_plan"};
        {inserts_on_citus if is_distributed else inserts}
        PREPARE ticketing_keep ({_KEYS}) AS {_KEEP} AND {is_show("kept.show_id")};
        PREPARE ticketing_buyers (bigint[], bigint[]) AS {buyers};
        PREPARE ticketing_lock (bigint[], integer[]) AS {lock};
        PREPARE ticketing_lock_free (bigint[], bigint[], bigint[], integer[]) AS {lock_free};
        PREPARE ticketing_carry (bigint[], integer[], text[], timestamptz[], timestamptz) AS
            {carry};
        PREPARE ticketing_carried (bigint[], integer[], text[], timestamptz[]) AS {carried};
        PREPARE ticketing_free (bigint[], text[], text[], timestamptz) AS {free};
        PREPARE ticketing_save (bigint[], text[], text[], timestamptz[], timestamptz[],
                                timestamptz[], bigint[]) AS {save};
        PREPARE ticketing_look (bigint[], integer[], bigint[], timestamptz) AS
            {_LOOK_ON_CITUS if is_distributed else _LOOK}
    """


def prepare_statements(connection: Connection) -> None:
    """Prepare before the transaction begins, since a rollback would undo the setting."""
    if _IS_DISTRIBUTED not in connection.info:
        [[is_distributed]] = send(connection, HAS_CITUS.text)
        send(connection, _statements(is_distributed))
        connection.info[_IS_DISTRIBUTED] = is_distributed


def is_distributed(connection: Connection) -> bool:
    """Return whether the statements that were prepared are those for Citus."""
    return bool(connection.info[_IS_DISTRIBUTED])


def columns_of(rows: Iterable[Row]) -> list[str]:
    """Return an array for each column of integers, as PostgreSQL reads it."""
    return ["{" + ",".join(map(_integer, column)) + "}" for column in zip(*rows, strict=True)]


def _integer(value: int | None) -> str:
    return "NULL" if value is None else str(value)


def _key_columns(keys: Collection[RequestKey]) -> list[Any]:
    ids = columns_of((key.show_id, key.account_id) for key in keys)
    return [*ids, [key.operation for key in keys], [key.key for key in keys]]


def _send_together(connection: Connection, *messages: Message) -> list[Any]:
    """Send them as one message, and return the rows of the last."""
    values = [value for message in messages for value in message.values]
    return send(connection, "; ".join(message.text for message in messages), values)


class PostgresqlSale:
    """The ``SaleStatements``."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def claim_keys(
        self, connection: Connection, keys: Mapping[RequestKey, str], at: datetime | None
    ) -> set[RequestKey]:
        message = "EXECUTE ticketing_claim (%s, %s, %s, %s, %s, %s)"
        claimed = send(connection, message, (*_key_columns(keys), list(keys.values()), at))
        return {RequestKey(*row) for row in claimed}

    def keep_answers(self, connection: Connection, answers: Mapping[RequestKey, str]) -> None:
        message = "EXECUTE ticketing_keep (%s, %s, %s, %s, %s)"
        send(connection, message, (*_key_columns(answers), list(answers.values())))

    def lock_seats(
        self,
        connection: Connection,
        requests: Sequence[SeatRequest],
        stamp: Callable[[], datetime | None],
        *,
        wait: bool,
    ) -> tuple[Locks, Sequence[Any]]:
        """Read in a statement of its own: its snapshot must follow the locks."""
        buyers = [(each.show_id, each.buyer) for each in requests if each.buyer is not None]
        seats = [
            (big_id(request.show_id), number, request.buyer)
            for request in requests
            for number in request.numbers
        ]
        lock = self._lock_waiting if wait else self._lock_free
        with self._telemetry.lock_wait():
            locks = lock(connection, [seat[:2] for seat in seats], buyers)
        look = "EXECUTE ticketing_look (%s, %s, %s, %s)"
        rows = send(connection, look, (*columns_of(seats), stamp()))
        return locks, [SimpleNamespace(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def lock_customers(
        self,
        connection: Connection,
        show_id: ShowId,
        customers: Collection[AccountId],
        *,
        wait: bool,
    ) -> Collection[AccountId]:
        buyers = [(big_id(show_id), customer) for customer in customers]
        lock = self._lock_waiting if wait else self._lock_free
        with self._telemetry.lock_wait():
            locks = lock(connection, [], buyers)
        return customers if locks.buyers is None else [buyer for _, buyer in locks.buyers]

    def lock_show(self, connection: Connection, show_id: ShowId, *, wait: bool) -> None:
        lock = "SELECT FROM shows WHERE id = %s FOR NO KEY UPDATE"
        if not wait:
            lock = f"SET LOCAL lock_timeout = '{_TURN_MILLISECONDS}ms'; {lock}"
        with self._telemetry.lock_wait():
            send(connection, lock, [big_id(show_id)])

    def _enter(self, buyers: Collection[Row]) -> Message:
        return Message("EXECUTE ticketing_enter (%s, %s)", columns_of(buyers))

    def _lock_waiting(
        self, connection: Connection, seats: Sequence[Row], buyers: Sequence[Row]
    ) -> Locks:
        messages = []
        if buyers:
            lock = Message("EXECUTE ticketing_buyers (%s, %s)", columns_of(buyers))
            messages += [self._enter(buyers), lock]
        if seats:
            messages.append(Message("EXECUTE ticketing_lock (%s, %s)", columns_of(seats)))
        _send_together(connection, *messages)
        return Locks()

    def _lock_free(
        self, connection: Connection, seats: Sequence[Row], buyers: Sequence[Row]
    ) -> Locks:
        message = "EXECUTE ticketing_lock_free (%s, %s, %s, %s)"
        values = [*(columns_of(buyers) or _NONE), *(columns_of(seats) or _NONE)]
        if buyers:
            enter = self._enter(buyers)
            message, values = f"{enter.text}; {message}", [*enter.values, *values]
        locked = send(connection, message, values)
        return Locks(
            frozenset((show_id, number) for show_id, _, number in locked if number is not None),
            frozenset((show_id, buyer) for show_id, buyer, _ in locked if buyer is not None),
        )

    def sell(self, connection: Connection, bookings: Sequence[Booking]) -> list[BookingId]:
        shows, customers = columns_of((each.show.id, each.customer) for each in bookings)
        references = [each.reference for each in bookings]
        seats = [(each, number) for each in bookings for number in each.seat_numbers]
        values = (
            shows,
            references,
            customers,
            [json.dumps(each.seat_numbers) for each in bookings],
            [each.created_at for each in bookings],
            *columns_of((each.show.id, number) for each, number in seats),
            [each.reference for each, _ in seats],
        )
        sold = send(connection, f"EXECUTE ticketing_sell ({', '.join(['%s'] * 8)})", values)
        if len(sold) != len(seats):
            raise Busy()  # impossible while the seats are locked; never let it pass
        ids = {(show_id, reference): BookingId(its) for show_id, reference, its in sold}
        return [ids[each.show.id, each.reference] for each in bookings]

    def add_holds(self, connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
        self._carry(connection, holds, now, self._insert_holds(holds))

    def save_holds(self, connection: Connection, holds: Sequence[Hold], now: datetime) -> None:
        shows, bookings = columns_of((each.show.id, each.booking_id) for each in holds)
        ids = [each.id for each in holds]
        seats = [json.dumps(each.seat_numbers) for each in holds]
        kept = ["[]" if each.is_ended else its for each, its in zip(holds, seats, strict=True)]
        values = [
            shows,
            ids,
            seats,
            [each.expires_at for each in holds],
            [each.extendable_until for each in holds],
            [each.released_at for each in holds],
            bookings,
        ]
        free = Message("EXECUTE ticketing_free (%s, %s, %s, %s)", [shows, ids, kept, now])
        save = Message(f"EXECUTE ticketing_save ({', '.join(['%s'] * 7)})", values)
        if len(_send_together(connection, free, save)) != len(holds):
            raise Busy()  # one was purged
        if unended := [each for each in holds if not each.is_ended]:
            self._carry(connection, unended, now)

    def _carry(
        self, connection: Connection, holds: Sequence[Hold], now: datetime, *before: Message
    ) -> None:
        """Send the messages, let the seats carry their holds, and check that they do."""
        seats = [(each, number) for each in holds for number in each.seat_numbers]
        values = [
            *columns_of((each.show.id, number) for each, number in seats),
            [each.id for each, _ in seats],
            [each.expires_at for each, _ in seats],
        ]
        carry = Message("EXECUTE ticketing_carry (%s, %s, %s, %s, %s)", [*values, now])
        check = Message("EXECUTE ticketing_carried (%s, %s, %s, %s)", values)
        if len(_send_together(connection, *before, carry, check)) != len(seats):
            raise Busy()  # one was sold, or others hold it

    def _insert_holds(self, holds: Sequence[Hold]) -> Message:
        shows, customers = columns_of((each.show.id, each.customer) for each in holds)
        values = [
            shows,
            [each.id for each in holds],
            customers,
            [json.dumps(each.seat_numbers) for each in holds],
            [each.created_at for each in holds],
            [each.expires_at for each in holds],
            [each.extendable_until for each in holds],
            [each.is_offer for each in holds],
        ]
        return Message(f"EXECUTE ticketing_insert_holds ({', '.join(['%s'] * 8)})", values)
