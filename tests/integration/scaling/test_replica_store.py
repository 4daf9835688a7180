"""The queries return the same with a replica."""

import pytest

from tests.builders import SALES_GRACE
from tests.contracts.programme.show_queries import ShowQueriesContract
from tests.contracts.queries import QueriesContract
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.open import open_replica, sql_queries
from ticketing.adapters.sql.replica import PrimaryWalPosition, ReplicaReader, read_wal_position


@pytest.fixture
def database_url(postgresql: str) -> str:
    return postgresql


@pytest.fixture
def queries(database, database_url, clock):
    """The replica is the same server, so that it never lags."""
    replica = open_replica(database_url, pool_size=5)
    wal_position = PrimaryWalPosition(lambda: read_wal_position(database))
    reader = ReplicaReader(
        replica, Reader(database), wal_position, run_in_background=lambda work: work()
    )
    yield sql_queries(database, SALES_GRACE, clock, reader)
    replica.engine.dispose()


class TestWithReplica(QueriesContract, ShowQueriesContract): ...
