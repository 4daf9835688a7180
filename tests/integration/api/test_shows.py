"""Shows over HTTP."""

from datetime import timedelta

import pytest

from tests.builders import a_movie, a_screen
from tests.integration.api.cinema import book
from ticketing.domain.paging import Window
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.entrypoints.http.web.schemas import rfc3339

pytestmark = pytest.mark.every_store

START = "2030-06-01T18:00:00Z"
LATER = "2030-06-02T18:00:00Z"


@pytest.fixture
def movie(cinema):
    return cinema.movie()


def test_the_representation_of_a_show(guest, cinema):
    show = cinema.show(movie=a_movie(duration_minutes=90), screen=a_screen("Hall 1"))

    assert guest.get(f"/api/shows/{show.id}").json == {
        "id": show.id,
        "movie": {"id": 1, "title": "Metropolis", "duration_minutes": 90},
        "screen": {"id": 1, "name": "Hall 1"},
        "screen_name": "Hall 1",
        "starts_at": rfc3339(show.starts_at),
        "ends_at": rfc3339(show.starts_at + timedelta(minutes=90)),
        "total_seats": 50,
        "available_seats": 50,
        "held_seats": 0,
        "plan_id": show.plan.id,
        "orphan_rule": "off",
        "status": "ON_SALE",
    }


def test_a_show_has_a_status_and_available_seats(guest, maria, cinema, clock):
    show = cinema.show(hours=2, seats=2)
    path = f"/api/shows/{show.id}"

    def state():
        clock.advance(seconds=1)
        return guest.get(path).json["available_seats"], guest.get(path).json["status"]

    assert state() == (2, "ON_SALE")
    book(maria, show, 1)
    assert state() == (1, "ON_SALE")
    book(maria, show, 2)
    assert state() == (0, "SOLD_OUT")
    clock.advance(hours=2, minutes=14)
    assert state() == (0, "SOLD_OUT")
    clock.advance(minutes=1)
    assert state() == (0, "CLOSED")


def test_a_show_on_a_known_screen_has_its_seats(staff, movie):
    staff.post("/api/screens", json={"name": "Hall 1", "rows": 3, "seats_per_row": 7})

    added = staff.post("/api/shows", json={"movie_id": 1, "screen_id": 1, "starts_at": START})

    assert added.status_code == 201
    assert added.headers["Location"] == "http://localhost/api/shows/1"
    assert (added.json["total_seats"], added.json["starts_at"]) == (21, START)
    assert staff.get("/api/shows/1/seats").json["seats"][7]["label"] == "B1"


def test_a_new_screen_name_adds_a_screen_with_rows_of_ten(staff, movie):
    body = {"movie_id": 1, "screen_name": " Hall 2 ", "date_time": START, "total_seats": 265}

    added = staff.post("/api/shows", json=body)

    assert added.json["screen"] == {"id": 1, "name": "Hall 2"}
    labels = [seat["label"] for seat in staff.get("/api/shows/1/seats").json["seats"]]
    assert labels[:11] == ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "B1"]
    assert labels[-6:] == ["Z10", "AA1", "AA2", "AA3", "AA4", "AA5"]
    [screen] = staff.get("/api/screens").json["results"]
    sides = {"rows": 27, "seats_per_row": 10, "total_seats": 265}
    assert screen.items() >= {"id": 1, "name": "Hall 2", "retired_at": None, **sides}.items()


def test_a_screen_is_found_by_name_ignoring_case(staff, movie):
    staff.post("/api/screens", json={"name": "Hall 1", "rows": 3, "seats_per_row": 7})

    added = staff.post(
        "/api/shows", json={"movie_id": 1, "screen_name": "HALL 1", "starts_at": START}
    )

    assert added.json["screen"] == {"id": 1, "name": "Hall 1"}
    assert added.json["total_seats"] == 21


def test_other_total_seats_give_the_show_its_own_seat_plan(staff, movie):
    staff.post("/api/screens", json={"name": "Hall 1", "rows": 3, "seats_per_row": 7})
    body = {"movie_id": 1, "screen_id": 1, "starts_at": START}

    staff.post("/api/shows", json=body | {"total_seats": 21})
    later = {"total_seats": 12, "starts_at": LATER}
    staff.post("/api/shows", json=body | later)

    def last_label(show_id):
        return staff.get(f"/api/shows/{show_id}/seats").json["seats"][-1]["label"]

    assert last_label(1) == "C7"
    assert last_label(2) == "B2"
    assert staff.get("/api/screens").json["results"][0]["total_seats"] == 21


