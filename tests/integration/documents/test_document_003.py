"""Document 003: bookings as a collection, cancelled by DELETE, listed by user."""

import pytest

from tests.integration.documents.written import request

ACCOUNT = '{"username": "raju", "password": "password123"}'


@pytest.fixture(scope="module")
def user(server):
    return server.call(
        "POST", "/api/auth/signup", {"username": "raju", "password": "password123"}
    ).json["id"]


@pytest.fixture(scope="module")
def token(server, user):
    return request(server, "POST /api/auth/login", ACCOUNT).json["access"]


@pytest.fixture(scope="module")
def other_user(server):
    request(server, "POST /api/auth/signup", ACCOUNT.replace("raju", "other"))
    return request(server, "POST /api/auth/login", ACCOUNT.replace("raju", "other")).json["access"]


@pytest.mark.parametrize(
    "line",
    [
        "GET /movies",
        "GET /movies/{id}/shows",
        "POST /bookings",
        "DELETE /bookings/{id}",
        "GET /users/{id}/bookings",
    ],
)
def test_every_call_needs_a_token(server, line):
    refused = request(server, line, id=1)

    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_listing_movies(server, token):
    assert request(server, "GET /movies", token=token).json["count"] >= 24


def test_viewing_the_shows_of_a_movie(server, token):
    shows = request(server, "GET /movies/{id}/shows", token=token, id=1).json["results"]

    assert 1 in [show["id"] for show in shows]


@pytest.mark.parametrize(
    ("body", "seats"),
    [
        ('{"show_id": 1, "seat_number": 1}', [1]),
        ('{"show": 1, "seat_number": "A2"}', [2]),
        ('{"show_id": 1, "seats": [3, "A4"]}', [3, 4]),
    ],
)
def test_booking_seats(server, token, body, seats):
    booked = request(server, "POST /bookings", body, token)

    assert booked.status == 201
    assert [seat["number"] for seat in booked.json["seats"]] == seats
    assert booked.headers["Location"].endswith(f"/api/bookings/{booked.json['id']}")


def test_a_seat_is_not_sold_twice(server, token, other_user):
    seat = '{"show_id": 1, "seat_number": 10}'

    assert request(server, "POST /bookings", seat, token).status == 201
    assert request(server, "POST /bookings", seat, other_user).status == 409


def test_delete_returns_the_cancelled_booking_and_frees_the_seat(server, token, other_user):
    seat = '{"show_id": 1, "seat_number": 11}'
    booking = request(server, "POST /bookings", seat, token).json

    assert (
        request(server, "DELETE /bookings/{id}", token=other_user, id=booking["id"]).status == 403
    )
    cancelled = request(server, "DELETE /bookings/{id}", token=token, id=booking["id"])
    again = request(server, "DELETE /bookings/{id}", token=token, id=booking["id"])

    assert cancelled.status == again.status == 200
    assert cancelled.json["status"] == "CANCELLED"
    assert cancelled.json == again.json
    assert request(server, "POST /bookings", seat, other_user).status == 201


def test_listing_the_bookings_of_a_user(server, user, token, other_user):
    booking = request(server, "POST /bookings", '{"show_id": 1, "seat_number": 12}', token).json

    own = request(server, "GET /users/{id}/bookings", token=token, id=user)

    assert own.status == 200
    assert own.json["results"][0]["id"] == booking["id"]
    assert request(server, "GET /users/{id}/bookings", token=other_user, id=user).status == 403


def test_staff_list_the_bookings_of_any_user(server, user):
    staff = '{"username": "staff", "password": "popcorn-staff"}'
    token = request(server, "POST /api/auth/login", staff).json["access"]

    assert request(server, "GET /users/{id}/bookings", token=token, id=user).status == 200
