"""The predecessors' paths: every row of the contract's table, switched on and off."""

import pytest

from tests.builders import PASSWORD
from tests.integration.api.cinema import book

PATHS = [
    ("POST", "/api/users/signup/"),
    ("POST", "/api/users/login/"),
    ("POST", "/signup"),
    ("POST", "/login"),
    ("POST", "/token/"),
    ("POST", "/api/token/"),
    ("POST", "/api/token/refresh/"),
    ("GET", "/movies/"),
    ("GET", "/movies/1/shows/"),
    ("POST", "/shows/1/book/"),
    ("GET", "/my-bookings/"),
    ("POST", "/bookings/1/cancel/"),
    ("POST", "/api/signup/"),
    ("POST", "/api/login/"),
    ("GET", "/movies"),
    ("GET", "/movies/1/shows"),
    ("POST", "/bookings"),
    ("DELETE", "/bookings/1"),
    ("GET", "/users/1/bookings"),
]


@pytest.fixture
def show(cinema):
    return cinema.show()


@pytest.fixture
def without(make_app, cinema):
    return cinema.of(make_app(PREDECESSOR_PATHS="off"))


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_path_exists_unless_it_is_switched_off(cinema, without, maria, show, method, path):
    book(maria, show)
    removed = without.bearing(cinema.tokens(1)["access"])

    assert maria.open(path, method=method, json={}).status_code not in (404, 405)
    assert removed.open(path, method=method, json={}).status_code == 404


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_path_is_documented_as_deprecated_and_nowhere_else(guest, method, path):
    template = path.rstrip("/").replace("/movies/1", "/movies/{movie_id}")
    template = template.replace("/shows/1", "/shows/{show_id}")
    template = template.replace("/bookings/1", "/bookings/{booking_id}")
    template = template.replace("/users/1", "/users/{user_id}")

    documented = guest.get("/schema/predecessors/").json["paths"][template][method.lower()]

    assert documented["deprecated"] is True
    assert template not in guest.get("/schema/").json["paths"]


def test_nothing_else_is_documented(guest):
    paths = guest.get("/schema/predecessors/").json["paths"]

    assert len(paths) == len({path.rstrip("/") for _, path in PATHS})


def test_switched_off_paths_are_not_documented(without):
    guest = without.guest()

    assert guest.get("/schema/predecessors/").status_code == 404
    assert "predecessors" not in guest.get("/swagger/").text


def test_swagger_ui_offers_both_documents(guest):
    page = guest.get("/swagger/").text

    assert '"/schema/"' in page
    assert '"/schema/predecessors/"' in page


@pytest.mark.parametrize("signup", ["/api/users/signup/", "/signup", "/api/signup/"])
def test_earlier_sign_ups_match_the_current_one(guest, signup):
    body = {"username": "john", "email": "john@example.com", "password": "securepass123x"}

    signed_up = guest.post(signup, json=body)

    assert signed_up.status_code == 201
    assert signed_up.json == {"id": 1, "username": "john", "email": "john@example.com"}
    assert guest.post("/api/auth/signup", json=body).status_code == 409


@pytest.mark.parametrize("login", ["/api/users/login/", "/api/login/"])
def test_earlier_log_ins_match_the_current_one(guest, cinema, login):
    cinema.office.accounts.sign_up("john", PASSWORD, "john@example.com")

    opened = guest.post(login, json={"email": "john@example.com", "password": PASSWORD})

    assert opened.status_code == 200
    renewed = guest.post("/api/auth/token/refresh", json={"refresh": opened.json["refresh"]})
    assert renewed.status_code == 200


@pytest.mark.parametrize("login", ["/login", "/token/", "/api/token/"])
def test_failed_earlier_log_ins_match_the_current_one(guest, login):
    refused = guest.post(login, json={"username": "john", "password": PASSWORD})

    assert (refused.status_code, refused.json["code"]) == (401, "bad_credentials")


