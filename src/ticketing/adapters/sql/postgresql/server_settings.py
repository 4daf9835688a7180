"""The server's settings and state, for `ticketing doctor`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ticketing.adapters.sql.engine.database import Database, connect
from ticketing.adapters.sql.tables import UtcDateTime

# Reserved connections came with version 16.
_CONDITION = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS major,
           current_setting('server_version') AS version,
           clock_timestamp() AS now,
           pg_is_in_recovery() AS is_replica,
           current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true), '0')::int AS connections,
           current_setting('fsync') = 'on' AS fsync,
           current_setting('synchronous_commit') <> 'off' AS synchronous_commit,
           current_setting('full_page_writes') = 'on' AS full_page_writes
""").columns(now=UtcDateTime)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``connections`` is the total for all clients; booleans are True where the setting is safe."""

    major: int
    version: str
    now: datetime
    is_replica: bool
    connections: int
    fsync: bool
    synchronous_commit: bool
    full_page_writes: bool


def read_server_settings(database: Database) -> ServerSettings:
    """Read the settings. Raises Busy if the server does not answer."""
    with connect(database.engine) as connection:
        return ServerSettings(**connection.execute(_CONDITION).one()._mapping)


def sqlite_version(database: Database) -> str:
    """Return SQLite's version. Raises Busy if the file cannot be opened."""
    with connect(database.engine) as connection:
        return str(connection.scalar(text("SELECT sqlite_version()")))
