"""The metrics for Prometheus, of one process and of a server with several workers."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from tests.builders import PASSWORD, Clock, a_movie, a_show, put_on, register
from tests.contracts.concurrent_calls import all_at_once
from tests.integration.api.cinema import Cinema, Client, book, wait_for
from tests.integration.api.conftest import SECRET_KEY
from tests.integration.databases import opened
from tests.integration.polling import until
from tests.integration.running_server import Answer, RunningServer, running_server
from ticketing.adapters.prometheus import Processes
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import Actor, Role
from ticketing.domain.errors import Busy, OutcomeUnknown
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.settings import Settings

TOKEN = "b6Yf0v2cQmJ8sWq1Zr4Tx7Lk3Hn9Pd5E"
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
TIMEOUT_SECONDS = 30.0


class Metrics:
    """The samples that were scraped; a missing one counts as 0."""

    def __init__(self, text: str) -> None:
        self.samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def __call__(self, name: str, **labels: str) -> float:
        """Return the sum of the samples that have these labels."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == f"ticketing_{name}" and labels.items() <= sample.labels.items()
        )

    def labels(self, name: str, label: str) -> set[str]:
        return {s.labels[label] for s in self.samples if s.name == name}


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    app = make_app(request.getfixturevalue(getattr(request, "param", "sqlite_url")))
    yield app
    app.extensions["ticketing.database"].engine.dispose()


def make_app(url: str, **settings: str) -> Flask:
    given = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "RATELIMIT": "off"}
    given |= {"METRICS_TOKEN": TOKEN} | settings
    return create_app(Settings.from_env({f"TICKETING_{k}": v for k, v in given.items()}))


@pytest.fixture
def cinema(app: Flask) -> Cinema:
    clock = Clock()
    clock.now = datetime.now(UTC)
    return Cinema(app, clock)


def scrape(app: Flask) -> Metrics:
    answer = app.test_client().get("/metrics", headers=AUTHORIZATION)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return Metrics(answer.text)


