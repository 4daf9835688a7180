"""A PostgreSQL that crashes in the middle of a sale, and comes back."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest

from tests.integration.databases import migrate, new_database
from tests.integration.faults.client_pool import CONFIRMED
from tests.integration.postgresql_server import PostgresqlServer

CRASHES = 2


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A server that keeps committed data, with fsync."""
    with PostgresqlServer(durable=True) as server:
        yield server


@pytest.fixture
def database_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    with new_database(postgresql_server) as url:
        migrate(url)
        yield url


def test_responses_stay_true_when_it_is_killed_and_restarted(postgresql_server, pool):
    with pool.acting():
        pool.until(CONFIRMED, times=30)
        postgresql_server.kill()
        pool.until("busy")
        postgresql_server.restart()
        pool.until(CONFIRMED, times=30)
    pool.check()


def test_responses_stay_true_when_a_session_crashes_and_ends_all_others(database_url, pool):
    with pool.acting():
        for _ in range(CRASHES):
            pool.until(CONFIRMED, times=15)
            os.kill(some_session(database_url), signal.SIGKILL)
        pool.until(CONFIRMED, times=15)
    pool.check()


def some_session(database_url: str) -> int:
    """The process id of a session whose crash makes the server restart."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'ticketing'"
            " AND pid <> pg_backend_pid() ORDER BY state_change DESC LIMIT 1"
        )
        [pid] = cursor.fetchone() or [0]
        assert pid, "no session is connected"
        return int(pid)
