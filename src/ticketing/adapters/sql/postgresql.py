"""PostgreSQL, through psycopg2."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import URL, Connection, Table, create_engine, event, func
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.engine import CHANGES_SCHEMA, pool_options, translate_errors
from ticketing.adapters.sql.tables.columns import UtcDateTime
from ticketing.domain.errors import Busy, NotReady, OutcomeUnknown, StorageFull

SETTINGS = {
    # Not REPEATABLE READ, whatever the server's default: a sale would see its show as it was
    # before it waited for the seats. SERIALIZABLE is safe too, and may be set in the URL.
    "default_transaction_isolation": r"read\ committed",
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
_NOT_MIGRATED = {"42P01", "42703"}  # no such table, no such column
_FULL = {"53100", "58030"}  # disk full, I/O error

# Alembic's own table, made if need be, is what several who migrate at once wait for.
_ALONE = (
    "SET LOCAL statement_timeout = 0",
    "CREATE TABLE IF NOT EXISTS alembic_version"
    " (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
)


class PostgresqlDatabase:
    """Many may write at once: rows are locked, so nobody queues before."""

    def __init__(self, url: URL, pool_size: int) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        given = url.query.get("options", "")
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg2").difference_update_query(["options"]),
            connect_args={
                "options": f"{options} {given}".strip(),  # what the URL says comes last and wins
                "connect_timeout": url.query.get("connect_timeout", 3),
                "application_name": url.query.get("application_name", "ticketing"),
            },
            **pool_options(pool_size),
        )
        event.listen(self.engine, "begin", _begin)
        event.listen(self.engine, "handle_error", _forget_details)
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

    def lock_table(self, connection: Connection, table: Table) -> None:
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")

    def new_booking_id(self, connection: Connection) -> dict[str, int]:
        return {}

    def refusal(self, error: BaseException) -> Busy | None:
        if not isinstance(error, psycopg2.Error):
            return None
        state = error.pgcode
        if state in _NOT_MIGRATED:
            return NotReady()
        if state in _FULL:
            return StorageFull()
        if state in _AGAIN or (state or "").startswith(_CONNECTION_EXCEPTION):
            return Busy()
        lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        return Busy() if state is None and lost else None

    def refusal_of_commit(self, error: BaseException) -> Busy:
        known = isinstance(error, psycopg2.Error) and error.pgcode in _NOT_COMMITTED
        return Busy() if known else OutcomeUnknown()


def _begin(connection: Connection) -> None:
    if CHANGES_SCHEMA in connection.get_execution_options():
        for statement in _ALONE:
            connection.exec_driver_sql(statement)


def _forget_details(context: ExceptionContext) -> None:
    """Keep the message itself: its DETAIL quotes the row, which may hold what no log should."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if wrapped is not None:
            wrapped.args = error.args
