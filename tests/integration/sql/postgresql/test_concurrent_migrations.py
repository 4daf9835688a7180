"""Two processes migrate the same database: the second waits and then changes nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.integration.databases import downgrade, migrate, new_database, with_settings
from tests.integration.postgresql_server import Server
from tests.integration.sql.postgresql.database_faults import AT_MOST
from ticketing.adapters.sql import schema

THE_SECOND_WAITS = """
    SELECT FROM pg_stat_activity WHERE application_name = 'second' AND wait_event_type = 'Lock'
"""


@pytest.fixture
def postgresql(postgresql_server: Server) -> Iterator[str]:
    """An empty database."""
    with new_database(postgresql_server) as url:
        yield url


@pytest.fixture
def second(postgresql_url, admin):
    """Another process, which has started when this returns, and waits or has finished."""
    mine = with_settings(postgresql_url, "", application_name="second")

    def begin():
        migrating = process.submit(migrate, mine)
        deadline = time.monotonic() + AT_MOST
        while not migrating.done():
            admin.execute(THE_SECOND_WAITS)
            if admin.fetchall():
                break
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return migrating

    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield begin


@pytest.mark.parametrize("before", ["nothing", "an empty version table"])
def test_the_second_migration_waits_for_the_first(client, database, second, before):
    if before != "nothing":
        schema.migrate(database.engine)
        downgrade(database, "base")
    first = client("first")
    first.start(schema.migrate, first.engine, stopping_before="CREATE TABLE movies")
    migrating = second()
    assert first.resume() is None
    migrating.result(AT_MOST)
    assert schema.is_current(database.engine)
    assert schema.difference(database.engine) is None
