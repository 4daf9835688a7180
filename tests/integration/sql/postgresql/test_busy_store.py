"""Lasting faults of PostgreSQL: they are reported, and nothing was changed."""

import time
from secrets import token_hex

import pytest
from sqlalchemy import text

from tests.builders import a_movie
from tests.integration.postgresql_server import free_port
from tests.integration.sql.postgresql.database_faults import held
from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import Busy, Locked, StorageFull, Unreachable

A_LONG_TIME = 20.0  # seconds, on a busy machine; the pool's default is 30


class TestBusy:
    """A fault that outlasts the retries is reported, and nothing was changed."""

    @pytest.fixture
    def told_busy(self):
        def told_busy(database: Database, work=lambda uow: uow.movies.add(a_movie())) -> None:
            with pytest.raises(Busy) as refusal:
                SqlTransactions(database, retry=Retry(0.1))(work)
            assert refusal.value.repeatable

        return told_busy

    def test_no_server_listens(self, opening, told_busy):
        told_busy(opening(host="127.0.0.1", port=free_port()))

    def test_a_stand_by_does_not_write(self, opening, told_busy):
        told_busy(opening("-c default_transaction_read_only=on"))

    def test_a_lock_is_not_released(self, opening, told_busy, database_url, movie):
        with held(database_url, movie.id):
            told_busy(opening("-c lock_timeout=20ms"), lambda uow: uow.movies.save(movie))

    def test_the_server_takes_no_more_connections(self, opening, told_busy, admin):
        role = f"ticketing_test_{token_hex(6)}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1")
        try:
            first, second = (opening(username=role, password="secret") for _ in range(2))
            with first.engine.connect():
                told_busy(second, lambda uow: uow.now())
            first.engine.dispose()
            assert SqlTransactions(second)(lambda uow: uow.now())
            second.engine.dispose()
        finally:
            admin.execute(f"DROP ROLE {role}")

    def test_the_pool_is_exhausted_for_two_seconds(self, opening, told_busy):
        database = opening(pool_size=1)
        began = time.monotonic()
        with database.engine.connect():
            told_busy(database)
        assert 1.9 < time.monotonic() - began < A_LONG_TIME


RAISED = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"


class TestStates:
    """https://www.postgresql.org/docs/current/errcodes-appendix.html"""

    def failure(self, database: Database, state: str) -> BaseException:
        with database.engine.connect() as connection, pytest.raises(Exception) as failure:
            connection.execute(text(RAISED.format(state)))
        return failure.value

    @pytest.mark.parametrize(
        "state",
        [
            *("40001", "40P01", "57014", "57P05", "53300"),
            *("25006", "25P03", "23505", "23503"),
        ],
    )
    def test_transient_errors_are_busy(self, database, state):
        assert type(self.failure(database, state)) is Busy

    @pytest.mark.parametrize(
        "state", ["57P01", "57P02", "57P03", "08000", "08003", "08006", "08P01"]
    )
    def test_a_server_that_starts_or_stops_is_unreachable(self, database, state):
        assert type(self.failure(database, state)) is Unreachable

    def test_a_lock_timeout_means_that_something_is_locked(self, database):
        assert type(self.failure(database, "55P03")) is Locked

    @pytest.mark.parametrize("state", ["53100", "58030"])
    def test_a_full_disk_is_reported_at_once(self, database, state):
        assert type(self.failure(database, state)) is StorageFull

    @pytest.mark.parametrize("state", ["23514", "23502", "42601", "22003", "XX000"])
    def test_our_own_bugs_are_not_hidden(self, database, state):
        assert not isinstance(self.failure(database, state), Busy)
