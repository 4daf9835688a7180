"""How transactions begin and end on PostgreSQL, and how the messages of a sale are sent.

psycopg2 would begin a transaction before whatever is sent. A read is a snapshot of its own and
needs none; and a change can begin in the same message as its first statement, which spares a
message there and back.
"""

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.pool import ConnectionPoolEntry

from ticketing.adapters.sql.engine.database import CHANGES_SCHEMA
from ticketing.adapters.sql.postgresql.errors import is_of_no_use, refusal, remove_details
from ticketing.domain.errors import Busy

# Alembic's own table, made if need be, is what several who migrate at once wait for.
_ALONE = (
    # Whatever the URL says: who waited has to see what the one before has made.
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL statement_timeout = 0",
    "CREATE TABLE IF NOT EXISTS alembic_version"
    " (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
)

AROUND_MESSAGES = "ticketing_around_messages"
"""Execution option: what is entered, with its text, around each message past SQLAlchemy."""

_BEGINS, _BEGUN = "ticketing_begins", "ticketing_begun"


def send(connection: Connection, message: str, values: Sequence[Any] = ()) -> list[Any]:
    """Rows of what the last statement of a message gives.

    Past SQLAlchemy, which takes as long for a statement as PostgreSQL does. Raises Busy.
    """
    cursor = connection.connection.cursor()
    sent = _with_begin(connection, message)
    try:
        with connection.get_execution_options().get(AROUND_MESSAGES, nullcontext)(sent):
            cursor.execute(sent, values)
        return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        remove_details(error)
        if cursor.connection.closed or is_of_no_use(error):
            connection.invalidate(error)
        raise refusal(error) or exc.DBAPIError(message, None, error) from error
    finally:
        cursor.close()


def leave_transactions_to_us(engine: Engine) -> None:
    """Have a transaction only where one was begun, by us or for a change of the schema."""
    event.listen(engine, "connect", _without_transactions)
    event.listen(engine, "checkin", _require_idle)
    event.listen(engine, "begin", _begin_alone)
    event.listen(engine, "before_cursor_execute", _begin_with_first_statement, retval=True)


def begin(connection: Connection) -> None:
    """Begin a transaction together with whatever is sent first."""
    connection.info[_BEGINS] = True


def commit(connection: Connection) -> None:
    if _has_begun(connection):
        send(connection, "COMMIT")


def roll_back(connection: Connection) -> None:
    if not connection.invalidated and _has_begun(connection):
        with suppress(Busy):  # who does not get through leaves it to the check-in
            send(connection, "ROLLBACK")


def _has_begun(connection: Connection) -> bool:
    """Not where nothing was sent; and what is sent next begins nothing."""
    connection.info.pop(_BEGINS, None)
    begun: bool = connection.info.pop(_BEGUN, False)
    return begun


def _without_transactions(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.autocommit = True


def _require_idle(dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
    """The pool's own reset does nothing here, so what was left open is thrown away."""
    if dbapi_connection and dbapi_connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
        record.invalidate()


def _begin_alone(connection: Connection) -> None:
    """On a connection that is closed afterwards: it is not like the others any more."""
    if CHANGES_SCHEMA in connection.get_execution_options():
        connection.detach()
        mine: Any = connection.connection.dbapi_connection
        mine.autocommit = False
        for statement in _ALONE:
            connection.exec_driver_sql(statement)


def _begin_with_first_statement(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    return _with_begin(connection, statement), parameters


def _with_begin(connection: Connection, statement: str) -> str:
    if not connection.info.pop(_BEGINS, False):
        return statement
    connection.info[_BEGUN] = True
    return f"BEGIN; {statement}"
