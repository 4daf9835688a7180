"""A PostgreSQL server that crashes and comes back, and one whose answer is lost on the way."""

import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Thread

import pytest
from sqlalchemy import make_url

from tests.builders import SALES_GRACE, a_movie
from tests.contracts.stage import ALL
from tests.integration.databases import migrate, new_database, opened
from tests.integration.postgresql_server import PostgresqlServer
from ticketing.adapters.sql.patience import Patience
from ticketing.adapters.sql.queries import SqlQueries
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy, OutcomeUnknown

AT_MOST = 10.0
"""Seconds that anything is waited for."""


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

    def test_it_is_busy_until_the_server_is_back_and_then_nobody_notices(
        self, server, database, transactions, queries
    ):
        hasty = SqlTransactions(database, patience=Patience(0.1))
        patient = SqlTransactions(database, patience=Patience(AT_MOST))
        kept = transactions(lambda uow: uow.movies.add(a_movie("kept")))
        self.fill_the_pool(database)

        server.kill()
        self.until_noticed(hasty)
        with pytest.raises(Busy):
            hasty(lambda uow: uow.movies.add(a_movie("lost")))
        with pytest.raises(Busy):
            queries.movie(kept.id)

        with ThreadPoolExecutor(1) as somebody:
            waiting = somebody.submit(patient, lambda uow: uow.movies.add(a_movie("waited")))
            server.restart()
            waited = waiting.result(AT_MOST)
        assert list(queries.movies("", ALL).items) == [kept, waited]

    def test_the_first_try_after_a_restart_succeeds(self, server, database, transactions):
        queries = SqlQueries(database, SALES_GRACE)
        for act in (
            lambda: transactions(lambda uow: uow.movies.add(a_movie())).id,
            lambda: queries.movies("", ALL).total,
        ):
            self.fill_the_pool(database)
            server.restart()
            assert act()

    def fill_the_pool(self, database):
        """With connections that the server's end makes worthless."""
        with ExitStack() as several:
            for _ in range(5):
                several.enter_context(database.engine.connect())

    def until_noticed(self, hasty):
        """A session may answer for a moment, until it notices that its server is gone."""
        deadline = time.monotonic() + AT_MOST
        while time.monotonic() < deadline:
            try:
                hasty(lambda uow: uow.now())
            except Busy:
                return
        pytest.fail("The sessions live on.")


class BadCable:
    """Between one client and the server: it breaks while the answer to COMMIT is on its way."""

    def __init__(self, host: str, port: int) -> None:
        self._server = socket.create_connection((host, port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = Thread(target=self._carry)
        self._thread.start()

    def _carry(self) -> None:
        client, _ = self._listener.accept()
        with self._listener, client, self._server as server:
            committing = False
            while True:
                ready, _, _ = select.select([client, server], [], [], AT_MOST)
                if client in ready:
                    request = client.recv(65536)
                    committing = committing or b"COMMIT" in request
                    server.sendall(request)
                if server in ready:
                    answer = server.recv(65536)
                    if committing or not answer:
                        return
                    client.sendall(answer)
                if not ready:
                    return

    def join(self) -> None:
        self._thread.join()


class TestAnAnswerThatIsLost:
    @pytest.fixture
    def database_url(self, postgresql_url):
        return postgresql_url

    @pytest.fixture
    def cable(self, database_url):
        server = make_url(database_url)
        cable = BadCable(server.host or "127.0.0.1", server.port or 5432)
        yield cable
        cable.join()

    def test_a_commit_that_was_done_is_not_done_again(self, database_url, cable, queries):
        far = make_url(database_url).set(host="127.0.0.1", port=cable.port)
        url = far.update_query_dict({"sslmode": "disable"})
        attempts = []

        def work(uow):
            attempts.append(uow)
            return uow.movies.add(a_movie())

        address = url.render_as_string(hide_password=False)
        with opened(address, pool_size=1) as database, pytest.raises(OutcomeUnknown):
            SqlTransactions(database)(work)
        assert len(attempts) == 1
        assert queries.movies("", ALL).total == 1
