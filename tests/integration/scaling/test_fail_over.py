"""The primary dies in the middle of an on-sale, and its standby takes over."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event
from uuid import uuid4

import psycopg2
import pytest

from tests.integration.databases import migrate
from tests.integration.polling import TIMEOUT_SECONDS, until
from tests.integration.postgresql_server import PostgresqlServer, Standby
from tests.integration.running_server import RunningServer, running_server
from tests.integration.scaling.addresses import both
from tests.integration.scaling.box_office import (
    SERVE,
    SETTINGS,
    book,
    log_in,
    put_on_tomorrow,
    seats_booked,
    sign_up,
)
from ticketing.domain.programme.show import Show

DATABASE = "ticketing"
CLIENTS, SEATS = 8, 10_000
LONGEST_ANSWER = 30.0  # seconds: each request gets a response, and does not hang
LONGEST_PAUSE = 15.0  # seconds: from the promotion until everyone has bought


@dataclass
class Customer:
    """Buys seat after seat, and retries with the same key until there is a clear response."""

    server: RunningServer
    token: str
    show: Show
    seats: Iterator[int]
    bookings: dict[int, int] = field(default_factory=dict)  # confirmed bookings by seat
    refusals: list[str] = field(default_factory=list)
    longest: float = 0.0

    def buy_until(self, end: Event) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        for seat in self.seats:
            self.bookings[seat] = self.buy(seat, deadline)
            if end.is_set():
                return

    def buy(self, seat: int, deadline: float) -> int:
        key = str(uuid4())
        while (started := time.monotonic()) < deadline:
            answer = book(self.server, self.token, self.show, seat, key)
            self.longest = max(self.longest, time.monotonic() - started)
            if answer.status == 201:
                return int(answer.json["id"])
            assert answer.status == 503, answer.body
            assert answer.headers["Retry-After"] == "1"
            self.refusals.append(answer.json["code"])
            time.sleep(0.05)
        pytest.fail("The box office does not come back.")


@pytest.fixture
def primary() -> Iterator[PostgresqlServer]:
    """A primary for this test only, which ends it."""
    with PostgresqlServer() as primary:
        yield primary


@pytest.fixture
def standby(primary: PostgresqlServer) -> Iterator[Standby]:
    with primary.standby() as standby:
        yield standby


@pytest.fixture
def both_url(primary, standby):
    """The URL of both servers. What is committed is on both."""
    primary.create_database(DATABASE)
    migrate(primary.url(DATABASE))
    with closing(psycopg2.connect(primary.url(DATABASE))) as connection:
        connection.autocommit = True
        connection.cursor().execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        connection.cursor().execute("SELECT pg_reload_conf()")
    return both(primary.url(DATABASE), standby.url(DATABASE))


@pytest.fixture
def server(both_url, tmp_path):
    settings = {"DATABASE_URL": both_url, "DATABASE_SECONDS": "1", **SETTINGS}
    with running_server(tmp_path, *SERVE, **settings) as server:
        yield server
        assert "Traceback" not in server.printed, server.printed


@pytest.fixture
def show(both_url):
    return put_on_tomorrow(both_url, SEATS)


@pytest.fixture
def customers(server, show):
    assert sign_up(server, "maria").status == 201
    token = log_in(server, "maria")["access"]
    shares = [iter(range(first, SEATS, CLIENTS)) for first in range(1, CLIENTS + 1)]
    return [Customer(server, token, show, seats) for seats in shares]


def until_each_has_bought_more(customers, *, by=5):
    goals = [len(customer.bookings) + by for customer in customers]
    until(lambda: all(len(c.bookings) >= goal for c, goal in zip(customers, goals, strict=True)))


def test_every_confirmed_booking_outlives_its_server(primary, standby, server, show, customers):
    end = Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        buying = [pool.submit(customer.buy_until, end) for customer in customers]
        until_each_has_bought_more(customers)
        primary.kill()
        until(lambda: any(customer.refusals for customer in customers))
        standby.promote()
        until_each_has_bought_more(customers)
        end.set()
        for done in buying:
            done.result(TIMEOUT_SECONDS)

    assert {code for c in customers for code in c.refusals} <= {"busy", "outcome_unknown"}
    assert max(customer.longest for customer in customers) < LONGEST_ANSWER
    confirmed = {seat: id_ for customer in customers for seat, id_ in customer.bookings.items()}
    assert sold(standby.url(DATABASE), show) == confirmed
    assert seats_booked(server, show) == sorted(confirmed)
    free = server.call("GET", f"/api/shows/{show.id}").json["available_seats"]
    assert free + len(confirmed) == SEATS


def test_sales_go_on_after_a_promotion_while_the_old_primary_is_frozen(
    primary, standby, server, show, customers
):
    end = Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        buying = [pool.submit(customer.buy_until, end) for customer in customers]
        until_each_has_bought_more(customers)
        with primary.frozen():
            until(lambda: all(customer.refusals for customer in customers))
            standby.promote()
            promoted = time.monotonic()
            until_each_has_bought_more(customers, by=1)
            assert time.monotonic() - promoted < LONGEST_PAUSE
            end.set()
            for done in buying:
                done.result(TIMEOUT_SECONDS)
            primary.kill()  # it must not accept sales again

    assert max(customer.longest for customer in customers) < LONGEST_ANSWER
    confirmed = {seat: id_ for customer in customers for seat, id_ in customer.bookings.items()}
    assert sold(standby.url(DATABASE), show) == confirmed
    assert seats_booked(server, show) == sorted(confirmed)


def sold(url: str, show: Show) -> dict[int, int]:
    """All bookings, by seat."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, booking_id FROM show_seats"
            " WHERE show_id = %s AND booking_id IS NOT NULL",
            [show.id],
        )
        seats = dict(cursor.fetchall())
        cursor.execute("SELECT id FROM bookings WHERE show_id = %s", [show.id])
        assert sorted(id_ for (id_,) in cursor.fetchall()) == sorted(seats.values())
        return seats
