"""The choice of a server, and when a connection is closed."""

import os
import socket
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.builders import a_movie
from tests.contracts.fixtures import ALL
from tests.integration.databases import end_sessions, opened
from tests.integration.scaling.addresses import both
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.open import open_database, open_replica
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.bootstrap import create_app
from ticketing.domain.errors import Busy
from ticketing.settings import Settings

IS_STANDBY = select(func.pg_is_in_recovery())
POOL_SIZE = 3


@pytest.fixture
def database_url(postgresql):
    return postgresql


@pytest.mark.parametrize(("opening", "is_standby"), [(open_database, False), (open_replica, True)])
@pytest.mark.parametrize("turn", [1, -1], ids=["primary first", "standby first"])
def test_the_right_one_of_several_servers_is_found(
    primary_url, standby_url, opening, is_standby, turn
):
    database = opening(both(*[primary_url, standby_url][::turn]), pool_size=1)
    try:
        with database.engine.connect() as connection:
            assert connection.scalar(IS_STANDBY) == is_standby
    finally:
        database.engine.dispose()


def test_connections_to_a_server_that_became_read_only_are_closed(database_url, queries):
    with opened(database_url, POOL_SIZE) as database:
        with ExitStack() as several:
            for _ in range(POOL_SIZE):
                old = several.enter_context(database.engine.connect())
                old.execute(text("SET default_transaction_read_only = on"))

        movie = SqlTransactions(database)(lambda uow: uow.movies.add(a_movie()))

    assert list(queries.programme.movies("", ALL).items) == [movie]


def test_a_server_whose_sessions_were_ended_while_it_was_idle_is_ready(database_url):
    """As after a switch-over: a balancer would take it out although it can serve."""
    named = {"TICKETING_DATABASE_URL": database_url, "TICKETING_SECRET_KEY": "long enough " * 4}
    app = create_app(Settings.from_env(named))
    client, database = app.test_client(), app.extensions["ticketing.database"]
    with ExitStack() as several:
        for _ in range(POOL_SIZE):
            several.enter_context(database.engine.connect())
    end_sessions(database_url)
    assert [client.get("/readyz").status_code for _ in range(POOL_SIZE)] == [200] * POOL_SIZE
    database.engine.dispose()


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux has these")
@pytest.mark.parametrize(("opening", "seconds"), [(open_database, 5), (open_replica, 2)])
def test_a_vanished_machine_is_noticed_within(opening, seconds, primary_url):
    database = opening(primary_url, pool_size=1)
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        with socket.socket(fileno=os.dup(driver.fileno())) as tcp:

            def of(option):
                return tcp.getsockopt(socket.IPPROTO_TCP, option)

            keepalive = tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            probes = of(socket.TCP_KEEPINTVL) * of(socket.TCP_KEEPCNT)
            assert keepalive
            assert of(socket.TCP_KEEPIDLE) + probes <= seconds
            assert 0 < of(socket.TCP_USER_TIMEOUT) <= 1000 * seconds
    database.engine.dispose()


def test_passwords_are_not_shown():
    with opened("postgresql://maria:hunter2@127.0.0.1:1,127.0.0.1:2/nothing") as database:
        with pytest.raises(Busy) as busy:
            SqlTransactions(database, retry=Retry(0))(lambda uow: uow.now())

        assert "port 2 failed" in str(busy.value.__cause__)
        assert "hunter2" not in str(busy.value.__cause__)
        assert "hunter2" not in repr(database.engine)
