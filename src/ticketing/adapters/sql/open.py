"""Open the database of a URL, and its queries."""

from datetime import timedelta

from sqlalchemy import make_url

from ticketing.adapters.sql.accounts.queries import SqlAccountQueries
from ticketing.adapters.sql.audit import SqlAuditQueries
from ticketing.adapters.sql.engine.clock import Clock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.engine.telemetry import NO_TELEMETRY, Telemetry
from ticketing.adapters.sql.messages import SqlMessageQueries
from ticketing.adapters.sql.postgresql.address import REPLICA
from ticketing.adapters.sql.postgresql.database import PostgresqlDatabase
from ticketing.adapters.sql.programme.queries import SqlProgrammeQueries
from ticketing.adapters.sql.programme.seat_plan_cache import SeatPlanCache
from ticketing.adapters.sql.sales.queries import SqlSalesQueries
from ticketing.adapters.sql.sales.waiting_list_queries import SqlWaitingListQueries
from ticketing.adapters.sql.sqlite.database import SqliteDatabase
from ticketing.domain.box_office import Queries


def open_database(
    url: str,
    *,
    pool_size: int,
    telemetry: Telemetry = NO_TELEMETRY,
    max_seconds: float | None = None,
) -> Database:
    """Return the database at ``url``. It connects on first use, so the server may be down.

    With ``max_seconds``, requests to PostgreSQL end within that time even if it freezes.
    """
    if url.startswith("sqlite"):
        return SqliteDatabase(make_url(url), pool_size, telemetry)
    return PostgresqlDatabase(url, pool_size, telemetry=telemetry, max_seconds=max_seconds)


def open_replica(
    url: str,
    *,
    pool_size: int,
    telemetry: Telemetry = NO_TELEMETRY,
    max_seconds: float | None = None,
) -> Database:
    """Return the replica at ``url``; of several hosts, a standby is preferred."""
    return PostgresqlDatabase(url, pool_size, REPLICA, telemetry, max_seconds)


def sql_queries(
    database: Database,
    sales_grace: timedelta,
    clock: Clock | None = None,
    stale: Reader | None = None,
    plans: SeatPlanCache | None = None,
) -> Queries:
    """Return the queries over ``database``; ``stale`` reads the programme, from a replica."""
    reader = Reader(database)
    plans = plans or SeatPlanCache()
    return Queries(
        programme=SqlProgrammeQueries(database, reader, stale or reader, sales_grace, clock, plans),
        sales=SqlSalesQueries(database, reader, clock, plans),
        waiting_list=SqlWaitingListQueries(database, reader, clock, plans),
        accounts=SqlAccountQueries(reader, database, clock),
        audit=SqlAuditQueries(reader),
        messages=SqlMessageQueries(reader, database, clock),
    )
