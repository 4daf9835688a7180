"""PostgreSQL, through psycopg2."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import Connection, Table, create_engine, event, func
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.engine import pool_options, translate_errors
from ticketing.adapters.sql.postgresql_address import parameters
from ticketing.adapters.sql.postgresql_sale import PostgresqlSale
from ticketing.adapters.sql.postgresql_transactions import begin_by_hand
from ticketing.adapters.sql.tables.columns import UtcDateTime
from ticketing.domain.errors import Busy, NotReady, OutcomeUnknown, StorageFull

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_NOT_COMMITTED = {"40001", "40P01"}  # serialization failure, deadlock: rolled back for sure
_READ_ONLY = "25006"  # a stand-by that is not promoted yet, or a primary that is one no more
_AGAIN = _NOT_COMMITTED | {
    _READ_ONLY,
    "55P03",  # lock not available
    "57014",  # cancelled: the statement took too long
    "57P01", "57P02", "57P03", "57P05",  # shutting down, crashed, starting up, idle too long
    "25P03",  # idle in a transaction for too long
    "53300",  # too many connections
    "23503", "23505",  # a rival took the name or removed the row meanwhile: look again
}  # fmt: skip
_CONNECTION_EXCEPTION = "08"
_NOT_MIGRATED = {"42P01", "42703"}  # no such table, no such column
_FULL = {"53100", "58030"}  # disk full, I/O error


class PostgresqlDatabase:
    """Many may write at once: rows are locked, so nobody queues before."""

    sale = PostgresqlSale()

    def __init__(self, url: str, pool_size: int, of_several: str = "read-write") -> None:
        self.engine = create_engine(
            "postgresql+psycopg2://",
            connect_args=parameters(url, of_several),
            **pool_options(pool_size),
        )
        begin_by_hand(self.engine)
        event.listen(self.engine, "handle_error", _forget_details)
        event.listen(self.engine, "handle_error", _leave_old_primary)
        translate_errors(self.engine, self.refusal)
        self.file = None
        # now() stands still in a transaction; after waiting for a lock it would be stale.
        self.clock = func.clock_timestamp(type_=UtcDateTime)

    @contextmanager
    def turn_to_write(self) -> Iterator[None]:
        yield

    def lock_table(self, connection: Connection, table: Table) -> None:
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")

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


def _forget_details(context: ExceptionContext) -> None:
    """Keep the message itself: its DETAIL quotes the row, which may hold what no log should."""
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        error.args = (error.diag.message_primary,)
        if wrapped is not None:
            wrapped.args = error.args


def _leave_old_primary(context: ExceptionContext) -> None:
    """Have all its connections thrown away: a new one finds the server that takes writes."""
    if isinstance(context.original_exception, psycopg2.Error):
        context.is_disconnect |= context.original_exception.pgcode == _READ_ONLY
