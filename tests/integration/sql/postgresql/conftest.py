"""An empty PostgreSQL database, its clients, and faults."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from tests.builders import Clock, a_movie
from tests.integration.databases import (
    ISOLATION_LEVELS,
    READ_COMMITTED,
    at_level,
    opened,
    with_settings,
)
from tests.integration.sql.postgresql.transaction_client import TransactionClient
from ticketing.adapters.sql.engine.database import Database

AT_EACH_ISOLATION_LEVEL = {
    "test_best_available",
    "test_busy_store",
    "test_changed_shows",
    "test_concurrent_buyers",
    "test_concurrent_guesses",
    "test_concurrent_messages",
    "test_concurrent_shows",
    "test_failed_batches",
    "test_pooled_connections",
    "test_repeated_requests",
    "test_seat_limit",
    "test_store_faults",
    "test_transient_faults",
    "test_unknown_outcomes",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests for which isolation matters at each level, the others at the default."""
    if "postgresql_url" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        levels = ISOLATION_LEVELS if module in AT_EACH_ISOLATION_LEVEL else [READ_COMMITTED]
        metafunc.parametrize("postgresql_url", levels, indirect=True)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, postgresql: str) -> str:
    return at_level(request.param, postgresql)


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def client(postgresql_url: str, clock: Clock) -> Iterator[Callable[..., TransactionClient]]:
    """Makes clients that share a clock, or use the database's if given None."""
    clients: list[TransactionClient] = []

    def make(name: str, clock: Clock | None = clock, settings: str = "") -> TransactionClient:
        clients.append(TransactionClient(postgresql_url, name, clock, settings))
        return clients[-1]

    yield make
    for client in reversed(clients):
        client.close()


@pytest.fixture
def opening(database_url: str) -> Iterator[Callable[..., Database]]:
    """Opens the database as the application "troubled", with more settings in its URL."""
    with ExitStack() as stack:

        def opening(settings: str = "", pool_size: int = 2, **parts: Any) -> Database:
            url = make_url(database_url).set(**parts).render_as_string(hide_password=False)
            address = with_settings(url, settings, application_name="troubled")
            return stack.enter_context(opened(address, pool_size))

        yield opening


@pytest.fixture
def admin(database_url: str) -> Iterator[Any]:
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        yield connection.cursor()


@pytest.fixture
def movie(transactions):
    return transactions(lambda uow: uow.movies.add(a_movie()))
