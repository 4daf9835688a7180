"""Work that holds threads for long leaves some to all other requests."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from threading import Barrier

import psycopg2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.builders import PASSWORD
from tests.integration.api.cinema import book
from tests.integration.databases import ISOLATION_LEVELS, with_settings
from ticketing.adapters.passwords import Argon2Hasher
from ticketing.entrypoints.http.web.rate_limits import LOG_IN, SIGN_UP, family_of

PLACES = 12
HERE, THERE, ELSEWHERE = "192.0.2.7", "198.51.100.7", "203.0.113.7"
AT_MOST = 20.0
"""The maximum wait, in seconds."""

LOG_INS = ["/api/auth/login", "/api/users/login", "/login", "/token", "/api/token", "/api/login"]
SIGN_UPS = ["/api/auth/signup", "/api/users/signup", "/signup", "/api/signup"]


def log_in(client, address=HERE, password=PASSWORD, path=LOG_INS[0], name="maria"):
    body = {"username": name, "password": password}
    return client.post(path, json=body, environ_overrides={"REMOTE_ADDR": address})


@pytest.fixture
def account(cinema):
    return cinema.office.accounts.sign_up("maria", PASSWORD)


@pytest.fixture
def hold(app):
    """Hold places for password checks of an address."""

    @contextmanager
    def hold(places, address):
        with ExitStack() as held:
            for _ in range(places):
                held.enter_context(app.extensions["ticketing"].password_checks(address))
            yield

    return hold


def assert_busy(answer):
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"] == "1"
    if answer.is_json:
        assert answer.json["code"] == "busy"


def test_password_checks_leave_threads_for_other_requests(
    cinema, guest, otto, account, monkeypatch
):
    """As many log-ins as there are places are being verified, from two addresses."""
    show, barrier = cinema.show(), Barrier(PLACES + 1)
    verify = Argon2Hasher.verify

    def verify_after_the_others(*password):
        barrier.wait(AT_MOST)
        return verify(*password)

    monkeypatch.setattr(Argon2Hasher, "verify", verify_after_the_others)
    with ThreadPoolExecutor(PLACES) as threads:
        logging_in = [
            threads.submit(log_in, cinema.guest(), address, name=f"{address} {number}")
            for address in (HERE, THERE)
            for number in range(PLACES // 2)
        ]
        while barrier.n_waiting < PLACES:
            assert not any(future.done() for future in logging_in)
        assert_busy(log_in(guest, ELSEWHERE))
        assert guest.get("/api/movies").status_code == 200
        assert guest.get(f"/api/shows/{show.id}/seats").status_code == 200
        assert book(otto, show, 1)
        assert barrier.n_waiting == PLACES
        barrier.wait(AT_MOST)
    assert {future.result().status_code for future in logging_in} == {401}


def test_one_address_holds_half_of_the_places(guest, account, hold):
    with hold(PLACES // 2, HERE):
        assert_busy(log_in(guest))
        assert log_in(guest, ELSEWHERE).status_code == 200
    assert log_in(guest).status_code == 200


@pytest.mark.parametrize("path", LOG_INS)
def test_every_log_in_needs_a_place(guest, account, hold, path):
    with hold(6, THERE), hold(6, ELSEWHERE):
        assert_busy(log_in(guest, path=path))
    assert log_in(guest, path=path).status_code == 200


@pytest.mark.parametrize("path", SIGN_UPS)
def test_every_sign_up_needs_a_place(guest, hold, path):
    otto = {"username": "otto", "password": PASSWORD, "email": "otto@example.org"}
    with hold(6, THERE), hold(6, ELSEWHERE):
        assert_busy(guest.post(path, json=otto))
    assert guest.post(path, json=otto).status_code == 201


def test_changing_a_password_needs_a_place(cinema, account, hold):
    maria = cinema.bearing(cinema.tokens(account.id)["access"])
    change = {"current_password": PASSWORD, "new_password": "another horse"}
    with hold(6, THERE), hold(6, ELSEWHERE):
        assert_busy(maria.post("/api/auth/password", json=change))
    assert maria.post("/api/auth/password", json=change).status_code == 204


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/auth/password/reset/confirm", "json"), ("/password-reset", "data")]
)
def test_resetting_a_password_needs_a_place(app, hold, path, kind):
    guest, reset = FlaskClient(app), {"token": "1.1.1", "new_password": "another horse"}
    with hold(6, THERE), hold(6, ELSEWHERE):
        assert_busy(guest.post(path, **{kind: reset}))
    assert guest.post(path, **{kind: reset}).status_code == 422


def test_all_paths_are_tested(app):
    """The log-in to /admin/ is tested with its pages."""
    views = app.view_functions
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if family_of(views[rule.endpoint]) in (LOG_IN, SIGN_UP)
    }
    assert found == {*LOG_INS, *SIGN_UPS, "/admin/log-in"}


def test_a_busy_log_in_is_not_counted(make_app, account):
    app = make_app(RATELIMIT="on")
    guest, check = app.test_client(), app.extensions["ticketing"].password_checks
    with ExitStack() as held:
        for _ in range(PLACES // 2):
            held.enter_context(check(HERE))
        for _ in range(20):
            assert_busy(log_in(guest, password="wrong"))
    for _ in range(10):
        assert log_in(guest, password="wrong").status_code == 401
    assert log_in(guest).status_code == 429


@contextmanager
def locked(url, show):
    """Another transaction has locked seats 1 to 41 of the show, until it is rolled back."""
    with closing(psycopg2.connect(url)) as connection:
        seats = "SELECT FROM show_seats WHERE show_id = %s AND number <= 41 FOR UPDATE"
        connection.cursor().execute(seats, [show.id])
        yield connection


def waiting_for_locks(url):
    """Return how many transactions wait for locks."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        [(number,)] = cursor.fetchall()
        return number