def test_a_show_may_have_twenty_thousand_seats(staff, movie):
    body = {"movie_id": 1, "screen_name": "Arena", "starts_at": START, "total_seats": 20_000}

    assert staff.post("/api/shows", json=body).json["available_seats"] == 20_000
    assert len(staff.get("/api/shows/1/seats").json["seats"]) == 20_000


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"movie_id": 99}, {"movie_id"}),
        ({"movie_id": 0}, {"movie_id"}),
        ({"movie_id": "1"}, {"movie_id"}),
        ({"movie_id": 2**63}, {"movie_id"}),
        ({"screen_id": 99, "screen_name": None}, {"screen_name"}),
        ({"screen_id": 1}, {"screen_name"}),
        ({"screen_name": ""}, {"screen_name"}),
        ({"total_seats": 0}, {"total_seats"}),
        ({"total_seats": 20_001}, {"total_seats"}),
        ({"total_seats": 5.0}, {"total_seats"}),
        ({"starts_at": "tomorrow"}, {"starts_at"}),
        ({"starts_at": "2030-06-01"}, {"starts_at"}),
        ({"starts_at": 1906567200}, {"starts_at"}),
        ({"starts_at": "0001-01-01T00:00:00Z"}, {"starts_at"}),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, {"starts_at"}),
        ({"starts_at": "9999-12-31T23:59:59-14:00"}, {"starts_at"}),
        ({"date_time": START}, {"date_time"}),
        ({"status": "CANCELLED"}, {"status"}),
        ({"available_seats": 5}, {"available_seats"}),
        ({"movie_id": 99, "starts_at": "x", "total_seats": "y"}, {"starts_at", "total_seats"}),
    ],
)
def test_an_invalid_show_names_its_field(staff, movie, wrong, fields):
    good = {"movie_id": 1, "screen_name": "Hall 1", "starts_at": START, "total_seats": 50}

    refused = staff.post("/api/shows", json=good | wrong)

    assert refused.status_code == 422
    assert set(refused.json["errors"]) == fields
    assert staff.get("/api/shows").json["count"] == 0
    assert staff.get("/api/screens").json["count"] == 0


@pytest.mark.parametrize("missing", ["movie_id", "screen_name", "starts_at", "total_seats"])
def test_a_show_requires_a_movie_a_screen_and_a_start(staff, movie, missing):
    body = {"movie_id": 1, "screen_name": "Hall 1", "starts_at": START, "total_seats": 50}
    del body[missing]

    refused = staff.post("/api/shows", json=body)

    assert refused.status_code == 422
    named = {"screen_name": "screen_id"}.get(missing, missing)
    assert list(refused.json["errors"]) == [named]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2030-06-01T18:00:00Z", "2030-06-01T18:00:00Z"),
        ("2030-06-01T18:00:00+02:00", "2030-06-01T16:00:00Z"),
        ("2030-06-01T18:00:00.250-03:30", "2030-06-01T21:30:00.250000Z"),
        ("2030-06-01 18:00", "2030-06-01T17:00:00Z"),
        ("2030-12-01T18:00:00", "2030-12-01T18:00:00Z"),
    ],
)
def test_any_offset_is_accepted_and_a_naive_time_is_in_the_cinemas_zone(
    make_app, cinema, given, meant
):
    cinema.movie()
    staff = cinema.of(make_app(TIMEZONE="Europe/London")).staff()
    body = {"movie_id": 1, "screen_name": "Hall 1", "starts_at": given, "total_seats": 50}

    assert staff.post("/api/shows", json=body).json["starts_at"] == meant


def test_a_show_without_bookings_can_be_rescheduled(staff, cinema):
    show = cinema.show()
    cinema.movie("Dune")
    staff.post("/api/screens", json={"name": "Hall 9", "rows": 2, "seats_per_row": 3})

    changed = staff.patch(
        f"/api/shows/{show.id}", json={"movie_id": 2, "screen_id": 2, "starts_at": START}
    )

    assert changed.status_code == 200
    assert changed.json["movie"]["title"] == "Dune"
    assert (changed.json["screen_name"], changed.json["starts_at"]) == ("Hall 9", START)
    assert (changed.json["total_seats"], changed.json["available_seats"]) == (6, 6)
    assert staff.get(f"/api/shows/{show.id}").json == changed.json


