"""What can be asked of the store is answered alike with a replica."""

import pytest

from tests.builders import SALES_GRACE
from tests.contracts.queries import QueriesContract
from tests.contracts.show_queries import ShowQueriesContract
from ticketing.adapters.sql.log_end import LogEnd, end_of_log
from ticketing.adapters.sql.opening import open_replica
from ticketing.adapters.sql.queries import SqlQueries
from ticketing.adapters.sql.reader import Reader
from ticketing.adapters.sql.replica import ReplicaReader


@pytest.fixture
def database_url(postgresql: str) -> str:
    return postgresql


@pytest.fixture
def queries(database, database_url, clock):
    """The replica is the same server, so that nothing has to be waited for."""
    replica = open_replica(database_url, pool_size=5)
    log_end = LogEnd(lambda: end_of_log(database))
    reader = ReplicaReader(replica, Reader(database), log_end, aside=lambda work: work())
    yield SqlQueries(database, SALES_GRACE, clock, reader)
    replica.engine.dispose()


class TestWithReplica(QueriesContract, ShowQueriesContract): ...
