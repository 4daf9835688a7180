"""A PostgreSQL that is stopped and continues: the kernel acknowledges, and nothing answers."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from itertools import chain

import psycopg2
import pytest
from sqlalchemy import text

from tests.builders import SALES_GRACE, a_movie
from tests.contracts.fixtures import ALL
from tests.integration.databases import migrate, new_database
from tests.integration.faults.client_pool import CONFIRMED
from tests.integration.faults.on_sale import SEATS, SETTINGS, OnSale
from tests.integration.polling import until
from tests.integration.postgresql_server import PostgresqlServer
from tests.integration.running_server import RunningServer, running_server
from tests.integration.sql.postgresql.database_faults import Once, before
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.open import open_database, open_replica, sql_queries
from ticketing.adapters.sql.replica import ReplicaReader, WalPosition
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import OutcomeUnknown, Unreachable

MAX_SECONDS = 1
LONGEST_SECONDS = 15.0
"""For any request, on a busy machine; without a limit it would be until the server continues."""

CLIENTS = 32


@pytest.fixture(scope="module")
def frozen_server() -> Iterator[PostgresqlServer]:
    """A server of this module's own, since it is stopped."""
    with PostgresqlServer() as server:
        yield server


@pytest.fixture
def database_url(frozen_server: PostgresqlServer) -> Iterator[str]:
    with new_database(frozen_server) as url:
        migrate(url)
        yield url


@pytest.fixture
def freezing(frozen_server: PostgresqlServer) -> Iterator[Callable[[], None]]:
    """Freeze the server until the test ends, or until ``thaw``."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(frozen_server.frozen())


def started_at(replica: Database) -> str:
    with replica.engine.connect() as connection:
        return str(connection.scalar(text("SELECT pg_postmaster_start_time()::text")))


@contextmanager
def answered_in_time() -> Iterator[None]:
    """Fail unless the block ends in time."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONGEST_SECONDS


@contextmanager
def raised_in_time(kind: type[Exception]) -> Iterator[None]:
    """Fail unless the block raises this error, in time."""
    with answered_in_time(), pytest.raises(kind):
        yield


class TestEachWaitEnds:
    @pytest.fixture
    def database(self, database_url: str) -> Iterator[Database]:
        database = open_database(database_url, pool_size=3, max_seconds=MAX_SECONDS)
        yield database
        database.engine.dispose()

    @pytest.fixture
    def transactions(self, database):
        return SqlTransactions(database)

    def test_of_a_connection(self, database, freezing):
        freezing()
        with raised_in_time(Unreachable):
            database.engine.connect()

    def test_of_a_statement(self, database, frozen_server):
        with (
            database.engine.connect() as connection,
            frozen_server.frozen(),
            raised_in_time(Unreachable),
        ):
            connection.scalar(text("SELECT 1"))

    @pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO movies", "ROLLBACK"])
    def test_of_a_transaction(self, database, transactions, freezing, statement):
        before(database.engine, statement, Once(freezing))
        with raised_in_time(Unreachable if statement != "ROLLBACK" else ZeroDivisionError):
            transactions(lambda uow: [uow.movies.add(a_movie()), 1 / 0])

    def test_of_a_commit(self, database, transactions, frozen_server):
        with ExitStack() as frozen:
            freezes = Once(lambda: frozen.enter_context(frozen_server.frozen()))
            before(database.engine, "COMMIT", freezes)
            with raised_in_time(OutcomeUnknown):
                transactions(lambda uow: uow.movies.add(a_movie()))
        assert freezes.happened == 1  # and is not repeated
        assert transactions(lambda uow: uow.movies.add(a_movie())).id

    def test_of_a_read_on_a_replica_which_the_primary_then_answers(
        self, database, transactions, frozen_server
    ):
        movie = transactions(lambda uow: uow.movies.add(a_movie()))
        with PostgresqlServer() as other, new_database(other) as url:
            migrate(url)
            replica = open_replica(url, pool_size=1, max_seconds=MAX_SECONDS)
            position = WalPosition("0/0", "", started_at(replica))
            reader = ReplicaReader(
                replica, Reader(database), lambda: position, run_in_background=lambda work: work()
            )
            queries = sql_queries(database, SALES_GRACE, stale=reader)
            assert list(queries.programme.movies("", ALL).items) == []
            with other.frozen(), answered_in_time():
                assert list(queries.programme.movies("", ALL).items) == [movie]
            replica.engine.dispose()

    def test_connections_that_were_idle_are_replaced(self, database, frozen_server):
        with ExitStack() as several:
            for _ in range(3):
                several.enter_context(database.engine.connect())
        with frozen_server.frozen(), raised_in_time(Unreachable):
            Reader(database)(lambda connection: connection.scalar(text("SELECT 1")))
        for _ in range(3):
            assert Reader(database)(lambda connection: connection.scalar(text("SELECT 1"))) == 1

    def test_a_command_waits(self, database_url, frozen_server):
        """Its statements may be long."""
        database = open_database(database_url, pool_size=1)
        with database.engine.connect() as connection:
            assert connection.scalar(text(f"SELECT 1 FROM pg_sleep({2 * MAX_SECONDS})")) == 1
        database.engine.dispose()


