"""Every call that changes anything, tried by those who must not: nothing changes.

A call that is new fails here until it says for whom it is.
"""

import re
import sqlite3
from contextlib import closing
from enum import Enum, auto
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import PASSWORD
from tests.integration.api.stage import book

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class For(Enum):
    ANYBODY = auto()
    CUSTOMERS = auto()  # concerns nothing but who asks
    OWNER = auto()  # and staff
    STAFF = auto()


MOVIE = {"title": "Dune", "duration_minutes": 155}
SCREEN = {"name": "Hall 9", "rows": 2, "seats_per_row": 2}
SHOW = {
    "movie_id": 1,
    "screen_name": "Hall 9",
    "starts_at": "2030-01-01T00:00:00Z",
    "total_seats": 5,
}
SEATS = {"seats": [7]}
OTTO = {"username": "otto", "password": PASSWORD}
A_TOKEN = {"refresh": "e30.e30.e30"}
NEW_PASSWORD = {"new_password": "another horse"}

CALLS: dict[str, tuple[For, Any]] = {
    "POST /api/auth/signup": (For.ANYBODY, OTTO),
    "POST /api/auth/login": (For.ANYBODY, OTTO),
    "POST /api/auth/token/refresh": (For.ANYBODY, A_TOKEN),
    "POST /api/auth/logout": (For.ANYBODY, A_TOKEN),
    "POST /api/auth/password": (For.CUSTOMERS, {"current_password": PASSWORD, **NEW_PASSWORD}),
    "POST /api/auth/password/reset": (For.ANYBODY, {"username": "otto"}),
    "POST /api/auth/password/reset/confirm": (For.ANYBODY, {"token": "2.9.x", **NEW_PASSWORD}),
    "DELETE /api/auth/me": (For.CUSTOMERS, None),
    "POST /api/movies": (For.STAFF, MOVIE),
    "PATCH /api/movies/<id:movie_id>": (For.STAFF, {"title": "Dune"}),
    "DELETE /api/movies/<id:movie_id>": (For.STAFF, None),
    "POST /api/screens": (For.STAFF, SCREEN),
    "POST /api/shows": (For.STAFF, SHOW),
    "PATCH /api/shows/<id:show_id>": (For.STAFF, {"status": "CANCELLED"}),
    "DELETE /api/shows/<id:show_id>": (For.STAFF, None),
    "POST /api/shows/<id:show_id>/book": (For.CUSTOMERS, SEATS),
    "POST /api/bookings/<id:booking_id>/cancel": (For.OWNER, None),
    # --- the predecessors' paths
    "POST /api/users/signup": (For.ANYBODY, OTTO),
    "POST /api/users/login": (For.ANYBODY, OTTO),
    "POST /signup": (For.ANYBODY, OTTO),
    "POST /login": (For.ANYBODY, OTTO),
    "POST /token": (For.ANYBODY, OTTO),
    "POST /api/token": (For.ANYBODY, OTTO),
    "POST /api/token/refresh": (For.ANYBODY, A_TOKEN),
    "POST /shows/<id:show_id>/book": (For.CUSTOMERS, SEATS),
    "POST /bookings/<id:booking_id>/cancel": (For.OWNER, None),
    "POST /api/signup": (For.ANYBODY, OTTO),
    "POST /api/login": (For.ANYBODY, OTTO),
    "POST /bookings": (For.CUSTOMERS, {"show_id": 1, **SEATS}),
    "DELETE /bookings/<id:booking_id>": (For.OWNER, None),
}


def calls_for(*who):
    return [call for call, (whom, _) in CALLS.items() if whom in who]


FOR_ANYBODY = "/password-reset/request"
"""A form that tells everybody the same."""


def is_page(rule):
    """Pages have forms: they know people by a cookie, or by what is in a mail."""
    return re.match("/(admin|password-reset)(/|$)", rule)


@pytest.fixture
def contents(store):
    """All that the store holds."""

    def read():
        with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
            return list(connection.iterdump())

    return read