@pytest.mark.parametrize("app", ["sqlite_url", "postgresql"], indirect=True)
class TestSales:
    def test_bookings_and_cancellations_are_counted(self, app, cinema):
        show, maria = cinema.show(), cinema.customer()
        booked = book(maria, show, 1, 2)
        book(maria, show, 3)
        for _ in range(2):
            maria.post(f"/api/bookings/{booked['id']}/cancel")

        metrics = scrape(app)

        assert metrics("bookings_total") == 2
        assert metrics("booked_seats_total") == 3
        assert metrics("cancellations_total") == 1  # the second call changed nothing
        assert metrics("lock_wait_seconds_count") >= 2

    def test_holds_are_counted_by_what_becomes_of_them(self, app, cinema):
        show, holds = cinema.show(), cinema.office.holds
        maria = Actor(register(cinema.office.transactions, "maria"), Role.CUSTOMER)
        made = [holds.hold(show.id, [2 * number - 1, 2 * number], maria) for number in (1, 2, 3, 4)]
        holds.book(made[0].id, maria)
        holds.extend(made[1].id, maria)
        holds.change(made[1].id, [3], maria)
        cinema.office.bookings.book(show.id, [3], maria.account_id)
        holds.release(made[2].id, maria)
        holds.release(made[2].id, maria)

        metrics = scrape(app)

        assert metrics("holds_total") == 4
        assert metrics("ended_holds_total", outcome="booked") == 2
        assert metrics("ended_holds_total", outcome="released") == 1
        assert metrics("live_holds") == 1
        assert metrics("show_seats_held") == 2
        assert metrics("show_seats_sold") == 3

        cinema.office.programme.change_show(show.id, ShowDraft(cancelled=True))

        assert scrape(app)("ended_holds_total", outcome="released") == 2

    def test_messages_are_counted_by_what_becomes_of_them(self, app, cinema):
        cinema.office.accounts.sign_up("maria", PASSWORD, "maria@example.org")
        for name in ("maria", "unknown"):
            cinema.office.password_resets.request(name, "")
        assert scrape(app)("waiting_messages") == 2
        cinema.office.messages.send_due()

        metrics = scrape(app)

        assert metrics("waiting_messages") == metrics("failed_messages") == 0
        for outcome in ("sent", "out_of_date"):
            assert metrics("messages_total", kind="password_reset", outcome=outcome) == 1

    def test_offers_and_those_who_wait_are_counted(self, app, cinema):
        show, staff = cinema.show(hours=72, seats=1), cinema.staff()
        booking = book(staff, show, 1)
        for name in ("maria", "otto"):
            wait_for(cinema.customer(name), show)
        assert scrape(app)("waiting_entries") == 2
        staff.post(f"/api/bookings/{booking['id']}/cancel")

        cinema.office.offers.serve_all()

        metrics = scrape(app)
        assert metrics("waiting_entries") == metrics("offers_total") == 1
        assert metrics("holds_total") == metrics("live_holds") == 1

    def test_sales_are_counted_by_the_size_of_their_batch(self, app, cinema):
        show, maria = cinema.show(), cinema.customer()
        for seat in (1, 2):
            book(maria, show, seat)
        self.refused(maria, show, 2)
        app.extensions["ticketing.database"].telemetry.batch(3)

        metrics = scrape(app)

        assert metrics("sale_batch_size_count") == 4
        assert metrics("sale_batch_size_sum") == 3 + 3
        for size, batches in (("1.0", 3), ("2.0", 3), ("4.0", 4), ("32.0", 4), ("+Inf", 4)):
            assert metrics("sale_batch_size_bucket", le=size) == batches

    def test_bookings_of_a_cancelled_show_count_as_cancellations(self, app, cinema):
        show = cinema.show()
        for name in ("maria", "otto"):
            book(cinema.customer(name), show, *([1] if name == "maria" else [2, 3]))

        cinema.staff().patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"})

        assert scrape(app)("cancellations_total") == 2

    def test_refusals_are_counted_by_code(self, app, cinema):
        maria, free, full = cinema.customer(), cinema.show(), cinema.show(hours=20, seats=1)
        for show in (free, full):
            book(maria, show, 1)
            self.refused(maria, show, 1)
        cinema.guest().post("/api/auth/login", json={"username": "x", "password": "wrong"})

        metrics = scrape(app)

        assert metrics("bookings_total") == 2
        for code in ("seat_taken", "show_full", "bad_credentials"):
            assert metrics("refusals_total", code=code) == 1

    def refused(self, client: Client, show: Show, seat: int) -> None:
        answer = client.post(f"/api/shows/{show.id}/book", json={"seats": [seat]})
        assert answer.status_code == 409

    def test_rehearsals_are_not_counted(self, app, cinema):
        put_on(cinema.office.transactions, a_show(rehearsal=True))

        assert scrape(app).labels("ticketing_show_seats", "show") == set()

    def test_failures_start_at_0_so_that_the_first_one_is_an_increase(self, app, cinema):
        codes = scrape(app).labels("ticketing_store_failures_total", "code")

        assert codes == {"busy", "outcome_unknown"}

    def test_a_cancelled_show_is_not_upcoming(self, app, cinema):
        show, other = cinema.show(), cinema.show(hours=30)
        cinema.staff().patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"})

        assert scrape(app).labels("ticketing_show_seats", "show") == {str(other.id)}

    def test_seats_of_upcoming_shows(self, app, cinema):
        show = cinema.show(movie=a_movie('"Ω\n'), seats=50)
        cinema.show(hours=-30, screen=show.screen, movie=show.movie)
        book(cinema.customer(), show, 4, 5)

        metrics = scrape(app)

        [sample] = [s for s in metrics.samples if s.name == "ticketing_show_seats"]
        starts_at = f"{show.starts_at:%Y-%m-%dT%H:%MZ}"
        assert sample.labels == {"show": str(show.id), "movie": '"Ω\n', "starts_at": starts_at}
        assert metrics("show_seats") == 50
        assert metrics("show_seats_sold") == 2

    def test_retries_and_failures_of_the_store(self, app, cinema, monkeypatch):
        database, troubles = app.extensions["ticketing.database"], [OutcomeUnknown(), Busy()]

        def fail(_connection: object, *, brief: bool) -> None:
            raise troubles.pop()

        monkeypatch.setattr(database, "begin", fail)
        account = {"username": "otto", "password": PASSWORD}
        answer = cinema.guest().post("/api/auth/signup", json=account)

        metrics = scrape(app)
        assert answer.status_code == 503
        assert metrics("store_retries_total") == 1
        assert metrics("store_failures_total", code="outcome_unknown") == 1


