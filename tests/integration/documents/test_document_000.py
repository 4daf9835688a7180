"""Document 000: sign up with the password twice, log in by e-mail, book seat 5."""

import pytest

from tests.integration.documents.written import curl, request

SIGN_UP = """
curl -X POST [http://127.0.0.1:8000/api/users/signup/](http://127.0.0.1:8000/api/users/signup/) \\
-H "Content-Type: application/json" \\
-d '{"username": "testuser", "email": "test@example.com", "password": "SecurePassword123", "password2": "SecurePassword123"}'
"""  # noqa: E501 - as the document has it
LOG_IN = """
curl -X POST [http://127.0.0.1:8000/api/users/login/](http://127.0.0.1:8000/api/users/login/) \\
-H "Content-Type: application/json" \\
-d '{"email": "test@example.com", "password": "SecurePassword123"}'
"""
BOOK = """
curl -X POST [http://127.0.0.1:8000/api/shows/](http://127.0.0.1:8000/api/shows/)<show_id>/book/ \\
-H "Authorization: Bearer <your_jwt_token>" \\
-H "Content-Type: application/json" \\
-d '{"seat_number": 5}'
"""


@pytest.fixture(scope="module")
def signed_up(server):
    return curl(server, SIGN_UP)


@pytest.fixture(scope="module")
def logged_in(server, signed_up):
    return curl(server, LOG_IN)


@pytest.fixture(scope="module")
def booked(server, logged_in):
    return curl(server, BOOK, show_id=1, your_jwt_token=logged_in.json["access"])


def test_a_sign_up_with_a_repeated_password(signed_up):
    assert signed_up.status == 201
    assert signed_up.json["username"] == "testuser"
    assert signed_up.json["email"] == "test@example.com"


def test_a_different_repetition_is_refused(server):
    other = SIGN_UP.replace("testuser", "other").replace("test@", "other@")
    refused = curl(server, other.replace('"}', '4"}'))

    assert refused.status == 422
    assert list(refused.json["errors"]) == ["password2"]


def test_a_log_in_by_email_returns_refresh_and_access(logged_in):
    assert logged_in.status == 200
    assert logged_in.json["refresh"]
    assert logged_in.json["access"].startswith("eyJ")


def test_booking_needs_the_token(server):
    assert curl(server, BOOK.replace("Bearer <your_jwt_token>", ""), show_id=1).status == 401


def test_seat_5_can_be_booked_with_the_token(booked):
    assert booked.status == 201
    assert booked.json["seat_number"] == 5
    assert booked.json["show"]["id"] == 1


def test_the_same_seat_is_not_sold_twice(server, booked):
    account = '{"username": "other", "email": "other@example.com", "password": "SecurePassword123"}'
    assert request(server, "POST /api/users/signup/", account).status == 201
    other_user = request(
        server,
        "POST /api/users/login/",
        '{"email": "other@example.com", "password": "SecurePassword123"}',
    ).json["access"]

    refused = curl(server, BOOK, show_id=1, your_jwt_token=other_user)

    assert refused.status == 409
    assert refused.json["code"] == "seat_taken"


def test_others_can_neither_get_nor_cancel_the_booking(server, booked):
    account = '{"username": "snoop", "email": "snoop@example.com", "password": "SecurePassword123"}'
    request(server, "POST /api/users/signup/", account)
    snoop = request(server, "POST /api/users/login/", account.replace('"username": "snoop", ', ""))
    token, number = snoop.json["access"], booked.json["id"]

    assert request(server, "GET /api/bookings/{id}", token=token, id=number).status == 403
    assert request(server, "POST /api/bookings/{id}/cancel/", token=token, id=number).status == 403


def test_the_interactive_documentation_is_at_swagger(server):
    page = server.call("GET", "/swagger/")

    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
