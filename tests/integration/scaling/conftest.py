"""Two PostgreSQL servers: a primary, and a standby that follows it."""

from collections.abc import Iterator

import pytest

from tests.integration.databases import migrate, opened
from tests.integration.polling import until
from tests.integration.postgresql_server import PostgresqlServer, Standby
from ticketing.adapters.sql import schema
from ticketing.domain.errors import Busy

DATABASE = "ticketing"


@pytest.fixture(scope="session")
def primary() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as primary:
        yield primary


@pytest.fixture(scope="session")
def standby(primary: PostgresqlServer) -> Iterator[Standby]:
    with primary.standby() as standby:
        yield standby


@pytest.fixture(scope="session")
def primary_url(primary: PostgresqlServer, standby: Standby) -> str:
    """A migrated database of the primary, and so of the standby."""
    primary.create_database(DATABASE)
    migrate(primary.url(DATABASE))
    return primary.url(DATABASE)


@pytest.fixture(scope="session")
def standby_url(standby: Standby, primary_url: str) -> str:
    """The same database on the standby, once it exists there."""
    until(lambda: is_migrated(standby.url(DATABASE)))
    return standby.url(DATABASE)


def is_migrated(url: str) -> bool:
    try:
        with opened(url, 1) as database:
            return schema.is_current(database.engine)
    except Busy:  # the database does not exist yet
        return False
