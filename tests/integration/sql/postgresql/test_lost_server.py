"""A PostgreSQL server that crashes and recovers, and one whose response is lost."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.builders import SALES_GRACE, a_movie
from tests.contracts.fixtures import ALL
from tests.integration.databases import migrate, new_database, opened
from tests.integration.postgresql_server import PostgresqlServer
from tests.integration.sql.postgresql.counting_retry import CountingRetry
from tests.integration.sql.postgresql.database_faults import Once
from tests.integration.sql.postgresql.network_proxy import proxy_to
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.open import sql_queries
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy, OutcomeUnknown

TIMEOUT_SECONDS = 10.0
"""The maximum wait, in seconds."""


class TestAServerThatCrashes:
    @pytest.fixture
    def server(self) -> Iterator[PostgresqlServer]:
        with PostgresqlServer(durable=True) as server:
            yield server

    @pytest.fixture
    def database_url(self, server):
        with new_database(server) as url:
            migrate(url)
            yield url

    def test_requests_are_busy_until_the_server_recovers(
        self, server, database, transactions, queries
    ):
        hasty = SqlTransactions(database, retry=Retry(0.1))
        long_retry = SqlTransactions(database, retry=Retry(TIMEOUT_SECONDS))
        kept = transactions(lambda uow: uow.movies.add(a_movie("kept")))
        self.fill_the_pool(database)

        server.kill()
        self.until_noticed(hasty)
        with pytest.raises(Busy):
            hasty(lambda uow: uow.movies.add(a_movie("lost")))
        with pytest.raises(Busy):
            queries.programme.movie(kept.id)

        with ThreadPoolExecutor(1) as executor:
            waiting = executor.submit(long_retry, lambda uow: uow.movies.add(a_movie("waited")))
            server.restart()
            waited = waiting.result(TIMEOUT_SECONDS)
        assert list(queries.programme.movies("", ALL).items) == [kept, waited]

    def test_the_first_attempt_after_a_restart_succeeds(self, server, database, transactions):
        queries = sql_queries(database, SALES_GRACE)
        for act in (
            lambda: transactions(lambda uow: uow.movies.add(a_movie())).id,
            lambda: queries.programme.movies("", ALL).total,
        ):
            self.fill_the_pool(database)
            server.restart()
            assert act()

    def test_a_crashed_session_ends_all_others(self, database, admin, queries):
        """The server recovers, and accepts no connections during that time."""

        def crash():
            admin.execute("SELECT pg_backend_pid(), array_agg(pid) FROM pg_stat_activity")
            [[mine, all_of_them]] = admin.fetchall()
            os.kill(mine, signal.SIGKILL)
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while any(Path(f"/proc/{pid}").exists() for pid in all_of_them):
                assert time.monotonic() < deadline
                time.sleep(0.005)

        crashes = Once(crash)

        def work(uow):
            movie = uow.movies.add(a_movie())
            crashes()
            return uow.movies.get(movie.id)

        attempts = CountingRetry(TIMEOUT_SECONDS)
        movie = SqlTransactions(database, retry=attempts)(work)
        assert attempts.made > 1
        assert list(queries.programme.movies("", ALL).items) == [movie]

    def fill_the_pool(self, database):
        """With connections that are lost when the server ends."""
        with ExitStack() as several:
            for _ in range(5):
                several.enter_context(database.engine.connect())

    def until_noticed(self, hasty):
        """A session may respond for a moment, until it notices that its server has ended."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            try:
                hasty(lambda uow: uow.now())
            except Busy:
                return
        pytest.fail("The sessions live on.")


class TestALostResponse:
    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    @pytest.fixture
    def proxy(self, database_url):
        with proxy_to(database_url) as proxy:
            yield proxy

    def test_a_transaction_that_was_not_committed_is_repeated(self, proxy, queries):
        attempts = CountingRetry()
        with opened(proxy.url, pool_size=1) as database:
            proxy.cut_at(b"INSERT INTO movies", heard=True)
            store = SqlTransactions(database, retry=attempts)
            assert store(lambda uow: uow.movies.add(a_movie())).id
        assert (attempts.made, attempts.failures) == (2, [None])
        assert queries.programme.movies("", ALL).total == 1

    @pytest.mark.parametrize(("heard", "kept"), [(False, 0), (True, 1)])
    def test_a_transaction_that_may_be_committed_is_not_repeated(self, proxy, queries, heard, kept):
        attempts = CountingRetry()
        with opened(proxy.url, pool_size=1) as database:
            store = SqlTransactions(database, retry=attempts)
            proxy.cut_at(b"COMMIT", heard=heard)
            with pytest.raises(OutcomeUnknown):
                store(lambda uow: uow.movies.add(a_movie()))
            assert attempts.made == 1
            assert queries.programme.movies("", ALL).total == kept
            assert store(lambda uow: uow.movies.add(a_movie())).id
