"""Requests to a store that is spread over nodes: what they ask all of them, and when."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.builders import Clock
from tests.integration.admin.browser import AdminCinema, path_of
from tests.integration.databases import empty
from tests.integration.postgresql_server import Server
from tests.integration.sql.sharded import Recorder, is_atomic, record, sharded_database
from ticketing.bootstrap import create_app
from ticketing.domain.accounts.account import Role
from ticketing.domain.sales.booking import Booking
from ticketing.settings import Settings


@pytest.fixture(scope="module")
def sharded(postgresql_server: Server) -> Iterator[str]:
    with sharded_database(postgresql_server) as url:
        yield url


@pytest.fixture
def app(sharded: str, clock: Clock) -> Iterator[Flask]:
    given = {"DATABASE_URL": sharded, "SECRET_KEY": "a secret key " * 4, "RATELIMIT": "off"}
    app = create_app(
        Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()}), clock
    )
    yield app
    app.extensions["ticketing.database"].engine.dispose()
    empty(sharded)


@pytest.fixture
def cinema(app: Flask, clock: Clock) -> AdminCinema:
    return AdminCinema(app, clock)


@pytest.fixture
def booking(cinema: AdminCinema) -> Booking:
    return cinema.booked(cinema.show(hours=30), 1, 2)


@pytest.fixture
def recorder(app: Flask, booking: Booking) -> Recorder:
    return record(app.extensions["ticketing.database"])


def look_ups(recorder: Recorder) -> int:
    """Return how often bookings were looked up on all nodes, never within a change."""
    several = [
        statement
        for transaction in recorder.transactions
        for statement in transaction
        if statement.reaches_several and "bookings" in statement.shards
    ]
    for transaction in recorder.transactions:
        assert is_atomic(transaction)
        if any(statement.written for statement in transaction):
            assert not any(statement.reaches_several for statement in transaction), transaction
    return len(several)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/bookings/{}/cancel"),
        ("POST", "/bookings/{}/cancel"),
        ("DELETE", "/bookings/{}"),
    ],
)
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "a"}], ids=["plain", "with a key"])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.STAFF])
def test_a_cancellation_looks_for_its_show_before_the_transaction(
    cinema, booking, recorder, method, path, key, role
):
    if role is Role.CUSTOMER:
        client = cinema.bearing(cinema.tokens(booking.customer)["access"])
    else:
        client = cinema.staff()
    path = path.format(booking.id)

    assert client.open(path, method=method, headers=key).json["status"] == "CANCELLED"
    assert look_ups(recorder) == 1
    again = client.open(f"{path}?show_id={booking.show.id}", method=method, headers=key)
    assert again.json["status"] == "CANCELLED"
    assert look_ups(recorder) == 1


def test_pages_of_staff_look_for_a_booking_in_its_show(cinema, booking, recorder):
    staff = cinema.logged_in_browser("staff")

    assert booking.reference in staff.get(path_of(booking)).text
    cancelled = staff.submit(path_of(booking).replace("?", "/cancel?"), follow=True)

    assert f"Booking {booking.reference} was cancelled." in cancelled.text
    assert look_ups(recorder) == 0
