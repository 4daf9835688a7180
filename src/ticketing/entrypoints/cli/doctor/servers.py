"""Whether the database, its replica and Redis answer, and are set up as they should be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.messages import SqlMessageQueries
from ticketing.adapters.sql.postgresql.server_settings import (
    ServerSettings,
    read_server_settings,
    sqlite_version,
)
from ticketing.domain.errors import Busy
from ticketing.entrypoints.cli.doctor.findings import Finding, Severity, fault, ok, warning
from ticketing.entrypoints.cli.doctor.messages import check_messages
from ticketing.entrypoints.cli.installation import first_line_of_cause
from ticketing.settings import Settings

OLDEST_TESTED, NEWEST_TESTED = 14, 18
MAX_CLOCK_DIFFERENCE = timedelta(seconds=2)
BACKGROUND_THREADS = 6  # of a worker: for housekeeping, offers, and four for mails
SPARE_CONNECTIONS = 10  # for migrations, backups and operators
REDIS_TIMEOUT_SECONDS = 2

_DURABILITY = {
    "fsync": "a power failure may corrupt the database",
    "full_page_writes": "a power failure may corrupt the database",
    "synchronous_commit": "a power failure may lose confirmed sales",
}


def check_database(settings: Settings, database: Database, servers: int) -> Iterator[Finding]:
    file = database.file
    if file is not None and not file.exists():  # opening it would create it
        yield fault("database", f"The file {file} does not exist.", "Run `ticketing migrate`.")
        return
    try:
        if file is None:
            yield from _check_postgresql(settings, database, servers)
        else:
            yield ok("database", f"SQLite {sqlite_version(database)} opens {file}.")
        revision = _check_revision(database)
        yield revision
        if revision.severity is not Severity.FAULT:
            yield from check_messages(SqlMessageQueries(Reader(database), database, None))
    except (Busy, SQLAlchemyError) as error:
        yield fault(
            "database",
            _unreachable(error),
            "Check that it is running and that TICKETING_DATABASE_URL is right. "
            "The other checks of the database were skipped.",
        )


def check_replica(replica: Database) -> Iterator[Finding]:
    try:
        server = read_server_settings(replica)
    except (Busy, SQLAlchemyError) as error:
        remedy = "Until it is back, the primary serves all reads."
        yield warning("replica", _unreachable(error), remedy)
        return
    if server.is_replica:
        yield ok("replica", f"PostgreSQL {server.version} answers and follows a primary.")
    else:
        yield warning(
            "replica",
            "The server at TICKETING_READ_DATABASE_URL is not a replica.",
            "Point it at a replica, or remove it.",
        )


def _check_postgresql(settings: Settings, database: Database, servers: int) -> Iterator[Finding]:
    began = datetime.now(UTC)
    server = read_server_settings(database)
    took = datetime.now(UTC) - began
    yield check_version(server.major, server.version)
    if server.is_replica:
        remedy = "Point TICKETING_DATABASE_URL at the primary."
        yield fault("database", "The server is a replica.", remedy)
    yield check_clock(server.now - (began + took / 2))
    yield from check_durability(server, settings.is_production)
    per_worker = min(settings.threads + BACKGROUND_THREADS, settings.pool_size)
    yield check_connections(
        server.connections,
        per_worker,
        settings.workers,
        servers,
        is_distributed=database.is_distributed,
    )


def check_version(major: int, version: str) -> Finding:
    if OLDEST_TESTED <= major <= NEWEST_TESTED:
        return ok("database", f"PostgreSQL {version} answers.")
    remedy = f"Versions {OLDEST_TESTED} to {NEWEST_TESTED} are."
    return warning("database", f"PostgreSQL {version} answers, but is not tested.", remedy)


def check_clock(difference: timedelta) -> Finding:
    """``difference`` is how far the database's clock is ahead of this machine's."""
    seconds = difference.total_seconds()
    if abs(difference) <= MAX_CLOCK_DIFFERENCE:
        return ok("clock", f"The clocks here and of the database differ by {abs(seconds):.1f} s.")
    return fault(
        "clock",
        f"The database's clock differs from this machine's by {seconds:+.1f} s.",
        "Synchronise both with NTP: token lifetimes and the end of sales depend on them.",
    )


def check_durability(server: ServerSettings, is_production: bool) -> Iterator[Finding]:
    severity = Severity.FAULT if is_production else Severity.WARNING
    unsafe = [name for name in _DURABILITY if not getattr(server, name)]
    for name in unsafe:
        message = f"{name} is off: {_DURABILITY[name]}."
        yield Finding(severity, "database", message, f"Set {name} = on in PostgreSQL.")
    if not unsafe:
        yield ok("database", "Confirmed sales survive a power failure.")


def check_connections(
    allowed: int, per_worker: int, workers: int, servers: int, *, is_distributed: bool = False
) -> Finding:
    """``allowed`` is how many PostgreSQL allows, without those reserved for superusers.

    On Citus, each connection of a server has up to two from its node to each other node, and a
    process of Citus has one. Measured: 16 threads at the coordinator made 33 on each node.
    """
    needed = per_worker * workers * servers
    formula, where = f"{per_worker} x {workers} workers x {servers} servers", ""
    if is_distributed:
        needed = needed * 2 + 1
        formula, where = f"{formula} x 2 + 1", " on each Citus node"
    message = (
        f"Up to {needed} connections may be opened{where} ({formula}); PostgreSQL allows {allowed}."
    )
    remedy = "Lower TICKETING_WORKERS or TICKETING_THREADS, or raise max_connections."
    if needed > allowed:
        return fault("connections", message, remedy)
    if needed > allowed - SPARE_CONNECTIONS:
        return warning("connections", message, f"{remedy} Backups and operators need some too.")
    return ok("connections", message)


def _check_revision(database: Database) -> Finding:
    found = schema.revision(database.engine)
    if found == schema.HEAD:
        return ok("migrations", f"The schema is up to date (revision {found}).")
    if found is not None and found > schema.HEAD:
        message = f"The schema (revision {found}) is newer than this software ({schema.HEAD})."
        return warning("migrations", message, "Upgrade this server.")
    message = f"The schema is out of date (revision {found}, needed: {schema.HEAD})."
    if found is None:
        message = "The database is empty."
    return fault("migrations", message, "Run `ticketing migrate`.")


def _unreachable(error: Exception) -> str:
    return f"The database cannot be reached: {first_line_of_cause(error)}."


def check_redis(settings: Settings) -> Iterator[Finding]:
    """Ping the Redis that counts requests for all processes, if there is one."""
    url = settings.ratelimit_storage
    if not settings.ratelimit or url == "memory":
        return
    from redis import Redis  # takes a fifth of the start of each command
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError
    from redis.retry import Retry

    try:
        with Redis.from_url(
            url.replace("redis+unix", "unix", 1),
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as redis:
            redis.ping()
    except (RedisError, ValueError, TypeError) as error:  # the last two: options in the URL
        cause = str(error).partition("\n")[0].rstrip(".")
        yield warning(
            "redis",
            f"Redis cannot be used: {cause}.",
            "Check that it is running and that TICKETING_RATELIMIT_STORAGE is right: until it "
            "answers, each worker counts requests on its own.",
        )
    else:
        yield ok("redis", "Redis answers and counts requests for all workers.")
