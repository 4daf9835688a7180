"""Databases for the tests."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg2
from alembic import command
from sqlalchemy import event

from tests.integration.postgresql_server import Server
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.open import open_database
from ticketing.adapters.sql.tables import metadata

POOL_SIZE = 20

READ_COMMITTED = "read committed"
SERIALIZABLE = "serializable"
ISOLATION_LEVELS = [READ_COMMITTED, SERIALIZABLE]

_END_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
"""
_DELETE_ALL = "".join(f"DELETE FROM {table};" for table in reversed(metadata.sorted_tables))


@contextmanager
def opened(url: str, pool_size: int = POOL_SIZE) -> Iterator[Database]:
    database = open_database(url, pool_size=pool_size)
    skip_fsync(database)
    try:
        yield database
    finally:
        database.engine.dispose()


def skip_fsync(database: Database) -> None:
    """Let SQLite commit before the disk has the data, which only a loss of power would show."""
    if database.file:
        event.listen(database.engine, "connect", _skip_fsync)


def _skip_fsync(dbapi_connection: Any, _record: Any) -> None:
    dbapi_connection.execute("PRAGMA synchronous=OFF")


def migrate(url: str) -> None:
    with opened(url) as database:
        schema.migrate(database.engine)


def upgrade(database: Database, revision: str) -> None:
    command.upgrade(schema.alembic_config(database.engine), revision)


def downgrade(database: Database, revision: str) -> None:
    """Downgrade the schema to a revision; "base" is an empty database."""
    command.downgrade(schema.alembic_config(database.engine), revision)


@contextmanager
def new_database(server: Server) -> Iterator[str]:
    """The address of a new database, which is gone afterwards."""
    name = f"ticketing_test_{token_hex(6)}"
    server.create_database(name)
    try:
        yield server.url(name)
    finally:
        server.drop_database(name)


def with_settings(postgresql_url: str, settings: str, **more: str) -> str:
    """The address with more of PostgreSQL's settings, and of libpq's parameters; the last win.

    Spaces become ``%20``, for libpq takes a ``+`` for what it is.
    """
    parts = urlsplit(postgresql_url)
    query = dict(parse_qsl(parts.query)) | more
    query["options"] = f"{query.get('options', '')} {settings}".strip()
    return parts._replace(query=urlencode(query, quote_via=quote)).geturl()


def at_level(level: str, postgresql_url: str) -> str:
    """The address by which transactions get that isolation; nothing has to be said for ours."""
    if level == READ_COMMITTED:
        return postgresql_url
    return with_settings(postgresql_url, f"-c default_transaction_isolation={level}")


def end_sessions(postgresql_url: str) -> None:
    """End all other sessions of the database."""
    with closing(psycopg2.connect(postgresql_url)) as connection, connection:
        connection.cursor().execute(_END_ALL_OTHERS)


def empty(postgresql_url: str) -> None:
    """End all other sessions, which may hold locks, and delete every row."""
    delete_all(postgresql_url, first=_END_ALL_OTHERS)


def delete_all(postgresql_url: str, *, first: str = "", then: str = "") -> None:
    """Delete every row: in 5 ms, where TRUNCATE takes 30 and a cloned database 30 to 300.

    Ids are counted on, so that those of a movie and of a show are hardly ever the same.
    """
    with closing(psycopg2.connect(postgresql_url)) as connection, connection:
        connection.cursor().execute(first + _DELETE_ALL + then)
