"""How transactions begin and end on PostgreSQL.

psycopg2 would begin one before whatever is sent. A read is a snapshot of its own and needs none;
and a change can begin in the same message as its first statement, which spares a message there
and back.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event

from ticketing.adapters.sql.engine import CHANGES_SCHEMA, WRITES
from ticketing.adapters.sql.postgresql_sale import prepare_sale

# Alembic's own table, made if need be, is what several who migrate at once wait for.
_ALONE = (
    # Whatever the URL says: who waited has to see what the one before has made.
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL statement_timeout = 0",
    "CREATE TABLE IF NOT EXISTS alembic_version"
    " (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
)

_BEGINS, _BEGUN = "ticketing_begins", "ticketing_begun"


def begin_by_hand(engine: Engine) -> None:
    """Have the engine's transactions begin only where something may be written."""
    event.listen(engine, "connect", _leave_it_to_us)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _begin_with_first_statement, retval=True)
    event.listen(engine, "commit", lambda connection: _end(connection, "COMMIT"))
    event.listen(engine, "rollback", lambda connection: _end(connection, "ROLLBACK"))


def _leave_it_to_us(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.autocommit = True


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    alone, writes = CHANGES_SCHEMA in options, WRITES in options
    if writes:
        prepare_sale(connection)
    connection.info[_BEGINS] = alone or writes
    if alone:
        for statement in _ALONE:
            connection.exec_driver_sql(statement)


def _begin_with_first_statement(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
) -> tuple[str, Any]:
    if connection.info.pop(_BEGINS, False):
        connection.info[_BEGUN] = True
        statement = f"BEGIN; {statement}"
    return statement, parameters


def _end(connection: Connection, how: str) -> None:
    if not connection.invalidated and connection.info.pop(_BEGUN, False):
        connection.exec_driver_sql(how)
