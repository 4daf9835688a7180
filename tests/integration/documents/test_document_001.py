"""Document 001: the short paths, and refresh tokens that can be used repeatedly."""

import pytest

from tests.integration.documents.written import request

PAYLOAD = '{ "username": "youruser", "password": "yourpass" }'
REFRESH = '{ "refresh": "<refresh-token>" }'

ENDPOINTS = [  # as in the document's table: endpoint, method, whether it needs a token
    ("/signup", "POST", False),
    ("/login", "POST", False),
    ("/movies/", "GET", True),
    ("/movies/<id>/shows/", "GET", True),
    ("/shows/<id>/book/", "POST", True),
    ("/my-bookings/", "GET", True),
    ("/bookings/<id>/cancel/", "POST", True),
    ("/swagger/", "GET", False),
]


@pytest.fixture(scope="module")
def signed_up(server):
    return request(server, "POST /signup", PAYLOAD)


@pytest.fixture(scope="module")
def logged_in(server, signed_up):
    return request(server, "POST /login", PAYLOAD)


@pytest.fixture(scope="module")
def token(logged_in):
    return logged_in.json["access"]


@pytest.fixture(scope="module")
def other_user(server):
    account = PAYLOAD.replace("youruser", "other_user")
    request(server, "POST /signup", account)
    return request(server, "POST /login", account).json["access"]


@pytest.mark.parametrize(("endpoint", "method", "needs_token"), ENDPOINTS)
def test_the_documented_endpoints_require_a_token(server, endpoint, method, needs_token):
    answer = request(server, f"{method} {endpoint}", id=1)

    assert (answer.status == 401) is needs_token
    assert answer.status != 404


def test_a_sign_up_creates_an_account(signed_up):
    assert signed_up.status == 201
    assert signed_up.json["username"] == "youruser"


def test_a_log_in_returns_access_and_refresh_tokens(logged_in):
    assert logged_in.status == 200
    assert {"access", "refresh"} <= logged_in.json.keys()


@pytest.mark.parametrize("path", ["/token/", "/api/token/"])
def test_the_token_paths_log_in_too(server, signed_up, path):
    answer = request(server, f"POST {path}", PAYLOAD)

    assert answer.status == 200
    assert request(server, "GET /movies/", token=answer.json["access"]).status == 200


def test_a_refresh_token_returns_new_access_tokens_repeatedly(server, logged_in):
    for _ in range(4):
        answer = request(
            server, "POST /api/token/refresh/", REFRESH, refresh_token=logged_in.json["refresh"]
        )
        assert answer.status == 200
        assert answer.json.keys() == {"access"}
        assert request(server, "GET /my-bookings/", token=answer.json["access"]).status == 200


def test_a_refresh_token_of_another_log_in_is_refused(server, signed_up):
    rotating = request(server, "POST /api/auth/login", PAYLOAD).json["refresh"]

    refused = request(server, "POST /api/token/refresh/", REFRESH, refresh_token=rotating)

    assert refused.status == 401


def test_all_movies_are_listed(server, token):
    movies = request(server, "GET /movies/", token=token).json

    assert movies["count"] >= 24
    assert movies["results"][0].keys() >= {"id", "title", "duration_minutes"}


def test_the_shows_of_a_movie_are_listed(server, token):
    shows = request(server, "GET /movies/<id>/shows/", token=token, id=1).json

    assert {show["movie"]["id"] for show in shows["results"]} == {1}


def test_booking_a_seat_lists_it_and_cancelling_frees_it(server, token, other_user):
    seat = '{"seat_number": 7}'
    booked = request(server, "POST /shows/<id>/book/", seat, token, id=1)
    taken = request(server, "POST /shows/<id>/book/", seat, other_user, id=1)
    own = request(server, "GET /my-bookings/", token=token).json["results"]
    not_theirs = request(
        server, "POST /bookings/<id>/cancel/", token=other_user, id=booked.json["id"]
    )
    cancelled = request(server, "POST /bookings/<id>/cancel/", token=token, id=booked.json["id"])
    again = request(server, "POST /shows/<id>/book/", seat, other_user, id=1)

    assert (booked.status, taken.status) == (201, 409)
    assert [booking["id"] for booking in own] == [booked.json["id"]]
    assert not_theirs.status == 403
    assert (cancelled.status, cancelled.json["status"]) == (200, "CANCELLED")
    assert again.status == 201


def test_several_seats_are_booked_at_once(server, token):
    answer = request(server, "POST /shows/<id>/book/", '{"seats": [11, "B2"]}', token, id=1)

    assert answer.status == 201
    assert [seat["number"] for seat in answer.json["seats"]] == [11, 12]


def test_a_show_sells_no_more_seats_than_it_has(server, token):
    total = server.call("GET", "/api/shows/1").json["total_seats"]

    refused = request(
        server, "POST /shows/<id>/book/", f'{{"seat_number": {total + 1}}}', token, id=1
    )

    assert refused.status == 422
    assert refused.json["code"] == "unknown_seat"


def test_wrong_input_is_refused_with_a_message_for_the_field(server):
    refused = request(server, "POST /signup", '{"username": "x", "password": 5}')

    assert refused.status == 422
    assert refused.json["errors"].keys() == {"username", "password"}
