"""Read the programme on a standby that lags, becomes unreachable, and comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import func, select, text

from tests.builders import SALES_GRACE, Ticks, a_movie, put_on, register
from tests.contracts.fixtures import ALL, booked
from tests.integration.databases import empty, opened, with_settings
from tests.integration.polling import until
from tests.integration.running_server import running_server
from tests.integration.scaling.box_office import SECRET_KEY, SERVE
from tests.integration.sql.postgresql.database_faults import watch
from ticketing.adapters.sql.engine.reader import Reader
from ticketing.adapters.sql.engine.retry import Retry
from ticketing.adapters.sql.open import open_replica, sql_queries
from ticketing.adapters.sql.replica import (
    AWAY_SECONDS,
    CATCH_UP_SECONDS,
    FRESH_SECONDS,
    PrimaryWalPosition,
    ReplicaReader,
    read_wal_position,
)
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.bootstrap import create_app
from ticketing.domain.errors import Busy
from ticketing.domain.programme.queries import ShowFilter
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.unit_of_work import NotifyingTransactions
from ticketing.settings import Settings

IS_STANDBY = select(func.pg_is_in_recovery())


@pytest.fixture
def database_url(primary_url: str) -> Iterator[str]:
    yield primary_url
    empty(primary_url)


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def wal_position(database, ticks):
    return PrimaryWalPosition(lambda: read_wal_position(database), ticks)


@pytest.fixture
def background():
    """Runs background work at once, or ``later``."""

    class Background(list[Callable[[], None]]):
        later = False

        def __call__(self, work):
            self.append(work)
            if not self.later:
                work()

    return Background()


@pytest.fixture
def replica(standby_url):
    replica = open_replica(standby_url, pool_size=5)
    yield replica
    replica.engine.dispose()


@pytest.fixture
def reader(replica, database, wal_position, ticks, background):
    return ReplicaReader(replica, Reader(database), wal_position, ticks, background)


@pytest.fixture
def queries(database, clock, reader):
    return sql_queries(database, SALES_GRACE, clock, reader)


@pytest.fixture
def on_standby(reader):
    return lambda: reader(lambda connection: connection.scalar(IS_STANDBY))


@pytest.fixture
def admin(standby_url):
    """A session on the standby."""
    with closing(psycopg2.connect(standby_url)) as connection:
        connection.autocommit = True
        yield connection.cursor()


@pytest.fixture
def lag(admin, ticks):
    """Pauses the standby's replay, until ``end``."""

    class Lag:
        def begin(self):
            admin.execute("SELECT pg_wal_replay_pause()")
            until(lambda: self.state() == "paused")

        def end(self):
            admin.execute("SELECT pg_wal_replay_resume()")

        def state(self):
            admin.execute("SELECT pg_get_wal_replay_pause_state()")
            return admin.fetchone()[0]

    lag = Lag()
    yield lag
    lag.end()


@pytest.fixture
def caught_up(ticks, on_standby):
    """Waits until the standby serves reads."""

    def wait():
        def serves():
            ticks.now += CATCH_UP_SECONDS
            return on_standby()

        until(serves)

    return wait


def test_a_standby_that_keeps_up_serves_the_programme(transactions, queries, caught_up):
    show = put_on(transactions)
    caught_up()

    assert queries.programme.movie(show.movie.id) == show.movie
    assert [offer.show for offer in queries.programme.shows(ShowFilter(), ALL).items] == [show]
    assert queries.programme.show(show.id).available_seats == 50


def test_reads_are_at_most_half_a_second_stale(
    transactions, queries, caught_up, lag, ticks, on_standby
):
    caught_up()
    ticks.now += FRESH_SECONDS
    assert on_standby()  # so the WAL position is cached from now on
    lag.begin()
    movie = transactions(lambda uow: uow.movies.add(a_movie()))

    ticks.now += FRESH_SECONDS - 0.01
    assert (on_standby(), queries.programme.movies("", ALL).total) == (True, 0)

    ticks.now += 0.01
    assert (on_standby(), list(queries.programme.movies("", ALL).items)) == (False, [movie])


def test_it_serves_again_once_it_has_caught_up(transactions, caught_up, lag, ticks, on_standby):
    caught_up()
    lag.begin()
    transactions(lambda uow: uow.movies.add(a_movie()))
    ticks.now += FRESH_SECONDS
    assert not on_standby()

    lag.end()

    caught_up()


def test_a_booking_is_on_the_seat_map_and_visible_to_its_customer_at_once(
    transactions, queries, caught_up, lag
):
    show, customer = put_on(transactions), register(transactions)
    caught_up()
    lag.begin()

    booking = BookingService(transactions, SalesPolicy(SALES_GRACE)).book(show.id, [7], customer)

    assert queries.sales.booking(booking.id) == booking
    assert list(queries.sales.bookings(customer, None, ALL).items) == [booking]
    assert booked(queries, show.id) == [7]
    assert queries.programme.show(show.id).available_seats == 50  # which may be half a second stale
    assert queries.programme.shows(ShowFilter(), ALL).items[0].available_seats == 50


def test_a_show_that_the_standby_does_not_have_yet_is_found(transactions, queries, caught_up, lag):
    caught_up()
    lag.begin()

    show = put_on(transactions)

    assert queries.programme.movie(show.movie.id) == show.movie
    assert queries.programme.show(show.id).show == show


