"""PostgreSQL, through psycopg2."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, create_engine, event, func
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.engine.database import pool_options, translate_errors
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.adapters.sql.postgresql.address import parameters
from ticketing.adapters.sql.postgresql.errors import (
    is_of_no_use,
    refusal,
    refusal_of_commit,
    remove_details,
)
from ticketing.adapters.sql.postgresql.sale import PostgresqlSale, prepare_statements
from ticketing.adapters.sql.postgresql.transactions import (
    begin,
    commit,
    leave_transactions_to_us,
    roll_back,
)
from ticketing.adapters.sql.tables.columns import UtcDateTime
from ticketing.domain.errors import Busy


class PostgresqlDatabase:
    """Many may write at once: rows are locked, so nobody queues before."""

    def __init__(
        self,
        url: str,
        pool_size: int,
        of_several: str = "read-write",
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self.telemetry = telemetry
        self.sale = PostgresqlSale(telemetry)
        self.engine = create_engine(
            "postgresql+psycopg2://",
            connect_args=parameters(url, of_several),
            **pool_options(pool_size),
        )
        leave_transactions_to_us(self.engine)
        event.listen(self.engine, "handle_error", _remove_details)
        event.listen(self.engine, "handle_error", _leave)
        translate_errors(self.engine, self.refusal)
        self.file = None
        # now() stands still in a transaction; after waiting for a lock it would be stale.
        self.clock = func.clock_timestamp(type_=UtcDateTime)

    @contextmanager
    def write_turn(self) -> Iterator[None]:
        yield

    def begin(self, connection: Connection) -> None:
        prepare_statements(connection)
        begin(connection)

    def commit(self, connection: Connection) -> None:
        commit(connection)

    def roll_back(self, connection: Connection) -> None:
        roll_back(connection)

    def lock_table(self, connection: Connection, table: Table) -> None:
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")

    def refusal(self, error: BaseException) -> Busy | None:
        return refusal(error)

    def refusal_of_commit(self, error: BaseException) -> Busy:
        return refusal_of_commit(error)


def _remove_details(context: ExceptionContext) -> None:
    remove_details(context.original_exception)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = context.original_exception.args


def _leave(context: ExceptionContext) -> None:
    """Have such connections thrown away: a new one finds the server that takes writes."""
    context.is_disconnect |= is_of_no_use(context.original_exception)
