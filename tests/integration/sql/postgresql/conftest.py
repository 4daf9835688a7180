"""An empty PostgreSQL database, its clients, and faults."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from tests.builders import Clock, a_movie
from tests.integration.databases import opened, with_settings
from tests.integration.sql.postgresql.transaction_client import TransactionClient
from ticketing.adapters.sql.engine.database import Database


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
