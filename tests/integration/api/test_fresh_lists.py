"""How stale cached lists may be, and who gets them."""

import pytest

from tests.integration.api.cinema import book, hold

LISTS = ["/api/movies", "/api/shows", "/api/movies/1/shows"]


@pytest.fixture
def show(cinema):
    return cinema.show(seats=50)


def free_seats(client, path="/api/shows"):
    [offer] = client.get(path).json["results"]
    return offer["available_seats"]


@pytest.mark.parametrize("path", ["/api/shows", "/api/movies/1/shows"])
def test_a_sale_is_in_the_lists_half_a_second_later(guest, maria, show, clock, path):
    assert free_seats(guest, path) == 50
    book(maria, show, 1)

    clock.advance(seconds=0.4)
    assert free_seats(guest, path) == 50
    clock.advance(seconds=0.1)
    assert free_seats(guest, path) == 49


@pytest.mark.parametrize("path", ["/api/shows", "/api/movies/1/shows"])
def test_an_expired_hold_is_out_of_the_lists_half_a_second_later(guest, maria, show, clock, path):
    def counts():
        [offer] = guest.get(path).json["results"]
        return offer["available_seats"], offer["held_seats"]

    hold(maria, show, 1)
    clock.advance(minutes=10, seconds=-0.1)
    assert counts() == (49, 1)

    clock.advance(seconds=0.4)
    assert counts() == (49, 1)
    clock.advance(seconds=0.1)
    assert counts() == (50, 0)


def test_other_reads_are_current(guest, maria, show):
    def seats():
        return guest.get(f"/api/shows/{show.id}/seats").json["available_seats"]

    assert (free_seats(guest), seats()) == (50, 50)
    assert maria.get("/api/my-bookings").json["count"] == 0
    book(maria, show, 1)

    assert seats() == 49
    assert guest.get(f"/api/shows/{show.id}").json["available_seats"] == 49
    assert maria.get("/api/my-bookings").json["count"] == 1


CHANGES = {
    "add movie": ("POST", "/api/movies", {"title": "Dune", "duration_minutes": 155}),
    "change movie": ("PATCH", "/api/movies/1", {"title": "Dune"}),
    "remove movie": ("DELETE", "/api/movies/2", None),
    "add show": (
        "POST",
        "/api/shows",
        {"movie_id": 1, "screen_id": 1, "starts_at": "2040-01-01T20:00Z"},
    ),
    "block seats": ("PUT", "/api/shows/1/blocked-seats", {"seats": [1, 2]}),
    "change show": ("PATCH", "/api/shows/1", {"status": "CANCELLED"}),
    "remove show": ("DELETE", "/api/shows/1", None),
}


@pytest.mark.parametrize(("method", "path", "change"), CHANGES.values(), ids=CHANGES)
def test_changes_of_the_staff_are_visible_at_once(staff, guest, cinema, show, method, path, change):
    cinema.movie("Alien")
    lists = ["/api/movies", "/api/shows"]
    before = [guest.get(path).json for path in lists]

    assert staff.open(path, method=method, json=change).status_code < 300

    assert [guest.get(path).json for path in lists] != before


@pytest.mark.parametrize(("method", "path", "change"), CHANGES.values(), ids=CHANGES)
def test_a_refused_change_does_not_clear_the_cache(guest, maria, show, method, path, change):
    assert free_seats(guest) == 50
    book(maria, show, 1)

    assert guest.open(path, method=method, json=change).status_code == 401
    assert maria.open(path, method=method, json=change).status_code == 403
    assert free_seats(guest) == 50


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "cancel"}], ids=["plain", "with a key"])
def test_a_cancellation_is_visible_in_the_lists_at_once(guest, maria, show, key):
    booking = book(maria, show, 1)
    assert free_seats(guest) == 49

    maria.post(f"/api/bookings/{booking['id']}/cancel", headers=key)

    assert free_seats(guest) == 50


def test_a_not_found_movie_is_not_cached(guest, cinema):
    assert guest.get("/api/movies/1/shows").status_code == 404
    cinema.movie()
    assert guest.get("/api/movies/1/shows").status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_errors_are_not_cached(guest, show, path):
    assert guest.get(f"{path}?page=1").status_code == 200
    for _ in range(2):
        assert guest.get(f"{path}?page=0").status_code == 422


@pytest.mark.parametrize("path", LISTS)
def test_cached_responses_have_their_own_request_id(guest, show, path):
    ids = {guest.get(path).headers["X-Request-ID"] for _ in range(3)}
    given = guest.get(path, headers={"X-Request-ID": "mine"})

    assert len(ids) == 3
    assert given.headers.getlist("X-Request-ID") == ["mine"]


def test_each_host_gets_links_to_itself(guest, cinema):
    for _ in range(2):
        cinema.movie()

    for host in ("localhost", "127.0.0.1:8000", "localhost"):
        answer = guest.get("/api/movies?page_size=1", headers={"Host": host})
        assert answer.json["next"].startswith(f"http://{host}/api/movies?")


def test_each_application_has_its_own_cache(make_app, guest, cinema):
    for _ in range(3):
        cinema.movie()
    other = make_app(PAGE_SIZE="2").test_client()

    assert [len(each.get("/api/movies").json["results"]) for each in (guest, other)] == [3, 2]


@pytest.mark.parametrize("path", ["/movies/", "/movies/1/shows/"])
def test_a_cached_list_still_requires_a_token(guest, maria, show, path):
    answer = maria.get(path)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert guest.get(path).status_code == 401


def test_head_has_the_headers_of_get(guest, show):
    head, got = guest.head("/api/movies"), guest.get("/api/movies")

    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(got.data)))
