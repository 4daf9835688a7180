"""Begin and end transactions on PostgreSQL, and send the messages of a sale.

psycopg2 would begin a transaction before every statement. A read is one snapshot and needs none,
and a change begins in the same message as its first statement, which saves a round trip.
"""

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry

from ticketing.adapters.sql.engine.database import CHANGES_SCHEMA
from ticketing.adapters.sql.postgresql.errors import discards_connection, refusal, remove_details
from ticketing.adapters.sql.postgresql.watchdog import restart_clock
from ticketing.domain.errors import Busy

# Concurrent migrations wait for the lock of Alembic's table, which is created if missing.
_ALONE = (
    # Whatever the URL sets: after waiting, it must see the other's migration.
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL statement_timeout = 0",
    "CREATE TABLE IF NOT EXISTS alembic_version"
    " (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
)

AROUND_MESSAGES = "ticketing_around_messages"
"""Execution option: a context manager, given the text, around each message of ``send``."""

_BEGINS, _BEGUN = "ticketing_begins", "ticketing_begun"

# The statements of a change look rows up by key. Without statistics, as on a database just made,
# PostgreSQL would rather read tables that it takes for small, and keep to that plan as they grow.
# Where there is no other way, that seems so expensive that it would compile the statement.
_BEGIN = "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
_BRIEF = f"{_BEGIN}; SET LOCAL lock_timeout = '50ms'"


def send(connection: Connection, message: str, values: Sequence[Any] = ()) -> list[Any]:
    """Send a message and return the rows of its last statement. Raises Busy.

    It bypasses SQLAlchemy, which takes as long for a statement as PostgreSQL does.
    """
    cursor = connection.connection.cursor()
    sent = _to_send(connection, message)
    try:
        with connection.get_execution_options().get(AROUND_MESSAGES, nullcontext)(message):
            cursor.execute(sent, values)
        return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        remove_details(error)
        if cursor.connection.closed or discards_connection(error):
            connection.invalidate(error)
        raise refusal(error) or exc.DBAPIError(message, None, error) from error
    finally:
        cursor.close()


def manage_transactions(engine: Engine) -> None:
    """Make the engine begin transactions only by ``begin``, or to change the schema."""
    event.listen(engine, "connect", _without_transactions)
    event.listen(engine, "checkin", _require_idle)
    event.listen(engine, "begin", _begin_alone)
    event.listen(engine, "before_cursor_execute", _before_statement, retval=True)


def begin(connection: Connection, *, brief: bool) -> None:
    """Begin a transaction in the same message as the first statement."""
    connection.info[_BEGINS] = _BRIEF if brief else _BEGIN


def commit(connection: Connection) -> None:
    if _has_begun(connection):
        send(connection, "COMMIT")


def roll_back(connection: Connection) -> None:
    if not connection.invalidated and _has_begun(connection):
        with suppress(Busy):  # then the check-in discards the connection
            send(connection, "ROLLBACK")


def _has_begun(connection: Connection) -> bool:
    """Return whether a transaction is open, and cancel one that has not sent anything."""
    connection.info.pop(_BEGINS, None)
    begun: bool = connection.info.pop(_BEGUN, False)
    return begun


def _without_transactions(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.autocommit = True


def _require_idle(dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
    """Discard connections with an open transaction; the pool's reset does nothing in autocommit."""
    if dbapi_connection and dbapi_connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
        record.invalidate()


def _begin_alone(connection: Connection) -> None:
    """Begin a schema change on a detached connection, which is closed afterwards."""
    if CHANGES_SCHEMA in connection.get_execution_options():
        connection.detach()
        mine: Any = connection.connection.dbapi_connection
        mine.autocommit = False
        for statement in _ALONE:
            connection.exec_driver_sql(statement)


def _before_statement(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    return _to_send(connection, statement), parameters


def _to_send(connection: Connection, statement: str) -> str:
    """Return the message for a statement, which the caller sends next."""
    restart_clock(connection)
    begins = connection.info.pop(_BEGINS, None)
    if begins is None:
        return statement
    connection.info[_BEGUN] = True
    return f"{begins}; {statement}"