@pytest.mark.parametrize("path", ["/movies", "/movies/", "/movies/1/shows", "/movies/1/shows/"])
def test_earlier_lists_require_a_token_and_match_the_current_ones(guest, maria, show, path):
    assert guest.get(path).status_code == 401

    listed = maria.get(path)

    assert listed.status_code == 200
    assert listed.json == guest.get(f"/api{path}").json
    assert listed.headers["X-Pagination"]


def test_links_between_pages_keep_the_earlier_path(maria, show, cinema):
    cinema.movie("Dune")

    following = maria.get("/movies/?page_size=1").json["next"]

    assert following.startswith("http://localhost/movies/?")
    assert [movie["id"] for movie in maria.get(following).json["results"]] == [1]


def test_001_books_lists_and_cancels(maria, show):
    booked = maria.post(f"/shows/{show.id}/book/", json={"seat_number": 5})

    assert booked.status_code == 201
    assert booked.headers["Location"] == "http://localhost/api/bookings/1"
    assert maria.get("/my-bookings/").json["results"] == [booked.json]
    cancelled = maria.post("/bookings/1/cancel/")
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "CANCELLED")


@pytest.mark.parametrize("name", ["show_id", "show"])
@pytest.mark.parametrize("seats", [{"seat_number": "A5"}, {"seats": [5, "A6"]}])
def test_003_books_by_the_shows_id(maria, show, name, seats):
    booked = maria.post("/bookings", json={name: show.id, **seats})

    assert booked.status_code == 201
    assert booked.headers["Location"] == "http://localhost/api/bookings/1"
    assert booked.json["seat_number"] == 5
    assert maria.get("/api/bookings/1").json == booked.json


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"seat_number": 5}, 422, "validation_failed"),
        ({"show_id": 1}, 422, "validation_failed"),
        ({"show_id": 1, "show": 1, "seat_number": 5}, 422, "validation_failed"),
        ({"show_id": "1", "seat_number": 5}, 422, "validation_failed"),
        ({"show_id": True, "seat_number": 5}, 422, "validation_failed"),
        ({"show_id": 0, "seat_number": 5}, 422, "validation_failed"),
        ({"show_id": 2**63, "seat_number": 5}, 422, "validation_failed"),
        ({"show_id": 2**63 - 1, "seat_number": 5}, 404, "show_not_found"),
        ({"show": 99, "seat_number": 500}, 404, "show_not_found"),
        ({"show": 1, "seat_number": 500}, 422, "unknown_seat"),
        ({"show": 1, "seats": [5, "A5"]}, 422, "seat_named_twice"),
        ({"show": 1, "seat_number": 1}, 409, "seat_taken"),
    ],
)
def test_003_refuses_an_invalid_booking(maria, otto, show, body, status, code):
    book(otto, show, 1)

    refused = maria.post("/bookings", json=body)

    assert (refused.status_code, refused.json["code"]) == (status, code)


def test_003_cancels_by_deleting_more_than_once(maria, otto, staff, show):
    booking = book(maria, show, 5)

    assert otto.delete("/bookings/1").status_code == 403
    cancelled = maria.delete("/bookings/1")
    assert cancelled.status_code == 200
    assert cancelled.json == {
        **booking,
        "status": "CANCELLED",
        "cancelled_at": cancelled.json["cancelled_at"],
    }
    assert staff.delete("/bookings/1/").json == cancelled.json
    assert maria.delete("/bookings/99").status_code == 404


def test_003_lists_the_bookings_of_a_user_for_them_and_for_staff(maria, otto, staff, show):
    booking = book(maria, show, 5)
    user = maria.get("/api/auth/me").json["id"]

    for reader in (maria, staff):
        assert reader.get(f"/users/{user}/bookings").json["results"] == [booking]
    assert staff.get(f"/users/{user}/bookings?status=CANCELLED").json["count"] == 0
    assert otto.get(f"/users/{user}/bookings").status_code == 403
    assert otto.get("/users/99/bookings").status_code == 403


def test_004_cancels_twice_without_an_error(maria, show):
    book(maria, show)

    for _ in range(2):
        assert maria.post("/api/bookings/1/cancel/").status_code == 200
