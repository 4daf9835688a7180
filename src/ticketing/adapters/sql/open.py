"""Open the database of a URL."""

from sqlalchemy import make_url

from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.adapters.sql.postgresql.address import REPLICA
from ticketing.adapters.sql.postgresql.database import PostgresqlDatabase
from ticketing.adapters.sql.sqlite.database import SqliteDatabase


def open_database(url: str, *, pool_size: int, telemetry: Telemetry = NO_TELEMETRY) -> Database:
    """Return the database at ``url``. It connects on first use, so the server may be down."""
    if url.startswith("sqlite"):
        return SqliteDatabase(make_url(url), pool_size, telemetry)
    return PostgresqlDatabase(url, pool_size, telemetry=telemetry)


def open_replica(url: str, *, pool_size: int, telemetry: Telemetry = NO_TELEMETRY) -> Database:
    """Return the replica at ``url``; of several hosts, a standby is preferred."""
    return PostgresqlDatabase(url, pool_size, of_several=REPLICA, telemetry=telemetry)
