"""Document 002: the testing workflow, and cancellations that keep the booking."""

import pytest

from tests.integration.documents.written import request

SIGN_UP = '{"username": "john", "password": "securepass123", "email": "john@example.com"}'
LOG_IN = '{"username": "john", "password": "securepass123"}'
SEAT = '{"seat_number": 5}'


@pytest.fixture(scope="module")
def signed_up(server):
    return request(server, "POST /api/signup/", SIGN_UP)


@pytest.fixture(scope="module")
def logged_in(server, signed_up):
    return request(server, "POST /api/login/", LOG_IN)


@pytest.fixture(scope="module")
def booked(server, logged_in):
    return request(server, "POST /api/shows/1/book/", SEAT, logged_in.json["access"])


@pytest.fixture(scope="module")
def other_user(server):
    request(server, "POST /api/signup/", SIGN_UP.replace("john", "jane"))
    return request(server, "POST /api/login/", LOG_IN.replace("john", "jane")).json["access"]


def test_register(signed_up):
    assert signed_up.status == 201
    assert signed_up.json["email"] == "john@example.com"


def test_log_in(logged_in):
    assert logged_in.status == 200
    assert logged_in.json["access"]


def test_book_a_seat(booked):
    assert booked.status == 201
    assert booked.json["status"] == "BOOKED"
    assert booked.json["seat_number"] == 5


def test_the_second_buyer_gets_seat_already_booked(server, booked, other_user):
    refused = request(server, "POST /api/shows/1/book/", SEAT, other_user)

    assert refused.status == 409
    assert refused.json["detail"].startswith("Seat already booked")


def test_cancelling_keeps_the_booking_and_frees_the_seat(server, logged_in, other_user):
    token = logged_in.json["access"]
    booking = request(server, "POST /api/shows/1/book/", '{"seat_number": 6}', token).json

    cancelled = request(server, "POST /api/bookings/{id}/cancel/", token=token, id=booking["id"])

    assert cancelled.json["status"] == "CANCELLED"
    kept = request(server, "GET /api/my-bookings/?status=CANCELLED", token=token).json["results"]
    assert [found["id"] for found in kept] == [booking["id"]]
    again = request(server, "POST /api/shows/1/book/", '{"seat_number": 6}', other_user)
    assert again.status == 201


def test_the_documentation_is_at_swagger(server):
    assert server.call("GET", "/swagger/").status == 200
