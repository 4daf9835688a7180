"""Document 004: the canonical paths, seats by label, and three pages of documentation."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.documents.written import curl, request

SIGN_UP = """
curl -X POST http://127.0.0.1:8000/api/auth/signup/ \\
  -H "Content-Type: application/json" \\
  -d '{"username": "alice", "email": "alice@example.com", "password": "pass123"}'
"""
LOG_IN = """
curl -X POST http://127.0.0.1:8000/api/auth/login/ \\
  -H "Content-Type: application/json" \\
  -d '{"username": "alice", "password": "pass123"}'
"""
ME = """
curl -H "Authorization: Bearer <ACCESS_TOKEN>" \\
  http://127.0.0.1:8000/api/auth/me/
"""
SEAT = '{ "seat_number": "A1" }'


@pytest.fixture(scope="module")
def signed_up(server):
    return curl(server, SIGN_UP)


@pytest.fixture(scope="module")
def logged_in(server, signed_up):
    return curl(server, LOG_IN)


@pytest.fixture(scope="module")
def token(logged_in):
    return logged_in.json["access"]


def test_signup(signed_up):
    assert signed_up.status == 201
    assert signed_up.json["username"] == "alice"


def test_login_returns_access_and_refresh(logged_in):
    assert logged_in.status == 200
    assert {"access", "refresh"} <= logged_in.json.keys()


def test_the_authenticated_request(server, token):
    me = curl(server, ME, ACCESS_TOKEN=token)

    assert me.status == 200
    assert (me.json["username"], me.json["email"]) == ("alice", "alice@example.com")


def test_movies_come_in_pages(server):
    first = request(server, "GET /api/movies/").json
    second = server.call("GET", first["next"].removeprefix(server.url)).json

    assert first["count"] >= 24
    assert first["previous"] is None
    titles = [movie["title"] for movie in first["results"] + second["results"]]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("offset", ["", "Z", "+00:00", "%2B00:00"])
def test_shows_of_a_movie_from_a_time_on(server, offset):
    start = datetime.now(UTC) + timedelta(days=2)
    everything = request(server, "GET /api/movies/<movie_id>/shows/", movie_id=1).json

    later = request(
        server,
        "GET /api/movies/<movie_id>/shows/?from=ISO_DATETIME".replace(
            "ISO_DATETIME", f"{start:%Y-%m-%dT%H:%M:%S}{offset}"
        ),
        movie_id=1,
    )

    assert later.status == 200
    assert 0 < later.json["count"] < everything["count"]
    starts = [datetime.fromisoformat(show["starts_at"]) for show in later.json["results"]]
    assert min(starts) >= start.replace(microsecond=0)


@pytest.mark.parametrize(
    "line", ["POST /api/shows/1/book/", "GET /api/my-bookings/", "POST /api/bookings/1/cancel/"]
)
def test_bookings_need_a_token(server, line):
    assert request(server, line).status == 401


def test_booking_a_seat_by_label_and_cancelling_it_twice(server, token):
    booked = request(server, "POST /api/shows/<id>/book/", SEAT, token, id=1)
    taken = request(server, "POST /api/shows/<id>/book/", SEAT, token, id=1)

    assert (booked.status, taken.status) == (201, 409)
    assert booked.json["seats"] == [{"number": 1, "label": "A1"}]
    own = request(server, "GET /api/my-bookings/", token=token).json["results"]
    assert booked.json["id"] in [booking["id"] for booking in own]

    number = booked.json["id"]
    cancelled = request(server, "POST /api/bookings/<id>/cancel/", token=token, id=number)
    again = request(server, "POST /api/bookings/<id>/cancel/", token=token, id=number)

    assert cancelled.status == again.status == 200
    assert cancelled.json["status"] == "CANCELLED"
    assert again.json == cancelled.json
    assert request(server, "POST /api/shows/<id>/book/", SEAT, token, id=1).status == 201


def test_only_the_owner_cancels(server, token):
    booked = request(server, "POST /api/shows/<id>/book/", '{ "seat_number": "B1" }', token, id=1)
    curl(server, SIGN_UP.replace("alice", "bob"))
    bob = curl(server, LOG_IN.replace("alice", "bob")).json["access"]

    refused = request(server, "POST /api/bookings/<id>/cancel/", token=bob, id=booked.json["id"])

    assert refused.status == 403


def test_the_schema_is_openapi_as_json(server):
    schema = server.call("GET", "/schema/")

    assert schema.headers["Content-Type"] == "application/json"
    assert schema.json["openapi"].startswith("3.")
    assert "/api/shows/{show_id}/book" in schema.json["paths"]


@pytest.mark.parametrize("path", ["/swagger/", "/redoc/"])
def test_the_pages_of_documentation(server, path):
    page = server.call("GET", path)

    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
