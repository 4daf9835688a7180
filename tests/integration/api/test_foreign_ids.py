"""Every call that writes, made without the necessary rights: nothing changes.

A new call fails here until it is added to CALLS.
"""

import re
import sqlite3
from contextlib import closing
from enum import Enum, auto
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders import PASSWORD
from tests.integration.api.cinema import book, hold, wait_for

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class For(Enum):
    ANYONE = auto()
    CUSTOMERS = auto()  # affects only the caller
    OWNER = auto()  # and staff
    OWNER_ONLY = auto()
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
    "POST /api/auth/signup": (For.ANYONE, OTTO),
    "POST /api/auth/login": (For.ANYONE, OTTO),
    "POST /api/auth/token/refresh": (For.ANYONE, A_TOKEN),
    "POST /api/auth/logout": (For.ANYONE, A_TOKEN),
    "POST /api/auth/password": (For.CUSTOMERS, {"current_password": PASSWORD, **NEW_PASSWORD}),
    "POST /api/auth/password/reset": (For.ANYONE, {"username": "otto"}),
    "POST /api/auth/password/reset/confirm": (For.ANYONE, {"token": "2.9.x", **NEW_PASSWORD}),
    "DELETE /api/auth/me": (For.CUSTOMERS, None),
    "POST /api/movies": (For.STAFF, MOVIE),
    "PATCH /api/movies/<id:movie_id>": (For.STAFF, {"title": "Dune"}),
    "DELETE /api/movies/<id:movie_id>": (For.STAFF, None),
    "POST /api/screens": (For.STAFF, SCREEN),
    "PATCH /api/screens/<id:screen_id>": (For.STAFF, {"name": "Hall 2"}),
    "PUT /api/screens/<id:screen_id>/plan": (For.STAFF, {"rows": 2, "seats_per_row": 9}),
    "POST /api/shows": (For.STAFF, SHOW),
    "PATCH /api/shows/<id:show_id>": (For.STAFF, {"status": "CANCELLED"}),
    "DELETE /api/shows/<id:show_id>": (For.STAFF, None),
    "POST /api/shows/<id:show_id>/book": (For.CUSTOMERS, SEATS),
    "PUT /api/shows/<id:show_id>/blocked-seats": (For.STAFF, {"seats": [7]}),
    "POST /api/shows/<id:show_id>/holds": (For.CUSTOMERS, SEATS),
    "POST /api/shows/<id:show_id>/waiting-list": (For.CUSTOMERS, {"count": 1}),
    "DELETE /api/waiting-list/<opaque:entry_id>": (For.OWNER, None),
    "PATCH /api/holds/<opaque:hold_id>": (For.OWNER_ONLY, SEATS),
    "DELETE /api/holds/<opaque:hold_id>": (For.OWNER, None),
    "POST /api/holds/<opaque:hold_id>/extend": (For.OWNER_ONLY, None),
    "POST /api/holds/<opaque:hold_id>/book": (For.OWNER_ONLY, None),
    "POST /api/bookings/<id:booking_id>/cancel": (For.OWNER, None),
    # --- the predecessors' paths
    "POST /api/users/signup": (For.ANYONE, OTTO),
    "POST /api/users/login": (For.ANYONE, OTTO),
    "POST /signup": (For.ANYONE, OTTO),
    "POST /login": (For.ANYONE, OTTO),
    "POST /token": (For.ANYONE, OTTO),
    "POST /api/token": (For.ANYONE, OTTO),
    "POST /api/token/refresh": (For.ANYONE, A_TOKEN),
    "POST /shows/<id:show_id>/book": (For.CUSTOMERS, SEATS),
    "POST /bookings/<id:booking_id>/cancel": (For.OWNER, None),
    "POST /api/signup": (For.ANYONE, OTTO),
    "POST /api/login": (For.ANYONE, OTTO),
    "POST /bookings": (For.CUSTOMERS, {"show_id": 1, **SEATS}),
    "DELETE /bookings/<id:booking_id>": (For.OWNER, None),
}


def calls_for(*who):
    return [call for call, (whom, _) in CALLS.items() if whom in who]


FOR_ANYONE = "/password-reset/request"
"""A form with the same response for everyone."""


def is_page(rule):
    """Return whether the path is a form, which requires a cookie or a token from a mail."""
    return re.match("/(admin|password-reset)(/|$)", rule)


@pytest.fixture
def contents(store):
    """Return everything in the store but requests of reset mails, which are stored for any name."""

    def read():
        with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
            return [line for line in connection.iterdump() if "account_messages" not in line]

    return read