class TestRequests:
    def test_routes_are_url_rules(self, app, cinema):
        guest = cinema.guest()
        for number in range(5):
            guest.get(f"/api/shows/{number}")

        metrics = scrape(app)

        route = {"route": "/api/shows/<id:show_id>"}
        assert metrics("requests_total", method="GET", status="404", **route) == 5
        assert metrics("request_duration_seconds_count", **route) == 5
        assert metrics("request_duration_seconds_bucket", le="+Inf", **route) == 5

    def test_unknown_paths_and_methods_make_no_labels(self, app, cinema):
        guest = cinema.guest()
        for number in range(5):
            guest.get(f"/nowhere/{number}")
            guest.open(f"/api/{number}", method=f"BREW{number}")

        metrics = scrape(app)

        assert metrics("requests_total", route="none") == 10
        assert metrics("requests_total", method="other") == 5
        assert metrics.labels("ticketing_requests_total", "method") == {"GET", "other"}

    def test_connections_in_use(self, app):
        engine = app.extensions["ticketing.database"].engine
        with engine.connect(), engine.connect() as second:
            assert scrape(app)("pool_connections", pool="primary") == 2
            second.invalidate()
            assert scrape(app)("pool_connections", pool="primary") == 1

        assert scrape(app)("pool_connections", pool="primary") == 0
        assert scrape(app)("pool_size", pool="primary") == 10

    def test_failed_connections_are_not_in_use(self, app):
        engine = app.extensions["ticketing.database"].engine
        with engine.connect() as lost:
            lost.invalidate()

        def refuse(*_: object) -> None:
            raise OSError

        event.listen(engine, "do_connect", refuse)
        with pytest.raises(OSError):
            engine.connect()
        event.remove(engine, "do_connect", refuse)

        assert scrape(app)("pool_connections") == 0

    def test_the_process_and_the_build(self, app):
        metrics = scrape(app)

        assert metrics.labels("process_resident_memory_bytes", "pid") == {str(os.getpid())}
        assert metrics("build_info") == metrics("store_up") == 1


class TestAccess:
    @pytest.mark.parametrize(
        "authorization", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"]
    )
    def test_metrics_require_the_token(self, sqlite_url, authorization):
        answer = (
            make_app(sqlite_url)
            .test_client()
            .get("/metrics", headers={"Authorization": authorization})
        )

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert (answer.json or {})["code"] in ("token_missing", "token_invalid")

    def test_without_a_token_there_are_no_metrics(self, sqlite_url):
        guest = make_app(sqlite_url, METRICS_TOKEN="").test_client()

        assert guest.get("/metrics", headers=AUTHORIZATION).status_code == 404

    def test_an_access_token_is_refused(self, app, cinema):
        assert cinema.user("root", Role.ADMIN).get("/metrics").status_code == 401

    def test_metrics_are_not_in_the_api_schema(self, app, cinema):
        assert "/metrics" not in cinema.guest().get("/schema/").json["paths"]

    def test_without_the_store_other_metrics_remain(self, tmp_path):
        app = make_app(f"sqlite:///{tmp_path}/no/such/directory/x.db")

        metrics = scrape(app)

        assert metrics("store_up") == 0
        assert metrics("store_failures_total") == 1
        assert metrics.labels("ticketing_show_seats", "show") == set()