@pytest.mark.parametrize(
    "change",
    [{"starts_at": START}, {"movie_id": 2}, {"screen_name": "Hall 9"}, {"total_seats": 60}],
)
def test_a_show_with_bookings_cannot_be_rescheduled(staff, cinema, maria, change):
    show = cinema.show()
    cinema.movie("Dune")
    staff.post("/api/screens", json={"name": "Hall 9", "rows": 2, "seats_per_row": 3})
    booking = book(maria, show)
    maria.post(f"/api/bookings/{booking['id']}/cancel")
    before = staff.get(f"/api/shows/{show.id}").json

    refused = staff.patch(f"/api/shows/{show.id}", json=change)

    assert (refused.status_code, refused.json["code"]) == (409, "show_has_bookings")
    assert staff.get(f"/api/shows/{show.id}").json == before


def test_a_change_that_changes_nothing_is_allowed(staff, cinema, maria):
    show = cinema.show()
    book(maria, show)

    same = {"starts_at": rfc3339(show.starts_at), "movie_id": 1, "total_seats": 50}
    assert staff.patch(f"/api/shows/{show.id}", json=same).status_code == 200
    assert staff.patch(f"/api/shows/{show.id}", json={}).status_code == 200


def test_cancelling_a_show_cancels_its_bookings(staff, cinema, maria):
    show = cinema.show()
    booking = book(maria, show, 5)

    cancelled = staff.patch(f"/api/shows/{show.id}", json={"status": "CANCELLED"})

    assert cancelled.json["status"] == "CANCELLED"
    assert maria.get(f"/api/bookings/{booking['id']}").json["status"] == "CANCELLED"
    refused = maria.post(f"/api/shows/{show.id}/book", json={"seat_number": 5})
    assert (refused.status_code, refused.json["code"]) == (409, "sales_closed")
    moved = staff.patch(f"/api/shows/{show.id}", json={"starts_at": START})
    assert moved.status_code == 409


def test_a_show_without_bookings_can_be_deleted(staff, cinema):
    show = cinema.show()

    assert staff.delete(f"/api/shows/{show.id}").status_code == 204
    assert staff.get(f"/api/shows/{show.id}").status_code == 404
    assert staff.get(f"/api/shows/{show.id}/seats").status_code == 404


def test_a_show_with_bookings_cannot_be_deleted(staff, cinema, maria):
    show = cinema.show()
    book(maria, show)

    refused = staff.delete(f"/api/shows/{show.id}")

    assert (refused.status_code, refused.json["code"]) == (409, "show_has_bookings")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/movies"),
        ("PATCH", "/api/movies/1"),
        ("DELETE", "/api/movies/1"),
        ("GET", "/api/screens"),
        ("POST", "/api/screens"),
        ("POST", "/api/shows"),
        ("PATCH", "/api/shows/1"),
        ("DELETE", "/api/shows/1"),
    ],
)
def test_only_staff_can_change_the_programme(guest, maria, cinema, method, path):
    cinema.show(plan=plain_grid(5))

    assert guest.open(path, method=method, json={}).status_code == 401
    assert maria.open(path, method=method, json={}).status_code == 403


def test_a_show_that_overlaps_another_on_its_screen_is_refused(staff, cinema, movie):
    body = {"movie_id": 1, "screen_name": "Hall 1", "total_seats": 50}
    first = staff.post("/api/shows", json=body | {"starts_at": START}).json
    too_soon = body | {"starts_at": "2030-06-01T20:47:59Z"}  # 153 minutes and 15 of cleaning

    refused = staff.post("/api/shows", json=too_soon)

    assert refused.status_code == 409
    assert refused.json["code"] == "show_overlaps"
    assert refused.json["shows"] == [first["id"]]
    in_time = body | {"starts_at": "2030-06-01T20:48:00Z"}
    second = staff.post("/api/shows", json=in_time)
    assert second.status_code == 201
    moved = staff.patch(f"/api/shows/{second.json['id']}", json={"starts_at": START})
    assert moved.json["code"] == "show_overlaps"
    assert staff.get("/api/shows").json["count"] == 2


def test_changes_of_the_programme_are_audited(staff, cinema, movie):
    staff.post("/api/screens", json={"name": "Hall 1", "rows": 3, "seats_per_row": 7})
    body = {"movie_id": movie.id, "screen_id": 1, "starts_at": START}
    staff.post("/api/shows", json=body)
    staff.patch("/api/shows/1", json={"status": "CANCELLED"})
    staff.patch("/api/movies/1", json={"title": "M"})
    staff.delete("/api/movies/1")

    staff_id = staff.get("/api/auth/me").json["id"]
    entries = cinema.office.queries.audit.audit_entries(Window(0, 20)).items
    assert {entry.account_id for entry in entries[:-1]} == {staff_id}
    assert [entry.action for entry in reversed(entries)] == [
        "movie.added",
        "screen.added",
        "show.added",
        "show.cancelled",
        "movie.changed",
        "show.removed",
        "movie.removed",
    ]
