"""All queries, over one database."""

from datetime import timedelta

from ticketing.adapters.sql.accounts.queries import SqlAccountQueries
from ticketing.adapters.sql.audit import SqlAuditQueries
from ticketing.adapters.sql.engine.clock import Clock, system_clock
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.programme.queries import SqlProgrammeQueries
from ticketing.adapters.sql.sales.queries import SqlSalesQueries
from ticketing.domain.box_office import Queries


def sql_queries(
    database: Database,
    sales_grace: timedelta,
    clock: Clock | None = None,
    stale: Reader | None = None,
) -> Queries:
    """Return the queries over ``database``; ``stale`` reads the programme, from a replica."""
    reader = Reader(database)
    return Queries(
        programme=SqlProgrammeQueries(reader, stale or reader, sales_grace, clock or system_clock),
        sales=SqlSalesQueries(reader),
        accounts=SqlAccountQueries(reader, database, clock),
        audit=SqlAuditQueries(reader),
    )