# --- several processes


def test_another_process_with_the_id_of_a_dead_worker_is_ignored(tmp_path):
    ours = Processes(tmp_path)
    (tmp_path / "1.alive").touch()  # locked by no process, although one has this id

    assert ours.living() == [os.getpid()]


@pytest.fixture(scope="module")
def server(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("watched")
    store = shutil.copy(sqlite_template, home / "ticketing.db")
    with opened(f"sqlite:///{store}") as database:
        starts_at = datetime.now(UTC) + timedelta(hours=2)
        put_on(SqlTransactions(database), a_show(starts_at=starts_at))
    with running_server(
        home, "serve", "--workers", "2", METRICS_TOKEN=TOKEN, LOG_FORMAT="json"
    ) as server:
        until(lambda: scrape_server(server)("pool_size") == 20)  # both workers have started
        yield server
        assert server.stop() == 0


def scrape_server(server: RunningServer) -> Metrics:
    return Metrics(insist(server, "GET", "/metrics", token=TOKEN).body.decode())


def insist(server: RunningServer, *args: Any, **more: str) -> Answer:
    """Repeat the call while a dead worker drops connections."""
    for _ in range(100):
        try:
            return server.call(*args, **more)
        except (OSError, HTTPException):
            time.sleep(0.05)
    raise AssertionError("no answer")


def customer(server: RunningServer) -> str:
    who = {"username": "maria", "password": PASSWORD}
    server.call("POST", "/api/auth/signup", who)
    return str(server.call("POST", "/api/auth/login", who).json["access"])


def test_metrics_include_all_workers_also_dead_ones(server):
    token = customer(server)
    all_at_once(lambda _: [server.call("GET", "/api/movies") for _ in range(10)], range(6))
    for seat in range(1, 6):
        assert server.call("POST", "/api/shows/1/book", {"seats": [seat]}, token).status == 201
    before = server.workers()

    metrics = scrape_server(server)
    assert metrics("requests_total", route="/api/movies") == 60
    assert metrics("bookings_total") == metrics("show_seats_sold") == 5
    assert metrics("sale_batch_size_count") == metrics("sale_batch_size_sum") == 5
    assert metrics.labels("process_resident_memory_bytes", "pid") == set(map(str, before))

    os.kill(before[0], signal.SIGKILL)
    until(lambda: len({*server.workers()} - {*before}) == 1)
    until(lambda: scrape_server(server)("pool_size") == 20)  # without the dead one
    insist(server, "GET", "/api/movies")

    metrics = scrape_server(server)
    assert metrics("requests_total", route="/api/movies") == 61
    assert metrics("bookings_total") == 5
    assert metrics.labels("process_open_fds", "pid") == set(map(str, server.workers()))


def test_the_log_of_a_server_is_one_json_object_per_line(server):
    token = customer(server)
    tagged = [f"r-{number}" for number in range(40)]

    def call(tag: str) -> None:
        server.call("GET", "/api/my-bookings", token=token, X_Request_ID=tag)
        server.call("GET", f"/api/movies/{tag[2:]}", X_Request_ID=tag)

    all_at_once(call, tagged)
    deaths = server.printed.count("Unexpected exit")
    os.kill(server.workers()[0], signal.SIGKILL)  # granian logs it
    until(lambda: server.printed.count("Unexpected exit") > deaths)

    first, *lines = server.printed.splitlines()
    read = list(map(json.loads, lines))
    assert first.startswith("Serving on ")
    mine = [line for line in read if line.get("request_id", "").startswith("r-")]
    assert sorted(line["request_id"] for line in mine) == sorted(tagged * 2)
    for line in mine:
        assert ("user" in line) == (line["path"] == "/api/my-bookings")
