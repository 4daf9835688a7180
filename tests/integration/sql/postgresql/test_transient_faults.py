"""Transient faults, made by PostgreSQL itself, with their SQLSTATE: each is retried.

A session that has ended has no SQLSTATE: libpq reports only that it is lost.
"""

from secrets import token_hex

import pytest

from tests.builders import a_movie
from tests.contracts.fixtures import ALL
from tests.integration.sql.postgresql.counting_retry import CountingRetry
from tests.integration.sql.postgresql.database_faults import Once, gone, held
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import OutcomeUnknown

STRUCK = """
    CREATE SEQUENCE trouble;
    CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF nextval('trouble') = 1 THEN {what}; END IF; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER trouble AFTER INSERT ON movies DEFERRABLE INITIALLY {when}
        FOR EACH ROW EXECUTE FUNCTION trouble()
"""
CANCELLED = pytest.param("PERFORM pg_cancel_backend(pg_backend_pid())", "57014", id="cancelled")
TOO_LONG = pytest.param("PERFORM pg_sleep(10)", "57014", id="takes too long")
ENDED = pytest.param("PERFORM pg_terminate_backend(pg_backend_pid())", None, id="ended")


@pytest.fixture
def strike(admin):
    """Run SQL in the transaction that adds the first movie, and in no later one:
    IMMEDIATE, or DEFERRED until it commits. A sequence is not rolled back."""

    def strike(what, when):
        admin.execute(STRUCK.format(what=what, when=when))

    yield strike
    admin.execute("DROP FUNCTION trouble CASCADE; DROP SEQUENCE trouble")


def add_movie(uow):
    return uow.movies.add(a_movie())


class TestOneFault:
    @pytest.mark.parametrize(("what", "state"), [CANCELLED, TOO_LONG, ENDED])
    def test_a_fault_before_the_commit_is_retried(self, opening, queries, strike, what, state):
        strike(what, "IMMEDIATE")
        attempts = CountingRetry()
        store = SqlTransactions(opening("-c statement_timeout=500ms"), retry=attempts)
        movie = store(add_movie)
        assert (attempts.made, attempts.failures) == (2, [state])
        assert list(queries.programme.movies("", ALL).items) == [movie]

    @pytest.mark.parametrize(("what", "state"), [CANCELLED, ENDED])
    def test_a_fault_of_the_commit_is_not_retried(self, opening, queries, strike, what, state):
        strike(what, "DEFERRED")
        attempts = CountingRetry()
        store = SqlTransactions(opening(), retry=attempts)
        with pytest.raises(OutcomeUnknown):
            store(add_movie)
        assert (attempts.made, attempts.failures) == (1, [state])
        assert queries.programme.movies("", ALL).total == 0
        assert store(add_movie).id

    @pytest.mark.parametrize("state", ["40001", "40P01"])
    def test_a_commit_that_certainly_failed_is_retried(self, opening, queries, strike, state):
        strike(f"RAISE SQLSTATE '{state}'", "DEFERRED")
        attempts = CountingRetry()
        movie = SqlTransactions(opening(), retry=attempts)(add_movie)
        assert (attempts.made, attempts.failures) == (2, [state])
        assert list(queries.programme.movies("", ALL).items) == [movie]


class TestIdle:
    def test_in_a_transaction_for_too_long(self, opening, admin):
        attempts = CountingRetry()
        short_idle_timeout = opening("-c idle_in_transaction_session_timeout=500ms")
        dozes = Once(lambda: gone(admin))

        def work(uow):
            uow.now()
            dozes()
            return add_movie(uow)

        assert SqlTransactions(short_idle_timeout, retry=attempts)(work).id
        assert (attempts.made, attempts.failures) == (2, [None])

    def test_between_two_transactions_for_too_long(self, opening, admin):
        attempts = CountingRetry()
        store = SqlTransactions(opening("-c idle_session_timeout=500ms"), retry=attempts)
        store(add_movie)
        gone(admin)
        assert store(add_movie).id
        assert attempts.failures, "the lost connection was not noticed"
        assert set(attempts.failures) == {None}  # on a busy machine, the next one is lost too
        assert attempts.made == 2 + len(attempts.failures)


class TestSeveralFaults:
    """Some attempts fail, then one succeeds."""

    def test_a_stand_by_is_promoted(self, opening, admin):
        admin.execute("SELECT current_database()")
        [[name]] = admin.fetchall()
        read_only = f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'
        promote = f'ALTER DATABASE "{name}" RESET default_transaction_read_only'
        admin.execute(read_only)
        try:
            attempts = CountingRetry(after_failure=Once(lambda: admin.execute(promote)))
            assert SqlTransactions(opening(), retry=attempts)(add_movie).id
        finally:
            admin.execute(promote)
        assert attempts.failures == ["25006"]

    def test_a_lock_is_released(self, opening, postgresql_url, movie):
        with held(postgresql_url, movie.id) as blocker:
            attempts = CountingRetry(after_failure=blocker.rollback)
            store = SqlTransactions(opening("-c lock_timeout=20ms"), retry=attempts)
            assert store(lambda uow: uow.movies.lock(movie.id)) == movie
        assert (attempts.made, attempts.failures) == (2, ["55P03"])

    def test_a_connection_comes_free_on_the_server(self, opening, admin):
        role = f"ticketing_test_{token_hex(6)}"
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1")
        try:
            first, second = (opening(username=role, password="secret") for _ in range(2))
            with first.engine.connect():
                pass
            attempts = CountingRetry(after_failure=first.engine.dispose)
            assert SqlTransactions(second, retry=attempts)(lambda uow: uow.now())
            second.engine.dispose()
        finally:
            admin.execute(f"DROP ROLE {role}")
        assert attempts.made > 1  # the server may still count a session that has ended

    def test_a_connection_comes_free_in_the_pool(self, opening):
        database = opening(pool_size=1)
        taken = database.engine.connect()
        attempts = CountingRetry(budget=4.0, after_failure=taken.close)
        assert SqlTransactions(database, retry=attempts)(add_movie).id
        assert (attempts.made, attempts.failures) == (2, [None])