@pytest.fixture
def ottos(otto, stage):
    """What otto has: each kind of id with one that is his, or that is there for staff."""
    booking = book(otto, stage.show(), 3)
    [owner] = [otto.get("/api/auth/me").json["id"]]
    return {"booking_id": booking["id"], "user_id": owner, "show_id": 1, "movie_id": 1}


@pytest.fixture
def attempt(ottos, contents):
    """Try a call with otto's ids; answers the status, once nothing has changed."""

    def try_(client, call, headers=None):
        method, _, rule = call.partition(" ")
        path = re.sub(r"<id:(\w+)>", lambda found: str(ottos[found[1]]), rule)
        before = contents()
        answer = client.open(path, method=method, json=CALLS[call][1], headers=headers)
        assert contents() == before
        return answer.status_code

    return try_


def test_of_every_call_that_writes_it_is_known_for_whom_it_is(app):
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in WRITES & (rule.methods or set())
        if not is_page(rule.rule)
    }

    assert served == set(CALLS)


@pytest.mark.parametrize("call", calls_for(For.CUSTOMERS, For.OWNER, For.STAFF))
def test_nobody_gets_anywhere(guest, attempt, call):
    assert attempt(guest, call) == 401


@pytest.mark.parametrize("call", calls_for(For.STAFF))
def test_customers_do_nothing_that_is_for_the_staff(maria, attempt, call):
    assert attempt(maria, call) == 403


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a key"}], ids=["once", "with a key"])
@pytest.mark.parametrize("call", calls_for(For.OWNER))
def test_customers_do_nothing_to_what_is_somebody_elses(maria, attempt, call, headers):
    assert attempt(maria, call, headers) == 403


@pytest.mark.parametrize("call", calls_for(For.ANYBODY))
def test_whoever_knows_no_secret_of_his_does_nothing_in_his_name(guest, attempt, call):
    assert attempt(guest, call) in (202, 401, 409, 422)


@pytest.mark.parametrize("field", ["customer", "account_id", "user_id", "username", "owner"])
def test_nobody_buys_in_the_name_of_somebody_else(maria, ottos, contents, field):
    before = contents()

    answer = maria.post("/api/shows/1/book", json={**SEATS, field: ottos["user_id"]})

    assert answer.status_code == 422
    assert contents() == before


def test_a_key_of_his_does_not_tell_what_he_bought(maria, otto, ottos):
    key = {"Idempotency-Key": "his"}
    his = otto.post("/api/shows/1/book", json=SEATS, headers=key)

    hers = maria.post("/api/shows/1/book", json=SEATS, headers=key)

    assert (his.status_code, hers.status_code) == (201, 409)


def test_who_changes_an_account_changes_only_their_own(maria, otto, ottos):
    his = [otto.get(path).json for path in ("/api/auth/me", "/api/my-bookings")]

    hers = f"/api/auth/me?user_id={ottos['user_id']}"
    password = {"current_password": PASSWORD, **NEW_PASSWORD, "user_id": ottos["user_id"]}
    assert maria.post("/api/auth/password", json=password).status_code == 422
    assert maria.delete(hers, json={"user_id": ottos["user_id"]}).status_code == 204

    assert [otto.get(path).json for path in ("/api/auth/me", "/api/my-bookings")] == his


@pytest.mark.parametrize("path", ["/api/bookings/{booking_id}", "/users/{user_id}/bookings"])
def test_customers_read_nothing_of_his(maria, guest, ottos, path):
    assert maria.get(path.format(**ottos)).status_code == 403
    assert guest.get(path.format(**ottos)).status_code == 401


def test_pages_change_nothing_for_who_is_not_logged_in_to_them(app, maria, ottos, contents):
    pages = [rule for rule in app.url_map.iter_rules() if is_page(rule.rule)]
    cookies = FlaskClient(app, app.response_class)
    before = contents()

    for rule in pages:
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in WRITES & (rule.methods or set()):
            for headers in ({}, {"Authorization": maria.environ_base["HTTP_AUTHORIZATION"]}):
                answer = cookies.open(path, method=method, headers=headers, data={"seat": "1"})
                refused = 400 <= answer.status_code < 500 or rule.rule == FOR_ANYBODY
                assert refused or "/admin/log-in" in answer.headers["Location"], path
    assert contents() == before