@pytest.fixture
def ottos(otto, cinema):
    """Ids of each kind: what otto owns, or what exists for staff."""
    show = cinema.show()
    sold_out = cinema.show(hours=72, seats=1)
    book(otto, sold_out, 1)
    booking, held = book(otto, show, 3), hold(otto, show, 4)
    [owner] = [otto.get("/api/auth/me").json["id"]]
    return {
        "booking_id": booking["id"],
        "hold_id": held["id"],
        "entry_id": wait_for(otto, sold_out)["id"],
        "user_id": owner,
        "show_id": 1,
        "movie_id": 1,
        "screen_id": 1,
    }


@pytest.fixture
def attempt(ottos, contents):
    """Make a call with otto's ids and return its status. Nothing may have changed."""

    def try_(client, call, headers=None):
        method, _, rule = call.partition(" ")
        path = re.sub(r"<\w+:(\w+)>", lambda found: str(ottos[found[1]]), rule)
        before = contents()
        answer = client.open(path, method=method, json=CALLS[call][1], headers=headers)
        assert contents() == before
        return answer.status_code

    return try_


def test_every_call_that_writes_is_classified(app):
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in WRITES & (rule.methods or set())
        if not is_page(rule.rule)
    }

    assert served == set(CALLS)


@pytest.mark.parametrize("call", calls_for(*set(For) - {For.ANYONE}))
def test_calls_without_a_token_change_nothing(guest, attempt, call):
    assert attempt(guest, call) == 401


@pytest.mark.parametrize("call", calls_for(For.STAFF))
def test_customers_cannot_make_calls_of_the_staff(maria, attempt, call):
    assert attempt(maria, call) == 403


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a key"}], ids=["once", "with a key"])
@pytest.mark.parametrize("call", calls_for(For.OWNER, For.OWNER_ONLY))
def test_customers_cannot_change_what_others_own(maria, attempt, call, headers):
    assert attempt(maria, call, headers) == 403


@pytest.mark.parametrize("call", calls_for(For.OWNER_ONLY))
def test_staff_cannot_act_for_customers(staff, attempt, call):
    assert attempt(staff, call) == 403


@pytest.mark.parametrize("call", calls_for(For.ANYONE))
def test_calls_that_need_a_secret_fail_without_it(guest, attempt, call):
    assert attempt(guest, call) in (202, 401, 409, 422)


@pytest.mark.parametrize("call", ["book", "holds"])
@pytest.mark.parametrize("field", ["customer", "account_id", "user_id", "username", "owner"])
def test_a_body_cannot_name_another_buyer(maria, ottos, contents, field, call):
    before = contents()

    answer = maria.post(f"/api/shows/1/{call}", json={**SEATS, field: ottos["user_id"]})

    assert answer.status_code == 422
    assert contents() == before


@pytest.mark.parametrize("call", ["book", "holds"])
def test_an_idempotency_key_reveals_nothing_to_other_accounts(maria, otto, ottos, call):
    key = {"Idempotency-Key": "his"}
    his = otto.post(f"/api/shows/1/{call}", json=SEATS, headers=key)

    hers = maria.post(f"/api/shows/1/{call}", json=SEATS, headers=key)

    assert (his.status_code, hers.status_code) == (201, 409)


def test_account_changes_affect_only_the_callers_account(maria, otto, ottos):
    paths = ("/api/auth/me", "/api/my-bookings", "/api/my-holds", "/api/my-waiting-list")
    his = [otto.get(path).json for path in paths]

    hers = f"/api/auth/me?user_id={ottos['user_id']}"
    password = {"current_password": PASSWORD, **NEW_PASSWORD, "user_id": ottos["user_id"]}
    assert maria.post("/api/auth/password", json=password).status_code == 422
    assert maria.delete(hers, json={"user_id": ottos["user_id"]}).status_code == 204

    assert [otto.get(path).json for path in paths] == his


@pytest.mark.parametrize(
    "path",
    [
        *("/api/bookings/{booking_id}", "/api/holds/{hold_id}", "/users/{user_id}/bookings"),
        "/api/waiting-list/{entry_id}",
    ],
)
def test_customers_cannot_read_what_others_own(maria, guest, ottos, path):
    assert maria.get(path.format(**ottos)).status_code == 403
    assert guest.get(path.format(**ottos)).status_code == 401


def test_pages_change_nothing_without_their_own_log_in(app, maria, ottos, contents):
    pages = [rule for rule in app.url_map.iter_rules() if is_page(rule.rule)]
    cookies = FlaskClient(app, app.response_class)
    before = contents()

    for rule in pages:
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        for method in WRITES & (rule.methods or set()):
            for headers in ({}, {"Authorization": maria.environ_base["HTTP_AUTHORIZATION"]}):
                answer = cookies.open(path, method=method, headers=headers, data={"seat": "1"})
                refused = 400 <= answer.status_code < 500 or rule.rule == FOR_ANYONE
                assert refused or "/admin/log-in" in answer.headers["Location"], path
    assert contents() == before
