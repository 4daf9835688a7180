"""The database: whether it answers, is safe, is up to date and has room for our connections."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from ticketing.adapters.sql import schema
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.postgresql.server_settings import (
    ServerSettings,
    read_server_settings,
    sqlite_version,
)
from ticketing.domain.errors import Busy
from ticketing.entrypoints.cli.findings import Finding, Grade, fault, ok, warning
from ticketing.settings import Settings

OLDEST, NEWEST = 14, 18
"""The versions of PostgreSQL that the tests know."""

_CLOCKS_DIFFER_BY = timedelta(seconds=2)
_ASIDE = 2
"""Threads of a worker beside those that answer: for housekeeping, and for mails."""

_FOR_OTHERS = 10
"""Connections to spare: for migrations, back-ups, and an operator at the worst moment."""

_SAFETY = {
    "fsync": "a power cut may destroy the database",
    "full_page_writes": "a power cut may destroy the database",
    "synchronous_commit": "confirmed sales may be lost with the power",
}


def check_store(settings: Settings, database: Database, servers: int) -> Iterator[Finding]:
    file = database.file
    if file is not None and not file.exists():  # to open it would make it
        yield fault("database", f"There is no file {file}.", "Run `ticketing migrate`.")
        return
    try:
        if file is None:
            yield from _check_postgresql(settings, database, servers)
        else:
            yield ok("database", f"SQLite {sqlite_version(database)} opens {file}.")
        yield _revision(database)
    except (Busy, SQLAlchemyError) as error:
        remedy = "Is it up, and TICKETING_DATABASE_URL right? Nothing else of it was checked."
        yield fault("database", _away(error), remedy)


def check_replica(replica: Database) -> Iterator[Finding]:
    try:
        condition = read_server_settings(replica)
    except (Busy, SQLAlchemyError) as error:
        remedy = "Until it is back, the primary serves all reads."
        yield warning("replica", _away(error), remedy)
        return
    if condition.is_replica:
        yield ok("replica", f"PostgreSQL {condition.version} answers, and follows a primary.")
    else:
        remedy = "See TICKETING_READ_DATABASE_URL: it takes load off nobody."
        yield warning("replica", "What answers is no replica.", remedy)


def _check_postgresql(settings: Settings, database: Database, servers: int) -> Iterator[Finding]:
    began = datetime.now(UTC)
    condition = read_server_settings(database)
    took = datetime.now(UTC) - began
    yield version_of(condition.major, condition.version)
    if condition.is_replica:
        yield fault("database", "It is a replica.", "TICKETING_DATABASE_URL names the primary.")
    yield clocks(condition.now - (began + took / 2))
    yield from safety(condition, settings.is_production)
    of_worker = min(settings.threads + _ASIDE, settings.pool_size)  # a thread holds one at most
    yield connections(condition.connections, of_worker, settings.workers, servers)


def version_of(major: int, version: str) -> Finding:
    if OLDEST <= major <= NEWEST:
        return ok("database", f"PostgreSQL {version} answers.")
    remedy = f"Versions {OLDEST} to {NEWEST} are tested."
    return warning("database", f"PostgreSQL {version} answers.", remedy)


def clocks(ahead: timedelta) -> Finding:
    """``ahead`` is how much the database's clock is ahead of ours."""
    seconds = ahead.total_seconds()
    if abs(ahead) <= _CLOCKS_DIFFER_BY:
        return ok("clock", f"It differs from the database's by {abs(seconds):.1f} s.")
    remedy = "Have NTP set both: tokens and the end of sales rest on them."
    return fault("clock", f"The database's is {seconds:+.1f} s off ours.", remedy)


def safety(condition: ServerSettings, is_production: bool) -> Iterator[Finding]:
    grade = Grade.FAULT if is_production else Grade.WARNING
    unsafe = [name for name in _SAFETY if not getattr(condition, name)]
    for name in unsafe:
        says = f"{name} is off: {_SAFETY[name]}."
        yield Finding(grade, "database", says, f"Set {name} = on in PostgreSQL.")
    if not unsafe:
        yield ok("database", "What is confirmed outlives a power cut.")


def connections(allowed: int, of_worker: int, workers: int, servers: int) -> Finding:
    """``allowed`` are those that PostgreSQL has for everybody but its superusers."""
    most = of_worker * workers * servers
    says = (
        f"{most} may be opened ({of_worker} x {workers} workers x {servers} servers),"
        f" and PostgreSQL has {allowed}."
    )
    if most > allowed:
        remedy = "Lower TICKETING_WORKERS or TICKETING_THREADS, or raise max_connections."
        return fault("connections", says, remedy)
    if most > allowed - _FOR_OTHERS:
        return warning("connections", says, "That leaves too few for a backup and for yourself.")
    return ok("connections", says)


def _revision(database: Database) -> Finding:
    found = schema.revision(database.engine)
    if found == schema.HEAD:
        return ok("migrations", f"The schema is current ({found}).")
    if found is not None and found > schema.HEAD:
        says = f"The database is newer (schema {found}) than this software ({schema.HEAD})."
        return warning("migrations", says, "Upgrade this server too.")
    state = "The database is empty" if found is None else f"The schema is old ({found})"
    return fault("migrations", f"{state}; {schema.HEAD} is wanted.", "Run `ticketing migrate`.")


def _away(error: Exception) -> str:
    cause = str(error.__cause__ or error).strip().partition("\n")[0]
    return f"It cannot be reached: {cause}."