@pytest.fixture
def server(database_url, tmp_path):
    settings = {"DATABASE_URL": database_url, "DATABASE_SECONDS": str(MAX_SECONDS), **SETTINGS}
    with running_server(tmp_path, "serve", "--workers", "1", **settings) as server:
        yield server
        assert server.stop() == 0
        assert "Traceback" not in server.printed, server.printed


class Client:
    """Sends request after request, each with a limit for its answer."""

    def __init__(self, server: RunningServer, sale: OnSale, number: int) -> None:
        token = sale.customers[number % len(sale.customers)].token
        show = f"/api/shows/{sale.show.id}"
        self._requests = [
            ("GET", f"{show}/seats", None, ""),
            ("GET", "/api/my-bookings", None, token),
            ("POST", f"{show}/book", {"seats": [number % SEATS + 1]}, token),
            ("GET", "/readyz", None, ""),
        ]
        self._server = server

    def send(self) -> list[int]:
        """Send each request, and return the statuses."""
        statuses = []
        for request in self._requests:
            with answered_in_time():
                statuses.append(self._server.call(*request).status)
        return statuses


def test_every_request_is_answered_also_behind_stuck_threads(server, sale, frozen_server):
    clients = [Client(server, sale, number) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        assert {200, 201} < set(chain(*threads.map(Client.send, clients))) <= {200, 201, 409}
        with frozen_server.frozen():
            assert set(chain(*threads.map(Client.send, clients))) == {503}
        until(lambda: clients[0].send() == [200, 200, 409, 200])


@pytest.fixture
def no_commit_ends(frozen_server):
    """As with ``synchronous_commit`` and a standby that is lost: all but COMMIT works."""
    with closing(psycopg2.connect(frozen_server.url("postgres"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()

        def name_standby(name: str) -> None:
            cursor.execute("ALTER SYSTEM SET synchronous_standby_names = %s", [name])
            cursor.execute("SELECT pg_reload_conf()")

        name_standby("lost")
        yield lambda: name_standby("")
        name_standby("")


def test_commits_that_hang_end_and_do_not_follow_one_another(server, sale, no_commit_ends):
    def book(number: int) -> str:
        customer = sale.customers[number % len(sale.customers)]
        path, body = f"/api/shows/{sale.show.id}/book", {"seats": [number % SEATS + 1]}
        with answered_in_time():
            return str(server.call("POST", path, body, customer.token).json.get("code"))

    with ThreadPoolExecutor(CLIENTS) as threads:
        assert {"outcome_unknown"} < set(threads.map(book, range(CLIENTS))) <= {
            "outcome_unknown", "busy", "seat_taken",
        }  # fmt: skip
    no_commit_ends()
    until(lambda: book(0) in ("None", "seat_taken"))


def test_responses_stay_true_when_it_freezes(frozen_server, pool):
    with pool.acting():
        pool.until(CONFIRMED, times=30)
        for _ in range(3):
            with frozen_server.frozen():
                pool.until("busy", times=10)
            pool.until(CONFIRMED, times=10)
    pool.check()