def wait_until_waiting(url, requests):
    """Wait until all of the requests wait for locks."""
    while waiting_for_locks(url) < len(requests):
        assert not any(request.done() for request in requests)


@pytest.mark.parametrize("store", ISOLATION_LEVELS, indirect=True, scope="session")
class TestALockedShow:
    """In all places of a show customers wait for a seat that another transaction has locked."""

    @pytest.fixture
    def app(self, make_app, store):
        url = with_settings(store.url, "-c lock_timeout=20s")  # longer than a test takes
        return make_app(DATABASE_URL=url, DATABASE_SECONDS="60", MAX_LOCK_WAITS="4")

    @pytest.fixture
    def show(self, cinema):
        return cinema.show()

    @pytest.fixture
    def another_show(self, cinema):
        return cinema.show(hours=8)

    @pytest.fixture
    def bookings(self, maria, show):
        return [book(maria, show, seat) for seat in (1, 2)]

    @pytest.fixture
    def threads(self):
        with ThreadPoolExecutor(4) as threads:
            yield threads

    @pytest.fixture
    def waiting(self, threads, cinema, store, show, bookings):
        buyers = [cinema.customer(name) for name in ("first", "second")]
        with locked(store.url, show) as elsewhere:
            sales = [threads.submit(sell, buyer, show, 40) for buyer in buyers]
            wait_until_waiting(store.url, sales)
            yield sales
            assert not any(sale.done() for sale in sales)
            elsewhere.rollback()
            assert sorted(sale.result().status_code for sale in sales) == [201, 409]

    def test_other_requests_are_answered(self, guest, otto, show, another_show, waiting):
        assert guest.get("/api/shows").status_code == 200
        assert guest.get(f"/api/shows/{show.id}/seats").status_code == 200
        assert otto.get("/api/my-bookings").status_code == 200
        assert sell(otto, another_show, 1).status_code == 201

    def test_further_sales_of_locked_seats_are_tried_once(self, app, otto, show, waiting):
        assert otto.get("/api/my-bookings").status_code == 200  # its token is known then
        engine, used = app.extensions["ticketing.database"].engine, []
        event.listen(engine, "checkout", lambda *connection: used.append(connection))
        assert_busy(sell(otto, show, 41))
        assert len(used) == 1

    def test_free_seats_of_the_show_are_sold(self, otto, show, waiting):
        assert sell(otto, show, 42).status_code == 201

    def test_whatever_else_waits_has_the_other_places(
        self, threads, store, maria, staff, show, bookings, waiting
    ):
        cancelling = [
            threads.submit(maria.post, f"/api/bookings/{each['id']}/cancel") for each in bookings
        ]
        wait_until_waiting(store.url, [*waiting, *cancelling])
        assert_busy(staff.patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"}))


def sell(client, show, seat):
    return client.post(f"/api/shows/{show.id}/book", json={"seat_number": seat})
