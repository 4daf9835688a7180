"""Transient faults of PostgreSQL: the transaction is retried, and the caller does not notice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from sqlalchemy import text

from tests.builders import a_movie
from tests.contracts.fixtures import ALL
from tests.integration.sql.postgresql.database_faults import Once, before, held, terminate
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import OutcomeUnknown

REPEATABLE_READ = r"-c default_transaction_isolation=repeatable\ read"
SERIALIZABLE = "-c default_transaction_isolation=serializable"


class TestRetried:
    """The transaction is retried, and the caller does not notice."""

    def test_a_deadlock(self, opening, transactions):
        store = SqlTransactions(opening("-c deadlock_timeout=50ms"))
        first, second = (
            transactions(lambda uow, title=title: uow.movies.add(a_movie(title)))
            for title in ("M", "Metropolis")
        )
        meeting = Barrier(2)
        meet = [Once(meeting.wait), Once(meeting.wait)]

        def locking(order, meet):
            def work(uow):
                uow.movies.lock(order[0].id)
                meet()
                return uow.movies.lock(order[1].id)

            return store(work)

        with ThreadPoolExecutor(2) as two:
            one = two.submit(locking, [first, second], meet[0])
            other = two.submit(locking, [second, first], meet[1])
            assert (one.result(), other.result()) == (second, first)
        assert sum(each.happened for each in meet) > 2

    def test_a_row_that_changed_under_repeatable_read(self, opening, transactions, movie):
        store = SqlTransactions(opening(REPEATABLE_READ))
        changed = movie.changed(title="M")
        concurrent = Once(lambda: transactions(lambda uow: uow.movies.save(changed)))

        def work(uow):
            uow.movies.get(movie.id)
            concurrent()
            return uow.movies.lock(movie.id)

        assert store(work) == changed
        assert concurrent.happened == 2

    def test_a_serializable_transaction_that_fails_when_it_is_committed(self, opening):
        mine, theirs = opening(SERIALIZABLE), opening(SERIALIZABLE)

        def unless_there(uow):
            return uow.movies.find_title("M") or uow.movies.add(a_movie("M"))

        concurrent = Once(lambda: SqlTransactions(theirs)(unless_there))
        before(mine.engine, "COMMIT", concurrent)
        found = SqlTransactions(mine)(unless_there)
        assert concurrent.happened == 2
        with opening().engine.connect() as connection:
            assert list(connection.scalars(text("SELECT id FROM movies"))) == [found.id]

    @pytest.mark.parametrize(
        "timeouts",
        [
            pytest.param("-c lock_timeout=20ms", id="lock_timeout"),
            pytest.param("-c lock_timeout=0 -c statement_timeout=20ms", id="statement_timeout"),
        ],
    )
    def test_a_lock_timeout(self, opening, database_url, movie, timeouts):
        store = SqlTransactions(opening(timeouts))
        attempts = []
        with held(database_url, movie.id) as blocker:

            def work(uow):
                attempts.append(uow)
                if len(attempts) == 3:
                    blocker.rollback()
                return uow.movies.lock(movie.id)

            assert store(work) == movie
        assert len(attempts) >= 3  # a slow machine may need longer for the lock that is free, too

    def test_a_session_that_is_ended_half_way(self, opening, admin, queries, movie):
        store = SqlTransactions(opening())
        ended = Once(lambda: terminate(admin))

        def work(uow):
            uow.movies.save(movie.changed(title="M"))
            ended()
            return uow.movies.get(movie.id)

        assert store(work).title == "M"
        assert ended.happened == 2
        assert queries.programme.movie(movie.id).title == "M"

    def test_sessions_of_the_pool_that_were_ended_meanwhile(self, opening, admin, movie):
        database = opening(pool_size=5)
        store = SqlTransactions(database)
        with ExitStack() as several:
            for _ in range(5):
                several.enter_context(database.engine.connect())
        terminate(admin)
        assert store(lambda uow: uow.movies.get(movie.id)) == movie


class TestLostCommit:
    def test_the_outcome_is_unknown_and_nothing_is_repeated(self, opening, admin, queries):
        database = opening()
        ended = Once(lambda: terminate(admin))
        before(database.engine, "COMMIT", ended)
        attempts = []

        def work(uow):
            attempts.append(uow)
            return uow.movies.add(a_movie())

        with pytest.raises(OutcomeUnknown):
            SqlTransactions(database)(work)
        assert len(attempts) == ended.happened == 1
        assert queries.programme.movies("", ALL).total == 0
        assert SqlTransactions(database)(work).id
