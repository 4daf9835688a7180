"""PostgreSQL, through psycopg2."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection, Table, create_engine, event, func
from sqlalchemy.engine import ExceptionContext

from ticketing.adapters.sql.citus import HAS_CITUS
from ticketing.adapters.sql.engine.database import connect, pool_options, translate_errors
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.adapters.sql.postgresql.address import MAX_SECONDS, frozen_seconds, parameters
from ticketing.adapters.sql.postgresql.citus_sale import CitusSale
from ticketing.adapters.sql.postgresql.errors import (
    discards_connection,
    refusal,
    refusal_of_commit,
    remove_details,
)
from ticketing.adapters.sql.postgresql.sale import (
    PostgresqlSale,
    is_distributed,
    prepare_statements,
)
from ticketing.adapters.sql.postgresql.transactions import (
    begin,
    commit,
    manage_transactions,
    roll_back,
)
from ticketing.adapters.sql.postgresql.watchdog import Watchdog
from ticketing.adapters.sql.tables import UtcDateTime
from ticketing.domain.errors import Busy


class PostgresqlDatabase:
    """Rows are locked, so writers need no queue."""

    def __init__(
        self,
        url: str,
        pool_size: int,
        of_several: str = "read-write",
        telemetry: Telemetry = NO_TELEMETRY,
        max_seconds: float | None = None,
    ) -> None:
        """Without ``max_seconds``, a frozen server is waited for."""
        self.telemetry = telemetry
        self.pool_size = pool_size
        self._sale, self._citus_sale = PostgresqlSale(telemetry), CitusSale(telemetry)
        self.engine = create_engine(
            "postgresql+psycopg2://",
            connect_args=parameters(url, of_several, max_seconds or MAX_SECONDS),
            **pool_options(pool_size),
        )
        if max_seconds:
            Watchdog(frozen_seconds(max_seconds, of_several)).watch(self.engine)
        manage_transactions(self.engine)
        event.listen(self.engine, "handle_error", _remove_details)
        event.listen(self.engine, "handle_error", _discard)
        translate_errors(self.engine, self.refusal)
        self.file = None
        # now() is the start of the transaction, which is stale after waiting for a lock.
        self.clock = func.clock_timestamp(type_=UtcDateTime)

    @contextmanager
    def write_turn(self) -> Iterator[None]:
        yield

    @cached_property
    def is_distributed(self) -> bool:
        with connect(self.engine) as connection:
            return bool(connection.scalar(HAS_CITUS))

    def begin(self, connection: Connection, *, brief: bool = False) -> None:
        prepare_statements(connection)
        begin(connection, brief=brief)

    def sale(self, connection: Connection) -> PostgresqlSale:
        return self._citus_sale if is_distributed(connection) else self._sale

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


def _discard(context: ExceptionContext) -> None:
    """Discard such connections: a new one finds the server that accepts writes."""
    context.is_disconnect |= discards_connection(context.original_exception)
