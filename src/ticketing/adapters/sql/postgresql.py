"""PostgreSQL, through psycopg2."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import URL, Connection, create_engine, func

from ticketing.adapters.sql.engine import pool_options, translate_errors
from ticketing.adapters.sql.tables.columns import UtcDateTime
from ticketing.domain.errors import Busy, OutcomeUnknown, StorageFull

SETTINGS = {
    "timezone": "UTC",
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "10s",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_NOT_COMMITTED = {"40001", "40P01"}  # serialization failure, deadlock: rolled back for sure
_AGAIN = _NOT_COMMITTED | {
    "55P03",  # lock not available
    "57014",  # cancelled: the statement took too long
    "57P01", "57P02", "57P03", "57P05",  # shutting down, crashed, starting up, idle too long
    "25P03",  # idle in a transaction for too long
    "53300",  # too many connections
    "25006",  # read-only: a stand-by that has not been promoted yet
    "23503", "23505",  # a rival took the name or removed the row meanwhile: look again
}  # fmt: skip
_CONNECTION_EXCEPTION = "08"
_FULL = {"53100", "58030"}  # disk full, I/O error


class PostgresqlDatabase:
    """Many may write at once: rows are locked, so nobody queues before."""

    def __init__(self, url: URL, pool_size: int) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        given = url.query.get("options", "")
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg2").difference_update_query(["options"]),
            connect_args={
                "options": f"{options} {given}".strip(),  # what the URL says comes last and wins
                "connect_timeout": int(str(url.query.get("connect_timeout", 3))),
                "application_name": url.query.get("application_name", "ticketing"),
            },
            **pool_options(pool_size),
        )
        translate_errors(self.engine, self.refusal)
        # now() stands still in a transaction; after waiting for a lock it would be stale.
        self.file = None
        self.clock = func.clock_timestamp(type_=UtcDateTime)

    @contextmanager
    def turn_to_write(self) -> Iterator[None]:
        yield

    def beginning_to_write(self, connection: Connection) -> Connection:
        return connection

    def beginning_to_read(self, connection: Connection) -> Connection:
        """Each statement is a snapshot of its own, which spares BEGIN and ROLLBACK."""
        return connection.execution_options(isolation_level="AUTOCOMMIT")

    def new_booking_id(self, connection: Connection) -> dict[str, int]:
        return {}

    def refusal(self, error: BaseException) -> Busy | None:
        if not isinstance(error, psycopg2.Error):
            return None
        state = error.pgcode
        if state in _FULL:
            return StorageFull()
        if state in _AGAIN or (state or "").startswith(_CONNECTION_EXCEPTION):
            return Busy()
        lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        return Busy() if state is None and lost else None

    def refusal_of_commit(self, error: BaseException) -> Busy:
        known = isinstance(error, psycopg2.Error) and error.pgcode in _NOT_COMMITTED
        return Busy() if known else OutcomeUnknown()