def test_a_change_of_the_programme_is_visible_to_its_author(
    transactions, queries, caught_up, lag, wal_position, ticks
):
    movie = transactions(lambda uow: uow.movies.add(a_movie("M")))
    caught_up()
    lag.begin()

    changed = movie.changed(title="Metropolis")
    NotifyingTransactions(transactions, [wal_position.expire])(lambda uow: uow.movies.save(changed))
    ticks.now += 0.001

    assert queries.programme.movie(movie.id) == changed


def test_the_primary_itself_is_current(database_url, wal_position, ticks, background):
    with opened(database_url) as same:
        reader = ReplicaReader(same, NotAsked(same), wal_position, ticks, background)

        assert reader(lambda connection: connection.scalar(select(1))) == 1


class NotAsked(Reader):
    def __call__(self, read):
        raise AssertionError("The primary was read.")


class TestAnUnreachableStandby:
    @pytest.fixture
    def away(self, standby, caught_up):
        """It is available again afterwards, for the next test."""
        caught_up()
        standby.kill()
        yield
        standby.restart()

    def test_the_primary_serves_and_no_read_is_refused(self, away, transactions, queries):
        movie = transactions(lambda uow: uow.movies.add(a_movie()))

        for _ in range(20):
            assert queries.programme.movie(movie.id) == movie
            assert list(queries.programme.movies("", ALL).items) == [movie]

    def test_it_is_tried_again_later_in_the_background(
        self, away, standby, ticks, background, reader
    ):
        def tried():
            background.clear()
            assert reader(lambda connection: connection.scalar(IS_STANDBY)) is False
            return len(background)

        until(lambda: not reader(lambda connection: connection.scalar(IS_STANDBY)))
        background.later = True
        assert tried() == 0

        ticks.now += AWAY_SECONDS
        assert [tried(), tried()] == [1, 0]

        ticks.now += AWAY_SECONDS
        assert tried() == 1
        standby.restart()
        background.later = False
        ticks.now += AWAY_SECONDS
        until(lambda: reader(lambda connection: connection.scalar(IS_STANDBY)))


def test_it_is_not_read_while_its_primary_is_unreachable(replica, ticks, background):
    with opened("postgresql://127.0.0.1:1/nothing") as nothing:
        primary = Reader(nothing, Retry(0))
        reader = ReplicaReader(
            replica, primary, lambda: read_wal_position(nothing), ticks, background
        )

        with pytest.raises(Busy):
            reader(lambda connection: connection.scalar(IS_STANDBY))


def test_a_server_that_is_no_primary_has_no_wal_position(replica):
    assert read_wal_position(replica) is None


def test_visible_changes_count_before_they_are_written(database_url, database):
    with opened(with_settings(database_url, "-c synchronous_commit=off")) as lazy:
        for _ in range(10):
            SqlTransactions(lazy)(lambda uow: uow.movies.add(a_movie()))
            with lazy.engine.connect() as connection:
                seen = connection.scalar(select(func.pg_current_wal_insert_lsn()))
                end = read_wal_position(database)
                covers = text("SELECT CAST(:end AS pg_lsn) >= CAST(:seen AS pg_lsn)")
                assert end and connection.scalar(covers, {"end": end.position, "seen": seen})


@pytest.fixture
def app(primary_url, standby_url, ticks):
    urls = {"TICKETING_DATABASE_URL": primary_url, "TICKETING_READ_DATABASE_URL": standby_url}
    settings = Settings.from_env(urls | {"TICKETING_SECRET_KEY": SECRET_KEY})
    app = create_app(settings, monotonic=ticks)
    yield app
    for database in ("ticketing.database", "ticketing.replica"):
        app.extensions[database].engine.dispose()


def test_the_application_reads_the_standby_with_its_own_clock(app, transactions, lag, ticks):
    def programme():
        there.clear()
        movies = app.extensions["ticketing"].office.queries.programme.movies("", ALL).items
        return [movie.title for movie in movies], any("movies" in said for said in there)

    def is_read_there():
        ticks.now += CATCH_UP_SECONDS
        return programme()[1]

    there: list[str] = []
    watch(app.extensions["ticketing.replica"].engine, there.append)

    until(is_read_there)
    lag.begin()
    transactions(lambda uow: uow.movies.add(a_movie("M")))
    assert programme() == ([], True)

    ticks.now += FRESH_SECONDS
    assert programme() == (["M"], False)

    lag.end()
    rested = time.monotonic() + 2 * CATCH_UP_SECONDS
    while time.monotonic() < rested:
        assert programme() == (["M"], False)
    until(is_read_there)


def test_a_server_reads_the_replica_of_its_settings(
    primary_url, standby, standby_url, admin, tmp_path, transactions
):
    def programme():
        answer = server.call("GET", "/api/movies")
        assert answer.status == 200
        return [movie["title"] for movie in answer.json["results"]]

    def standby_was_read():
        assert programme() == ["M"]
        admin.execute(
            "SELECT FROM pg_stat_activity"
            " WHERE query LIKE '%FROM movies%' AND pid <> pg_backend_pid()"
        )
        return admin.fetchall()

    transactions(lambda uow: uow.movies.add(a_movie("M")))
    settings = {"DATABASE_URL": primary_url, "READ_DATABASE_URL": standby_url}
    with running_server(tmp_path, *SERVE, **settings, SECRET_KEY=SECRET_KEY) as server:
        until(standby_was_read)
        standby.kill()
        assert [programme() for _ in range(20)] == [["M"]] * 20
        standby.restart()
