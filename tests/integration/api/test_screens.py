"""Screens over HTTP."""

import pytest

HALL = {"name": "Hall 1", "rows": 8, "seats_per_row": 12}


def test_staff_add_a_screen(staff):
    added = staff.post("/api/screens", json=HALL)

    assert added.status_code == 201
    plan_id = added.json["plan_id"]
    screen = {"id": 1, **HALL, "total_seats": 96, "plan_id": plan_id, "retired_at": None}
    assert added.json == {**screen, "warnings": {}}
    assert staff.get("/api/screens").json["results"] == [screen]


@pytest.mark.parametrize("name", ["Hall 1", " hall 1 ", "HALL 1", "Hall \uff11"])
def test_a_screen_name_is_unique_ignoring_case(staff, name):
    staff.post("/api/screens", json=HALL)

    refused = staff.post("/api/screens", json=HALL | {"name": name})

    assert (refused.status_code, refused.json["code"]) == (409, "screen_name_taken")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"rows": 0}, "rows"),
        ({"rows": -1}, "rows"),
        ({"rows": 2.5}, "rows"),
        ({"rows": True}, "rows"),
        ({"rows": 200, "seats_per_row": 101}, "rows"),
        ({"rows": 10**400}, "rows"),
        ({"seats_per_row": "12"}, "seats_per_row"),
        ({"total_seats": 96}, "total_seats"),
    ],
)
def test_an_invalid_screen_names_its_field(staff, wrong, field):
    refused = staff.post("/api/screens", json=HALL | wrong)

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [field]


def test_a_screen_has_at_most_twenty_thousand_seats(staff):
    added = staff.post("/api/screens", json={"name": "Arena", "rows": 200, "seats_per_row": 100})

    assert added.json["total_seats"] == 20_000


def test_a_screen_is_renamed_and_retired(staff):
    screen = staff.post("/api/screens", json=HALL).json
    path = f"/api/screens/{screen['id']}"
    changed = staff.patch(path, json={"name": "Studio", "retired": True})
    assert changed.status_code == 200
    assert changed.json["retired_at"].endswith("Z")
    retired = {"name": "Studio", "retired_at": changed.json["retired_at"], "warnings": {}}
    assert {**changed.json, "warnings": {}} == {**screen, **retired}
    movie = staff.post("/api/movies", json={"title": "M", "duration_minutes": 90}).json
    show = {"movie_id": movie["id"], "screen_id": screen["id"], "starts_at": "2030-01-01T20:00Z"}
    assert staff.post("/api/shows", json=show).json["code"] == "screen_retired"
    assert staff.patch(path, json={"retired": False}).json["retired_at"] is None
    added = staff.post("/api/shows", json={**show, "orphan_rule": "warn"})
    assert (added.json["orphan_rule"], added.json["plan_id"]) == ("warn", screen["plan_id"])
    assert staff.patch(path, json={"retired": 1}).status_code == 422
    assert staff.post("/api/shows", json={**show, "orphan_rule": "on"}).status_code == 422
    assert staff.patch("/api/screens/99", json={"name": "Studio"}).status_code == 404
