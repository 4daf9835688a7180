"""Which database a URL means."""

from sqlalchemy import make_url

from ticketing.adapters.sql.engine import Database
from ticketing.adapters.sql.postgresql import PostgresqlDatabase
from ticketing.adapters.sql.sqlite import SqliteDatabase


def open_database(url: str, *, pool_size: int) -> Database:
    """The database at ``url``, which may be away for now: nothing is connected yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, pool_size)
    return PostgresqlDatabase(parsed, pool_size)
