"""PgBouncer in transaction mode between the servers and PostgreSQL."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg2
import pytest

from tests.integration.databases import migrate, new_database
from tests.integration.faults.client_pool import CONFIRMED, ClientPool
from tests.integration.faults.on_sale import SETTINGS, OnSale, on_sale
from tests.integration.pgbouncer import pgbouncer_before
from tests.integration.polling import until
from tests.integration.running_server import RunningServer, running_server

MORE_SALES = 20
CLIENTS = 24
LONGEST_SECONDS = 30.0


@pytest.fixture
def database_url(postgresql_server) -> Iterator[str]:
    """A database of its own, since its settings change."""
    with new_database(postgresql_server) as url:
        migrate(url)
        yield url


@pytest.fixture
def sale(database_url):
    with on_sale(database_url) as sale:
        yield sale


@pytest.fixture
def start(tmp_path):
    def start(url: str, **settings: str):
        return running_server(
            tmp_path, "serve", "--workers", "2", **SETTINGS, DATABASE_URL=url, **settings
        )

    return start


@contextmanager
def occupied(url: str) -> Iterator[None]:
    """A transaction has one of PgBouncer's connections."""
    with closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("SELECT 1")
        yield


def ask_for_map(server: RunningServer, sale: OnSale) -> int:
    """Return the status of the answer, which has to come in time."""
    started = time.monotonic()
    status = server.call("GET", f"/api/shows/{sale.show.id}/seats").status
    assert time.monotonic() - started < LONGEST_SECONDS
    return status


def test_migrations_run(postgresql_server):
    with new_database(postgresql_server) as url, pgbouncer_before(url) as through:
        migrate(through)
        migrate(through)


@pytest.mark.parametrize("size", [20, 2])
def test_sales_with_server_connections_that_come_and_go(database_url, sale, start, size):
    with (
        pgbouncer_before(database_url, default_pool_size=size, server_lifetime=1) as url,
        start(url, LOG_FORMAT="json") as server,
        ClientPool(server.port, sale) as pool,
    ):
        with pool.acting():
            for _ in range(3):
                pool.until(CONFIRMED, times=MORE_SALES)
                time.sleep(1)  # as long as a server connection lives
        pool.check()
        assert server.stop() == 0
        assert '"status":201' in server.printed
        assert '"status":50' not in server.printed


def test_nobody_waits_long_for_one_of_its_connections(database_url, sale, start):
    """Its own limit is far away, as by default."""
    with (
        pgbouncer_before(database_url, default_pool_size=1, query_wait_timeout=120) as url,
        start(url, DATABASE_SECONDS="1") as server,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        with occupied(url):
            asked = [clients.submit(ask_for_map, server, sale) for _ in range(CLIENTS)]
            assert {each.result() for each in asked} == {503}
        until(lambda: ask_for_map(server, sale) == 200)


def test_a_session_that_is_reset_after_each_transaction_is_reported(database_url, sale, start):
    with pgbouncer_before(database_url, server_reset_query_always=1) as url, start(url) as server:
        customer = sale.customers[0]
        book = f"/api/shows/{sale.show.id}/book"
        answer = server.call("POST", book, {"seats": [1]}, customer.token)
        assert (answer.status, answer.json["code"]) == (503, "busy")
        cause = 'prepared statement "ticketing_lock_free" does not exist'
        until(lambda: cause in server.printed)  # it is logged after the response
